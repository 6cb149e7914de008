//! The pure heart of the proxy: no I/O, no clock, no randomness, no environment.
//!
//! `s3` turns request parts into an operation, `sigv4` turns a signature into an
//! authenticated caller, `policy` turns both into a permit or a denial. `document` reads
//! configuration, `iam` turns it into a plan of changes.

pub mod document;
pub mod iam;
pub mod policy;
pub mod s3;
pub mod sigv4;
pub mod snapshot;
