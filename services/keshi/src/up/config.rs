//! What `keshi up` is to do, with everything checked before a port is bound or a file is opened.

use std::net::{SocketAddr, ToSocketAddrs as _};
use std::path::PathBuf;

use jiff::Timestamp;
use keshi_bus::nats::{Credentials, NatsConfig, Role};
use keshi_console::Site;
use keshi_core::ids::OfficeCode;
use keshi_office::layout::{DataDir, is_office_code};
use keshi_verify::witness::WitnessKey;

use super::scrub::DEFAULT_KIB_PER_SECOND;
use super::witnesses::Asked;
use crate::cli::{BusArg, NatsArgs, RolesArg, TlsArgs, UpArgs};
use crate::exit::{Exit, Failure, Outcome, Say, say};
use crate::remote::{DEFAULT_ADDRESS, Place};
use crate::tls::Files;
use crate::{Ctx, Env};

/// The office of the made-up county.
const SAMPLE_OFFICE: &str = "610729";

/// Where the pages are served unless told otherwise.
const DEFAULT_PAGES: &str = "127.0.0.1:7611";

/// What `keshi up` is to do.
#[derive(Debug)]
pub(super) struct Config {
    pub(super) data: DataDir,
    pub(super) office: OfficeCode,
    /// Where the tokens are, if not in the office's directory.
    pub(super) access: Option<PathBuf>,
    pub(super) grpc: SocketAddr,
    /// Where pages are served, if they are.
    pub(super) http: Option<SocketAddr>,
    /// The proxy before the pages, which says for whom it asks.
    pub(super) proxy: Option<std::net::IpAddr>,
    /// Other sites whose pages may ask over HTTP.
    pub(super) cors: Vec<Site>,
    /// Fonts of papers.
    pub(super) fonts: Vec<PathBuf>,
    /// Where figures are served, if they are.
    pub(super) metrics: Option<SocketAddr>,
    /// Where backups are made when one is asked for, if they may be.
    pub(super) backups: Option<PathBuf>,
    /// How many bytes of the ledger are read over again in a second, if it is.
    pub(super) scrub: Option<u64>,
    /// Who is asked to cosign checkpoints.
    pub(super) witnesses: Vec<Asked>,
    /// The certificate to serve with, if TLS is served.
    pub(super) tls: Option<Files>,
    pub(super) roles: RolesArg,
    pub(super) bus: BusConfig,
    pub(super) dev: bool,
    pub(super) sample: Option<&'static str>,
    /// Whether the data directory was made up for the sample.
    pub(super) is_fresh: bool,
}

/// Which bus, with all that it needs.
#[derive(Debug)]
pub(super) enum BusConfig {
    Embedded,
    Nats { config: NatsConfig, role: Role },
}

impl BusConfig {
    /// The stream, if the bus is NATS.
    pub(super) fn nats(&self) -> Option<&NatsConfig> {
        match self {
            Self::Nats { config, .. } => Some(config),
            Self::Embedded => None,
        }
    }
}

impl Config {
    /// Reads the command line; all that is wrong with it is said at once.
    pub(super) fn read(ctx: &Ctx<'_>, args: &UpArgs) -> Outcome<Self> {
        let mut problems = Vec::new();
        let sample = args.sample.map(|name| name.0);
        let dev = args.dev || sample.is_some();
        let roles = args.roles.unwrap_or_default();
        let bus = args.bus.clone().unwrap_or_default();
        let place = match (sample, &ctx.globals.data) {
            (Some(name), None) => Ok(fresh_place(ctx, name)),
            _ => Place::of(ctx),
        };
        let place = place.map_err(|failure| problems.extend(failure.lines)).ok();
        let office = office(ctx, place.as_ref(), sample, &mut problems);
        let grpc = listen_address(
            "--grpc",
            args.grpc.as_deref().unwrap_or(DEFAULT_ADDRESS),
            dev,
            &mut problems,
        );
        let http = pages_address(args, dev, roles, &mut problems);
        let metrics = args
            .metrics
            .as_deref()
            .and_then(|text| address("--metrics", text, &mut problems));
        let tls = args.tls.files(&mut problems);
        for (option, address) in [("--grpc", grpc), ("--http", http)] {
            if let Some(address) = address.filter(|address| !address.ip().is_loopback()) {
                check_plaintext(args, option, address, &mut problems);
            }
        }
        check_roles(args, roles, &bus, sample, &mut problems);
        let witnesses = witnesses(&args.witness, &mut problems);
        let (Some(place), Some(office), Some(grpc), true) = (place, office, grpc, problems.is_empty()) else {
            return Err(Failure {
                exit: Exit::Usage,
                lines: problems,
            });
        };
        let bus = match bus {
            BusArg::Embedded => BusConfig::Embedded,
            BusArg::Nats(url) => BusConfig::Nats {
                config: nats_config(ctx.env, &url, office.as_str(), &args.nats),
                role: if args.standby { Role::Standby } else { Role::Primary },
            },
        };
        Ok(Self {
            access: args.access.clone(),
            data: place.data,
            office,
            grpc,
            http,
            proxy: args.proxy,
            cors: args.cors.clone(),
            fonts: args.font.clone(),
            metrics,
            backups: args.backups.clone(),
            witnesses,
            scrub: Some(u64::from(args.scrub.unwrap_or(DEFAULT_KIB_PER_SECOND)) * 1024).filter(|pace| *pace > 0),
            tls,
            roles,
            bus,
            dev,
            sample,
            is_fresh: sample.is_some() && ctx.globals.data.is_none(),
        })
    }
}

