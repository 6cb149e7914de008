//! Rules that come with the product: the built-in group and the templates.

use super::document::RuleDocument;

/// A template that can be copied into a user or group and then edited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CannedPolicy {
    /// Its name in the UI.
    pub name: &'static str,
    /// What it is for, in a sentence.
    pub description: &'static str,
    /// The rules that it stands for.
    pub permissions: Vec<RuleDocument>,
}

/// What the built-in group Administrators carries: everything (INT-15).
pub fn administrators() -> RuleDocument {
    allow(&["*"], &["*"])
}

/// The templates; `Bucket owner` speaks of this bucket.
pub fn canned_policies(bucket: &str) -> Vec<CannedPolicy> {
    vec![
        CannedPolicy {
            name: "Read-only",
            description: "Read and list everything.",
            permissions: vec![allow(&["read", "list"], &["*"])],
        },
        CannedPolicy {
            name: "Developer",
            description: "Read, write and list everything; remove nothing.",
            permissions: vec![allow(&["read", "write", "list"], &["*"])],
        },
        CannedPolicy {
            name: "Admin",
            description: "Full access.",
            permissions: vec![administrators()],
        },
        CannedPolicy {
            name: "Bucket owner",
            description: "Full access to one bucket and everything in it.",
            permissions: vec![allow(&["*"], &[bucket, &format!("{bucket}/*")])],
        },
    ]
}

fn allow(actions: &[&str], resources: &[&str]) -> RuleDocument {
    let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    RuleDocument {
        effect: Some("Allow".to_owned()),
        actions: owned(actions),
        resources: owned(resources),
        ..RuleDocument::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Rule;

    #[test]
    fn every_template_is_valid_as_it_comes() {
        for policy in canned_policies("BUCKET") {
            for rule in &policy.permissions {
                assert!(Rule::parse(rule).is_ok(), "{}", policy.name);
            }
        }
        let owner = canned_policies("logs").pop().unwrap();
        assert_eq!(owner.permissions[0].resources, ["logs", "logs/*"]);
    }
}
