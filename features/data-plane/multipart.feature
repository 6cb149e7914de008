Feature: Multipart uploads
  A large object can be brought in parts.

  @USERS-6 @must
  Scenario: A completed upload is one object
    Given an upload of "large.bin" was started
    And part 1 of "large.bin" was uploaded with 5242880 bytes
    And part 2 of "large.bin" was uploaded with 1234 bytes
    When the client completes the upload of "large.bin"
    Then the request succeeds
    And "large.bin" holds the first part and then 1234 bytes

  @USERS-6 @must
  Scenario: Metadata given at the start belongs to the object
    Given an upload of "large.bin" was started
    And part 1 of "large.bin" was uploaded with 10 bytes
    And the upload of "large.bin" was completed
    When the client inspects "large.bin"
    Then the answer's header "x-amz-meta-kind" is "large"
    And the answer's header "content-length" is "10"

  @USERS-6 @must
  Scenario: A part can be copied from another object
    Given the object "source.txt" holding "0123456789"
    And an upload of "large.bin" was started
    And the first part of "large.bin" was uploaded
    And part 2 of "large.bin" was copied from bytes "3-6" of "source.txt"
    When the client completes the upload of "large.bin"
    Then the request succeeds
    And "large.bin" holds the first part and "3456"

  @USERS-6 @must
  Scenario: Uploaded parts are listed
    Given an upload of "large.bin" was started
    And part 1 of "large.bin" was uploaded with 5242880 bytes
    And part 3 of "large.bin" was uploaded with 7 bytes
    When the client lists the parts of "large.bin"
    Then the keys are "1:5242880, 3:7"

  @USERS-6 @must
  Scenario: An open upload is listed and is no object yet
    Given an upload of "large.bin" was started
    And part 1 of "large.bin" was uploaded with 7 bytes
    When the client lists the open uploads
    Then the keys are "large.bin"
    And the object "large.bin" does not exist

  @USERS-6 @must
  Scenario: An aborted upload leaves nothing
    Given an upload of "large.bin" was started
    And part 1 of "large.bin" was uploaded with 7 bytes
    When the client aborts the upload of "large.bin"
    Then the status is 204
    And the object "large.bin" does not exist

  @USERS-6 @USERS-10 @must
  Scenario: An aborted upload cannot be completed
    Given an upload of "large.bin" was started
    And part 1 of "large.bin" was uploaded with 7 bytes
    And the upload of "large.bin" was aborted
    When the client completes the upload of "large.bin"
    Then the store's error NoSuchUpload with status 404 reaches the client
    And the object "large.bin" does not exist