/// Who is asked to cosign: an address and a key each.
fn witnesses(given: &[String], problems: &mut Vec<Say>) -> Vec<Asked> {
    let mut asked = Vec::new();
    for pair in given.chunks(2) {
        let [url, key] = pair else { continue };
        match WitnessKey::parse(key) {
            Ok(key) if url.starts_with("http://") => asked.push(Asked { url: url.clone(), key }),
            Ok(_) => problems.push(say(
                format!("见证的地址 {url} 应写作 http://主机:端口"),
                format!("a witness's address is http://HOST:PORT, not {url}"),
            )),
            Err(error) => problems.push(say(
                format!("“{key}”不是见证的公钥：请照抄对方 keshi audit witness 所显示的一行"),
                format!("{key} is no witness's key ({error}): copy the line that her keshi audit witness prints"),
            )),
        }
    }
    asked
}

/// The settings of NATS from the command line; name and password from `KESHI_NATS_USER` and `KESHI_NATS_PASSWORD`,
/// because other users of the machine can read a command line.
pub(crate) fn nats_config(env: &Env<'_>, url: &str, office: &str, args: &NatsArgs) -> NatsConfig {
    let mut config = NatsConfig::new(url, office);
    let variable = |name| {
        env(name)
            .and_then(|value| value.into_string().ok())
            .filter(|value| !value.is_empty())
    };
    if let Some(file) = &args.nats_creds {
        config.credentials = Credentials::File(file.clone());
    } else if let (Some(user), Some(password)) = (variable("KESHI_NATS_USER"), variable("KESHI_NATS_PASSWORD")) {
        config.credentials = Credentials::UserPassword { user, password };
    }
    config.ca_file.clone_from(&args.nats_ca);
    config.replicas = args.nats_replicas.unwrap_or(1);
    config
}

/// A directory of its own for each run of the sample, so that trying out never touches real data.
fn fresh_place(ctx: &Ctx<'_>, name: &str) -> Place {
    let tmp = (ctx.env)("TMPDIR").map(PathBuf::from).filter(|dir| dir.is_absolute());
    let tmp = tmp.unwrap_or_else(|| PathBuf::from("/tmp"));
    let unique = uuid::Uuid::new_v4().simple().to_string();
    let (day, unique) = (Timestamp::now().strftime("%Y%m%d"), &unique[..8]);
    Place {
        data: DataDir::new(tmp.join(format!("keshi-{name}-{day}-{unique}"))),
        is_named: true,
    }
}

fn office(
    ctx: &Ctx<'_>,
    place: Option<&Place>,
    sample: Option<&'static str>,
    problems: &mut Vec<Say>,
) -> Option<OfficeCode> {
    let code = match (&ctx.globals.office, sample) {
        (Some(code), Some(_)) if code != SAMPLE_OFFICE => {
            problems.push(say(
                format!("样例的机构编号是 {SAMPLE_OFFICE}，请去掉 --office {code}"),
                format!("the sample's office is {SAMPLE_OFFICE}: leave out --office {code}"),
            ));
            return None;
        }
        (Some(code), _) => code.clone(),
        (None, Some(_)) => SAMPLE_OFFICE.to_owned(),
        (None, None) => match place?.data.offices().as_deref() {
            Ok([one]) => one.clone(),
            Ok([]) => {
                problems.push(say(
                    "首次启动请用 --office 写明机构编号（六位行政区划代码），如 --office 610729",
                    "name the office at the first start, by its division code: --office 610729",
                ));
                return None;
            }
            Ok(several) => {
                problems.push(say(
                    format!("数据目录中有几个机构：{}；请用 --office 选一个", several.join("、")),
                    format!(
                        "the data directory has several offices: {}; choose one with --office",
                        several.join(", ")
                    ),
                ));
                return None;
            }
            Err(error) => {
                problems.push(say(
                    format!("数据目录无法读取：{}", crate::exit::causes(error)),
                    crate::exit::causes(error),
                ));
                return None;
            }
        },
    };
    office_code(&code, problems)
}

