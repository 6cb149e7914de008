//! The ledger: which clauses there are, and which scenarios prove them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use cucumber::gherkin::{Feature, GherkinEnv};
use serde::Deserialize;

use crate::failure::Failure;

/// How binding a clause is (RFC 2119).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// A subject that breaks it fails its profile.
    Must,
    /// Recommended.
    Should,
    /// Optional.
    May,
}

impl Level {
    /// The tag that scenarios carry, without the `@`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Must => "must",
            Self::Should => "should",
            Self::May => "may",
        }
    }
}

/// One promise.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clause {
    /// `USERS-n`, `GITOPS-n` or `ATTACK-n`.
    pub id: String,
    /// How binding it is.
    pub level: Level,
    /// Where it stands.
    pub source: String,
    /// The promise in our words.
    pub text: String,
    /// Interpretations that it rests on.
    #[serde(default)]
    pub cites: Vec<String>,
}

/// A scenario with the tags that it has or inherits.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Feature file.
    pub file: PathBuf,
    /// Name of the scenario (of an outline: as written).
    pub name: String,
    /// Tags without `@`.
    pub tags: Vec<String>,
}

/// Clauses and scenarios together.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    /// Every clause, in the order of the file.
    pub clauses: Vec<Clause>,
    /// Every scenario.
    pub scenarios: Vec<Entry>,
}

/// The clause ids among `tags`, each once.
pub fn clause_ids(tags: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    tags.into_iter().filter(|tag| is_clause_id(tag) && seen.insert(tag.clone())).collect()
}

impl Ledger {
    /// Reads `clauses.yaml` and every feature below `folder`.
    pub fn load(folder: &Path) -> Result<Self, Failure> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct File {
            clauses: Vec<Clause>,
        }
        let file = folder.join("clauses.yaml");
        let text = std::fs::read_to_string(&file)
            .map_err(|e| Failure::new(format!("{}: {e}", file.display())))?;
        let clauses = serde_saphyr::from_str::<File>(&text)?.clauses;
        let mut scenarios = Vec::new();
        for file in feature_files(folder)? {
            let feature = Feature::parse_path(&file, GherkinEnv::default())
                .map_err(|e| Failure::new(format!("{}: {e}", file.display())))?;
            scenarios.extend(entries(&file, &feature));
        }
        Ok(Self { clauses, scenarios })
    }

    /// Scenarios that prove each clause.
    pub fn coverage(&self) -> BTreeMap<&str, usize> {
        let mut coverage: BTreeMap<&str, usize> =
            self.clauses.iter().map(|clause| (clause.id.as_str(), 0)).collect();
        for tag in self.scenarios.iter().flat_map(|scenario| &scenario.tags) {
            if let Some(count) = coverage.get_mut(tag.as_str()) {
                *count += 1;
            }
        }
        coverage
    }

    /// What is wrong with the ledger, one sentence each; empty when it is in order.
    pub fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let mut ids = BTreeSet::new();
        for clause in &self.clauses {
            if !is_clause_id(&clause.id) {
                problems.push(format!("`{}` is not the form of a clause id", clause.id));
            }
            if !ids.insert(clause.id.as_str()) {
                problems.push(format!("clause {} stands twice", clause.id));
            }
        }
        for scenario in &self.scenarios {
            self.check_scenario(scenario, &ids, &mut problems);
        }
        let coverage = self.coverage();
        for clause in self.clauses.iter().filter(|clause| clause.level == Level::Must) {
            if coverage.get(clause.id.as_str()) == Some(&0) {
                problems.push(format!("no scenario proves {}: {}", clause.id, clause.text));
            }
        }
        problems
    }

    fn check_scenario(&self, scenario: &Entry, ids: &BTreeSet<&str>, problems: &mut Vec<String>) {
        let place = format!("{} / {}", scenario.file.display(), scenario.name);
        let named = clause_ids(scenario.tags.iter().cloned());
        if named.is_empty() {
            problems.push(format!("{place}: proves no clause"));
        }
        for id in named.iter().filter(|id| !ids.contains(id.as_str())) {
            problems.push(format!("{place}: there is no clause {id}"));
        }
        let levels: Vec<Level> = self
            .clauses
            .iter()
            .filter(|clause| named.contains(&clause.id))
            .map(|clause| clause.level)
            .collect();
        for level in [Level::Must, Level::Should, Level::May] {
            let tagged = scenario.tags.iter().any(|tag| tag == level.as_str());
            if tagged != levels.contains(&level) {
                problems.push(format!("{place}: @{} does not fit its clauses", level.as_str()));
            }
        }
    }
}

