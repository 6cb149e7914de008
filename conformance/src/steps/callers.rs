//! Who sends a request: `{caller}` in the steps.

use std::str::FromStr;

use crate::failure::Failure;
use crate::sdk::{Retries, Sdk};
use crate::world::World;

/// A client and what it presents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, cucumber::Parameter)]
#[param(
    name = "caller",
    regex = "an anonymous client|a client with the bootstrap credentials|a client with an unknown \
             access key|a client with a wrong secret"
)]
pub enum Caller {
    /// Presents nothing.
    Anonymous,
    /// Signs with the bootstrap pair.
    Bootstrap,
    /// Signs with a key id that nobody has.
    UnknownKey,
    /// Signs with the bootstrap key id and another secret.
    WrongSecret,
}

impl FromStr for Caller {
    type Err = Failure;

    fn from_str(text: &str) -> Result<Self, Failure> {
        match text {
            "an anonymous client" => Ok(Self::Anonymous),
            "a client with the bootstrap credentials" => Ok(Self::Bootstrap),
            "a client with an unknown access key" => Ok(Self::UnknownKey),
            "a client with a wrong secret" => Ok(Self::WrongSecret),
            _ => Err(Failure::new(format!("who is `{text}`?"))),
        }
    }
}

impl Caller {
    /// A stock SDK that presents what this caller has.
    pub fn sdk(self, world: &World) -> Result<Sdk, Failure> {
        let keys = &world.lane().credentials;
        let (id, secret) = (keys.access_key_id.as_str(), keys.secret_access_key.as_str());
        let (unknown, wrong) = (format!("{id}-unknown"), format!("{secret}-wrong"));
        let pair = match self {
            Self::Anonymous => None,
            Self::Bootstrap => Some((id, secret)),
            Self::UnknownKey => Some((unknown.as_str(), secret)),
            Self::WrongSecret => Some((id, wrong.as_str())),
        };
        Sdk::with_credentials(world.lane(), world.scenario(), Retries::Stock, pair)
    }
}
