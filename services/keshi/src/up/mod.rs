//! `keshi up`: puts the services of one process together, runs them, and ends them in order.
//!
//! ```text
//! embedded             clients ─▶ intake ─▶ Bus::Embedded ─▶ engine ◀─ query ◀─ clients
//! NATS, one process    clients ─▶ intake ─▶ Bus::Nats ─▶ stream ─▶ feed ─▶ engine ◀─ query ◀─ clients
//! NATS, two processes  --roles intake: the left half;  --roles ledger: the right half
//! pages alone          --roles console --server: one more client of any of these (`alone`)
//! ```
//!
//! Ending goes in the direction of a submission: first no more calls, then no more deliveries, then the writer records
//! and answers what it took, then the log closes. What was accepted is recorded.

mod access;
mod alone;
mod announce;
mod bus;
mod config;
mod connections;
mod failures;
mod http;
mod identity;
mod ledger;
mod local;
mod metrics;
mod operations;
mod sample;
mod scrub;
mod server;
mod socket;
mod tending;
mod tls;
mod witnesses;

use std::net::SocketAddr;
use std::sync::Arc;

use indicatif::{ProgressBar, ProgressStyle};
use keshi_bus::Bus;
use keshi_console::{Console, Settings};
use keshi_core::lang::Lang;
use keshi_door::account::Counter;
use keshi_door::{Guard, system_clock};
use keshi_engine::Engine;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tonic::service::RoutesBuilder;
use tower_layer::Layer as _;
use tracing::{error, info};

use self::access::open_access;
pub(crate) use self::access::refuse_old_access;
use self::announce::next_steps;
use self::bus::{Ended, Feed, News};
use self::config::Config;
pub(crate) use self::config::nats_config;
use self::connections::Doors;
pub(crate) use self::failures::{
    contents_failure, engine_failure, follows_failure, people_failure, short_failure, signing_failure, store_failure,
};
use self::http::Pages;
pub(crate) use self::identity::config_failure;
pub(crate) use self::ledger::LedgerError;
use self::ledger::OpenLedger;
pub(crate) use self::ledger::rotate_signing_key;
pub(crate) use self::local::Local;
use self::metrics::{Calls, Metrics, Watch};
use self::operations::Operations;
pub(crate) use self::scrub::Found;
use self::scrub::Scrubbing;
use self::server::{OWN_SERVICES, READ_SERVICES, Running};
use self::tending::Tending;
use self::tls::Acceptors;
use self::witnesses::Witnessing;
pub(crate) use self::witnesses::{Answer, PORT as WITNESS_PORT, Refused, Witnessed, Witnesses};
use crate::Ctx;
use crate::cli::UpArgs;
use crate::exit::{Failure, Outcome, Say, say};
use crate::remote::{layout_failure, office_keys};
use crate::texts::names::count;

/// Everything that runs in this process.
struct Process {
    /// Where figures are served, if they are.
    watched: Option<SocketAddr>,
    /// The pages, if they are served.
    pages: Option<Pages>,
    running: Running,
    tending: Tending,
    ledger: Option<OpenLedger>,
    scrubbing: Option<Scrubbing>,
    witnessing: Option<Witnessing>,
    feed: Option<Feed>,
    poster: Option<Bus>,
}

pub(crate) async fn run(ctx: &mut Ctx<'_>, args: UpArgs) -> Outcome {
    if args.roles.is_some_and(|roles| roles.console) {
        return alone::run(ctx, &args).await;
    }
    let config = Config::read(ctx, &args)?;
    info!(version = env!("CARGO_PKG_VERSION"), office = %config.office, data = %config.data.root.display(), "keshi starts");
    if config.is_fresh {
        let dir = config.data.root.display();
        ctx.note(&say(
            format!("样例数据放在 {dir}，试完可整个删除"),
            format!("the sample's data is in {dir}; delete it when you are done"),
        ));
    }
    refuse_old_access(&config.data)?;
    config.data.create().map_err(|error| layout_failure(&error))?;
    // The port first: one that is taken should not cost a replay.
    let listener = server::bind(config.grpc).await?;
    let watchers = match config.metrics {
        Some(address) => Some(server::bind(address).await?),
        None => None,
    };
    let pages = match config.http {
        Some(address) => Some(server::bind(address).await?),
        None => None,
    };
    let tls = match &config.tls {
        Some(files) => Some(tls::acceptors(ctx, files)?),
        None => None,
    };
    let mut process = Process::start(
        ctx,
        &config,
        Ports {
            tcp: listener,
            pages,
            tls,
            watchers,
        },
    )
    .await?;
    let result = process.serve(ctx, &config).await;
    let closed = process.end().await;
    result.and(closed)
}

