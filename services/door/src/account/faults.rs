//! What may be wrong with signing in and with accounts, in words.

use std::time::Duration;

use keshi_core::lang::{Say, say};
use keshi_office::access::RoleError;
use keshi_office::accounts::{AccountError, Of, SignInLogError, Weak};
use keshi_proto::api;
use tokio::task::JoinError;
use tonic::Code;
use tracing::error;

use crate::{Fault, violation};

/// How long to wait when others are being signed in.
const BUSY_RETRY_AFTER: Duration = Duration::from_secs(1);

/// How long to wait until the disk may be better.
const DISK_RETRY_AFTER: Duration = Duration::from_secs(5);

pub(super) fn no_accounts() -> Fault {
    Fault::new(
        Code::FailedPrecondition,
        "NoAccounts",
        "此服务器没有账号（试用方式）；请不带 --dev 启动 keshi up",
        "this server has no accounts (it is for trying out); start keshi up without --dev",
    )
}

/// Wrong password or code, no such account, closed: all in the same words.
pub(super) fn refused() -> Fault {
    Fault::new(
        Code::Unauthenticated,
        "SignInRefused",
        "账号、密码或一次性代码不对，或账号已停用；请核对大小写后再试，忘记密码请系统管理员重置",
        "account, password or code is wrong, or the account is closed; check capitals and try again, or ask the admin to reset it",
    )
}

/// The password is right, and the code of the app is not.
pub(super) fn wrong_second_code() -> Fault {
    Fault::new(
        Code::Unauthenticated,
        "SecondCodeRefused",
        "动态口令不对，或已经用过；请等下一个再试，并核对手机时间，手机丢了请系统管理员重置账号",
        "the code of the app is wrong, or was taken already; try the next one, see that the telephone's clock is right, or, if it is \
         lost, ask the admin to reset the account",
    )
}

pub(super) fn wait(time: Duration) -> Fault {
    let seconds = time.as_secs() + u64::from(time.subsec_nanos() > 0);
    Fault::new(
        Code::ResourceExhausted,
        "WaitToSignIn",
        format!("连续输错，请等 {seconds} 秒再试；忘记密码请系统管理员重置"),
        format!("too many attempts failed; wait {seconds} s, then try again, or ask the admin to reset the account"),
    )
    .retry_after(time)
}

pub(super) fn too_many_sign_ins(time: Duration) -> Fault {
    let minutes = time.as_secs() / 60 + 1;
    Fault::new(
        Code::ResourceExhausted,
        "TooManySignIns",
        format!("该账号一小时内登录次数过多；请用已有的登录，或等 {minutes} 分钟再试；程序请用令牌"),
        format!(
            "this account signed in too often within an hour; use a session that there is, or wait {minutes} min; for programs there are tokens"
        ),
    )
    .retry_after(time)
}

pub(super) fn queue_is_full() -> Fault {
    Fault::new(
        Code::ResourceExhausted,
        "SignInBusy",
        "正在登录的人太多；请稍候再试",
        "too many are signing in; try again a little later",
    )
    .retry_after(BUSY_RETRY_AFTER)
}

pub(super) fn not_a_session() -> Fault {
    Fault::new(
        Code::FailedPrecondition,
        "NotASession",
        "令牌没有密码和登录；请用账号登录后再办",
        "a token has neither password nor sessions; sign in with an account first",
    )
}

pub(super) fn no_such_session(id: &str) -> Fault {
    let id: String = id.chars().take(40).collect();
    Fault::new(
        Code::NotFound,
        "NoSuchSession",
        format!("没有登录 {id}，或已经结束；请重新列出"),
        format!("there is no session {id}, or it has ended; list them again"),
    )
}

/// What was sent for a secret is none.
pub(super) fn not_a_secret() -> Fault {
    let what = say(
        "不是完整的密钥；请重新启用动态口令",
        "it is no whole secret; begin anew",
    );
    wrong("secret", "", what)
}

/// The app made another code, or none.
pub(super) fn code_of_another() -> Fault {
    let what = say(
        "动态口令不对；请填手机上现在显示的六位数字，并核对手机时间",
        "the code is wrong; type the six digits that the app shows now, and see that the telephone's clock is right",
    );
    wrong("code", "", what)
}

