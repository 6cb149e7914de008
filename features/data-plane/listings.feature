Feature: Listings
  Both versions of the listing name every key once, in order.

  Background:
    Given the objects "a.txt, docs/b.txt, docs/c.txt, docs/old/d.txt, e.txt"

  @USERS-4 @must
  Scenario Outline: A listing with <version> names every key in order
    When the client lists with <version>
    Then the keys are "a.txt, docs/b.txt, docs/c.txt, docs/old/d.txt, e.txt"

    Examples:
      | version   |
      | version 1 |
      | version 2 |

  @USERS-4 @must
  Scenario Outline: A prefix narrows a listing with <version>
    When the client lists the prefix "docs/" with <version>
    Then the keys are "docs/b.txt, docs/c.txt, docs/old/d.txt"

    Examples:
      | version   |
      | version 1 |
      | version 2 |

  @USERS-4 @must
  Scenario Outline: A prefix that nothing has gives an empty listing with <version>
    When the client lists the prefix "docs/x" with <version>
    Then the request succeeds
    And the keys are ""

    Examples:
      | version   |
      | version 1 |
      | version 2 |

  @USERS-4 @must
  Scenario Outline: A delimiter folds a listing with <version> into folders
    When the client lists the folder "docs/" with <version>
    Then the keys are "docs/b.txt, docs/c.txt"
    And the folders are "docs/old/"

    Examples:
      | version   |
      | version 1 |
      | version 2 |

  @USERS-4 @must
  Scenario Outline: Pages with <version> visit every key once
    When the client lists all in pages of 2 with <version>
    Then the keys are "a.txt, docs/b.txt, docs/c.txt, docs/old/d.txt, e.txt"
    And it took 3 pages

    Examples:
      | version   |
      | version 1 |
      | version 2 |

  @USERS-4 @must
  Scenario Outline: Pages with <version> visit every folder once
    When the client lists the folder "" in pages of 1 with <version>
    Then the keys are "a.txt, e.txt"
    And the folders are "docs/"
    And it took 3 pages

    Examples:
      | version   |
      | version 1 |
      | version 2 |

  @USERS-4 @must
  Scenario: A listing can start after a key
    When the client lists what comes after "docs/c.txt"
    Then the keys are "docs/old/d.txt, e.txt"

  @USERS-4 @must
  Scenario: Keys that need encoding are listed as they are
    Given the objects "odd/ä ö+ü.txt, odd/x&y=<z>.txt"
    When the client lists the prefix "odd/" with version 2
    Then the keys are "odd/x&y=<z>.txt, odd/ä ö+ü.txt"
