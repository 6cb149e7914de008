Feature: Repeated signatures
  A request that changes something counts once; one that only reads may be repeated.

  Rule: A changing request is served once

    @USERS-34 @must
    Scenario Outline: A write that is repeated after <seconds> seconds is refused
      Given a bucket
      When a write of "note.txt" holding "first" is sent again after <seconds> seconds, when it holds "second"
      Then the repeat is refused
      And the backend receives no request
      And the object "note.txt" holds "second"

      Examples:
        | seconds |
        | 0       |
        | 4       |

    @USERS-34 @must
    Scenario Outline: A removal that is repeated after <seconds> seconds is refused
      Given the object "note.txt" holding "first"
      When a removal of "note.txt" is sent again after <seconds> seconds, when it holds "second" anew
      Then the repeat is refused
      And the backend receives no request
      And the object "note.txt" holds "second"

      Examples:
        | seconds |
        | 0       |
        | 4       |

    @USERS-34 @ATTACK-16 @must
    Scenario: The same write, signed again, is served
      Given a bucket
      When a write of "note.txt" holding "first" is signed again a second later, when it holds "second"
      Then the request succeeds
      And the object "note.txt" holds "first"

    @USERS-34 @must
    Scenario Outline: A write that is repeated with <disguise> is refused
      Given a bucket
      When a write of "note.txt" holding "first" is sent again with <disguise>
      Then the repeat is refused
      And the backend receives no request

      Examples:
        | disguise                          |
        | nothing changed                   |
        | another unsigned header           |
        | wider spaces in its Authorization |
        | its headers in another order      |
        | its header names in capitals      |

    @USERS-34 @must
    Scenario Outline: A write that is sent once with <disguise> is served
      Given a bucket
      When a write of "note.txt" holding "first" is sent once with <disguise>
      Then the request succeeds
      And the object "note.txt" holds "first"

      Examples:
        | disguise                          |
        | nothing changed                   |
        | another unsigned header           |
        | wider spaces in its Authorization |
        | its headers in another order      |
        | its header names in capitals      |

    @USERS-38 @may
    Scenario: A refused repeat invites the client to sign afresh
      Given a bucket
      When a write of "note.txt" holding "first" is sent again after 0 seconds, when it holds "second"
      Then the repeat is told to slow down
      And the answer's header "retry-after" is "1"

  Rule: Of many at once one is served

    @USERS-35 @must
    Scenario: Sixteen identical requests to start an upload start one
      Given a bucket
      When 16 identical requests to start an upload of "large.bin" arrive at once
      Then 1 of them is served
      And the backend sees one change
      And one upload of "large.bin" is open

    @USERS-35 @must
    Scenario: Of sixteen identical writes one is served
      Given a bucket
      When 16 identical writes of "note.txt" holding "first" arrive at once
      Then 1 of them is served
      And the backend sees one change
      And the object "note.txt" holds "first"

  Rule: Identical reads are all served

    @USERS-36 @ATTACK-16 @must
    Scenario: Sixteen identical reads at once are all served
      Given the object "note.txt" holding "first"
      When 16 identical reads of "note.txt" arrive at once
      Then 16 of them are served

    @USERS-36 @ATTACK-16 @must
    Scenario Outline: A <method> that is repeated is served each time
      Given the object "note.txt" holding "first"
      When the same <method> of "note.txt" is sent 5 times
      Then 5 of them are served

      Examples:
        | method |
        | GET    |
        | HEAD   |

  Rule: A refused request does not spend its signature

    @USERS-37 @must
    Scenario Outline: What was refused for <fault> is served as it was signed
      Given a bucket
      When a write of "note.txt" holding "first" is refused for <fault> and then sent as it was signed
      Then the request succeeds
      And the object "note.txt" holds "first"

      Examples:
        | fault              |
        | its signature      |
        | its body           |
        | an unsigned header |

  Rule: Standard clients write as fast as they like

    @USERS-14 @should
    Scenario: The stock client writes one key three times within a second
      Given a bucket
      When the stock client writes "note.txt" three times, at last "write 3"
      Then 3 of them are served
      And the object "note.txt" holds "write 3"

    @USERS-14 @should
    Scenario: Three writes that carry one signature are all served in the end
      Given a bucket
      When a client that signs no body writes "note.txt" three times in one second, at last "write 3"
      Then 3 of them are served
      And the object "note.txt" holds "write 3"
