Feature: Use of presigned URLs
  A presigned URL is used as often as its holder likes, as it was made.

  Background:
    Given the object "ledger1" holding "paid"

  Rule: A URL may be used again

    @USERS-43 @ATTACK-16 @must
    Scenario: One URL is read through many times
      When a client reads "ledger1" through one URL 20 times
      Then every one of the 20 is served

    @USERS-43 @ATTACK-16 @must
    Scenario: One URL is written through many times
      When a client writes "ledger1" through one URL 5 times
      Then every one of the 5 is served
      And the object "ledger1" holds "draft 5"

  Rule: A URL may not be changed

    @USERS-44 @must
    Scenario: A URL that nobody changed is served
      When a client changes the nothing of a URL for "ledger1"
      Then the request succeeds
      And the client receives "paid"

    @USERS-44 @ATTACK-10 @must
    Scenario Outline: A URL with another <part> is denied
      When a client changes the <part> of a URL for "ledger1"
      Then the request is denied with SignatureDoesNotMatch
      And the backend receives no request

      Examples:
        | part                      |
        | method                    |
        | path                      |
        | host                      |
        | expiry                    |
        | date                      |
        | region                    |
        | signature's last digit    |
        | signature's first digit   |
        | disposition of the answer |
        | number of parameters      |

    @USERS-44 @must
    Scenario Outline: A URL with another <part> is refused
      When a client changes the <part> of a URL for "ledger1"
      Then the request is refused
      And the backend receives no request

      Examples:
        | part                   |
        | access key id          |
        | scope's date           |
        | service                |
        | terminator             |
        | signature's length     |
        | signature to nothing   |
        | list of signed headers |
        | algorithm              |

  Rule: A URL says nothing about a body in chunks

    @ATTACK-6 @must
    Scenario Outline: A URL with the unsigned sentinel <sentinel> fails closed
      When a client stores "report.csv" through a URL with the unsigned payload hash "<sentinel>"
      Then the request is refused
      And the backend receives no request
      And the object "report.csv" does not exist

      Examples:
        | sentinel                                         |
        | STREAMING-AWS4-HMAC-SHA256-PAYLOAD               |
        | STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER       |
        | STREAMING-UNSIGNED-PAYLOAD-TRAILER               |
        | STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD         |
        | STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER |

    @ATTACK-6 @must
    Scenario: A URL with the payload hash that it was signed for is served
      When a client stores "report.csv" through a URL with the unsigned payload hash "UNSIGNED-PAYLOAD"
      Then the request succeeds
      And the object "report.csv" holds "draft"

  Rule: A parameter of S3's own counts as the header of that name

    @USERS-46 @ATTACK-65 @must
    Scenario Outline: A copy source named "<name>" makes a copy
      When a client stores "report.csv" through a URL with "<name>" = "/{bucket}/ledger1"
      Then the request succeeds
      And the object "report.csv" holds "paid"

      Examples:
        | name              |
        | x-amz-copy-source |
        | X-Amz-Copy-Source |
        | X-AMZ-COPY-SOURCE |

    @USERS-46 @must
    Scenario Outline: Metadata named "<name>" belongs to the object
      When a client stores "report.csv" through a URL with "<name>" = "mine"
      Then the request succeeds
      And the object "report.csv" has the metadata "note" = "mine"

      Examples:
        | name            |
        | x-amz-meta-note |
        | X-Amz-Meta-Note |

    @USERS-46 @must
    Scenario Outline: "<name>" = "<value>" is ignored in a URL
      When a client stores "report.csv" through a URL with "<name>" = "<value>"
      Then the request succeeds
      And the object "report.csv" holds "draft"

      Examples:
        | name                         | value                                        |
        | x-id                         | PutObject                                    |
        | x-amz-checksum-crc32         | AAAAAA==                                     |
        | x-amz-sdk-checksum-algorithm | CRC32                                        |
        | X-Amz-Checksum-Crc32         | AAAAAA==                                     |
        | X-Amz-Sdk-Checksum-Algorithm | CRC32                                        |
        | x-amz-checksum-sha256        | 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU= |

    @USERS-44 @ATTACK-65 @must
    Scenario Outline: "<name>" added to a finished URL refuses it
      When a client stores "report.csv" through a finished URL with "<name>" = "<value>"
      Then the request is refused
      And the backend receives no request
      And the object "report.csv" does not exist

      Examples:
        | name                 | value             |
        | x-amz-copy-source    | /{bucket}/ledger1 |
        | X-Amz-Copy-Source    | /{bucket}/ledger1 |
        | x-amz-meta-note      | forged            |
        | x-amz-acl            | public-read       |
        | x-id                 | PutObject         |
        | x-amz-checksum-crc32 | AAAAAA==          |
