Feature: The file on disk
  Database, running rules and file say the same, whoever changed which.

  Background:
    Given a proxy of the scenario's own
    And the object "k" holding "content"

  Rule: What is applied is in the file

    @GITOPS-18 @must
    Scenario: An apply persists
      Given the document of "ci" with key "AKIACI00001" is applied
      Then the file has "name: ci" and not "iam_mode: gui"

    @GITOPS-19 @should
    Scenario: A change keeps the comments around it
      Given the file has a comment at the bootstrap pair
      When the administrator sends PUT "/config/section/advanced"
        """
        {"log_level": "debug"}
        """
      Then the admin API answers 200
      And the file has "# by review" and not "log_level: info"

    @GITOPS-18 @must
    Scenario: A file that may not be written refuses an apply, and nothing changes
      Given the section of key "AKIAROUND001" is applied
      And the file is read-only
      When the section of key "AKIAROUND002" is sent
      Then the admin API answers 500
      And its error is "not_persisted"
      And "AKIAROUND001" may read "k"
      And the audit has no "iam_reconcile_user_update" of "ci"
      And the file has "AKIAROUND001" and not "AKIAROUND002"
      When it is killed and starts again
      Then "AKIAROUND001" may read "k"

    @GITOPS-18 @must
    Scenario: The same file, writable again, takes it
      Given the section of key "AKIAROUND001" is applied
      And the file is read-only
      And the file is writable
      When the section of key "AKIAROUND002" is sent
      Then the admin API answers 200
      And "AKIAROUND002" may read "k"

    @GITOPS-3 @must
    Scenario: A secret that was rotated since does not come back from the file
      Given the section of key "AKIAROUND001" is applied
      When the administrator sends PUT "/config/section/access"
        """
        {"iam_mode": "gui"}
        """
      And the administrator sends POST "/users/1/rotate-keys"
        """
        {}
        """
      And the administrator sends DELETE "/users/1/keys/AKIAROUND001"
        """
        {}
        """
      And the administrator applies what the declarative export says
      Then the admin API answers 200
      And a warning reads "no changes"

    @GITOPS-15 @must
    Scenario: A change leaves the references of a user whose name is one
      Given the section of key "AKIAROUND001" is applied
      When the file's "name: ci" becomes "name: ${env:NOT_SET:-ci}" and it is told to reload
      And the administrator sends PUT "/config/section/advanced"
        """
        {"log_level": "debug"}
        """
      Then the admin API answers 200
      And the file has "name: ${env:NOT_SET:-ci}" and not "name: ci"
      And "AKIAROUND001" may read "k"

  Rule: The file is read at the start and when asked

    @GITOPS-20 @must
    Scenario: A reload takes the edited file over
      Given the section of key "AKIAROUND001" is applied
      When the file's "AKIAROUND001" becomes "AKIAROUND002" and it is told to reload
      Then "AKIAROUND002" may read "k"
      And the file has "AKIAROUND002" and not "AKIAROUND001"

    @GITOPS-20 @must
    Scenario Outline: A reload of a file with <fault> changes nothing and says the line
      Given the section of key "AKIAROUND001" is applied
      When the file's "<before>" becomes "<after>" and it is told to reload
      Then the log names "<said>"
      And "AKIAROUND001" may read "k"

      Examples:
        | fault              | before       | after          | said                 |
        | a bad key          | AKIAROUND001 | x              | access_key_id        |
        | no such group      | - builders   | - nobody       | there is no group    |
        | broken YAML        | iam_users:   | iam_users: [   | line=                |
        | an unset reference | AKIAROUND001 | ${env:NOT_SET} | NOT_SET              |

    @GITOPS-20 @must
    Scenario: An edited file that was not reloaded is not built upon
      Given the section of key "AKIAROUND001" is applied
      And the file's "AKIAROUND001" has become "AKIAROUND002"
      When the section of key "AKIAROUND003" is sent
      Then the admin API answers 409
      And its error is "file_changed"
      And "AKIAROUND001" may read "k"

    @GITOPS-20 @must
    Scenario: A start takes the edited file over
      Given the section of key "AKIAROUND001" is applied
      And the file's "AKIAROUND001" has become "AKIAROUND002"
      When it is stopped and starts again
      Then "AKIAROUND002" may read "k"

  Rule: The gate stands before every road

    @GITOPS-5 @must
    Scenario: A start refuses a switch that would wipe
      Given the user "ana"
      And the file switches to declarative mode without users
      When it is stopped
      Then it does not start again, and says "would remove 1 users"
      When the file's "iam_mode: declarative" becomes "iam_mode: gui"
      And it starts again
      Then the user "ana" is still there

    @GITOPS-5 @must
    Scenario: A reload refuses a switch that would wipe
      Given the user "ana"
      And the file switches to declarative mode without users
      When it is told to reload
      Then the log names "would remove 1 users"
      And the user "ana" is still there

    @GITOPS-5 @must
    Scenario: A whole document refuses a switch that would wipe
      Given the user "ana"
      When the administrator sends POST "/config/apply"
        """
        {"yaml": "access: {iam_mode: declarative}"}
        """
      Then the admin API answers 422
      And its error is "would_wipe"
      And the user "ana" is still there