/// The office that `code` names.
pub(super) fn office_code(code: &str, problems: &mut Vec<Say>) -> Option<OfficeCode> {
    let office = is_office_code(code).then(|| OfficeCode::new(code).ok()).flatten();
    if office.is_none() {
        problems.push(say(
            format!("“{code}”不是机构编号：应为六位行政区划代码，如 610729"),
            format!("{code:?} is no office code: give the six digits of the division code, such as 610729"),
        ));
    }
    office
}

fn address(option: &str, text: &str, problems: &mut Vec<Say>) -> Option<SocketAddr> {
    let address = text.to_socket_addrs().ok().and_then(|mut all| all.next());
    if address.is_none() {
        problems.push(say(
            format!("{option} {text} 不是监听地址：应为 主机:端口，如 {DEFAULT_ADDRESS}"),
            format!("{option} {text} is no address to listen on: write host:port, such as {DEFAULT_ADDRESS}"),
        ));
    }
    address
}

/// Where the pages are served: by one process that has all parts, unless it is told not to.
fn pages_address(args: &UpArgs, dev: bool, roles: RolesArg, problems: &mut Vec<Say>) -> Option<SocketAddr> {
    match args.http.as_deref() {
        Some("none") => None,
        None if roles != RolesArg::default() => None,
        text => listen_address("--http", text.unwrap_or(DEFAULT_PAGES), dev, problems),
    }
}

/// Where pages alone are served.
pub(super) fn console_address(args: &UpArgs, problems: &mut Vec<Say>) -> Option<SocketAddr> {
    let text = args.http.as_deref().unwrap_or(DEFAULT_PAGES);
    let address = listen_address("--http", text, args.dev, problems)?;
    if !address.ip().is_loopback() {
        check_plaintext(args, "--http", address, problems);
    }
    Some(address)
}

fn listen_address(option: &str, text: &str, dev: bool, problems: &mut Vec<Say>) -> Option<SocketAddr> {
    let address = address(option, text, problems)?;
    if dev && !address.ip().is_loopback() {
        problems.push(say(
            format!(
                "--dev（样例亦然）不验令牌，只能监听本机：请用 {option} 127.0.0.1:{}",
                address.port()
            ),
            format!(
                "--dev (and the sample) asks for no token, so it listens on loopback only: use {option} 127.0.0.1:{}",
                address.port()
            ),
        ));
        return None;
    }
    Some(address)
}

/// Tokens, names and hours are not to be read by whoever is on the way, unless the user insists.
fn check_plaintext(args: &UpArgs, option: &str, address: SocketAddr, problems: &mut Vec<Say>) {
    if args.insecure_plaintext || args.tls.is_given() {
        return;
    }
    problems.push(say(
        format!(
            "{option} {address} 从其他机器可达，须用 TLS：请加 --tls-cert 和 --tls-key；若前面另有代理加密，请加 --insecure-plaintext"
        ),
        format!(
            "{option} {address} can be reached from other machines, which needs TLS: add --tls-cert and --tls-key; if a proxy \
             before it does that, say --insecure-plaintext"
        ),
    ));
}

impl TlsArgs {
    fn is_given(&self) -> bool {
        self.tls_cert.is_some() || self.tls_key.is_some()
    }

    /// The two files, which go together.
    pub(crate) fn files(&self, problems: &mut Vec<Say>) -> Option<Files> {
        match (&self.tls_cert, &self.tls_key) {
            (Some(cert), Some(key)) => Some(Files {
                cert: cert.clone(),
                key: key.clone(),
            }),
            (None, None) => None,
            _ => {
                problems.push(say(
                    "--tls-cert 和 --tls-key 须一同给出",
                    "--tls-cert and --tls-key go together",
                ));
                None
            }
        }
    }
}

