Feature: The edges of S3's own interface
  Odd requests get the status and the code that S3 documents, whichever store is behind.

  Background:
    Given the object "k" holding "content"
    And the object "folder/k" holding "content"

  @USERS-211 @must
  Scenario Outline: <method> "<target>" is answered <status> <code>
    When the client sends <method> "<target>" with ''
    Then the subject answers <status>
    And its code is "<code>"

    Examples: Listings
      | method | target                                  | status | code            |
      | GET    | ?max-keys=-1                            | 400    | InvalidArgument |
      | GET    | ?max-keys=few                           | 400    | InvalidArgument |
      | GET    | ?list-type=2&max-keys=-1                | 400    | InvalidArgument |
      | GET    | ?list-type=2&continuation-token=        | 400    | InvalidArgument |
      | GET    | ?encoding-type=base64                   | 400    | InvalidArgument |
      | GET    | ?list-type=2&encoding-type=base64       | 400    | InvalidArgument |
      | GET    | ?uploads&max-uploads=-1                 | 400    | InvalidArgument |

    Examples: Objects
      | method | target                                  | status | code            |
      | GET    | missing                                 | 404    | NoSuchKey       |
      | GET    | missing?tagging                         | 404    | NoSuchKey       |
      | GET    | folder/                                 | 404    | NoSuchKey       |

    Examples: Uploads
      | method | target                                  | status | code            |
      | PUT    | k?partNumber=1&uploadId=none            | 404    | NoSuchUpload    |
      | PUT    | k?partNumber=10001&uploadId=none        | 400    | InvalidArgument |
      | GET    | k?uploadId=none                         | 404    | NoSuchUpload    |

    Examples: Buckets
      | method | target                                  | status | code            |
      | DELETE |                                         | 409    | BucketNotEmpty  |

  @USERS-211 @must
  Scenario Outline: <method> "<target>" with <header> is answered <status> <code>
    When the client sends <method> "<target>" with '<header>'
    Then the subject answers <status>
    And its code is "<code>"

    Examples:
      | method | target | header                                      | status | code               |
      | GET    | k      | Range: bytes=7-                             | 416    | InvalidRange       |
      | GET    | k      | Range: bytes=9999-10000                     | 416    | InvalidRange       |
      | GET    | k      | If-Match: "other"                           | 412    | PreconditionFailed |
      | PUT    | k      | If-None-Match: *                            | 412    | PreconditionFailed |
      | PUT    | k      | Content-MD5: AAAAAAAAAAAAAAAAAAAAAA==       | 400    | BadDigest          |
      | PUT    | k      | Content-MD5: short                          | 400    | InvalidDigest      |
      | PUT    | k      | x-amz-copy-source: /{bucket}/k              | 400    | InvalidRequest     |
      | PUT    | k      | x-amz-copy-source: /{bucket}/missing        | 404    | NoSuchKey          |
      | PUT    | new    | x-amz-copy-source: /{bucket}-none/k         | 404    | NoSuchBucket       |
      | PUT    | new    | x-amz-tagging: a=1&a=2                      | 400    | InvalidTag         |

  @USERS-211 @must
  Scenario Outline: <method> "<target>" with <header> is served with <status>
    When the client sends <method> "<target>" with '<header>'
    Then the subject answers <status>

    Examples:
      | method | target                                   | header               | status |
      | GET    | ?max-keys=0                              |                      | 200    |
      | GET    | ?list-type=2&max-keys=1000000            |                      | 200    |
      | GET    | ?list-type=2&start-after=zzz             |                      | 200    |
      | GET    | ?prefix=folder/&delimiter=/              |                      | 200    |
      | GET    | ?encoding-type=url&prefix=%20            |                      | 200    |
      | GET    | ?uploads                                 |                      | 200    |
      | GET    | ?location                                |                      | 200    |
      | GET    | k                                        | Range: nonsense      | 200    |
      | GET    | k                                        | Range: bytes=-3      | 206    |
      | GET    | k                                        | Range: bytes=0-99    | 206    |
      | GET    | k                                        | If-None-Match: "x"   | 200    |
      | HEAD   | k                                        |                      | 200    |
      | HEAD   | missing                                  |                      | 404    |
      | HEAD   |                                          |                      | 200    |
      | DELETE | missing                                  |                      | 204    |
      | PUT    | k                                        | If-Match: *          | 200    |
      | GET    | k?tagging                                |                      | 200    |

  @USERS-212 @must
  Scenario Outline: Pages with <version> show what was there throughout once, while others write
    Given 60 objects below "page/"
    When the client lists "page/" with <version> in pages of 7 while others write and remove beside it
    Then each of the 60 stands there once, in order

    Examples:
      | version   |
      | version 1 |
      | version 2 |
