//! What a person reads at the end of a run, and in its first lines.

use std::io::{self, Write};

use super::Options;
use super::lanes::Lanes;
use super::report::{LaneReport, Outcome, Report, ScenarioReport};
use crate::target::Target;

/// Says what is about to be tested, and which store stands behind it.
pub(super) fn announce(target: &Target, lanes: &Lanes) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "subject  {}", target.name)?;
    if let Some(store) = lanes.store() {
        writeln!(out, "store    {store}")?;
    }
    for lane in lanes.iter() {
        let evidence = if lane.is_witnessed() {
            "a witness records what reaches the store"
        } else {
            "no witness: effects are read back through the subject"
        };
        writeln!(out, "lane     {:<14} {}  ({evidence})", lane.name, lane.endpoint())?;
    }
    writeln!(out)
}

/// Prints the result.
pub(super) fn print(report: &Report, options: &Options) -> io::Result<()> {
    write(&mut io::stdout().lock(), report, options)
}

fn write(out: &mut impl Write, report: &Report, options: &Options) -> io::Result<()> {
    for lane in &report.lanes {
        for error in &lane.unreadable {
            writeln!(out, "UNREADABLE {error}\n")?;
        }
        for scenario in &lane.scenarios {
            write_scenario(out, lane, scenario, options)?;
        }
    }
    for lane in &report.lanes {
        let (passed, failed, skipped) = lane.counts();
        writeln!(
            out,
            "{:<14} {passed} passed, {failed} failed, {skipped} skipped in {:.1} s (evidence: {})",
            lane.lane, lane.seconds, lane.evidence
        )?;
    }
    let verdict = if report.passed() { "PASSED" } else { "NOT PASSED" };
    writeln!(out, "\n{}: {verdict}", report.subject)
}

fn write_scenario(
    out: &mut impl Write,
    lane: &LaneReport,
    scenario: &ScenarioReport,
    options: &Options,
) -> io::Result<()> {
    let word = match &scenario.outcome {
        Outcome::Passed => return Ok(()),
        Outcome::Failed(_) => "FAILED",
        Outcome::Skipped { .. } => "SKIPPED",
    };
    let clauses = scenario.clauses.join(" ");
    writeln!(out, "{word} [{}] {} / {}  {clauses}", lane.lane, scenario.feature, scenario.name)?;
    match &scenario.outcome {
        Outcome::Passed => {}
        Outcome::Skipped { step } => writeln!(out, "  no such step: {step}")?,
        Outcome::Failed(failed) => {
            writeln!(out, "  step:   {}", failed.step)?;
            writeln!(out, "  reason: {}", failed.reason)?;
            for line in failed.exchange.iter().flat_map(|text| text.lines()) {
                writeln!(out, "    {line}")?;
            }
        }
    }
    let name = regex::escape(&scenario.name).replace('\'', ".");
    writeln!(out, "  again:  {} --lane {} --name '^{name}$'\n", options.again, lane.lane)
}
