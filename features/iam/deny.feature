Feature: Deny
  A Deny wins, wherever it stands and however the request is signed.

  Background:
    Given the object "reports/june.csv" holding "figures"
    And the object "reports/payroll/june.csv" holding "salaries"

  Rule: A direct Deny beats every Allow

    @USERS-57 @must
    Scenario Outline: A direct Deny beats an Allow that is <how>
      Given <allow>
      And "ana" belongs to "staff"
      And "ana" is denied "read" on "{bucket}/reports/payroll/*"
      When "ana" sends GetObject for "reports/payroll/june.csv"
      Then the request is denied with AccessDenied
      And the backend receives no request

      Examples:
        | how       | allow                                         |
        | direct    | "ana" may "read" on "{bucket}/*"              |
        | total     | "ana" may "*" on "*"                          |
        | exact     | "ana" may "read" on "{bucket}/reports/payroll/june.csv" |
        | inherited | the group "staff" may "read" on "{bucket}/*"  |

    @USERS-57 @must
    Scenario Outline: Beside the Deny the Allow that is <how> holds
      Given <allow>
      And "ana" belongs to "staff"
      And "ana" is denied "read" on "{bucket}/reports/payroll/*"
      When "ana" sends GetObject for "reports/june.csv"
      Then the request succeeds

      Examples:
        | how       | allow                                         |
        | direct    | "ana" may "read" on "{bucket}/*"              |
        | total     | "ana" may "*" on "*"                          |
        | inherited | the group "staff" may "read" on "{bucket}/*"  |

  Rule: An inherited Deny beats every Allow

    @USERS-57 @must
    Scenario Outline: An inherited Deny beats an Allow that is <how>
      Given <allow>
      And the group "interns" is denied "read" on "{bucket}/reports/payroll/*"
      And "ana" belongs to "staff"
      And "ana" belongs to "interns"
      When "ana" sends GetObject for "reports/payroll/june.csv"
      Then the request is denied with AccessDenied
      And the backend receives no request

      Examples:
        | how       | allow                                         |
        | direct    | "ana" may "read" on "{bucket}/*"              |
        | inherited | the group "staff" may "read" on "{bucket}/*"  |

    @USERS-57 @must
    Scenario: The Deny of a group that a user is not in does nothing
      Given the group "interns" is denied "read" on "{bucket}/reports/payroll/*"
      And "ana" may "read" on "{bucket}/*"
      When "ana" sends GetObject for "reports/payroll/june.csv"
      Then the request succeeds

    @USERS-57 @must
    Scenario: Not even an administrator reads past a Deny
      Given "ana" belongs to the built-in group "Administrators"
      And "ana" is denied "read" on "{bucket}/reports/payroll/*"
      When "ana" sends GetObject for "reports/payroll/june.csv"
      Then the request is denied with AccessDenied
      And the backend receives no request

  Rule: A Deny covers the actions and places that it names

    @USERS-57 @must
    Scenario Outline: A Deny of <action> on "<resource>" refuses <operation>
      Given "ana" may "*" on "{bucket} {bucket}/*"
      And "ana" is denied "<action>" on "<resource>"
      When "ana" sends <operation> for "reports/june.csv"
      Then the rules refuse it
      And the backend receives no request

      Examples:
        | action | resource           | operation           |
        | read   | {bucket}/reports/* | HeadObject          |
        | write  | {bucket}/reports/* | PutObject           |
        | delete | {bucket}/reports/* | DeleteObject        |
        | list   | {bucket}           | ListObjectsV2       |
        | list   | {bucket}/reports/* | ListObjects         |
        | admin  | {bucket}           | GetBucketVersioning |
        | *      | *                  | GetObject           |
        | *      | {bucket}           | HeadBucket          |

    @USERS-57 @must
    Scenario Outline: A Deny of <action> on "<resource>" leaves <operation> alone
      Given "ana" may "*" on "{bucket} {bucket}/*"
      And "ana" is denied "<action>" on "<resource>"
      When "ana" sends <operation> for "reports/june.csv"
      Then the rules allow it

      Examples:
        | action | resource            | operation           |
        | write  | {bucket}/reports/*  | HeadObject          |
        | read   | {bucket}/reports/*  | PutObject           |
        | delete | {bucket}/secret/*   | DeleteObject        |
        | list   | {bucket}-2          | ListObjectsV2       |
        | read   | {bucket}            | GetObject           |

  Rule: A presigned URL carries its user's rules, as they are when it is used

    @USERS-58 @must
    Scenario: A presigned URL reads what its user may read
      Given "ana" may "read" on "{bucket}/*"
      And "ana" has a presigned URL of "reports/june.csv"
      When somebody follows the presigned URL
      Then the request succeeds

    @USERS-58 @must
    Scenario: A Deny applies to presigned URLs too
      Given "ana" may "read" on "{bucket}/*"
      And "ana" has a presigned URL of "reports/june.csv"
      And "ana" is denied "read" on "{bucket}/reports/*"
      When somebody follows the presigned URL
      Then the request is denied with AccessDenied
      And the backend receives no request

    @USERS-58 @must
    Scenario: An inherited Deny applies to presigned URLs too
      Given "ana" may "read" on "{bucket}/*"
      And "ana" has a presigned URL of "reports/june.csv"
      And the group "interns" is denied "read" on "{bucket}/reports/*"
      And "ana" belongs to "interns"
      When somebody follows the presigned URL
      Then the request is denied with AccessDenied
      And the backend receives no request

    @USERS-58 @must
    Scenario: Disabling its user stops a presigned URL
      Given "ana" may "read" on "{bucket}/*"
      And "ana" has a presigned URL of "reports/june.csv"
      And "ana" is disabled
      When somebody follows the presigned URL
      Then the request is refused
      And the backend receives no request

    @USERS-58 @must
    Scenario: Deleting its user stops a presigned URL
      Given "ana" may "read" on "{bucket}/*"
      And "ana" has a presigned URL of "reports/june.csv"
      And the user "ana" is deleted
      When somebody follows the presigned URL
      Then the request is refused
      And the backend receives no request
