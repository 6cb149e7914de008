//! A running subject: started from its target, or found at its endpoint.

mod process;

pub use process::{Launch, Subject, free_address};
