//! How the stream stands, as the poster sees it: whether what it acknowledges is kept.
//!
//! The ledger checks its stream, but a poster may be another process, and promises before any ledger looked: so it
//! looks by itself. Nothing is published before a look over the present connection found the stream fit, and nothing
//! is called accepted before a look that *began after* the acknowledgement found it fit again.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_nats::jetstream::context::Context;
use async_nats::jetstream::stream::Info;
use keshi_core::lang::{Say, say};
use parking_lot::Mutex;
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout_at};
use tracing::{info, warn};
use uuid::Uuid;

use crate::SubmitError;
use crate::follows::{Follows, StreamId};
use crate::nats::config::NatsConfig;
use crate::nats::given::Given;
use crate::nats::identity::Identity;
use crate::nats::link::Link;
use crate::nats::settings;
use crate::nats::stream::{self, Look};

/// The longest time between two looks while the connection stays.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// The pauses between looks that showed nothing double from the first to the second of these.
const LOOK_PAUSE: (Duration, Duration) = (Duration::from_millis(20), Duration::from_millis(500));

/// Looks at the stream for as long as it lives.
pub(crate) struct Standing {
    link: Link,
    latest: watch::Receiver<Latest>,
    shared: Arc<Shared>,
    looker: JoinHandle<()>,
}

struct Shared {
    /// Somebody wants a look that begins from now on.
    wanted: Notify,
    /// What the stream acknowledged to this process.
    acknowledged: Mutex<Given>,
    /// Whether the stream was seen to be on several servers.
    is_replicated: AtomicBool,
}

/// What the last look showed.
#[derive(Clone, Debug)]
struct Latest {
    begun: Instant,
    /// The connection over which it was made.
    generation: u64,
    found: Found,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Found {
    /// It keeps what it acknowledges, and is the one it was.
    Fit,
    /// It does not, or is another; the sentence says what to do.
    Unfit(Say),
    /// Nothing that could be judged.
    Unclear(String),
}

/// The task that looks.
struct Looker {
    link: Link,
    config: NatsConfig,
    context: Context,
    shared: Arc<Shared>,
    posts_to: PostsTo,
    /// The stream of the first look: this process posts to no other.
    seen: Option<StreamId>,
}

/// To whose stream a poster may post.
#[derive(Clone, Debug)]
pub enum PostsTo {
    /// The first that is seen.
    First,
    /// That of one ledger, such as the one in this process.
    LedgerOf(Uuid),
    /// That of the ledger for which this data directory has posted before, or the first that is seen.
    Remembered(Arc<Follows>),
}

impl Standing {
    /// Starts looking.
    pub(crate) fn watch(link: Link, config: NatsConfig, posts_to: PostsTo) -> Self {
        let shared = Arc::new(Shared {
            wanted: Notify::new(),
            acknowledged: Mutex::default(),
            is_replicated: AtomicBool::new(false),
        });
        let (report, latest) = watch::channel(Latest {
            begun: Instant::now(),
            generation: 0,
            found: Found::Unclear("the stream was not looked at yet".to_owned()),
        });
        let looker = Looker {
            context: stream::context(&link.client),
            link: link.clone(),
            config,
            shared: Arc::clone(&shared),
            posts_to,
            seen: None,
        };
        Self {
            link,
            latest,
            shared,
            looker: tokio::spawn(looker.run(report)),
        }
    }

    /// Notes that the stream has acknowledged this sequence, of something new or of what it had: it must never end before it
    /// again, nor give it to something else.
    pub(crate) fn acknowledged(&self, sequence: u64, is_new: bool) {
        self.shared.acknowledged.lock().note(sequence, is_new);
    }

    /// Whether the last look over the connection `generation` found the stream fit.
    pub(crate) fn is_fit_over(&self, generation: u64) -> bool {
        let latest = self.latest.borrow();
        latest.generation == generation && latest.found == Found::Fit
    }

    /// Whether the stream was seen to be on several servers.
    pub(crate) fn is_replicated(&self) -> bool {
        self.shared.is_replicated.load(Ordering::Acquire)
    }

    /// Waits until a look over the connection `generation` or a later one found the stream fit.
    pub(crate) async fn fit_over(&self, generation: u64, give_up: Instant) -> Result<(), SubmitError> {
        self.wait(give_up, |latest| latest.generation >= generation).await
    }

    /// Waits until a look that begins from now on found the stream fit.
    pub(crate) async fn still_fit(&self, give_up: Instant) -> Result<(), SubmitError> {
        let now = Instant::now();
        self.shared.wanted.notify_one();
        self.wait(give_up, |latest| latest.begun >= now).await
    }

    async fn wait(&self, give_up: Instant, counts: impl Fn(&Latest) -> bool) -> Result<(), SubmitError> {
        let mut latest = self.latest.clone();
        let judged = latest.wait_for(|latest| counts(latest) && !matches!(latest.found, Found::Unclear(_)));
        let found = match timeout_at(give_up, judged).await {
            Ok(Ok(latest)) => latest.found.clone(),
            Ok(Err(_)) | Err(_) => self.latest.borrow().found.clone(),
        };
        match found {
            Found::Fit => Ok(()),
            Found::Unfit(reason) => Err(SubmitError::Unfit { reason }),
            Found::Unclear(reason) => Err(SubmitError::Unreachable {
                reason: match self.link.complaint() {
                    Some(complaint) => format!("{reason} ({complaint})"),
                    None => reason,
                },
            }),
        }
    }
}

impl Drop for Standing {
    fn drop(&mut self) {
        self.looker.abort();
    }
}

impl Looker {
    async fn run(mut self, report: watch::Sender<Latest>) {
        let mut pause = LOOK_PAUSE.0;
        loop {
            self.link.until_connected().await;
            let (begun, generation) = (Instant::now(), self.link.generation());
            let found = {
                let lost = self.link.clone();
                tokio::select! {
                    found = self.look() => found,
                    () = lost.until_lost(generation) => continue,
                }
            };
            let is_clear = !matches!(found, Found::Unclear(_));
            self.tell(&report.borrow().found, &found);
            report.send_replace(Latest {
                begun,
                generation,
                found,
            });
            pause = if is_clear {
                LOOK_PAUSE.0
            } else {
                (pause * 2).min(LOOK_PAUSE.1)
            };
            tokio::select! {
                () = self.shared.wanted.notified() => {}
                () = self.link.until_lost(generation) => {}
                () = sleep(if is_clear { LOOK_EVERY } else { pause }) => {}
            }
        }
    }

