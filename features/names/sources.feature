Feature: Names of copy sources and buckets
  What a copy reads, and which bucket is meant, is decided before anything is decoded twice.

  Rule: A copy source is split from its version before it is decoded

    @ATTACK-29 @must
    Scenario: An escaped question mark belongs to the key
      Given the object "plan?versionId=1" holding "odd"
      And the object "plan" holding "plain"
      When the client copies from the literal source "plan%3FversionId=1" to "copy"
      Then the request succeeds
      And the object "copy" holds "odd"

    @ATTACK-29 @must
    Scenario: A plain source is the plain object
      Given the object "plan?versionId=1" holding "odd"
      And the object "plan" holding "plain"
      When the client copies from the literal source "plan" to "copy"
      Then the request succeeds
      And the object "copy" holds "plain"

  Rule: A source cannot step sideways

    @ATTACK-28 @must
    Scenario Outline: The source "<source>" is not "private/plan.txt"
      Given the object "private/plan.txt" holding "secret"
      When the client copies from the literal source "<source>" to "copy"
      Then the request is refused
      And the backend receives no request
      And the object "copy" does not exist

      Examples:
        | source                         |
        | public/../private/plan.txt     |
        | public/%2E%2E/private/plan.txt |
        | private/./plan.txt             |

  Rule: A bucket is one segment of the path

    @ATTACK-31 @must
    Scenario: A bucket's own path is served
      Given the object "plan.txt" holding "secret"
      When a client reads the path "/{bucket}/plan.txt"
      Then the request succeeds
      And the client receives "secret"

    @ATTACK-31 @must
    Scenario Outline: The path "<path>" leads nowhere
      Given the object "plan.txt" holding "secret"
      When a client reads the path "<path>"
      Then the request is refused
      And the backend receives no request

      Examples:
        | path                               |
        | /../{bucket}/plan.txt              |
        | /%2e%2e/{bucket}/plan.txt          |
        | /other/../{bucket}/../%00          |
        | /..%2f{bucket}/plan.txt            |
        | /{bucket}%2f..%2f{bucket}/plan.txt |
