//! The one authorisation call that every request passes.

mod document;

use crate::s3::{Operation, S3Error, S3ErrorCode};
use crate::sigv4::Authenticated;
use crate::snapshot::Principal;

pub use document::{ConditionDocument, OneOrMany, RuleDocument};

/// Leave to forward one operation; only [`authorise`] makes one.
#[derive(Debug)]
pub struct Permit {
    operation: Operation,
}

impl Permit {
    /// What may be forwarded, and nothing else.
    pub fn operation(&self) -> &Operation {
        &self.operation
    }
}

/// A refusal by the rules, or by what the operation is.
#[derive(Debug)]
pub struct Denied {
    /// The operation that was refused.
    pub operation: Operation,
    /// The answer to the caller.
    pub error: S3Error,
}

/// Decides one operation for one authenticated caller.
///
/// What the request itself got wrong is answered only to callers who may ask.
pub fn authorise(caller: &Authenticated, operation: Operation) -> Result<Permit, Box<Denied>> {
    match caller.principal() {
        Principal::Bootstrap => {}
    }
    let error = operation.problem.clone().or_else(|| not_offered(&operation));
    match error {
        Some(error) => Err(Box::new(Denied { operation, error })),
        None => Ok(Permit { operation }),
    }
}

fn not_offered(operation: &Operation) -> Option<S3Error> {
    use crate::s3::Support;
    (operation.support == Support::NotImplemented).then(|| {
        let text = format!("{} is not implemented by this proxy", operation.kind.name());
        S3Error::new(S3ErrorCode::NotImplemented, text)
    })
}
