//! The certificate that a server shows, and its key.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rustls::crypto::ring;
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use rustls::sign::CertifiedKey;
use thiserror::Error;
use webpki::{EndEntityCert, KeyUsage};

use crate::exit::{Failure, Say, causes, say};

/// So long before its end a certificate is spoken of.
const SOON: SignedDuration = SignedDuration::from_hours(30 * 24);

/// The two files, both PEM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Files {
    pub(crate) cert: PathBuf,
    pub(crate) key: PathBuf,
}

/// A certificate with its issuers and its key, which fit.
#[derive(Debug)]
pub(crate) struct Certificate {
    pub(crate) key: Arc<CertifiedKey>,
    /// When the first of the chain begins to be good, and when the first of it ends.
    from: Timestamp,
    until: Timestamp,
}

/// How long a certificate is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Good {
    /// For a while.
    Yes,
    /// It ends soon.
    Soon,
    /// It has ended, or has not begun.
    No,
}

/// Why nothing can be shown.
#[derive(Debug, Error)]
pub(crate) enum TlsError {
    #[error("{} has no readable certificate", .path.display())]
    Certificate {
        path: PathBuf,
        #[source]
        cause: pem::Error,
    },
    #[error("{} has no readable private key", .path.display())]
    Key {
        path: PathBuf,
        #[source]
        cause: pem::Error,
    },
    #[error("the key {} does not fit the certificate {}", .0.key.display(), .0.cert.display())]
    Mismatch(Files),
    #[error("certificate {} and key {} cannot be used", .files.cert.display(), .files.key.display())]
    Unusable {
        files: Files,
        #[source]
        cause: rustls::Error,
    },
    #[error("{} cannot be read as a certificate", .path.display())]
    Times {
        path: PathBuf,
        #[source]
        cause: webpki::Error,
    },
    #[error("{} is the certificate of an authority, which clients do not accept from a server", .path.display())]
    Authority { path: PathBuf },
}

impl Certificate {
    /// Reads the files.
    pub(crate) fn load(files: &Files) -> Result<Self, TlsError> {
        let unreadable = |cause| TlsError::Certificate {
            path: files.cert.clone(),
            cause,
        };
        let chain = CertificateDer::pem_file_iter(&files.cert).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        let chain = chain.map_err(unreadable)?;
        if chain.is_empty() {
            return Err(unreadable(pem::Error::NoItemsFound));
        }
        let key = PrivateKeyDer::from_pem_file(&files.key).map_err(|cause| TlsError::Key {
            path: files.key.clone(),
            cause,
        })?;
        let (mut from, mut until) = (Timestamp::MIN, Timestamp::MAX);
        for one in &chain {
            let (begins, ends) = times(one).map_err(|cause| TlsError::Times {
                path: files.cert.clone(),
                cause,
            })?;
            (from, until) = (from.max(begins), until.min(ends));
        }
        if is_authority(&chain[0], from) {
            return Err(TlsError::Authority {
                path: files.cert.clone(),
            });
        }
        let certified = CertifiedKey::from_der(chain, key, &ring::default_provider());
        let key = certified.map_err(|cause| match cause {
            rustls::Error::InconsistentKeys(_) => TlsError::Mismatch(files.clone()),
            cause => TlsError::Unusable {
                files: files.clone(),
                cause,
            },
        })?;
        Ok(Self {
            key: Arc::new(key),
            from,
            until,
        })
    }

    /// Whether clients will accept it at this time, as far as that is a matter of time.
    pub(crate) fn good(&self, now: Timestamp) -> Good {
        if now < self.from || now > self.until {
            Good::No
        } else if now > self.until.saturating_sub(SOON).unwrap_or(Timestamp::MIN) {
            Good::Soon
        } else {
            Good::Yes
        }
    }

