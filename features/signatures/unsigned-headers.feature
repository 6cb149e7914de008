Feature: Unsigned headers
  Whoever carries a request may not add to what it means.

  Background:
    Given the object "ledger.csv" holding "paid"

  Rule: An unsigned header of S3's own is no part of a request

    @USERS-22 @ATTACK-2 @ATTACK-3 @ATTACK-4 @ATTACK-5 @must
    Scenario Outline: An unsigned <header> refuses a header-signed write
      When a client sends a header-signed write of "report.csv" with the unsigned header "<header>: <value>"
      Then the request is denied with AccessDenied
      And the status is 403
      And the backend receives no request
      And the object "report.csv" does not exist

      Examples:
        | header                                                      | value                                               |
        | x-amz-acl                                                   | public-read                                         |
        | x-amz-copy-source                                           | /{bucket}/ledger.csv                                |
        | x-amz-copy-source-if-match                                  | 0123456789abcdef0123456789abcdef                    |
        | x-amz-copy-source-range                                     | bytes=0-1                                           |
        | x-amz-metadata-directive                                    | REPLACE                                             |
        | x-amz-tagging                                               | owner=mallory                                       |
        | x-amz-tagging-directive                                     | REPLACE                                             |
        | x-amz-storage-class                                         | REDUCED_REDUNDANCY                                  |
        | x-amz-website-redirect-location                             | /elsewhere                                          |
        | x-amz-meta-note                                             | forged                                              |
        | x-amz-server-side-encryption                                | AES256                                              |
        | x-amz-server-side-encryption-aws-kms-key-id                 | mallory                                             |
        | x-amz-server-side-encryption-bucket-key-enabled             | true                                                |
        | x-amz-server-side-encryption-context                        | e30=                                                |
        | x-amz-server-side-encryption-customer-algorithm             | AES256                                              |
        | x-amz-server-side-encryption-customer-key                   | MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=        |
        | x-amz-server-side-encryption-customer-key-md5               | 4EWJpz9nc1FX1zkgS6lYqg==                            |
        | x-amz-copy-source-server-side-encryption-customer-algorithm | AES256                                              |
        | x-amz-object-lock-mode                                      | COMPLIANCE                                          |
        | x-amz-object-lock-retain-until-date                         | 2036-01-01T00:00:00Z                                |
        | x-amz-object-lock-legal-hold                                | ON                                                  |
        | x-amz-bucket-object-lock-enabled                            | true                                                |
        | x-amz-grant-read                                            | uri=http://acs.amazonaws.com/groups/global/AllUsers |
        | x-amz-grant-write                                           | id=mallory                                          |
        | x-amz-grant-read-acp                                        | id=mallory                                          |
        | x-amz-grant-write-acp                                       | id=mallory                                          |
        | x-amz-grant-full-control                                    | id=mallory                                          |
        | x-amz-decoded-content-length                                | 5                                                   |
        | x-amz-trailer                                               | x-amz-checksum-crc32                                |
        | x-amz-checksum-crc32                                        | AAAAAA==                                            |
        | x-amz-checksum-sha256                                       | 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=        |
        | x-amz-checksum-algorithm                                    | CRC32                                               |
        | x-amz-checksum-type                                         | FULL_OBJECT                                         |
        | x-amz-sdk-checksum-algorithm                                | CRC32                                               |
        | x-amz-request-payer                                         | requester                                           |
        | x-amz-expected-bucket-owner                                 | 123456789012                                        |
        | x-amz-source-expected-bucket-owner                          | 123456789012                                        |
        | x-amz-security-token                                        | forged                                              |
        | x-amz-bypass-governance-retention                           | true                                                |
        | x-amz-write-offset-bytes                                    | 0                                                   |
        | x-amz-mfa                                                   | serial 123456                                       |
        | x-amz-user-agent                                            | mallory                                             |
        | x-amz-something-of-tomorrow                                 | 1                                                   |

    @USERS-22 @ATTACK-1 @ATTACK-3 @ATTACK-4 @ATTACK-5 @must
    Scenario Outline: An unsigned <header> refuses a presigned write
      When a client sends a presigned write of "report.csv" with the unsigned header "<header>: <value>"
      Then the request is denied with AccessDenied
      And the status is 403
      And the backend receives no request
      And the object "report.csv" does not exist

      Examples:
        | header                                                      | value                                               |
        | x-amz-acl                                                   | public-read                                         |
        | x-amz-copy-source                                           | /{bucket}/ledger.csv                                |
        | x-amz-copy-source-if-match                                  | 0123456789abcdef0123456789abcdef                    |
        | x-amz-copy-source-range                                     | bytes=0-1                                           |
        | x-amz-metadata-directive                                    | REPLACE                                             |
        | x-amz-tagging                                               | owner=mallory                                       |
        | x-amz-tagging-directive                                     | REPLACE                                             |
        | x-amz-storage-class                                         | REDUCED_REDUNDANCY                                  |
        | x-amz-website-redirect-location                             | /elsewhere                                          |
        | x-amz-meta-note                                             | forged                                              |
        | x-amz-server-side-encryption                                | AES256                                              |
        | x-amz-server-side-encryption-aws-kms-key-id                 | mallory                                             |
        | x-amz-server-side-encryption-bucket-key-enabled             | true                                                |
        | x-amz-server-side-encryption-context                        | e30=                                                |
        | x-amz-server-side-encryption-customer-algorithm             | AES256                                              |
        | x-amz-server-side-encryption-customer-key                   | MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=        |
        | x-amz-server-side-encryption-customer-key-md5               | 4EWJpz9nc1FX1zkgS6lYqg==                            |
        | x-amz-copy-source-server-side-encryption-customer-algorithm | AES256                                              |
        | x-amz-object-lock-mode                                      | COMPLIANCE                                          |
        | x-amz-object-lock-retain-until-date                         | 2036-01-01T00:00:00Z                                |
        | x-amz-object-lock-legal-hold                                | ON                                                  |
        | x-amz-bucket-object-lock-enabled                            | true                                                |
        | x-amz-grant-read                                            | uri=http://acs.amazonaws.com/groups/global/AllUsers |
        | x-amz-grant-write                                           | id=mallory                                          |
        | x-amz-grant-read-acp                                        | id=mallory                                          |
        | x-amz-grant-write-acp                                       | id=mallory                                          |
        | x-amz-grant-full-control                                    | id=mallory                                          |
        | x-amz-decoded-content-length                                | 5                                                   |
        | x-amz-trailer                                               | x-amz-checksum-crc32                                |
        | x-amz-checksum-crc32                                        | AAAAAA==                                            |
        | x-amz-checksum-sha256                                       | 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=        |
        | x-amz-checksum-algorithm                                    | CRC32                                               |
        | x-amz-checksum-type                                         | FULL_OBJECT                                         |
        | x-amz-sdk-checksum-algorithm                                | CRC32                                               |
        | x-amz-request-payer                                         | requester                                           |
        | x-amz-expected-bucket-owner                                 | 123456789012                                        |
        | x-amz-source-expected-bucket-owner                          | 123456789012                                        |
        | x-amz-security-token                                        | forged                                              |
        | x-amz-bypass-governance-retention                           | true                                                |
        | x-amz-write-offset-bytes                                    | 0                                                   |
        | x-amz-mfa                                                   | serial 123456                                       |
        | x-amz-user-agent                                            | mallory                                             |
        | x-amz-something-of-tomorrow                                 | 1                                                   |

    @USERS-22 @must
    Scenario Outline: The same <header>, signed, is served in a <form> write
      When a client sends a <form> write of "report.csv" with the signed header "<header>: <value>"
      Then the request succeeds

      Examples:
        | form          | header               | value                |
        | header-signed | x-amz-acl            | private              |
        | header-signed | x-amz-copy-source    | /{bucket}/ledger.csv |
        | header-signed | x-amz-tagging        | owner=ana            |
        | header-signed | x-amz-storage-class  | STANDARD             |
        | header-signed | x-amz-meta-note      | mine                 |
        | header-signed | x-amz-meta-note      | two  blanks          |
        | header-signed | x-amz-checksum-crc32 | RnyWlA==             |
        | presigned     | x-amz-acl            | private              |
        | presigned     | x-amz-copy-source    | /{bucket}/ledger.csv |
        | presigned     | x-amz-tagging        | owner=ana            |
        | presigned     | x-amz-storage-class  | STANDARD             |
        | presigned     | x-amz-meta-note      | mine                 |
        | presigned     | x-amz-meta-note      | two  blanks          |
        | presigned     | x-amz-checksum-crc32 | RnyWlA==             |

    @USERS-22 @must
    Scenario Outline: An unsigned <header> refuses a <form> read
      When a client sends a <form> read of "ledger.csv" with the unsigned header "<header>: <value>"
      Then the request is denied with AccessDenied
      And the status is 403
      And the backend receives no request

      Examples:
        | form          | header                                          | value        |
        | header-signed | x-amz-request-payer                             | requester    |
        | header-signed | x-amz-expected-bucket-owner                     | 123456789012 |
        | header-signed | x-amz-checksum-mode                             | ENABLED      |
        | header-signed | x-amz-security-token                            | forged       |
        | header-signed | x-amz-te                                        | append-md5   |
        | header-signed | x-amz-server-side-encryption-customer-algorithm | AES256       |
        | presigned     | x-amz-request-payer                             | requester    |
        | presigned     | x-amz-expected-bucket-owner                     | 123456789012 |
        | presigned     | x-amz-checksum-mode                             | ENABLED      |
        | presigned     | x-amz-security-token                            | forged       |
        | presigned     | x-amz-server-side-encryption-customer-algorithm | AES256       |

    @USERS-22 @ATTACK-5 @must
    Scenario: The payload's hash is bound by the signature itself and need not be listed
      When a client sends a header-signed read of "ledger.csv" without signing "x-amz-content-sha256"
      Then the request succeeds
      And the client receives "paid"

    @USERS-2 @USERS-22 @must
    Scenario: A form of answer that a client would take, signed, does not stop its read
      When a client sends a header-signed read of "ledger.csv" with the signed header "x-amz-te: append-md5"
      Then the request succeeds
      And the client receives "paid"

  Rule: Headers that clients leave unsigned do not stop a request

    @USERS-15 @must
    Scenario Outline: An unsigned <header> does not stop a <form> read
      When a client sends a <form> read of "ledger.csv" with the unsigned header "<header>: <value>"
      Then the request succeeds

      Examples:
        | form          | header                | value                                                   |
        | header-signed | amz-sdk-invocation-id | 1c0b6f3e-8e5b-4d8e-9d6e-3f3f3f3f3f3f                    |
        | header-signed | amz-sdk-request       | attempt=2; max=3                                        |
        | header-signed | x-amzn-trace-id       | Root=1-67891233-abcdef012345678912345678                |
        | header-signed | accept                | */*                                                     |
        | header-signed | accept-encoding       | identity                                                |
        | header-signed | accept-language       | de-CH                                                   |
        | header-signed | cache-control         | no-cache                                                |
        | header-signed | pragma                | no-cache                                                |
        | header-signed | range                 | bytes=0-1                                               |
        | header-signed | if-none-match         | 0123456789abcdef0123456789abcdef                        |
        | header-signed | if-modified-since     | Mon, 23 Nov 2015 00:00:00 GMT                           |
        | header-signed | if-unmodified-since   | Mon, 23 Nov 2037 00:00:00 GMT                           |
        | header-signed | origin                | https://app.example.com                                 |
        | header-signed | referer               | https://app.example.com/                                |
        | header-signed | cookie                | session=1                                               |
        | header-signed | traceparent           | 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01 |
        | header-signed | via                   | 1.1 cache                                               |
        | header-signed | x-forwarded-for       | 203.0.113.5                                             |
        | header-signed | x-request-id          | 42                                                      |
        | presigned     | amz-sdk-invocation-id | 1c0b6f3e-8e5b-4d8e-9d6e-3f3f3f3f3f3f                    |
        | presigned     | amz-sdk-request       | attempt=2; max=3                                        |
        | presigned     | x-amzn-trace-id       | Root=1-67891233-abcdef012345678912345678                |
        | presigned     | accept                | */*                                                     |
        | presigned     | accept-encoding       | identity                                                |
        | presigned     | accept-language       | de-CH                                                   |
        | presigned     | cache-control         | no-cache                                                |
        | presigned     | pragma                | no-cache                                                |
        | presigned     | range                 | bytes=0-1                                               |
        | presigned     | if-none-match         | 0123456789abcdef0123456789abcdef                        |
        | presigned     | if-modified-since     | Mon, 23 Nov 2015 00:00:00 GMT                           |
        | presigned     | if-unmodified-since   | Mon, 23 Nov 2037 00:00:00 GMT                           |
        | presigned     | origin                | https://app.example.com                                 |
        | presigned     | referer               | https://app.example.com/                                |
        | presigned     | cookie                | session=1                                               |
        | presigned     | traceparent           | 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01 |
        | presigned     | via                   | 1.1 cache                                               |
        | presigned     | x-forwarded-for       | 203.0.113.5                                             |
        | presigned     | x-request-id          | 42                                                      |

    @USERS-15 @must
    Scenario Outline: An unsigned <header> does not stop a <form> write
      When a client sends a <form> write of "report.csv" with the unsigned header "<header>: <value>"
      Then the request succeeds
      And the object "report.csv" holds "draft"

      Examples:
        | form          | header                | value                                    |
        | header-signed | amz-sdk-invocation-id | 1c0b6f3e-8e5b-4d8e-9d6e-3f3f3f3f3f3f     |
        | header-signed | amz-sdk-request       | attempt=1; max=3                         |
        | header-signed | x-amzn-trace-id       | Root=1-67891233-abcdef012345678912345678 |
        | header-signed | content-type          | text/csv                                 |
        | header-signed | content-md5           | +RsoKb+GA+NYCU4d7bb5Rw==                 |
        | header-signed | content-disposition   | attachment                               |
        | header-signed | content-language      | de-CH                                    |
        | header-signed | cache-control         | max-age=60                               |
        | header-signed | expires               | Mon, 23 Nov 2037 00:00:00 GMT            |
        | header-signed | expect                | 100-continue                             |
        | header-signed | if-none-match         | *                                        |
        | header-signed | x-amz-cf-id           | edge-1                                   |
        | presigned     | amz-sdk-invocation-id | 1c0b6f3e-8e5b-4d8e-9d6e-3f3f3f3f3f3f     |
        | presigned     | amz-sdk-request       | attempt=1; max=3                         |
        | presigned     | x-amzn-trace-id       | Root=1-67891233-abcdef012345678912345678 |
        | presigned     | content-type          | text/csv                                 |
        | presigned     | content-md5           | +RsoKb+GA+NYCU4d7bb5Rw==                 |
        | presigned     | content-disposition   | attachment                               |
        | presigned     | content-language      | de-CH                                    |
        | presigned     | cache-control         | max-age=60                               |
        | presigned     | expires               | Mon, 23 Nov 2037 00:00:00 GMT            |
        | presigned     | expect                | 100-continue                             |
        | presigned     | if-none-match         | *                                        |
        | presigned     | x-amz-cf-id           | edge-1                                   |

    @USERS-15 @must
    Scenario: The header that a content network adds is dropped on the way
      When a client sends a header-signed read of "ledger.csv" with the unsigned header "x-amz-cf-id: edge-1"
      Then the request succeeds
      And the client receives "paid"
      And the backend does not see the header "x-amz-cf-id"

    @USERS-15 @must
    Scenario: An unsigned range is honoured
      When a client sends a header-signed read of "ledger.csv" with the unsigned header "range: bytes=1-2"
      Then the request succeeds
      And the client receives "ai"
