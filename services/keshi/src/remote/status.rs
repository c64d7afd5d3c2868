//! What a gRPC status means to the user, and to the exit code.

use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::exit::{Failure, Say, say};

/// Most field violations that are listed.
const VIOLATIONS_SHOWN: usize = 20;

/// A call that was not answered as hoped. The services word their errors in the caller's language already.
pub(crate) fn failure(status: &Status, address: &str) -> Failure {
    let message = match status.message() {
        "" => Say::same(status.code().description()),
        message => Say::same(message),
    };
    let failure = match status.code() {
        // From the transport: nobody there, or the connection broke.
        Code::Unavailable if is_transport(status) => return unreachable(address).and(with_tls()),
        Code::Unavailable => Failure::unreachable(message),
        // How a connection breaks depends on how far the greeting had got.
        Code::Internal | Code::Unknown if is_transport(status) => Failure::unreachable(say(
            format!("{address} 答的不是 gRPC（{}）", status.message()),
            format!("what {address} answers is not gRPC ({})", status.message()),
        ))
        .and(with_tls()),
        Code::DataLoss => Failure::not_verified(message),
        Code::Cancelled if is_transport(status) && !is_late(status) => Failure::unreachable(say(
            format!("与 {address} 的连接中断"),
            format!("the connection to {address} broke off"),
        ))
        .and(say(
            "结果未知：再发同样的内容总是安全的",
            "the outcome is unknown: sending the same again is always safe",
        ))
        .and(with_tls()),
        Code::DeadlineExceeded | Code::Cancelled if is_transport(status) => Failure::failed(say(
            format!("{address} 没有在时限内答复"),
            format!("{address} did not answer in time"),
        ))
        .and(say(
            "结果未知：再发同样的内容总是安全的；可用 --timeout 延长时限",
            "the outcome is unknown: sending the same again is always safe; --timeout allows more time",
        )),
        Code::Unauthenticated => Failure::failed(message).and(say(
            "先登录：keshi login 服务地址；或用 --token-file 指定令牌所在的文件",
            "log in first: keshi login SERVER; or name the file that has the token with --token-file",
        )),
        _ => Failure::failed(message),
    };
    with_violations(failure, status)
}

fn with_tls() -> Say {
    say(
        "若该服务启用了 TLS，地址请写 https://主机:端口",
        "if it serves TLS, write the address as https://host:port",
    )
}

/// Nobody answers at `address`.
pub(crate) fn unreachable(address: &str) -> Failure {
    Failure::unreachable(say(
        format!("连不上 {address} 上的服务"),
        format!("no server answers at {address}"),
    ))
    .and(say(
        "请先登录本县的服务（keshi login https://主机:端口）；在服务所在的机器上请先运行 keshi up（试用：keshi up --sample liuba-2022），或用 --data 直接打开台账",
        "log in to your county's server (keshi login https://HOST:PORT); on the machine that serves, run keshi up first (to \
         try: keshi up --sample liuba-2022), or open the ledger with --data",
    ))
}

/// No connection to `address`: nobody there, or one whose certificate is not believed.
pub(crate) fn not_connected(error: &tonic::transport::Error, address: &str) -> Failure {
    let Some(cause) = of_tls(error) else {
        return unreachable(address);
    };
    Failure::unreachable(say(
        format!("{address} 的证书或 TLS 不可信（{cause}），没有发送任何内容"),
        format!("the certificate or the TLS of {address} is not to be trusted ({cause}): nothing was sent"),
    ))
    .and(say(
        "若证书由本单位签发，请用 --ca 指定签发者证书；地址须是证书上写的主机名",
        "if your own authority issued it, name that one's certificate with --ca; the host has to be one that the certificate names",
    ))
}

/// What TLS itself found wrong.
fn of_tls<'a>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a rustls::Error> {
    let mut next = Some(error);
    while let Some(error) = next {
        let io = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        let found = match io {
            Some(inner) => inner.downcast_ref::<rustls::Error>(),
            None => error.downcast_ref::<rustls::Error>(),
        };
        if found.is_some() {
            return found;
        }
        next = error.source();
    }
    None
}

/// Whether the call ran out of its time on this side.
fn is_late(status: &Status) -> bool {
    status.message().contains("Timeout expired")
}

fn is_transport(status: &Status) -> bool {
    std::error::Error::source(status).is_some()
}

fn with_violations(mut failure: Failure, status: &Status) -> Failure {
    let Some(bad) = status.get_details_bad_request() else {
        return failure;
    };
    let all = bad.field_violations;
    // One wrong field may be all that was said already.
    let all: Vec<_> = all
        .iter()
        .filter(|violation| violation.description != status.message())
        .collect();
    let left = all.len().saturating_sub(VIOLATIONS_SHOWN);
    for violation in all.iter().take(VIOLATIONS_SHOWN) {
        failure = failure.and(Say::same(format!("{}: {}", violation.field, violation.description)));
    }
    match left {
        0 => failure,
        left => failure.and(say(format!("……另有 {left} 处"), format!("… and {left} more"))),
    }
}

#[cfg(test)]
mod tests {
    use tonic_types::{ErrorDetails, FieldViolation};

    use super::*;
    use crate::Exit;

    #[test]
    fn a_status_becomes_an_exit_code() {
        let exit = |code| failure(&Status::new(code, "why"), "h:1").exit;
        assert_eq!(exit(Code::Unavailable), Exit::Unreachable);
        assert_eq!(exit(Code::DataLoss), Exit::NotVerified);
        for code in [
            Code::NotFound,
            Code::PermissionDenied,
            Code::Unauthenticated,
            Code::InvalidArgument,
        ] {
            assert_eq!(exit(code), Exit::Failed, "{code:?}");
        }
    }

    #[test]
    fn wrong_fields_are_listed_and_a_long_list_is_cut() {
        let fields: Vec<_> = (0..25)
            .map(|i| FieldViolation::new(format!("events[{i}].org"), "is missing"))
            .collect();
        let details = ErrorDetails::with_bad_request(fields);
        let status = Status::with_error_details(Code::InvalidArgument, "fields are wrong", details);
        let text = failure(&status, "h:1").text(keshi_core::lang::Lang::En);
        assert!(
            text.contains("events[0].org: is missing") && text.contains("and 5 more"),
            "{text}"
        );
    }
}
