//! Who may use the admin API: its password, its sessions and what guards them.

#![allow(dead_code, reason = "the handlers that call these come next")]

mod login;
mod origin;
mod password;
mod session;
mod throttle;

pub use password::{PasswordError, PasswordHash, PasswordHashError, random_password};
