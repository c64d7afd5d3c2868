//! Checkpoints, proofs and tiles: what an auditor takes away, and what anybody may have.

use std::sync::Arc;
use std::time::{Duration, Instant};

use keshi_core::entry::Entry;
use keshi_core::ids::EventId;
use keshi_door::{Call, Fault, Pace, Stranger};
use keshi_engine::ReadError;
use keshi_office::access::Need;
use keshi_proto::api;
use keshi_proto::api::tile_service_server::TileService;
use keshi_verify::Hash;
use keshi_verify::checkpoint::PeopleRoot;
use keshi_verify::note::Note;
use keshi_verify::proof_file::{ConsistencyFile, InclusionFile, ProofFile};
use keshi_verify::tile::{Holds, TilePath};
use parking_lot::Mutex;
use tonic::{Code, Request, Response, Status};
use tracing::instrument;

use crate::error::Error;
use crate::place::{blocking, one};
use crate::{Context, Query};

/// How old a checkpoint for strangers may be: under load each newer one would cost a signature and a sync.
const STRANGERS_CHECKPOINT_AGE: Duration = Duration::from_secs(2);

/// The path of the newest checkpoint.
const CHECKPOINT: &str = "checkpoint";

/// What all other paths begin with.
const TILE: &str = "tile/";

/// The longest path that is told again in an error.
const PATH_CHARS_TOLD: usize = 80;

/// What serving strangers needs beside what all services share.
#[derive(Debug, Default)]
pub(crate) struct Tiles {
    pace: Pace,
    latest: Mutex<Option<(Instant, String)>>,
}

/// A checkpoint, signed.
pub(crate) struct Signed {
    size: u64,
    root: Hash,
    pub(crate) note: Note,
}

#[tonic::async_trait]
impl TileService for Query {
    #[instrument(level = "debug", skip_all)]
    async fn get_tile(&self, request: Request<api::GetTileRequest>) -> Result<Response<api::Tile>, Status> {
        let Some(stranger) = request.extensions().get::<Stranger>().cloned() else {
            return Err(Status::internal("the service is not behind its door"));
        };
        let answer = self.0.tile_for(&stranger, &request.into_inner().path).await;
        answer
            .map(|content| Response::new(api::Tile { content }))
            .map_err(|error| Fault::from(error).status(stranger.lang))
    }
}

impl Context {
    pub(crate) async fn get_checkpoint(
        self: &Arc<Self>,
        call: &Call,
        request: api::GetCheckpointRequest,
    ) -> Result<api::Checkpoint, Error> {
        call.caller.may_audit()?;
        let size = self.place(request.at.as_ref(), call.deadline).await?;
        let people = if request.with_people {
            Some(self.people_root(size, Some(call.deadline)).await?)
        } else {
            None
        };
        let context = Arc::clone(self);
        let signed = blocking(move || context.sign_with(size, people)).await??;
        Ok(self.checkpoint_to_api(&signed))
    }

    pub(crate) async fn get_inclusion_proof(
        self: &Arc<Self>,
        call: &Call,
        request: api::GetInclusionProofRequest,
    ) -> Result<api::InclusionProof, Error> {
        call.caller.may_audit()?;
        let (index, size) = (request.index, self.place(request.at.as_ref(), call.deadline).await?);
        if index >= size {
            return Err(Error::NoEntry { index, size });
        }
        self.note_read(&call.caller, Need::Record, "*", "entries", &request.purpose)?;
        self.proof_of(index, size).await
    }