fn is_clause_id(tag: &str) -> bool {
    ["USERS-", "GITOPS-", "ATTACK-"].iter().any(|prefix| {
        tag.strip_prefix(prefix)
            .is_some_and(|number| number.parse::<u16>().is_ok() && !number.starts_with(['0', '+']))
    })
}

fn entries(file: &Path, feature: &Feature) -> Vec<Entry> {
    let direct = feature.scenarios.iter().map(|scenario| (None, scenario));
    let ruled = feature
        .rules
        .iter()
        .flat_map(|rule| rule.scenarios.iter().map(move |scenario| (Some(rule), scenario)));
    direct
        .chain(ruled)
        .map(|(rule, scenario)| {
            let mut tags = feature.tags.clone();
            tags.extend(rule.into_iter().flat_map(|rule| rule.tags.clone()));
            tags.extend(scenario.tags.clone());
            tags.extend(scenario.examples.iter().flat_map(|table| table.tags.clone()));
            Entry { file: file.to_owned(), name: scenario.name.clone(), tags }
        })
        .collect()
}

fn feature_files(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "feature") {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clause(id: &str, level: Level) -> Clause {
        Clause {
            id: id.to_owned(),
            level,
            source: String::new(),
            text: String::new(),
            cites: Vec::new(),
        }
    }

    fn scenario(tags: &[&str]) -> Entry {
        Entry {
            file: PathBuf::from("x.feature"),
            name: "n".to_owned(),
            tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        }
    }

    fn problems(clauses: &[Clause], scenarios: &[Entry]) -> Vec<String> {
        Ledger { clauses: clauses.to_vec(), scenarios: scenarios.to_vec() }.problems()
    }

    #[test]
    fn a_proven_clause_is_in_order() {
        let found = problems(
            &[clause("USERS-1", Level::Must), clause("USERS-2", Level::Should)],
            &[scenario(&["USERS-1", "must", "anything"])],
        );
        assert!(found.is_empty(), "{found:?}");
    }

    #[test]
    fn each_fault_of_a_ledger_is_found() {
        let must = clause("USERS-1", Level::Must);
        let good = scenario(&["USERS-1", "must"]);
        for (clauses, scenarios, expected) in [
            (vec![must.clone()], vec![], "no scenario proves USERS-1"),
            (vec![must.clone(), must.clone()], vec![good.clone()], "stands twice"),
            (vec![must.clone()], vec![good.clone(), scenario(&[])], "proves no clause"),
            (vec![must.clone()], vec![good.clone(), scenario(&["USERS-9"])], "no clause USERS-9"),
            (vec![must.clone()], vec![scenario(&["USERS-1"])], "@must does not fit"),
            (vec![must.clone()], vec![scenario(&["USERS-1", "must", "may"])], "@may does not fit"),
            (vec![clause("USER-1", Level::May)], vec![], "not the form"),
        ] {
            let found = problems(&clauses, &scenarios);
            assert!(
                found.iter().any(|problem| problem.contains(expected)),
                "{expected}: {found:?}"
            );
        }
    }

    #[test]
    fn the_ledger_of_this_suite_is_in_order() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../features");
        let found = Ledger::load(&folder).unwrap().problems();
        assert!(found.is_empty(), "{}", found.join("\n"));
    }
}
