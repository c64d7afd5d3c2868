//! What an operator watches: figures for Prometheus, and whether this process does its work.

mod calls;
mod server;

use std::sync::Arc;
use std::time::Duration;

use keshi_bus::Bus;
use keshi_bus::nats::{NatsConfig, inspect};
use keshi_engine::Engine;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::scrub::Found;

pub(super) use self::calls::Calls;
pub(super) use self::server::serve;

/// How often a stream is looked at.
const LAG_EVERY: Duration = Duration::from_secs(15);

/// The figures of one process.
pub(super) struct Metrics {
    registry: Registry,
    process: Watch,
    entries: Gauge,
    commits: Counter,
    commit_seconds: Counter<f64, AtomicU64>,
    waiting: Gauge,
    waiting_bytes: Gauge,
    ready: Gauge,
    scrub_bytes: Counter,
    scrub_passes: Counter,
    scrub_passed_at: Gauge,
    scrub_faults: Gauge,
}

/// What is watched.
pub(super) struct Watch {
    /// The ledger, in a process that has one.
    pub(super) engine: Option<Engine>,
    /// The way of submissions, in a process that takes them.
    pub(super) poster: Option<Bus>,
    /// The stream that the ledger follows, if it follows one.
    pub(super) stream: Option<NatsConfig>,
    /// What reads the ledger over again, if something does.
    pub(super) scrub: Option<Arc<Found>>,
    pub(super) shutdown: CancellationToken,
}

/// Whether this process does what it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Ready {
    /// Questions are answered; `None` if that is another process's work.
    questions: Option<bool>,
    posts: Option<bool>,
}

impl Metrics {
    pub(super) fn new(process: Watch, calls: &Calls) -> Arc<Self> {
        let mut registry = Registry::with_prefix("keshi");
        calls.register(&mut registry);
        let metrics = Self {
            entries: Gauge::default(),
            commits: Counter::default(),
            commit_seconds: Counter::default(),
            waiting: Gauge::default(),
            waiting_bytes: Gauge::default(),
            ready: Gauge::default(),
            scrub_bytes: Counter::default(),
            scrub_passes: Counter::default(),
            scrub_passed_at: Gauge::default(),
            scrub_faults: Gauge::default(),
            process,
            registry: Registry::default(),
        };
        registry.register(
            "ready",
            "Whether questions and posts are answered",
            metrics.ready.clone(),
        );
        if metrics.process.engine.is_some() {
            registry.register("ledger_entries", "Entries in the ledger", metrics.entries.clone());
            registry.register("commits", "Group commits since the start", metrics.commits.clone());
            registry.register(
                "commit_seconds",
                "Time that the disk took for them",
                metrics.commit_seconds.clone(),
            );
            registry.register(
                "waiting_submissions",
                "Submissions before the writer",
                metrics.waiting.clone(),
            );
            registry.register("waiting_bytes", "Their bytes", metrics.waiting_bytes.clone());
        }
        if metrics.process.scrub.is_some() {
            registry.register(
                "scrub_bytes",
                "Bytes of the ledger that were read over again since the start",
                metrics.scrub_bytes.clone(),
            );
            registry.register(
                "scrub_passes",
                "Whole passes over both copies since the start",
                metrics.scrub_passes.clone(),
            );
            registry.register(
                "scrub_passed_timestamp_seconds",
                "When both copies were last read whole",
                metrics.scrub_passed_at.clone(),
            );
            registry.register(
                "scrub_faults",
                "Places on the disk that are not what was written, 16 at most",
                metrics.scrub_faults.clone(),
            );
        }
        if let (Some(engine), Some(stream)) = (&metrics.process.engine, &metrics.process.stream) {
            let lag = Gauge::<i64>::default();
            registry.register(
                "bus_lag_messages",
                "Messages of the stream that the ledger has not taken; -1 while the stream cannot be seen",
                lag.clone(),
            );
            tokio::spawn(follow_lag(engine.clone(), stream.clone(), lag));
        }
        Arc::new(Self { registry, ..metrics })
    }

    /// The figures as they are now, in the text form of OpenMetrics.
    pub(super) fn text(&self) -> Result<String, std::fmt::Error> {
        let signed = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        if let Some(engine) = &self.process.engine {
            let load = engine.load();
            self.entries.set(signed(engine.head().size));
            // The engine counts; what is shown follows.
            self.commits.inner().store(load.commits, Ordering::Relaxed);
            let seconds = load.commit_time.as_secs_f64();
            self.commit_seconds.inner().store(seconds.to_bits(), Ordering::Relaxed);
            self.waiting.set(signed(load.waiting as u64));
            self.waiting_bytes.set(signed(load.waiting_bytes as u64));
        }
        if let Some(found) = &self.process.scrub {
            let figures = found.figures();
            self.scrub_bytes.inner().store(figures.bytes, Ordering::Relaxed);
            self.scrub_passes.inner().store(figures.passes, Ordering::Relaxed);
            self.scrub_passed_at.set(figures.passed_at.as_second());
            self.scrub_faults.set(signed(figures.faults as u64));
        }
        self.ready.set(i64::from(self.ready().is_ready()));
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }

    /// The ledger of this process, if it has one.
    pub(super) fn engine(&self) -> Option<&Engine> {
        self.process.engine.as_ref()
    }

    /// Whether submissions are taken; `None` if that is another process's work.
    pub(super) fn takes_posts(&self) -> Option<bool> {
        self.ready().posts
    }

    /// Whether the ledger's copies are what was written, as far as is known; `None` where nothing reads them over again.
    fn is_sound(&self) -> Option<bool> {
        let found = self.process.scrub.as_ref()?;
        Some(found.figures().faults == 0)
    }

    fn ready(&self) -> Ready {
        let Watch {
            engine,
            poster,
            shutdown,
            ..
        } = &self.process;
        let is_up = !shutdown.is_cancelled();
        let is_sound = engine
            .as_ref()
            .is_none_or(|engine| engine.failures().borrow().is_none());
        Ready {
            questions: engine.as_ref().map(|_| is_up && is_sound),
            posts: poster.as_ref().map(|poster| is_up && is_sound && poster.is_connected()),
        }
    }
}

impl Ready {
    fn is_ready(self) -> bool {
        self.questions != Some(false) && self.posts != Some(false)
    }

    fn text(self) -> String {
        let word = |is: Option<bool>| match is {
            Some(true) => "yes",
            Some(false) => "no",
            None => "not here",
        };
        format!("questions: {}\nposts: {}\n", word(self.questions), word(self.posts))
    }
}

/// Ends with the runtime.
async fn follow_lag(engine: Engine, stream: NatsConfig, lag: Gauge) {
    loop {
        let messages = match inspect(&stream).await {
            Ok(Some(found)) => {
                let left = found.last_sequence.saturating_sub(engine.head().cursor);
                i64::try_from(left).unwrap_or(i64::MAX)
            }
            Ok(None) | Err(_) => -1,
        };
        lag.set(messages);
        sleep(LAG_EVERY).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_ready_when_it_does_all_that_is_its_own_work() {
        let ready = |questions, posts| Ready { questions, posts }.is_ready();
        assert!(ready(Some(true), Some(true)) && ready(None, Some(true)) && ready(Some(true), None));
        assert!(!ready(Some(true), Some(false)) && !ready(Some(false), Some(true)) && !ready(Some(false), None));
    }
}
