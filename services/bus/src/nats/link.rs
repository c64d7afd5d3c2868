//! One connection to the server, its state, and its log lines.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use async_nats::connection::State;
use async_nats::{Client, ConnectOptions, Event};
use tokio::sync::watch;
use tokio::time::{Instant, timeout, timeout_at};
use tracing::{info, warn};

use crate::nats::config::{ConfigError, Credentials, NatsConfig};

/// The longest pause between two attempts to connect.
///
/// Short enough that nobody waits long once the server is back, long enough to cost nothing while it is away.
const RECONNECT_PAUSE_MAX: Duration = Duration::from_secs(1);

/// How often the server is asked for a sign of life. Two unanswered pings end the connection.
const PING_EVERY: Duration = Duration::from_secs(5);

/// How long one attempt to connect may take.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);

/// How often the state of the connection is looked at while waiting, in case an event was lost.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// How often it is looked at while it works, in case the event of its loss was lost.
const LOOK_AGAIN_EVERY: Duration = Duration::from_millis(250);

/// How many refusals are remembered, for the calls that wait to hear of theirs.
const VIOLATIONS_KEPT: usize = 32;

/// A connection that restores itself, for ever.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    pub(crate) client: Client,
    news: watch::Receiver<News>,
    shown_url: Arc<str>,
}

/// What the connection last reported.
#[derive(Clone, Debug, Default)]
pub(crate) struct News {
    /// The last complaint of server or client, cleared by a new connection.
    complaint: Option<Arc<str>>,
    /// How many publishes or subscriptions were refused for want of rights so far.
    violations: u64,
    /// The last of these refusals with their numbers; each names its subject.
    recent_violations: VecDeque<(u64, Arc<str>)>,
}

impl Link {
    /// Starts connecting and returns at once; the server may be away.
    pub(crate) async fn start(config: &NatsConfig, name: &str, inbox: &str) -> Result<Self, ConfigError> {
        let addresses = config.addresses()?;
        let (report, news) = watch::channel(News::default());
        let reporter = Arc::new(Reporter {
            report,
            office: config.office.clone(),
            url: config.shown_url(),
        });
        let mut options = ConnectOptions::new()
            .name(name)
            .custom_inbox_prefix(inbox)
            .retry_on_initial_connect()
            .max_reconnects(None)
            .ping_interval(PING_EVERY)
            .connection_timeout(CONNECT_LIMIT)
            .reconnect_delay_callback(reconnect_pause)
            .event_callback(move |event| {
                reporter.take(&event);
                std::future::ready(())
            });
        options = match &config.credentials {
            // The client reads addresses, but not who is named in them.
            Credentials::None => match addresses.iter().find(|address| address.has_user_pass()) {
                Some(address) => options.user_and_password(
                    address.username().unwrap_or_default().to_owned(),
                    address.password().unwrap_or_default().to_owned(),
                ),
                None => options,
            },
            Credentials::File(path) => options
                .credentials_file(path)
                .await
                .map_err(|cause| ConfigError::File {
                    what: "credentials",
                    path: path.clone(),
                    cause,
                })?,
            Credentials::UserPassword { user, password } => options.user_and_password(user.clone(), password.clone()),
        };
        if let Some(path) = &config.ca_file {
            std::fs::metadata(path).map_err(|cause| ConfigError::File {
                what: "CA",
                path: path.clone(),
                cause,
            })?;
            options = options.add_root_certificates(path.clone()).require_tls(true);
        }
        let client = options.connect(addresses).await.map_err(ConfigError::Client)?;
        Ok(Self {
            client,
            news,
            shown_url: config.shown_url().into(),
        })
    }

    pub(crate) fn is_connected(&self) -> bool {
        self.client.connection_state() == State::Connected
    }

    /// How often a connection was made. Another number means another connection, perhaps to another server.
    pub(crate) fn generation(&self) -> u64 {
        self.client.statistics().connects.load(Ordering::Acquire)
    }

    /// Waits until the server is reached, however long that takes.
    pub(crate) async fn until_connected(&self) {
        let mut news = self.news.clone();
        while !self.is_connected() {
            drop(timeout(LOOK_EVERY, news.changed()).await);
        }
    }

