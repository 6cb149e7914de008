Feature: Shapes and templates
  What the documents print, and the templates that come with the product.

  Background:
    Given the object "ror/libs/a.so" holding "library"

  Rule: Read-only for a prefix

    @USERS-62 @must
    Scenario Outline: The printed rule for a prefix <verdict> <operation> of "<key>"
      Given "ana" has the rules
        """
        {"effect": "Allow", "actions": ["read", "list"], "resources": ["{bucket}/ror/libs/*"]}
        """
      When "ana" sends <operation> for "<key>"
      Then the rules <verdict> it

      Examples:
        | operation     | key           | verdict |
        | GetObject     | ror/libs/a.so | allow   |
        | ListObjectsV2 | ror/libs/     | allow   |
        | GetObject     | ror/a.so      | refuse  |
        | PutObject     | ror/libs/b.so | refuse  |
        | DeleteObject  | ror/libs/a.so | refuse  |

  Rule: Full access to one bucket

    @USERS-62 @must
    Scenario Outline: The printed pair of rules <verdict> <operation>
      Given "ana" has the rules
        """
        [{"effect": "Allow", "actions": ["*"], "resources": ["{bucket}"]},
         {"effect": "Allow", "actions": ["*"], "resources": ["{bucket}/*"]}]
        """
      When "ana" sends <operation> for "ror/libs/a.so"
      Then the rules <verdict> it

      Examples:
        | operation           | verdict |
        | GetObject           | allow   |
        | PutObject           | allow   |
        | DeleteObject        | allow   |
        | ListObjectsV2       | allow   |
        | GetBucketVersioning | allow   |
        | CreateBucket        | refuse  |

  Rule: Everything

    @USERS-62 @must
    Scenario: The printed rule for administrators allows everything
      Given "ana" has the rules
        """
        {"effect": "Allow", "actions": ["*"], "resources": ["*"]}
        """
      When "ana" sends CreateBucket for "new"
      Then the rules allow it

    @USERS-63 @must
    Scenario: The built-in group carries it
      Given "ana" belongs to the built-in group "Administrators"
      When "ana" sends CreateBucket for "new"
      Then the rules allow it

    @USERS-62 @must
    Scenario: An absent effect is Allow
      Given "ana" has the rules
        """
        {"actions": ["read"], "resources": ["{bucket}/*"]}
        """
      When "ana" sends GetObject for "ror/libs/a.so"
      Then the request succeeds

  Rule: The rules as they are printed, on the buckets that they name

    @USERS-62 @must
    Scenario Outline: The example of step 3: <operation> of "<key>" is <outcome>
      Given "ana" has the rules
        """
        {
          "effect": "Allow",
          "actions": ["read", "list"],
          "resources": ["my-bucket/public/*"],
          "conditions": { "aws:SourceIp": "203.0.113.0/24" }
        }
        """
      Then a simulation of <operation> for "<key>" in the bucket "my-bucket" by "ana" says "<outcome>"

      Examples:
        | operation     | key       | outcome |
        | GetObject     | public/a  | Allowed |
        | ListObjectsV2 | public/   | Allowed |
        | GetObject     | private/a | Denied  |
        | PutObject     | public/a  | Denied  |

    @USERS-62 @must
    Scenario Outline: Read-only for a prefix: <operation> of "<key>" in <bucket> is <outcome>
      Given "ana" has the rules
        """
        {
          "effect": "Allow",
          "actions": ["read", "list"],
          "resources": ["builds/ror/libs/*"]
        }
        """
      Then a simulation of <operation> for "<key>" in the bucket "<bucket>" by "ana" says "<outcome>"

      Examples:
        | operation     | key        | bucket   | outcome |
        | GetObject     | ror/libs/a | builds   | Allowed |
        | ListObjectsV2 | ror/libs/  | builds   | Allowed |
        | GetObject     | ror/a      | builds   | Denied  |
        | GetObject     | ror/libs/a | builds-2 | Denied  |
        | DeleteObject  | ror/libs/a | builds   | Denied  |

    @USERS-62 @must
    Scenario Outline: CI user: <operation> in <bucket> is <outcome>
      Given "ana" has the rules
        """
        [
          { "effect": "Allow", "actions": ["*"], "resources": ["ci-artifacts"] },
          { "effect": "Allow", "actions": ["*"], "resources": ["ci-artifacts/*"] }
        ]
        """
      Then a simulation of <operation> for "<key>" in the bucket "<bucket>" by "ana" says "<outcome>"

      Examples:
        | operation     | key | bucket         | outcome |
        | CreateBucket  |     | ci-artifacts   | Allowed |
        | ListObjectsV2 |     | ci-artifacts   | Allowed |
        | PutObject     | a/b | ci-artifacts   | Allowed |
        | DeleteObject  | a/b | ci-artifacts   | Allowed |
        | GetObject     | a/b | ci-artifacts-2 | Denied  |
        | CreateBucket  |     | other          | Denied  |

  Rule: Templates grant what their description says

    @USERS-64 @must
    Scenario Outline: <template> <verdict>s <operation>
      Given "ana" has the template "<template>"
      When "ana" sends <operation> for "ror/libs/a.so"
      Then the rules <verdict> it

      Examples:
        | template     | operation           | verdict |
        | Read-only    | GetObject           | allow   |
        | Read-only    | ListObjectsV2       | allow   |
        | Read-only    | PutObject           | refuse  |
        | Read-only    | DeleteObject        | refuse  |
        | Developer    | GetObject           | allow   |
        | Developer    | PutObject           | allow   |
        | Developer    | ListObjectsV2       | allow   |
        | Developer    | DeleteObject        | refuse  |
        | Developer    | GetBucketVersioning | refuse  |
        | Admin        | DeleteObject        | allow   |
        | Admin        | CreateBucket        | allow   |
        | Bucket owner | DeleteObject        | allow   |
        | Bucket owner | GetBucketVersioning | allow   |
        | Bucket owner | CreateBucket        | refuse  |

  Rule: Identity variables stand for the caller, as letters

    @USERS-65 @must
    Scenario: A home is the caller's own
      Given the object "home/ana-{scenario}/a" holding "mine"
      And "ana" may "read" on "{bucket}/home/${iam:username}/*"
      When "ana" sends GetObject for "home/ana-{scenario}/a"
      Then the request succeeds

    @USERS-65 @must
    Scenario: Another's home is not
      Given the object "home/bea-{scenario}/a" holding "hers"
      And "ana" may "read" on "{bucket}/home/${iam:username}/*"
      When "ana" sends GetObject for "home/bea-{scenario}/a"
      Then the request is denied with AccessDenied
      And the backend receives no request
