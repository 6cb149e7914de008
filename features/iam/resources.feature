Feature: Resources
  A pattern names everything, a bucket, or keys of a bucket.

  Rule: A pattern matches what it spells and nothing else

    @USERS-55 @must
    Scenario Outline: "<pattern>" lets "<key>" be read
      Given the object "<key>" holding "content"
      And "ana" may "read" on "<pattern>"
      When "ana" sends GetObject for "<key>"
      Then the request succeeds

      Examples:
        | pattern               | key               |
        | *                     | releases/v1.0     |
        | {bucket}/*            | releases/v1.0     |
        | {bucket}/releases/*   | releases/v1.0     |
        | {bucket}/releases/*   | releases/a/b      |
        | {bucket}/releases/v2.* | releases/v2.1    |
        | {bucket}/*.csv        | a/b.csv           |
        | {bucket}/v?.txt       | v1.txt            |
        | {bucket}/[ab].txt     | [ab].txt          |

    @USERS-55 @must
    Scenario Outline: "<pattern>" does not let "<key>" be read
      Given the object "<key>" holding "content"
      And "ana" may "read" on "<pattern>"
      When "ana" sends GetObject for "<key>"
      Then the request is denied with AccessDenied
      And the backend receives no request

      Examples:
        | pattern                | key            |
        | {bucket}               | releases/v1.0  |
        | {bucket}-2/*           | releases/v1.0  |
        | {bucket}/releases/*    | release/v1.0   |
        | {bucket}/releases/v2.* | releases/v1.0  |
        | {bucket}/releases      | releases/v1.0  |
        | {bucket}/Releases/*    | releases/v1.0  |
        | {bucket}/v?.txt        | v10.txt        |
        | {bucket}/v?.txt        | v.txt          |
        | {bucket}/[ab].txt      | a.txt          |
        | {bucket}/eleases/*     | releases/v1.0  |

  Rule: A bucket and its objects are told apart

    @USERS-56 @must
    Scenario: A bucket's pattern allows what is done to the bucket
      Given "ana" may "admin" on "{bucket}"
      When "ana" sends GetBucketVersioning for "-"
      Then the rules allow it

    @USERS-56 @must
    Scenario: The pattern of its objects does not
      Given "ana" may "admin" on "{bucket}/*"
      When "ana" sends GetBucketVersioning for "-"
      Then the rules refuse it
      And the backend receives no request
