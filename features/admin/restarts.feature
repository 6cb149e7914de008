Feature: Restarts
  What the admin API acknowledged outlives the process, whether it was stopped or killed.

  Background:
    Given a proxy of the scenario's own
    And the object "k" holding "content"
    And the object "secret/x" holding "secret"

  Rule: Users, keys and rules are there again

    @USERS-201 @must
    Scenario Outline: After it was <ended> both keys of a user work
      Given "ana" may "read" on "{bucket}/*"
      And the keys of "ana" are rotated
      And it was <ended> and started again
      When "ana" reads "k" with key <key>
      Then the request succeeds

      Examples:
        | ended   | key |
        | stopped | 0   |
        | killed  | 0   |
        | stopped | 1   |
        | killed  | 1   |

    @USERS-201 @must
    Scenario Outline: After it was <ended> a removed key stays removed
      Given "ana" may "read" on "{bucket}/*"
      And the keys of "ana" are rotated
      And the first key of "ana" is removed
      And it was <ended> and started again
      When "ana" reads "k" with key 0
      Then the request is denied with InvalidAccessKeyId

      Examples:
        | ended   |
        | stopped |
        | killed  |

    @USERS-201 @must
    Scenario Outline: After it was <ended> the Deny of a group still wins
      Given "ana" may "read" on "{bucket}/*"
      And the group "interns" is denied "read" on "{bucket}/secret/*"
      And "ana" belongs to "interns"
      And it was <ended> and started again
      When "ana" sends GetObject for "secret/x"
      Then the request is denied with AccessDenied
      And the refusal is explained by "Deny" of the group "interns"

      Examples:
        | ended   |
        | stopped |
        | killed  |

  Rule: The audit is there again

    @USERS-201 @must
    Scenario Outline: After it was <ended> earlier denials and changes are still told
      Given "ana" may "read" on "{bucket}/open/*"
      And "ana" was refused "k"
      When it is <ended> and starts again
      Then the audit holds 1 denial of GetObject for "ana" with path "k"
      And the audit holds the change "user_create" of "ana"

      Examples:
        | ended   |
        | stopped |
        | killed  |
