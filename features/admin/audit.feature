Feature: Audit and explanations
  Every denial is kept with its reason; the client is told no more than AccessDenied.

  Background:
    Given the object "k" holding "content"

  Rule: Denials and changes are kept

    @USERS-81 @must
    Scenario: A denial names user, action, bucket and path
      Given "ana" may "read" on "{bucket}/open/*"
      When "ana" sends GetObject for "k"
      Then the request is denied with AccessDenied
      And the audit holds 1 denial of GetObject for "ana" with path "k"

    @USERS-81 @must
    Scenario: What is served is no denial
      Given "ana" may "read" on "{bucket}/*"
      When "ana" sends GetObject for "k"
      Then the request succeeds
      And the audit holds 0 denials of GetObject for "ana" with path "k"

    @USERS-81 @must
    Scenario: A key with a line break forges no entry
      Given "ana" may "read" on "{bucket}/open/*"
      When "ana" sends GetObject for "k{newline}forged"
      Then the request is denied with AccessDenied
      And the audit holds 1 denial of GetObject for "ana" with path "k\nforged"

    @USERS-82 @must
    Scenario: Changes are kept with their actor
      Given "ana" may "read" on "{bucket}/open/*"
      And the keys of "ana" are rotated
      And the user "ana" is deleted
      Then the audit holds the change "user_create" of "ana"
      And the audit holds the change "user_update" of "ana"
      And the audit holds the change "key_create" of "ana"
      And the audit holds the change "user_delete" of "ana"

    @USERS-81 @must
    Scenario: A burst of denials loses none
      Given a proxy of the scenario's own
      And the user "ana"
      When "ana" is denied 1000 times at once
      Then the audit holds 1000 denials for "ana"

  Rule: The audit can be narrowed by time

    @USERS-204 @must
    Scenario Outline: The audit <narrowed> tells of <paths>
      Given "ana" may "list" on "{bucket}"
      And "ana" was refused "one", "two" and "three", a second apart
      Then the audit <narrowed> tells of "ana" "<paths>"

      Examples:
        | narrowed                    | paths         |
        | from "two" on               | three two     |
        | up to "two"                 | two one       |
        | from "two" on up to "two"   | two           |
        | from "three" on up to "one" |               |

    @USERS-204 @must
    Scenario Outline: A time that is none is refused by name
      When the administrator sends GET "/audit?<bound>=yesterday"
      Then the admin API answers 400
      And its message names "<bound>"

      Examples:
        | bound |
        | from  |
        | to    |

  Rule: Why is a question with an answer

    @USERS-83 @must
    Scenario: A direct Deny explains itself
      Given "ana" may "*" on "{bucket}/*"
      And "ana" is denied "read" on "{bucket}/k"
      When "ana" sends GetObject for "k"
      Then the request is denied with AccessDenied
      And the refusal is explained by "Deny" of the user "ana"
      And the client is told nothing of the rules

    @USERS-83 @must
    Scenario: An inherited Deny names its group
      Given "ana" may "*" on "{bucket}/*"
      And the group "interns" is denied "read" on "{bucket}/k"
      And "ana" belongs to "interns"
      When "ana" sends GetObject for "k"
      Then the request is denied with AccessDenied
      And the refusal is explained by "Deny" of the group "interns"

    @USERS-83 @must
    Scenario: The lack of a rule is a reason too
      Given "ana" may "read" on "{bucket}/open/*"
      When "ana" sends GetObject for "k"
      Then the refusal is explained by the lack of a rule

    @USERS-83 @must
    Scenario: What was served is explained as well
      Given "ana" may "read" on "{bucket}/*"
      When "ana" sends GetObject for "k"
      Then the answer is explained as Allowed

    @USERS-84 @must
    Scenario Outline: A simulation of <operation> agrees with the answer
      Given "ana" may "read write" on "{bucket}/*"
      And "ana" is denied "write" on "{bucket}/k"
      When "ana" sends <operation> for "k"
      Then the rules <verdict> it
      And a simulation of <operation> for "k" by "ana" says "<outcome>"

      Examples:
        | operation    | verdict | outcome |
        | GetObject    | allow   | Allowed |
        | PutObject    | refuse  | Denied  |
        | DeleteObject | refuse  | Denied  |

    @USERS-84 @must
    Scenario Outline: A simulation of <operation> for "<name>" agrees with the answer
      Given "ana" may "read list" on "{bucket} {bucket}/*"
      And "ana" is denied "read list" on "{bucket}/k {bucket}/secret/*"
      When "ana" sends <operation> for "<name>"
      Then a simulation of <operation> for "<name>" by "ana" agrees with the answer

      Examples:
        | operation     | name      |
        | GetObject     | k         |
        | GetObject     | /k        |
        | GetObject     | /other    |
        | ListObjectsV2 | secret/   |
        | ListObjectsV2 | /secret/  |
        | ListObjectsV2 | /open/    |