    pub(crate) async fn get_receipt_proof(
        self: &Arc<Self>,
        call: &Call,
        request: api::GetReceiptProofRequest,
    ) -> Result<api::InclusionProof, Error> {
        let wrong = || {
            let (zh, en) = (
                "请给出提交时的事件编号（UUID）",
                "give the event's id as it was posted, a UUID",
            );
            one("event_id", request.event_id.as_str(), zh, en)
        };
        let id = request.event_id.parse().map(EventId::new).map_err(|_| wrong())?;
        let size = self.place(request.at.as_ref(), call.deadline).await?;
        let index = self
            .engine
            .query_at(size, |at| at.index_of(id).or_else(|| at.indices_of(id).max()));
        let may_audit = call.caller.may_audit().is_ok();
        let engine = self.engine.clone();
        let found = match index {
            Some(index) => blocking(move || engine.entry(index)).await??,
            None => None,
        };
        let is_hers = |entry: &Entry| entry.poster.as_str() == call.caller.poster_id();
        // One answer for what is not there and for what is another's: she is not told which.
        let found = found.filter(|stored| may_audit || is_hers(&stored.entry));
        let entry = found.ok_or_else(|| not_posted(id, size))?.entry;
        let need = if is_hers(&entry) { Need::Nothing } else { Need::Record };
        self.note_read(&call.caller, need, "*", "entries", &request.purpose)?;
        self.proof_of(entry.index, size).await
    }

    async fn proof_of(self: &Arc<Self>, index: u64, size: u64) -> Result<api::InclusionProof, Error> {
        let context = Arc::clone(self);
        let made = blocking(move || {
            let entry = context
                .engine
                .entry_bytes(index)?
                .ok_or(Error::NoEntry { index, size })?;
            Ok::<_, Error>((entry, context.engine.inclusion(index, size)?, context.sign(size)?))
        });
        let (entry, hashes, signed) = made.await??;
        let checkpoint = self.checkpoint_to_api(&signed);
        let file = ProofFile::Inclusion(InclusionFile {
            index,
            entry: Some(entry.to_vec()),
            hashes: hashes.clone(),
            checkpoint: signed.note,
        });
        Ok(api::InclusionProof {
            file: file.to_string(),
            index,
            hashes: bytes_of(&hashes),
            entry: entry.to_vec(),
            checkpoint: Some(checkpoint),
        })
    }

    pub(crate) async fn get_consistency_proof(
        self: &Arc<Self>,
        call: &Call,
        request: api::GetConsistencyProofRequest,
    ) -> Result<api::ConsistencyProof, Error> {
        call.caller.may_audit()?;
        let (old, size) = (request.old_size, self.place(request.at.as_ref(), call.deadline).await?);
        if old == 0 || old > size {
            return Err(Error::NoProof { old, size });
        }
        let context = Arc::clone(self);
        let made = blocking(move || {
            let hashes = context.engine.consistency(old, size)?;
            Ok::<_, Error>((hashes, context.sign(old)?, context.sign(size)?))
        });
        let (hashes, older, newer) = made.await??;
        let (was, is) = (self.checkpoint_to_api(&older), self.checkpoint_to_api(&newer));
        let file = ProofFile::Consistency(ConsistencyFile {
            hashes: hashes.clone(),
            older: older.note,
            newer: newer.note,
        });
        Ok(api::ConsistencyProof {
            file: file.to_string(),
            hashes: bytes_of(&hashes),
            older: Some(was),
            newer: Some(is),
        })
    }

    #[expect(clippy::unused_async, reason = "it is asked as all questions are")]
    pub(crate) async fn list_signing_keys(
        self: &Arc<Self>,
        call: &Call,
        api::ListSigningKeysRequest {}: api::ListSigningKeysRequest,
    ) -> Result<api::ListSigningKeysResponse, Error> {
        call.caller.may_audit()?;
        let keys = self.parts.signing.keys().into_iter().map(|key| api::SigningKey {
            key: key.key.to_string(),
            from_size: key.from,
            until_size: key.until,
        });
        Ok(api::ListSigningKeysResponse {
            keys: keys.collect(),
            origin: self.parts.signing.origin().to_owned(),
        })
    }

    pub(crate) async fn get_bundle(
        self: &Arc<Self>,
        call: &Call,
        request: api::GetBundleRequest,
    ) -> Result<api::Bundle, Error> {
        call.caller.may_audit()?;
        let path = self.tile_path(&request.path)?;
        if path.holds() != Holds::Entries || !path.is_in(self.engine.head().size) {
            return Err(self.no_tile(&request.path));
        }
        self.note_read(&call.caller, Need::Record, "*", "entries", &request.purpose)?;
        Ok(api::Bundle {
            content: self.tile(path, &request.path).await?,
        })
    }

