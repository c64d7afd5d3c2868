//! Serving with TLS: the certificate that is shown to the next connection, taken anew when its files change.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use keshi_core::lang::Lang;
use parking_lot::RwLock;
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio::time::sleep;
use tokio_rustls::TlsAcceptor;
use tracing::{error, info, warn};

use crate::Ctx;
use crate::exit::{Failure, Outcome, Say, causes, say};
use crate::tls::{Certificate, Files, Good, tls_failure};

/// How often the files are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// How often an end that comes is spoken of again.
const REMIND_EVERY: SignedDuration = SignedDuration::from_hours(24);

/// What connections are shown.
#[derive(Debug)]
struct Shown(RwLock<Arc<CertifiedKey>>);

/// The identity of the files: other content has another one.
type Stamp = [Option<(u64, u64, i64, i64)>; 2];

/// TLS as a server does it: one certificate, and what each port speaks behind it.
pub(super) struct Acceptors {
    /// For the services: HTTP/2 alone.
    pub(super) grpc: TlsAcceptor,
    /// For the pages.
    pub(super) http: TlsAcceptor,
}

/// TLS with these files, as long as the process lives.
pub(super) fn acceptors(ctx: &mut Ctx<'_>, files: &Files) -> Outcome<Acceptors> {
    // Before the files: what changes while they are read is read again.
    let loaded = stamp(files);
    let certificate = Certificate::load(files).map_err(|error| tls_failure(&error))?;
    let now = Timestamp::now();
    if certificate.good(now) != Good::Yes {
        // Commands on this machine go on working, and the files may be replaced: no reason not to start.
        let (what, remedy) = certificate.times(&files.cert, now);
        ctx.note(&remedy.iter().fold(what, Say::then));
    }
    let shown = Arc::new(Shown(RwLock::new(Arc::clone(&certificate.key))));
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| Failure::failed(say("无法使用 TLS", "TLS cannot be used").because(&error)))?;
    let mut config = config.with_no_client_auth().with_cert_resolver(Arc::clone(&shown) as _);
    tokio::spawn(follow(files.clone(), shown, certificate, loaded));
    let mut pages = config.clone();
    config.alpn_protocols = vec![b"h2".to_vec()];
    pages.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Acceptors {
        grpc: TlsAcceptor::from(Arc::new(config)),
        http: TlsAcceptor::from(Arc::new(pages)),
    })
}

/// Takes the files anew when they have changed and been left alone for a moment, and speaks of an end that comes.
async fn follow(files: Files, shown: Arc<Shown>, mut certificate: Certificate, mut loaded: Stamp) {
    let mut last = loaded;
    let mut said: Option<Timestamp> = Some(Timestamp::now());
    loop {
        sleep(LOOK_EVERY).await;
        let seen = stamp(&files);
        if seen != loaded && seen == last {
            loaded = seen;
            match Certificate::load(&files) {
                Ok(new) => {
                    *shown.0.write() = Arc::clone(&new.key);
                    certificate = new;
                    said = None;
                    info!(
                        what = certificate.times(&files.cert, Timestamp::now()).0.pick(Lang::En),
                        "certificate taken anew"
                    );
                }
                Err(cause) => error!(
                    cause = causes(&cause),
                    "the certificate's files changed and cannot be used: connections are shown the one of before"
                ),
            }
        }
        last = seen;
        let now = Timestamp::now();
        let is_due = said.is_none_or(|at| now.duration_since(at) >= REMIND_EVERY);
        // The moment of the end itself is spoken of at once.
        let ended = said.is_some_and(|at| certificate.good(at) != Good::No) && certificate.good(now) == Good::No;
        if !is_due && !ended {
            continue;
        }
        said = Some(now);
        let what = certificate.times(&files.cert, now).0;
        match certificate.good(now) {
            Good::Yes => {}
            Good::Soon => warn!("{}", what.pick(Lang::En)),
            Good::No => error!("{}", what.pick(Lang::En)),
        }
    }
}

fn stamp(files: &Files) -> Stamp {
    [&files.cert, &files.key].map(|path| {
        let metadata = fs::metadata(path).ok()?;
        Some((metadata.ino(), metadata.len(), metadata.mtime(), metadata.mtime_nsec()))
    })
}

impl ResolvesServerCert for Shown {
    fn resolve(&self, _client: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0.read()))
    }
}
