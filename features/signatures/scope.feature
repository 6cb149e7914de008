Feature: Credential scope
  A signature holds for one day, one region, S3, and this version of the algorithm.

  Background:
    Given the object "ledger.csv" holding "paid"

  Rule: A scope fits its request

    @USERS-24 @must
    Scenario Outline: A signature for <scope> is served
      When a client signs a read of "ledger.csv" for <scope>
      Then the request succeeds
      And the client receives "paid"

      Examples:
        | scope                         |
        | the region that is configured |
        | another region                |
        | the day that it is dated      |

    @USERS-24 @ATTACK-13 @must
    Scenario Outline: A signature that holds for itself, but is made for <scope>, is refused
      When a client signs a read of "ledger.csv" for <scope>
      Then the request is refused
      And the backend receives no request

      Examples:
        | scope              |
        | yesterday's scope  |
        | tomorrow's scope   |
        | another service    |
        | another terminator |

    @USERS-25 @ATTACK-7 @must
    Scenario: An algorithm that nobody knows is refused
      When a client signs a read of "ledger.csv" with another algorithm's name
      Then the request is refused
      And the backend receives no request

  Rule: Host and date are signed

    @USERS-23 @ATTACK-8 @must
    Scenario Outline: A <form> request that does not sign its <header> is denied
      When a client sends a <form> read of "ledger.csv" without signing "<header>"
      Then the request is refused
      And the status is 403
      And the backend receives no request

      Examples:
        | form          | header     |
        | header-signed | host       |
        | header-signed | x-amz-date |
        | presigned     | host       |

    @USERS-23 @must
    Scenario Outline: A <form> request that signs all its headers is served
      When a client sends a <form> read of "ledger.csv" without signing "nothing"
      Then the request succeeds
      And the client receives "paid"

      Examples:
        | form          |
        | header-signed |
        | presigned     |

  Rule: Credentials are presented once

    @USERS-25 @ATTACK-7 @must
    Scenario: A header and a query that are both signed refuse a request
      When a client reads "ledger.csv" with a header and a query that are each signed
      Then the request is refused
      And the backend receives no request
