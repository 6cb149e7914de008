Feature: Checksums that nobody knows
  A check that a client asks for is made or refused, never left out in silence.

  @USERS-209 @should
  Scenario Outline: An object with <header> is not kept
    When a client sends a header-signed write of "sum.txt" with the signed header "<header>"
    Then the request is refused, or not implemented
    And the backend receives no request
    And the object "sum.txt" does not exist

    Examples:
      | header                                        |
      | x-amz-checksum-md4: AAAAAAAAAAAAAAAAAAAAAA==  |
      | x-amz-checksum-: AAAA                         |
      | x-amz-checksum-crc32-x: RnyWlA==              |

  @USERS-209 @should
  Scenario: An object with a known checksum is kept
    When a client sends a header-signed write of "sum.txt" with the signed header "x-amz-checksum-crc32: RnyWlA=="
    Then the request succeeds
    And the object "sum.txt" holds "draft"

  @USERS-209 @should
  Scenario Outline: A batch delete with <header> removes nothing
    Given the object "k" holding "content"
    When a client removes "k" in a batch with the header "<header>"
    Then the request is refused, or not implemented
    And the backend receives no request
    And the object "k" holds "content"

    Examples:
      | header                                       |
      | x-amz-checksum-md4: AAAAAAAAAAAAAAAAAAAAAA== |
      | x-amz-sdk-checksum-algorithm: MD4            |
      | x-amz-checksum-crc32: AAAAAA==               |

  @USERS-209 @should
  Scenario: A batch delete with a known checksum removes
    Given the object "k" holding "content"
    When a client removes "k" in a batch with the header "x-amz-checksum-crc32: A8uZRQ=="
    Then the request succeeds
    And the object "k" does not exist
