//! Signature Version 4 as S3 speaks it: header-signed and presigned requests,
//! declared payload hashes and chunk-signed bodies.
//!
//! [`authenticate`] is the only maker of [`Authenticated`]; [`PayloadVerifier`]
//! checks the body against what the signature promised while it streams.

mod authenticate;
mod canonical;
mod chunked;
mod error;
mod form;
mod key;
mod payload;
mod presented;
mod scope;
mod trailers;

#[cfg(test)]
mod tests;

pub use authenticate::{Authenticated, Method, RequestView, authenticate};
pub use error::{AuthError, PayloadError};
pub use form::{AdmittedForm, authenticate_form};
pub use key::{HmacKey, Mac, SigningKey, SigningSecret};
pub use payload::{PayloadPromise, PayloadVerifier};

pub use presented::{claimed_key_id, hoisted_headers};
pub use scope::CredentialScope;
