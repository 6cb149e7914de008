Feature: Checksums of the client
  A client says what its bytes sum up to; what sums up to something else is not kept.

  Rule: A declared checksum is verified, kept and given back

    @USERS-160 @must
    Scenario Outline: An upload with its <algorithm> keeps it
      Given the object "sum.txt" holding "123456789" was stored with its <algorithm>
      When the client inspects "sum.txt" with its checksums
      Then the request succeeds
      And the answer's header "x-amz-checksum-<header>" is "<value>"

      Examples:
        | algorithm | header    | value                                        |
        | CRC32     | crc32     | y/Q5Jg==                                     |
        | CRC32C    | crc32c    | 4waSgw==                                     |
        | CRC64NVME | crc64nvme | rosUhgp5mIg=                                 |
        | SHA1      | sha1      | 98O8HYCOBHMq32eZZczDTKeuNEE=                 |
        | SHA256    | sha256    | FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU= |

    @USERS-160 @must
    Scenario: Who does not ask for checksums is not told them
      Given the object "sum.txt" holding "123456789" was stored with its SHA256
      When the client inspects "sum.txt"
      Then the request succeeds
      And the answer has no header "x-amz-checksum-sha256"

    @USERS-160 @must
    Scenario Outline: An upload with the <algorithm> of other bytes is refused
      Given a bucket
      When the client stores "sum.txt" holding "another" but with the <algorithm> of "123456789"
      Then the request is refused
      And the object "sum.txt" does not exist

      Examples:
        | algorithm |
        | CRC32     |
        | CRC32C    |
        | CRC64NVME |
        | SHA1      |
        | SHA256    |

    @USERS-160 @must
    Scenario: The MD5 of a body is compared
      Given a bucket
      When the client stores "sum.txt" holding "another" but with the MD5 of "123456789"
      Then the store's error BadDigest with status 400 reaches the client
      And the object "sum.txt" does not exist

    @USERS-160 @must
    Scenario: The right MD5 of a body does no harm
      Given a bucket
      When the client stores "sum.txt" holding "123456789" but with the MD5 of "123456789"
      Then the request succeeds
      And the object "sum.txt" holds "123456789"

  Rule: A multipart upload has one, too

    @USERS-160 @must
    Scenario: The parts' checksums make up the object's
      Given an upload of "large.bin" with CRC32 was started
      And part 1 of "large.bin" holding "123456789" was uploaded with its CRC32
      And the upload of "large.bin" was completed
      When the client inspects "large.bin" with its checksums
      Then the answer's header "x-amz-checksum-crc32" is "7kxlUA==-1"
      And the answer's header "x-amz-checksum-type" is "COMPOSITE"

    @USERS-160 @must
    Scenario: A part with the checksum of other bytes is refused
      Given an upload of "large.bin" with CRC32 was started
      When the client uploads part 1 of "large.bin" holding "another" but with the CRC32 of "123456789"
      Then the request is refused
      And the open upload of "large.bin" has no parts

    @USERS-160 @must
    Scenario: An object describes itself
      Given the object "sum.txt" holding "123456789" was stored with its SHA256
      When the client asks for the attributes of "sum.txt"
      Then the attributes are size 9, tag "25f9e794323b453885f5181f1b624d0b" and SHA256 "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU="
