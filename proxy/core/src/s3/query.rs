//! The query string, decoded once.

use percent_encoding::percent_decode_str;

use super::error::{S3Error, S3ErrorCode};
use super::path::has_bad_escape;

/// No request of the S3 API comes near as many parameters.
const MOST_PARAMETERS: usize = 128;

/// Parameters in the order received, names and values decoded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    pairs: Vec<(String, String)>,
}

impl Query {
    /// Decodes a raw query; a plus sign is a space. 400 `InvalidURI` for what is no UTF-8,
    /// and past 128 parameters.
    pub fn parse(raw: Option<&str>) -> Result<Self, S3Error> {
        let pieces = raw.unwrap_or_default().split('&').filter(|piece| !piece.is_empty());
        if pieces.clone().count() > MOST_PARAMETERS {
            return Err(S3Error::new(S3ErrorCode::InvalidURI, "the query has too many parameters"));
        }
        let pairs: Result<Vec<_>, S3Error> = pieces
            .map(|piece| {
                let (name, value) = piece.split_once('=').unwrap_or((piece, ""));
                Ok((decode(name)?, decode(value)?))
            })
            .collect();
        Ok(Self { pairs: pairs? })
    }

    /// The first value of a name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(held, _)| *held == name).map(|(_, value)| value)
    }

    /// Whether the name occurs.
    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Whether the name occurs more than once.
    pub fn repeated(&self, name: &str) -> bool {
        self.iter().filter(|(held, _)| *held == name).count() > 1
    }

    /// All pairs in the order received, as [`super::encode_query`] takes them.
    pub fn pairs(&self) -> &[(String, String)] {
        &self.pairs
    }

    /// All pairs in the order received.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

fn decode(text: &str) -> Result<String, S3Error> {
    let spaced = text.replace('+', " ");
    let decoded = percent_decode_str(&spaced).decode_utf8();
    match decoded {
        Ok(decoded) if !has_bad_escape(text) => Ok(decoded.into_owned()),
        _ => Err(S3Error::new(S3ErrorCode::InvalidURI, "the query cannot be decoded")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_values_are_decoded_once() {
        let query = Query::parse(Some("prefix=a%2Bb+c%2525&acl&x=&prefix=2")).unwrap();
        assert_eq!(query.get("prefix"), Some("a+b c%25"));
        assert_eq!((query.get("acl"), query.get("x"), query.get("y")), (Some(""), Some(""), None));
        assert!(query.repeated("prefix") && !query.repeated("acl"));
    }

    #[test]
    fn what_is_no_text_is_refused() {
        for raw in ["a=%", "a=%2", "a=%zz", "%ff=1"] {
            assert_eq!(Query::parse(Some(raw)).unwrap_err().code, S3ErrorCode::InvalidURI, "{raw}");
        }
        let long = |count: usize| Query::parse(Some(&"a&".repeat(count)));
        assert!(long(MOST_PARAMETERS).is_ok() && long(MOST_PARAMETERS + 1).is_err());
        assert_eq!(Query::parse(None).unwrap(), Query::parse(Some("&&")).unwrap());
    }
}
