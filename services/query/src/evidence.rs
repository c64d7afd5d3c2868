//! 佐证材料: the files behind claims, taken and given piece by piece.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use keshi_core::hex;
use keshi_core::ids::{ClaimId, Sha256, TeacherId};
use keshi_door::{Call, Fault, Held, Limits, Shares};
use keshi_office::evidence::{EvidenceError, FILE_BYTES_MAX, Kept, New, keep_until};
use keshi_proto::{api, date_from_wire, date_to_wire};
use parking_lot::Mutex;
use tokio::sync::Semaphore;
use tonic::Code;

use crate::Context;
use crate::error::Error;
use crate::people::{asked_about, readable};
use crate::place::{blocking, one};

/// Longest piece, in bytes; well below what one message may have.
const PIECE_BYTES_MAX: usize = 1 << 20;

/// Bytes of files that have not arrived whole.
const ARRIVING_AT_ONCE: Limits = Limits {
    all: 64 << 20,
    role: 48 << 20,
    caller: 20 << 20,
};

/// How long a file may wait for its next piece.
const WAITED_MAX: Duration = Duration::from_mins(2);

/// Files that are sealed or unsealed at once: each has up to 10 MiB in memory twice.
const WORKED_AT_ONCE: usize = 4;

/// Files of which pieces have arrived.
pub(crate) struct Arriving {
    shares: Shares,
    files: Mutex<HashMap<(String, [u8; 32]), Part>>,
    working: Arc<Semaphore>,
}

struct Part {
    bytes: Vec<u8>,
    size: usize,
    since: Instant,
    _held: Held,
}

impl Default for Arriving {
    fn default() -> Self {
        Self {
            shares: Shares::new(ARRIVING_AT_ONCE),
            files: Mutex::default(),
            working: Arc::new(Semaphore::new(WORKED_AT_ONCE)),
        }
    }
}

impl Context {
    pub(crate) async fn put_evidence(
        &self,
        call: &Call,
        request: api::PutEvidenceRequest,
    ) -> Result<api::PutEvidenceResponse, Error> {
        let id = asked_about(&call.caller, &request.teacher_id)?;
        self.may_put_evidence(call, &id)?;
        let sha256 = sha256_of(&request.sha256)?;
        let occurred_to = request.occurred_to.as_ref().and_then(date_from_wire);
        let occurred_to = occurred_to.ok_or_else(|| {
            let (zh, en) = ("请写明所证明的事项的日期", "give the day of what it is evidence of");
            one("occurred_to", "", zh, en)
        })?;
        let Some(bytes) = self.arrived(call, &sha256, &request)? else {
            let received = request.offset + i64::try_from(request.piece.len()).unwrap_or(i64::MAX);
            return Ok(api::PutEvidenceResponse { received, file: None });
        };
        let received = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
        if Sha256::of(&bytes) != sha256 {
            let (zh, en) = (
                "收到的内容与所写的 SHA-256 不符；请重新上传",
                "what arrived does not have this SHA-256: send it again",
            );
            return Err(one("sha256", request.sha256, zh, en));
        }
        let _turn = self.arriving.working.acquire().await.map_err(|_| Error::Closing)?;
        let evidence = Arc::clone(&self.parts.evidence);
        let (by, at) = (call.caller.poster_id().to_owned(), self.parts.guard.now());
        let name = request.name;
        let put = blocking(move || {
            evidence.put(&New {
                teacher_id: id.as_str(),
                name: &name,
                bytes: &bytes,
                by: &by,
                at,
                keep_until: keep_until(occurred_to),
            })
        });
        let (sha256, kept) = put.await?.map_err(|error| refused(&error))?;
        Ok(api::PutEvidenceResponse {
            received,
            file: Some(told(&sha256, &kept)),
        })
    }

    /// Herself, her school, and the office.
    fn may_put_evidence(&self, call: &Call, id: &TeacherId) -> Result<(), Error> {
        let is_own = call.caller.teacher_id() == Some(id.as_str());
        if !is_own {
            call.caller.may_manage_people(call.caller.role().school())?;
        }
        let size = self.engine.head().size;
        let known = self.engine.query_at(size, |at| {
            at.profile(id).is_some() && (is_own || readable(at, &call.caller, id.as_str()).is_some())
        });
        if known {
            Ok(())
        } else {
            Err(Error::UnknownTeacher { id: *id, size })
        }
    }

