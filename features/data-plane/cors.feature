Feature: Pages of other origins
  A browser lets pages of listed origins call the S3 address, and no others.

  Rule: A preflight is answered without a signature

    @USERS-124 @should
    Scenario Outline: A page of a listed origin may <method>
      When a page of "{listed}" asks leave to <method> "new.txt"
      Then the page may <method> it, with every header that a signer adds
      And a cache keeps the answer for this origin alone
      And the backend receives no request

      Examples:
        | method |
        | GET    |
        | HEAD   |
        | PUT    |
        | POST   |
        | DELETE |

    @USERS-124 @should
    Scenario Outline: A page of <origin> is given no leave
      When a page of "<origin>" asks leave to PUT "new.txt"
      Then the request is denied with AccessForbidden
      And no page is told anything
      And the backend receives no request

      Examples:
        | origin                         |
        | https://evil.example           |
        | http://app.example             |
        | https://app.example.evil.org   |
        | https://app.example:8443       |
        | https://sub.app.example        |
        | null                           |

    @USERS-124 @should
    Scenario: No page may use a method that S3 does not have
      When a page of "{listed}" asks leave to PATCH "new.txt"
      Then the request is denied with AccessForbidden
      And the backend receives no request

    @USERS-124 @should
    Scenario: Without an origin there is nothing to give leave to
      When something asks for the options of "new.txt" and names no origin
      Then the request is refused
      And no page is told anything
      And the backend receives no request

    @USERS-124 @should
    Scenario: Signed or not, OPTIONS never reaches the store
      When a client signs the method OPTIONS for "new.txt"
      Then the request is refused
      And the backend receives no request

  Rule: Answers say who may read them

    @USERS-124 @should
    Scenario Outline: A page of a listed origin reads an object's <header>
      Given the object "notes.txt" holding "buy milk"
      When a page of "{listed}" signs a GET of "notes.txt"
      Then the request succeeds
      And the client receives "buy milk"
      And the page may read the answer and its "<header>"
      And a cache keeps the answer for this origin alone

      Examples:
        | header           |
        | ETag             |
        | x-amz-request-id |
        | Content-Range    |

    @USERS-124 @should
    Scenario: A page of a listed origin reads its refusal
      Given the object "notes.txt" holding "buy milk"
      When a page of "{listed}" reads "notes.txt" without a signature
      Then the request is denied with AccessDenied
      And the page may read the answer and its "x-amz-request-id"

    @USERS-124 @should
    Scenario: A page of another origin reads nothing
      Given the object "notes.txt" holding "buy milk"
      When a page of "https://evil.example" signs a GET of "notes.txt"
      Then no page is told anything
      And a cache keeps the answer for this origin alone

  Rule: The admin is opened to no page

    @USERS-125 @ATTACK-46 @must
    Scenario Outline: A page of a listed origin is given no leave to <method> <path>
      When a page of "{listed}" asks leave to <method> the path "<path>"
      Then no page is told anything

      Examples:
        | method | path                |
        | POST   | /_/api/admin/login  |
        | GET    | /_/api/admin/users  |
        | DELETE | /_/api/admin/users/1 |
        | GET    | /_/metrics          |

    @USERS-125 @ATTACK-46 @must
    Scenario Outline: A page of a listed origin reads nothing of <path>
      When a page of "{listed}" reads the path "<path>"
      Then no page is told anything

      Examples:
        | path                      |
        | /_/health                 |
        | /_/api/admin/users        |
        | /_/api/admin/openapi.json |
