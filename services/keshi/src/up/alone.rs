//! `keshi up --roles console`: the pages in a process of their own, over the services of another. It has no data directory.

use std::net::SocketAddr;
use std::time::Duration;

use keshi_console::{Console, Settings};
use keshi_core::ids::OfficeCode;
use keshi_door::{PEER_HEADER, Peer};
use tokio_util::sync::CancellationToken;
use tonic::body::Body;
use tonic::codegen::http;
use tonic::transport::Endpoint;
use tower::ServiceExt as _;

use super::config;
use super::connections::Doors;
use super::{server, tls, wait_for_signal};
use crate::Ctx;
use crate::cli::{ServerArg, UpArgs};
use crate::exit::{Exit, Failure, Outcome, say};
use crate::remote;
use crate::tls::Files;

/// How long to look for the services before it is said that they do not answer.
const LOOK: Duration = Duration::from_secs(3);

/// What it is to do.
struct Config {
    office: OfficeCode,
    server: ServerArg,
    endpoint: Endpoint,
    http: SocketAddr,
    tls: Option<Files>,
}

pub(super) async fn run(ctx: &mut Ctx<'_>, args: &UpArgs) -> Outcome {
    let config = read(ctx, args)?;
    let tcp = server::bind(config.http).await?;
    let tls = config
        .tls
        .as_ref()
        .map(|files| tls::acceptors(ctx, files))
        .transpose()?;
    let is_there = tokio::time::timeout(LOOK, config.endpoint.connect()).await;
    let settings = Settings {
        is_dev: args.dev,
        is_secure: tls.is_some() || args.proxy.is_some(),
        sites: args.cors.clone(),
        fonts: args.font.clone(),
    };
    // It connects anew whenever the services were away.
    let services = config.endpoint.connect_lazy().map_request(naming_the_visitor);
    let console = Console::new(keshi_client::over(services), config.office.to_string(), settings);
    let shutdown = CancellationToken::new();
    let doors = Doors {
        tcp,
        tls: tls.map(|tls| tls.http),
        socket: None,
    };
    let pages = super::http::serve(doors, console.router(), args.proxy, shutdown.clone())
        .map_err(|error| Failure::failed(say("无法提供网页", "the pages cannot be served").because(&error)))?;
    let scheme = if config.tls.is_some() { "https" } else { "http" };
    let (url, office, server) = (format!("{scheme}://{}", pages.address()), config.office, &config.server);
    ctx.note(&say(
        format!("课时网页 · 机构 {office} · 服务 {server} · 网页 {url}"),
        format!("keshi serves pages alone · office {office} · services {server} · pages {url}"),
    ));
    if !matches!(is_there, Ok(Ok(_))) {
        ctx.note(&say(
            format!("注意：{server} 现在没有应答；它启动之前网页会这样说明"),
            format!("warning: {server} does not answer now; until it does, the pages say so"),
        ));
    }
    wait_for_signal()?.await;
    ctx.note(&say("正在停止……", "stopping …"));
    shutdown.cancel();
    pages.ended().await;
    Ok(())
}

/// For whom a page asks, told to the services as the pages of their own process tell it.
fn naming_the_visitor(mut request: http::Request<Body>) -> http::Request<Body> {
    let visitor = request.extensions().get().copied();
    if let Some(value) = visitor.and_then(|Peer(address)| address.to_string().parse().ok()) {
        request.headers_mut().insert(PEER_HEADER, value);
    }
    request
}

fn read(ctx: &Ctx<'_>, args: &UpArgs) -> Outcome<Config> {
    let mut problems = Vec::new();
    let strange = not_for_pages(ctx, args);
    if !strange.is_empty() {
        problems.push(say(
            format!("只提供网页时没有这些选项：{}；请去掉", strange.join("、")),
            format!("pages alone have no {}: leave it out", strange.join(", ")),
        ));
    }
    let server = remote::given_server(ctx)?;
    match &server {
        None => problems.push(say(
            "网页须知道服务在哪里：请加 --server 主机:端口",
            "the pages need the services' address: add --server HOST:PORT",
        )),
        Some(server) if !server.is_tls && !server.is_loopback() && !args.insecure_plaintext => problems.push(say(
            format!("密码和姓名会以明文发往 {server}：请写 https://…；若确实在可信的网络中，请加 --insecure-plaintext"),
            format!(
                "passwords and names would go to {server} in the clear: write https://…, or, on a network that you trust, say \
                 --insecure-plaintext"
            ),
        )),
        Some(_) => {}
    }
    let office = ctx
        .globals
        .office
        .as_deref()
        .and_then(|code| config::office_code(code, &mut problems));
    if ctx.globals.office.is_none() {
        problems.push(say(
            "请用 --office 写明机构编号（六位行政区划代码），如 --office 610729",
            "name the office by its division code: --office 610729",
        ));
    }
    let http = config::console_address(args, &mut problems);
    let tls = args.tls.files(&mut problems);
    let endpoint = server
        .as_ref()
        .map(|server| remote::endpoint(ctx, server))
        .transpose()?;
    match (office, server, endpoint, http) {
        (Some(office), Some(server), Some(endpoint), Some(http)) if problems.is_empty() => Ok(Config {
            office,
            server,
            endpoint,
            http,
            tls,
        }),
        _ => Err(Failure {
            exit: Exit::Usage,
            lines: problems,
        }),
    }
}

/// The options given that are about a ledger, a bus or gRPC.
fn not_for_pages(ctx: &Ctx<'_>, args: &UpArgs) -> Vec<&'static str> {
    let given = [
        ("--data", ctx.globals.data.is_some()),
        ("--bus", args.bus.is_some()),
        ("--sample", args.sample.is_some()),
        ("--grpc", args.grpc.is_some()),
        ("--metrics", args.metrics.is_some()),
        ("--backups", args.backups.is_some()),
        ("--scrub", args.scrub.is_some()),
        ("--witness", !args.witness.is_empty()),
        ("--access", args.access.is_some()),
        ("--primary", args.primary),
        ("--standby", args.standby),
        ("--nats-creds", args.nats.nats_creds.is_some()),
        ("--nats-ca", args.nats.nats_ca.is_some()),
        ("--nats-replicas", args.nats.nats_replicas.is_some()),
    ];
    given
        .into_iter()
        .filter_map(|(name, is_given)| is_given.then_some(name))
        .collect()
}