/// The ports that were bound first.
struct Ports {
    tcp: TcpListener,
    pages: Option<TcpListener>,
    tls: Option<Acceptors>,
    watchers: Option<TcpListener>,
}

impl Process {
    async fn start(ctx: &mut Ctx<'_>, config: &Config, ports: Ports) -> Outcome<Self> {
        let Ports {
            tcp,
            pages,
            tls,
            watchers,
        } = ports;
        let (tls, tls_of_pages) = tls.map_or((None, None), |tls| (Some(tls.grpc), Some(tls.http)));
        // The ledger's lock first: a second keshi must not make tokens on its way to being refused.
        let ledger = if config.roles.ledger {
            Some(open_ledger(ctx, config).await?)
        } else {
            None
        };
        let access = open_access(ctx, config)?;
        let mut guard = Guard::new(Arc::clone(&access), config.office, system_clock());
        if config.dev {
            guard = guard.with_dev();
        }
        let shutdown = CancellationToken::new();
        let name = tcp
            .local_addr()
            .map_or_else(|_| config.grpc.to_string(), |address| address.to_string());
        let calls = Calls::new();
        let mut routes = RoutesBuilder::default();
        let door = guard.clone();
        let tending = Tending::begin(&Counter::new(guard.clone(), access), &mut routes);
        let over_engine = ledger.as_ref().map(|ledger| {
            let (query, end) = ledger.services(guard.clone(), shutdown.clone());
            keshi_query::add_services(&query, &mut routes);
            end
        });
        let bus::Joined { poster, feed } = bus::join(config, &name, over_engine).await?;
        if let Some(poster) = &poster {
            let intake = keshi_intake::Context::until(shutdown.clone(), poster.clone(), guard);
            keshi_intake::add_services(&intake, &mut routes);
        }
        let office = config.data.office(config.office.as_str());
        let office = office.map_err(|error| layout_failure(&error))?;
        let socket = socket::bind(&office);
        let engine = ledger.as_ref().map(|ledger| &ledger.engine);
        let scrubbing = engine
            .zip(config.scrub)
            .map(|(engine, pace)| Scrubbing::begin(engine, pace, office.scrubbed()));
        let found = scrubbing.as_ref().map(Scrubbing::found);
        let witnessing = ledger
            .as_ref()
            .filter(|_| !config.witnesses.is_empty())
            .map(|ledger| Witnessing::begin(&ledger.engine, &ledger.signing, config.witnesses.clone()));
        let witnesses = witnessing.as_ref().map(Witnessing::witnesses);
        let metrics = Metrics::new(
            Watch {
                engine: ledger.as_ref().map(|ledger| ledger.engine.clone()),
                poster: poster.clone(),
                stream: config.bus.nats().cloned(),
                scrub: found.clone(),
                shutdown: shutdown.clone(),
            },
            &calls,
        );
        Operations::new(door, config, (office, found, witnesses), Arc::clone(&metrics)).add_service(&mut routes);
        let doors = Doors { tcp, tls, socket };
        let settings = Settings {
            is_dev: config.dev,
            // A proxy before the pages serves TLS, as its option says.
            is_secure: tls_of_pages.is_some() || config.proxy.is_some(),
            sites: config.cors.clone(),
            fonts: config.fonts.clone(),
        };
        let pages = pages.map(|tcp| {
            let console = Console::new(
                keshi_client::over(calls.layer(routes.clone().routes())),
                config.office.to_string(),
                settings,
            );
            let doors = Doors {
                tcp,
                tls: tls_of_pages,
                socket: None,
            };
            http::serve(doors, console.router(), config.proxy, shutdown.clone())
        });
        let pages = pages
            .transpose()
            .map_err(|error| Failure::failed(say("无法提供网页", "the pages cannot be served").because(&error)))?;
        let running = server::serve(doors, routes, shutdown.clone(), calls.clone()).await?;
        running.set_serving(&OWN_SERVICES, true).await;
        if config.roles.ledger {
            running.set_serving(&READ_SERVICES, true).await;
        }
        if let Some(poster) = &poster {
            bus::report_health(poster, &running).await;
        }
        let watched = watchers.map(|listener| metrics::serve(listener, metrics));
        let watched = watched
            .transpose()
            .map_err(|error| Failure::failed(say("无法提供指标", "the figures cannot be served").because(&error)))?;
        Ok(Self {
            watched,
            pages,
            running,
            tending,
            ledger,
            scrubbing,
            witnessing,
            feed,
            poster,
        })
    }

