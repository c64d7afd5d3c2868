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
const PATIENCE: Duration = Duration::from_secs(60);

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

/// A command of the binary that sees nothing of this environment but the path.
pub fn command(args: &[&str]) -> Command {
    let mut command = Command::new(binary());
    command
        .args(args)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.env("LANG", "en_US.UTF-8").stdin(Stdio::null());
    command
}

impl Keshi {
    /// Starts `keshi up` with `args` on a free port and waits until it listens.
    ///
    /// # Errors
    ///
    /// What it said, if it ended instead.
    pub fn up(data: &Path, args: &[&str]) -> Result<Self, Ended> {
        let data = data.to_str().expect("a plain path");
        let mut child = command(&["up", "--data", data, "--grpc", "127.0.0.1:0"])
            .args(args)
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
        let id = self.child.id().to_string();
        Command::new("kill").args(["-TERM", &id]).status().expect("signalled");
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait().expect("its status") {
                return status.code();
            }
            thread::yield_now();
            thread::park_timeout(Duration::from_millis(5));
        }
        panic!("did not end within {PATIENCE:?}: {}", self.said());
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

fn listen(child: &mut Child, said: &Arc<Mutex<String>>) -> Receiver<String> {
    let (sender, lines) = channel();
    let out = child.stdout.take().expect("piped");
    let err = child.stderr.take().expect("piped");
    let readers: [Box<dyn BufRead + Send>; 2] = [Box::new(BufReader::new(out)), Box::new(BufReader::new(err))];
    for reader in readers {
        let (sender, said) = (sender.clone(), Arc::clone(said));
        thread::spawn(move || {
            for line in reader.lines().map_while(Result::ok) {
                said.lock().expect("not poisoned").push_str(&format!("{line}\n"));
                // Nobody listens once it is up.
                let _ = sender.send(line);
            }
        });
    }
    lines
}

fn address_in(line: &str) -> Option<SocketAddr> {
    let start = line.find("127.0.0.1:")?;
    let rest = &line[start..];
    let end = rest
        .find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | ':')))
        .unwrap_or(rest.len());
    rest[..end].trim_end_matches(['.', ':']).parse().ok()
}
