//! The running proxy: configuration, the S3 port, the backends and the operational endpoints.

pub mod admin;
pub mod app;
pub mod backend;
pub mod config;
mod control;
mod data;
pub mod health;
mod iam;
mod listen;
pub mod logging;
mod ops;
mod services;
