Feature: Identity providers and mapping rules
  They are managed as users are: by the admin API in gui mode, by the document otherwise.

  Background:
    Given a proxy of the scenario's own

  Rule: Providers have the document's fields, and a secret that nobody sees again

    @GITOPS-40 @should
    Scenario: A provider is made, and takes its defaults
      When the administrator sends POST "/ext-auth/providers"
        """
        {"name": "corp", "client_id": "dgp", "client_secret": "a-client-secret-of-corp", "issuer_url": "https://idp.example"}
        """
      Then the admin API answers 201
      And its "/provider_type" is "oidc"
      And its "/enabled" is true
      And its "/display_name" is "corp"
      And its "/scopes" is "openid email profile"
      And the audit has "provider_create" of "corp"

    @GITOPS-41 @must
    Scenario Outline: The client secret is not in <path>
      Given the provider "corp"
      When the administrator sends GET "<path>"
      Then the admin API answers 200
      And the answer has "<trace>" and no client secret

      Examples:
        | path                           | trace      |
        | /ext-auth/providers            | https://idp.example |
        | /ext-auth/providers/{seen}     | https://idp.example |
        | /config/declarative-iam-export | https://idp.example |
        | /audit?limit=10                | provider_create     |

    @GITOPS-40 @should
    Scenario: A change keeps what it does not name
      Given the provider "corp"
      When the administrator sends PUT "/ext-auth/providers/{seen}"
        """
        {"display_name": "Corp SSO", "client_secret": null, "enabled": false}
        """
      Then the admin API answers 200
      And its "/display_name" is "Corp SSO"
      And its "/enabled" is false
      And its "/issuer_url" is "https://idp.example"
      And the audit has "provider_update" of "corp"

    @GITOPS-42 @should
    Scenario Outline: A provider with <fault> is refused by the field's name
      When the administrator sends POST "/ext-auth/providers"
        """
        {"name": "corp", "client_id": "dgp", "issuer_url": "https://idp.example", "client_secret": "a-client-secret-of-corp", <change>}
        """
      Then the admin API answers 400
      And its message names "<field>"

      Examples:
        | fault                   | field         | change                                  |
        | another kind            | provider_type | "provider_type": "saml"                 |
        | no openid in its scopes | scopes        | "scopes": "email"                       |
        | an unknown field        | colour        | "colour": "red"                         |
        | a priority that is text | priority      | "priority": "first"                     |

    @GITOPS-42 @should
    Scenario Outline: A provider <fault> is refused by the field's name
      When the administrator sends POST "/ext-auth/providers"
        """
        <body>
        """
      Then the admin API answers 400
      And its message names "<field>"

      Examples:
        | fault                   | field         | body                                    |
        | in clear text elsewhere | issuer_url    | {"name": "corp", "client_id": "dgp", "client_secret": "s", "issuer_url": "http://idp.example"} |
        | without a secret        | client_secret | {"name": "corp", "client_id": "dgp", "issuer_url": "https://idp.example"} |
        | with a reserved name    | name          | {"name": "$corp", "client_id": "dgp", "client_secret": "s", "issuer_url": "https://idp.example"} |

    @GITOPS-42 @should
    Scenario: A name is one provider's
      Given the provider "corp"
      When the administrator sends POST "/ext-auth/providers"
        """
        {"name": "corp", "client_id": "other", "client_secret": "s", "issuer_url": "https://idp.example"}
        """
      Then the admin API answers 409

    @GITOPS-42 @should
    Scenario Outline: <method> of a <kind> that is not there is 404
      When the administrator sends <method> "/ext-auth/<kind>s/4711"
        """
        {"priority": 1}
        """
      Then the admin API answers 404

      Examples:
        | method | kind     |
        | GET    | provider |
        | PUT    | provider |
        | DELETE | provider |
        | GET    | mapping  |
        | PUT    | mapping  |
        | DELETE | mapping  |

  Rule: Mapping rules name their provider and their group

    @GITOPS-43 @should
    Scenario: A mapping rule is made, changed and removed
      Given the provider "corp"
      And the mapping rule of "corp" from "example.com" to "Administrators"
      When the administrator sends PUT "/ext-auth/mappings/{seen}"
        """
        {"provider": null, "match_value": "example.org"}
        """
      Then the admin API answers 200
      And its "/provider" is null
      And its "/match_value" is "example.org"
      And its "/match_field" is "email"
      And the audit has "mapping_rule_update" of "Administrators"
      When the administrator sends DELETE "/ext-auth/mappings/{seen}"
      Then the admin API answers 204
      When the administrator sends GET "/ext-auth/mappings"
      Then its "" is []

    @GITOPS-43 @should
    Scenario Outline: A mapping rule with <fault> is refused by the field's name
      Given the provider "corp"
      When the administrator sends POST "/ext-auth/mappings"
        """
        {"provider": "<provider>", "match_type": "<type>", "match_value": "<value>", "group": "<group>"}
        """
      Then the admin API answers 400
      And its message names "<field>"

      Examples:
        | fault               | field       | provider | type         | value       | group          |
        | an unknown provider | provider    | other    | email_domain | example.com | Administrators |
        | an unknown group    | group       | corp     | email_domain | example.com | nobody         |
        | an unknown type     | match_type  | corp     | email_regex  | example.com | Administrators |
        | no claim            | match_field | corp     | claim_value  | admins      | Administrators |
        | no value            | match_value | corp     | email_domain |             | Administrators |

    @GITOPS-43 @should
    Scenario: A provider goes with its mapping rules
      Given the provider "corp"
      And the provider "other"
      And the mapping rule of "corp" from "example.com" to "Administrators"
      And the mapping rule of "other" from "example.org" to "Administrators"
      When the administrator removes the provider "corp"
      Then the admin API answers 204
      When the administrator sends GET "/ext-auth/mappings"
      Then its "/0/provider" is "other"
      And its "/1" is null

    @GITOPS-44 @should
    Scenario Outline: A preview says which groups <who> would be in
      Given the provider "corp"
      And the mapping rule of "corp" from "example.com" to "Administrators"
      When the administrator sends POST "/ext-auth/mappings/preview"
        """
        {"provider": "corp", "claims": {"email": "<email>"}}
        """
      Then the admin API answers 200
      And its "/groups" is <groups>

      Examples:
        | who              | email               | groups             |
        | a colleague      | ana@example.com     | ["Administrators"] |
        | a shouting one   | ANA@EXAMPLE.COM     | ["Administrators"] |
        | a stranger       | ana@example.org     | []                 |
        | an impostor      | ana@notexample.com  | []                 |
        | a careful one    | ana@example.com.org | []                 |

    @GITOPS-44 @should
    Scenario: Before anybody signed in there are no bindings
      Given the provider "corp"
      When the administrator sends GET "/ext-auth/identities"
      Then the admin API answers 200
      And its "" is []

  Rule: Declared ones come and go with the document

    @GITOPS-45 @must
    Scenario: A document brings a provider and a mapping rule, and takes them away
      When the administrator sends PUT "/config/section/access"
        """
        {"iam_mode": "declarative",
         "iam_groups": [{"name": "eng", "permissions": [{"actions": ["read"], "resources": ["{bucket}/*"]}]}],
         "auth_providers": [{"name": "corp", "client_id": "dgp", "client_secret": "a-client-secret-of-corp", "issuer_url": "https://idp.example"}],
         "group_mapping_rules": [{"provider": "corp", "match_type": "email_domain", "match_value": "example.com", "group": "eng"}]}
        """
      Then the admin API answers 200
      And a warning reads "providers\(\+1/~0/-0\) mapping_rules="
      And the audit has "iam_reconcile_provider_create" of "corp"
      And the audit has "iam_reconcile_mapping_rules_replaced" of ""
      When the administrator sends POST "/ext-auth/mappings/preview"
        """
        {"provider": "corp", "claims": {"email": "ana@example.com"}}
        """
      Then its "/groups" is ["eng"]
      When the administrator sends PUT "/config/section/access"
        """
        {"auth_providers": [], "group_mapping_rules": []}
        """
      Then the admin API answers 200
      And a warning reads "providers\(\+0/~0/-1\) mapping_rules="
      When the administrator sends GET "/ext-auth/providers"
      Then its "" is []

    @GITOPS-45 @must
    Scenario: Rules that are not spoken of stay
      Given the provider "corp"
      And the mapping rule of "corp" from "example.com" to "Administrators"
      When the administrator applies what the declarative export says without "group_mapping_rules" and with a user
      Then the admin API answers 200
      And a warning reads "mapping_rules=keep"
      When the administrator sends GET "/ext-auth/mappings"
      Then its "/0/match_value" is "example.com"

    @GITOPS-45 @must
    Scenario Outline: A rule goes with the <entity> that it names, and the answer says so
      When the administrator sends PUT "/config/section/access"
        """
        {"iam_mode": "declarative", "iam_groups": [{"name": "eng"}, {"name": "ops"}],
         "auth_providers": [{"name": "corp", "client_id": "dgp", "client_secret": "a-client-secret-of-corp", "issuer_url": "https://idp.example"}],
         "group_mapping_rules": [{"provider": "corp", "match_type": "email_domain", "match_value": "example.com", "group": "eng"}]}
        """
      Then the admin API answers 200
      When the administrator sends PUT "/config/section/access"
        """
        {<without>, "group_mapping_rules": null}
        """
      Then the admin API answers 200
      And a warning reads "mapping_rules=replace"
      When the administrator sends GET "/ext-auth/mappings"
      Then its "" is []

      Examples:
        | entity   | without                         |
        | group    | "iam_groups": [{"name": "ops"}] |
        | provider | "auth_providers": []            |

    @GITOPS-6 @must
    Scenario Outline: A section with <fault> changes nothing
      When the administrator sends PUT "/config/section/access"
        """
        {"iam_mode": "declarative", "iam_groups": [{"name": "eng"}],
         "auth_providers": [{"name": "corp", "client_id": "dgp", "client_secret": "s", "issuer_url": "<issuer>"}],
         "group_mapping_rules": [{"provider": "<provider>", "match_type": "email_domain", "match_value": "example.com", "group": "eng"}]}
        """
      Then the admin API answers 422
      When the administrator sends GET "/ext-auth/providers"
      Then its "" is []
      When the administrator sends GET "/groups"
      Then its "/1" is null

      Examples:
        | fault                      | provider | issuer              |
        | a rule of no provider      | other    | https://idp.example |
        | a provider in clear text   | corp     | http://idp.example  |

    @GITOPS-9 @must
    Scenario Outline: <method> <path> is refused in declarative mode
      Given the document of "ci" with key "AKIACI00001" is applied
      When the administrator sends <method> "<path>"
        """
        {"name": "x"}
        """
      Then the admin API answers 403
      And its error is "iam_declarative"

      Examples:
        | method | path                  |
        | POST   | /ext-auth/providers   |
        | PUT    | /ext-auth/providers/1 |
        | DELETE | /ext-auth/providers/1 |
        | POST   | /ext-auth/mappings    |
        | PUT    | /ext-auth/mappings/1  |
        | DELETE | /ext-auth/mappings/1  |
