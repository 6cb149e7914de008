Feature: Malformed credentials
  Text that is not quite an Authorization header is not one.

  Background:
    Given the object "ledger.csv" holding "paid"

  @USERS-25 @must
  Scenario: A header of the standard's shape is served
    When a client reads "ledger.csv" with an Authorization header as it should be
    Then the request succeeds
    And the client receives "paid"

  @USERS-25 @must
  Scenario Outline: A header <shape> is refused
    When a client reads "ledger.csv" with an Authorization header <shape>
    Then the request is refused
    And the backend receives no request

    Examples:
      | shape                                    |
      | that stands twice                        |
      | that is empty                            |
      | that names the algorithm alone           |
      | that ends after the algorithm's blank    |
      | of another scheme                        |
      | with a password                          |
      | with an unknown algorithm                |
      | with the asymmetric algorithm            |
      | without a credential                     |
      | without signed headers                   |
      | without a signature                      |
      | with two credentials                     |
      | with two signatures                      |
      | with an empty list of signed headers     |
      | with an empty key id                     |
      | with an empty credential                 |
      | with a scope of three parts              |
      | with a scope of five parts               |
      | with a scope that has no date            |
      | with a signature that is not hexadecimal |
      | with a signature of 65 digits            |
      | with a quote in its key id               |
      | with bytes above ASCII                   |
      | of sixteen thousand characters           |
