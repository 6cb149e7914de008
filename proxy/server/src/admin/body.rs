//! Bodies of requests: JSON whose every field is known, or a refusal that names the place.

use axum::extract::{FromRequest, Request};
use bytes::Bytes;
use http::StatusCode;
use serde::de::DeserializeOwned;

use super::error::{ApiError, FieldError};
use super::unambiguous::Unambiguous;

/// A body read as JSON, whatever content type a bare curl gives it.
pub(crate) struct Body<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let bytes = Bytes::from_request(request, state).await.map_err(|rejection| {
            ApiError::new(rejection.status(), "unreadable_body", rejection.body_text())
        })?;
        parse(&bytes).map(Self)
    }
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    read::<Unambiguous>(bytes)?;
    read(bytes)
}

fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    let reader = &mut serde_json::Deserializer::from_slice(bytes);
    let parsed = serde_path_to_error::deserialize(&mut *reader).map_err(|error| {
        let path = error.path().to_string();
        let cause = error.into_inner();
        if cause.is_data() {
            return ApiError::invalid(vec![FieldError::new(path, cause.to_string())]);
        }
        ApiError::new(StatusCode::BAD_REQUEST, "invalid_json", cause.to_string())
    })?;
    reader.end().map_err(|error| {
        ApiError::new(StatusCode::BAD_REQUEST, "invalid_json", error.to_string())
    })?;
    Ok(parsed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Example {
        #[expect(dead_code, reason = "only its reading is of interest")]
        list: Vec<u8>,
    }

    #[test]
    fn a_refusal_names_the_place() {
        let refused = |text: &str| parse::<Example>(text.as_bytes()).unwrap_err().body;
        assert!(parse::<Example>(br#"{"list": [1]}"#).is_ok());
        assert!(refused(r#"{"list": [1, "x"]}"#).message.starts_with("list[1]: "));
        assert!(refused(r#"{"list": [], "lsit": 1}"#).message.contains("`lsit`"));
        assert_eq!(refused("{").error, "invalid_json");
        assert_eq!(refused(r#"{"list": []} {}"#).error, "invalid_json");
        assert_eq!(refused(&"[".repeat(1000)).error, "invalid_json");
    }

    #[test]
    fn a_name_is_given_once_at_any_depth() {
        let refused = |text: &str| parse::<serde_json::Value>(text.as_bytes()).unwrap_err().body;
        let inner = refused(r#"{"a": [{"b": {"c": 1, "d": 2.5, "c": null}}]}"#);
        assert!(inner.message.starts_with("a[0].b") && inner.message.contains("`c`"), "{inner:?}");
        assert!(refused(r#"{"a": 1, "a": 1}"#).message.contains("`a`"));
        assert!(
            parse::<serde_json::Value>(br#"{"a": {"a": [-1, true]}, "b": {"a": "x"}}"#).is_ok()
        );
    }
}
