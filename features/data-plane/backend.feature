Feature: Failures of the backend
  What breaks behind the proxy is the proxy's failure, never the client's, and never looks
  like a success.

  @USERS-11 @must
  Scenario Outline: A store that <state> serves its object
    Given a proxy whose store <state>
    When a client reads an object through it
    Then the whole object arrives

    Examples:
      | state   |
      | works   |
      | is slow |

  @USERS-11 @must
  Scenario Outline: A read from a store that <state> fails as the proxy's failure
    Given a proxy whose store <state>
    When a client reads an object through it
    Then the failure is the proxy's own

    Examples:
      | state                           |
      | is down                         |
      | hangs up at once                |
      | answers garbage                 |
      | refuses the proxy's credentials |
      | redirects                       |
      | finds the proxy's clock skewed  |

  @USERS-11 @must
  Scenario: An object that the store cuts short is not passed off as whole
    Given a proxy whose store hangs up in the middle of an object
    When a client reads an object through it
    Then no shortened answer passes for a whole one

  @USERS-11 @must
  Scenario: A write to a store that works is served
    Given a proxy whose store works
    When a client stores an object through it
    Then the request succeeds

  @USERS-11 @must
  Scenario Outline: A write to a store that <state> fails as the proxy's failure
    Given a proxy whose store <state>
    When a client stores an object through it
    Then the failure is the proxy's own

    Examples:
      | state                           |
      | is down                         |
      | hangs up at once                |
      | refuses the proxy's credentials |
      | redirects                       |