    /// A checkpoint or a tile of hashes, for whoever asks.
    async fn tile_for(self: &Arc<Self>, stranger: &Stranger, path: &str) -> Result<Vec<u8>, Error> {
        let paced = self.tiles.pace.ask(stranger.peer, Instant::now());
        paced.map_err(|wait| {
            let seconds = wait.as_secs() + 1;
            Error::NoLonger(Box::new(
                Fault::new(
                    Code::ResourceExhausted,
                    "TooManyTiles",
                    format!("取检查点和哈希块过于频繁；请 {seconds} 秒后再试"),
                    format!("too many checkpoints and tiles were asked for from here: try again in {seconds} seconds"),
                )
                .retry_after(wait),
            ))
        })?;
        if path == CHECKPOINT {
            let context = Arc::clone(self);
            return Ok(blocking(move || context.latest_checkpoint()).await??.into_bytes());
        }
        let tile = self.tile_path(path)?;
        match tile.holds() {
            Holds::Hashes { .. } => self.tile(tile, path).await,
            Holds::Entries => Err(Error::Refused(Box::new(Fault::new(
                Code::PermissionDenied,
                "EntriesAreForAuditors",
                "条目内容只供审计：请带审计令牌，经 GetBundle 或 /tile/entries 读取",
                "entries are for auditors: read them with an auditor's token, by GetBundle or /tile/entries",
            )))),
        }
    }

    /// The newest checkpoint, or one that was the newest a moment ago.
    fn latest_checkpoint(&self) -> Result<String, Error> {
        let mut latest = self.tiles.latest.lock();
        if let Some((at, note)) = &*latest
            && at.elapsed() < STRANGERS_CHECKPOINT_AGE
        {
            return Ok(note.clone());
        }
        let note = self.sign(self.engine.head().size)?.note.to_string();
        *latest = Some((Instant::now(), note.clone()));
        Ok(note)
    }

    async fn tile(&self, tile: TilePath, path: &str) -> Result<Vec<u8>, Error> {
        let engine = self.engine.clone();
        let found = blocking(move || engine.tile(tile)).await??;
        found.ok_or_else(|| self.no_tile(path))
    }

    fn tile_path(&self, path: &str) -> Result<TilePath, Error> {
        let parsed = path.strip_prefix(TILE).map(TilePath::parse);
        parsed.and_then(Result::ok).ok_or_else(|| self.no_tile(path))
    }

    fn no_tile(&self, path: &str) -> Error {
        Error::NoTile {
            path: path.chars().take(PATH_CHARS_TOLD).collect(),
            size: self.engine.head().size,
        }
    }

    /// Signs a checkpoint of the first `size` entries; reads and writes the disk.
    fn sign(&self, size: u64) -> Result<Signed, Error> {
        self.sign_with(size, None)
    }

    /// As [`Self::sign`], with what there is about each person at that size.
    pub(crate) fn sign_with(&self, size: u64, people: Option<PeopleRoot>) -> Result<Signed, Error> {
        let root_at = |size| self.engine.root_at(size).map(Hash);
        let root = root_at(size)?;
        let signed = self
            .parts
            .signing
            .sign((size, root, people), self.engine.head().size, root_at);
        let note = signed.map_err(|error: ReadError| Error::from(error))??;
        Ok(Signed { size, root, note })
    }

    fn checkpoint_to_api(&self, signed: &Signed) -> api::Checkpoint {
        api::Checkpoint {
            note: signed.note.to_string(),
            origin: self.parts.signing.origin().to_owned(),
            size: signed.size,
            root: signed.root.0.to_vec(),
        }
    }
}

/// That nothing of this id is in the ledger, or nothing of the caller's.
fn not_posted(id: EventId, size: u64) -> Error {
    Error::Refused(Box::new(Fault::new(
        Code::NotFound,
        "NotPosted",
        format!("台账前 {size} 条中没有您提交的 {id}；请核对编号和所用账号，回执只给提交者本人和审计"),
        format!(
            "nothing that you posted as {id} is in the first {size} entries; check the id and with which account it was posted: receipts are for \
             whoever posted it, and for auditors"
        ),
    )))
}

fn bytes_of(hashes: &[Hash]) -> Vec<Vec<u8>> {
    hashes.iter().map(|hash| hash.0.to_vec()).collect()
}
