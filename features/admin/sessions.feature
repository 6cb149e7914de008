Feature: Sessions of the admin API
  Nobody administrates without a session, and no other site does in an administrator's name.

  @USERS-78 @must
  Scenario: A login sets a cookie that scripts and other sites do not get
    When an administrator logs in
    Then the admin API answers 200
    And its cookie is "dgp_session= HttpOnly SameSite=Strict"

  @USERS-78 @must
  Scenario Outline: A stranger gets nothing from <path>
    When a stranger sends GET "<path>" to the admin API
    Then the admin API answers 401

    Examples:
      | path            |
      | /users          |
      | /groups         |
      | /policies       |
      | /audit          |
      | /explain?request_id=1 |

  @USERS-78 @must
  Scenario: Logging out ends the session
    When an administrator logs in, logs out and asks for the users
    Then the admin API answers 401

  @USERS-79 @ATTACK-46 @must
  Scenario Outline: A page of <origin> cannot make a user
    When a page of "<origin>" makes the administrator's browser send POST "/users"
      """
      {"name": "forged-{scenario}"}
      """
    Then the admin API answers <status>

    Examples:
      | origin              | status |
      | http://evil.example | 403    |
      | null                | 403    |
      | {itself}            | 201    |

  @USERS-80 @must
  Scenario: The API describes itself
    When a stranger sends GET "/openapi.json" to the admin API
    Then the admin API answers 200

  @USERS-85 @must
  Scenario Outline: After <failures> failures the right password gets <status>
    Given a proxy of the scenario's own
    When its login fails <failures> times and then the right password comes
    Then the admin API answers <status>

    Examples:
      | failures | status |
      | 4        | 200    |
      | 5        | 429    |

  @USERS-85 @must
  Scenario: Whoever is throttled learns how long
    Given a proxy of the scenario's own
    When its login fails 5 times and then the right password comes
    Then it says to come back within 60 seconds
