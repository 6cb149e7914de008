Feature: Buckets
  A stock SDK manages buckets through the proxy as it would at the store.

  @USERS-1 @must
  Scenario: A created bucket exists
    When the client creates a bucket
    Then the request succeeds
    And the bucket exists

  @USERS-1 @must
  Scenario: A bucket that exists is found
    Given a bucket
    When the client looks for the bucket
    Then the request succeeds

  @USERS-1 @USERS-10 @must
  Scenario: A bucket that does not exist is not found
    When the client looks for the bucket
    Then the status is 404

  @USERS-1 @must
  Scenario: The place of a bucket can be asked for
    Given a bucket
    When the client asks where the bucket is
    Then the request succeeds

  @USERS-1 @must
  Scenario: A created bucket is listed
    Given a bucket
    When a client with the bootstrap credentials lists all buckets
    Then the request succeeds
    And the bucket is among them

  @USERS-1 @must
  Scenario: An empty bucket is removed
    Given a bucket
    When the client removes the bucket
    Then the request succeeds
    And the bucket does not exist

  @USERS-10 @must
  Scenario: A bucket that holds an object stays
    Given the object "kept.txt" holding "kept"
    When the client removes the bucket
    Then the store's error BucketNotEmpty with status 409 reaches the client
    And the object "kept.txt" holds "kept"

  @USERS-10 @must
  Scenario: A bucket that does not exist cannot be removed
    When the client removes the bucket
    Then the store's error NoSuchBucket with status 404 reaches the client

  @USERS-10 @must
  Scenario: A bucket that does not exist cannot be listed
    When the client lists a bucket that does not exist
    Then the store's error NoSuchBucket with status 404 reaches the client
