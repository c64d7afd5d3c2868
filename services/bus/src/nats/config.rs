//! Where the server is, who we are there, and what things are called.

use std::fmt;
use std::path::PathBuf;

use async_nats::ServerAddr;

use crate::message::is_token;

/// How to reach the stream of one office.
#[derive(Clone)]
pub struct NatsConfig {
    /// One or more server addresses, separated by commas, such as `nats://10.0.0.5:4222` or `tls://nats.example:4222`.
    pub url: String,
    /// The office's division code, such as `610729`.
    pub office: String,
    /// Who we are.
    pub credentials: Credentials,
    /// A file with the certificates to trust, in PEM; also demands TLS. `None` trusts the system's.
    pub ca_file: Option<PathBuf>,
    /// On how many servers the stream is kept: 1, 3 or 5. Used when the stream is created.
    pub replicas: usize,
    /// The largest size of the stream in bytes, `None` for no limit. A full stream takes nothing more.
    pub bytes_max: Option<u64>,
}

/// Who we are at the server.
#[derive(Clone, Default)]
pub enum Credentials {
    /// Nobody in particular, or whoever the address names (`nats://user:password@host`).
    #[default]
    None,
    /// A `.creds` file: a JWT and its key.
    File(PathBuf),
    /// A name and a password.
    UserPassword {
        /// The name.
        user: String,
        /// The password; never printed.
        password: String,
    },
}

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// An address does not parse.
    #[error(
        "{} is no address of a NATS server: write nats://host:4222 or tls://host:4222",
        hide_user(url)
    )]
    Url {
        /// The address.
        url: String,
    },
    /// The office code cannot stand in a subject.
    #[error("office code {office:?} cannot stand in a subject: use the division code, such as 610729")]
    Office {
        /// The code.
        office: String,
    },
    /// The number of replicas is not possible.
    #[error("{replicas} replicas are not possible: choose 1, 3 or 5")]
    Replicas {
        /// The number.
        replicas: usize,
    },
    /// A file cannot be used.
    #[error("the {what} file {} cannot be used", path.display())]
    File {
        /// What it should hold.
        what: &'static str,
        /// Its path.
        path: PathBuf,
        /// Why.
        #[source]
        cause: std::io::Error,
    },
    /// The client refused the settings.
    #[error("the NATS client refuses the settings")]
    Client(#[source] async_nats::ConnectError),
}

impl NatsConfig {
    /// The usual settings for one server without credentials.
    pub fn new(url: impl Into<String>, office: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            office: office.into(),
            credentials: Credentials::None,
            ca_file: None,
            replicas: 1,
            bytes_max: None,
        }
    }

    /// The name of the office's stream.
    pub fn stream(&self) -> String {
        format!("KESHI_{}", self.office)
    }

    /// The subjects the stream takes.
    pub(crate) fn subjects(&self) -> [String; 2] {
        [format!("keshi.{}.*.*", self.office), self.claim_subject()]
    }

    /// The subject on which a primary claims the stream. It lies beside those of the submissions, so that a user may be
    /// allowed the one without the others.
    pub(crate) fn claim_subject(&self) -> String {
        format!("keshi-claim.{}", self.office)
    }

    /// Where the primary says how far it is.
    pub(crate) fn head_subject(&self) -> String {
        format!("keshi-head.{}", self.office)
    }

    /// The subject of one submission.
    pub(crate) fn subject(&self, kind: &str, school: &str) -> String {
        format!("keshi.{}.{kind}.{school}", self.office)
    }

    /// The subject of a question, or of all questions with `*`.
    pub(crate) fn ask_subject(&self, topic: &str) -> String {
        format!("keshi-ask.{}.{topic}", self.office)
    }

    /// What every inbox of a poster of this office begins with.
    pub(crate) fn inboxes(&self) -> String {
        format!("keshi-inbox.{}.", self.office)
    }

    /// Where the ledger's own requests are answered.
    pub(crate) fn ledger_inbox(&self) -> String {
        format!("_INBOX.keshi-ledger.{}", self.office)
    }

    /// Checks everything that can be checked without a server.
    pub(crate) fn addresses(&self) -> Result<Vec<ServerAddr>, ConfigError> {
        if !is_token(&self.office) {
            return Err(ConfigError::Office {
                office: self.office.clone(),
            });
        }
        if !matches!(self.replicas, 1 | 3 | 5) {
            return Err(ConfigError::Replicas {
                replicas: self.replicas,
            });
        }
        let urls = self.url.split(',').map(str::trim);
        urls.map(|url| url.parse().map_err(|_| ConfigError::Url { url: url.to_owned() }))
            .collect()
    }

    /// The addresses without user and password, for messages.
    pub(crate) fn shown_url(&self) -> String {
        hide_user(&self.url)
    }
}

impl fmt::Debug for NatsConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            url: _,
            office,
            credentials,
            ca_file,
            replicas,
            bytes_max,
        } = self;
        f.debug_struct("NatsConfig")
            .field("url", &self.shown_url())
            .field("office", office)
            .field("credentials", credentials)
            .field("ca_file", ca_file)
            .field("replicas", replicas)
            .field("bytes_max", bytes_max)
            .finish()
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("None"),
            Self::File(path) => f.debug_tuple("File").field(path).finish(),
            Self::UserPassword { user, .. } => f
                .debug_struct("UserPassword")
                .field("user", user)
                .finish_non_exhaustive(),
        }
    }
}

/// Drops `user:password@` from each address.
fn hide_user(urls: &str) -> String {
    let one = |url: &str| match (url.split_once("://"), url.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, host))) => format!("{scheme}://{host}"),
        (None, Some((_, host))) => host.to_owned(),
        _ => url.to_owned(),
    };
    urls.split(',').map(str::trim).map(one).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_shown_without_its_password() {
        assert_eq!(
            hide_user("nats://a:s3cret@h:4222, tls://k:4222"),
            "nats://h:4222,tls://k:4222"
        );
        assert_eq!(hide_user("a:p@ss@h:1"), "h:1");
    }

    #[test]
    fn a_printed_configuration_holds_no_password() {
        let mut config = NatsConfig::new("nats://intake:s3cret@h:4222", "610729");
        config.credentials = Credentials::UserPassword {
            user: "intake".into(),
            password: "s3cret".into(),
        };
        assert!(!format!("{config:?}").contains("s3cret"), "{config:?}");
    }

    #[test]
    fn a_bad_configuration_is_named_before_any_connection() {
        let error = NatsConfig::new("nats://nowhere:port", "610729")
            .addresses()
            .unwrap_err();
        assert!(matches!(error, ConfigError::Url { .. }), "{error}");
        let error = NatsConfig::new("nats://h:1", "61.0729").addresses().unwrap_err();
        assert!(matches!(error, ConfigError::Office { .. }), "{error}");
        assert_eq!(
            NatsConfig::new("nats://h:1,nats://k:2", "610729")
                .addresses()
                .unwrap()
                .len(),
            2
        );
    }
}
