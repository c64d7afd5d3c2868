//! `services/deploy/nats.conf` on a real server with real certificates: it starts, carries the whole traffic, and
//! keeps each user to its part.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use bytes::Bytes;
use keshi_bus::nats::{self, Credentials, Level, NatsConfig, Role};
use keshi_bus::testing::{self, NatsServer, Options};
use keshi_bus::{Answer, Bus, Ledger as _, Nats, SubmitError};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tempfile::TempDir;

use crate::ledger::{Log, TestLedger};
use crate::nats_system::{OFFICE, Serving};
use crate::system::{eventually, message, recorded, soon, within_ms};

/// The production server with a certificate authority of its own.
struct Production {
    server: NatsServer,
    files: TempDir,
}

impl Production {
    async fn start() -> Self {
        let files = tempfile::tempdir().unwrap();
        let options = Options {
            config_file: Some(config_file()),
            environment: environment(files.path()),
            ..Options::default()
        };
        Self {
            server: NatsServer::start_with(options).await,
            files,
        }
    }

    fn config(&self, user: &str) -> NatsConfig {
        let password = format!("{user}-password");
        NatsConfig {
            credentials: Credentials::UserPassword {
                user: user.into(),
                password,
            },
            ca_file: Some(self.files.path().join("ca.pem")),
            ..NatsConfig::new(self.server.url(), OFFICE)
        }
    }

    async fn poster(&self, user: &str) -> Bus {
        Bus::Nats(Nats::connect(self.config(user)).await.unwrap())
    }

    fn serving(&self, user: &str, ledger: std::sync::Arc<TestLedger>, role: Role) -> Serving {
        Serving::start_with(self.config(user), ledger, role)
    }
}

fn config_file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/nats.conf")
}

/// Writes certificates to `files` and says where they are.
fn environment(files: &Path) -> Vec<(String, String)> {
    let mut authority = CertificateParams::new([]).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
    let certificate = CertificateParams::new(names)
        .unwrap()
        .signed_by(&key, &authority)
        .unwrap();
    let write = |name: &str, text: String| {
        fs::write(files.join(name), text).unwrap();
        files.join(name).display().to_string()
    };
    write("ca.pem", authority.pem());
    let mut environment = vec![
        ("KESHI_NATS_CERT".to_owned(), write("server.pem", certificate.pem())),
        ("KESHI_NATS_KEY".to_owned(), write("server.key", key.serialize_pem())),
    ];
    for user in ["intake", "ledger", "standby", "system"] {
        let name = format!("KESHI_{}_PASSWORD", user.to_uppercase());
        environment.push((name, format!("{user}-password")));
    }
    environment
}

#[test]
fn the_production_configuration_is_valid() {
    let files = tempfile::tempdir().unwrap();
    let output = Command::new(testing::binary())
        .arg("-t")
        .arg("-c")
        .arg(config_file())
        .env("KESHI_NATS_STORE", files.path())
        .envs(environment(files.path()))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn intake_ledger_and_standby_each_do_their_part() {
    let production = Production::start().await;
    let primary = production.serving("ledger", TestLedger::new(8), Role::Primary);
    let intake = production.poster("intake").await;
    let posted = message("through TLS");
    assert_eq!(intake.submit(posted.clone(), soon()).await, recorded(&posted));
    assert_eq!(
        intake.ask("echo", Bytes::from("在吗"), soon()).await,
        Ok(Bytes::from("在吗"))
    );
    let standby = TestLedger::reopen(primary.ledger.ledger_id(), Log::default(), 8);
    let standby = production.serving("standby", standby, Role::Standby);
    let ledger = std::sync::Arc::clone(&standby.ledger);
    eventually("the standby follows", move || ledger.log().count(&posted.bytes) == 1).await;
    // A restarted ledger reads the message at its cursor.
    let ledger = primary.stop().await;
    let again = TestLedger::reopen(ledger.ledger_id(), ledger.log(), 8);
    let _primary = production.serving("ledger", again, Role::Primary);
    let posted = message("after a restart");
    assert_eq!(intake.submit(posted.clone(), soon()).await, recorded(&posted));

    let config = production.config("ledger");
    let monitoring = production.server.monitoring_url();
    let findings = nats::diagnose(&config, Some(&monitoring), Some(ledger.ledger_id())).await;
    let worrying: Vec<_> = findings
        .iter()
        .filter(|finding| finding.level > Level::Ok)
        .map(|it| it.code)
        .collect();
    assert_eq!(worrying, ["bus-rights-unknown"], "{findings:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_intake_may_post() {
    let production = Production::start().await;
    let primary = production.serving("ledger", TestLedger::new(8), Role::Primary);
    let intake = production.poster("intake").await;
    let first = message("first");
    assert_eq!(intake.submit(first.clone(), soon()).await, recorded(&first));
    for user in ["ledger", "standby"] {
        let error = production
            .poster(user)
            .await
            .submit(message("forged"), soon())
            .await
            .unwrap_err();
        let SubmitError::Unreachable { reason } = &error else {
            panic!("unexpected: {error}")
        };
        assert!(reason.to_lowercase().contains("permissions violation"), "{reason}");
        assert!(error.is_outcome_known());
    }
    assert_eq!(primary.ledger.log().payloads(), [first.bytes]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_password_or_certificate_is_named() {
    let production = Production::start().await;
    let mut config = production.config("intake");
    config.credentials = Credentials::UserPassword {
        user: "intake".into(),
        password: "guess".into(),
    };
    let bus = Bus::Nats(Nats::connect(config).await.unwrap());
    let error = bus.submit(message("x"), soon()).await.unwrap_err();
    assert!(error.to_string().to_lowercase().contains("authorization"), "{error}");
    assert!(!error.to_string().contains("guess"), "{error}");

    let mut config = production.config("intake");
    config.ca_file = Some(production.files.path().join("server.key"));
    let answer = match Nats::connect(config).await {
        Ok(bus) => Bus::Nats(bus)
            .submit(message("x"), within_ms(500))
            .await
            .map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    assert!(
        !matches!(answer, Ok(Answer::Recorded(_) | Answer::Accepted)),
        "{answer:?}"
    );
}

#[tokio::test]
async fn a_file_that_is_missing_or_holds_no_credentials_is_named_before_any_connection() {
    let files = tempfile::tempdir().unwrap();
    let no_credentials = files.path().join("empty.creds");
    fs::write(&no_credentials, "nothing here").unwrap();
    for path in [files.path().join("missing.creds"), no_credentials] {
        let config = NatsConfig {
            credentials: Credentials::File(path.clone()),
            ..NatsConfig::new("nats://127.0.0.1:1", OFFICE)
        };
        let error = Nats::connect(config).await.unwrap_err().to_string();
        assert!(error.contains(&path.display().to_string()), "{error}");
    }
    let path = files.path().join("missing.pem");
    let config = NatsConfig {
        ca_file: Some(path.clone()),
        ..NatsConfig::new("nats://127.0.0.1:1", OFFICE)
    };
    let error = Nats::connect(config).await.unwrap_err().to_string();
    assert!(error.contains(&path.display().to_string()), "{error}");
}