    async fn look(&mut self) -> Found {
        let name = self.config.stream();
        let acknowledged = self.shared.acknowledged.lock().highest();
        let (request, violations) = (format!("$JS.API.STREAM.INFO.{name}"), self.link.violations());
        let look = tokio::select! {
            look = stream::look(&self.context, &name) => look,
            reason = self.link.until_violation(&request, violations) => {
                return Found::Unfit(say(
                    format!("服务器不允许该用户查看流（{reason}）：请允许其发布 {request}"),
                    format!(
                        "the server does not let this user look at the stream ({reason}): allow it to publish {request}"
                    ),
                ));
            }
        };
        match look {
            Look::Found(info) => self.judge(&info, acknowledged),
            Look::Missing => Found::Unclear(format!("there is no stream {name}: its ledger was never started")),
            Look::NoJetStream(reason) | Look::Unclear(reason) => {
                Found::Unclear(format!("stream {name} cannot be looked at: {reason}"))
            }
        }
    }

    fn judge(&mut self, info: &Info, acknowledged: u64) -> Found {
        let name = self.config.stream();
        let is_replicated = info.config.num_replicas > 1;
        self.shared.is_replicated.store(is_replicated, Ordering::Release);
        let differences = settings::differences(&info.config, &self.config);
        if !differences.is_empty() {
            let differences = differences.join("; ");
            return Found::Unfit(say(
                format!("流 {name} 的设置不对：{differences}；请改正"),
                format!("stream {name} is not set as it must be: {differences}: correct it"),
            ));
        }
        let Some(Identity { id, .. }) = Identity::of(info) else {
            return Found::Unfit(say(
                format!("流 {name} 没有写明台账：它不是 keshi 建立的；请删除它，主节点会自行建立"),
                format!(
                    "stream {name} names no ledger: it was not made by keshi; remove it, the primary makes its own"
                ),
            ));
        };
        if let Err(reason) = self.admit(id) {
            return Found::Unfit(reason);
        }
        // After the numbers, of which the look may be older.
        if let Some(twice) = self.shared.acknowledged.lock().twice() {
            return Found::Unfit(say(
                format!(
                    "流 {name} 把第 {twice} 号给了两次提交：它由旧副本恢复过；请确认台账已跟随它，再重新启动本进程"
                ),
                format!(
                    "stream {name} gave sequence {twice} to two submissions: it was restored from an older copy; see that the \
                     ledger follows it, then start this process again"
                ),
            ));
        }
        let last_sequence = info.state.last_sequence;
        if last_sequence < acknowledged {
            let behind = format!(
                "stream {name} ends at sequence {last_sequence}, but had acknowledged {acknowledged}: it was recreated \
                 or restored from an older copy"
            );
            // A leader just elected may not have read all it has.
            return if is_replicated {
                Found::Unclear(behind)
            } else {
                let zh = format!(
                    "流 {name} 只到第 {last_sequence} 号，而它曾确认到第 {acknowledged} 号：它被重建或由旧副本恢复"
                );
                Found::Unfit(say(zh, behind))
            };
        }
        Found::Fit
    }

    /// Whether this process may post to stream `id`; if not, why, and what to do.
    fn admit(&mut self, id: StreamId) -> Result<(), Say> {
        let StreamId { stream, ledger_id, .. } = &id;
        match (&self.seen, &self.posts_to) {
            (Some(seen), _) if *seen == id => return Ok(()),
            (Some(seen), _) if seen.ledger_id == *ledger_id => {
                return Err(say(
                    format!("流 {stream} 已被另一条流取代：请确认台账已跟随它，再重新启动本进程"),
                    format!(
                        "stream {stream} was replaced by another one: see that the ledger follows it, then start this \
                         process again"
                    ),
                ));
            }
            (Some(StreamId { ledger_id: ours, .. }), _) | (None, PostsTo::LedgerOf(ours)) if ours != ledger_id => {
                return Err(say(
                    format!("流 {stream} 属于台账 {ledger_id}，而提交是给台账 {ours} 的：请核对服务器地址"),
                    format!(
                        "stream {stream} belongs to ledger {ledger_id}, posted is for ledger {ours}: check the server's address"
                    ),
                ));
            }
            (None, PostsTo::Remembered(follows)) => follows.admit_poster(&id).map_err(|error| error.say())?,
            (Some(_), _) | (None, PostsTo::First | PostsTo::LedgerOf(_)) => {}
        }
        self.seen = Some(id);
        Ok(())
    }

    fn tell(&self, before: &Found, now: &Found) {
        let office = &self.config.office;
        match now {
            _ if before == now => {}
            Found::Fit => info!(%office, "the stream is fit to post to"),
            Found::Unfit(reason) => warn!(%office, reason = %reason.en, "the stream is not fit to post to"),
            Found::Unclear(reason) => info!(%office, reason, "the stream was not seen"),
        }
    }
}
