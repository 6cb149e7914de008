//! A provider as requests and answers have it: the fields of the YAML.

use deltaglider_core::iam::{ClientSecret, Provider, check_provider};
use deltaglider_store::{ProviderRow, State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::faults_of;
use crate::admin::error::{ApiError, FieldError};
use crate::iam::Iam;

/// A provider, as answers show it.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::admin) struct ProviderView {
    id: i64,
    name: String,
    provider_type: String,
    enabled: bool,
    priority: i64,
    display_name: String,
    client_id: String,
    /// Always `null`: the secret leaves the database for the provider alone.
    client_secret: Option<String>,
    issuer_url: String,
    scopes: String,
}

impl ProviderView {
    pub(super) fn of(row: &ProviderRow) -> Self {
        let it = row.provider.clone();
        Self {
            id: row.id,
            name: it.name,
            provider_type: it.provider_type,
            enabled: it.enabled,
            priority: it.priority,
            display_name: it.display_name,
            client_id: it.client_id,
            client_secret: None,
            issuer_url: it.issuer_url,
            scopes: it.scopes,
        }
    }

    pub(super) fn find(iam: &Iam, id: i64) -> Result<Self, ApiError> {
        find(&iam.current().state, id).map(Self::of)
    }
}

/// The provider of an id; 404 where there is none.
pub(super) fn find(state: &State, id: i64) -> Result<&ProviderRow, ApiError> {
    let found = state.providers.iter().find(|row| row.id == id);
    found.ok_or_else(|| ApiError::not_found(format!("there is no provider {id}")))
}

/// A provider in a request. In a change, absent fields stay.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::admin) struct ProviderFields {
    name: Option<String>,
    /// `oidc`.
    provider_type: Option<String>,
    enabled: Option<bool>,
    /// Lower comes first on the sign-in page.
    priority: Option<i64>,
    /// What the sign-in page shows; the name where nothing is said.
    display_name: Option<String>,
    client_id: Option<String>,
    /// A new provider needs one; in a change, `null` and an empty one keep what is held.
    client_secret: Option<String>,
    /// `https`, or `http` on loopback.
    issuer_url: Option<String>,
    /// Blank-separated, `openid` among them.
    scopes: Option<String>,
}

impl ProviderFields {
    /// The provider that is to be made, or all that is wrong with it.
    pub(super) fn create(self) -> Result<(Provider, ClientSecret), Vec<FieldError>> {
        let name = self.name.clone().unwrap_or_default();
        let (provider, secret) = self.onto(Provider {
            display_name: name.clone(),
            name,
            provider_type: "oidc".to_owned(),
            enabled: true,
            priority: 0,
            client_id: String::new(),
            issuer_url: String::new(),
            scopes: Provider::SCOPES.to_owned(),
        });
        let mut faults = faults_of(check_provider(&provider));
        match secret {
            Some(secret) if faults.is_empty() => Ok((provider, secret)),
            Some(_) => Err(faults),
            None => {
                faults.push(FieldError::new("client_secret", "is missing"));
                Err(faults)
            }
        }
    }

    /// The provider that `held` becomes, with a new secret where one is given.
    pub(super) fn change(
        self,
        held: Provider,
    ) -> Result<(Provider, Option<ClientSecret>), Vec<FieldError>> {
        let (provider, secret) = self.onto(held);
        let faults = faults_of(check_provider(&provider));
        if faults.is_empty() { Ok((provider, secret)) } else { Err(faults) }
    }

    fn onto(self, base: Provider) -> (Provider, Option<ClientSecret>) {
        let secret = self.client_secret.filter(|it| !it.is_empty());
        let secret = secret.map(|it| ClientSecret(it.into()));
        let provider = Provider {
            name: self.name.unwrap_or(base.name),
            provider_type: self.provider_type.unwrap_or(base.provider_type),
            enabled: self.enabled.unwrap_or(base.enabled),
            priority: self.priority.unwrap_or(base.priority),
            display_name: self.display_name.unwrap_or(base.display_name),
            client_id: self.client_id.unwrap_or(base.client_id),
            issuer_url: self.issuer_url.unwrap_or(base.issuer_url),
            scopes: self.scopes.unwrap_or(base.scopes),
        };
        (provider, secret)
    }
}
