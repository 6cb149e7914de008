//! Requests made by hand: signed like any client's, then changed wherever a scenario wants.

pub mod chunked;
pub mod request;
pub mod signer;

pub use chunked::{Announced, Chunks, Mode};
pub use request::Request;
pub use signer::{Seed, Signing};
