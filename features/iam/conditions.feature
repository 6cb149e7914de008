Feature: Conditions
  A rule may hold for some addresses, or for some prefixes of a listing.

  Background:
    Given the object "k" holding "content"

  Rule: An address inside the block satisfies the rule

    @USERS-59 @must
    Scenario Outline: An Allow with <condition> lets the suite's own address in
      Given "ana" has the rules
        """
        {"actions": ["read"], "resources": ["{bucket}/*"], "conditions": <condition>}
        """
      When "ana" sends GetObject for "k"
      Then the request succeeds

      Examples:
        | condition                                                       |
        | {"aws:SourceIp": "127.0.0.0/8"}                                 |
        | {"aws:SourceIp": ["203.0.113.0/24", "127.0.0.1"]}               |
        | {"IpAddress": {"aws:SourceIp": "127.0.0.1/32"}}                 |
        | {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}            |
        | {"NotIpAddress": {"aws:SourceIp": ["203.0.113.0/24", "::1"]}}   |
        | {"aws:SourceIp": "::ffff:127.0.0.0/104"}                        |

    @USERS-59 @must
    Scenario Outline: An Allow with <condition> keeps it out
      Given "ana" has the rules
        """
        {"actions": ["read"], "resources": ["{bucket}/*"], "conditions": <condition>}
        """
      When "ana" sends GetObject for "k"
      Then the request is denied with AccessDenied
      And the backend receives no request

      Examples:
        | condition                                                            |
        | {"aws:SourceIp": "203.0.113.0/24"}                                   |
        | {"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "10.0.0.0/8"]}}    |
        | {"NotIpAddress": {"aws:SourceIp": "127.0.0.0/8"}}                    |
        | {"NotIpAddress": {"aws:SourceIp": ["203.0.113.0/24", "127.0.0.1"]}}  |

    @USERS-59 @must
    Scenario Outline: A Deny with <condition> refuses the suite's own address
      Given "ana" may "read" on "{bucket}/*"
      And "ana" has the rules
        """
        {"effect": "Deny", "actions": ["read"], "resources": ["{bucket}/*"], "conditions": <condition>}
        """
      When "ana" sends GetObject for "k"
      Then the request is denied with AccessDenied
      And the backend receives no request

      Examples:
        | condition                                            |
        | {"aws:SourceIp": "127.0.0.0/8"}                      |
        | {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}} |
        | {"aws:SourceIp": "::ffff:127.0.0.0/104"}             |

    @USERS-59 @must
    Scenario: A Deny for other addresses leaves the suite's own alone
      Given "ana" may "read" on "{bucket}/*"
      And "ana" has the rules
        """
        {"effect": "Deny", "actions": ["read"], "resources": ["{bucket}/*"],
         "conditions": {"aws:SourceIp": "203.0.113.0/24"}}
        """
      When "ana" sends GetObject for "k"
      Then the request succeeds

  Rule: The prefix condition speaks of listings

    @USERS-60 @must
    Scenario Outline: With <condition> the prefix "<prefix>" is listed
      Given "ana" has the rules
        """
        {"actions": ["list"], "resources": ["{bucket}"], "conditions": <condition>}
        """
      When "ana" sends ListObjectsV2 for "<prefix>"
      Then the request succeeds

      Examples:
        | condition                                          | prefix   |
        | {"s3:prefix": "home/ana/*"}                        | home/ana/ |
        | {"s3:prefix": ["docs/*", "home/*"]}                | home/a   |
        | {"StringEquals": {"s3:prefix": ""}}                |          |
        | {"StringEquals": {"s3:prefix": ["", "docs/"]}}     | docs/    |
        | {"StringNotLike": {"s3:prefix": "secret/*"}}       | docs/    |
        | {"StringNotEquals": {"s3:prefix": "docs"}}         | docs/    |

    @USERS-60 @must
    Scenario Outline: With <condition> the prefix "<prefix>" is not
      Given "ana" has the rules
        """
        {"actions": ["list"], "resources": ["{bucket}"], "conditions": <condition>}
        """
      When "ana" sends ListObjectsV2 for "<prefix>"
      Then the request is denied with AccessDenied
      And the backend receives no request

      Examples:
        | condition                                          | prefix    |
        | {"s3:prefix": "home/ana/*"}                        |           |
        | {"s3:prefix": "home/ana/*"}                        | home/     |
        | {"s3:prefix": "home/ana/*"}                        | home/bea/ |
        | {"StringEquals": {"s3:prefix": "docs/*"}}          | docs/a    |
        | {"StringEquals": {"s3:prefix": ["", "docs/"]}}     | docs      |
        | {"StringNotLike": {"s3:prefix": ["a*", "docs/*"]}} | docs/     |
        | {"StringNotEquals": {"s3:prefix": "docs/"}}        | docs/     |

    @USERS-60 @must
    Scenario: A rule with a prefix condition lets nobody read
      Given "ana" has the rules
        """
        {"actions": ["*"], "resources": ["*"], "conditions": {"s3:prefix": "*"}}
        """
      When "ana" sends GetObject for "k"
      Then the request is denied with AccessDenied
      And the backend receives no request

  Rule: All conditions of a rule must hold

    @USERS-61 @must
    Scenario: Both hold
      Given "ana" has the rules
        """
        {"actions": ["list"], "resources": ["{bucket}"],
         "conditions": {"s3:prefix": "docs/*", "aws:SourceIp": "127.0.0.0/8"}}
        """
      When "ana" sends ListObjectsV2 for "docs/"
      Then the request succeeds

    @USERS-61 @must
    Scenario: One of two does not hold
      Given "ana" has the rules
        """
        {"actions": ["list"], "resources": ["{bucket}"],
         "conditions": {"s3:prefix": "docs/*", "aws:SourceIp": "203.0.113.0/24"}}
        """
      When "ana" sends ListObjectsV2 for "docs/"
      Then the request is denied with AccessDenied
      And the backend receives no request

  Rule: An address is the peer's, whatever a header claims

    @USERS-59 @ATTACK-34 @must
    Scenario: A forged X-Forwarded-For opens nothing
      Given "ana" has the rules
        """
        {"actions": ["read"], "resources": ["{bucket}/*"], "conditions": {"aws:SourceIp": "203.0.113.0/24"}}
        """
      And "ana" has a presigned URL of "k"
      When somebody who claims to be at "203.0.113.9" follows the presigned URL
      Then the request is denied with AccessDenied
      And the backend receives no request

    @USERS-59 @ATTACK-34 @must
    Scenario: Nor does it switch a Deny off
      Given "ana" may "read" on "{bucket}/*"
      And "ana" has the rules
        """
        {"effect": "Deny", "actions": ["read"], "resources": ["*"], "conditions": {"aws:SourceIp": "127.0.0.0/8"}}
        """
      And "ana" has a presigned URL of "k"
      When somebody who claims to be at "203.0.113.9" follows the presigned URL
      Then the request is denied with AccessDenied
      And the backend receives no request

    @USERS-59 @ATTACK-34 @must
    Scenario: The peer's own address still counts
      Given "ana" has the rules
        """
        {"actions": ["read"], "resources": ["{bucket}/*"], "conditions": {"aws:SourceIp": "127.0.0.0/8"}}
        """
      And "ana" has a presigned URL of "k"
      When somebody who claims to be at "203.0.113.9" follows the presigned URL
      Then the request succeeds
