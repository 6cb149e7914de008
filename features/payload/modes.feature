Feature: Payload modes
  Whatever way a client promises its bytes, they arrive as they were promised.

  Rule: Every mode that clients use is served

    @USERS-16 @ATTACK-24 @must
    Scenario Outline: <size> bytes in <mode> are stored as they were sent
      Given a bucket
      When a client uploads <size> bytes to "report.bin" in <mode>
      Then the request succeeds
      And the object "report.bin" holds the <size> bytes

      Examples:
        | mode                          | size   |
        | one piece                     | 0      |
        | one piece                     | 5000   |
        | one piece                     | 400000 |
        | one unsigned piece            | 0      |
        | one unsigned piece            | 400000 |
        | signed chunks                 | 0      |
        | signed chunks                 | 50000  |
        | signed chunks                 | 400000 |
        | signed chunks and a trailer   | 0      |
        | signed chunks and a trailer   | 50000  |
        | signed chunks and a trailer   | 400000 |
        | unsigned chunks and a trailer | 0      |
        | unsigned chunks and a trailer | 50000  |
        | unsigned chunks and a trailer | 400000 |

    @USERS-16 @must
    Scenario Outline: <size> bytes whose length HTTP does not tell are stored
      Given a bucket
      When a client uploads <size> bytes to "report.bin" in unsigned chunks and a trailer, its length untold by HTTP
      Then the request succeeds
      And the object "report.bin" holds the <size> bytes

      Examples:
        | size   |
        | 5000   |
        | 400000 |

    @USERS-16 @ATTACK-22 @ATTACK-24 @must
    Scenario Outline: Chunks of 8 KiB are taken in <mode>
      Given a bucket
      When a client uploads 400000 bytes to "report.bin" in <mode>, but its chunks are as small as they may be
      Then the request succeeds
      And the object "report.bin" holds the 400000 bytes

      Examples:
        | mode                          |
        | signed chunks                 |
        | signed chunks and a trailer   |
        | unsigned chunks and a trailer |

    @USERS-16 @ATTACK-23 @must
    Scenario Outline: A part of an upload is taken in <mode>
      Given an upload of "large.bin" was started
      When a client uploads 50000 bytes as a part of "large.bin" in <mode>
      Then the request succeeds

      Examples:
        | mode                          |
        | one piece                     |
        | one unsigned piece            |
        | signed chunks                 |
        | signed chunks and a trailer   |
        | unsigned chunks and a trailer |

  Rule: Streaming modes are for objects and parts alone

    @ATTACK-23 @must
    Scenario: Tags are taken in one piece
      Given the object "report.bin" holding "paid"
      When a client tags "report.bin" in one piece
      Then the request succeeds

    @ATTACK-23 @must
    Scenario Outline: Tags are not taken in <mode>
      Given the object "report.bin" holding "paid"
      When a client tags "report.bin" in <mode>
      Then the request is refused
      And the backend receives no request

      Examples:
        | mode                          |
        | signed chunks                 |
        | signed chunks and a trailer   |
        | unsigned chunks and a trailer |
