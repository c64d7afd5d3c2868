//! TLS between the command line and the server, with an authority of the office's own.

use std::fs;
use std::io::Read as _;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use keshi_tests::client::PATIENCE;
use keshi_tests::process::{Keshi, Ran, run};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd};
use tempfile::{TempDir, tempdir};

/// Where a server finds its certificate, and a client its authority's.
pub(crate) struct Papers {
    dir: TempDir,
}

impl Papers {
    pub(crate) fn new() -> Self {
        let papers = Self {
            dir: tempdir().expect("a directory"),
        };
        papers.issue("ca.pem", 2040);
        papers
    }

    pub(crate) fn path(&self, name: &str) -> String {
        let path: PathBuf = self.dir.path().join(name);
        path.to_str().expect("a plain path").to_owned()
    }

    /// A new certificate by a new authority, in the place of the one there was, good until the end of a year.
    fn issue(&self, authority_file: &str, until: i32) {
        let mut authority = CertificateParams::new([]).expect("names");
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        // Of one name with what it signs, OpenSSL would take that for its own authority.
        authority
            .distinguished_name
            .push(DnType::CommonName, "an office's authority");
        let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().expect("a key")).expect("signed");
        let key = KeyPair::generate().expect("a key");
        let mut own = CertificateParams::new(["127.0.0.1".to_owned()]).expect("names");
        own.not_before = date_time_ymd(2020, 1, 1);
        own.not_after = date_time_ymd(until, 12, 31);
        let certificate = own.signed_by(&key, &authority).expect("signed");
        for (name, text) in [
            ("key.pem", key.serialize_pem()),
            ("cert.pem", certificate.pem()),
            (authority_file, authority.pem()),
        ] {
            fs::write(self.path(name), text).expect("written");
        }
    }

    pub(crate) fn serve(&self, data: &Path) -> Keshi {
        let (cert, key) = (self.path("cert.pem"), self.path("key.pem"));
        let args = [
            "--office",
            "610729",
            "--lang",
            "en",
            "--tls-cert",
            &cert,
            "--tls-key",
            &key,
            "--http",
            "127.0.0.1:0",
        ];
        Keshi::up(data, &args).expect("it listens")
    }

    /// `keshi log` over TLS, trusting the authority of this file.
    fn ask(&self, keshi: &Keshi, data: &Path, authority: Option<&str>) -> Ran {
        let server = format!("https://{}", keshi.address);
        let token = data.join("610729/token");
        let token = token.to_str().expect("a plain path");
        let mut args = vec!["log", "--lang", "en", "--server", &server, "--token-file", token];
        let authority = authority.map(|name| self.path(name));
        if let Some(authority) = &authority {
            args.extend(["--ca", authority]);
        }
        run(&args)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_with_tls_is_asked_by_those_who_trust_its_authority_and_by_nobody_else() {
    let (data, papers) = (tempdir().expect("a directory"), Papers::new());
    let keshi = papers.serve(data.path());
    let trusted = papers.ask(&keshi, data.path(), Some("ca.pem"));
    assert_eq!((trusted.code, trusted.err.as_str()), (Some(0), ""));
    // What the system trusts does not have this authority among it.
    let distrusted = papers.ask(&keshi, data.path(), None);
    assert_eq!(distrusted.code, Some(3), "{}", distrusted.err);
    assert!(
        distrusted.err.contains("not to be trusted") && distrusted.err.contains("--ca"),
        "{}",
        distrusted.err
    );
    // Whoever speaks in the clear is not answered, and commands on this machine go through the socket as ever.
    let address = keshi.address.to_string();
    let clear = run(&["log", "--lang", "en", "--server", &address]);
    // The connection breaks off before the call or in it; in between the client tries again, until its time is up.
    assert!(matches!(clear.code, Some(1 | 3)) && clear.out.is_empty(), "{clear:?}");
    let says = |text: &str| clear.err.contains(text);
    assert!(says("https://") || says("did not answer in time"), "{clear:?}");
    let own = run(&["log", "--data", data.path().to_str().expect("plain")]);
    assert_eq!((own.code, own.err.as_str()), (Some(0), ""));
    assert_eq!(keshi.stop(), Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_put_in_place_of_another_is_shown_without_a_restart_and_a_broken_one_is_not() {
    let (data, papers) = (tempdir().expect("a directory"), Papers::new());
    let keshi = papers.serve(data.path());
    // Half of a pair, for as long as it takes to be seen: the pair of before goes on being shown.
    let key = fs::read(papers.path("key.pem")).expect("kept");
    papers.issue("new.pem", 2041);
    let new_key = fs::read(papers.path("key.pem")).expect("kept");
    fs::write(papers.path("key.pem"), key).expect("written");
    keshi.wait_said("does not fit");
    assert_eq!(papers.ask(&keshi, data.path(), Some("ca.pem")).code, Some(0));
    fs::write(papers.path("key.pem"), new_key).expect("written");
    keshi.wait_said("taken anew");
    let asked = papers.ask(&keshi, data.path(), Some("new.pem"));
    assert_eq!(asked.code, Some(0), "{}", asked.err);
    assert_eq!(papers.ask(&keshi, data.path(), Some("ca.pem")).code, Some(3));
    assert_eq!(keshi.stop(), Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_does_not_fit_stops_the_start_and_an_end_that_has_come_is_said() {
    let (data, papers, others) = (tempdir().expect("a directory"), Papers::new(), Papers::new());
    let (cert, key) = (papers.path("cert.pem"), others.path("key.pem"));
    let pair = ["--tls-cert", &cert, "--tls-key", &key, "--lang", "en"];
    let ended = Keshi::up(data.path(), &[&pair[..], &["--office", "610729"]].concat());
    let ended = ended.err().expect("it does not start");
    assert_eq!(ended.code, Some(1), "{}", ended.said);
    assert!(ended.said.contains("does not fit"), "{}", ended.said);
    assert!(!data.path().join("610729").exists(), "nothing was made");

    papers.issue("ca.pem", 2024);
    let keshi = papers.serve(data.path());
    assert!(keshi.said().contains("expired on 2024-12-31"), "{}", keshi.said());
    let asked = papers.ask(&keshi, data.path(), Some("ca.pem"));
    assert_eq!(asked.code, Some(3), "{}", asked.err);
    let path = data.path().to_str().expect("plain");
    let key = papers.path("key.pem");
    let doctor = run(&[
        "doctor",
        "--data",
        path,
        "--lang",
        "en",
        "--tls-cert",
        &cert,
        "--tls-key",
        &key,
    ]);
    assert_eq!(doctor.code, Some(1), "{}", doctor.err);
    assert!(doctor.out.contains("expired on 2024-12-31"), "{}", doctor.out);
    // And one that lasts is taken in its place.
    papers.issue("ca.pem", 2040);
    keshi.wait_said("good until 2040-12-31");
    assert_eq!(papers.ask(&keshi, data.path(), Some("ca.pem")).code, Some(0));
    assert_eq!(keshi.stop(), Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_connects_and_says_nothing_is_hung_up_on_also_under_tls() {
    let (data, papers) = (tempdir().expect("a directory"), Papers::new());
    let keshi = papers.serve(data.path());
    let began = Instant::now();
    let mut silent = TcpStream::connect(keshi.address).expect("connected");
    silent.set_read_timeout(Some(PATIENCE)).expect("set");
    // An alert may come before the end.
    let mut rest = Vec::new();
    let _ = silent.read_to_end(&mut rest);
    assert!(
        began.elapsed() < Duration::from_secs(30).min(PATIENCE),
        "{:?}",
        began.elapsed()
    );
    assert_eq!(papers.ask(&keshi, data.path(), Some("ca.pem")).code, Some(0));
    assert_eq!(keshi.stop(), Some(0));
}
