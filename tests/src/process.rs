//! The real binary as a child process that ends with the test.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// Longest wait for a process to say that it listens, or to end.
const PATIENCE: Duration = Duration::from_mins(1);

/// How often a condition is looked at that nothing reports.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// The key of the people registers of tests: given, so that none is left about.
pub const PEOPLE_KEY: &str = "5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e";

/// The key that signs checkpoints in tests: given likewise.
pub const SIGNING_KEY: &str = "7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a";

/// A running `keshi`, killed when dropped.
pub struct Keshi {
    child: Child,
    /// Where it listens for gRPC.
    pub address: SocketAddr,
    /// What it said so far, on both streams.
    said: Arc<Mutex<String>>,
}

/// The binary beside this test's own, or what `KESHI_BIN` names.
///
/// # Panics
///
/// If there is none: build it first.
pub fn binary() -> PathBuf {
    if let Some(path) = std::env::var_os("KESHI_BIN") {
        return path.into();
    }
    let own = std::env::current_exe().expect("this test's own path");
    let found = own
        .ancestors()
        .skip(1)
        .map(|dir| dir.join("keshi"))
        .find(|path| path.is_file());
    found.expect("build the binary first: cargo build -p keshi")
}

/// A command of the binary that sees nothing of this environment but the path, with the office's keys.
pub fn command(args: &[&str]) -> Command {
    let mut command = Command::new(binary());
    command
        .args(args)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.env("LANG", "en_US.UTF-8").stdin(Stdio::null());
    command.env("KESHI_PEOPLE_KEY", PEOPLE_KEY);
    command.env("KESHI_SIGNING_KEY", SIGNING_KEY);
    command
}

impl Keshi {
    /// Starts `keshi up` with `args`, on a free port unless they name one, and waits until it listens.
    ///
    /// # Errors
    ///
    /// What it said, if it ended instead.
    ///
    /// # Panics
    ///
    /// As [`spawn`](Self::spawn).
    pub fn up(data: &Path, args: &[&str]) -> Result<Self, Ended> {
        let data = data.to_str().expect("a plain path");
        let mut up = command(&["up", "--data", data]);
        if !args.contains(&"--grpc") {
            up.args(["--grpc", "127.0.0.1:0"]);
        }
        if !args.contains(&"--http") {
            up.args(["--http", "none"]);
        }
        up.args(args);
        Self::spawn(up)
    }