/// She is asked for a code already.
pub(super) fn second_factor_set() -> Fault {
    Fault::new(
        Code::FailedPrecondition,
        "SecondFactorSet",
        "动态口令已经启用；要换手机，请先用现在的口令停用",
        "a code is asked for already; to change the telephone, end it with a code of the present one first",
    )
}

/// Sessions of one account and of all were asked for.
pub(super) fn one_or_all() -> Fault {
    wrong(
        "account",
        "",
        say(
            "要么指定一个账号，要么列出所有人的登录，不能同时",
            "ask for the sessions of one account or of everybody, not both",
        ),
    )
}

pub(super) fn broke_off(cause: &JoinError) -> Fault {
    error!(%cause, "work on accounts broke off");
    internal()
}

fn internal() -> Fault {
    Fault::new(
        Code::Internal,
        "Internal",
        "服务器内部错误；请重试，仍不行请告知管理员查看日志",
        "the server failed; try again, and if it stays so ask IT to look at its log",
    )
}

/// One wrong field.
pub(super) fn wrong(field: impl Into<String>, value: impl Into<String>, what: Say) -> Fault {
    Fault::fields(vec![violation(field, value, what.zh, what.en)])
}

/// Why a password does not do.
pub(super) fn weak(weak: Weak) -> Say {
    match weak {
        Weak::TooShort { min } => say(
            format!("密码至少 {min} 个字符；几个不相干的词连起来好记也够长"),
            format!("a password has at least {min} characters; a few unrelated words are long and easy to keep"),
        ),
        Weak::TooLong => say("密码至多 1024 字节", "a password has at most 1,024 bytes"),
        Weak::Worst => say(
            "这个密码最容易被猜到；请换一个",
            "this password is among those that are tried first; choose another",
        ),
        Weak::Account => say(
            "密码不能与账号相近；请换一个",
            "this password is little more than the account's id; choose another",
        ),
    }
}

/// What is wrong with a row of accounts to be made; `at` leads to it.
fn row(at: &str, error: &AccountError) -> Option<api::FieldViolation> {
    let (field, value, zh) = match error {
        AccountError::Id { id } => (
            "id",
            id.clone(),
            "账号用 1 至 32 个 a-z 0-9 -，以字母或数字开头，不得是证件号或手机号".to_owned(),
        ),
        AccountError::Taken { id } => (
            "id",
            id.clone(),
            format!("{id} 已是（或曾是）账号或令牌的编号；请换一个"),
        ),
        AccountError::DevRole => ("role", "dev".to_owned(), "账号不能有 dev 身份；请用 admin".to_owned()),
        AccountError::Note(_) => ("note", String::new(), "备注过长或含控制字符；请缩短".to_owned()),
        AccountError::Personal { .. } => ("note", String::new(), "备注含有个人信息；请去掉".to_owned()),
        _ => return None,
    };
    Some(violation(format!("{at}{field}"), value, zh, error.to_string()))
}

/// Why a role and a scope do not go together; `at` leads to where they stand.
pub(super) fn role(at: &str, error: &RoleError) -> api::FieldViolation {
    let wire = |part: &str| match part {
        "school" => "scope.school_id",
        "bases" | "bases or studios" => "scope.base_ids",
        "studios" => "scope.studio_ids",
        "subjects" => "scope.subjects",
        "groups" => "scope.group_ids",
        _ => "scope.teacher_id",
    };
    let (field, value, zh) = match error {
        RoleError::UnknownRole { found } => ("role", found.clone(), format!("没有身份 {found}")),
        RoleError::Needs { role, part } => (wire(part), String::new(), format!("{}须写明这一项", role.zh())),
        RoleError::HasNo { role, part } => (wire(part), String::new(), format!("{}没有这一项，请去掉", role.zh())),
        RoleError::NotAnId { part, found } => (
            wire(part),
            found.chars().take(40).collect(),
            "不是编号：用 1 至 32 个字母、数字或 . _ -".to_owned(),
        ),
        RoleError::TooMany { part, found } => (wire(part), found.to_string(), "至多 64 项".to_owned()),
        RoleError::Subject { found } => (
            wire("subjects"),
            found.chars().take(40).collect(),
            "学科应为 1 至 40 个字".to_owned(),
        ),
    };
    violation(format!("{at}{field}"), value, zh, error.to_string())
}

