//! A real `nats-server` for tests (feature `testing`).
//!
//! Not for production: every failure here is a panic that says what went wrong.

mod cluster;

use std::env;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use tempfile::TempDir;

pub use cluster::NatsCluster;

/// What a ledger without entries says of itself: for doubles that only take deliveries.
#[macro_export]
macro_rules! empty_ledger {
    () => {
        fn ledger_id(&self) -> uuid::Uuid {
            uuid::Uuid::nil()
        }

        fn cursor(&self) -> u64 {
            0
        }

        fn size(&self) -> u64 {
            0
        }

        fn root_at(&self, _: u64) -> Option<[u8; 32]> {
            None
        }
    };
}

/// How long a server may take to listen. Generous: the machine may be busy with a build.
const START_LIMIT: Duration = Duration::from_secs(30);

/// One `nats-server` process with a store of its own; dropping it kills the process and deletes the store.
///
/// It listens on a port of its own choice on 127.0.0.1, which it keeps over [`restart`](Self::restart).
#[derive(Debug)]
pub struct NatsServer {
    folder: TempDir,
    options: Options,
    ports: Ports,
    process: Option<Child>,
}

/// What differs from the usual test server.
#[derive(Clone, Debug)]
pub struct Options {
    /// Whether JetStream is on.
    pub jetstream: bool,
    /// Whether every write is synced before it is acknowledged.
    pub sync_always: bool,
    /// Further lines of configuration.
    pub extra: String,
    /// A whole configuration file to run with instead, which must leave the listening addresses to be overridden; the
    /// options above then mean nothing.
    pub config_file: Option<PathBuf>,
    /// The environment of the process beside our own. `KESHI_NATS_STORE` is always set to the server's store.
    pub environment: Vec<(String, String)>,
}

/// A copy of a stopped server's store.
#[derive(Debug)]
pub struct StoreCopy(TempDir);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Ports {
    client: u16,
    monitoring: u16,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            jetstream: true,
            sync_always: true,
            extra: String::new(),
            config_file: None,
            environment: Vec::new(),
        }
    }
}

impl NatsServer {
    /// Starts a server with JetStream and `sync_interval: always`.
    ///
    /// # Panics
    ///
    /// If no server can be found or it does not listen within half a minute.
    pub async fn start() -> Self {
        Self::start_with(Options::default()).await
    }