    /// Serves until a signal, or until something breaks.
    async fn serve(&mut self, ctx: &mut Ctx<'_>, config: &Config) -> Outcome {
        let signals = wait_for_signal()?;
        tokio::pin!(signals);
        let address = self.running.address().to_string();
        let engine = self.ledger.as_ref().map(|ledger| ledger.engine.clone());
        self.announce(ctx, config);
        if let (Some(name), Some(engine)) = (config.sample, &engine) {
            tokio::select! {
                loaded = sample::load(ctx, config, name, &address, engine) => loaded?,
                () = &mut signals => return Ok(()),
            }
        }
        let next = next_steps(ctx, config, &address);
        ctx.note(&next);
        let failed = engine_failed(engine);
        tokio::pin!(failed);
        let mut lost = None;
        loop {
            tokio::select! {
                () = &mut signals => {
                    ctx.note(&say("正在停止：处理完已接收的提交……", "stopping: recording what was accepted …"));
                    return lost.map_or(Ok(()), Err);
                }
                failure = &mut failed => return Err(failure),
                broken = self.running.broken() => return Err(Failure::failed(broken)),
                news = feed_news(self.feed.as_mut()), if lost.is_none() => match news {
                    News::Deposed { by } => ctx.note(&deposed_text(&by)),
                    News::Ended(ended) => lost = Some(self.without_stream(ctx, ended)?),
                },
            }
        }
    }

    /// The stream is lost: that takes writes away, not reads, if there is anything to read. What to end with.
    fn without_stream(&self, ctx: &mut Ctx<'_>, ended: Ended) -> Outcome<Failure> {
        let Ended {
            failure,
            goes_on_reading,
        } = ended;
        let size = self.ledger.as_ref().map_or(0, |ledger| ledger.engine.head().size);
        if !goes_on_reading || size == 0 {
            return Err(failure);
        }
        if let Some(poster) = &self.poster {
            poster.withhold(failure.say());
        }
        error!(reason = failure.text(Lang::En), "nothing more is recorded");
        for line in &failure.lines {
            ctx.note(line);
        }
        ctx.note(&say(
            format!("仍可查询已有的 {} 条；不再接收提交", count(size)),
            format!(
                "its {} entries can still be asked for; nothing more is recorded",
                count(size)
            ),
        ));
        Ok(failure)
    }

    fn announce(&self, ctx: &mut Ctx<'_>, config: &Config) {
        let (office, address) = (config.office, self.running.address());
        let size = self.ledger.as_ref().map(|ledger| count(ledger.engine.head().size));
        let (zh, en) = size.map_or_else(Default::default, |size| {
            (format!(" · 台账 {size} 条"), format!(" · ledger of {size} entries"))
        });
        let (watched_zh, watched_en) = self.watched.map_or_else(Default::default, |address| {
            let url = format!("http://{address}/metrics");
            (format!(" · 指标 {url}"), format!(" · metrics {url}"))
        });
        let tls = if config.tls.is_some() { " TLS" } else { "" };
        let scheme = if config.tls.is_some() { "https" } else { "http" };
        let (pages_zh, pages_en) = self.pages.as_ref().map_or_else(Default::default, |pages| {
            let url = format!("{scheme}://{}", pages.address());
            (format!(" · 网页 {url}"), format!(" · pages {url}"))
        });
        let dev = if config.dev {
            ("（试用，不验令牌）", " (for trying out, no tokens)")
        } else {
            ("", "")
        };
        ctx.note(&say(
            format!(
                "课时服务 · 机构 {office}{zh} · gRPC {address}{tls}{pages_zh}{watched_zh}{}",
                dev.0
            ),
            format!(
                "keshi serves · office {office}{en} · gRPC {address}{tls}{pages_en}{watched_en}{}",
                dev.1
            ),
        ));
    }

    /// Ends everything in the direction of a submission.
    async fn end(self) -> Outcome {
        let Self {
            pages,
            running,
            tending,
            ledger,
            scrubbing,
            witnessing,
            feed,
            ..
        } = self;
        running.drain().await;
        if let Some(pages) = pages {
            pages.ended().await;
        }
        tending.ended().await;
        if let Some(feed) = feed {
            feed.stop().await;
        }
        if let Some(scrubbing) = scrubbing {
            scrubbing.ended().await;
        }
        if let Some(witnessing) = witnessing {
            witnessing.ended().await;
        }
        match ledger {
            Some(ledger) => ledger.close().await,
            None => Ok(()),
        }
    }
}