    /// Adds a piece to those before; the whole file once it is there.
    fn arrived(
        &self,
        call: &Call,
        sha256: &Sha256,
        request: &api::PutEvidenceRequest,
    ) -> Result<Option<Vec<u8>>, Error> {
        let size = usize::try_from(request.size).unwrap_or(0);
        if size == 0 {
            return Err(refused(&EvidenceError::Empty));
        }
        if size > FILE_BYTES_MAX {
            return Err(refused(&EvidenceError::TooLarge { bytes: size as u64 }));
        }
        if request.piece.is_empty() || request.piece.len() > PIECE_BYTES_MAX {
            let (zh, en) = ("每段 1 字节至 1 MiB", "a piece has 1 byte to 1 MiB");
            return Err(one("piece", request.piece.len().to_string(), zh, en));
        }
        let now = Instant::now();
        let mut files = self.arriving.files.lock();
        files.retain(|_, part| now.duration_since(part.since) < WAITED_MAX);
        let key = (call.caller.poster_id().to_owned(), sha256.0);
        if request.offset == 0 {
            files.remove(&key);
            let held = self.arriving.shares.take(&call.caller, size).ok_or_else(|| {
                Error::Refused(Box::new(
                    Fault::new(
                        Code::ResourceExhausted,
                        "TooManyFiles",
                        "正在上传的文件太多；请等前面的传完再传",
                        "too many files are arriving: let those before arrive, then send it again",
                    )
                    .retry_after(WAITED_MAX / 8),
                ))
            })?;
            let part = Part {
                bytes: Vec::with_capacity(size),
                size,
                since: now,
                _held: held,
            };
            files.insert(key.clone(), part);
        }
        let follows = files.get_mut(&key).filter(|part| {
            let at = usize::try_from(request.offset).ok();
            at == Some(part.bytes.len()) && part.size == size && part.bytes.len() + request.piece.len() <= size
        });
        let Some(part) = follows else {
            files.remove(&key);
            let (zh, en) = (
                "这一段不接在已收到的之后；请从头重新上传",
                "the piece does not follow what has arrived: send the file again from its beginning",
            );
            return Err(one("offset", request.offset.to_string(), zh, en));
        };
        part.bytes.extend_from_slice(&request.piece);
        part.since = now;
        if part.bytes.len() < size {
            return Ok(None);
        }
        Ok(files.remove(&key).map(|part| part.bytes))
    }

    pub(crate) async fn get_evidence(
        &self,
        call: &Call,
        request: api::GetEvidenceRequest,
    ) -> Result<api::GetEvidenceResponse, Error> {
        let api::GetEvidenceRequest {
            claim_id,
            sha256,
            offset,
            purpose,
        } = request;
        let id = ClaimId::new(&claim_id)
            .map_err(|_| one("claim_id", &claim_id, "不是申报编号", "it is no id of a claim"))?;
        let hash = sha256_of(&sha256)?;
        let from = usize::try_from(offset)
            .map_err(|_| one("offset", offset.to_string(), "起点不能为负", "it must not be negative"))?;
        let size = self.engine.head().size;
        let (teacher, need, claim) = self.claim_for(call, size, id, &claim_id).await?;
        let named = claim.events.iter().flat_map(|event| &event.evidence);
        if !named.into_iter().any(|named| *named == sha256) {
            let (zh, en) = ("这项申报没有附这份材料", "the claim names no such evidence");
            return Err(one("sha256", sha256, zh, en));
        }
        if from == 0 {
            self.note_read(&call.caller, need, teacher.as_str(), "evidence", &purpose)?;
        }
        let _turn = self.arriving.working.acquire().await.map_err(|_| Error::Closing)?;
        let evidence = Arc::clone(&self.parts.evidence);
        let got = blocking(move || evidence.get(teacher.as_str(), &hash)).await?;
        let (kept, bytes) = got.map_err(|error| refused(&error))?;
        let rest = bytes.get(from..).unwrap_or_default();
        let piece = &rest[..rest.len().min(PIECE_BYTES_MAX)];
        Ok(api::GetEvidenceResponse {
            file: Some(told(&hash, &kept)),
            piece: piece.to_vec(),
        })
    }

