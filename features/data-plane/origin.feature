Feature: One origin
  Objects share their origin with the admin: none of them may act as a page of it.

  Rule: No answer of the S3 address is a page

    @ATTACK-58 @must
    Scenario Outline: A <method> of <key> is answered as no page
      Given the object "page.html" holding "a page with a script"
      When a client signs a <method> of "<key>"
      Then the status is <status>
      And a browser takes the answer for no page of this origin

      Examples:
        | method | key       | status |
        | GET    | page.html | 200    |
        | HEAD   | page.html | 200    |
        | GET    |           | 200    |
        | GET    | none.html | 404    |
        | HEAD   | none.html | 404    |
        | DELETE | page.html | 204    |
        | PATCH  | page.html | 501    |

    @ATTACK-58 @must
    Scenario Outline: What a stranger is told about <path> is no page
      Given a bucket
      When a client asks "<path>" at the S3 address
      Then the request is refused
      And a browser takes the answer for no page of this origin

      Examples:
        | path                |
        | /{bucket}/page.html |
        | /                   |
        | /%zz                |
        | /{bucket}/a?b=%zz   |

    @ATTACK-58 @must
    Scenario: A shared page is none either
      Given the object "page.html" holding "a page with a script"
      When somebody opens a presigned URL of "page.html"
      Then the request succeeds
      And a browser takes the answer for no page of this origin

  Rule: The admin may have an address of its own

    @USERS-123 @should
    Scenario Outline: <path> is served at the admin's own address
      Given a proxy whose admin has its own address
      When a client asks "<path>" at the address of the admin
      Then the request succeeds

      Examples:
        | path                      |
        | /_/health                 |
        | /_/ready                  |
        | /_/metrics                |
        | /_/api/admin/openapi.json |

    @USERS-123 @should
    Scenario Outline: Then <path> is nowhere at the S3 address
      Given a proxy whose admin has its own address
      When a client asks "<path>" at the S3 address
      Then the request is denied with AccessDenied

      Examples:
        | path                      |
        | /_/health                 |
        | /_/metrics                |
        | /_/api/admin/openapi.json |

    @USERS-123 @should
    Scenario: Objects are nowhere at the admin's own address
      Given a proxy whose admin has its own address
      And the object "notes.txt" holding "buy milk"
      When a client asks "/{bucket}/notes.txt" at the address of the admin
      Then the status is 404

    @USERS-123 @should
    Scenario: Objects are served at the S3 address
      Given a proxy whose admin has its own address
      And the object "notes.txt" holding "buy milk"
      When somebody opens a presigned URL of "notes.txt"
      Then the request succeeds
      And the client receives "buy milk"
      And the answer has no header "content-security-policy"
