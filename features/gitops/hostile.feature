Feature: Hostile documents
  A document is text from somebody's repository: what it costs is bounded, what is wrong is named.

  @GITOPS-26 @must
  Scenario Outline: <hostility> is refused at its line
    When the administrator previews the text
      """
      <text>
      """
    Then the admin API answers 200
    And the preview is refused at line <line> with "<said>"

    Examples:
      | hostility                 | line | said           | text                                               |
      | an anchor                 | 1    | anchors        | access: &a {}                                      |
      | an alias                  | 1    | anchor         | access: *a                                         |
      | a tag                     | 1    | tags           | access: !!python/object {}                         |
      | a key that stands twice   | 2    | stands twice   | access: {}{newline}access: {}                      |
      | a tab as indent           | 2    | YAML           | access:{newline}	iam_mode: gui                      |
      | a second document         | 2    | one document   | access: {}{newline}---{newline}access: {}          |
      | an unknown section        | 1    | not known      | acces: {}                                          |
      | an unknown key            | 2    | not known      | access:{newline}  iam_user: []                     |
      | a list for a map          | 1    | a list         | access: []                                         |
      | a map for a value         | 2    | a map          | access:{newline}  iam_mode: {}                     |
      | one name for two users    | 1    | stands twice   | access: {iam_users: [{name: a, access_key_id: AKIA1}, {name: a, access_key_id: AKIA2}]} |
      | an unfinished reference   | 2    | does not begin | access:{newline}  access_key_id: "${env:X"         |

  @GITOPS-26 @must
  Scenario: The same sections, well written, are previewed
    When the administrator previews the text
      """
      access: {iam_mode: gui}
      """
    Then the admin API answers 200
    And the preview is not refused

  @GITOPS-26 @must
  Scenario Outline: <hostility> is refused, and the proxy goes on
    Given a proxy of the scenario's own
    When the administrator previews <hostility>
    Then the admin API answers <status>
    And the preview is refused or the call is
    And the proxy has kept below 512 MiB

    Examples:
      | hostility                        | status |
      | a billion laughs                 | 200    |
      | 100000 nested lists              | 200    |
      | a map of 300000 keys             | 200    |
      | a list of 2000000 items          | 200    |
      | 70000000 bytes                   | 413    |
      | bytes that are no UTF-8          | 400    |

  @GITOPS-26 @must
  Scenario: All that is wrong is told at once
    When the administrator previews the text
      """
      access:
        iam_mode: perhaps
        iam_users:
          - {name: a, access_key_id: x, secret_access_key: short}
          - {name: a, access_key_id: AKIAUSER0002, groups: [nobody]}
        iam_groups:
          - {name: "$g", permissions: [{actions: [fly], resources: []}]}
          - {name: g, description: "${env:SUITE_NOT_SET}"}
      storage:
        s4: x
        s5: x
      """
    Then the preview is refused at line 2 with "access.iam_mode"
    And the preview is refused at line 4 with "access.iam_users[0].access_key_id"
    And the preview is refused at line 4 with "access.iam_users[0].secret_access_key"
    And the preview is refused at line 5 with "access.iam_users[1].name"
    And the preview is refused at line 5 with "access.iam_users[1].groups[0]"
    And the preview is refused at line 7 with "access.iam_groups[0].name"
    And the preview is refused at line 7 with "access.iam_groups[0].permissions[0].actions"
    And the preview is refused at line 8 with "SUITE_NOT_SET"
    And the preview is refused at line 10 with "storage.s4"
    And the preview is refused at line 11 with "storage.s5"

  @GITOPS-27 @should
  Scenario: A document of 10000 users is taken
    Given a proxy of the scenario's own
    When a document of 10000 users is applied
    Then the admin API answers 200
    And a warning reads "users\(\+10000/~0/-0\)"
