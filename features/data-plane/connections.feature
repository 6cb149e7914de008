Feature: Connections and answers
  What happens around the content: shared URLs, leave to send, reuse, request ids.

  Rule: A presigned URL needs nothing else

    @USERS-39 @must
    Scenario: Somebody without credentials reads through a presigned URL
      Given the object "shared.txt" holding "for you"
      When somebody opens a presigned URL of "shared.txt"
      Then the request succeeds
      And the client receives "for you"

    @USERS-39 @must
    Scenario: Somebody without credentials writes through a presigned URL
      Given a bucket
      When somebody uploads "from you" to a presigned URL of "inbox.txt"
      Then the request succeeds
      And the object "inbox.txt" holds "from you"

  Rule: A client may ask before it sends

    @USERS-8 @must
    Scenario: Leave to send is given and the upload is stored
      Given a bucket
      When a client uploads "after leave" to "inbox.txt" and waits for leave to send it
      Then the request succeeds
      And the object "inbox.txt" holds "after leave"

    @USERS-13 @must
    Scenario: A refused client is told before it sends
      Given a bucket
      When a client with a spoilt URL of "inbox.txt" waits for leave to send
      Then the request is denied with SignatureDoesNotMatch
      And the backend receives no request

    @USERS-13 @must
    Scenario: A refused client that sends at once is told as well
      Given a bucket
      When a client with a spoilt URL of "inbox.txt" sends 1048576 bytes at once
      Then the request is denied with SignatureDoesNotMatch
      And the backend receives no request

  Rule: Half an upload is no object

    @USERS-8 @USERS-30 @must
    Scenario: A client that hangs up in the middle of an upload leaves nothing
      Given a bucket
      When a client hangs up after 60000 of the 100000 bytes of "half.bin"
      Then the object "half.bin" does not exist
      And no whole upload reached the store

    @USERS-8 @USERS-30 @must
    Scenario: A client that hangs up in the middle of an upload replaces nothing
      Given the object "half.bin" holding "as before"
      When a client hangs up after 60000 of the 100000 bytes of "half.bin"
      Then the object "half.bin" holds "as before"
      And no whole upload reached the store

    @USERS-8 @must
    Scenario: A client that stays to the end stores its object
      Given a bucket
      When a client stays for all 100000 bytes of "half.bin"
      Then the request succeeds
      And "half.bin" holds the 100000 bytes that were sent

  Rule: Connections are reused

    @USERS-8 @USERS-43 @must
    Scenario: One connection serves many requests
      Given the object "shared.txt" holding "again"
      When a client reads "shared.txt" 5 times over one connection
      Then 5 answers came
      And the client receives "again"

  Rule: Every answer can be found in the log

    @USERS-12 @must
    Scenario: A served answer carries a request id
      Given the object "notes.txt" holding "x"
      When the client reads "notes.txt"
      Then the request succeeds
      And the answer carries a request id

    @USERS-12 @must
    Scenario: A refused answer carries a request id
      Given the object "notes.txt" holding "x"
      When an anonymous client reads "notes.txt"
      Then the request is denied with AccessDenied
      And the answer carries a request id
      And the refusal's document carries the same request id

    @USERS-12 @must
    Scenario: The store's error carries a request id
      Given a bucket
      When the client reads "never.txt"
      Then the status is 404
      And the answer carries a request id

  Rule: A proxy says how it is

    @USERS-48 @may
    Scenario: A running proxy lives
      When somebody asks whether the subject lives
      Then the request succeeds

    @USERS-48 @may
    Scenario: A proxy whose store answers is ready
      When somebody asks whether the subject is ready
      Then the request succeeds
