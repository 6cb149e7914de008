Feature: The admin password
  A password that is changed ends what the old one opened, and outlives the process.

  Background:
    Given a proxy of the scenario's own that made its admin password itself
    And two sessions of the administrator

  @USERS-202 @may
  Scenario: A change ends every session
    When one of them changes the password
    Then the admin API answers 200
    And neither session works
    And the new password opens a session
    And the old password opens none

  @USERS-202 @may
  Scenario: Who does not know the password changes nothing
    When one of them changes the password without knowing it
    Then the admin API answers 401
    And both sessions work
    And the old password opens a session
    And the new password opens none

  @USERS-202 @may
  Scenario: A new password that is too short changes nothing
    When one of them changes the password to "11-letters."
    Then the admin API answers 400
    And its message names "new"
    And both sessions work
    And the old password opens a session

  @USERS-202 @may
  Scenario Outline: The new password holds after the proxy was <ended>
    When one of them changes the password
    And it is <ended> and starts again
    Then the new password opens a session
    And the old password opens none

    Examples:
      | ended   |
      | stopped |
      | killed  |
