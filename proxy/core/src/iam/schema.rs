//! The JSON Schema of the document, for editors; its keys are those that the reader knows.

use serde::ser::{Serialize, SerializeMap as _, Serializer};

use super::access::{ACCESS_KEYS, GROUP, MAPPING, PROVIDER, USER};
use super::mapping::MatchType;
use super::provider::Provider;
use super::rules::RULE;

/// The schema of a whole document (JSON Schema 2020-12); `others` are further sections with
/// their keys.
pub fn schema<'a>(others: &'a [(&'a str, &'a [&'a str])]) -> impl Serialize + 'a {
    Root(others)
}

struct Root<'a>(&'a [(&'a str, &'a [&'a str])]);

impl Serialize for Root<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut root = serializer.serialize_map(None)?;
        root.serialize_entry("$schema", "https://json-schema.org/draft/2020-12/schema")?;
        root.serialize_entry("title", "deltaglider_proxy configuration")?;
        root.serialize_entry("type", "object")?;
        root.serialize_entry("additionalProperties", &false)?;
        root.serialize_entry("properties", &Sections(self.0))?;
        root.end()
    }
}

struct Sections<'a>(&'a [(&'a str, &'a [&'a str])]);

impl Serialize for Sections<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut sections = serializer.serialize_map(None)?;
        sections.serialize_entry("access", &Object("who may come in", &ACCESS_KEYS))?;
        for (name, keys) in self.0 {
            sections.serialize_entry(name, &Object("see the documentation", keys))?;
        }
        sections.end()
    }
}

/// A map with these keys and no others.
struct Object<'a>(&'a str, &'a [&'a str]);

impl Serialize for Object<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(None)?;
        object.serialize_entry("type", "object")?;
        object.serialize_entry("description", self.0)?;
        object.serialize_entry("additionalProperties", &false)?;
        object.serialize_entry("properties", &Properties(self.1))?;
        object.end()
    }
}

struct Properties<'a>(&'a [&'a str]);

impl Serialize for Properties<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut properties = serializer.serialize_map(None)?;
        for key in self.0 {
            properties.serialize_entry(key, &Property(key))?;
        }
        properties.end()
    }
}

/// What stands behind a key; a key means the same wherever it stands.
struct Property<'a>(&'a str);

impl Serialize for Property<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            "iam_users" => Many(Object("a user, known by its name", &USER)).serialize(serializer),
            "iam_groups" => {
                Many(Object("a group, known by its name", &GROUP)).serialize(serializer)
            }
            "auth_providers" => {
                Many(Object("an identity provider", &PROVIDER)).serialize(serializer)
            }
            "group_mapping_rules" => {
                Many(Object("a claim that puts its bearer into a group", &MAPPING))
                    .serialize(serializer)
            }
            "permissions" => {
                Many(Object("a rule; Deny wins over Allow", &RULE)).serialize(serializer)
            }
            "groups" | "resources" => Many(Simple("string", &[])).serialize(serializer),
            "actions" => {
                let names = ["read", "write", "delete", "list", "admin", "*"];
                Many(Simple("string", &names)).serialize(serializer)
            }
            "conditions" => Simple("object", &[]).serialize(serializer),
            "effect" => Simple("string", &["Allow", "Deny"]).serialize(serializer),
            "iam_mode" => Simple("string", &["gui", "declarative"]).serialize(serializer),
            "provider_type" => Simple("string", Provider::TYPES).serialize(serializer),
            "match_type" => {
                let names: Vec<&str> = MatchType::NAMES.iter().map(|(name, _)| *name).collect();
                Simple("string", &names).serialize(serializer)
            }
            // References to the environment are strings, whatever they stand for.
            "enabled" | "force_path_style" => Either("boolean").serialize(serializer),
            "priority" => Either("integer").serialize(serializer),
            "client_secret" | "provider" => Either("null").serialize(serializer),
            "name" => Named.serialize(serializer),
            _ => Simple("string", &[]).serialize(serializer),
        }
    }
}

struct Named;

impl Serialize for Named {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut named = serializer.serialize_map(None)?;
        named.serialize_entry("type", "string")?;
        named.serialize_entry("minLength", &1)?;
        named.end()
    }
}

struct Many<T>(T);

impl<T: Serialize> Serialize for Many<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_map(None)?;
        list.serialize_entry("type", &["array", "null"])?;
        list.serialize_entry("items", &self.0)?;
        list.end()
    }
}

struct Simple<'a>(&'a str, &'a [&'a str]);

impl Serialize for Simple<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut simple = serializer.serialize_map(None)?;
        simple.serialize_entry("type", self.0)?;
        if !self.1.is_empty() {
            simple.serialize_entry("enum", self.1)?;
        }
        simple.end()
    }
}

struct Either<'a>(&'a str);

impl Serialize for Either<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut either = serializer.serialize_map(None)?;
        either.serialize_entry("type", &["string", self.0])?;
        either.end()
    }
}
