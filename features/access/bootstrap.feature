Feature: Bootstrap credentials
  One key pair from the configuration opens the whole service; nothing else does.

  Background:
    Given the object "ledger.csv" holding "paid"

  Rule: Every request needs credentials

    @USERS-17 @must
    Scenario: An anonymous read is denied
      When an anonymous client reads "ledger.csv"
      Then the request is denied with AccessDenied
      And the backend receives no request

    @USERS-17 @must
    Scenario: An anonymous write is denied
      When an anonymous client stores "ledger.csv" holding "forged"
      Then the request is denied with AccessDenied
      And the backend receives no request
      And the object "ledger.csv" holds "paid"

    @USERS-17 @must
    Scenario: An anonymous removal is denied
      When an anonymous client removes "ledger.csv"
      Then the request is denied with AccessDenied
      And the backend receives no request
      And the object "ledger.csv" holds "paid"

    @USERS-17 @must
    Scenario: An anonymous listing is denied
      When an anonymous client lists the bucket
      Then the request is denied with AccessDenied
      And the backend receives no request

    @USERS-17 @must
    Scenario: An anonymous client may not list the buckets
      When an anonymous client lists all buckets
      Then the request is denied with AccessDenied
      And the answer names no bucket

  Rule: The bootstrap pair is full access

    @USERS-18 @must
    Scenario: The bootstrap pair reads
      When a client with the bootstrap credentials reads "ledger.csv"
      Then the request succeeds
      And the client receives "paid"

    @USERS-18 @must
    Scenario: The bootstrap pair writes
      When a client with the bootstrap credentials stores "ledger.csv" holding "paid twice"
      Then the request succeeds
      And the object "ledger.csv" holds "paid twice"

    @USERS-18 @must
    Scenario: The bootstrap pair removes
      When a client with the bootstrap credentials removes "ledger.csv"
      Then the request succeeds
      And the object "ledger.csv" does not exist

    @USERS-18 @must
    Scenario: The bootstrap pair lists a bucket
      When a client with the bootstrap credentials lists the bucket
      Then the request succeeds
      And the keys are "ledger.csv"

    @USERS-18 @must
    Scenario: The bootstrap pair lists the buckets
      When a client with the bootstrap credentials lists all buckets
      Then the request succeeds
      And the bucket is among them

  Rule: A key that nobody has is unknown

    @USERS-19 @must
    Scenario: A read with an unknown access key is denied
      When a client with an unknown access key reads "ledger.csv"
      Then the request is denied with InvalidAccessKeyId
      And the backend receives no request

    @USERS-19 @must
    Scenario: A write with an unknown access key is denied
      When a client with an unknown access key stores "ledger.csv" holding "forged"
      Then the request is denied with InvalidAccessKeyId
      And the backend receives no request
      And the object "ledger.csv" holds "paid"

  Rule: A signature proves the secret

    @USERS-20 @must
    Scenario: A read signed with a wrong secret is denied
      When a client with a wrong secret reads "ledger.csv"
      Then the request is denied with SignatureDoesNotMatch
      And the backend receives no request

    @USERS-20 @must
    Scenario: A write signed with a wrong secret is denied
      When a client with a wrong secret stores "ledger.csv" holding "forged"
      Then the request is denied with SignatureDoesNotMatch
      And the backend receives no request
      And the object "ledger.csv" holds "paid"

    @USERS-20 @must
    Scenario: A removal signed with a wrong secret is denied
      When a client with a wrong secret removes "ledger.csv"
      Then the request is denied with SignatureDoesNotMatch
      And the backend receives no request
      And the object "ledger.csv" holds "paid"

  Rule: The older signature version is refused and named

    @USERS-26 @ATTACK-15 @must
    Scenario Outline: A SigV2 <form> is refused
      When a client reads "ledger.csv" with a SigV2 <form>
      Then the request is denied with InvalidRequest
      And the refusal names "signature_version"
      And the backend receives no request

      Examples:
        | form   |
        | header |
        | query  |
