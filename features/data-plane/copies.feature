Feature: Copies and batch deletes

  Rule: A copy is another object with the same content

    @USERS-5 @must
    Scenario: A copy holds what its source holds
      Given the object "from.txt" holding "original"
      When the client copies "from.txt" to "to.txt"
      Then the request succeeds
      And the object "to.txt" holds "original"
      And the object "from.txt" holds "original"

    @USERS-5 @must
    Scenario: A source whose name needs encoding is copied
      Given the object "from ä+b%2F.txt" holding "original"
      When the client copies "from ä+b%2F.txt" to "to.txt"
      Then the request succeeds
      And the object "to.txt" holds "original"

    @USERS-5 @USERS-10 @must
    Scenario: What does not exist cannot be copied
      Given a bucket
      When the client copies "never.txt" to "to.txt"
      Then the store's error NoSuchKey with status 404 reaches the client
      And the object "to.txt" does not exist

  Rule: Metadata goes with the copy unless it is replaced

    @USERS-5 @must
    Scenario: A copy keeps the metadata of its source
      Given the object "from.txt" with metadata "owner" = "ana"
      And the copy "to.txt" of "from.txt"
      When the client inspects "to.txt"
      Then the answer's header "x-amz-meta-owner" is "ana"
      And the answer's header "content-type" is "text/x-original"

    @USERS-5 @must
    Scenario: A copy takes the metadata that replaces its source's
      Given the object "from.txt" with metadata "owner" = "ana"
      And the copy "to.txt" of "from.txt" with new metadata "reader" = "ben"
      When the client inspects "to.txt"
      Then the answer's header "x-amz-meta-reader" is "ben"
      And the answer has no header "x-amz-meta-owner"
      And the answer's header "content-type" is "text/x-new"

  Rule: A batch delete removes what it names

    @USERS-7 @must
    Scenario: The named objects are removed and the others stay
      Given the objects "a.txt, b.txt, c & d.txt, e.txt"
      When the client removes in one request "a.txt, c & d.txt"
      Then the request succeeds
      And the removed keys are "a.txt, c & d.txt"
      And the object "a.txt" does not exist
      And the object "c & d.txt" does not exist
      And the object "b.txt" holds "b.txt"
      And the object "e.txt" holds "e.txt"

    @USERS-7 @must
    Scenario: A batch may name what does not exist
      Given the objects "a.txt"
      When the client removes in one request "a.txt, never.txt"
      Then the request succeeds
      And the removed keys are "a.txt, never.txt"
