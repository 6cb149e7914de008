Feature: Limits
  What clients may ask for at once is bounded, and whoever waits on them gives up in time.

  Rule: The head of a request is bounded

    @USERS-129 @must
    Scenario Outline: A request with <count> more headers is served
      Given the object "notes.txt" holding "buy milk"
      When a client reads "notes.txt" with <count> more headers
      Then the request succeeds

      Examples:
        | count |
        | 0     |
        | 90    |

    @USERS-129 @must
    Scenario: A request with 1000 more headers is refused
      Given the object "notes.txt" holding "buy milk"
      When a client reads "notes.txt" with 1000 more headers
      Then the request is refused
      And the backend receives no request

    @USERS-129 @must
    Scenario: A request with a header of 8000 bytes is served
      Given the object "notes.txt" holding "buy milk"
      When a client reads "notes.txt" with a header of 8000 bytes
      Then the request succeeds

    @USERS-129 @must
    Scenario: A request with a header of 1000000 bytes is refused
      Given the object "notes.txt" holding "buy milk"
      When a client reads "notes.txt" with a header of 1000000 bytes
      Then the request is refused
      And the backend receives no request

  Rule: One request brings 5 GiB at most

    @USERS-130 @must
    Scenario Outline: A byte more than 5 GiB in <form> is refused before any of it is sent
      Given a bucket
      When a client announces 1 byte more than 5 GiB for "large.bin" in <form>
      Then the request is denied with EntityTooLarge
      And the backend receives no request

      Examples:
        | form   |
        | one    |
        | chunks |

    @USERS-130 @must
    Scenario Outline: 5 GiB in <form> may be sent
      Given a bucket
      When a client announces 0 bytes more than 5 GiB for "large.bin" in <form>
      Then the client has leave to send it

      Examples:
        | form   |
        | one    |
        | chunks |

  Rule: Nobody waits for a client without end

    @USERS-131 @should
    Scenario: A client that never ends its head is left
      Given a proxy that waits 4 seconds for its clients
      When a client begins a request and sends no more
      Then the connection was closed on the client

    @USERS-131 @should
    Scenario: A client that drips its head is left
      Given a proxy that waits 4 seconds for its clients
      When a client sends a header a second and never ends
      Then the connection was closed on the client

    @USERS-131 @should
    Scenario: A client that keeps an idle connection is left
      Given a proxy that waits 4 seconds for its clients
      And the object "notes.txt" holding "buy milk"
      When a client reads "notes.txt" and then keeps its connection to no end
      Then the connection was closed on the client

    @USERS-131 @should
    Scenario: A client that comes back in time is served
      Given a proxy that waits 60 seconds for its clients
      And the object "notes.txt" holding "buy milk"
      When a client pauses for 500 ms between two reads of "notes.txt"
      Then the request succeeds
      And the client receives "buy milk"

    @USERS-131 @should
    Scenario Outline: An upload of <size> bytes that stops half way leaves nothing
      Given a proxy that waits 4 seconds for its clients
      And a bucket
      When a client uploads <size> bytes to "half.bin" and stops half way
      Then the request is denied with RequestTimeout
      And the object "half.bin" does not exist

      Examples:
        | size   |
        | 1000   |
        | 300000 |

    @USERS-131 @should
    Scenario Outline: An upload of <size> bytes that pauses is stored
      Given a proxy that waits 60 seconds for its clients
      And a bucket
      When a client uploads <size> bytes to "half.bin" and pauses for 500 ms half way
      Then the request succeeds
      And the object "half.bin" holds the <size> bytes

      Examples:
        | size   |
        | 1000   |
        | 300000 |

    @USERS-131 @should
    Scenario: A client that takes nothing of its answer is left
      Given a proxy that waits 4 seconds for its clients
      And the object "large.bin" of 8388608 bytes
      When a client asks for "large.bin" and takes nothing for 9 seconds
      Then the answer was cut short

    @USERS-131 @should
    Scenario: A client that takes its answer late gets all of it
      Given a proxy that waits 60 seconds for its clients
      And the object "large.bin" of 8388608 bytes
      When a client asks for "large.bin" and takes nothing for 1 seconds
      Then all of it came

  Rule: More than can be served is turned away, and may come back

    @USERS-132 @should
    Scenario: Past its limit a proxy says when to come back, and recovers
      Given a proxy that serves 4 requests at once
      And the object "notes.txt" holding "buy milk"
      When 4 uploads are under way and another client reads "notes.txt"
      Then the client is told SlowDown and when to come back
      And all others were served, and so is the client afterwards

    @USERS-132 @should
    Scenario: Up to its limit a proxy serves
      Given a proxy that serves 4 requests at once
      And the object "notes.txt" holding "buy milk"
      When 3 uploads are under way and another client reads "notes.txt"
      Then the request succeeds
      And the client receives "buy milk"
