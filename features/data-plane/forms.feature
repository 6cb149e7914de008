Feature: Uploads by a browser's form
  A signed policy lets a browser upload what it admits, and nothing else.

  Rule: A form stores what its policy admits

    @USERS-126 @should
    Scenario: A posted file is an object
      When a browser posts a form for "inbox/a b.txt"
      Then the status is 204
      And the object "inbox/a b.txt" holds "posted"

    @USERS-126 @should
    Scenario Outline: The name of the file, <name>, is put into the key
      When a browser posts a file named "<name>" by a form for "inbox/${filename}"
      Then the request succeeds
      And the object "inbox/<stored>" holds "posted"

      Examples:
        | name            | stored    |
        | cat.png         | cat.png   |
        | /photos/cat.png | cat.png   |
        | ../../cat.png   | cat.png   |
        | größe.png       | größe.png |

    @USERS-126 @should
    Scenario Outline: A form of <size> bytes arrives whole
      When a browser posts <size> bytes by a form for "inbox/a"
      Then the request succeeds
      And the object "inbox/a" holds the <size> bytes

      Examples:
        | size    |
        | 0       |
        | 1       |
        | 131072  |
        | 131073  |
        | 6000000 |

    @USERS-126 @should
    Scenario Outline: A form is served when <how>
      When a browser posts a form for "inbox/a", and <how>
      Then the request succeeds
      And the object "inbox/a" holds "posted"

      Examples:
        | how                                     |
        | its policy is for such keys             |
        | its policy is for this very key         |
        | a field of it is covered by a condition |
        | a field of it is to be ignored          |
        | it was signed six days ago              |
        | its fields are in other letters         |
        | another field follows its file          |

    @USERS-126 @should
    Scenario: A form may be used again until it ends, like a URL
      When a browser posts one form for "inbox/a" twice
      Then every one of the 2 is served

    @USERS-126 @should
    Scenario Outline: Fields become what the headers of an upload would have been
      When a browser posts a form for "inbox/a" with "<field>" = "<value>"
      And the client inspects "inbox/a"
      Then the answer's header "<header>" is "<value>"

      Examples:
        | field               | header              | value               |
        | Content-Type        | content-type        | image/png           |
        | Cache-Control       | cache-control       | no-store            |
        | Content-Disposition | content-disposition | attachment          |
        | x-amz-meta-colour   | x-amz-meta-colour   | red                 |

    @USERS-126 @should
    Scenario Outline: The answer has the status <status> when <asked> is asked for
      When a browser posts a form for "inbox/a" with "success_action_status" = "<asked>"
      Then the status is <status>

      Examples:
        | asked | status |
        | 200   | 200    |
        | 201   | 201    |
        | 204   | 204    |
        | 500   | 204    |

    @USERS-126 @should
    Scenario: The answer may be a document
      When a browser posts a form for "inbox/a" with "success_action_status" = "201"
      Then the answer's document names the key "inbox/a"

    @USERS-126 @should
    Scenario Outline: The answer may be another page, <page>
      When a browser posts a form for "inbox/a" with "success_action_redirect" = "<page>"
      Then the browser goes on to "<page>"

      Examples:
        | page                         |
        | https://app.example/done     |
        | https://app.example/done?x=1 |

  Rule: What the policy does not admit is refused

    @USERS-127 @ATTACK-42 @ATTACK-43 @must
    Scenario Outline: A form is refused with <code> when <how>
      When a browser posts a form for "inbox/a", and <how>
      Then the request is denied with <code>
      And the backend receives no request
      And the object "inbox/a" does not exist

      Examples:
        | how                                          | code                         |
        | its policy has expired                       | AccessDenied                 |
        | it was signed eight days ago                 | AccessDenied                 |
        | it is signed an hour ahead                   | AccessDenied                 |
        | its policy is for other keys                 | AccessDenied                 |
        | its policy is for another bucket             | AccessDenied                 |
        | its policy names no bucket                   | AccessDenied                 |
        | its policy names no key                      | AccessDenied                 |
        | its policy asks for a field that it lacks    | AccessDenied                 |
        | a field of it is covered by no condition     | AccessDenied                 |
        | an ACL in it is covered by no condition      | AccessDenied                 |
        | an ACL header stands beside it               | AccessDenied                 |
        | an ACL parameter stands beside it            | AccessDenied                 |
        | it is not signed at all                      | AccessDenied                 |
        | its signature is changed                     | SignatureDoesNotMatch        |
        | its policy is changed                        | SignatureDoesNotMatch        |
        | its secret is another one's                  | SignatureDoesNotMatch        |
        | its key id is nobody's                       | InvalidAccessKeyId           |
        | its scope is of another service              | InvalidArgument              |
        | its signature is missing                     | InvalidArgument              |
        | its policy is missing                        | InvalidArgument              |
        | its policy is no document                    | InvalidPolicyDocument        |
        | its policy has an operator that nobody knows | InvalidPolicyDocument        |
        | a field of it stands twice                   | InvalidArgument              |
        | it has no key                                | InvalidArgument              |
        | it has no file                               | InvalidArgument              |
        | it copies another object                     | InvalidRequest               |
        | its fields are longer than any               | MaxPostPreDataLengthExceeded |
        | its boundary is another one                  | MalformedPOSTRequest         |
        | its boundary is missing                      | MalformedPOSTRequest         |
        | it ends in the middle of its file            | MalformedPOSTRequest         |

    @USERS-127 @ATTACK-42 @must
    Scenario Outline: A file of <size> bytes is refused where <least> to <most> are admitted
      When a browser posts <size> bytes for "inbox/a" by a form that admits <least> to <most>
      Then the request is denied with <code>
      And the backend receives no request
      And the object "inbox/a" does not exist

      Examples:
        | size    | least | most    | code           |
        | 9       | 10    | 20      | EntityTooSmall |
        | 0       | 1     | 20      | EntityTooSmall |
        | 21      | 10    | 20      | EntityTooLarge |
        | 5       | 0     | 0       | EntityTooLarge |
        | 2000001 | 0     | 2000000 | EntityTooLarge |

    @USERS-127 @ATTACK-42 @must
    Scenario Outline: A file of <size> bytes is stored where <least> to <most> are admitted
      When a browser posts <size> bytes for "inbox/a" by a form that admits <least> to <most>
      Then the request succeeds
      And the object "inbox/a" holds the <size> bytes

      Examples:
        | size    | least | most    |
        | 10      | 10    | 20      |
        | 20      | 10    | 20      |
        | 0       | 0     | 0       |
        | 2000000 | 0     | 2000000 |

  Rule: The rules decide a form as they decide any write

    @USERS-128 @must
    Scenario: A user's form stores where the user may write
      Given "ana" may "write" on "{bucket}/inbox/*"
      When "ana" posts a form for "inbox/a"
      Then the request succeeds
      And the object "inbox/a" holds "posted"

    @USERS-128 @must
    Scenario Outline: A user's form for <key> is refused
      Given "ana" may "write" on "{bucket}/inbox/*"
      And "ana" is denied "write" on "{bucket}/inbox/secret/*"
      When "ana" posts a form for "<key>"
      Then the request is denied with AccessDenied
      And the backend receives no request
      And the object "<key>" does not exist

      Examples:
        | key            |
        | elsewhere/a    |
        | inbox/secret/a |

    @USERS-128 @must
    Scenario: Listing and reading do not post
      Given "ana" may "read list delete admin" on "{bucket}/*"
      When "ana" posts a form for "inbox/a"
      Then the request is denied with AccessDenied
      And the backend receives no request

    @USERS-128 @must
    Scenario: A group's Deny refuses a form
      Given "ana" may "write" on "{bucket}/inbox/*"
      And the group "frozen" is denied "write" on "{bucket}/*"
      And "ana" belongs to "frozen"
      When "ana" posts a form for "inbox/a"
      Then the request is denied with AccessDenied
      And the backend receives no request

    @USERS-128 @must
    Scenario: A form signed before its user was disabled is refused
      Given "ana" may "write" on "{bucket}/inbox/*"
      And "ana" signed a form for "inbox/a"
      And "ana" is disabled
      When somebody posts that form
      Then the request is refused
      And the backend receives no request

    @USERS-128 @must
    Scenario: A form signed before a Deny is refused
      Given "ana" may "write" on "{bucket}/inbox/*"
      And "ana" signed a form for "inbox/a"
      And "ana" is denied "write" on "{bucket}/inbox/*"
      When somebody posts that form
      Then the request is denied with AccessDenied
      And the backend receives no request
      And the audit holds 1 denial of PostObject for "ana" with path "inbox/a"

    @USERS-128 @must
    Scenario: A form that was signed is posted by anybody
      Given "ana" may "write" on "{bucket}/inbox/*"
      And "ana" signed a form for "inbox/a"
      When somebody posts that form
      Then the request succeeds
      And the object "inbox/a" holds "posted"

    @USERS-128 @ATTACK-38 @must
    Scenario Outline: The field <field> asks for admin as its header does
      Given "ana" may "write" on "{bucket}/*"
      When "ana" posts a form for "inbox/a" with "<field>" = "<value>"
      Then the request is denied with AccessDenied
      And the backend receives no request

      Examples:
        | field                        | value       |
        | acl                          | public-read |
        | x-amz-acl                    | public-read |
        | x-amz-grant-read             | id=mallory  |
        | x-amz-object-lock-legal-hold | ON          |

    @USERS-128 @must
    Scenario Outline: The field <field> asks for no more than writing
      Given "ana" may "write" on "{bucket}/*"
      When "ana" posts a form for "inbox/a" with "<field>" = "<value>"
      Then the rules allow it

      Examples:
        | field   | value   |
        | acl     | private |

    @USERS-126 @should
    Scenario: Tags of a form are the object's
      When a browser posts a form for "inbox/a", and it carries tags
      Then the request succeeds
      And the posted object "inbox/a" is tagged "colour" = "red"
