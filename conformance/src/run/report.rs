//! What a run found, as data.

use std::path::Path;
use std::time::Duration;

use serde::Serialize;

use crate::failure::Failure;
use crate::target::Target;

/// The result of a run.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Name of the subject.
    pub subject: String,
    /// What the store behind it was, where the suite put one there.
    pub store: Option<String>,
    /// One entry a lane.
    pub lanes: Vec<LaneReport>,
}

/// The result of one lane.
#[derive(Debug, Serialize)]
pub struct LaneReport {
    /// Name of the lane.
    pub lane: String,
    /// What verdicts about the backend rest on: `witness` or `effects read back`.
    pub evidence: &'static str,
    /// Time it took, in seconds.
    pub seconds: f64,
    /// Every scenario that was chosen.
    pub scenarios: Vec<ScenarioReport>,
    /// Feature files that could not be read.
    pub unreadable: Vec<String>,
}

/// The result of one scenario.
#[derive(Debug, Clone, Serialize)]
pub struct ScenarioReport {
    /// The feature that it stands in.
    pub feature: String,
    /// Its name.
    pub name: String,
    /// Clause ids among its tags.
    pub clauses: Vec<String>,
    /// What came of it.
    pub outcome: Outcome,
}

/// What came of a scenario.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Every step held.
    Passed,
    /// A step did not hold.
    Failed(Failed),
    /// A step has no definition, or the scenario never ended.
    Skipped {
        /// The step that could not be run.
        step: String,
    },
}

/// Which step failed, and why.
#[derive(Debug, Clone, Serialize)]
pub struct Failed {
    /// The step.
    pub step: String,
    /// The reason in words.
    pub reason: String,
    /// The last exchange with the subject, without secrets.
    pub exchange: Option<String>,
}

impl Report {
    /// Puts the lanes together.
    pub fn new(target: &Target, store: Option<&str>, lanes: Vec<LaneReport>) -> Self {
        Self { subject: target.name.clone(), store: store.map(str::to_owned), lanes }
    }

    /// Whether every lane played at least one scenario and every scenario passed.
    pub fn passed(&self) -> bool {
        !self.lanes.is_empty() && self.lanes.iter().all(LaneReport::passed)
    }

    /// Writes `report.json` into `folder`.
    pub fn write(&self, folder: &Path) -> Result<(), Failure> {
        std::fs::create_dir_all(folder)?;
        std::fs::write(folder.join("report.json"), serde_json::to_vec_pretty(self)?)?;
        Ok(())
    }
}

impl LaneReport {
    /// Puts a lane's results together.
    pub fn new(lane: &crate::lane::Lane, took: Duration) -> Self {
        let evidence = if lane.is_witnessed() { "witness" } else { "effects read back" };
        Self {
            lane: lane.name.clone(),
            evidence,
            seconds: took.as_secs_f64(),
            scenarios: Vec::new(),
            unreadable: Vec::new(),
        }
    }

    /// Whether at least one scenario was played and all passed.
    pub fn passed(&self) -> bool {
        self.unreadable.is_empty()
            && !self.scenarios.is_empty()
            && self.scenarios.iter().all(|s| matches!(s.outcome, Outcome::Passed))
    }

    /// Numbers of scenarios that passed, failed and were skipped.
    pub fn counts(&self) -> (usize, usize, usize) {
        self.scenarios.iter().fold((0, 0, 0), |(passed, failed, skipped), scenario| match scenario
            .outcome
        {
            Outcome::Passed => (passed + 1, failed, skipped),
            Outcome::Failed(_) => (passed, failed + 1, skipped),
            Outcome::Skipped { .. } => (passed, failed, skipped + 1),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lane(outcomes: Vec<Outcome>, unreadable: Vec<String>) -> LaneReport {
        let scenarios = outcomes.into_iter().map(|outcome| ScenarioReport {
            feature: "f".to_owned(),
            name: "n".to_owned(),
            clauses: Vec::new(),
            outcome,
        });
        LaneReport {
            lane: "l".to_owned(),
            evidence: "witness",
            seconds: 0.0,
            scenarios: scenarios.collect(),
            unreadable,
        }
    }

    fn report(lanes: Vec<LaneReport>) -> Report {
        Report { subject: "s".to_owned(), store: None, lanes }
    }

    #[test]
    fn only_a_run_in_which_everything_ran_and_passed_passes() {
        assert!(report(vec![lane(vec![Outcome::Passed], vec![])]).passed());
        let failed = Failed { step: "x".to_owned(), reason: "y".to_owned(), exchange: None };
        for worse in [
            lane(vec![], vec![]),
            lane(vec![Outcome::Passed], vec!["broken.feature".to_owned()]),
            lane(vec![Outcome::Passed, Outcome::Skipped { step: "x".to_owned() }], vec![]),
            lane(vec![Outcome::Passed, Outcome::Failed(failed)], vec![]),
        ] {
            assert!(!report(vec![lane(vec![Outcome::Passed], vec![]), worse]).passed());
        }
        assert!(!report(vec![]).passed());
    }
}
