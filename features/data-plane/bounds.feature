Feature: Bounds
  What S3 bounds is served at the bound and refused past it.

  Rule: Names and descriptions

    @USERS-161 @must
    Scenario: A key of 1024 bytes is a key
      When the client stores a key of 1024 bytes
      Then the request succeeds

    @USERS-161 @must
    Scenario: A key of 1025 bytes is not
      Given a bucket
      When the client stores a key of 1025 bytes
      Then the request is denied with KeyTooLongError

    @USERS-161 @must
    Scenario: User metadata of 2000 bytes is kept
      When the client stores "meta.txt" with 2000 bytes of user metadata
      Then the request succeeds

    @USERS-161 @must
    Scenario: More user metadata is refused
      Given a bucket
      When the client stores "meta.txt" with 2100 bytes of user metadata
      Then the request is denied with MetadataTooLarge
      And the object "meta.txt" does not exist

    @USERS-161 @must
    Scenario: Ten tags with long names and values are kept
      Given the object "tagged.txt" holding "tagged"
      When the client gives "tagged.txt" 10 tags with names of 128 and values of 256 letters
      Then the request succeeds
      And "tagged.txt" has 10 tags

    @USERS-161 @must
    Scenario Outline: <count> tags with names of <name> and values of <value> letters are refused
      Given the object "tagged.txt" holding "tagged"
      When the client gives "tagged.txt" <count> tags with names of <name> and values of <value> letters
      Then the request is refused
      And "tagged.txt" has 0 tags

      Examples:
        | count | name | value |
        | 11    | 10   | 10    |
        | 1     | 129  | 10    |
        | 1     | 10   | 257   |

  Rule: Pages

    @USERS-161 @USERS-4 @must
    Scenario: A page of no names is empty and the end
      Given the objects "a.txt, b.txt"
      When the client lists all in pages of 0 with version 2
      Then the keys are ""
      And it took 1 pages

    @USERS-161 @USERS-4 @must
    Scenario: A page as large as the bucket is the only one
      Given the objects "a.txt, b.txt"
      When the client lists all in pages of 2 with version 2
      Then the keys are "a.txt, b.txt"
      And it took 1 pages

    @USERS-161 @USERS-6 @must
    Scenario: Parts are listed in pages
      Given an upload of "large.bin" was started
      And part 1 of "large.bin" was uploaded with 7 bytes
      And part 2 of "large.bin" was uploaded with 8 bytes
      And part 9 of "large.bin" was uploaded with 9 bytes
      When the client lists the parts of "large.bin" in pages of 2
      Then the keys are "1:7, 2:8, 9:9"
      And it took 2 pages

  Rule: Parts become an object only as they were meant

    @USERS-161 @USERS-6 @must
    Scenario: A part that is not the last has at least 5 MiB
      Given an upload of "large.bin" was started
      And part 1 of "large.bin" was uploaded with 1234 bytes
      And part 2 of "large.bin" was uploaded with 1234 bytes
      When the client completes the upload of "large.bin"
      Then the store's error EntityTooSmall with status 400 reaches the client
      And the object "large.bin" does not exist

    @USERS-161 @USERS-6 @must
    Scenario: Parts are named in their order
      Given an upload of "large.bin" was started
      And part 2 of "large.bin" was uploaded with 1234 bytes
      And part 1 of "large.bin" was uploaded with 5242880 bytes
      When the client completes the upload of "large.bin"
      Then the store's error InvalidPartOrder with status 400 reaches the client
      And the object "large.bin" does not exist

    @USERS-161 @USERS-6 @must
    Scenario: A part that was replaced is not the part named
      Given an upload of "large.bin" was started
      And part 1 of "large.bin" was uploaded with 1234 bytes
      And part 1 of "large.bin" was replaced by 99 bytes
      When the client completes the upload of "large.bin"
      Then the store's error InvalidPart with status 400 reaches the client
      And the object "large.bin" does not exist

    @USERS-161 @USERS-6 @must
    Scenario: A range past the end of its source is no part
      Given the object "source.txt" holding "0123456789"
      And an upload of "large.bin" was started
      When the client copies bytes "3-10" of "source.txt" into part 1 of "large.bin"
      Then the request is refused
      And the open upload of "large.bin" has no parts

    @USERS-161 @USERS-6 @must
    Scenario: A range that ends with its source is one
      Given the object "source.txt" holding "0123456789"
      And an upload of "large.bin" was started
      When the client copies bytes "3-9" of "source.txt" into part 1 of "large.bin"
      Then the request succeeds

    @USERS-161 @USERS-3 @must
    Scenario: An upload is completed where nothing is
      Given an upload of "large.bin" was started
      And part 1 of "large.bin" was uploaded with 10 bytes
      When the client completes the upload of "large.bin" if nothing is there
      Then the request succeeds

    @USERS-161 @USERS-3 @must
    Scenario: An upload does not replace what came before it
      Given an upload of "large.bin" was started
      And part 1 of "large.bin" was uploaded with 10 bytes
      And the object "large.bin" holding "faster"
      When the client completes the upload of "large.bin" if nothing is there
      Then the store's error PreconditionFailed with status 412 reaches the client
      And the object "large.bin" holds "faster"
