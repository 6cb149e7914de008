Feature: Limits of presigned URLs
  A presigned URL is good for as long as it says, and for seven days at most.

  Background:
    Given the object "ledger.csv" holding "paid"

  Rule: An expiry is a whole number from 1 second to 7 days

    @USERS-40 @must
    Scenario Outline: A URL for <seconds> seconds is served
      When a client uses a URL for "ledger.csv" that expires after "<seconds>"
      Then the request succeeds
      And the client receives "paid"

      Examples:
        | seconds |
        | 1       |
        | 60      |
        | 86400   |
        | 604800  |

    @USERS-41 @ATTACK-14 @must
    Scenario Outline: A URL for "<seconds>" seconds is refused
      When a client uses a URL for "ledger.csv" that expires after "<seconds>"
      Then the request is refused
      And the backend receives no request

      Examples:
        | seconds              |
        | 604801               |
        | 0                    |
        | -1                   |
        | -60                  |
        | +60                  |
        |                      |
        | 1.5                  |
        | 60.0                 |
        | 6e1                  |
        | 0x3c                 |
        | abc                  |
        | 60s                  |
        | 60 60                |
        | 2147483648           |
        | 4294967356           |
        | 9223372036854775808  |
        | 18446744073709551676 |
        | ٦٠                   |

    @USERS-41 @ATTACK-14 @must
    Scenario Outline: A URL whose <parameter> is <how> is refused
      When a client uses a URL for "ledger.csv" whose "<parameter>" is <how>
      Then the request is refused
      And the backend receives no request

      Examples:
        | parameter           | how      |
        | X-Amz-Expires       | missing  |
        | X-Amz-Expires       | repeated |
        | X-Amz-Date          | missing  |
        | X-Amz-Date          | repeated |
        | X-Amz-Algorithm     | missing  |
        | X-Amz-Algorithm     | repeated |
        | X-Amz-Credential    | missing  |
        | X-Amz-Credential    | repeated |
        | X-Amz-SignedHeaders | missing  |
        | X-Amz-SignedHeaders | repeated |
        | X-Amz-Signature     | missing  |
        | X-Amz-Signature     | repeated |

    @USERS-41 @must
    Scenario Outline: A URL with its date written <form> is refused, though it is signed so
      When a client uses a URL for "ledger.csv" with its date written <form>
      Then the request is refused
      And the backend receives no request

      Examples:
        | form                      |
        | as nothing                |
        | as a word                 |
        | as a day alone            |
        | with dashes and colons    |
        | without its zone          |
        | as seconds since 1970     |
        | with a thirteenth month   |
        | with a sixty-first minute |

    @USERS-41 @must
    Scenario: A URL with its date written as the standard has it is served
      When a client uses a URL for "ledger.csv" with its date written as the standard has it
      Then the request succeeds
      And the client receives "paid"

    @USERS-41 @must
    Scenario: A URL in which every parameter stands once is served
      When a client uses a URL for "ledger.csv" whose "X-Amz-Expires" is unchanged
      Then the request succeeds
      And the client receives "paid"

  Rule: A URL ends

    @USERS-42 @must
    Scenario Outline: A URL of <age> seconds that lasts <seconds> is denied
      When a client uses a URL for "ledger.csv" made <age> seconds ago that expires after "<seconds>"
      Then the request is denied with AccessDenied
      And the status is 403
      And the backend receives no request

      Examples:
        | age    | seconds |
        | 10     | 5       |
        | 3605   | 3600    |
        | 604805 | 604800  |

    @USERS-42 @must
    Scenario Outline: A URL of <age> seconds that lasts <seconds> is served
      When a client uses a URL for "ledger.csv" made <age> seconds ago that expires after "<seconds>"
      Then the request succeeds
      And the client receives "paid"

      Examples:
        | age    | seconds |
        | 10     | 20      |
        | 3605   | 3700    |
        | 604700 | 604800  |

    @USERS-42 @must
    Scenario: An expired URL stores nothing
      When a client stores "report.csv" through a URL made 10 seconds ago that expires after "5"
      Then the request is denied with AccessDenied
      And the backend receives no request
      And the object "report.csv" does not exist

    @USERS-39 @must
    Scenario: A URL that has not expired stores
      When a client stores "report.csv" through a URL made 10 seconds ago that expires after "20"
      Then the request succeeds
      And the object "report.csv" holds "draft"

  Rule: A URL does not begin before it was made

    @USERS-45 @must
    Scenario Outline: A URL dated <seconds> seconds ahead is refused
      When a client uses a URL for "ledger.csv" made <seconds> seconds ahead that expires after "604800"
      Then the request is refused
      And the backend receives no request

      Examples:
        | seconds |
        | 305     |
        | 3600    |
        | 604800  |

    @USERS-45 @must
    Scenario: A URL dated inside the skew is served
      When a client uses a URL for "ledger.csv" made 295 seconds ahead that expires after "604800"
      Then the request succeeds
      And the client receives "paid"
