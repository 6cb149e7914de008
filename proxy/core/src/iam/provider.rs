//! Identity providers.

use zeroize::Zeroizing;

use super::fields::check_name;

/// An OpenID Connect provider, without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provider {
    /// Unique name.
    pub name: String,
    /// `oidc`.
    pub provider_type: String,
    /// Whether anybody may sign in through it.
    pub enabled: bool,
    /// Lower comes first on the sign-in page.
    pub priority: i64,
    /// What the sign-in page shows.
    pub display_name: String,
    /// Our id there.
    pub client_id: String,
    /// Where its discovery document is found.
    pub issuer_url: String,
    /// What is asked for, blank-separated.
    pub scopes: String,
}

impl Provider {
    /// What is asked for where nothing is said.
    pub const SCOPES: &'static str = "openid email profile";
    /// The kinds that there are.
    pub const TYPES: &'static [&'static str] = &["oidc"];
}

/// What we prove ourselves to a provider with; wiped when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct ClientSecret(pub Zeroizing<String>);

impl std::fmt::Debug for ClientSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ClientSecret(..)")
    }
}

/// Everything that is wrong with a provider: field and fault.
pub fn check_provider(provider: &Provider) -> Vec<(&'static str, String)> {
    let mut faults = Vec::new();
    let mut fault = |field, text: &str| faults.push((field, text.to_owned()));
    if let Some(text) = check_name(&provider.name) {
        fault("name", text);
    }
    if !Provider::TYPES.contains(&provider.provider_type.as_str()) {
        fault("provider_type", "is not `oidc`, the one kind that there is");
    }
    for (field, text, longest) in [
        ("client_id", &provider.client_id, 512),
        ("display_name", &provider.display_name, 128),
        ("scopes", &provider.scopes, 1024),
    ] {
        if text.is_empty() || text.chars().count() > longest || text.contains(char::is_control) {
            fault(field, &format!("needs 1 to {longest} characters without control characters"));
        }
    }
    if !is_issuer(&provider.issuer_url) {
        let text = "is not an https URL without query and fragment (http only on loopback)";
        fault("issuer_url", text);
    }
    if !provider.scopes.split_ascii_whitespace().any(|scope| scope == "openid") {
        fault("scopes", "lacks `openid`, without which nobody can sign in");
    }
    faults
}

/// OpenID Connect Discovery asks for https; a provider on this machine may do without.
fn is_issuer(text: &str) -> bool {
    let Ok(uri) = text.parse::<http::Uri>() else { return false };
    let host = uri.host().unwrap_or_default();
    let loopback = matches!(host, "localhost" | "127.0.0.1" | "[::1]");
    let scheme = match uri.scheme_str() {
        Some("https") => true,
        Some("http") => loopback,
        _ => false,
    };
    let plain = !text.contains(['?', '#', '@']);
    scheme && plain && !host.is_empty()
}
