//! The audit's replay: long, so it says how far it is.

use std::ops::ControlFlow;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::Stream;
use keshi_core::state::Closing;
use keshi_door::{AnswerRoom, Call};
use keshi_engine::{Engine, Replayed};
use keshi_proto::api;
use keshi_proto::api::audit_service_server::AuditService;
use prost::Message as _;
use tokio::sync::{OwnedSemaphorePermit, watch};
use tonic::{Request, Response, Status};
use tracing::{Instrument as _, debug_span, instrument};

use crate::desk::{Desk, Turns};
use crate::error::Error;
use crate::ledger::{Answer, questions};
use crate::years::count;
use crate::{Context, Query, bundles};

/// How often progress is told.
const PROGRESS_EVERY: Duration = Duration::from_millis(200);

type Progress = Pin<Box<dyn Stream<Item = Result<api::ReplayProgress, Status>> + Send>>;

#[tonic::async_trait]
impl AuditService for Query {
    type ReplayStream = Progress;
    type ExportBundleStream = bundles::Pieces;

    questions! {
        get_held GetHeldRequest -> Held
        list_reads ListReadsRequest -> ListReadsResponse
        list_growth ListGrowthRequest -> ListGrowthResponse
        get_checkpoint GetCheckpointRequest -> Checkpoint
        get_inclusion_proof GetInclusionProofRequest -> InclusionProof
        get_consistency_proof GetConsistencyProofRequest -> ConsistencyProof
        list_signing_keys ListSigningKeysRequest -> ListSigningKeysResponse
        get_bundle GetBundleRequest -> Bundle
        get_receipt_proof GetReceiptProofRequest -> InclusionProof
    }

    #[instrument(level = "debug", skip_all)]
    async fn export_bundle(
        &self,
        request: Request<api::ExportBundleRequest>,
    ) -> Result<Response<bundles::Pieces>, Status> {
        let call = self.0.parts.guard.enter(&request)?;
        let asked = bundles::asked(&self.0, &call, request.into_inner()).await;
        let asked = asked.map_err(|error| call.status(error))?;
        Ok(Response::new(Box::pin(bundles::export(
            Arc::clone(&self.0),
            call,
            asked,
        ))))
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
            let replayed = replayed.ok_or(Error::Gone)?;
            let closings = closings(&engine, turns, size)?;
            Ok((replayed, closings))
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
        let (replayed, closings) = replayed.map_err(|error| call.status(error))?;
        let result = result_to_api((&replayed, closings), started.elapsed());
        if !result.agrees {
            tracing::error!(size, "a replay does not agree with what the ledger serves");
        }
        yield api::ReplayProgress {
            entries_done: size,
            entries_total: size,
            result: Some(result),
        };
    }
}

/// Every closing below `size`, counted again. The state that is asked is the one that the replay was compared with.
fn closings(engine: &Engine, turns: &Turns, size: u64) -> Result<Vec<api::ClosingCheck>, Error> {
    let all: Vec<Closing> = engine.query_at(size, |at| {
        let years = at.closed_years().into_iter();
        years
            .flat_map(|year| at.closings(year).cloned().collect::<Vec<_>>())
            .collect()
    });
    let check = |closing: Closing| {
        let Closing {
            index, year, position, ..
        } = closing;
        let is_there = position <= size;
        Ok(api::ClosingCheck {
            index,
            year: year.into(),
            position,
            root_agrees: is_there && engine.root_at(position)? == closing.root.0,
            figures_agree: is_there && count(engine, turns, (year, position))?.hash == closing.figures,
        })
    };
    all.into_iter().map(check).collect()
}

fn result_to_api((replayed, closings): (&Replayed, Vec<api::ClosingCheck>), elapsed: Duration) -> api::ReplayResult {
    let closings_agree = closings.iter().all(|one| one.root_agrees && one.figures_agree);
    api::ReplayResult {
        size: replayed.size,
        replayed_root: replayed.replayed_root.to_vec(),
        served_root: replayed.served_root.to_vec(),
        replayed_digest: replayed.replayed_digest.0.to_vec(),
        served_digest: replayed.served_digest.0.to_vec(),
        agrees: replayed.agrees() && closings_agree,
        differs_from: replayed.differs_from,
        closings,
        elapsed_ms: i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX),
    }
}
