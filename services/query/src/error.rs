//! Everything that a call of the read side can fail with, and the one place that turns it into a status.

use std::time::Duration;

use keshi_core::balance::TooLarge;
use keshi_core::ids::{PolicyId, SessionId, TeacherId};
use keshi_core::lang::{Say, say};
use keshi_core::period::Name;
use keshi_door::Fault;
use keshi_engine::ReadError;
use keshi_office::access::Denied;
use keshi_office::people::RegisterError;
use keshi_office::reads::ReadLogError;
use keshi_office::signing::{Short, SigningError};
use keshi_proto::api;
use thiserror::Error;
use tonic::Code;

use crate::page::ANSWER_BYTES_MAX;

/// How long to wait for another's replay, or for a ledger that is closing.
const BUSY_RETRY_AFTER: Duration = Duration::from_secs(5);

/// Why a question was not answered. None of these changes anything.
#[derive(Debug, Error)]
pub(crate) enum Error {
    /// Fields of the question are wrong, at least one.
    #[error("{} fields are wrong", .0.len())]
    Fields(Vec<api::FieldViolation>),
    /// Not hers to read.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// Her token, or what it stands for, ended while she waited.
    #[error("{}", .0.text.en)]
    NoLonger(Box<Fault>),
    /// Refused for a reason of its own.
    #[error("{}", .0.text.en)]
    Refused(Box<Fault>),
    /// No such teacher at that size.
    #[error("teacher {id} is not registered in the first {size} entries")]
    UnknownTeacher { id: TeacherId, size: u64 },
    /// No such session at that size.
    #[error("session {id} is not in the first {size} entries")]
    UnknownSession { id: SessionId, size: u64 },
    /// No calendar gives that semester.
    #[error("no calendar in the first {size} entries gives semester {name}")]
    UnknownSemester { name: Name, size: u64 },
    /// No such policy, or version of it, is adopted at that size.
    #[error("policy {id} is not adopted in the first {size} entries")]
    UnknownPolicy {
        id: PolicyId,
        version: Option<u32>,
        size: u64,
    },
    /// Amounts beyond what can be counted.
    #[error(transparent)]
    TooLarge(#[from] TooLarge),
    /// More entries were asked for than there are.
    #[error("asked for the ledger of {asked} entries, there are {size}")]
    BeyondEnd { asked: u64, size: u64 },
    /// No entry has this index at that size.
    #[error("there is no entry {index} in the first {size} entries")]
    NoEntry { index: u64, size: u64 },
    /// The wanted size did not come within the deadline.
    #[error("waited for {asked} entries, there are {size}")]
    NotYet { asked: u64, size: u64 },
    /// As many such long readings are under way as the machine bears.
    #[error("other long readings are under way")]
    Busy,
    /// Answers of hers, of her role or of all that are not read yet fill their room.
    #[error("too many answers are not read yet")]
    Unread,
    /// The result would be larger than what is kept for one caller.
    #[error("the result is larger than what is kept for one caller")]
    ResultTooLarge,
    /// The answer would be larger than what a client takes.
    #[error("an answer of {bytes} bytes is larger than what a client takes")]
    AnswerTooLarge { bytes: usize },
    /// It was not computed within the deadline.
    #[error("not computed within the deadline")]
    Late,
    /// Whoever asked has gone; nobody hears this.
    #[error("whoever asked has gone")]
    Gone,
    /// The ledger is closing.
    #[error("the ledger is closing")]
    Closing,
    /// A path that names no tile, or one that the ledger has not.
    #[error("there is no tile {path} in the first {size} entries")]
    NoTile { path: String, size: u64 },
    /// Nothing can be proved of that older size.
    #[error("{old} of {size} entries cannot be proved")]
    NoProof { old: u64, size: u64 },
    /// No checkpoint can be given out.
    #[error(transparent)]
    Signing(#[from] SigningError),
    /// The log could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The people register could not be read.
    #[error(transparent)]
    People(#[from] RegisterError),
    /// That it was read cannot be written down, so it is not read.
    #[error(transparent)]
    Unlogged(#[from] ReadLogError),
    /// The log of reads cannot be read.
    #[error("the log of reads cannot be read")]
    ReadsUnreadable(#[source] ReadLogError),
    /// A thread died: a defect.
    #[error("a query died")]
    Died(#[from] tokio::task::JoinError),
    /// A thread of the desk died: a defect.
    #[error("a heavy query died")]
    BrokeOff,
    /// The system has no thread for it.
    #[error("no thread could be started")]
    NoThread(#[from] std::io::Error),
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        match error {
            Error::Fields(violations) => Fault {
                text: violations
                    .first()
                    .map_or_else(|| Say::same(""), |first| say(&first.text_zh, &first.text_en)),
                ..Fault::fields(violations)
            },
            Error::Denied(denied) => Fault::from(denied),
            Error::NoLonger(fault) | Error::Refused(fault) => *fault,
            Error::UnknownTeacher { id, size } => Fault::new(
                Code::NotFound,
                "UnknownTeacher",
                format!("教师 {id} 未建档（台账前 {size} 条）；请核对教师编号，或先建档"),
                format!("teacher {id} is not registered (in the first {size} entries); check the id, or register her"),
            ),
            Error::UnknownSession { id, size } => Fault::new(
                Code::NotFound,
                "UnknownSession",
                format!("台账前 {size} 条中没有场次 {id}，或已作废；请核对场次编号，或先导入场次"),
                format!(
                    "session {id} is not in the first {size} entries, or is void; check its id, or import the session first"
                ),
            ),
            Error::UnknownSemester { name, size } => Fault::new(
                Code::FailedPrecondition,
                "UnknownSemester",
                format!("台账前 {size} 条中没有学期 {name} 的校历；请先发布校历，或改用年度、学年、月份"),
                format!(
                    "no calendar gives semester {name} (in the first {size} entries); adopt one, or ask for a year or month"
                ),
            ),
            Error::UnknownPolicy { id, version, size } => {
                let (zh, en) = version.map_or_else(Default::default, |version| {
                    (format!("第 {version} 版"), format!(" version {version}"))
                });
                Fault::new(
                    Code::NotFound,
                    "UnknownPolicy",
                    format!("台账前 {size} 条中没有发布规则 {id}{zh}；请核对编号和版本，或改用规则文件"),
                    format!(
                        "policy {id}{en} is not adopted (in the first {size} entries); check id and version, or give a document"
                    ),
                )
            }
            Error::TooLarge(TooLarge { teacher_id, index }) => Fault::new(
                Code::FailedPrecondition,
                "TooLarge",
                format!("教师 {teacher_id} 的数额在第 {index} 条处超出可计范围；请核对所依据的规则，发布改正系数的新版本后再查"),
                format!(
                    "the amounts of teacher {teacher_id} go beyond what can be counted, at entry {index}; \
                     look at the policy that credits it, adopt a version with the right factors, then ask again"
                ),
            )
            .about(teacher_id.as_str(), index),
            Error::NoEntry { index, size } => Fault::new(
                Code::NotFound,
                "NoEntry",
                format!("没有第 {index} 条：台账共 {size} 条，从第 0 条起"),
                format!("there is no entry {index}: the ledger has {size}, from 0 on"),
            ),
            Error::BeyondEnd { asked, size } => Fault::new(
                Code::OutOfRange,
                "BeyondEnd",
                format!("台账现有 {size} 条，还没有第 {asked} 条；请改小 size，或用 min_size 等待"),
                format!("the ledger has {size} entries, not {asked}; ask for less, or wait with min_size"),
            ),
            Error::NotYet { asked, size } => Fault::new(
                Code::DeadlineExceeded,
                "NotYet",
                format!("限时内台账只有 {size} 条，未到 {asked} 条；请稍后再查"),
                format!("the ledger has {size} entries and did not reach {asked} within the deadline; ask again later"),
            ),
            Error::Busy => Fault::new(
                Code::ResourceExhausted,
                "OthersUnderWay",
                "同类的长时间查询正在进行；请稍后再试",
                "other long queries of this kind are under way; ask again later",
            )
            .retry_after(BUSY_RETRY_AFTER),
            Error::Unread => keshi_door::unread(),
            Error::ResultTooLarge => Fault::new(
                Code::InvalidArgument,
                "ResultTooLarge",
                "结果过多，无法一次算出；请缩短期间，或按学校、教研组、要求分开查询",
                "the result is too large to be kept; ask for a shorter period, or for one school, group or requirement at a time",
            ),
            Error::AnswerTooLarge { bytes } => Fault::new(
                Code::InvalidArgument,
                "AnswerTooLarge",
                format!("答复有 {bytes} 字节，至多 {ANSWER_BYTES_MAX} 字节；请缩短期间，分几次查询，或不要明细（explain）"),
                format!(
                    "the answer has {bytes} bytes, at most {ANSWER_BYTES_MAX} are sent at once; \
                     ask for shorter periods, one after the other, or without `explain`"
                ),
            ),
            Error::Late => Fault::new(
                Code::DeadlineExceeded,
                "NotInTime",
                "未在时限内算完；请延长时限，或缩短期间、按学校分开查询",
                "it was not computed within the deadline; allow more time, or ask for a shorter period or one school",
            ),
            Error::Gone => Fault::new(Code::Cancelled, "Gone", "查询已取消", "whoever asked has gone"),
            Error::Closing => Fault::new(
                Code::Unavailable,
                "LedgerClosed",
                "台账正在停机；恢复后请再查",
                "the ledger is closing; ask again once it runs",
            )
            .retry_after(BUSY_RETRY_AFTER),
            Error::NoTile { path, size } => Fault::new(
                Code::NotFound,
                "NoTile",
                format!("台账现有 {size} 条，没有 {path}；请按最新检查点的条数计算，写法如 tile/0/x001/067、tile/1/000.p/12"),
                format!(
                    "the ledger has {size} entries and no {path}; reckon with the size of the newest checkpoint, and write \
                     tile/0/x001/067 or tile/1/000.p/12"
                ),
            ),
            Error::NoProof { old, size } => Fault::new(
                Code::InvalidArgument,
                "NoProof",
                format!("无法证明台账从 {old} 条延续到 {size} 条；较早的条数至少为 1，且不大于较晚的"),
                format!("nothing shows that the ledger went on from {old} to {size} entries; ask for an older size of at least 1 and at most the newer one"),
            ),
            // What a stream is still to bring: it is told when it has come.
            Error::Signing(SigningError::Short(Short::Behind { given, size, .. })) => Fault::new(
                Code::Unavailable,
                "LedgerBehind",
                format!("曾给出 {given} 条的检查点，台账现在只有 {size} 条，补齐之前不再签发；请稍后再试，或告知管理员"),
                format!(
                    "a checkpoint of {given} entries was given out and the ledger has {size} now; none is signed until it has \
                     them all: ask again later, or tell the operator"
                ),
            )
            .retry_after(BUSY_RETRY_AFTER),
            Error::Signing(ref cause) => {
                tracing::error!(error = %cause, "no checkpoint can be given out");
                Fault::new(
                    Code::Unavailable,
                    "NoCheckpoint",
                    "检查点无法签发；请信息部门查看日志，修复后再试",
                    "no checkpoint can be given out; let the IT department look at the log, then ask again",
                )
                .retry_after(BUSY_RETRY_AFTER)
            }
            Error::Read(ref cause) => internal(cause),
            Error::People(RegisterError::Unreadable(unreadable)) => Fault::new(
                Code::DataLoss,
                "UnreadableRecord",
                format!(
                    "人员档案中 {} 的记录已损坏，无法据以回答；请告知管理员恢复，或重新登记",
                    unreadable.teacher_ids.join("、")
                ),
                unreadable.to_string(),
            ),
            Error::People(RegisterError::Store(ref cause)) => internal(cause),
            Error::People(RegisterError::Keys(ref cause)) => internal(cause),
            // The read log itself has reported the first of a row, with its cause.
            Error::Unlogged(_) => Fault::new(
                Code::Unavailable,
                "ReadLogUnwritable",
                "查阅记录写不进去，暂不提供他人数据；请信息部门检查 reads 目录的磁盘空间、属主和打开文件数上限，恢复后再查即可",
                "that you read this cannot be written down, so it is not told; let the IT department look at the directory \
                 `reads`: disk space, owner, limit of open files; then ask again",
            )
            .retry_after(BUSY_RETRY_AFTER),
            Error::ReadsUnreadable(ref cause) => {
                tracing::error!(error = %cause, cause = %cause.cause, "the log of reads cannot be read");
                Fault::new(
                    Code::Unavailable,
                    "ReadLogUnreadable",
                    "查阅记录读不出来；请信息部门检查 reads 目录的属主和磁盘，恢复后再查",
                    "the log of reads cannot be read; let the IT department look at the directory `reads`: owner and disk; \
                     then ask again",
                )
                .retry_after(BUSY_RETRY_AFTER)
            }
            Error::Died(ref cause) => internal(cause),
            Error::NoThread(ref cause) => internal(cause),
            Error::BrokeOff => internal(&error),
        }
    }
}

/// The cause goes to the log, not to the caller.
fn internal(cause: &dyn std::error::Error) -> Fault {
    let source = cause.source().map(ToString::to_string);
    tracing::error!(error = %cause, source, "a query failed");
    Fault::new(
        Code::Internal,
        "Internal",
        "服务器读取数据失败；请告知管理员查看日志",
        "the server could not read its data; tell the operator to look at the log",
    )
}
