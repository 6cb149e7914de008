//! A small S3 client and the program as a process, for tests and measurements.
#![allow(dead_code, reason = "each test uses the part that it needs")]

pub(crate) mod client;
pub(crate) mod load;
pub(crate) mod server;
