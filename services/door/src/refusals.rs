//! Why a call was not let in, or may not go on, in words for its caller.

use std::time::Duration;

use keshi_core::lang::Say;
use keshi_office::access::{AccessError, Denied};
use tonic::Code;

use super::Fault;

/// How long a caller turned away is asked to wait.
const BUSY_RETRY_AFTER: Duration = Duration::from_millis(200);

/// The clock moved against the time that passed, since the server was started.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the clock moved by {days} days while the server ran")]
pub struct ClockJumped {
    /// By how much; negative if it went back.
    pub days: i64,
}

/// Why a call was not let in.
#[derive(Debug, thiserror::Error)]
pub(super) enum EnterError {
    #[error(transparent)]
    Access(#[from] AccessError),
    #[error(transparent)]
    OtherOffice(#[from] Denied),
    #[error("too many calls at once: call again a little later")]
    Busy,
}

impl From<EnterError> for Fault {
    fn from(error: EnterError) -> Self {
        match error {
            EnterError::Access(error) => of_access(&error),
            EnterError::OtherOffice(denied) => Fault::from(denied),
            EnterError::Busy => Fault::new(
                Code::ResourceExhausted,
                "TooManyCalls",
                "服务器正忙，请稍候再试",
                "the server is busy: call again a little later",
            )
            .retry_after(BUSY_RETRY_AFTER),
        }
    }
}

impl From<Denied> for Fault {
    fn from(Denied { reason, remedy }: Denied) -> Self {
        let Say { zh, en } = reason.then(&remedy);
        Fault::new(Code::PermissionDenied, "NotAllowed", zh, en)
    }
}

impl From<ClockJumped> for Fault {
    fn from(ClockJumped { days }: ClockJumped) -> Self {
        Fault::new(
            Code::Unavailable,
            "ClockJumped",
            format!("服务器时钟在运行中跳动了 {days} 天，此间不接受提交；请管理员核对时钟，再重新启动 keshi"),
            format!(
                "the server's clock moved by {days} days while it ran, and nothing is taken in by it: ask IT to check the \
                 clock, then to restart keshi"
            ),
        )
    }
}

pub(super) fn of_access(error: &AccessError) -> Fault {
    let (reason, zh, en) = match error {
        AccessError::Missing => (
            "TokenMissing",
            "未提供令牌；请在请求头 authorization 中写“Bearer 令牌”".to_owned(),
            "no token was given; send the header `authorization: Bearer ks_…`".to_owned(),
        ),
        AccessError::Malformed => (
            "TokenMalformed",
            "令牌抄写有误；请重新复制（ks_ 加 48 个字符）".to_owned(),
            "the token is mistyped or cut off; copy it again (`ks_` and 48 characters)".to_owned(),
        ),
        AccessError::Unknown => (
            "TokenUnknown",
            "令牌未在此登记；请核对服务器地址，或向教研室申请新令牌".to_owned(),
            "the token is not known here; check the server's address, or ask the office for a new one".to_owned(),
        ),
        AccessError::Revoked { id, revoked_at } => (
            "TokenRevoked",
            format!("令牌 {id} 已于 {revoked_at} 撤销；请向教研室申请新令牌"),
            format!("token `{id}` was revoked at {revoked_at}; ask the office for a new one"),
        ),
        AccessError::Expired { id, expires_on } => (
            "TokenExpired",
            format!("令牌 {id} 已于 {expires_on} 到期；请向教研室申请新令牌"),
            format!("token `{id}` expired after {expires_on}; ask the office for a new one"),
        ),
        AccessError::SessionEnded => (
            "SessionEnded",
            "登录已失效；请重新登录".to_owned(),
            "the session has ended; sign in again".to_owned(),
        ),
        AccessError::Closed { id } => (
            "AccountClosed",
            format!("账号 {id} 已停用；如需使用，请联系教研室"),
            format!("account `{id}` is closed; ask the office if you need one"),
        ),
        AccessError::Changed { id } => {
            return Fault::new(
                Code::PermissionDenied,
                "RightChanged",
                format!("{id} 的权限已更改；请重新发送，将按新的权限办理"),
                format!("`{id}` was given other rights meanwhile; call again, which then counts"),
            );
        }
    };
    Fault::new(Code::Unauthenticated, reason, zh, en)
}
