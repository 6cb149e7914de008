Feature: Payload tampering
  A body that is not what its signature promised becomes no object, not even for a moment.
  The twin of each refusal, the same upload unspoilt, is in modes.feature.

  Rule: A declared hash binds the body

    @USERS-27 @ATTACK-18 @must
    Scenario Outline: <size> bytes with one changed on their way are refused
      Given a bucket
      When a client uploads <size> bytes to "report.bin" in one piece, but a byte of its body is changed
      Then the request is denied with XAmzContentSHA256Mismatch
      And no whole upload reached the store
      And the object "report.bin" does not exist

      Examples:
        | size   |
        | 5000   |
        | 400000 |

  Rule: Every chunk is verified before any of it becomes an object

    @USERS-28 @ATTACK-19 @ATTACK-20 @must
    Scenario Outline: <size> bytes in signed chunks are refused when <flaw>
      Given a bucket
      When a client uploads <size> bytes to "report.bin" in signed chunks, but <flaw>
      Then the request is refused
      And no whole upload reached the store
      And the object "report.bin" does not exist

      Examples:
        | size   | flaw                                        |
        | 50000  | a byte of its first chunk is changed        |
        | 50000  | a byte of its last data is changed          |
        | 50000  | the signature of its last chunk is changed  |
        | 400000 | a byte of its first chunk is changed        |
        | 400000 | a byte of a middle chunk is changed         |
        | 400000 | a byte of its last data is changed          |
        | 400000 | the signature of its first chunk is changed |
        | 400000 | the signature of a middle chunk is changed  |
        | 400000 | the signature of its last chunk is changed  |
        | 400000 | two of its chunks are swapped               |

    @USERS-30 @ATTACK-21 @must
    Scenario Outline: An upload in <mode> that lacks a chunk is refused when <flaw>
      Given a bucket
      When a client uploads <size> bytes to "report.bin" in <mode>, but <flaw>
      Then the request is refused
      And no whole upload reached the store
      And the object "report.bin" does not exist

      Examples:
        | mode                          | size   | flaw                          |
        | signed chunks                 | 50000  | one of its chunks is left out |
        | signed chunks                 | 400000 | one of its chunks is left out |
        | signed chunks                 | 50000  | its last chunk never comes    |
        | signed chunks                 | 400000 | its last chunk never comes    |
        | unsigned chunks and a trailer | 50000  | one of its chunks is left out |
        | unsigned chunks and a trailer | 400000 | one of its chunks is left out |
        | unsigned chunks and a trailer | 400000 | its last chunk never comes    |

    @ATTACK-22 @must
    Scenario Outline: Small chunks before the last one are refused in <mode>
      Given a bucket
      When a client uploads 400000 bytes to "report.bin" in <mode>, but its chunks are too small
      Then the request is refused
      And no whole upload reached the store
      And the object "report.bin" does not exist

      Examples:
        | mode                          |
        | signed chunks                 |
        | signed chunks and a trailer   |
        | unsigned chunks and a trailer |

  Rule: The decoded length is promised and kept

    @USERS-30 @must
    Scenario Outline: <size> bytes in <mode> are refused when <flaw>
      Given a bucket
      When a client uploads <size> bytes to "report.bin" in <mode>, but <flaw>
      Then the request is refused
      And no whole upload reached the store
      And the object "report.bin" does not exist

      Examples:
        | mode                          | size   | flaw                         |
        | signed chunks                 | 50000  | its length is not told       |
        | signed chunks                 | 50000  | its length is told too small |
        | signed chunks                 | 400000 | its length is told too small |
        | signed chunks                 | 50000  | its length is told too large |
        | signed chunks                 | 400000 | its length is told too large |
        | unsigned chunks and a trailer | 400000 | its length is not told       |
        | unsigned chunks and a trailer | 400000 | its length is told too small |
        | unsigned chunks and a trailer | 400000 | its length is told too large |

    @USERS-30 @must
    Scenario: A request with two framings leaves no object
      Given a bucket
      When a client uploads 5000 bytes to "report.bin" with two framings
      Then the request is refused
      And the backend receives no request
      And the object "report.bin" does not exist

  Rule: The trailer is verified too

    @USERS-29 @must
    Scenario Outline: <size> bytes in <mode> are refused when <flaw>
      Given a bucket
      When a client uploads <size> bytes to "report.bin" in <mode>, but <flaw>
      Then the request is refused
      And the object "report.bin" does not exist

      Examples:
        | mode                          | size   | flaw                                       |
        | unsigned chunks and a trailer | 0      | its checksum is another one's              |
        | unsigned chunks and a trailer | 50000  | its checksum is another one's              |
        | unsigned chunks and a trailer | 400000 | its checksum is another one's              |
        | unsigned chunks and a trailer | 400000 | its checksum is longer than any            |
        | unsigned chunks and a trailer | 400000 | a byte of its first chunk is changed       |
        | unsigned chunks and a trailer | 400000 | a byte of a middle chunk is changed        |
        | unsigned chunks and a trailer | 400000 | a byte of its last data is changed         |
        | signed chunks and a trailer   | 400000 | a byte of a middle chunk is changed        |
        | signed chunks and a trailer   | 400000 | the signature of its last chunk is changed |
        | unsigned chunks and a trailer | 50000  | its checksum never comes                   |
        | unsigned chunks and a trailer | 400000 | its checksum never comes                   |
        | signed chunks and a trailer   | 50000  | its checksum is another one's              |
        | signed chunks and a trailer   | 400000 | its checksum is another one's              |
        | signed chunks and a trailer   | 400000 | the signature of its trailer is changed    |
        | signed chunks and a trailer   | 400000 | the signature of its trailer never comes   |

    @ATTACK-17 @must
    Scenario: Unsigned chunks still need a good signature of their request
      Given a bucket
      When a client uploads 50000 bytes to "report.bin" in unsigned chunks and a trailer, but the request's own signature is changed
      Then the request is denied with SignatureDoesNotMatch
      And the backend receives no request
      And the object "report.bin" does not exist