    /// Starts a server with other options.
    ///
    /// # Panics
    ///
    /// As [`start`](Self::start).
    pub async fn start_with(options: Options) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("keshi-nats-")
            .tempdir()
            .expect("a temporary folder");
        let mut server = Self {
            folder,
            options,
            ports: Ports {
                client: 0,
                monitoring: 0,
            },
            process: None,
        };
        server.restart().await;
        server
    }

    /// Where clients connect.
    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.ports.client)
    }

    /// Where monitoring answers over HTTP.
    pub fn monitoring_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.ports.monitoring)
    }

    /// Kills the process with SIGKILL and waits until it is gone. Its port stays reserved for nobody.
    ///
    /// # Panics
    ///
    /// If the process cannot be killed.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().expect("nats-server can be killed");
            process.wait().expect("nats-server has ended");
        }
    }

    /// Stops the process from running (SIGSTOP) without ending it: connections stay open and silent.
    ///
    /// # Panics
    ///
    /// If the server does not run.
    pub fn pause(&self) {
        self.signal("-STOP");
    }

    /// Lets a paused process go on.
    ///
    /// # Panics
    ///
    /// If the server does not run.
    pub fn resume(&self) {
        self.signal("-CONT");
    }

    /// Starts the process again on the same port with the same store, killing it first if it runs.
    ///
    /// # Panics
    ///
    /// As [`start`](Self::start).
    pub async fn restart(&mut self) {
        self.kill();
        let give_up = Instant::now() + START_LIMIT;
        loop {
            let mut process = self.spawn();
            if let Some(ports) = self.wait_for_ports(&mut process, give_up).await {
                self.ports = ports;
                self.process = Some(process);
                return;
            }
            // The port of the first start may be held for a moment by somebody else's outgoing connection.
            let mut said = String::new();
            drop(process.kill());
            if let Some(mut stderr) = process.stderr.take() {
                drop(stderr.read_to_string(&mut said));
            }
            drop(process.wait());
            assert!(Instant::now() < give_up, "nats-server does not start: {said}");
        }
    }

    /// Deletes the store of a killed server, as if the disk had been replaced.
    ///
    /// # Panics
    ///
    /// If the server still runs.
    pub fn wipe_store(&self) {
        assert!(self.process.is_none(), "kill the server before touching its store");
        drop(fs::remove_dir_all(self.store()));
    }

    /// Copies the store of a killed server.
    ///
    /// # Panics
    ///
    /// If the server still runs.
    pub fn copy_store(&self) -> StoreCopy {
        assert!(self.process.is_none(), "kill the server before touching its store");
        let copy = tempfile::Builder::new()
            .prefix("keshi-nats-copy-")
            .tempdir()
            .expect("a temporary folder");
        copy_folder(&self.store(), copy.path());
        StoreCopy(copy)
    }

    /// Puts a copy back in place of the store of a killed server.
    ///
    /// # Panics
    ///
    /// If the server still runs.
    pub fn restore(&self, copy: &StoreCopy) {
        self.wipe_store();
        copy_folder(copy.0.path(), &self.store());
    }

    /// Where its store lies.
    pub fn store(&self) -> PathBuf {
        self.folder.path().join("store")
    }

    fn spawn(&self) -> Child {
        let folder = self.folder.path();
        for old in ports_files(folder) {
            fs::remove_file(old).expect("an old ports file can be removed");
        }
        let config = self.options.config_file.clone().unwrap_or_else(|| {
            let config = folder.join("nats.conf");
            fs::write(&config, self.config()).expect("the configuration can be written");
            config
        });
        // -1: the server chooses.
        let port = |port: u16| if port == 0 { "-1".to_owned() } else { port.to_string() };
        Command::new(binary())
            .arg("--config")
            .arg(config)
            .args(["--addr", "127.0.0.1", "--port", &port(self.ports.client)])
            .args(["--http_port", &port(self.ports.monitoring)])
            .arg("--ports_file_dir")
            .arg(folder)
            .arg("--log")
            .arg(folder.join("log"))
            .env("KESHI_NATS_STORE", self.store())
            .envs(self.options.environment.iter().cloned())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("nats-server can be started")
    }

    fn config(&self) -> String {
        let jetstream = if self.options.jetstream {
            let sync = if self.options.sync_always { "always" } else { "2m" };
            format!("jetstream {{ store_dir: $KESHI_NATS_STORE, sync_interval: {sync}, max_file_store: 4GB }}")
        } else {
            String::new()
        };
        format!("max_payload: 1MB\n{jetstream}\n{}\n", self.options.extra)
    }

    /// Reads the ports once the server listens; `None` if it ended or time is up.
    async fn wait_for_ports(&self, process: &mut Child, give_up: Instant) -> Option<Ports> {
        while Instant::now() < give_up {
            if process.try_wait().expect("nats-server can be watched").is_some() {
                return None;
            }
            if let Some(ports) = ports_files(self.folder.path())
                .first()
                .and_then(|file| read_ports(file))
            {
                return Some(ports);
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        None
    }

    fn signal(&self, signal: &str) {
        let process = self.process.as_ref().expect("the server runs");
        let status = Command::new("kill").arg(signal).arg(process.id().to_string()).status();
        assert!(
            status.is_ok_and(|status| status.success()),
            "nats-server takes {signal}"
        );
    }
}

impl Drop for NatsServer {
    fn drop(&mut self) {
        if let Some(mut process) = self.process.take() {
            drop(process.kill());
            drop(process.wait());
        }
    }
}

/// The path of a `nats-server` of at least 2.12: `KESHI_NATS_SERVER`, or what `tests/nats-server` prints.
///
/// # Panics
///
/// If there is none.
pub fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        if let Some(path) = env::var_os("KESHI_NATS_SERVER") {
            return path.into();
        }
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/nats-server");
        let output = Command::new(&script)
            .stderr(Stdio::inherit())
            .output()
            .expect("tests/nats-server runs");
        assert!(
            output.status.success(),
            "{} finds no nats-server: set KESHI_NATS_SERVER",
            script.display()
        );
        String::from_utf8(output.stdout).expect("a path").trim().into()
    })
}

fn ports_files(folder: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(folder).expect("the server's folder can be read");
    let paths = files.filter_map(Result::ok).map(|file| file.path());
    paths
        .filter(|path| path.extension().is_some_and(|extension| extension == "ports"))
        .collect()
}

fn read_ports(file: &Path) -> Option<Ports> {
    // The file may be read while it is being written: then it does not parse yet.
    let ports: serde_json::Value = serde_json::from_slice(&fs::read(file).ok()?).ok()?;
    let port = |name: &str| ports.get(name)?.get(0)?.as_str()?.rsplit_once(':')?.1.parse().ok();
    Some(Ports {
        client: port("nats")?,
        monitoring: port("monitoring")?,
    })
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder can be made");
    for entry in fs::read_dir(from).expect("a folder can be read") {
        let entry = entry.expect("a folder can be read");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("a file has a type").is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("a file can be copied");
        }
    }
}
