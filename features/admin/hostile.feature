Feature: Hostile calls
  What no well-meaning client sends is refused in the same words as every mistake, and changes
  nothing.

  Background:
    Given the user "ana"

  Rule: A refusal is JSON with a code and a message, whoever notices the mistake

    @USERS-205 @must
    Scenario Outline: <method> <path> is refused with <status>
      When the administrator sends <method> "<path>"
        """
        <body>
        """
      Then the admin API answers <status>
      And the refusal has the API's form

      Examples:
        | method | path                                  | body | status |
        | GET    | /users/99999999999999999999           |      | 400    |
        | GET    | /users/-1                             |      | 404    |
        | GET    | /users/9223372036854775807            |      | 404    |
        | GET    | /users/ana                            |      | 400    |
        | DELETE | /users/{ana}/keys/%0D%0AX-Forged:1    |      | 404    |
        | GET    | /audit?limit=-1                       |      | 400    |
        | GET    | /audit?limit=1&limit=2                |      | 400    |
        | GET    | /audit?usr=ana                        |      | 400    |
        | GET    | /explain?request_id=%0D%0AX-Forged:1  |      | 404    |
        | PATCH  | /users                                | {}   | 405    |
        | GET    | /nothing                              |      | 404    |
        | POST   | /users                                | {    | 400    |
        | POST   | /users                                | []   | 400    |
        | POST   | /users                                | null | 400    |
        | POST   | /groups/1/members                     | {"user_id": 99999999999999999999} | 400 |

    @USERS-205 @must
    Scenario: A body without end is not read
      When the administrator sends POST "/users" with 4000000 bytes
      Then the admin API answers 413
      And the refusal has the API's form

    @USERS-205 @must
    Scenario: A body of some size is read, and refused for what it says
      When the administrator sends POST "/users" with 500000 bytes
      Then the admin API answers 400
      And its message names "name"

  Rule: A field is given once

    @USERS-206 @should
    Scenario Outline: <body> is ambiguous
      When the administrator sends POST "/users"
        """
        <body>
        """
      Then the admin API answers 400
      And its message names "<place>"

      Examples:
        | body                                              | place |
        | {"name": "u-{scenario}", "name": "v-{scenario}"}  | name  |
        | {"name": "u-{scenario}", "permissions": [{"actions": ["read"], "resources": ["*"], "conditions": {"aws:SourceIp": "10.0.0.0/8", "aws:SourceIp": "0.0.0.0/0"}}]} | permissions[0].conditions |
        | {"name": "u-{scenario}", "permissions": [{"actions": ["read"], "resources": ["*"], "conditions": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8", "aws:SourceIp": "0.0.0.0/0"}}}]} | conditions.IpAddress |

    @USERS-206 @should
    Scenario: Fields of one name in two places are not
      When the administrator sends POST "/users"
        """
        {"name": "u-{scenario}", "permissions": [
          {"actions": ["read"], "resources": ["*"], "conditions": {"aws:SourceIp": "10.0.0.0/8"}},
          {"actions": ["list"], "resources": ["*"], "conditions": {"aws:SourceIp": "10.0.0.0/8"}}]}
        """
      Then the admin API answers 201

  Rule: No user passes for another caller of the audit

    @USERS-207 @may
    Scenario Outline: No user is named <name>
      When the administrator sends <method> "<path>"
        """
        {"name": "<name>"}
        """
      Then the admin API answers 400
      And its message names "name"

      Examples:
        | method | path         | name      |
        | POST   | /users       | bootstrap |
        | POST   | /users       | anonymous |
        | PUT    | /users/{ana} | bootstrap |

    @USERS-207 @may
    Scenario: A name that is like it is no other's
      When the administrator sends POST "/users"
        """
        {"name": "bootstrap-{scenario}"}
        """
      Then the admin API answers 201

  Rule: Calls at once leave what calls in turn would

    @USERS-74 @must
    Scenario: Of many rotations at once one is made
      When the keys of "ana" are rotated 8 times at once
      Then one of them is done and every other is 409
      And "ana" has 2 keys

    @USERS-208 @must
    Scenario: Of two keys that are removed at once one stays
      Given the keys of "ana" are rotated
      When both keys of "ana" are removed at once
      Then one of them is done and every other is 409
      And "ana" has 1 key

  Rule: A login makes a session of its own

    @USERS-78 @must
    Scenario: A cookie that somebody chose becomes no session
      When an administrator logs in with the cookie "dgp_session=chosen-by-somebody-else"
      Then the admin API answers 200
      And its cookie opens a session and the one brought along opens none

    @USERS-78 @must
    Scenario: A login ends the session that it comes from
      Given a session of the administrator
      When an administrator logs in from within it
      Then its cookie opens a session and the one brought along opens none

  Rule: No other site's page calls in the administrator's name

    @USERS-79 @ATTACK-46 @must
    Scenario Outline: <method> <path> with <header> is refused
      Given a session of the administrator
      When a page makes its browser send <method> "<path>" with "<header>"
        """
        {"name": "forged-{scenario}"}
        """
      Then the admin API answers 403
      And the refusal has the API's form
      And the session still works

      Examples:
        | method | path          | header                      |
        | POST   | /logout       | Origin: http://evil.example |
        | POST   | /logout       | Sec-Fetch-Site: cross-site  |
        | POST   | /logout       | Sec-Fetch-Site: same-site   |
        | POST   | /login        | Origin: http://evil.example |
        | PUT    | /users/{ana}  | Sec-Fetch-Site: cross-site  |
        | DELETE | /users/{ana}  | Origin: null                |
        | POST   | /users/{ana}/rotate-keys | Origin: {itself}.evil.example |

    @USERS-79 @ATTACK-46 @must
    Scenario Outline: The UI's own page, with <header>, is served
      Given a session of the administrator
      When a page makes its browser send PUT "/users/{ana}" with "<header>"
        """
        {"enabled": false}
        """
      Then the admin API answers 200

      Examples:
        | header                      |
        | Origin: {itself}            |
        | Sec-Fetch-Site: same-origin |
