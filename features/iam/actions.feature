Feature: Actions
  Each operation of S3 belongs to a category, and categories are what rules name.

  Rule: A category allows its operations and no others

    @USERS-51 @must
    Scenario Outline: <action> allows <operation>
      Given the object "k" holding "content"
      And "ana" may "<action>" on "{bucket} {bucket}/*"
      When "ana" sends <operation> for "k"
      Then the rules allow it

      Examples:
        | action | operation             |
        | read   | GetObject             |
        | read   | HeadObject            |
        | read   | GetObjectAcl          |
        | read   | GetObjectTagging      |
        | read   | GetObjectAttributes   |
        | read   | GetObjectVersion      |
        | write  | PutObject             |
        | write  | PutObjectPrivate      |
        | write  | PutObjectTagged       |
        | write  | CreateMultipartUpload |
        | write  | AbortMultipartUpload  |
        | write  | PutObjectTagging      |
        | write  | DeleteObjectTagging   |
        | delete | DeleteObject          |
        | delete | DeleteObjectVersion   |
        | list   | ListObjects           |
        | list   | ListObjectsV2         |
        | list   | ListObjectVersions    |
        | list   | ListMultipartUploads  |
        | list   | ListParts             |
        | admin  | DeleteBucket          |
        | admin  | GetBucketAcl          |
        | admin  | GetBucketVersioning   |
        | admin  | PutBucketTagging      |
        | admin  | GetObjectLegalHold    |

    @USERS-51 @must
    Scenario Outline: <others> do not allow <operation>
      Given the object "k" holding "content"
      And "ana" may "<others>" on "{bucket} {bucket}/*"
      When "ana" sends <operation> for "k"
      Then the rules refuse it
      And the backend receives no request

      Examples:
        | others                   | operation             |
        | write delete list admin  | GetObject             |
        | write delete list admin  | HeadObject            |
        | write delete list admin  | GetObjectAcl          |
        | write delete list admin  | GetObjectTagging      |
        | write delete list admin  | GetObjectAttributes   |
        | write delete list admin  | GetObjectVersion      |
        | read delete list admin   | PutObject             |
        | read delete list admin   | PutObjectPrivate      |
        | read delete list admin   | PutObjectTagged       |
        | read delete list admin   | CreateMultipartUpload |
        | read delete list admin   | AbortMultipartUpload  |
        | read delete list admin   | PutObjectTagging      |
        | read delete list admin   | DeleteObjectTagging   |
        | read write list admin    | DeleteObject          |
        | read write list admin    | DeleteObjectVersion   |
        | write delete admin       | ListObjects           |
        | write delete admin       | ListObjectsV2         |
        | read write delete admin  | ListObjectVersions    |
        | read write delete admin  | ListMultipartUploads  |
        | read write delete admin  | ListParts             |
        | read write delete list   | DeleteBucket          |
        | read write delete list   | GetBucketAcl          |
        | read write delete list   | GetBucketVersioning   |
        | read write delete list   | PutBucketTagging      |
        | read write delete list   | GetObjectLegalHold    |

    @USERS-51 @must
    Scenario: A star is every action
      Given the object "k" holding "content"
      And "ana" may "*" on "{bucket}/*"
      When "ana" sends DeleteObject for "k"
      Then the rules allow it
      And the object "k" does not exist

    @USERS-51 @must
    Scenario: A user without rules may nothing
      Given the object "k" holding "content"
      And the user "ana"
      When "ana" sends GetObject for "k"
      Then the request is denied with AccessDenied
      And the backend receives no request

  Rule: Creating a bucket asks for admin on its name

    @USERS-52 @must
    Scenario: Admin on the name creates the bucket
      Given "ana" may "admin" on "{bucket}-*"
      When "ana" sends CreateBucket for "new"
      Then the rules allow it

    @USERS-52 @must
    Scenario: Every other action does not
      Given "ana" may "read write delete list" on "{bucket}-*"
      When "ana" sends CreateBucket for "new"
      Then the rules refuse it

  Rule: Probes ask for any Allow in the bucket

    @USERS-53 @must
    Scenario Outline: <operation> is answered to whoever may do something there
      Given "ana" may "write" on "{bucket}/inbox/*"
      When "ana" sends <operation> for "-"
      Then the request succeeds

      Examples:
        | operation         |
        | HeadBucket        |
        | GetBucketLocation |

    @USERS-53 @must
    Scenario Outline: <operation> is refused to whoever may do nothing there
      Given "ana" may "*" on "elsewhere elsewhere/*"
      When "ana" sends <operation> for "-"
      Then the rules refuse it
      And the backend receives no request

      Examples:
        | operation         |
        | HeadBucket        |
        | GetBucketLocation |

  Rule: Settings that act elsewhere are not forwarded, and not explained to strangers

    @USERS-54 @must
    Scenario Outline: <operation> is not implemented for whoever may administrate
      Given "ana" may "admin" on "{bucket}"
      When "ana" sends <operation> for "-"
      Then the subject answers 501

      Examples:
        | operation       |
        | GetBucketPolicy |
        | PutBucketPolicy |

    @USERS-54 @must
    Scenario Outline: <operation> is refused to everybody else
      Given "ana" may "read write delete list" on "{bucket} {bucket}/*"
      When "ana" sends <operation> for "-"
      Then the rules refuse it
      And the backend receives no request

      Examples:
        | operation       |
        | GetBucketPolicy |
        | PutBucketPolicy |
