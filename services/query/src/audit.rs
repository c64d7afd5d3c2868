//! The audit's replay: long, so it says how far it is.

use std::ops::ControlFlow;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::Stream;
use keshi_door::{AnswerRoom, Call};
use keshi_engine::{Engine, Replayed};
use keshi_proto::api;
use keshi_proto::api::audit_service_server::AuditService;
use prost::Message as _;
use tokio::sync::{OwnedSemaphorePermit, watch};
use tonic::{Request, Response, Status};
use tracing::{Instrument as _, debug_span, instrument};

use crate::desk::Desk;
use crate::error::Error;
use crate::ledger::{Answer, questions};
use crate::{Context, Query};

/// How often progress is told.
const PROGRESS_EVERY: Duration = Duration::from_millis(200);

type Progress = Pin<Box<dyn Stream<Item = Result<api::ReplayProgress, Status>> + Send>>;

#[tonic::async_trait]
impl AuditService for Query {
    type ReplayStream = Progress;

    questions! {
        get_held GetHeldRequest -> Held
        list_reads ListReadsRequest -> ListReadsResponse
        list_growth ListGrowthRequest -> ListGrowthResponse
        get_checkpoint GetCheckpointRequest -> Checkpoint
        get_inclusion_proof GetInclusionProofRequest -> InclusionProof
        get_consistency_proof GetConsistencyProofRequest -> ConsistencyProof
        list_signing_keys ListSigningKeysRequest -> ListSigningKeysResponse
        get_bundle GetBundleRequest -> Bundle
    }

    #[instrument(level = "debug", skip_all)]
    async fn replay(&self, request: Request<api::ReplayRequest>) -> Result<Response<Progress>, Status> {
        let call = self.0.parts.guard.enter(&request)?;
        let size = request.into_inner().size;
        let (size, permit) = admit(&self.0, &call, size).map_err(|error| call.status(error))?;
        Ok(Response::new(Box::pin(replay(
            (self.0.engine.clone(), self.0.desk.clone()),
            call,
            size,
            permit,
        ))))
    }
}

fn admit(context: &Arc<Context>, call: &Call, asked: u64) -> Result<(u64, OwnedSemaphorePermit), Error> {
    call.caller.may_audit()?;
    let size = context.engine.head().size;
    if asked > size {
        return Err(Error::BeyondEnd { asked, size });
    }
    let permit = Arc::clone(&context.replays)
        .try_acquire_owned()
        .map_err(|_| Error::Busy)?;
    Ok((if asked == 0 { size } else { asked }, permit))
}

fn replay(
    (engine, desk): (Engine, Desk),
    call: Call,
    size: u64,
    permit: OwnedSemaphorePermit,
) -> impl Stream<Item = Result<api::ReplayProgress, Status>> + Send {
    async_stream::try_stream! {
        let started = Instant::now();
        let (done, mut progress) = watch::channel(0_u64);
        // A place of its own, held until the work ends.
        let mut replaying = Box::pin(desk.work(permit, None, move |turns| {
            let mut began = Instant::now();
            let mut ended = Ok(());
            let replayed = engine.replay(size, |entries, _| {
                done.send_replace(entries);
                ended = turns.breathe(&mut began);
                if ended.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            })?;
            ended?;
            replayed.ok_or(Error::Gone)
        }));
        let mut tick = tokio::time::interval(PROGRESS_EVERY);
        let replayed = loop {
            tokio::select! {
                replayed = &mut replaying => break replayed,
                _ = tick.tick() => {
                    let entries_done = *progress.borrow_and_update();
                    yield api::ReplayProgress { entries_done, entries_total: size, result: None };
                }
            }
        };
        let replayed = replayed.map_err(|error| call.status(error))?;
        if !replayed.agrees() {
            tracing::error!(size, "a replay does not agree with what the ledger serves");
        }
        yield api::ReplayProgress {
            entries_done: size,
            entries_total: size,
            result: Some(result_to_api(&replayed, started.elapsed())),
        };
    }
}

fn result_to_api(replayed: &Replayed, elapsed: Duration) -> api::ReplayResult {
    api::ReplayResult {
        size: replayed.size,
        replayed_root: replayed.replayed_root.to_vec(),
        served_root: replayed.served_root.to_vec(),
        replayed_digest: replayed.replayed_digest.0.to_vec(),
        served_digest: replayed.served_digest.0.to_vec(),
        agrees: replayed.agrees(),
        differs_from: replayed.differs_from,
        elapsed_ms: i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX),
    }
}
