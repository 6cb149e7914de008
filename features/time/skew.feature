Feature: Clock skew
  A signature is good around the moment that it is dated, 300 seconds either way.

  Background:
    Given the object "ledger.csv" holding "paid"

  Rule: A date inside the skew is served

    @USERS-31 @must
    Scenario Outline: A read dated <seconds> seconds from now is served
      When a client reads "ledger.csv" with a date <seconds> seconds from now
      Then the request succeeds
      And the client receives "paid"

      Examples:
        | seconds |
        | -295    |
        | -60     |
        | 0       |
        | 60      |
        | 295     |

    @USERS-31 @must
    Scenario Outline: A write dated <seconds> seconds from now is served
      When a client writes "ledger.csv" with a date <seconds> seconds from now
      Then the request succeeds
      And the object "ledger.csv" holds "draft"

      Examples:
        | seconds |
        | -295    |
        | 295     |

  Rule: A date outside the skew is denied

    @USERS-32 @ATTACK-12 @must
    Scenario Outline: A read dated <seconds> seconds from now is denied
      When a client reads "ledger.csv" with a date <seconds> seconds from now
      Then the request is denied with RequestTimeTooSkewed
      And the status is 403
      And the backend receives no request

      Examples:
        | seconds    |
        | -305       |
        | -3600      |
        | -86400     |
        | -400000000 |
        | 305        |
        | 3600       |
        | 86400      |
        | 400000000  |

    @USERS-32 @ATTACK-12 @must
    Scenario Outline: A write dated <seconds> seconds from now is denied
      When a client writes "ledger.csv" with a date <seconds> seconds from now
      Then the request is denied with RequestTimeTooSkewed
      And the status is 403
      And the backend receives no request
      And the object "ledger.csv" holds "paid"

      Examples:
        | seconds |
        | -305    |
        | 305     |

  Rule: A signature needs a date that can be read

    @USERS-33 @must
    Scenario: A date of the standard's form is served
      When a client reads "ledger.csv" with its date written as the standard has it
      Then the request succeeds
      And the client receives "paid"

    @USERS-33 @must
    Scenario Outline: A date written <form> is refused, though it is signed so
      When a client reads "ledger.csv" with its date written <form>
      Then the request is refused
      And the backend receives no request

      Examples:
        | form                          |
        | not at all                    |
        | as nothing                    |
        | as a word                     |
        | as a day alone                |
        | with dashes and colons        |
        | without its zone              |
        | with an offset                |
        | as seconds since 1970         |
        | with a thirteenth month       |
        | with a sixty-first minute     |
        | with digits of another script |
        | twice                         |
