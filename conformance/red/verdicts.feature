Feature: What must fail
  No scenario of this feature may pass against a working subject: each expects the opposite of
  what happens. A step that lets one pass could not have found a defect either.

  Background:
    Given the object "ledger.csv" holding "paid"

  Scenario: A stored object counts as a request to the backend
    When a client with the bootstrap credentials stores "x.txt" holding "y"
    Then the backend receives no request

  Scenario: An overwritten object counts as a request to the backend
    When a client with the bootstrap credentials stores "ledger.csv" holding "owed"
    Then the backend receives no request

  Scenario: A removed object counts as a request to the backend
    When a client with the bootstrap credentials removes "ledger.csv"
    Then the backend receives no request

  @witness
  Scenario: A read counts as a request to the backend
    When a client with the bootstrap credentials reads "ledger.csv"
    Then the backend receives no request

  @witness
  Scenario: A listing counts as a request to the backend
    When a client with the bootstrap credentials lists the bucket
    Then the backend receives no request

  Scenario: A When that marks no beginning proves nothing about the backend
    When the client stores "x.txt" holding "y"
    Then the backend receives no request

  Scenario: A served request is not denied
    When a client with the bootstrap credentials reads "ledger.csv"
    Then the request is denied with AccessDenied

  Scenario: A served request is not refused
    When a client with the bootstrap credentials reads "ledger.csv"
    Then the request is refused

  Scenario: A refused request does not succeed
    When an anonymous client reads "ledger.csv"
    Then the request succeeds

  Scenario: One refusal is not another
    When an anonymous client reads "ledger.csv"
    Then the request is denied with SignatureDoesNotMatch

  Scenario: A working store is no failure of the proxy's
    Given a proxy whose store works
    When a client reads an object through it
    Then the failure is the proxy's own

  Scenario: A shortened object does not arrive whole
    Given a proxy whose store hangs up in the middle of an object
    When a client reads an object through it
    Then the whole object arrives

  Scenario: A whole object is not taken for a shortened one
    Given a proxy whose store works
    When a client reads an object through it
    Then no shortened answer passes for a whole one

  Scenario: An object holds nothing else
    When a client with the bootstrap credentials reads "ledger.csv"
    Then the object "ledger.csv" holds "owed"

  Scenario: An object that exists is not absent
    When a client with the bootstrap credentials reads "ledger.csv"
    Then the object "ledger.csv" does not exist

  Scenario: What was received is nothing else
    When a client with the bootstrap credentials reads "ledger.csv"
    Then the client receives "owed"

  Scenario: A listing names nothing else
    When a client with the bootstrap credentials lists the bucket
    Then the keys are "ledger.csv, other.csv"

  Scenario: An undefined step proves nothing
    When somebody does what no step describes
    Then the object "ledger.csv" holds "paid"

  Scenario: A scenario without steps proves nothing
