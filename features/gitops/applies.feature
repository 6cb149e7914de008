Feature: Applies beside each other, beside traffic, and beside a second proxy

  Rule: One apply at a time

    @GITOPS-21 @must
    Scenario: Of applies at once each one that is answered 200 was in service, the others change nothing
      Given a proxy of the scenario's own
      And the object "k" holding "content"
      When 8 different sections are applied at once
      Then each answer is 200 or 409 "revision_moved", and one at least is 200
      And the key in service is one of those that were answered 200

    @GITOPS-21 @must
    Scenario: Changes of different sections at once do not undo each other
      Given a proxy of the scenario's own
      When 12 times a change of the users and one of the log filter are applied at once
      Then each time the file has every change that was answered 200

  Rule: Sections are changed by merge-patches

    @GITOPS-28 @must
    Scenario: What is shown, edited and sent back keeps its secrets
      Given a proxy of the scenario's own
      And the object "k" holding "content"
      And the section of key "AKIAROUND001" is applied
      When the administrator sends the section back as it is shown, with "AKIAROUND001" become "AKIAROUND002"
      Then the admin API answers 200
      And "AKIAROUND002" may read "k"
      When it is stopped and starts again
      Then "AKIAROUND002" may read "k"

    @GITOPS-28 @must
    Scenario: Omitted keys stay, null deletes, and lists are replaced
      Given a proxy of the scenario's own
      And the object "k" holding "content"
      And the section of key "AKIAROUND001" is applied
      When the administrator sends PUT "/config/section/access"
        """
        {"iam_groups": [{"name": "testers"}, {"name": "builders", "permissions": [{"actions": ["read"], "resources": ["{bucket}/*"]}]}]}
        """
      Then the admin API answers 200
      And a warning reads "users\(\+0/~0/-0\) groups\(\+1/~0/-0\)"
      And "AKIAROUND001" may read "k"
      When the administrator sends PUT "/config/section/access"
        """
        {"iam_users": null}
        """
      Then the admin API answers 200
      And a warning reads "users\(\+0/~0/-1\) groups\(\+0/~0/-0\)"
      And "AKIAROUND001" is refused "k" with "InvalidAccessKeyId"

  Rule: Traffic does not notice

    @GITOPS-22 @must
    Scenario: What two documents both allow is served while applies switch between them
      Given a proxy of the scenario's own
      And the object "k" holding "content"
      When 30 applies switch between two documents while the user of both reads "k"
      Then every one of its reads was served

  Rule: A removal takes effect at once

    @GITOPS-23 @must
    Scenario: The last user's key is refused from the next request on
      Given a proxy of the scenario's own
      And the object "k" holding "content"
      And the section of key "AKIAROUND001" is applied
      And "AKIAROUND001" may read "k"
      When the administrator sends PUT "/config/section/access"
        """
        {"iam_users": []}
        """
      Then the admin API answers 200
      And "AKIAROUND001" is refused "k" with "InvalidAccessKeyId"

    @GITOPS-23 @must
    Scenario: The last group's rules are gone from the next request on
      Given a proxy of the scenario's own
      And the object "k" holding "content"
      And the section of key "AKIAROUND001" is applied
      And "AKIAROUND001" may read "k"
      When the section of key "AKIAROUND001" is sent without groups
      Then the admin API answers 200
      And "AKIAROUND001" is refused "k" with "AccessDenied"

  Rule: Every change leaves its trace

    @GITOPS-24 @must
    Scenario: An apply is in the audit, entity by entity, and so is the switch
      Given a proxy of the scenario's own
      And the section of key "AKIAROUND001" is applied
      Then the audit has "mode_change" of "declarative"
      And the audit has "iam_reconcile_user_create" of "ci"
      And the audit has "iam_reconcile_group_create" of "builders"
      When the section of key "AKIAROUND002" is sent
      Then the audit has "iam_reconcile_user_update" of "ci"
      When the administrator sends PUT "/config/section/access"
        """
        {"iam_users": [], "iam_groups": []}
        """
      Then the audit has "iam_reconcile_user_delete" of "ci"
      And the audit has "iam_reconcile_group_delete" of "builders"
      When the administrator sends PUT "/config/section/access"
        """
        {"iam_mode": "gui"}
        """
      Then the audit has "mode_change" of "gui"

  Rule: Replicas converge

    @GITOPS-25 @must
    Scenario: Two proxies of one document answer alike, whatever they held before
      Given a proxy of the scenario's own and a second one with a user of its own
      Then after each of 3 documents both export and decide alike
