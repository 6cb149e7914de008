//! The witness: a recording forwarder between the subject and its store.

mod body;
mod forward;
mod record;

pub use forward::Witness;
pub use record::{Recorded, Recorder};

#[cfg(test)]
mod tests;
