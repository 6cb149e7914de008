//! Gathers results from the runner's events. It judges more strictly than the runner: a
//! scenario has passed only if it ended and each of its steps passed.

use std::collections::HashMap;
use std::time::Duration;

use cucumber::event::{Cucumber, Feature, Hook, Rule, Scenario, Source, Step, StepError};
use cucumber::gherkin;
use cucumber::{Event, Writer, cli, parser, writer};

use super::report::{Failed, LaneReport, Outcome, ScenarioReport};
use crate::lane::Lane;
use crate::ledger;
use crate::world::World;

/// A writer that prints nothing and remembers what happened.
#[derive(Default)]
pub(super) struct Collector {
    order: Vec<Source<gherkin::Scenario>>,
    entries: HashMap<Source<gherkin::Scenario>, Entry>,
    unreadable: Vec<String>,
}

struct Entry {
    report: ScenarioReport,
    steps: usize,
    passed: usize,
    ended: bool,
}

impl Collector {
    /// The results of the lane.
    pub(super) fn into_report(mut self, lane: &Lane, took: Duration) -> LaneReport {
        let mut report = LaneReport::new(lane, took);
        report.unreadable = self.unreadable;
        for scenario in &self.order {
            let Some(entry) = self.entries.remove(scenario) else { continue };
            let mut result = entry.report;
            let complete = entry.ended && entry.passed == entry.steps;
            if matches!(result.outcome, Outcome::Passed) && !complete {
                result.outcome = Outcome::Skipped { step: "not all steps were run".to_owned() };
            }
            report.scenarios.push(result);
        }
        report
    }

    fn scenario(
        &mut self,
        feature: &gherkin::Feature,
        rule: Option<&gherkin::Rule>,
        scenario: &Source<gherkin::Scenario>,
        event: Scenario<World>,
    ) {
        let entry = self.entries.entry(scenario.clone()).or_insert_with(|| {
            self.order.push(scenario.clone());
            Entry::new(feature, rule, scenario)
        });
        match event {
            Scenario::Background(step, event) | Scenario::Step(step, event) => {
                entry.step(&step, event);
            }
            Scenario::Hook(_, Hook::Failed(_, cause)) => {
                let reason = panic_text(cause.as_ref());
                entry.fail(Failed { step: "set-up".to_owned(), reason, exchange: None });
            }
            Scenario::Finished => entry.ended = true,
            Scenario::Started | Scenario::Hook(..) | Scenario::Log(_) => {}
        }
    }
}

impl Entry {
    fn new(
        feature: &gherkin::Feature,
        rule: Option<&gherkin::Rule>,
        scenario: &gherkin::Scenario,
    ) -> Self {
        let inherited =
            rule.map_or(0, |rule| {
                rule.background.as_ref().map_or(0, |background| background.steps.len())
            }) + feature.background.as_ref().map_or(0, |background| background.steps.len());
        let tags = [
            feature.tags.as_slice(),
            rule.map_or(&[][..], |rule| rule.tags.as_slice()),
            scenario.tags.as_slice(),
        ];
        Self {
            report: ScenarioReport {
                feature: feature.name.clone(),
                name: scenario.name.clone(),
                clauses: ledger::clause_ids(tags.concat()),
                outcome: Outcome::Passed,
            },
            // A scenario without steps of its own expects one that never comes.
            steps: inherited + scenario.steps.len().max(1),
            passed: 0,
            ended: false,
        }
    }

    fn step(&mut self, step: &gherkin::Step, event: Step<World>) {
        let text = format!("{}{}", step.keyword, step.value);
        match event {
            Step::Started => {}
            Step::Passed(..) => self.passed += 1,
            Step::Skipped => self.report.outcome = Outcome::Skipped { step: text },
            Step::Failed(_, _, world, error) => self.fail(Failed {
                step: text,
                reason: match error {
                    StepError::Panic(cause) => panic_text(cause.as_ref()),
                    other => other.to_string(),
                },
                exchange: world.and_then(|world| {
                    world.last_exchange.as_ref().map(crate::exchange::Exchange::redacted)
                }),
            }),
        }
    }

    fn fail(&mut self, failed: Failed) {
        self.report.outcome = Outcome::Failed(failed);
    }
}

fn panic_text(cause: &(dyn std::any::Any + Send)) -> String {
    cause
        .downcast_ref::<String>()
        .cloned()
        .or_else(|| cause.downcast_ref::<&str>().map(|text| (*text).to_owned()))
        .unwrap_or_else(|| "a step broke without saying why".to_owned())
}

impl Writer<World> for Collector {
    type Cli = cli::Empty;

    async fn handle_event(&mut self, event: parser::Result<Event<Cucumber<World>>>, _: &Self::Cli) {
        match event.map(Event::into_inner) {
            Err(error) => self.unreadable.push(error.to_string()),
            Ok(Cucumber::Feature(feature, Feature::Scenario(scenario, event))) => {
                self.scenario(&feature, None, &scenario, event.event);
            }
            Ok(Cucumber::Feature(
                feature,
                Feature::Rule(rule, Rule::Scenario(scenario, event)),
            )) => self.scenario(&feature, Some(&rule), &scenario, event.event),
            Ok(_) => {}
        }
    }
}

// Events are counted, not printed, so their order does not matter.
impl writer::Normalized for Collector {}