    /// Starts a command that is to become `keshi up`, and waits until it listens.
    ///
    /// # Errors
    ///
    /// What it said, if it ended instead.
    ///
    /// # Panics
    ///
    /// If it cannot be started, or neither listens nor ends within a minute.
    pub fn spawn(mut up: Command) -> Result<Self, Ended> {
        let mut child = up
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let said = Arc::new(Mutex::new(String::new()));
        let lines = listen(&mut child, &said);
        let deadline = Instant::now() + PATIENCE;
        loop {
            match lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(line) => {
                    if let Some(address) = address_in(&line) {
                        return Ok(Self { child, address, said });
                    }
                }
                Err(RecvTimeoutError::Disconnected) => {
                    let code = child.wait().expect("its status").code();
                    let said = said.lock().expect("not poisoned").clone();
                    return Err(Ended { code, said });
                }
                Err(RecvTimeoutError::Timeout) => {
                    let _ = child.kill();
                    panic!(
                        "not listening after {PATIENCE:?}: {}",
                        said.lock().expect("not poisoned")
                    );
                }
            }
        }
    }

    /// The server's address as a URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The pages' address as a URL.
    ///
    /// # Panics
    ///
    /// If it serves none.
    pub fn pages_url(&self) -> String {
        let said = self.said();
        let (_, after) = said.split_once("· pages ").expect("it serves pages");
        let url = after.split([' ', '\n']).next().unwrap_or_default();
        url.to_owned()
    }

    /// The process's id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it said so far.
    ///
    /// # Panics
    ///
    /// If the reading thread panicked.
    pub fn said(&self) -> String {
        self.said.lock().expect("not poisoned").clone()
    }

    /// Waits until it ends by itself.
    ///
    /// # Panics
    ///
    /// If it does not end within a minute.
    pub fn ended(mut self) -> Ended {
        let code = wait(&mut self.child, &self.said);
        Ended {
            code,
            said: self.said(),
        }
    }

    /// Waits until it has said `text`.
    ///
    /// # Panics
    ///
    /// If it does not say so within a minute.
    pub fn wait_said(&self, text: &str) {
        let deadline = Instant::now() + PATIENCE;
        while !self.said().contains(text) {
            assert!(Instant::now() < deadline, "did not say {text:?}: {}", self.said());
            thread::park_timeout(LOOK_EVERY);
        }
    }

    /// SIGKILL: no goodbye.
    ///
    /// # Panics
    ///
    /// If the process cannot be killed.
    pub fn kill(mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("its status");
    }

    /// SIGTERM, and its exit code once it has ended.
    ///
    /// # Panics
    ///
    /// If it does not end within a minute.
    pub fn stop(mut self) -> Option<i32> {
        self.terminate();
        wait(&mut self.child, &self.said)
    }

    /// SIGTERM, without waiting.
    ///
    /// # Panics
    ///
    /// If the process cannot be signalled.
    pub fn terminate(&self) {
        let id = self.child.id().to_string();
        let status = Command::new("kill").args(["-TERM", &id]).status();
        assert!(status.expect("signalled").success());
    }
}

impl Drop for Keshi {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A process that ended instead of listening.
#[derive(Debug)]
pub struct Ended {
    /// Its exit code.
    pub code: Option<i32>,
    /// What it said, on both streams.
    pub said: String,
}

/// What a command said on each stream, and its exit code.
#[derive(Debug)]
pub struct Ran {
    /// Its exit code; none if it was killed.
    pub code: Option<i32>,
    /// stdout.
    pub out: String,
    /// stderr.
    pub err: String,
}

/// Runs a command to its end.
///
/// # Panics
///
/// If it cannot be started, or what it says is not UTF-8.
pub fn run(args: &[&str]) -> Ran {
    let output = command(args).output().expect("the binary runs");
    Ran {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).expect("UTF-8"),
        err: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}

fn wait(child: &mut Child, said: &Arc<Mutex<String>>) -> Option<i32> {
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        if let Some(status) = child.try_wait().expect("its status") {
            return status.code();
        }
        thread::park_timeout(LOOK_EVERY);
    }
    panic!(
        "did not end within {PATIENCE:?}: {}",
        said.lock().expect("not poisoned")
    );
}

fn listen(child: &mut Child, said: &Arc<Mutex<String>>) -> Receiver<String> {
    let (sender, lines) = channel();
    let out = child.stdout.take().expect("piped");
    let err = child.stderr.take().expect("piped");
    let readers: [Box<dyn BufRead + Send>; 2] = [Box::new(BufReader::new(out)), Box::new(BufReader::new(err))];
    for reader in readers {
        let (sender, said) = (sender.clone(), Arc::clone(said));
        thread::spawn(move || {
            for line in reader.lines().map_while(Result::ok) {
                {
                    let mut said = said.lock().expect("not poisoned");
                    said.push_str(&line);
                    said.push('\n');
                }
                // Nobody listens once it is up.
                let _ = sender.send(line);
            }
        });
    }
    lines
}

fn address_in(line: &str) -> Option<SocketAddr> {
    // Pages alone have no gRPC, and say where they are.
    let after = |what: &str| Some(line.find(&format!("{what}127.0.0.1:"))? + what.len());
    let rest = &line[after("gRPC ").or_else(|| after("· pages http://"))?..];
    let end = rest
        .find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | ':')))
        .unwrap_or(rest.len());
    rest[..end].trim_end_matches(['.', ':']).parse().ok()
}
