//! Why a step did not hold.

use std::fmt;

/// The reason that a step failed, in words for the person who reads the summary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure(String);

/// What every step returns.
pub type StepResult = Result<(), Failure>;

impl Failure {
    /// A failure with the given explanation.
    pub fn new(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }

    /// Fails with `reason` unless `holds`.
    pub fn unless(holds: bool, reason: impl FnOnce() -> String) -> StepResult {
        if holds { Ok(()) } else { Err(Self(reason())) }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Any error of the machinery (a refused connection, a broken file) fails the step: an
/// error is never read as a refusal by the subject.
impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Self {
        let mut text = error.to_string();
        let mut cause = error.source();
        while let Some(inner) = cause {
            text.push_str(": ");
            text.push_str(&inner.to_string());
            cause = inner.source();
        }
        Self(text)
    }
}