fn check_roles(args: &UpArgs, roles: RolesArg, bus: &BusArg, sample: Option<&'static str>, problems: &mut Vec<Say>) {
    let is_whole = roles == RolesArg::default();
    let is_embedded = *bus == BusArg::Embedded;
    if is_embedded && !is_whole {
        problems.push(say(
            "角色分开运行须经 NATS：请加 --bus nats://主机:端口",
            "roles apart need NATS between them: add --bus nats://host:port",
        ));
    }
    if is_embedded && args.standby {
        problems.push(say(
            "备节点须跟随 NATS 上的流：请加 --bus nats://主机:端口",
            "a standby follows a stream on NATS: add --bus nats://host:port",
        ));
    }
    let nats = &args.nats;
    if is_embedded && (nats.nats_creds.is_some() || nats.nats_ca.is_some() || nats.nats_replicas.is_some()) {
        problems.push(say(
            "--nats-… 选项须与 --bus nats://… 同用",
            "the --nats-… options belong to --bus nats://…",
        ));
    }
    if let Some(replicas) = nats.nats_replicas.filter(|replicas| !matches!(replicas, 1 | 3 | 5)) {
        problems.push(say(
            format!("--nats-replicas {replicas} 不行：只能是 1、3 或 5"),
            format!("--nats-replicas cannot be {replicas}: choose 1, 3 or 5"),
        ));
    }
    if (args.primary || args.standby) && !roles.ledger {
        problems.push(say(
            "--primary 和 --standby 只对 ledger 角色有意义",
            "--primary and --standby are about the role ledger",
        ));
    }
    if args.backups.is_some() && !roles.ledger {
        problems.push(say(
            "--backups 只对有台账的进程有意义：请去掉，或加上 ledger 角色",
            "--backups is about a ledger: leave it out, or add the role ledger",
        ));
    }
    if sample.is_some() && (!is_whole || args.standby) {
        problems.push(say(
            "--sample 须由一个完整的主节点装入：请去掉 --roles 和 --standby",
            "--sample is loaded by one whole primary: leave out --roles and --standby",
        ));
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use keshi_core::lang::Lang;

    use super::*;
    use crate::cli::{self, Asked, Command};
    use crate::{Io, LogLevel};

    fn read(line: &str) -> Outcome<Config> {
        let args: Vec<OsString> = line.split(' ').map(Into::into).collect();
        let Ok(Asked::Run(asked)) = cli::parse(&args, Lang::En) else {
            panic!("{line}");
        };
        let (globals, Command::Up(up)) = *asked else {
            panic!("{line}");
        };
        let mut io = Io {
            stdin: Box::new(std::io::empty()),
            stdout: Box::new(std::io::sink()),
            stderr: Box::new(std::io::sink()),
            stdout_is_terminal: false,
            columns: None,
            stderr_is_terminal: false,
            start_log: |_: LogLevel| {},
        };
        let ctx = Ctx {
            lang: Lang::En,
            globals,
            env: &|_| None,
            io: &mut io,
        };
        Config::read(&ctx, &up)
    }

    #[test]
    fn everything_wrong_with_a_command_line_is_said_at_once() {
        let failure =
            read("keshi up --data /nowhere --office 61 --dev --grpc 0.0.0.0:7610 --standby --nats-replicas 2")
                .unwrap_err();
        assert_eq!(failure.exit, Exit::Usage);
        let text = failure.text(Lang::En);
        for part in ["\"61\"", "loopback", "standby follows", "--nats-…", "cannot be 2"] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }

    #[test]
    fn the_sample_runs_without_tokens_in_a_directory_of_its_own() {
        let config = read("keshi up --sample liuba-2022").unwrap();
        assert!(config.dev && config.is_fresh);
        assert_eq!(config.office.as_str(), "610729");
        assert!(config.data.root.starts_with("/tmp"), "{config:?}");
        assert!(config.grpc.ip().is_loopback());
        let named = read("keshi up --sample liuba-2022 --data /nowhere").unwrap();
        assert!(!named.is_fresh && named.data.root == std::path::Path::new("/nowhere"));
        assert!(read("keshi up --sample liuba-2022 --grpc 0.0.0.0:1").is_err());
        assert!(read("keshi up --sample liuba-2022 --roles intake --bus nats://h:1").is_err());
    }

    #[test]
    fn a_port_beyond_this_machine_needs_tls_or_is_insisted_on() {
        let up = |more: &str| {
            read(&format!(
                "keshi up --data /nowhere --office 610729 --grpc 0.0.0.0:7610{more}"
            ))
        };
        let failure = up("").unwrap_err();
        assert!(failure.text(Lang::En).contains("--tls-cert"), "{failure:?}");
        let failure = up(" --tls-cert c.pem").unwrap_err();
        assert!(failure.text(Lang::En).contains("go together"), "{failure:?}");
        assert!(up(" --tls-cert c.pem --tls-key k.pem").unwrap().tls.is_some());
        assert!(up(" --insecure-plaintext").unwrap().tls.is_none());
        let own = read("keshi up --data /nowhere --office 610729 --grpc [::1]:7610");
        assert!(own.unwrap().tls.is_none());
    }

    #[test]
    fn roles_apart_need_nats() {
        assert!(read("keshi up --data /nowhere --office 610729 --roles intake").is_err());
        let config = read("keshi up --data /nowhere --office 610729 --roles intake --bus nats://h:1").unwrap();
        assert!(matches!(
            config.bus,
            BusConfig::Nats {
                role: Role::Primary,
                ..
            }
        ));
        assert!(!config.roles.ledger);
    }

    #[test]
    fn a_first_start_must_name_the_office() {
        let failure = read("keshi up --data /nowhere").unwrap_err();
        assert!(failure.text(Lang::En).contains("--office"), "{failure:?}");
    }
}
