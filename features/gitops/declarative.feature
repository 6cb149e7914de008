Feature: IAM as code
  The document is the source of truth for users and groups; every road to it passes one plan.

  Background:
    Given a proxy of the scenario's own
    And the object "k" holding "content"

  Rule: A preview writes nothing and says what would be

    @GITOPS-1 @must
    Scenario: A preview counts what apply would do
      When the administrator previews the document of "ci" with key "AKIACI00001"
      Then a warning reads "declarative IAM preview: users\(\+1/~0/-0\) groups\(\+1/~0/-0\) providers\(\+0/~0/-0\) mapping_rules=(keep|replace)"
      And there is no user "ci"

    @GITOPS-2 @should
    Scenario: A preview names what apply would do
      When the administrator previews the document of "ci" with key "AKIACI00001"
      Then the plan creates the user "ci"

    @GITOPS-1 @must
    Scenario: Apply does what the preview said
      When the administrator applies the document of "ci" with key "AKIACI00001"
      Then a warning reads "declarative IAM reconciled: .*users\(\+1/~0/-0\) groups\(\+1/~0/-0\) providers\(\+0/~0/-0\) mapping_rules="
      And there is a user "ci"
      And "AKIACI00001" may read "k"

    @GITOPS-3 @must
    Scenario: The unchanged document is no change, down to the audit
      Given the document of "ci" with key "AKIACI00001" is applied
      When the administrator previews the document of "ci" with key "AKIACI00001"
      Then a warning reads "declarative IAM preview: no IAM changes \(idempotent apply\)"
      And applying it again adds nothing to the audit

    @GITOPS-3 @GITOPS-4 @must
    Scenario: The export holds no secret, and applied again is no change
      Given the document of "ci" with key "AKIACI00001" is applied
      When the administrator applies what the declarative export says
      Then the admin API answers 200
      And the export had an empty secret for "ci" and declarative mode
      And applying it again adds nothing to the audit
      And "AKIACI00001" may read "k"

  Rule: A careless switch cannot wipe

    @GITOPS-5 @must
    Scenario: A switch without users and groups is refused
      Given the user "ana"
      When the administrator sends PUT "/config/section/access"
        """
        {"iam_mode": "declarative"}
        """
      Then the admin API answers 422
      And the user "ana" is still there

    @GITOPS-5 @must
    Scenario: The preview of such a switch warns
      Given the user "ana"
      When the administrator sends POST "/config/section/access/validate"
        """
        {"iam_mode": "declarative"}
        """
      Then the admin API answers 200
      And a warning reads "refuse"

    @GITOPS-5 @must
    Scenario: A switch that brings users is served
      Given the user "ana"
      When the administrator applies the document of "ci" with key "AKIACI00001"
      Then the admin API answers 200
      And there is a user "ci"

    @GITOPS-5 @must
    Scenario: In declarative mode an empty document clears on purpose
      Given the document of "ci" with key "AKIACI00001" is applied
      When the administrator sends PUT "/config/section/access"
        """
        {"iam_users": [], "iam_groups": []}
        """
      Then the admin API answers 200
      And there is no user "ci"

  Rule: All or nothing

    @GITOPS-6 @must
    Scenario Outline: A document with <fault> changes nothing
      Given the document of "ci" with key "AKIACI00001" is applied
      When the administrator applies the document of "new" with key "AKIANEW0001" and <change>
      Then the admin API answers 422
      And there is a user "ci"
      And there is no user "new"

      Examples:
        | fault                   | change                                                                                                            |
        | a duplicate access key  | "- {name: twin, access_key_id: AKIANEW0001, secret_access_key: '0123456789012345678901234567890123456789'}"         |
        | an unknown group        | "- {name: lost, access_key_id: AKIALOST001, secret_access_key: '0123456789012345678901234567890123456789', groups: [nobody]}" |
        | an invalid permission   | "- {name: odd, access_key_id: AKIAODD0001, secret_access_key: '0123456789012345678901234567890123456789', permissions: [{actions: [fly], resources: ['*']}]}" |
        | a new user's no secret  | "- {name: bare, access_key_id: AKIABARE001, secret_access_key: ''}"                                                   |
        | an alias                | "- &x {name: odd, access_key_id: AKIAODD0001}"                                                                        |
        | a field nobody knows    | "- {name: odd, access_key_id: AKIAODD0001, colour: red}"                                                              |

    @GITOPS-6 @must
    Scenario: The same document without a fault is applied
      Given the document of "ci" with key "AKIACI00001" is applied
      When the administrator applies the document of "new" with key "AKIANEW0001"
      Then the admin API answers 200
      And there is no user "ci"
      And there is a user "new"

    @GITOPS-7 @must
    Scenario: Killed during applies, the next start finds the old or the new
      Then of 100 applies that a kill interrupts each leaves the old or the new

  Rule: Users are known by their names

    @GITOPS-8 @must
    Scenario: An edited access key id keeps the row
      Given the document of "ci" with key "AKIACI00001" is applied
      When the administrator applies the document of "ci" with key "AKIACI00002"
      Then a warning reads "users\(\+0/~1/-0\)"
      And the user "ci" has kept its id
      And "AKIACI00002" may read "k"

  Rule: Runtime drift cannot happen

    @GITOPS-9 @must
    Scenario Outline: <method> <path> is refused in declarative mode
      Given the document of "ci" with key "AKIACI00001" is applied
      When the administrator sends <method> "<path>"
        """
        {"name": "x"}
        """
      Then the admin API answers 403
      And its error is "iam_declarative"

      Examples:
        | method | path                     |
        | POST   | /users                   |
        | PUT    | /users/1                 |
        | DELETE | /users/1                 |
        | POST   | /users/1/rotate-keys     |
        | DELETE | /users/1/keys/AKIACI00001 |
        | POST   | /groups                  |
        | PUT    | /groups/1                |
        | DELETE | /groups/1                |
        | POST   | /groups/1/members        |

    @GITOPS-9 @must
    Scenario: Reads stay open in declarative mode
      Given the document of "ci" with key "AKIACI00001" is applied
      When the administrator sends GET "/users"
      Then the admin API answers 200

    @GITOPS-10 @must
    Scenario: Back in gui mode everything is still there, and unlocked
      Given the document of "ci" with key "AKIACI00001" is applied
      When the administrator sends PUT "/config/section/access"
        """
        {"iam_mode": "gui"}
        """
      Then the admin API answers 200
      And there is a user "ci"
      And "AKIACI00001" may read "k"
      And the user "ana" can be made

  Rule: References stay out of sections, and the server's own variables out of documents

    @GITOPS-11 @must
    Scenario: A reference typed into a section is a literal
      Given the document of "ci" with key "AKIACI00001" is applied
      When the administrator sends PUT "/config/section/access"
        """
        {"iam_groups": [{"name": "builders", "description": "${env:PATH}", "permissions": [{"actions": ["read"], "resources": ["{bucket}/*"]}]}]}
        """
      Then the admin API answers 200
      And the group "builders" has the description "${env:PATH}"

    @GITOPS-12 @must
    Scenario Outline: A posted document that names <variable> is refused by that name
      When the administrator applies the document of "ci" with key "AKIACI00001" and "- {name: new, access_key_id: AKIANEW0001, secret_access_key: '${env:<variable>}'}"
      Then the admin API answers 422
      And its message names "<variable>"

      Examples:
        | variable          |
        | DGP_DB_KEY        |
        | NEVER_SET_ANYWHERE |
