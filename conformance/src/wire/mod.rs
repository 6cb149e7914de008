//! Requests made by hand: signed like any client's, then changed wherever a scenario wants.

#[cfg(test)]
mod agreement;
pub mod chunked;
pub mod form;
pub mod request;
pub mod signer;

pub use chunked::{Announced, Chunks, Mode};
pub use form::{Form, SignedForm};
pub use request::Request;
pub use signer::{Seed, Signing};
