Feature: Buckets as host names
  Below a base domain the bucket stands in the host name, and the whole path is the key.

  Rule: A bucket can be a host

    @USERS-120 @should
    Scenario: A stock client makes a bucket by its host
      When a client that names buckets as hosts makes the bucket
      Then the request succeeds

    @USERS-120 @should
    Scenario: A stock client stores by the bucket's host
      Given a bucket
      When a client that names buckets as hosts stores "a b/ü+1.txt" holding "by host"
      Then the request succeeds
      And the object "a b/ü+1.txt" holds "by host"

    @USERS-120 @should
    Scenario: A stock client reads by the bucket's host
      Given the object "notes/today.txt" holding "buy milk"
      When a client that names buckets as hosts reads "notes/today.txt"
      Then the request succeeds
      And the client receives "buy milk"

    @USERS-120 @should
    Scenario: A stock client lists by the bucket's host
      Given the object "notes/today.txt" holding "buy milk"
      When a client that names buckets as hosts lists the bucket
      Then the keys are "notes/today.txt"

    @USERS-120 @should
    Scenario Outline: The host is read as <host>
      Given the object "notes.txt" holding "buy milk"
      When a client asks the host "<host>" for "<path>"
      Then the request succeeds
      And the client receives "buy milk"

      Examples:
        | host                     | path                |
        | {bucket}.{base}:{port}   | /notes.txt          |
        | {bucket}.{base}          | /notes.txt          |
        | {bucket}.{base}:1        | /notes.txt          |
        | {BUCKET}.{base}          | /notes.txt          |
        | {bucket}.{base}.         | /notes.txt          |
        | {base}:{port}            | /{bucket}/notes.txt |
        | {subject}                | /{bucket}/notes.txt |
        | elsewhere.example:{port} | /{bucket}/notes.txt |

    @USERS-120 @should
    Scenario: A presigned URL may name the bucket as its host
      Given the object "notes.txt" holding "buy milk"
      When a client opens a presigned URL of "/notes.txt" at the host "{bucket}.{base}"
      Then the request succeeds
      And the client receives "buy milk"

    @USERS-120 @should
    Scenario: With the bucket in the host, the path holds the key alone
      Given the object "notes.txt" holding "buy milk"
      When a client asks the host "{bucket}.{base}" for "/{bucket}/notes.txt"
      Then the status is 404

  Rule: What is decided is what the host says

    @USERS-121 @must
    Scenario Outline: A denied key is denied in the form <host><path>
      Given the object "secret/x" holding "secret"
      And "ana" may "read" on "{bucket}/*"
      And "ana" is denied "read" on "{bucket}/secret/*"
      When "ana" asks the host "<host>" for "<path>"
      Then the request is denied with AccessDenied
      And the backend receives no request

      Examples:
        | host            | path               |
        | {bucket}.{base} | /secret/x          |
        | {BUCKET}.{base} | /secret/x          |
        | {bucket}.{base} | /%73ecret/x        |
        | {base}          | /{bucket}/secret/x |
        | {subject}       | /{bucket}/secret/x |

    @USERS-121 @must
    Scenario: An allowed key is served by its host
      Given the object "open/a" holding "open"
      And "ana" may "read" on "{bucket}/*"
      And "ana" is denied "read" on "{bucket}/secret/*"
      When "ana" asks the host "{bucket}.{base}" for "/open/a"
      Then the request succeeds
      And the client receives "open"

    @USERS-121 @must
    Scenario: A right in one bucket gives none in the bucket of the host
      Given the object "{bucket}/open" holding "other"
      And "ana" may "read" on "{bucket}-mine/*"
      When "ana" asks the host "{bucket}.{base}" for "/{bucket}/open"
      Then the request is denied with AccessDenied
      And the backend receives no request

    @USERS-121 @must
    Scenario Outline: What was signed for <signed> is nothing at <host>
      Given the object "{bucket}/notes.txt" holding "deep"
      When a client signs for the host "<signed>" and asks "<host>" for "/{bucket}/notes.txt"
      Then the request is denied with SignatureDoesNotMatch
      And the backend receives no request

      Examples:
        | signed          | host            |
        | {base}          | {bucket}.{base} |
        | {bucket}.{base} | {base}          |
        | {subject}       | {bucket}.{base} |

    @USERS-121 @must
    Scenario: A request that names two hosts is refused
      Given the object "notes.txt" holding "buy milk"
      When a client asks the hosts "{bucket}.{base}" and "{base}" at once for "/notes.txt"
      Then the request is refused
      And the backend receives no request

    @USERS-121 @must
    Scenario: A whole URL that names another host is refused
      Given the object "notes.txt" holding "buy milk"
      When a client asks the host "{bucket}.{base}" for the whole URL of "/notes.txt" at "{base}"
      Then the request is refused
      And the backend receives no request

    @USERS-121 @must
    Scenario Outline: A host with <host> names no bucket that exists
      Given a bucket
      When a client asks the host "<host>" for "/"
      Then the request is denied with InvalidBucketName
      And the backend receives no request

      Examples:
        | host               |
        | .{base}            |
        | _.{base}           |

  Rule: A bucket's host has nothing but the bucket

    @USERS-122 @must
    Scenario Outline: At a bucket's host <path> is a key
      Given a bucket
      When a client asks the host "{bucket}.{base}" for "<path>" without a signature
      Then the request is denied with AccessDenied

      Examples:
        | path             |
        | /_/health        |
        | /_/api/admin/whoami |
        | /_/metrics       |

    @USERS-122 @must
    Scenario: An object below _/ is read by the bucket's host
      Given the object "_/health" holding "an object"
      When a client asks the host "{bucket}.{base}" for "/_/health"
      Then the request succeeds
      And the client receives "an object"

    @USERS-122 @must
    Scenario: At the base host the proxy answers for itself
      Given a bucket
      When a client asks the host "{base}" for "/_/health" without a signature
      Then the request succeeds
