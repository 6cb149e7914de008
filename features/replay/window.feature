Feature: Replay window
  A signed change happens once, whoever repeats it.

  Rule: A change does not happen again

    @USERS-34 @must
    Scenario Outline: A <change> that comes again after <seconds> seconds is refused
      Given the object "ledger.csv" holding "paid"
      And an eavesdropper recorded the <change> of "ledger.csv"
      And the object "ledger.csv" holding "settled"
      When the eavesdropper sends it again <seconds> seconds after
      Then the replay is refused
      And the backend receives no request
      And the object "ledger.csv" holds "settled"

      Examples:
        | change             | seconds |
        | write              | 0       |
        | write              | 4       |
        | removal            | 0       |
        | removal            | 4       |
        | copy               | 0       |
        | copy               | 4       |
        | batch removal      | 0       |
        | batch removal      | 4       |
        | start of an upload | 0       |
        | start of an upload | 4       |

    @USERS-34 @must
    Scenario Outline: A <change> that its owner signs afresh is served
      Given the object "ledger.csv" holding "paid"
      And an eavesdropper recorded the <change> of "ledger.csv"
      And the object "ledger.csv" holding "settled"
      When the owner makes the <change> of "ledger.csv" again, signed afresh
      Then the request succeeds
      And the backend receives exactly one copy

      Examples:
        | change             |
        | write              |
        | removal            |
        | copy               |
        | batch removal      |
        | start of an upload |

    @USERS-34 @must
    Scenario Outline: A write that comes again with <spelling> is refused
      Given an eavesdropper recorded the write of "ledger.csv"
      And the object "ledger.csv" holding "settled"
      When the eavesdropper sends it again with <spelling>
      Then the replay is refused
      And the backend receives no request
      And the object "ledger.csv" holds "settled"

      Examples:
        | spelling                          |
        | other blanks in its Authorization |
        | its path spelt otherwise          |
        | its headers in another order      |
        | its header names in capitals      |
        | an unsigned header more           |

    @USERS-34 @must
    Scenario Outline: A write that comes for the first time with <spelling> is served
      Given the object "ledger.csv" holding "settled"
      When a client sends a write of "ledger.csv" for the first time with <spelling>
      Then the request succeeds
      And the object "ledger.csv" holds "draft"

      Examples:
        | spelling                          |
        | other blanks in its Authorization |
        | its path spelt otherwise          |
        | its headers in another order      |
        | its header names in capitals      |
        | an unsigned header more           |

    @USERS-35 @must
    Scenario Outline: Of sixteen copies of a <change> at once, one is served
      Given the object "ledger.csv" holding "paid"
      When a client sends one signed <change> of "ledger.csv" 16 times at once
      Then exactly one of them is served and the others are refused
      And the backend receives exactly one copy

      Examples:
        | change        |
        | write         |
        | removal       |
        | copy          |
        | batch removal |

    @USERS-35 @must
    Scenario: Of sixteen starts of an upload at once, one is served
      Given a bucket
      When a client sends one signed start of an upload of "large.bin" 16 times at once
      Then exactly one of them is served and the others are refused
      And the backend receives exactly one copy
      And one upload of "large.bin" is open

  Rule: Reads repeat

    @USERS-36 @ATTACK-16 @must
    Scenario Outline: Sixteen copies of a <request> at once are all served
      Given the object "ledger.csv" holding "paid"
      When a client sends one signed <request> of "ledger.csv" 16 times at once
      Then every one of the 16 is served

      Examples:
        | request    |
        | read       |
        | inspection |
        | listing    |

    @USERS-36 @ATTACK-16 @must
    Scenario Outline: A read that comes again after <seconds> seconds is served
      Given the object "ledger.csv" holding "paid"
      And an eavesdropper recorded the read of "ledger.csv"
      When the eavesdropper sends it again <seconds> seconds after
      Then the request succeeds
      And the client receives "paid"

      Examples:
        | seconds |
        | 0       |
        | 4       |

  Rule: What was refused was not spent

    @USERS-37 @must
    Scenario Outline: A forgery with <flaw> leaves the genuine write its signature
      Given a forgery of the client's write of "report.csv" with <flaw> was refused
      When the client sends its genuine write
      Then the request succeeds
      And the object "report.csv" holds "draft"

      Examples:
        | flaw                |
        | another body        |
        | an unsigned header  |
        | a changed signature |
        | another key         |

  Rule: Standard clients may write quickly

    @USERS-14 @should
    Scenario: Three writes of one key within a second succeed, though their signatures are equal
      When a client writes "ledger.csv" three times within a second, as boto3 does over TLS
      Then every one of the 3 is served
      And the object "ledger.csv" holds "draft 3"

    @USERS-14 @should
    Scenario: Three writes of one key by a stock client succeed
      When a stock client writes "ledger.csv" three times in a row
      Then every one of the 3 is served
      And the object "ledger.csv" holds "draft 3"

    @USERS-38 @may
    Scenario: A refused replay asks the client to sign afresh
      Given an eavesdropper recorded the write of "ledger.csv"
      When the eavesdropper sends it again 0 seconds after
      Then the refusal is 503 SlowDown, to be repeated after 1 second
