//! One run: start the store and the subjects, play every scenario in every lane, sum up.

mod collector;
mod lanes;
mod report;
mod summary;

pub use report::{Failed, LaneReport, Outcome, Report, ScenarioReport};

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use cucumber::gherkin::tagexpr::TagOperation;
use cucumber::tag::Ext;
use cucumber::{World as _, cli};
use futures::{StreamExt as _, TryStreamExt as _};
use regex::Regex;

use self::collector::Collector;
use self::lanes::Lanes;
use crate::failure::Failure;
use crate::lane::Lane;
use crate::store::Choice;
use crate::target::Target;
use crate::world::{LANE, World};

/// Scenarios of a lane that are played at once.
const CONCURRENT: usize = 32;

/// What to run.
#[derive(Debug, Clone)]
pub struct Options {
    /// The target file.
    pub target: PathBuf,
    /// Folder of features.
    pub features: PathBuf,
    /// Where programs named in the target are, if not on the PATH.
    pub programs: HashMap<String, PathBuf>,
    /// Which scenarios and lanes; all by default.
    pub filter: Filter,
    /// Which store stands behind the subject.
    pub store: Choice,
    /// Folder for `report.json`.
    pub out: Option<PathBuf>,
    /// The command that a failure names to run one scenario again, up to its filters.
    pub again: String,
}

/// Narrows a run.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Filter {
    /// Only scenarios whose name matches this regular expression.
    #[arg(long, value_name = "REGEX")]
    pub name: Option<Regex>,
    /// Only scenarios whose tags satisfy this expression, such as `@USERS-17 and not @slow`.
    #[arg(long, value_name = "EXPRESSION")]
    pub tags: Option<TagOperation>,
    /// Only the lane of this name, such as `witness-https`, or both of a kind, such as `own`.
    #[arg(long, value_name = "NAME")]
    pub lane: Option<String>,
}

/// Runs and prints the summary to standard output.
pub async fn run(options: Options) -> Result<Report, Failure> {
    let target = Target::load(&options.target)?;
    let lanes = Lanes::start(&target, &options).await?;
    summary::announce(&target, &lanes)?;
    let report = play_all(&target, &lanes, &options).await?;
    summary::print(&report, &options)?;
    if let Some(out) = &options.out {
        report.write(out)?;
    }
    Ok(report)
}

/// Runs and prints nothing.
pub async fn run_silently(options: Options) -> Result<Report, Failure> {
    let target = Target::load(&options.target)?;
    let lanes = Lanes::start(&target, &options).await?;
    play_all(&target, &lanes, &options).await
}

/// Plays as many lanes at once as there are cores, each on a thread of its own.
async fn play_all(target: &Target, lanes: &Lanes, options: &Options) -> Result<Report, Failure> {
    // Each lane prints nothing of its own: a failing step is told once, in the summary.
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let playing = futures::stream::iter(lanes.iter()).map(|lane| {
        let (lane, options) = (Arc::clone(lane), options.clone());
        let runtime = tokio::runtime::Handle::current();
        tokio::task::spawn_blocking(move || runtime.block_on(play(lane, options)))
    });
    // Beside too many others, a scenario about dates or pauses would be judged by the machine.
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    let reports = playing.buffered(cores.max(2)).try_collect::<Vec<_>>().await?;
    std::panic::set_hook(hook);
    Ok(Report::new(target, lanes.store(), reports))
}

/// Plays every chosen scenario in one lane.
async fn play(lane: Arc<Lane>, options: Options) -> LaneReport {
    let started = std::time::Instant::now();
    let Filter { name, tags, .. } = options.filter;
    let chosen = move |feature: &cucumber::gherkin::Feature,
                       rule: Option<&cucumber::gherkin::Rule>,
                       scenario: &cucumber::gherkin::Scenario| {
        let mut all = feature.tags.clone();
        all.extend(rule.into_iter().flat_map(|rule| rule.tags.clone()));
        all.extend(scenario.tags.clone());
        name.as_ref().is_none_or(|name| name.is_match(&scenario.name))
            && tags.as_ref().is_none_or(|tags| tags.eval(all.iter()))
    };
    let collector = LANE
        .scope(
            Arc::clone(&lane),
            World::cucumber()
                .max_concurrent_scenarios(CONCURRENT)
                .after(|_, _, _, _, world| Box::pin(tidy(world)))
                .with_writer(Collector::default())
                .with_cli(cli::Opts::<_, _, _, cli::Empty>::default())
                .filter_run(options.features, chosen),
        )
        .await;
    collector.into_report(&lane, started.elapsed())
}

/// Leaves a store that runs on as it was found. What cannot be removed is left: the verdict is in.
async fn tidy(world: Option<&mut World>) {
    if let Some(world) = world.filter(|world| world.lane().borrowed) {
        let _ = tokio::time::timeout(TIDY_LIMIT, world.remove_bucket()).await;
    }
}

/// Longest time for tidying up after one scenario.
const TIDY_LIMIT: std::time::Duration = std::time::Duration::from_secs(10);
