//! Refusals of the admin API: `{"error": "<code>", "message": "…"}` (INT-24).

use std::borrow::Cow;

use axum::Json;
use axum::response::{IntoResponse, Response};
use deltaglider_core::policy::RuleFault;
use deltaglider_store::CommitError;
use http::{HeaderValue, StatusCode};
use serde::Serialize;
use utoipa::ToSchema;

use crate::iam::{ChangeError, ReadError};

/// A refusal: nothing was changed.
#[derive(Debug)]
pub(crate) struct ApiError {
    pub(super) status: StatusCode,
    pub(super) body: ErrorBody,
    pub(super) retry_after: Option<u64>,
}

/// What a refusal says.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ErrorBody {
    /// `false`, in refusals of documents.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ok: Option<bool>,
    /// A word for programs.
    pub(super) error: Cow<'static, str>,
    /// A sentence for people; it names the field.
    pub(super) message: String,
    /// Every fault with its place, where fields are at fault.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) errors: Vec<FieldError>,
}

/// One fault of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct FieldError {
    /// Place in the document, such as `permissions[0].effect`.
    pub(super) path: String,
    /// Line in the document, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) line: Option<usize>,
    /// What is wrong there.
    pub(super) message: String,
}

impl FieldError {
    pub(super) fn new(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { path: path.into(), line: None, message: message.into() }
    }

    /// A fault of a rule that stands at `place`.
    pub(super) fn of_rule(place: &str, fault: RuleFault) -> Self {
        Self::new(format!("{place}.{}", fault.path), fault.message)
    }
}

impl ApiError {
    pub(super) fn new(status: StatusCode, error: &'static str, message: impl Into<String>) -> Self {
        let body = ErrorBody {
            ok: None,
            error: error.into(),
            message: message.into(),
            errors: Vec::new(),
        };
        Self { status, body, retry_after: None }
    }

    /// 400: fields are at fault, all of them named.
    pub(super) fn invalid(errors: Vec<FieldError>) -> Self {
        let texts: Vec<_> =
            errors.iter().map(|it| format!("{}: {}", it.path, it.message)).collect();
        let mut error = Self::new(StatusCode::BAD_REQUEST, "invalid", texts.join("; "));
        error.body.errors = errors;
        error
    }

    pub(super) fn unauthorized() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized", "log in first")
    }

    /// 403: the document is the source of truth.
    pub(super) fn declarative() -> Self {
        let text = crate::iam::ChangeError::Declarative.to_string();
        Self::new(StatusCode::FORBIDDEN, "iam_declarative", text)
    }

    pub(super) fn not_found(what: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", what)
    }

    pub(super) fn conflict(error: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, error, message)
    }

    pub(super) fn internal(cause: &dyn std::fmt::Display) -> Self {
        tracing::error!(%cause, "the admin API failed");
        let text = "the request failed; the server's log says why";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", text)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(self.body)).into_response();
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert("retry-after", HeaderValue::from(seconds));
        }
        response
    }
}

impl From<CommitError> for ApiError {
    fn from(error: CommitError) -> Self {
        let text = error.to_string();
        match error {
            CommitError::RevisionMoved(_) => Self::conflict("revision_moved", text),
            CommitError::NameTaken(_) => Self::conflict("name_taken", text),
            CommitError::KeyTaken(_) => Self::conflict("key_taken", text),
            CommitError::NoSuchUser(_)
            | CommitError::NoSuchGroup(_)
            | CommitError::NoSuchProvider(_)
            | CommitError::NoSuchMappingRule(_)
            | CommitError::NoSuchKey(_) => Self::not_found(text),
            CommitError::LastKey => Self::conflict("last_key", text),
            CommitError::TwoKeys => Self::conflict("two_keys", text),
            CommitError::Builtin => Self::conflict("builtin_group", text),
            CommitError::Store(error) => Self::internal(&error),
        }
    }
}

impl From<ChangeError> for ApiError {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::Commit(error) => error.into(),
            ChangeError::Declarative => Self::declarative(),
            ChangeError::Closed(error) => Self::internal(&error),
        }
    }
}

impl From<ReadError> for ApiError {
    fn from(error: ReadError) -> Self {
        Self::internal(&error)
    }
}
