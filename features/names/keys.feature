Feature: Names of objects
  A key is its characters: no spelling on the way turns it into another one.

  Rule: Characters that encodings disagree about keep their identity

    @USERS-9 @ATTACK-26 @must
    Scenario Outline: The key "<key>" comes back as it is
      Given a bucket
      When the client stores something as "<key>"
      Then the request succeeds
      And the object "<key>" holds "named"
      And the listing names "<key>" exactly

      Examples:
        | key          |
        | plain.txt    |
        | a=b          |
        | a+b          |
        | a b          |
        | a%2Fb        |
        | a%b          |
        | a%25b        |
        | a&b?c=d#e    |
        | a:b@c,d;e!   |
        | (a)'b'*      |
        | grüße.txt    |
        | 漢字/かな    |
        | smile 😀.txt |
        | a/b/c/d.txt  |
        | …and_so-on~  |
        | .hidden      |
        | a..b         |

    @USERS-9 @ATTACK-26 @must
    Scenario Outline: A client that signs by hand means the same by "<key>"
      Given a bucket
      When a client that signs by hand stores something as "<key>"
      Then the request succeeds
      And the object "<key>" holds "named"

      Examples:
        | key          |
        | a+b c=d      |
        | a%2Fb%25     |
        | smile 😀.txt |

    @USERS-9 @ATTACK-26 @must
    Scenario Outline: The path "<path>" spells the key "<key>"
      Given a bucket
      When a client stores something at the path "/{bucket}/<path>", signed for "<key>"
      Then the request succeeds
      And the object "<key>" holds "named"

      Examples:
        | path              | key       |
        | a%20b%3Dc.txt     | a b=c.txt |
        | a%20b=c.txt       | a b=c.txt |
        | a%20b%3dc.txt     | a b=c.txt |
        | %61%20b%3Dc%2Etxt | a b=c.txt |
        | a+b               | a+b       |
        | a%2Bb             | a+b       |
        | a%2520b           | a%20b     |
        | gr%c3%bc%C3%9Fe   | grüße     |

  Rule: Slashes are kept, doubled, leading and trailing

    @USERS-9 @ATTACK-27 @must
    Scenario Outline: The store is asked for "<key>" exactly
      Given the object "a/b" holding "single"
      When the client stores something as "<key>"
      Then the store was asked for "<key>" and nothing else, and its answer is passed on
      And the object "a/b" holds "single"

      Examples:
        | key   |
        | a//b  |
        | a/b/  |
        | a     |
        | a/b// |

    @USERS-9 @ATTACK-27 @must
    Scenario Outline: The leading slashes of "<key>" reach the store
      Given a bucket
      When the client stores something as "<key>"
      Then the store was asked for "<key>" and nothing else, and its answer is passed on

      Examples:
        | key   |
        | /a/b  |
        | //a/b |

  Rule: Dots are letters or nothing

    @ATTACK-28 @must
    Scenario Outline: The key "<key>" never becomes another path
      Given the object "private/plan.txt" holding "secret"
      When a client that signs by hand stores something as "<key>"
      Then "<key>" is kept to the letter, or refused with nothing sent
      And the object "private/plan.txt" holds "secret"

      Examples:
        | key                        |
        | public/../private/plan.txt |
        | ../private/plan.txt        |
        | private/./plan.txt         |
        | private/plan.txt/..        |

    @ATTACK-28 @must
    Scenario Outline: The path "<path>" never becomes another one
      Given the object "private/plan.txt" holding "secret"
      When a client stores something at the path "/{bucket}/<path>", signed for "<key>"
      Then "<key>" is kept to the letter, or refused with nothing sent
      And the object "private/plan.txt" holds "secret"

      Examples:
        | path                           | key                        |
        | public/../private/plan.txt     | public/../private/plan.txt |
        | public/%2E%2E/private/plan.txt | public/../private/plan.txt |
        | public/%2e./private/plan.txt   | public/../private/plan.txt |
        | private/%2e/plan.txt           | private/./plan.txt         |

    @ATTACK-30 @must
    Scenario Outline: The store is asked for "<key>" to the letter
      Given the object "private/plan.txt" holding "secret"
      When a client that signs by hand stores something as "<key>"
      Then the store was asked for "<key>" and nothing else, and its answer is passed on
      And the object "private/plan.txt" holds "secret"

      Examples:
        | key                            |
        | public/..;x=y/private/plan.txt |
        | public/;/private/plan.txt      |
        | public/...;/private/plan.txt   |

    @ATTACK-28 @must
    Scenario: A key that only looks like dots is served
      Given a bucket
      When a client that signs by hand stores something as "public/..private/.plan..txt"
      Then the request succeeds
      And the object "public/..private/.plan..txt" holds "named"