    /// What is known of the files that a claim names.
    pub(crate) async fn about_evidence(&self, teacher: TeacherId, claim: &mut api::Claim) -> Result<(), Error> {
        let evidence = Arc::clone(&self.parts.evidence);
        let named: Vec<Vec<String>> = claim.events.iter().map(|event| event.evidence.clone()).collect();
        let known = blocking(move || {
            let one = |hash: &String| {
                let found = hex::read(hash)
                    .map(Sha256)
                    .map(|hash| (hash, evidence.about(teacher.as_str(), &hash)));
                match found {
                    Some((hash, Ok(kept))) => told(&hash, &kept),
                    Some((_, Err(error))) => api::EvidenceFile {
                        sha256: hash.clone(),
                        state: state(&error).into(),
                        ..api::EvidenceFile::default()
                    },
                    None => api::EvidenceFile::default(),
                }
            };
            named.iter().map(|hashes| hashes.iter().map(one).collect()).collect()
        });
        let known: Vec<Vec<api::EvidenceFile>> = known.await?;
        for (event, files) in claim.events.iter_mut().zip(known) {
            event.files = files;
        }
        Ok(())
    }
}

fn sha256_of(text: &str) -> Result<Sha256, Error> {
    let (zh, en) = ("应为 64 位十六进制数", "write 64 hexadecimal digits");
    hex::read(text).map(Sha256).ok_or_else(|| one("sha256", text, zh, en))
}

pub(crate) fn told(sha256: &Sha256, kept: &Kept) -> api::EvidenceFile {
    api::EvidenceFile {
        sha256: hex::show(&sha256.0),
        state: api::EvidenceState::Kept.into(),
        name: kept.name.clone(),
        media_type: kept.media.mime().to_owned(),
        size: i64::try_from(kept.size).unwrap_or(i64::MAX),
        keep_until: Some(date_to_wire(kept.keep_until)),
    }
}

const fn state(error: &EvidenceError) -> api::EvidenceState {
    match error {
        EvidenceError::Erased => api::EvidenceState::Erased,
        EvidenceError::Damaged | EvidenceError::Register(_) | EvidenceError::Io { .. } => api::EvidenceState::Damaged,
        EvidenceError::Missing
        | EvidenceError::Empty
        | EvidenceError::TooLarge { .. }
        | EvidenceError::Kind
        | EvidenceError::Full { .. } => api::EvidenceState::Missing,
    }
}

/// Why a file is not taken or given, for who asks.
pub(crate) fn refused(error: &EvidenceError) -> Error {
    let mib = FILE_BYTES_MAX >> 20;
    let (code, reason, zh) = match error {
        EvidenceError::Empty => (
            Code::InvalidArgument,
            "EvidenceEmpty",
            "文件是空的；请另选文件".to_owned(),
        ),
        EvidenceError::TooLarge { .. } => (
            Code::InvalidArgument,
            "EvidenceTooLarge",
            format!("文件太大，每份至多 {mib} MiB；请扫描得小一些，或分成几份"),
        ),
        EvidenceError::Kind => (
            Code::InvalidArgument,
            "EvidenceKind",
            "按内容看不是 PDF、JPEG、PNG 或 WebP；请另存为 PDF，或拍照上传".to_owned(),
        ),
        EvidenceError::Full { .. } => (
            Code::ResourceExhausted,
            "EvidenceFull",
            "佐证材料已存满；请合并成较小的文件，或联系管理员清理到期的材料".to_owned(),
        ),
        EvidenceError::Missing => (
            Code::NotFound,
            "EvidenceMissing",
            "这份材料不在本机；请申报人重新上传同一文件，或请管理员从备份恢复".to_owned(),
        ),
        EvidenceError::Damaged => (
            Code::DataLoss,
            "EvidenceDamaged",
            "这份材料已损坏；请申报人重新上传同一文件，或请管理员从备份恢复".to_owned(),
        ),
        EvidenceError::Erased => (
            Code::FailedPrecondition,
            "EvidenceErased",
            "此人的身份信息已依法删除，材料一并删除".to_owned(),
        ),
        EvidenceError::Register(_) | EvidenceError::Io { .. } => {
            tracing::error!(%error, "evidence cannot be read or written");
            (
                Code::Unavailable,
                "EvidenceUnusable",
                "材料暂时无法存取；请信息部门检查 evidence 目录和磁盘，恢复后再试".to_owned(),
            )
        }
    };
    Error::Refused(Box::new(Fault::new(code, reason, zh, error.to_string())))
}