    /// How long it is good, in words, and what to do where that is not long.
    pub(crate) fn times(&self, path: &Path, now: Timestamp) -> (Say, Option<Say>) {
        let (shown, from, until) = (
            path.display(),
            self.from.strftime("%Y-%m-%d"),
            self.until.strftime("%Y-%m-%d"),
        );
        match self.good(now) {
            Good::Yes => (
                say(
                    format!("证书 {shown} 有效至 {until}"),
                    format!("certificate {shown} is good until {until}"),
                ),
                None,
            ),
            Good::Soon => (
                say(
                    format!("证书 {shown} 将于 {until} 到期"),
                    format!("certificate {shown} expires on {until}"),
                ),
                Some(replace(path)),
            ),
            Good::No if now < self.from => (
                say(
                    format!("证书 {shown} 自 {from} 起才有效，客户端不会接受"),
                    format!("certificate {shown} is not good before {from}: clients will not accept it"),
                ),
                Some(say("请核对系统时间", "check the clock")),
            ),
            Good::No => (
                say(
                    format!("证书 {shown} 已于 {until} 到期，客户端不会接受"),
                    format!("certificate {shown} expired on {until}: clients do not accept it"),
                ),
                Some(replace(path)),
            ),
        }
    }
}

fn replace(path: &Path) -> Say {
    let path = path.display();
    say(
        format!("请把新证书和私钥放到原处（{path}），正在运行的服务会自动换用"),
        format!("put a new certificate and its key in the same place ({path}); a running server takes them by itself"),
    )
}

/// Whether a certificate is that of an authority, such as `openssl req -x509` makes unless told otherwise.
fn is_authority(certificate: &CertificateDer<'_>, good_at: Timestamp) -> bool {
    let seconds = u64::try_from(good_at.as_second()).unwrap_or_default();
    let time = UnixTime::since_unix_epoch(Duration::from_secs(seconds));
    let verified = EndEntityCert::try_from(certificate).and_then(|own| {
        own.verify_for_usage(&[], &[], &[], time, KeyUsage::server_auth(), None, None)
            .map(drop)
    });
    matches!(verified, Err(webpki::Error::CaUsedAsEndEntity))
}

/// From when until when a certificate is good. The library tells it to those who ask about another time: whoever comes
/// before all time is told the beginning, and whoever comes after it the end.
fn times(certificate: &CertificateDer<'_>) -> Result<(Timestamp, Timestamp), webpki::Error> {
    let certificate = EndEntityCert::try_from(certificate)?;
    let at = |seconds| {
        let time = UnixTime::since_unix_epoch(Duration::from_secs(seconds));
        let usage = KeyUsage::server_auth();
        certificate
            .verify_for_usage(&[], &[], &[], time, usage, None, None)
            .err()
    };
    let stamp = |time: UnixTime| {
        let seconds = i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
        Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX)
    };
    let from = match at(0) {
        Some(webpki::Error::CertNotValidYet { not_before, .. }) => stamp(not_before),
        // Since 1970 or before.
        _ => Timestamp::UNIX_EPOCH,
    };
    match at(u64::MAX) {
        Some(webpki::Error::CertExpired { not_after, .. }) => Ok((from, stamp(not_after))),
        Some(error) => Err(error),
        None => Ok((from, Timestamp::MAX)),
    }
}

