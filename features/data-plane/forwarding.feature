Feature: Forwarding
  What a client means reaches the store, and what the store says reaches the client.

  Rule: Headers that mean something travel

    @USERS-133 @must
    Scenario Outline: The header <header> reaches the store
      When a client sends a header-signed write of "report.csv" with the signed header "<header>: <value>"
      Then the store was sent the header "<header>" with "<value>"

      Examples:
        | header                          | value                                        |
        | content-type                    | text/x-odd; charset=utf-8                    |
        | cache-control                   | max-age=5                                    |
        | content-disposition             | attachment; filename=a.b                     |
        | content-encoding                | gzip                                         |
        | content-language                | de                                           |
        | content-md5                     | +RsoKb+GA+NYCU4d7bb5Rw==                     |
        | expires                         | Wed, 21 Oct 2037 07:28:00 GMT                |
        | if-none-match                   | *                                            |
        | x-amz-meta-colour               | red                                          |
        | x-amz-storage-class             | STANDARD                                     |
        | x-amz-tagging                   | a=b&c=d                                      |
        | x-amz-acl                       | private                                      |
        | x-amz-server-side-encryption    | AES256                                       |
        | x-amz-website-redirect-location | /elsewhere                                   |
        | x-amz-checksum-crc32            | RnyWlA==                                     |
        | x-amz-checksum-sha256           | d0PONI2ShNZ3oYXzMpW5ImbMQ1pbX3dQKbMABm0maTo= |
        | x-amz-expected-bucket-owner     | 123456789012                                 |
        | x-amz-request-payer             | requester                                    |

    @USERS-133 @must
    Scenario Outline: The header <header> stays here and refuses nothing
      When a client sends a header-signed write of "report.csv" with the signed header "<header>: <value>"
      Then the request succeeds
      And the backend does not see the header "<header>"

      Examples:
        | header           | value              |
        | x-amz-te         | append-md5         |
        | x-amz-user-agent | some-sdk/1.0       |
        | cookie           | session=1          |
        | x-forwarded-for  | 203.0.113.1        |
        | origin           | https://app.example |
        | te               | trailers           |

    @USERS-133 @must
    Scenario Outline: A checksum <header> that is another content's stores nothing
      When a client sends a header-signed write of "report.csv" with the signed header "<header>: <value>"
      Then the request is refused
      And the object "report.csv" does not exist

      Examples:
        | header               | value                    |
        | x-amz-checksum-crc32 | RnyWlQ==                 |
        | content-md5          | +RsoKb+GA+NYCU4d7bb5RA== |

    @USERS-133 @must
    Scenario Outline: The hoisted <parameter> reaches the store as a header
      When a client stores "report.csv" through a URL with the hoisted "<parameter>" = "<value>"
      Then the request succeeds
      And the store was sent the header "<header>" with "<value>"

      Examples:
        | parameter         | header            | value |
        | x-amz-meta-colour | x-amz-meta-colour | red   |
        | X-Amz-Meta-Colour | x-amz-meta-colour | red   |
        | X-Amz-Tagging     | x-amz-tagging     | a=b   |

  Rule: Parameters that mean something travel

    @USERS-133 @must
    Scenario Outline: The answer's <header> is overridden by a parameter, <signed>
      Given the object "report.csv" holding "paid"
      When a client <reads> "report.csv" with the parameter "<parameter>" = "<value>"
      Then the request succeeds
      And the answer's header "<header>" is "<value>"

      Examples:
        | signed        | reads          | parameter                    | header              | value                         |
        | header-signed | reads          | response-content-type        | content-type        | text/x-odd                    |
        | header-signed | reads          | response-content-disposition | content-disposition | attachment; filename=a.b      |
        | header-signed | reads          | response-cache-control       | cache-control       | no-store                      |
        | header-signed | reads          | response-content-language    | content-language    | de                            |
        | header-signed | reads          | response-content-encoding    | content-encoding    | identity                      |
        | header-signed | reads          | response-expires             | expires             | Wed, 21 Oct 2037 07:28:00 GMT |
        | presigned     | opens a URL of | response-content-type        | content-type        | text/x-odd                    |
        | presigned     | opens a URL of | response-content-disposition | content-disposition | attachment                    |

    @USERS-133 @must
    Scenario Outline: The parameter <parameter> reaches the store
      Given the object "report.csv" holding "paid"
      When a client reads "report.csv" with the parameter "<parameter>" = "<value>"
      Then the store was sent the parameter "<parameter>" with "<value>"

      Examples:
        | parameter  | value   |
        | versionId  | a/b+c=d |
        | versionId  | null    |
        | partNumber | 1       |

  Rule: A store is told the length at the beginning

    @USERS-133 @must
    Scenario Outline: <size> bytes whose length S3's header tells are stored though HTTP does not
      Given a bucket
      When a client uploads <size> bytes to "report.bin" in unsigned chunks and a trailer, its length untold by HTTP
      Then the request succeeds
      And the object "report.bin" holds the <size> bytes

      Examples:
        | size    |
        | 0       |
        | 5000    |
        | 3000000 |

    @USERS-133 @must
    Scenario Outline: An upload in <mode> whose length nothing tells is told what it lacks
      Given a bucket
      When a client uploads 5000 bytes to "report.bin" in <mode>, its length untold by HTTP
      Then the request is denied with MissingContentLength
      And the backend receives no request

      Examples:
        | mode               |
        | one piece          |
        | one unsigned piece |

    @USERS-133 @must
    Scenario: An upload without any framing is told what it lacks
      Given a bucket
      When a client stores "report.bin" and frames no body at all
      Then the request is denied with MissingContentLength
      And the backend receives no request

  Rule: Places are told as the client knows them

    @USERS-134 @should
    Scenario: A completed upload is placed at this address
      Given an upload of "large.bin" was started
      And part 1 of "large.bin" was uploaded with 10 bytes
      When the client completes the upload of "large.bin"
      Then the request succeeds
      And the answer's document places "large.bin" at this address

    @USERS-134 @should
    Scenario: An upload that was completed at the bucket's host is placed there
      When a client that names buckets as hosts completes an upload of "large.bin"
      Then the request succeeds
      And the answer's document places "large.bin" at the bucket's host

    @USERS-134 @should
    Scenario: A bucket that was made is placed
      When a client that names buckets by their path makes the bucket
      Then the request succeeds
      And the answer places the bucket and names no store
