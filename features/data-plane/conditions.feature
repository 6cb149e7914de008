Feature: Ranges and conditions
  Parts of an object can be read, and reads and writes can depend on what is there.

  Background:
    Given the object "digits.txt" holding "0123456789"

  Rule: A range is a part of the content

    @USERS-3 @must
    Scenario Outline: The bytes <range> are read
      When the client reads bytes "<range>" of "digits.txt"
      Then the status is 206
      And the client receives "<content>"
      And the answer's header "content-range" is "bytes <place>/10"

      Examples:
        | range | content | place |
        | 0-0   | 0       | 0-0   |
        | 2-4   | 234     | 2-4   |
        | 7-    | 789     | 7-9   |
        | -3    | 789     | 7-9   |
        | 8-99  | 89      | 8-9   |

    @USERS-3 @USERS-10 @must
    Scenario: A range past the end cannot be satisfied
      When the client reads bytes "10-12" of "digits.txt"
      Then the store's error InvalidRange with status 416 reaches the client

  Rule: A read may depend on the version

    @USERS-3 @must
    Scenario: An object that is still the same is read
      When the client reads "digits.txt" if it is the present version
      Then the status is 200

    @USERS-3 @USERS-10 @must
    Scenario: An object that became another is not read
      When the client reads "digits.txt" if it is another version
      Then the store's error PreconditionFailed with status 412 reaches the client

    @USERS-3 @USERS-10 @must
    Scenario: An object that the client has already is not sent again
      When the client reads "digits.txt" unless it is the present version
      Then the status is 304

    @USERS-3 @must
    Scenario: An object that the client has in another version is sent
      When the client reads "digits.txt" unless it is another version
      Then the status is 200

  Rule: A read may depend on the time

    @USERS-3 @must
    Scenario: An object that changed since is sent
      When the client reads "digits.txt" if it changed since 2001
      Then the status is 200

    @USERS-3 @must
    Scenario: An object that is unchanged is read
      When the client reads "digits.txt" if it is unchanged since 2099
      Then the status is 200

    @USERS-3 @USERS-10 @must
    Scenario: An object that changed is not read
      When the client reads "digits.txt" if it is unchanged since 2001
      Then the store's error PreconditionFailed with status 412 reaches the client

  Rule: A write may depend on what is there

    @USERS-3 @must
    Scenario: A first write happens where nothing is
      When the client stores "new.txt" holding "first" if nothing is there
      Then the request succeeds
      And the object "new.txt" holds "first"

    @USERS-3 @USERS-10 @must
    Scenario: A first write does not replace what is there
      When the client stores "digits.txt" holding "lost" if nothing is there
      Then the store's error PreconditionFailed with status 412 reaches the client
      And the object "digits.txt" holds "0123456789"

    @USERS-3 @must
    Scenario: A write over the known version happens
      When the client stores "digits.txt" holding "next" if it is the present version
      Then the request succeeds
      And the object "digits.txt" holds "next"

    @USERS-3 @USERS-10 @must
    Scenario: A write over an unknown version does not happen
      When the client stores "digits.txt" holding "lost" if it is another version
      Then the store's error PreconditionFailed with status 412 reaches the client
      And the object "digits.txt" holds "0123456789"
