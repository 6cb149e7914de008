//! The configuration: whole documents, sections, exports.

mod document;
mod export;
mod section;

use axum::extract::DefaultBodyLimit;
use deltaglider_core::document::{Fault, LARGEST};
use deltaglider_core::iam::{Kind, MappingRules, Mode, Plan, Verb};
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Admin;
use super::error::{ApiError, FieldError};
use crate::control::{Control, Proposal, Refusal};

/// All calls below `/config`; their bodies may hold a document of 10,000 users.
pub(super) fn router() -> OpenApiRouter<Admin> {
    OpenApiRouter::new()
        .routes(routes!(document::validate))
        .routes(routes!(document::apply))
        .routes(routes!(section::get, section::put))
        .routes(routes!(section::validate))
        .routes(routes!(export::declarative))
        .routes(routes!(export::export))
        .layer(DefaultBodyLimit::max(2 * LARGEST))
}

/// What would change, entity by entity.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(super) struct Diff {
    users: Entities,
    groups: Entities,
    providers: Entities,
    /// `keep` or `replace`.
    mapping_rules: &'static str,
}

/// Entities of one kind, by name.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(super) struct Entities {
    created: Vec<String>,
    changed: Vec<Changed>,
    removed: Vec<String>,
}

/// An entity that differs, and in what.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Changed {
    name: String,
    fields: Vec<&'static str>,
}

impl Diff {
    fn of(plan: &Plan) -> Self {
        let mut diff = Self::default();
        for change in &plan.changes {
            let entities = match change.kind {
                Kind::User => &mut diff.users,
                Kind::Group => &mut diff.groups,
                Kind::Provider => &mut diff.providers,
            };
            let name = change.name.clone();
            match change.verb {
                Verb::Create => entities.created.push(name),
                Verb::Delete => entities.removed.push(name),
                Verb::Update => {
                    entities.changed.push(Changed { name, fields: change.fields.clone() });
                }
            }
        }
        diff.mapping_rules = match plan.mapping_rules {
            MappingRules::Keep => "keep",
            MappingRules::Replace => "replace",
        };
        diff
    }
}

/// What a change would do; nothing was written.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Preview {
    /// Whether apply would do it.
    ok: bool,
    /// The line that counts the changes, and what else is worth knowing.
    warnings: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    diff: Option<Diff>,
    /// Why apply would refuse.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    /// Every fault of the document.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldError>,
}

/// Runs what takes long with a large document; requests of others go on meanwhile.
fn aside<T>(work: impl FnOnce() -> T) -> T {
    tokio::task::block_in_place(work)
}

/// Previews a proposal; a refusal is part of the answer, since nothing was asked to change.
fn preview(control: &Control, proposed: Result<Proposal, Refusal>) -> Result<Preview, ApiError> {
    let refused = |refusal: Refusal, warnings| Preview {
        ok: false,
        warnings,
        diff: None,
        error: Some(summary(&refusal)),
        errors: fields(&refusal),
    };
    let proposal = match proposed {
        Ok(proposal) => proposal,
        Err(refusal) => return admissible(refusal).map(|refusal| refused(refusal, Vec::new())),
    };
    match control.plan(&proposal) {
        Ok(plan) => {
            let mut warnings = control.notes(&proposal, &plan);
            if plan.to == Mode::Declarative {
                warnings.push(plan.preview());
            }
            let diff = Some(Diff::of(&plan));
            Ok(Preview { ok: true, warnings, diff, error: None, errors: Vec::new() })
        }
        Err(refusal) => {
            let mut warnings = proposal.warnings().to_vec();
            if let Refusal::WouldWipe { .. } = refusal {
                warnings.push(format!("apply will refuse this: {refusal}"));
            }
            admissible(refusal).map(|refusal| refused(refusal, warnings))
        }
    }
}

/// Refusals of the document; others are failures of the call.
fn admissible(refusal: Refusal) -> Result<Refusal, ApiError> {
    match refusal {
        Refusal::Faults(_) | Refusal::WouldWipe { .. } => Ok(refusal),
        other => Err(other.into()),
    }
}

fn summary(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Faults(faults) => {
            let first = faults.first().map(Fault::to_string).unwrap_or_default();
            match faults.len() {
                1 => first,
                more => format!("{first} (and {} more)", more - 1),
            }
        }
        refusal => refusal.to_string(),
    }
}

fn fields(refusal: &Refusal) -> Vec<FieldError> {
    let Refusal::Faults(faults) = refusal else { return Vec::new() };
    let field = |fault: &Fault| FieldError {
        path: fault.path.clone(),
        line: fault.line,
        message: fault.message.clone(),
    };
    faults.iter().map(field).collect()
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        let text = summary(&refusal);
        match &refusal {
            Refusal::Faults(_) => {
                let mut error = Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", text);
                error.body.errors = fields(&refusal);
                error.body.ok = Some(false);
                error
            }
            Refusal::WouldWipe { .. } => {
                let mut error = Self::new(StatusCode::UNPROCESSABLE_ENTITY, "would_wipe", text);
                error.body.ok = Some(false);
                error
            }
            Refusal::RevisionMoved => Self::conflict("revision_moved", text),
            Refusal::FileChanged => Self::conflict("file_changed", text),
            Refusal::NotWritten(_) => {
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "not_persisted", text)
            }
            Refusal::Failed(_) => Self::internal(&text),
        }
    }
}
