Feature: Objects
  What was stored comes back as it was stored.

  Rule: Content is kept byte for byte

    @USERS-2 @must
    Scenario: A stored object is read
      Given the object "notes/today.txt" holding "buy milk"
      When the client reads "notes/today.txt"
      Then the request succeeds
      And the client receives "buy milk"

    @USERS-2 @must
    Scenario: A write creates an object
      When the client stores "notes/today.txt" holding "buy milk"
      Then the request succeeds
      And the object "notes/today.txt" holds "buy milk"

    @USERS-2 @must
    Scenario: A second write replaces the first
      Given the object "notes/today.txt" holding "buy milk"
      When the client stores "notes/today.txt" holding "buy bread"
      Then the request succeeds
      And the object "notes/today.txt" holds "buy bread"

    @USERS-8 @must
    Scenario Outline: A body of <size> bytes is kept
      Given the object "blob.bin" of <size> bytes
      When the client inspects "blob.bin"
      Then the answer's header "content-length" is "<size>"
      And "blob.bin" holds the <size> bytes that were sent

      Examples:
        | size    |
        | 0       |
        | 1       |
        | 65535   |
        | 65536   |
        | 65537   |
        | 1048577 |

    @USERS-8 @must
    Scenario: A stream of 8 MiB arrives byte for byte
      When the client streams 8388608 bytes into "stream.bin"
      Then the request succeeds
      And "stream.bin" holds the 8388608 bytes that were sent

    @USERS-8 @must
    Scenario: An empty stream makes an empty object
      When the client streams 0 bytes into "empty.bin"
      Then the request succeeds
      And "empty.bin" holds the 0 bytes that were sent

  Rule: Metadata belongs to the object

    @USERS-2 @must
    Scenario: User metadata comes back
      Given the object "photo.raw" with metadata "camera" = "Leica, M6; 50mm"
      When the client inspects "photo.raw"
      Then the answer's header "x-amz-meta-camera" is "Leica, M6; 50mm"

    @USERS-2 @must
    Scenario: Content headers come back
      Given the object "table.csv" stored with every content header
      When the client inspects "table.csv"
      Then every content header comes back

    @USERS-2 @must
    Scenario: The length of an object can be asked for
      Given the object "notes/today.txt" holding "buy milk"
      When the client inspects "notes/today.txt"
      Then the request succeeds
      And the answer's header "content-length" is "8"

    @USERS-2 @must
    Scenario: A rewritten object forgets its metadata
      Given the object "photo.raw" with metadata "camera" = "Leica"
      And the object "photo.raw" holding "another"
      When the client inspects "photo.raw"
      Then the request succeeds
      And the answer has no header "x-amz-meta-camera"

  Rule: A removed object is gone

    @USERS-2 @must
    Scenario: A removed object does not exist
      Given the object "old.txt" holding "old"
      When the client removes "old.txt"
      Then the status is 204
      And the object "old.txt" does not exist

    @USERS-2 @must
    Scenario: Removing what is not there succeeds
      Given a bucket
      When the client removes "never.txt"
      Then the status is 204

  Rule: The store's own errors reach the client

    @USERS-10 @must
    Scenario: An object that does not exist is not found
      Given a bucket
      When the client reads "never.txt"
      Then the store's error NoSuchKey with status 404 reaches the client

    @USERS-10 @must
    Scenario: An object that does not exist has no properties
      Given a bucket
      When the client inspects "never.txt"
      Then the status is 404

    @USERS-10 @must
    Scenario: A bucket that does not exist has no objects
      When the client reads "notes/today.txt" from a bucket that does not exist
      Then the store's error NoSuchBucket with status 404 reaches the client
