//! What a scenario knows: its lane, its bucket, and the last answer.

use std::any::Any;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::exchange::Exchange;
use crate::failure::{Failure, StepResult};
use crate::lane::{Evidence, Lane};
use crate::people::People;
use crate::sdk::{Retries, Sdk};
use crate::snapshot::Snapshot;
use crate::subject::Subject;
use crate::wire::Request;
use crate::witness::{Recorded, Recorder};

tokio::task_local! {
    /// The lane of the run in progress; scenarios are born into it.
    pub static LANE: Arc<Lane>;
}

/// The state of one scenario.
#[derive(cucumber::World)]
#[world(init = Self::new)]
pub struct World {
    lane: Arc<Lane>,
    scenario: String,
    sdk: Sdk,
    bucket: Option<String>,
    mark: Option<Mark>,
    _guard: Option<Box<dyn Any + Send + Sync>>,
    /// Users and groups that the scenario made.
    pub people: People,
    /// A request that a Given sent, and when.
    pub recorded: Option<(Request, Instant)>,
    /// Where the admin of such a subject listens, where it has an address of its own.
    pub admin_addr: Option<std::net::SocketAddr>,
    /// A subject that the scenario stops itself.
    pub subject: Option<Subject>,
    /// A second one beside it.
    pub replica: Option<(Subject, Arc<Lane>)>,
    /// The answer that the Then steps judge. Every When step sets it.
    pub last_exchange: Option<Exchange>,
    /// What the When found, for Then steps about content.
    pub found: Found,
}

/// What a client got besides status and headers.
#[derive(Debug, Default)]
pub struct Found {
    /// Content of an object.
    pub body: Vec<u8>,
    /// Whether that content came to its announced end.
    pub complete: bool,
    /// Keys of a listing, in order.
    pub keys: Vec<String>,
    /// Common prefixes of a listing, in order.
    pub prefixes: Vec<String>,
    /// Names of buckets.
    pub buckets: Vec<String>,
    /// The answers to many requests at once.
    pub answers: Vec<Exchange>,
    /// New connections that a stopping subject took.
    pub connections: usize,
    /// How many pages a listing took.
    pub pages: usize,
    /// Cookies of sessions of the administrator.
    pub sessions: Vec<String>,
    /// The configuration document that was sent last.
    pub document: String,
    /// What an answer said, to be compared with a later one.
    pub seen: String,
    /// Id of a multipart upload.
    pub upload: String,
    /// Parts of that upload.
    pub parts: Vec<aws_sdk_s3::types::CompletedPart>,
}

/// The state of the backend when the When began.
enum Mark {
    Witness(usize),
    Effects(Snapshot),
}

impl World {
    /// A new scenario in the lane of the run.
    fn new() -> Result<Self, anyhow::Error> {
        let lane = LANE.try_with(Arc::clone)?;
        let scenario = uuid::Uuid::new_v4().simple().to_string();
        let scenario = scenario.get(..12).unwrap_or_default().to_owned();
        let sdk = Sdk::new(&lane, &scenario, Retries::Stock)
            .map_err(|failure| anyhow::anyhow!("no SDK client: {failure}"))?;
        Ok(Self {
            lane,
            scenario,
            sdk,
            bucket: None,
            mark: None,
            _guard: None,
            people: People::default(),
            recorded: None,
            admin_addr: None,
            subject: None,
            replica: None,
            last_exchange: None,
            found: Found::default(),
        })
    }

    /// The lane that the scenario runs in.
    pub fn lane(&self) -> &Arc<Lane> {
        &self.lane
    }

    /// Continues the scenario against a subject of its own; `guard` is kept as long as it lasts.
    pub fn move_to(&mut self, lane: Lane, guard: Box<dyn Any + Send + Sync>) -> StepResult {
        self.lane = Arc::new(lane);
        self.sdk = Sdk::new(&self.lane, &self.scenario, Retries::Stock)?;
        self.bucket = None;
        self._guard = Some(guard);
        Ok(())
    }

    /// Continues with the scenario's own subject after its restart: its sessions and connections
    /// are gone, its address and bucket are not.
    pub fn meet_again(&mut self) -> StepResult {
        let (Some(subject), Some(launch)) = (&self.subject, &self.lane.launch) else {
            return Err(Failure::new("the scenario has no subject of its own"));
        };
        let (name, scheme) = (self.lane.name.clone(), self.lane.scheme);
        let mut lane = Lane::of(launch, subject, name, scheme, self.lane.evidence.clone())?;
        lane.admin.clone_from(&self.lane.admin);
        self.lane = Arc::new(lane);
        self.sdk = Sdk::new(&self.lane, &self.scenario, Retries::Stock)?;
        Ok(())
    }

    /// Unique id of this scenario, 12 hex digits; send it in the User-Agent.
    pub fn scenario(&self) -> &str {
        &self.scenario
    }

    /// The stock SDK with the bootstrap credentials.
    pub fn sdk(&self) -> &Sdk {
        &self.sdk
    }

    /// Name of the scenario's own bucket, whether or not it exists yet. Any other bucket of the
    /// scenario must contain this name, or the witness cannot tell whose it is.
    pub fn bucket_name(&self) -> String {
        format!("cf-{}", self.scenario)
    }

