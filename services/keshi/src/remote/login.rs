//! What `keshi login` keeps: one server with the token for it, in a file that only its user can read.

use std::fs::{self, DirBuilder};
use std::io::ErrorKind;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::place::{config_dir, write_private};
use crate::Env;
use crate::cli::ServerArg;
use crate::exit::{Failure, Outcome, say};

/// A server, the token that it knows, and whose certificates are trusted there.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub(crate) struct Login {
    pub(crate) server: String,
    pub(crate) token: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) ca: Option<PathBuf>,
}

impl Login {
    /// What was kept, if anything was.
    pub(crate) fn load(env: &Env<'_>) -> Outcome<Option<Self>> {
        let Some(path) = path(env) else { return Ok(None) };
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(None),
            Err(error) => return Err(unusable(&path, &error)),
        };
        serde_json::from_str(&text)
            .map(Some)
            .map_err(|error| unusable(&path, &error))
    }

    /// The server that is meant.
    pub(crate) fn server(&self, env: &Env<'_>) -> Outcome<ServerArg> {
        let parsed = self.server.parse::<ServerArg>();
        parsed.map_err(|why| {
            let path = path(env).unwrap_or_default();
            unusable(&path, &std::io::Error::other(why))
        })
    }

    /// Keeps it in place of what was kept; where.
    pub(crate) fn save(&self, env: &Env<'_>) -> Outcome<PathBuf> {
        let path = path(env).ok_or_else(|| {
            Failure::usage(say(
                "XDG_CONFIG_HOME 和 HOME 都没有给出绝对路径：无处保存",
                "neither XDG_CONFIG_HOME nor HOME names an absolute directory: there is nowhere to keep it",
            ))
        })?;
        if let Some(dir) = path.parent() {
            let made = DirBuilder::new().recursive(true).mode(0o700).create(dir);
            made.map_err(|error| unusable(dir, &error))?;
        }
        let text = serde_json::to_string(self).map_err(|error| unusable(&path, &error))?;
        write_private(&path, &format!("{text}\n"))?;
        Ok(path)
    }

    /// Forgets what was kept; whether there was anything.
    pub(crate) fn forget(env: &Env<'_>) -> Outcome<bool> {
        let Some(path) = path(env) else { return Ok(false) };
        match fs::remove_file(&path) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(unusable(&path, &error)),
        }
    }
}

/// `$XDG_CONFIG_HOME/keshi/login`, or `$HOME/.config/keshi/login`.
fn path(env: &Env<'_>) -> Option<PathBuf> {
    let absolute = |name: &str| env(name).map(PathBuf::from).filter(|path| path.is_absolute());
    Some(config_dir(&absolute)?.join("login"))
}

fn unusable(path: &Path, error: &dyn std::error::Error) -> Failure {
    let shown = path.display();
    let what = say(
        format!("登录文件 {shown} 无法使用"),
        format!("the file of the login, {shown}, cannot be used"),
    );
    Failure::failed(what.because(error)).and(say(
        "可用 keshi logout 删除它，再重新登录",
        "keshi logout removes it; then log in again",
    ))
}
