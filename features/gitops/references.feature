Feature: References to the environment
  A document in git names its secrets; values stay where they belong, and references come back.

  Background:
    Given a proxy of the scenario's own with variables
      """
      CI_SECRET=a-secret-from-the-environment-0123456789
      ODD=say "x": ${env:PATH} # no comment
      ON=false
      """
    And the object "k" holding "content"

  Rule: The server fills in what a posted document names

    @GITOPS-13 @must
    Scenario: A reference is filled in, and the key signs
      When the administrator applies the document whose secret is "${env:CI_SECRET}"
      Then the admin API answers 200
      And the declared user may read "k" with "a-secret-from-the-environment-0123456789"

    @GITOPS-13 @must
    Scenario: A default stands in for a variable that is not set
      When the administrator applies the document whose secret is "${env:NOT_SET:-a-default-secret-0123456789-0123456789-0}"
      Then the admin API answers 200
      And the declared user may read "k" with "a-default-secret-0123456789-0123456789-0"

    @GITOPS-13 @must
    Scenario: A literal dollar sign is written twice
      When the administrator applies the document whose secret is "$${env:CI_SECRET}-0123456789-0123456789-0"
      Then the admin API answers 200
      And the declared user may read "k" with "${env:CI_SECRET}-0123456789-0123456789-0"

    @GITOPS-14 @must
    Scenario: What a variable holds is data, whatever it looks like
      When the administrator applies the document whose description is "${env:ODD}"
      Then the admin API answers 200
      And the group "builders" has the odd description

    @GITOPS-14 @must
    Scenario: A reference fills a field of another kind
      When the administrator applies the document whose user is enabled "${env:ON}"
      Then the admin API answers 200
      And the declared user is refused "k" with "a-secret-from-the-environment-0123456789"

  Rule: References round-trip

    @GITOPS-15 @must
    Scenario: The export gives a reference back, not its value
      When the administrator applies the document whose secret is "${env:CI_SECRET}"
      Then the export has "${env:CI_SECRET}" and not "a-secret-from-the-environment"

    @GITOPS-15 @must
    Scenario: The export applied again is no change
      When the administrator applies the document whose secret is "${env:CI_SECRET}"
      And the administrator applies what the export says
      Then the admin API answers 200
      And a warning reads "no changes"
      And the declared user may read "k" with "a-secret-from-the-environment-0123456789"

    @GITOPS-15 @must
    Scenario: A change of a section leaves the reference in the file
      When the administrator applies the document whose secret is "${env:CI_SECRET}"
      And the administrator sends PUT "/config/section/access"
        """
        {"iam_groups": [{"name": "builders", "description": "changed", "permissions": [{"actions": ["read"], "resources": ["{bucket}/*"]}]}]}
        """
      Then the admin API answers 200
      And the file has "${env:CI_SECRET}" and not "a-secret-from-the-environment"
      And the export has "${env:CI_SECRET}" and not "a-secret-from-the-environment"
      And the export has "changed" and not "a-secret-from-the-environment"

    @GITOPS-16 @must
    Scenario: What came from no reference stays in the file and leaves no export
      When the administrator applies the document whose secret is "a-literal-secret-0123456789-0123456789-0"
      Then the file has "a-literal-secret" and not "${env:"
      And the export has 'secret_access_key: ""' and not "a-literal-secret"

    @GITOPS-14 @must
    Scenario: A reference in a field of another kind persists as its value
      When the administrator applies the document whose user is enabled "${env:ON}"
      Then the file has "enabled: false" and not "${env:ON}"
      And the export has "enabled: false" and not "${env:ON}"

    @GITOPS-17 @should
    Scenario: What an operator's shell filled in is exported as its reference
      When the administrator applies the document whose secret is "from-the-shell-0123456789-0123456789-012" from "${env:MY_SECRET}"
      Then the admin API answers 200
      And the export has "${env:MY_SECRET}" and not "from-the-shell"
      And the file has "from-the-shell" and not "${env:MY_SECRET}"
      And nobody else may read the file
      When it is killed and starts again
      Then the declared user may read "k" with "from-the-shell-0123456789-0123456789-012"

    @GITOPS-17 @should
    Scenario: A reference that a changed value no longer comes from is not exported
      When the administrator applies the document whose secret is "from-the-shell-0123456789-0123456789-012" from "${env:MY_SECRET}"
      And the administrator applies the document whose secret is "another-secret-0123456789-0123456789-012"
      Then the export has 'secret_access_key: ""' and not "${env:MY_SECRET}"

    @GITOPS-17 @should
    Scenario: A reference of a place that the document does not have is refused
      When the administrator applies it with the reference "${env:MY_SECRET}" at "access.iam_users[7].secret_access_key"
      Then the admin API answers 422
      And its message names "access.iam_users[7].secret_access_key"
