Feature: Secondary targets
  Whatever else a request touches is decided like its main target.

  Background:
    Given the object "open/a" holding "open"
    And the object "secret/x" holding "secret"

  Rule: A copy reads its source and writes its target

    @USERS-70 @ATTACK-39 @must
    Scenario: With both rights the copy is made
      Given "ana" may "read write" on "{bucket}/open/*"
      When "ana" copies "open/a" to "open/b"
      Then the request succeeds
      And the object "open/b" holds "open"

    @USERS-70 @ATTACK-39 @must
    Scenario: Without read on the source it is refused
      Given "ana" may "read write" on "{bucket}/open/*"
      When "ana" copies "secret/x" to "open/b"
      Then the request is denied with AccessDenied
      And the backend receives no request
      And the object "open/b" does not exist

    @USERS-70 @ATTACK-39 @must
    Scenario: Without write on the target it is refused
      Given "ana" may "read" on "{bucket}/*"
      And "ana" may "write" on "{bucket}/open/*"
      When "ana" copies "open/a" to "secret/y"
      Then the request is denied with AccessDenied
      And the backend receives no request

    @USERS-70 @ATTACK-29 @ATTACK-39 @must
    Scenario Outline: The source in the spelling "<source>" is refused as well
      Given "ana" may "read write" on "{bucket}/*"
      And "ana" is denied "read" on "{bucket}/secret/*"
      When "ana" copies "raw:<source>" to "open/b"
      Then the request is denied with AccessDenied
      And the backend receives no request

      Examples:
        | source                         |
        | /{bucket}/secret/x             |
        | {bucket}/secret%2Fx            |
        | %2F{bucket}%2Fsecret%2Fx       |
        | {bucket}/%73ecret/x            |
        | {bucket}/secret/x?versionId=1  |

    @USERS-70 @ATTACK-40 @must
    Scenario: The source is decided with the caller's address
      Given "ana" may "write" on "{bucket}/open/*"
      And "ana" has the rules
        """
        {"actions": ["read"], "resources": ["{bucket}/*"], "conditions": {"aws:SourceIp": "127.0.0.0/8"}}
        """
      When "ana" copies "secret/x" to "open/b"
      Then the request succeeds

    @USERS-70 @ATTACK-39 @must
    Scenario: A part copied from a source that may not be read is refused
      Given "ana" may "read write" on "{bucket}/open/*"
      When "ana" sends UploadPartCopy for "open/b"
      Then the request is denied with AccessDenied
      And the backend receives no request

    @USERS-70 @ATTACK-39 @must
    Scenario: A part copied from one that may be read passes the rules
      Given "ana" may "read write" on "{bucket}/*"
      When "ana" sends UploadPartCopy for "open/b"
      Then the rules allow it

  Rule: A batch delete is decided key by key

    @USERS-71 @ATTACK-41 @must
    Scenario: A mixed batch removes what may be removed and reports the rest
      Given "ana" may "delete" on "{bucket}/open/*"
      When "ana" removes in one batch "open/a secret/x"
      Then the request succeeds
      And the batch removed "open/a" and refused "secret/x"
      And the object "open/a" does not exist
      And the object "secret/x" holds "secret"
      And the audit holds 1 denial of DeleteObjects for "ana" with path "secret/x"

    @USERS-210 @may
    Scenario: The results come in the order of the request
      Given "ana" may "delete" on "{bucket}/open/*"
      When "ana" removes in one batch "secret/x open/b secret/a open/a"
      Then the request succeeds
      And the batch is answered in the order "secret/x open/b secret/a open/a"

    @USERS-71 @ATTACK-41 @must
    Scenario: A batch of denied keys reaches no store
      Given "ana" may "delete" on "{bucket}/*"
      And "ana" is denied "delete" on "{bucket}/*"
      When "ana" removes in one batch "open/a secret/x"
      Then the batch removed "" and refused "open/a secret/x"
      And the backend receives no request
      And the object "open/a" holds "open"

  Rule: Headers that grant or lock ask for admin

    @USERS-72 @ATTACK-38 @must
    Scenario Outline: <operation> is refused to whoever may only write
      Given "ana" may "write" on "{bucket}/*"
      When "ana" sends <operation> for "new"
      Then the request is denied with AccessDenied
      And the backend receives no request
      And the object "new" does not exist

      Examples:
        | operation       |
        | PutObjectPublic |
        | PutObjectLocked |

    @USERS-72 @ATTACK-38 @must
    Scenario Outline: <operation> passes the rules of whoever may also administrate
      Given "ana" may "write admin" on "{bucket}/*"
      When "ana" sends <operation> for "new"
      Then the rules allow it

      Examples:
        | operation        |
        | PutObjectPublic  |
        | PutObjectLocked  |
        | PutObjectPrivate |

    @USERS-72 @ATTACK-38 @must
    Scenario: Administrating alone does not write
      Given "ana" may "admin" on "{bucket}/*"
      When "ana" sends PutObjectPublic for "new"
      Then the request is denied with AccessDenied
      And the backend receives no request

    @USERS-72 @USERS-203 @ATTACK-38 @must
    Scenario Outline: <parameter> in a presigned query is refused to whoever may only write
      Given "ana" may "write" on "{bucket}/*"
      When "ana" stores "new" through a URL with "<parameter>" = "<value>"
      Then the request is denied with AccessDenied
      And the backend receives no request
      And the object "new" does not exist

      Examples:
        | parameter                    | value            |
        | X-Amz-Acl                    | public-read      |
        | x-amz-acl                    | public-read      |
        | X-Amz-Grant-Read             | id=somebody-else |
        | X-Amz-Object-Lock-Legal-Hold | ON               |

    @USERS-72 @USERS-203 @must
    Scenario: A private ACL in a presigned query asks for no more than write
      Given "ana" may "write" on "{bucket}/*"
      When "ana" stores "new" through a URL with "X-Amz-Acl" = "private"
      Then the request succeeds
      And the object "new" holds "draft"

    @USERS-72 @USERS-203 @must
    Scenario: A granting header in the query passes the rules of whoever may also administrate
      Given "ana" may "write admin" on "{bucket}/*"
      When "ana" stores "new" through a URL with "X-Amz-Acl" = "public-read"
      Then the rules allow it

    @USERS-203 @must
    Scenario: Tags in a presigned query ask for write
      Given "ana" may "write" on "{bucket}/*"
      When "ana" stores "new" through a URL with "X-Amz-Tagging" = "a=b"
      Then the request succeeds
      And the object "new" has the tag "a" = "b"

    @USERS-203 @must
    Scenario: Tags in a presigned query are refused to whoever may only read
      Given "ana" may "read" on "{bucket}/*"
      When "ana" stores "new" through a URL with "X-Amz-Tagging" = "a=b"
      Then the request is denied with AccessDenied
      And the backend receives no request
