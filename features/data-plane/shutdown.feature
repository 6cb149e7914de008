Feature: Stopping
  A proxy that is told to stop takes nothing new and cuts nothing off.

  Rule: Transfers under way are finished

    @USERS-49 @may
    Scenario: An upload under way is finished
      Given a proxy of the scenario's own
      When it is told to stop in the middle of an upload
      Then the request succeeds
      And it has taken no new connection meanwhile
      And it ends by itself, without an error

    @USERS-49 @may
    Scenario: A download under way is finished
      Given a proxy of the scenario's own
      When it is told to stop in the middle of a download
      Then the whole content arrives
      And it has taken no new connection meanwhile
      And it ends by itself, without an error

    @USERS-49 @may
    Scenario: A proxy that nobody uses ends at once
      Given a proxy of the scenario's own
      When it is told to stop
      Then it ends by itself, without an error
