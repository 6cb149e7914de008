//! A running subject: started from its target, or found at its endpoint.

mod launch;
mod process;

pub use launch::{Launch, free_address};
pub use process::Subject;