/// Files that cannot be served with.
pub(crate) fn tls_failure(error: &TlsError) -> Failure {
    let en = causes(error);
    let (zh, remedy) = match error {
        TlsError::Certificate { path, cause } => (
            format!("{} 中没有可读的证书（{cause}）", path.display()),
            say(
                "--tls-cert 应为 PEM 文件：先是服务器证书，随后是各级签发者证书",
                "--tls-cert is a PEM file with the server's certificate, then those of its issuers",
            ),
        ),
        TlsError::Key { path, cause } => (
            format!("{} 中没有可读的私钥（{cause}）", path.display()),
            say(
                "--tls-key 应为 PEM 文件，本用户可读，不加密",
                "--tls-key is a PEM file that this user can read, not encrypted",
            ),
        ),
        TlsError::Mismatch(files) => (
            format!("私钥 {} 与证书 {} 不是一对", files.key.display(), files.cert.display()),
            say(
                "请核对 --tls-cert 和 --tls-key 是否一同签发",
                "see that --tls-cert and --tls-key were issued together",
            ),
        ),
        TlsError::Unusable { files, cause } => (
            format!(
                "证书 {} 和私钥 {} 无法使用（{cause}）",
                files.cert.display(),
                files.key.display()
            ),
            say("请重新签发", "have them issued again"),
        ),
        TlsError::Times { path, cause } => (
            format!("{} 无法作为证书解读（{cause}）", path.display()),
            say("请重新签发", "have it issued again"),
        ),
        TlsError::Authority { path } => (
            format!("{} 是签发者（CA）的证书，客户端不接受服务器出示它", path.display()),
            say(
                "请由它签发一张服务器证书；自签证书请加 -addext basicConstraints=critical,CA:FALSE（openssl req -x509）",
                "have it issue one for the server; to sign one's own, give openssl req -x509 -addext \
                 basicConstraints=critical,CA:FALSE",
            ),
        ),
    };
    Failure::failed(say(zh, en)).and(remedy)
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair, date_time_ymd};

    use super::*;

    /// A certificate until the end of 2031, and its key.
    fn written(dir: &Path) -> Files {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
        params.not_before = date_time_ymd(2021, 1, 1);
        params.not_after = date_time_ymd(2031, 12, 31);
        let files = Files {
            cert: dir.join("cert.pem"),
            key: dir.join("key.pem"),
        };
        std::fs::write(&files.cert, params.self_signed(&key).unwrap().pem()).unwrap();
        std::fs::write(&files.key, key.serialize_pem()).unwrap();
        files
    }

    #[test]
    fn a_certificate_tells_when_it_begins_and_ends() {
        let dir = tempfile::tempdir().unwrap();
        let files = written(dir.path());
        let certificate = Certificate::load(&files).unwrap();
        let good = |day: &str| certificate.good(format!("{day}T00:00:00Z").parse().unwrap());
        assert_eq!(good("2020-12-31"), Good::No);
        assert_eq!(good("2026-05-01"), Good::Yes);
        assert_eq!(good("2031-12-12"), Good::Soon);
        assert_eq!(good("2032-01-01"), Good::No);
        let (what, remedy) = certificate.times(&files.cert, "2032-01-01T00:00:00Z".parse().unwrap());
        assert!(what.en.contains("expired on 2031-12-31"), "{}", what.en);
        assert!(remedy.is_some());
    }

    #[test]
    fn what_cannot_be_served_with_is_told_apart() {
        let dir = tempfile::tempdir().unwrap();
        let files = written(dir.path());
        let other = tempfile::tempdir().unwrap();
        let foreign = Files {
            key: written(other.path()).key,
            ..files.clone()
        };
        assert!(matches!(Certificate::load(&foreign), Err(TlsError::Mismatch(_))));
        let swapped = Files {
            cert: files.key.clone(),
            key: files.cert.clone(),
        };
        assert!(matches!(Certificate::load(&swapped), Err(TlsError::Certificate { .. })));
        let mut authority = CertificateParams::new(["localhost".to_owned()]).unwrap();
        authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let own = dir.path().join("ca.pem");
        std::fs::write(&own, authority.self_signed(&key).unwrap().pem()).unwrap();
        let of_authority = Files {
            cert: own,
            key: files.key.clone(),
        };
        assert!(matches!(
            Certificate::load(&of_authority),
            Err(TlsError::Authority { .. })
        ));
        let no_key = Files {
            key: files.cert.clone(),
            ..files
        };
        let error = Certificate::load(&no_key).unwrap_err();
        assert!(tls_failure(&error).lines[0].zh.contains("私钥"), "{error:?}");
    }
}