/// Opens the ledger, showing the replay to whoever looks.
async fn open_ledger(ctx: &mut Ctx<'_>, config: &Config) -> Outcome<OpenLedger> {
    let dir = config
        .data
        .office(config.office.as_str())
        .map_err(|error| layout_failure(&error))?;
    let new_ledger_id = identity::new_ledger_id(ctx, config, &dir).await?;
    let bar = if ctx.io.stderr_is_terminal {
        let style = ProgressStyle::with_template("{spinner} {msg} {human_pos}");
        let bar = ProgressBar::new_spinner();
        if let Ok(style) = style {
            bar.set_style(style);
        }
        bar
    } else {
        ProgressBar::hidden()
    };
    bar.set_message(ctx.lang.pick("重放台账", "replaying the ledger"));
    let mut keys = office_keys(ctx);
    if config.sample.is_some() {
        // Nobody real is in it, and it is deleted as a whole.
        for (places, name) in [(&mut keys.people, "people-key"), (&mut keys.signing, "signing-key")] {
            if places.given.is_none() && places.file.is_none() {
                places.file = Some(config.data.root.join(name));
            }
        }
    }
    let opened = OpenLedger::open(&dir, config.office, new_ledger_id, (&keys, &bar)).await;
    bar.finish_and_clear();
    let ledger = opened.map_err(LedgerError::into_failure)?;
    if let Some(file) = ledger.people.made_key().filter(|_| config.sample.is_none()) {
        let file = file.display();
        ctx.note(&say(
            format!("首次启动：人员档案的密钥在 {file}（仅您可读），不随备份；请另存一份，没有它谁也读不出姓名"),
            format!(
                "first start: the key of the people register is in {file} (readable by you only) and in no backup; keep a copy \
                 elsewhere, since without it nobody can read the names"
            ),
        ));
    }
    say_signing(ctx, config, &ledger);
    let (evidence, today) = (Arc::clone(&ledger.evidence), keshi_words::time::today());
    // What is beyond its last day goes, as those were promised whose it is.
    match tokio::task::spawn_blocking(move || evidence.purge(today)).await {
        Ok(Ok(0)) => {}
        Ok(Ok(count)) => info!(count, "evidence beyond its last day is deleted"),
        Ok(Err(cause)) => error!(%cause, "evidence beyond its last day could not be deleted"),
        Err(cause) => error!(%cause, "the look at evidence beyond its last day broke off"),
    }
    let head = ledger.engine.head();
    info!(size = head.size, ledger_id = %ledger.engine.ledger_id(), "ledger open");
    Ok(ledger)
}

/// Where the key of the checkpoints is, when it was made now; and that the ledger lacks for now what was given out.
fn say_signing(ctx: &mut Ctx<'_>, config: &Config, ledger: &OpenLedger) {
    let public = ledger.signing.keys().last().map(|key| key.key.to_string());
    if let Some(file) = ledger.signing.made_key().filter(|_| config.sample.is_none()) {
        let (file, public) = (file.display(), public.clone().unwrap_or_default());
        ctx.note(&say(
            format!(
                "首次启动：检查点的签名密钥在 {file}（仅您可读），不随备份；请另存一份，没有它就签不了检查点。公钥请交给审计：{public}"
            ),
            format!(
                "first start: the key that signs checkpoints is in {file} (readable by you only) and in no backup; keep a copy \
                 elsewhere, since without it no checkpoint can be signed. The public key is for the auditors: {public}"
            ),
        ));
    }
    if let Some(short) = &ledger.short {
        for line in &short_failure(short).lines {
            ctx.note(line);
        }
    }
    info!(key = public, "checkpoints are signed");
}

pub(crate) fn wait_for_signal() -> Outcome<impl Future<Output = ()>> {
    let listen = |kind| {
        signal(kind).map_err(|error| Failure::failed(say("无法接收信号", "signals cannot be received").because(&error)))
    };
    let (mut terminate, mut interrupt) = (listen(SignalKind::terminate())?, listen(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Resolves when a commit has failed; never without an engine.
async fn engine_failed(engine: Option<Engine>) -> Failure {
    let Some(engine) = engine else {
        return std::future::pending().await;
    };
    let mut failures = engine.failures();
    let cause = match failures.wait_for(Option::is_some).await {
        Ok(cause) => cause.clone().unwrap_or_default(),
        Err(_) => "the writer ended".to_owned(),
    };
    Failure::failed(say(
        format!("台账写入失败（{cause}）：没有答复过的提交均未入账"),
        format!("the ledger could not be written ({cause}): nothing is recorded that was not answered"),
    ))
    .and(say(
        "请检查磁盘后重新启动；未得到答复的提交重新发送即可",
        "check the disk and start again; what was not answered can be sent again",
    ))
}

fn deposed_text(by: &str) -> Say {
    say(
        format!("另一个主节点（{by}）已接管这条流：本进程改为备节点，不再答复提交；要由本进程接管，请重新启动它"),
        format!(
            "another primary ({by}) has claimed the stream: this process follows as a standby and answers no submissions; \
             to let it take over, start it again"
        ),
    )
}

/// What becomes of following the stream; never anything without one.
async fn feed_news(feed: Option<&mut Feed>) -> News {
    match feed {
        Some(feed) => feed.news().await,
        None => std::future::pending().await,
    }
}
