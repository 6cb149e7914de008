//! The fields of an upload by a browser's form, before the file.

use http::header::{HeaderMap, HeaderName, HeaderValue};

use super::error::{S3Error, S3ErrorCode};

/// Where the name of the uploaded file is to stand in the key.
const FILE_NAME: &str = "${filename}";
/// Fields that become headers of the same name, besides `x-amz-*`.
const HEADERS: &[&str] = &[
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-md5",
    "content-type",
    "expires",
];
/// Fields that sign, after their `x-amz-`.
const SIGNING: &[&str] = &["algorithm", "credential", "date", "security-token", "signature"];
/// What a form cannot do, after its `x-amz-`: copy, or frame its body in chunks.
const REFUSED: &[&str] = &["content-sha256", "copy-source", "decoded-content-length", "trailer"];

/// Fields in the order received, names in lower case, each at most once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FormFields(Vec<(String, String)>);

impl FormFields {
    /// Adds a field; names mean the same in any case. 400 `InvalidArgument` for a second one.
    pub fn add(&mut self, name: &str, value: String) -> Result<(), S3Error> {
        let name = name.to_ascii_lowercase();
        if self.get(&name).is_some() {
            return Err(invalid(format!("the form has more than one field {name}")));
        }
        self.0.push((name, value));
        Ok(())
    }

    /// The value of a field by its name in lower case.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(held, _)| *held == name).map(|(_, value)| value)
    }

    /// All fields in the order received.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The key that the form asks for, the name of the uploaded file put where it belongs.
    pub fn key(&self, file_name: &str) -> Result<String, S3Error> {
        let key = self.get("key").filter(|key| !key.is_empty());
        let key = key.ok_or_else(|| invalid("the form has no field key before its file"))?;
        // Some browsers send the path on their own machine.
        let name = file_name.rsplit(['/', '\\']).next().unwrap_or_default();
        Ok(key.replace(FILE_NAME, name))
    }

    /// The headers that an upload with these fields would have had; `tagging`, which is a
    /// document, is not among them.
    pub fn headers(&self) -> Result<HeaderMap, S3Error> {
        let mut headers = HeaderMap::new();
        for (name, value) in self.iter() {
            let header = match name.strip_prefix("x-amz-") {
                Some(rest) if SIGNING.contains(&rest) => continue,
                Some(rest) if REFUSED.iter().any(|it| rest.starts_with(it)) => {
                    let text = format!("a form cannot carry {name}");
                    return Err(S3Error::new(S3ErrorCode::InvalidRequest, text));
                }
                Some(_) => name,
                None if name == "acl" => "x-amz-acl",
                None if HEADERS.contains(&name) => name,
                None => continue,
            };
            let wrong = |_| invalid(format!("the field {name} is no header and value"));
            let header: HeaderName = header.parse().map_err(|_| wrong(()))?;
            let value = HeaderValue::from_str(value).map_err(|_| wrong(()))?;
            if headers.insert(header, value).is_some() {
                return Err(invalid(format!("the field {name} says what another one says")));
            }
        }
        Ok(headers)
    }
}

fn invalid(text: impl Into<String>) -> S3Error {
    S3Error::new(S3ErrorCode::InvalidArgument, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(pairs: &[(&str, &str)]) -> FormFields {
        let mut fields = FormFields::default();
        for (name, value) in pairs {
            fields.add(name, (*value).to_owned()).unwrap();
        }
        fields
    }

    #[test]
    fn a_field_stands_once_whatever_its_case() {
        let mut fields = form(&[("Key", "a")]);
        assert_eq!(fields.get("key"), Some("a"));
        assert!(fields.add("kEY", "b".into()).is_err());
    }

    #[test]
    fn the_file_name_loses_its_path_and_stays_inside_the_key() {
        let key = |name: &str| form(&[("key", "user/${filename}")]).key(name).unwrap();
        assert_eq!(key("cat.png"), "user/cat.png");
        assert_eq!(key("C:\\photos\\cat.png"), "user/cat.png");
        assert_eq!(key("../../etc/passwd"), "user/passwd");
        assert_eq!(key("${filename}"), "user/${filename}");
        assert!(form(&[("key", "")]).key("x").is_err() && form(&[]).key("x").is_err());
    }

    #[test]
    fn fields_become_the_headers_of_an_upload() {
        let headers = form(&[
            ("Content-Type", "image/png"),
            ("acl", "public-read"),
            ("x-amz-meta-a", "b"),
            ("x-amz-signature", "0"),
            ("X-Amz-Date", "1"),
            ("x-ignore-me", "c"),
            ("submit", "Upload"),
        ])
        .headers()
        .unwrap();
        let mut names: Vec<_> = headers.keys().map(HeaderName::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, ["content-type", "x-amz-acl", "x-amz-meta-a"]);
    }

    #[test]
    fn what_no_form_can_ask_is_refused() {
        for (name, value) in [
            ("x-amz-copy-source", "/b/k"),
            ("x-amz-copy-source-if-match", "e"),
            ("x-amz-trailer", "x-amz-checksum-crc32"),
            ("x-amz-decoded-content-length", "5"),
            ("x-amz-content-sha256", "UNSIGNED-PAYLOAD"),
            ("x-amz-meta-a", "b\r\nx-amz-acl: public-read"),
            ("x-amz-a b", "c"),
        ] {
            assert!(form(&[(name, value)]).headers().is_err(), "{name}");
        }
        assert!(form(&[("acl", "private"), ("x-amz-acl", "public-read")]).headers().is_err());
    }
}
