Feature: Listing by rules
  A listing shows what its reader may list or read, and no trace of the rest.

  Background:
    Given the objects
      """
      open/a open/b secret/x team/one/1 team/two/2 top.csv top.key zebra
      """

  Rule: Whoever may list the bucket gets it whole

    @USERS-66 @must
    Scenario Outline: A grant on "<resource>" lists everything in version <version>
      Given "ana" may "list" on "<resource>"
      When "ana" walks version <version> of the listing under "" by pages of 3
      Then exactly the keys "open/a open/b secret/x team/one/1 team/two/2 top.csv top.key zebra" and the prefixes "" were listed

      Examples:
        | resource   | version |
        | {bucket}   | 1       |
        | {bucket}   | 2       |
        | {bucket}/* | 2       |
        | *          | 2       |

  Rule: A prefix that a rule covers is listed

    @USERS-66 @must
    Scenario: The covered prefix
      Given "ana" may "list" on "{bucket}/team/*"
      When "ana" walks version 2 of the listing under "team/one/" by pages of 1
      Then exactly the keys "team/one/1" and the prefixes "" were listed

    @USERS-66 @ATTACK-32 @must
    Scenario Outline: The prefix "<prefix>" beside it shows nothing hidden
      Given "ana" may "list" on "{bucket}/team/*"
      When "ana" walks version 2 of the listing under "<prefix>" by pages of 2
      Then no page says "secret/x"
      And no page says "zebra"

      Examples:
        | prefix |
        |        |
        | t      |
        | secret/ |

  Rule: Whoever may read a part sees that part

    @USERS-67 @must
    Scenario Outline: Version <version> shows what may be read, by pages of <size>
      Given "ana" may "read" on "{bucket}/team/* {bucket}/top.csv"
      When "ana" walks version <version> of the listing under "" by pages of <size>
      Then exactly the keys "team/one/1 team/two/2 top.csv" and the prefixes "" were listed
      And no page says "secret"
      And no page says "open"
      And no page says "zebra"
      And no page says "top.key"

      Examples:
        | version | size |
        | 1       | 1    |
        | 1       | 2    |
        | 1       | 1000 |
        | 2       | 1    |
        | 2       | 2    |
        | 2       | 1000 |

    @USERS-67 @must
    Scenario Outline: Folders in version <version> show the way to what may be read
      Given "ana" may "read" on "{bucket}/team/two/* {bucket}/top.csv"
      When "ana" walks version <version> of the listing under "" by folders and pages of 1
      Then exactly the keys "top.csv" and the prefixes "team/" were listed
      And no page says "secret"
      And no page says "zebra"

      Examples:
        | version |
        | 1       |
        | 2       |

    @USERS-67 @must
    Scenario: Inside a folder only the granted one shows
      Given "ana" may "read" on "{bucket}/team/two/*"
      When "ana" walks version 2 of the listing under "team/" by folders and pages of 5
      Then exactly the keys "" and the prefixes "team/two/" were listed
      And no page says "one"

    @USERS-67 @must
    Scenario: A grant elsewhere lists nothing here
      Given "ana" may "read list" on "elsewhere elsewhere/*"
      When "ana" sends ListObjectsV2 for ""
      Then the request is denied with AccessDenied
      And the backend receives no request

    @USERS-67 @ATTACK-59 @must
    Scenario: A pattern that only looks as if it covered the prefix
      Given "ana" may "list" on "{bucket}/*.csv"
      When "ana" walks version 2 of the listing under "" by pages of 1
      Then exactly the keys "top.csv" and the prefixes "" were listed
      And no page says "top.key"

  Rule: A Deny hides names, and refuses what it covers

    @USERS-68 @ATTACK-59 @must
    Scenario Outline: Version <version> leaves out what a Deny covers
      Given "ana" may "list" on "{bucket}"
      And "ana" is denied "list" on "{bucket}/secret/*"
      When "ana" walks version <version> of the listing under "" by pages of 2
      Then exactly the keys "open/a open/b team/one/1 team/two/2 top.csv top.key zebra" and the prefixes "" were listed
      And no page says "secret"

      Examples:
        | version |
        | 1       |
        | 2       |

    @USERS-68 @ATTACK-64 @must
    Scenario: No token names the hidden folder
      Given "ana" may "list" on "{bucket}"
      And "ana" is denied "list" on "{bucket}/secret/*"
      When "ana" walks version 2 of the listing under "" by folders and pages of 1
      Then exactly the keys "top.csv top.key zebra" and the prefixes "open/ team/" were listed
      And no page says "secret"

    @USERS-68 @must
    Scenario Outline: A Deny that covers the prefix "<prefix>" refuses it
      Given "ana" may "list" on "{bucket} {bucket}/*"
      And "ana" is denied "list" on "{bucket}/secret/*"
      When "ana" sends ListObjectsV2 for "<prefix>"
      Then the request is denied with AccessDenied
      And the backend receives no request

      Examples:
        | prefix   |
        | secret/  |
        | secret/x |

    @USERS-68 @must
    Scenario Outline: <operation> cannot be thinned, so a partial Deny refuses it
      Given "ana" may "list" on "{bucket} {bucket}/*"
      And "ana" is denied "list" on "{bucket}/secret/*"
      When "ana" sends <operation> for ""
      Then the request is denied with AccessDenied
      And the backend receives no request

      Examples:
        | operation            |
        | ListObjectVersions   |
        | ListMultipartUploads |

  Rule: The list of buckets holds those in which something is allowed

    @USERS-69 @must
    Scenario: Others' buckets do not show
      Given the further bucket "mine"
      And the further bucket "other"
      And "ana" may "write" on "{bucket}-mine/inbox/*"
      When "ana" lists the buckets
      Then exactly the buckets "{bucket}-mine" were listed

    @USERS-69 @must
    Scenario: A user without rules sees none
      Given the user "ana"
      When "ana" lists the buckets
      Then the request succeeds
      And exactly the buckets "" were listed

    @USERS-69 @must
    Scenario: A rule for another address shows nothing
      Given "ana" has the rules
        """
        {"actions": ["*"], "resources": ["*"], "conditions": {"aws:SourceIp": "203.0.113.0/24"}}
        """
      When "ana" lists the buckets
      Then exactly the buckets "" were listed
