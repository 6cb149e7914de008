//! Step definitions, an area a file. `verdicts` holds the generic Then steps.

pub mod access;
pub mod admin;
pub mod applies;
pub mod audit_times;
pub mod backend;
pub mod batches;
pub mod bounds;
pub mod buckets;
pub mod callers;
pub mod checksums;
pub mod conditions;
pub mod config_file;
pub mod connections;
pub mod copies;
pub mod cors;
pub mod documents;
pub mod edge;
pub mod edges;
pub mod federation;
pub mod forms;
pub mod forwarding;
pub mod gitops;
pub mod hand;
pub mod hostile_admin;
pub mod iam;
pub mod iam_listings;
pub mod iam_requests;
pub mod limits;
pub mod listings;
pub mod multipart;
pub mod names;
pub mod objects;
pub mod passwords;
pub mod payload;
pub mod presigned;
pub mod references;
pub mod replay;
pub mod restart;
pub mod shutdown;
pub mod signatures;
pub mod time;
pub mod verdicts;
pub mod virtual_hosts;

use aws_sdk_s3::error::SdkError;

use crate::failure::{Failure, StepResult};
use crate::sdk::Sdk;
use crate::world::World;

/// Makes the SDK's outcome the answer that Then steps judge: the output of a success, `None` where
/// the subject answered with an error. No answer at all is a failure of the step.
pub fn settle<T, E, R>(
    world: &mut World,
    sdk: &Sdk,
    outcome: Result<T, SdkError<E, R>>,
) -> Result<Option<T>, Failure>
where
    SdkError<E, R>: std::error::Error,
{
    world.last_exchange = sdk.last_exchange();
    match outcome {
        Ok(output) => Ok(Some(output)),
        Err(SdkError::ServiceError(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Fails a Given whose request was not served.
pub fn expect_success(world: &World) -> StepResult {
    let answer = world.answer()?;
    Failure::unless((200..300).contains(&answer.status), || {
        format!("expected success, got {} {:?}", answer.status, answer.code())
    })
}
