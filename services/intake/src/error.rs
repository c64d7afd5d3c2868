//! Everything that a call of the write side can fail with, and the one place that turns it into a status.

use std::time::Duration;

use keshi_bus::{AskError, SubmitError};
use keshi_core::lang::say;
use keshi_office::access::Denied;
use keshi_proto::api;
use keshi_proto::log::Refused;
use thiserror::Error;
use tonic::{Code, Status};

use keshi_door::{ClockJumped, Fault, of_transport};

/// How long to wait when the ledger or the bus cannot be reached: a restart takes about that.
const UNREACHABLE_RETRY_AFTER: Duration = Duration::from_secs(1);

/// How long to wait until a check is done.
const CHECKED_RETRY_AFTER: Duration = Duration::from_secs(5);

/// Why a call of the write side failed. Unless it says otherwise, nothing was published.
#[derive(Debug, Error)]
pub(crate) enum Error {
    /// Fields are wrong, at least one.
    #[error("{} fields are wrong", .0.len())]
    Fields(Vec<api::FieldViolation>),
    /// A right that the caller does not have; with the place of the event, if it is about one of several.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// Events that the caller may not post, at least one: their places in the submission, from 0 on, and the rights.
    #[error("{} events are not hers to post", .0.len())]
    DeniedEvents(Vec<(usize, Denied)>),
    /// The clock that would stamp the submission cannot be believed.
    #[error(transparent)]
    Clock(#[from] ClockJumped),
    /// The bus did not answer the submission.
    #[error(transparent)]
    Submit(#[from] SubmitError),
    /// The ledger did not answer a question.
    #[error(transparent)]
    Ask(#[from] AskError),
    /// The ledger answered a question with a refusal.
    #[error("{}", .0.text_en)]
    Refused(Box<Refused>),
    /// The ledger has nothing of a submission.
    #[error("the ledger has nothing of submission {id}")]
    UnknownSubmission {
        /// Its id.
        id: String,
    },
    /// Too many names resolved in too short a time.
    #[error("too many people looked up: ask again in {} s", retry_after.as_secs())]
    TooManyLookups {
        /// When more are allowed.
        retry_after: Duration,
    },
    /// As many files of hers, of her role or in all are being checked as may be at once.
    #[error("too many files are being checked at once")]
    TooManyChecks,
    /// More mistakes than are kept until they are told.
    #[error("too many mistakes in one check")]
    TooManyMistakes,
    /// The ledger's answer has no meaning here: the two processes are of different releases.
    #[error("the ledger's {what} does not decode: run the same release everywhere")]
    Garbled {
        /// What was to be read.
        what: &'static str,
    },
    /// Her token, or what it stands for, ended while the call was under way.
    #[error("{}", .0.text.en)]
    NoLonger(Box<Fault>),
    /// The stream from the caller broke.
    #[error("the caller's stream broke: {0}")]
    Stream(Box<Status>),
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        match error {
            Error::Fields(violations) => Fault::fields(violations),
            Error::Denied(denied) => Fault::from(denied),
            Error::DeniedEvents(denied) => of_denied(denied),
            Error::Clock(jumped) => Fault::from(jumped),
            Error::Submit(error) => of_submit(error),
            Error::Ask(error) => of_ask(error),
            Error::Refused(refused) => Fault::from(*refused),
            Error::UnknownSubmission { id } => Fault::new(
                Code::NotFound,
                "UnknownSubmission",
                format!("台账中没有提交 {id}；请把同一批再提交一次，重复提交是安全的"),
                format!("the ledger has nothing of submission {id}; send the same again, which is safe"),
            ),
            Error::TooManyLookups { retry_after } => Fault::new(
                Code::ResourceExhausted,
                "TooManyLookups",
                format!("查询人员过于频繁；请在 {} 秒后再试", retry_after.as_secs().max(1)),
                format!(
                    "too many people looked up; ask again in {} s",
                    retry_after.as_secs().max(1)
                ),
            )
            .retry_after(retry_after),
            Error::TooManyChecks => Fault::new(
                Code::ResourceExhausted,
                "TooManyChecks",
                "正在预检的文件过多；请等前面的预检完成后再试",
                "too many files are being checked at once; try again when one of them is done",
            )
            .retry_after(CHECKED_RETRY_AFTER),
            Error::TooManyMistakes => Fault::new(
                Code::InvalidArgument,
                "TooManyMistakes",
                "错误过多，无法一次列出；请把文件拆成几份，分别预检",
                "there are more mistakes than can be listed at once; split the file and check its parts",
            ),
            Error::Garbled { what } => {
                tracing::error!(what, "the ledger's answer does not decode");
                Fault::new(
                    Code::Internal,
                    "Garbled",
                    "台账的答复无法解读；请管理员核对各进程的版本，之后重新提交",
                    "the ledger's answer does not decode; let the operator compare the releases, then send the same again",
                )
            }
            Error::NoLonger(fault) => *fault,
            Error::Stream(status) => of_transport(&status),
        }
    }
}

/// The first of the denied events, and how many there are.
fn of_denied(denied: Vec<(usize, Denied)>) -> Fault {
    let count = denied.len();
    let Some((position, first)) = denied.into_iter().next() else {
        return internal(&Error::Garbled { what: "rights" });
    };
    let fault = Fault::from(first);
    let (mut zh, mut en) = (
        format!("第 {} 条：{}", position + 1, fault.text.zh),
        format!("event {position}: {}", fault.text.en),
    );
    if count > 1 {
        zh.insert_str(0, &format!("共 {count} 条不能提交；"));
        en.insert_str(0, &format!("{count} events may not be posted; "));
    }
    Fault {
        text: say(zh, en),
        ..fault
    }
}

fn of_submit(error: SubmitError) -> Fault {
    match error {
        SubmitError::Full { retry_after } => Fault::new(
            Code::ResourceExhausted,
            "QueueFull",
            format!("提交排队已满，未入账；请在 {} 毫秒后重新提交", retry_after.as_millis()),
            format!(
                "the queue to the ledger is full, nothing was recorded; send the same again in {} ms",
                retry_after.as_millis()
            ),
        )
        .retry_after(retry_after),
        SubmitError::DeadlineExceeded => Fault::new(
            Code::DeadlineExceeded,
            "OutcomeUnknown",
            "限时内未得到答复，结果未知；请把同一批再提交一次，重复提交是安全的",
            "no answer within the deadline, outcome unknown: send the same again, which is safe",
        ),
        SubmitError::Unreachable { reason } => {
            tracing::warn!(reason, "the bus is not reachable");
            Fault::new(
                Code::Unavailable,
                "BusUnreachable",
                "消息总线连接不上，未入账；请稍后重新提交",
                "the bus is not reachable, nothing was recorded; send the same again later",
            )
            .retry_after(UNREACHABLE_RETRY_AFTER)
        }
        SubmitError::Unfit { reason } => Fault::new(
            Code::FailedPrecondition,
            "BusUnfit",
            format!("现在不能提交，未入账；请系统管理员处理后重新提交（{}）", reason.zh),
            format!(
                "nothing was recorded: an admin must act, then send the same again ({})",
                reason.en
            ),
        ),
        SubmitError::Closed => Fault::new(
            Code::Unavailable,
            "LedgerClosed",
            "台账正在停机，结果未知；恢复后请把同一批再提交一次，重复提交是安全的",
            "the ledger is closing, outcome unknown: send the same again once it runs, which is safe",
        )
        .retry_after(UNREACHABLE_RETRY_AFTER),
        SubmitError::TooLarge { bytes, bytes_max } => Fault::new(
            Code::InvalidArgument,
            "SubmissionTooLarge",
            format!("这一批 {bytes} 字节，至多 {bytes_max} 字节；请拆成几批"),
            format!("the submission has {bytes} bytes, at most {bytes_max}; split it"),
        ),
        SubmitError::InvalidToken { .. } => internal(&error),
    }
}

fn of_ask(error: AskError) -> Fault {
    match error {
        AskError::DeadlineExceeded => Fault::new(
            Code::DeadlineExceeded,
            "OutcomeUnknown",
            "限时内台账未答复，结果未知；请再试一次，重复是安全的",
            "the ledger did not answer within the deadline, outcome unknown: call again, which is safe",
        ),
        AskError::Unreachable { reason } => {
            tracing::warn!(reason, "the ledger cannot be asked");
            Fault::new(
                Code::Unavailable,
                "LedgerUnreachable",
                "台账连接不上；请稍后再试",
                "the ledger cannot be reached; call again later",
            )
            .retry_after(UNREACHABLE_RETRY_AFTER)
        }
        AskError::TooLarge { bytes, bytes_max } => Fault::new(
            Code::InvalidArgument,
            "QuestionTooLarge",
            format!("请求 {bytes} 字节，至多 {bytes_max} 字节；请分几次"),
            format!("the question has {bytes} bytes, at most {bytes_max}; ask in parts"),
        ),
        AskError::Refused { .. } | AskError::InvalidTopic { .. } => internal(&error),
    }
}

fn internal(error: &dyn std::error::Error) -> Fault {
    tracing::error!(%error, "a call failed in a way that only a defect explains");
    Fault::new(
        Code::Internal,
        "Internal",
        "服务器内部错误；请告知管理员，之后把同一批再提交一次",
        "an error inside the server; tell the operator, then send the same again",
    )
}
