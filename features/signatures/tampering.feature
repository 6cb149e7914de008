Feature: Tampering
  What was signed arrives as it was signed, or not at all.

  Background:
    Given the object "ledger1" holding "paid"

  Rule: One changed byte refuses a request

    @USERS-21 @must
    Scenario: A signed write that nobody changed is served
      When a client signs a write of "ledger1" and then changes its nothing
      Then the request succeeds
      And the object "ledger1" holds "forged"

    @USERS-21 @must
    Scenario Outline: A changed <part> refuses a signed write
      When a client signs a write of "ledger1" and then changes its <part>
      Then the request is denied with SignatureDoesNotMatch
      And the backend receives no request
      And the object "ledger1" holds "paid"

      Examples:
        | part                    |
        | method                  |
        | path                    |
        | parameter's value       |
        | number of parameters    |
        | host                    |
        | content type            |
        | metadata                |
        | date                    |
        | body and its hash       |
        | region                  |
        | signature's last digit  |
        | signature's first digit |

    @USERS-21 @ATTACK-11 @must
    Scenario Outline: A changed <part> refuses the presented credentials
      When a client signs a write of "ledger1" and then changes its <part>
      Then the request is refused
      And the backend receives no request
      And the object "ledger1" holds "paid"

      Examples:
        | part                   |
        | metadata's presence    |
        | access key id          |
        | scope's date           |
        | service                |
        | terminator             |
        | signature's length     |
        | signature to nothing   |
        | list of signed headers |

    @USERS-21 @must
    Scenario Outline: The same <part>, signed as it stands, is served
      When a client changes the <part> of a write of "ledger1" and then signs it
      Then the request succeeds

      Examples:
        | part                |
        | method              |
        | path                |
        | parameter's value   |
        | host                |
        | content type        |
        | metadata            |
        | metadata's presence |
        | body and its hash   |

  Rule: Every parameter of a listing is signed

    @USERS-21 @must
    Scenario Outline: A changed <parameter> refuses a signed listing
      When a client signs a listing and then changes its parameter "<parameter>"
      Then the request is denied with SignatureDoesNotMatch
      And the backend receives no request

      Examples:
        | parameter |
        | list-type |
        | max-keys  |
        | prefix    |
        | delimiter |

    @USERS-21 @must
    Scenario Outline: The same <parameter>, signed as it stands, lists
      When a client changes the parameter "<parameter>" of a listing and then signs it
      Then the request succeeds

      Examples:
        | parameter |
        | max-keys  |
        | prefix    |
        | delimiter |