    /// Waits until the server is reached. `false` if that did not happen by `give_up`.
    pub(crate) async fn wait_connected(&self, give_up: Instant) -> bool {
        timeout_at(give_up, self.until_connected()).await.is_ok()
    }

    /// Returns when the connection is no longer the one of `generation`.
    pub(crate) async fn until_lost(&self, generation: u64) {
        let mut news = self.news.clone();
        while self.is_connected() && self.generation() == generation {
            drop(timeout(LOOK_AGAIN_EVERY, news.changed()).await);
        }
    }

    /// The last complaint of server or client over the present connection.
    pub(crate) fn complaint(&self) -> Option<Arc<str>> {
        self.news.borrow().complaint.clone()
    }

    /// Why the server is not reached, as far as known.
    pub(crate) fn reason(&self) -> String {
        match self.complaint() {
            Some(complaint) => format!("no connection to {}: {complaint}", self.shown_url),
            None => format!("no connection to {}", self.shown_url),
        }
    }

    /// How many refusals for want of rights there were, to give to [`until_violation`](Self::until_violation).
    pub(crate) fn violations(&self) -> u64 {
        self.news.borrow().violations
    }

    /// Returns the server's words once it refuses `subject`, counting only refusals after the first `known`.
    pub(crate) async fn until_violation(&self, subject: &str, known: u64) -> String {
        let quoted = format!("\"{subject}\"");
        let mut news = self.news.clone();
        loop {
            let found = news.borrow_and_update().find_violation(&quoted, known);
            match found {
                Some(text) => return text,
                None if news.changed().await.is_err() => return std::future::pending().await,
                None => {}
            }
        }
    }
}

impl News {
    fn find_violation(&self, quoted: &str, known: u64) -> Option<String> {
        let mut recent = self.recent_violations.iter();
        recent
            .find(|(number, text)| *number > known && text.contains(quoted))
            .map(|(_, text)| text.to_string())
    }

    fn note_violation(&mut self, text: &str) {
        self.violations += 1;
        self.recent_violations.push_back((self.violations, text.into()));
        if self.recent_violations.len() > VIOLATIONS_KEPT {
            self.recent_violations.pop_front();
        }
    }
}

/// Turns events into news and log lines, one line per change.
struct Reporter {
    report: watch::Sender<News>,
    office: String,
    url: String,
}

impl Reporter {
    fn take(&self, event: &Event) {
        let (office, url) = (&self.office, &self.url);
        match event {
            Event::Connected => {
                info!(%office, %url, "connected to nats");
                self.report.send_modify(|news| news.complaint = None);
            }
            Event::Disconnected => {
                warn!(%office, %url, "connection to nats lost, connecting again");
                self.report.send_modify(|_| {});
            }
            Event::ServerError(error) => self.complain(&error.to_string()),
            Event::ClientError(error) => self.complain(&error.to_string()),
            Event::SlowConsumer(_) => warn!(%office, "nats messages dropped: this process reads too slowly"),
            Event::LameDuckMode | Event::Draining | Event::Closed => info!(%office, %event, "nats connection"),
        }
    }

    fn complain(&self, text: &str) {
        let mut is_new = false;
        self.report.send_if_modified(|news| {
            let is_violation = text.to_lowercase().contains("permissions violation");
            if is_violation {
                news.note_violation(text);
            }
            is_new = news.complaint.as_deref() != Some(text);
            news.complaint = Some(text.into());
            is_new || is_violation
        });
        if is_new {
            warn!(office = %self.office, url = %self.url, error = text, "nats");
        }
    }
}

/// 0, 50 ms, 100 ms, 200 ms … 1 s.
fn reconnect_pause(attempts: usize) -> Duration {
    match attempts {
        0 | 1 => Duration::ZERO,
        _ => (Duration::from_millis(50) * (1 << (attempts - 2).min(5))).min(RECONNECT_PAUSE_MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pause_grows_to_a_second_and_no_further() {
        let pauses: Vec<_> = (0..9).map(|attempts| reconnect_pause(attempts).as_millis()).collect();
        assert_eq!(pauses, [0, 0, 50, 100, 200, 400, 800, 1000, 1000]);
        assert_eq!(reconnect_pause(usize::MAX), RECONNECT_PAUSE_MAX);
    }
}
