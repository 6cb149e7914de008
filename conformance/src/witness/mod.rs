//! The witness: a recording forwarder between the subject and its store.

mod record;

pub use record::{Recorded, Recorder};