impl From<AccountError> for Fault {
    fn from(error: AccountError) -> Self {
        let en = error.to_string();
        let fault = |code, reason: &str, zh: String| Fault::new(code, reason, zh, en.clone());
        if let Some(violation) = row("", &error) {
            return Fault::fields(vec![violation]);
        }
        match error {
            AccountError::Rows(rows) => {
                let at = |place: usize| format!("accounts[{place}].");
                let violations: Vec<_> = rows
                    .iter()
                    .filter_map(|(place, error)| row(&at(*place), error))
                    .collect();
                match rows.into_iter().next() {
                    // Nothing that is wrong with the row itself: the system has no random numbers, or the like.
                    Some((_, error)) if violations.is_empty() => error.into(),
                    _ => Fault::fields(violations),
                }
            }
            AccountError::NoSuchAccount { id } => fault(
                Code::NotFound,
                "NoSuchAccount",
                format!("没有账号 {id}；keshi account list 可列出全部"),
            ),
            AccountError::Closed { id } => fault(
                Code::FailedPrecondition,
                "AccountIsClosed",
                format!("账号 {id} 已停用，不能再启用；请另建账号"),
            ),
            AccountError::LastAdmin { id } => fault(
                Code::FailedPrecondition,
                "LastAdmin",
                format!("{id} 是最后一个系统管理员账号；请先另建一个"),
            ),
            AccountError::Unreadable { id } => fault(
                Code::DataLoss,
                "UnreadableRecord",
                format!("账号 {id} 的记录已损坏，不能使用；请从备份恢复账号"),
            ),
            AccountError::TooMany { max, of } => fault(
                Code::ResourceExhausted,
                "TooManyAccounts",
                match of {
                    Of::Accounts => format!("账号（含已停用的）至多 {max} 个"),
                    Of::AtOnce => format!("一次至多建 {max} 个账号；请分几次建"),
                    Of::Changes => format!("24 小时内至多变更 {max} 次账号；请明天继续"),
                    Of::Passwords => format!("一个账号 24 小时内至多设 {max} 次密码；请明天再设，或找系统管理员"),
                },
            ),
            AccountError::Key => refused(),
            AccountError::Log(error) => error.into(),
            AccountError::Store(_) | AccountError::Sessions { .. } | AccountError::FirstCode { .. } => {
                error!(
                    cause = &error as &dyn std::error::Error,
                    "accounts cannot be read or written"
                );
                Fault::new(
                    Code::Unavailable,
                    "AccountsUnwritable",
                    "账号存不进去或读不出来；请信息部门检查磁盘和 accounts.redb、sessions.redb，再试",
                    "accounts cannot be read or written; let IT look at the disk, accounts.redb and sessions.redb, then try again",
                )
                .retry_after(DISK_RETRY_AFTER)
            }
            AccountError::Office { .. }
            | AccountError::Random(_)
            | AccountError::Encode(_)
            | AccountError::Hash(_)
            | AccountError::Id { .. }
            | AccountError::Taken { .. }
            | AccountError::DevRole
            | AccountError::Note(_)
            | AccountError::Personal { .. } => {
                error!(cause = &error as &dyn std::error::Error, "work on accounts failed");
                internal()
            }
        }
    }
}

impl From<SignInLogError> for Fault {
    fn from(error: SignInLogError) -> Self {
        error!(
            cause = &error as &dyn std::error::Error,
            "the log of sign-ins cannot be used"
        );
        Fault::new(
            Code::Unavailable,
            "SignInLogUnwritable",
            "登录记录写不进去或读不出来，暂不能登录；请信息部门检查 signins 目录的磁盘空间和属主，再试",
            "the log of sign-ins cannot be used, so nobody can sign in; let IT look at the directory `signins`: disk space, \
             owner; then try again",
        )
        .retry_after(DISK_RETRY_AFTER)
    }
}
