//! Users and groups of a scenario, under names of its own.

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::admin::{self, Fields as _};
use crate::failure::{Failure, StepResult};
use crate::lane::Credentials;
use crate::sdk::{Retries, Sdk};
use crate::world::World;

/// Who a scenario speaks of, by the name that its text gives them.
#[derive(Debug, Default)]
pub struct People {
    users: HashMap<String, Person>,
    groups: HashMap<String, Person>,
}

/// A user or a group.
#[derive(Debug, Default)]
struct Person {
    id: i64,
    keys: Vec<(String, String)>,
    rules: Vec<Value>,
}

impl World {
    /// The subject's name of a user or group of this scenario.
    pub fn full_name(&self, name: &str) -> String {
        format!("{name}-{}", self.scenario())
    }

    /// The text with `{bucket}`, `{scenario}` and `{newline}` filled in.
    pub fn fill(&self, text: &str) -> String {
        let filled = text.replace("{bucket}", &self.bucket_name());
        filled.replace("{scenario}", self.scenario()).replace("{newline}", "\n")
    }

    /// Makes a user the first time that the scenario speaks of it.
    pub async fn user(&mut self, name: &str) -> Result<i64, Failure> {
        if let Some(person) = self.people.users.get(name) {
            return Ok(person.id);
        }
        let lane = std::sync::Arc::clone(self.lane());
        let body = json!({ "name": self.full_name(name) });
        let made = admin::ask(&lane, "POST", "/users", Some(body)).await?;
        let id = made.field("id").as_i64().ok_or_else(|| Failure::new("the user has no id"))?;
        let person = Person { id, keys: vec![key_of(&made)?], rules: Vec::new() };
        self.people.users.insert(name.to_owned(), person);
        Ok(id)
    }

    /// Makes a group the first time that the scenario speaks of it.
    pub async fn group(&mut self, name: &str) -> Result<i64, Failure> {
        if let Some(group) = self.people.groups.get(name) {
            return Ok(group.id);
        }
        let lane = std::sync::Arc::clone(self.lane());
        let body = json!({ "name": self.full_name(name) });
        let made = admin::ask(&lane, "POST", "/groups", Some(body)).await?;
        let id = made.field("id").as_i64().ok_or_else(|| Failure::new("the group has no id"))?;
        self.people.groups.insert(name.to_owned(), Person { id, ..Person::default() });
        Ok(id)
    }

    /// Gives a user further direct rules.
    pub async fn grant(&mut self, name: &str, rules: Vec<Value>) -> StepResult {
        let id = self.user(name).await?;
        let person = self.people.users.entry(name.to_owned()).or_default();
        person.rules.extend(rules);
        let body = json!({ "permissions": person.rules });
        let lane = std::sync::Arc::clone(self.lane());
        admin::ask(&lane, "PUT", &format!("/users/{id}"), Some(body)).await.map(drop)
    }

    /// Gives a group further rules.
    pub async fn grant_group(&mut self, name: &str, rules: Vec<Value>) -> StepResult {
        let id = self.group(name).await?;
        let group = self.people.groups.entry(name.to_owned()).or_default();
        group.rules.extend(rules);
        let body = json!({ "permissions": group.rules });
        let lane = std::sync::Arc::clone(self.lane());
        admin::ask(&lane, "PUT", &format!("/groups/{id}"), Some(body)).await.map(drop)
    }

    /// Notes another key of a user, made by a rotation.
    pub fn add_key(&mut self, name: &str, answer: &Value) -> StepResult {
        let key = key_of(answer)?;
        self.people.users.entry(name.to_owned()).or_default().keys.push(key);
        Ok(())
    }

    /// A user's key: 0 is the first that it had.
    pub fn key(&self, name: &str, index: usize) -> Result<Credentials, Failure> {
        let person = self.people.users.get(name);
        let key = person.and_then(|person| person.keys.get(index));
        let (id, secret) =
            key.ok_or_else(|| Failure::new(format!("`{name}` has no key {index}")))?;
        Ok(Credentials { access_key_id: id.clone(), secret_access_key: secret.clone() })
    }

    /// The stock SDK with a user's first key.
    pub async fn sdk_of(&mut self, name: &str) -> Result<Sdk, Failure> {
        self.user(name).await?;
        let key = self.key(name, 0)?;
        let pair = Some((key.access_key_id.as_str(), key.secret_access_key.as_str()));
        Sdk::with_credentials(self.lane(), self.scenario(), Retries::Stock, pair)
    }
}

fn key_of(answer: &Value) -> Result<(String, String), Failure> {
    let text = |field: &str| answer[field].as_str().map(str::to_owned);
    text("access_key_id")
        .zip(text("secret_access_key"))
        .ok_or_else(|| Failure::new(format!("the answer shows no key: {answer}")))
}
