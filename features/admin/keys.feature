Feature: Users and their keys
  Changes hold for the next request; a rotation needs no downtime.

  Background:
    Given the object "k" holding "content"
    And "ana" may "read" on "{bucket}/*"

  Rule: Rotation keeps both keys until one is removed

    @USERS-73 @must
    Scenario Outline: After a rotation key <index> works
      Given the keys of "ana" are rotated
      When "ana" reads "k" with key <index>
      Then the request succeeds

      Examples:
        | index |
        | 0     |
        | 1     |

    @USERS-73 @must
    Scenario: A removed key is unknown at once
      Given the keys of "ana" are rotated
      And the first key of "ana" is removed
      When "ana" reads "k" with key 0
      Then the request is denied with InvalidAccessKeyId
      And the backend receives no request

    @USERS-73 @must
    Scenario: The other one goes on working
      Given the keys of "ana" are rotated
      And the first key of "ana" is removed
      When "ana" reads "k" with key 1
      Then the request succeeds

    @USERS-74 @must
    Scenario: A third key is refused
      Given the keys of "ana" are rotated
      When the administrator sends POST "/users/{ana}/rotate-keys"
      Then the admin API answers 409

    @USERS-74 @must
    Scenario: The last key cannot be removed
      When the administrator sends DELETE "/users/{ana}/keys/{key:ana}"
      Then the admin API answers 409

  Rule: A disabled user may do nothing

    @USERS-75 @must
    Scenario: Disabling holds for the next request
      Given "ana" is disabled
      When "ana" sends GetObject for "k"
      Then the request is refused
      And the backend receives no request

    @USERS-75 @must
    Scenario: So does deleting
      Given the user "ana" is deleted
      When "ana" sends GetObject for "k"
      Then the request is denied with InvalidAccessKeyId
      And the backend receives no request

  Rule: The secret is shown once

    @USERS-76 @must
    Scenario: No later answer holds it
      Then the secret of "ana" is in no answer of the admin API

    @USERS-76 @ATTACK-52 @must
    Scenario: No file of the proxy holds it
      Given a proxy of the scenario's own
      And the keys of "bea" are rotated
      And "bea" may "read" on "{bucket}/*"
      When "bea" sends GetObject for "k"
      Then the secret of "bea" is in no file of the subject

  Rule: Bad input is refused by name

    @USERS-77 @must
    Scenario Outline: A user with <body> is refused
      When the administrator sends POST "/users"
        """
        <body>
        """
      Then the admin API answers <status>
      And its message names "<place>"

      Examples:
        | body                                                                               | status | place                    |
        | {"name": ""}                                                                       | 400    | name                     |
        | {"name": "$ana"}                                                                   | 400    | name                     |
        | {"name": "u-{scenario}", "nmae": 1}                                                | 400    | nmae                     |
        | {"name": "u-{scenario}", "access_key_id": "ab"}                                    | 400    | access_key_id            |
        | {"name": "u-{scenario}", "secret_access_key": "short"}                             | 400    | secret_access_key        |
        | {"name": "u-{scenario}", "permissions": [{"actions": ["fly"], "resources": ["*"]}]} | 400   | permissions[0].actions[0] |
        | {"name": "u-{scenario}", "permissions": [{"actions": ["read"]}]}                   | 400    | permissions[0].resources |
        | {"name": "u-{scenario}", "permissions": [{"effect": "allow", "actions": ["read"], "resources": ["*"]}]} | 400 | permissions[0].effect |
        | {"name": "u-{scenario}", "permissions": [{"actions": ["read"], "resources": ["*"], "conditions": {"aws:UserAgent": "x"}}]} | 400 | conditions |
        | {"name": "u-{scenario}", "permissions": [{"actions": ["read"], "resources": ["a/${other}"]}]} | 400 | permissions[0].resources[0] |
        | {"name": "u-{scenario}", "groups": ["nobody-{scenario}"]}                          | 400    | groups[0]                |
        | {"name": "u-{scenario}", "access_key_id": "conformance-bootstrap"}                 | 400    | access_key_id            |

    @USERS-77 @must
    Scenario: A user whose fields are right is made
      When the administrator sends POST "/users"
        """
        {"name": "u-{scenario}", "access_key_id": "own.key_{scenario}",
         "secret_access_key": "0123456789012345678901234567890123456789"}
        """
      Then the admin API answers 201

    @USERS-77 @must
    Scenario: A name is taken once
      When the administrator sends POST "/users"
        """
        {"name": "ana-{scenario}"}
        """
      Then the admin API answers 409

  Rule: The built-in group stays

    @USERS-63 @must
    Scenario Outline: <method> with <body> leaves the built-in group alone
      When the administrator sends <method> "/groups/1"
        """
        <body>
        """
      Then the admin API answers 409

      Examples:
        | method | body                |
        | DELETE |                     |
        | PUT    | {"name": "Renamed"} |
        | PUT    | {"permissions": []} |
