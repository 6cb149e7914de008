//! Certifies that an S3 access proxy keeps its documented promises: black box, over its
//! public address, with evidence. Depends on no crate of any proxy.

pub mod admin;
pub mod exchange;
pub mod failure;
pub mod faults;
pub mod lane;
pub mod ledger;
pub mod people;
pub mod probe;
pub mod reference;
pub mod run;
pub mod sdk;
pub mod snapshot;
pub mod steps;
pub mod store;
pub mod subject;
pub mod target;
pub mod template;
pub mod tls;
pub mod wire;
pub mod witness;
pub mod world;