    /// The scenario's own bucket, created through the subject when first asked for.
    pub async fn bucket(&mut self) -> Result<String, Failure> {
        if let Some(bucket) = &self.bucket {
            return Ok(bucket.clone());
        }
        let bucket = self.bucket_name();
        self.sdk.client.create_bucket().bucket(&bucket).send().await?;
        self.bucket = Some(bucket.clone());
        Ok(bucket)
    }

    /// Stores an object through the subject with the stock SDK: for Given steps.
    pub async fn put(&mut self, key: &str, content: impl Into<Vec<u8>>) -> StepResult {
        let bucket = self.bucket().await?;
        let body = aws_sdk_s3::primitives::ByteStream::from(content.into());
        self.sdk.client.put_object().bucket(bucket).key(key).body(body).send().await?;
        Ok(())
    }

    /// Reads an object back through the subject; `None` where it does not exist.
    pub async fn read(&mut self, key: &str) -> Result<Option<Vec<u8>>, Failure> {
        let bucket = self.bucket().await?;
        match self.sdk.client.get_object().bucket(bucket).key(key).send().await {
            Ok(found) => Ok(Some(found.body.collect().await?.to_vec())),
            Err(error) => match error.raw_response().map(|answer| answer.status().as_u16()) {
                Some(404) => Ok(None),
                _ => Err(error.into()),
            },
        }
    }

    /// Removes the scenario's bucket and what is in it.
    pub async fn remove_bucket(&mut self) -> StepResult {
        let (client, bucket) = (&self.sdk.client, self.bucket_name());
        let uploads = client.list_multipart_uploads().bucket(&bucket).send().await?;
        for upload in uploads.uploads() {
            let abort = client.abort_multipart_upload().bucket(&bucket);
            let abort = abort.set_key(upload.key.clone()).set_upload_id(upload.upload_id.clone());
            abort.send().await?;
        }
        for object in client.list_objects_v2().bucket(&bucket).send().await?.contents() {
            client.delete_object().bucket(&bucket).set_key(object.key.clone()).send().await?;
        }
        client.delete_bucket().bucket(&bucket).send().await?;
        Ok(())
    }

    /// Call as the first thing of every When, after all that it prepares: what reaches the backend
    /// from here on is laid to the When.
    pub async fn mark(&mut self) -> StepResult {
        self.mark = Some(match &self.lane.evidence {
            Evidence::Witness(recorder) => Mark::Witness(recorder.mark()),
            Evidence::Effects => Mark::Effects(Snapshot::take(self).await?),
        });
        Ok(())
    }

    /// The witness of the lane, where there is one.
    pub fn witness(&self) -> Option<&Recorder> {
        match &self.lane.evidence {
            Evidence::Witness(recorder) => Some(recorder),
            Evidence::Effects => None,
        }
    }

    /// What reached the store for this scenario since `mark`, oldest first; `None` in a lane
    /// without a witness.
    pub async fn seen(&self) -> Result<Option<Vec<Recorded>>, Failure> {
        let Some(recorder) = self.witness() else { return Ok(None) };
        let Some(Mark::Witness(mark)) = &self.mark else {
            return Err(Failure::new("the When did not mark its beginning"));
        };
        // A subject may answer first and forward afterwards: leave it the time to be caught.
        tokio::time::sleep(AFTERMATH).await;
        Ok(Some(recorder.since(*mark, &self.bucket_name())))
    }

    /// Fails unless the When left the backend alone, on the evidence that the lane has: nothing
    /// forwarded, or (without a witness) the bucket as it was.
    pub async fn backend_untouched(&mut self) -> StepResult {
        if let Some(seen) = self.seen().await? {
            let reached: Vec<_> =
                seen.iter().filter(|r| !is_probe(r)).map(Recorded::summary).collect();
            return Failure::unless(reached.is_empty(), || {
                format!("the witness saw: {}", reached.join(", "))
            });
        }
        let now = Snapshot::take(self).await?;
        let Some(Mark::Effects(then)) = &self.mark else {
            return Err(Failure::new("the When did not mark its beginning"));
        };
        Failure::unless(*then == now, || {
            format!("judged by effects, the bucket changed from {then:?} to {now:?}")
        })
    }

    /// The last answer, or a failure where there was none.
    pub fn answer(&self) -> Result<&Exchange, Failure> {
        self.last_exchange.as_ref().ok_or_else(|| Failure::new("the subject gave no answer"))
    }

    /// Makes the SDK's last exchange the answer that Then steps judge.
    pub fn take_sdk_answer(&mut self) {
        self.last_exchange = self.sdk.last_exchange();
    }
}

/// How long after the answer a subject is watched for what it still sends.
const AFTERMATH: Duration = Duration::from_millis(40);

/// Whether a request only asks for a bucket's existence or place, as products do on their own
/// account; it reads none of the scenario's keys.
fn is_probe(request: &Recorded) -> bool {
    let at_bucket = request.path().trim_matches('/').split('/').count() == 1;
    at_bucket
        && (request.method == http::Method::HEAD
            || (request.method == http::Method::GET && request.query().starts_with("location")))
}

impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("World")
            .field("lane", &self.lane.name)
            .field("scenario", &self.scenario)
            .finish_non_exhaustive()
    }
}
