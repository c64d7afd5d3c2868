//! Disks of our own: file systems mounted in a private mount namespace, so that even root meets a full or a read-only
//! one, and nothing is left behind on the machine.

use std::io::{BufRead, BufReader, Write as _};
use std::os::unix::fs::FileTypeExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::process;

/// A mount namespace with something mounted in it. It goes with the last process in it.
pub struct Disk {
    holder: Child,
    /// Whether the namespace needed a user namespace around it.
    as_user: bool,
    mounted_at: PathBuf,
}

impl Disk {
    /// An empty file system of so many bytes at `dir`, for processes of [`command`](Self::command) only.
    ///
    /// # Panics
    ///
    /// If the system allows no mount namespace.
    pub fn of_size(dir: &Path, bytes: u64) -> Self {
        Self::mount(dir, &format!(r#"mount -t tmpfs -o size={bytes} tmpfs "$0""#))
    }

    /// The directory as it is, but read-only, for processes of [`command`](Self::command) only.
    ///
    /// # Panics
    ///
    /// If the system allows no mount namespace.
    pub fn read_only(dir: &Path) -> Self {
        Self::mount(dir, r#"mount --bind "$0" "$0" && mount -o remount,bind,ro "$0""#)
    }

    fn mount(dir: &Path, how: &str) -> Self {
        let as_user = !is_allowed(&["--mount"]);
        let flags: &[&str] = if as_user {
            &["--mount", "--user", "--map-root-user"]
        } else {
            &["--mount"]
        };
        // Waits until its stdin closes, which happens when this test ends, however it ends.
        let mut holder = Command::new("unshare")
            .args(flags)
            .args(["sh", "-c", &format!("{how} && echo mounted && read -r end")])
            .arg(dir)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("unshare (util-linux) runs");
        let mut said = String::new();
        let out = holder.stdout.take().expect("piped");
        BufReader::new(out).read_line(&mut said).expect("it can be read");
        assert_eq!(
            said.trim(),
            "mounted",
            "this test needs a mount namespace of its own: run it as root or allow user namespaces"
        );
        Self {
            holder,
            as_user,
            mounted_at: dir.to_owned(),
        }
    }

    /// A command of the binary that sees this disk.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new("nsenter");
        command.arg(format!("--target={}", self.holder.id())).arg("--mount");
        if self.as_user {
            command.args(["--user", "--preserve-credentials"]);
        }
        // nsenter leaves its place to the program: the process id, the signals and the exit code are the program's.
        command.arg(process::binary()).args(args).env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("LANG", "en_US.UTF-8").stdin(Stdio::null());
        command.env("KESHI_PEOPLE_KEY", process::PEOPLE_KEY);
        command.env("KESHI_SIGNING_KEY", process::SIGNING_KEY);
        command
    }

    /// What is mounted, as seen from outside.
    ///
    /// # Panics
    ///
    /// If the disk was not made for an absolute path.
    pub fn outside(&self) -> PathBuf {
        let root = PathBuf::from(format!("/proc/{}/root", self.holder.id()));
        root.join(self.mounted_at.strip_prefix("/").expect("an absolute path"))
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        if let Some(mut stdin) = self.holder.stdin.take() {
            let _ = stdin.write_all(b"\n");
        }
        let _ = self.holder.wait();
    }
}

fn is_allowed(flags: &[&str]) -> bool {
    let tried = Command::new("unshare")
        .args(flags)
        .arg("true")
        .stderr(Stdio::null())
        .status();
    tried.is_ok_and(|status| status.success())
}

/// Copies a directory with all that is in it.
///
/// # Panics
///
/// If something cannot be read or written.
pub fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a directory can be made");
    for entry in std::fs::read_dir(from).expect("it can be read") {
        let entry = entry.expect("it can be read");
        let target = to.join(entry.file_name());
        let kind = entry.file_type().expect("it has a type");
        if kind.is_socket() {
            // Left by a killed process; nobody listens on a copy.
        } else if kind.is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("it can be copied");
        }
    }
}
