//! One command's connection to the services.

use std::ops::Deref;
use std::time::Duration;

use keshi_client::{Client, over};
use keshi_office::layout::OfficeDir;
use keshi_proto::api;
use tonic::Code;
use tonic::transport::Endpoint;

use super::credentials::{Token, ca, given_token, token_from, trusted};
use super::login::Login;
use super::place::{Place, office_keys};
use super::socket::{self, SocketName};
use super::status::{failure, not_connected, unreachable};
use crate::Ctx;
use crate::cli::ServerArg;
use crate::exit::{Exit, Failure, Outcome, say};
use crate::up::{LedgerError, Local};

/// Where a server listens unless told otherwise.
pub(crate) const DEFAULT_ADDRESS: &str = "127.0.0.1:7610";

/// How long one request may take unless told otherwise.
const TIMEOUT: Duration = Duration::from_secs(10);

/// How long to wait for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// A connection, with what every call carries.
pub(crate) struct Session {
    client: Client,
    pub(crate) address: String,
    /// The services of this process, if they were opened for this command.
    local: Option<Local>,
    /// What the connection leads through, if it is a socket.
    socket: Option<SocketName>,
}

impl Session {
    /// Connects to the server that the command line means. See `--server` and `--data` in the help.
    pub(crate) async fn open(ctx: &mut Ctx<'_>) -> Outcome<Self> {
        let variable = |name: &str| {
            let value = (ctx.env)(name)?.into_string().ok()?;
            (!value.is_empty()).then_some(value)
        };
        // A directory named on the command line says more than a variable set long ago.
        let given = match &ctx.globals.server {
            None if ctx.globals.data.is_some() => None,
            _ => given_server(ctx)?,
        };
        let token = given_token(ctx, variable("KESHI_TOKEN"))?;
        let login = Login::load(ctx.env)?;
        let given = match (given, &login) {
            (None, Some(login)) if ctx.globals.data.is_none() => Some(login.server(ctx.env)?),
            (given, _) => given,
        };
        if let Some(server) = given {
            // The token of this machine is for those who answer on its own socket, not for a port; that of a login is for
            // its server.
            let kept = login.filter(|login| login.server == server.to_string());
            let token = token.or_else(|| kept.as_ref().map(|login| Token::given(login.token.clone())));
            ctx.globals.ca = ctx.globals.ca.take().or_else(|| kept.and_then(|login| login.ca));
            return Self::connect_to_port(ctx, server, token).await;
        }
        let place = Place::of(ctx)?;
        let is_empty = || place.data.offices().is_ok_and(|all| all.is_empty());
        if !place.is_named && ctx.globals.office.is_none() && is_empty() {
            return Self::connect_to_port(ctx, ServerArg::plain(DEFAULT_ADDRESS), token).await;
        }
        let office = place.office(ctx.globals.office.as_deref())?;
        if socket::is_there(&office) {
            let token = token.or_else(|| place.token(&office).map(Token::found));
            match Self::connect_to_socket(ctx, &office, token).await {
                Err(failure) if failure.exit == crate::Exit::Unreachable && place.is_named => {}
                answered => return answered,
            }
        } else if !place.is_named {
            return Self::connect_to_port(ctx, ServerArg::plain(DEFAULT_ADDRESS), token).await;
        }
        Self::in_process(ctx, &office).await
    }

    /// Opens the ledger of the data directory in this process, with the same services on a port of its own.
    async fn in_process(ctx: &mut Ctx<'_>, office: &OfficeDir) -> Outcome<Self> {
        let code = office.root.file_name().map(|code| code.to_string_lossy().into_owned());
        let opened = Local::open(office, &code.unwrap_or_default(), &office_keys(ctx)).await;
        let local = opened.map_err(|error| match error {
            LedgerError::InUse(failure) => failure.and(say(
                "它没有在本目录的 socket 上应答：请用 --server 指定它的地址（并给出令牌），或先停止它",
                "it does not answer on this directory's socket: name its address with --server (and give a token), or stop it \
                 first",
            )),
            LedgerError::Failed(failure) => failure,
        })?;
        let token = Token::given(local.token());
        let mut session = Self::connect_to_port(ctx, ServerArg::plain(local.address()), Some(token)).await?;
        session.local = Some(local);
        Ok(session)
    }

    /// Connects with a token that the user gives, and has it accepted.
    pub(crate) async fn log_in(ctx: &mut Ctx<'_>, server: ServerArg) -> Outcome<(Self, Login)> {
        let variable = (ctx.env)("KESHI_TOKEN").and_then(|text| text.into_string().ok());
        let token = given_token(ctx, variable.filter(|text| !text.is_empty()))?;
        let token = if let Some(token) = token {
            token
        } else {
            ctx.note(&say("请输入令牌：", "the token:"));
            Token::given(token_from(&mut ctx.io.stdin)?)
        };
        let ca = ca(ctx).map(std::path::absolute).transpose()?;
        let login = Login {
            server: server.to_string(),
            token: token.text.clone(),
            ca,
        };
        let session = Self::connect_to_port(ctx, server, Some(token)).await?;
        let head = session
            .ledger()
            .get_head(session.call(api::GetHeadRequest::default()))
            .await;
        match head.map_err(|status| (status.code(), session.failed(&status))) {
            // Who may not ask that much, or asks a process without a ledger, was let in all the same.
            Ok(_) | Err((Code::PermissionDenied | Code::Unimplemented, _)) => Ok((session, login)),
            Err((_, failure)) => Err(failure),
        }
    }

    /// Connects to the server of this very process, which asks for no tokens: that of the sample.
    pub(crate) async fn connect_to_own(ctx: &mut Ctx<'_>, office: &OfficeDir, address: String) -> Outcome<Self> {
        if socket::is_there(office) {
            return Self::connect_to_socket(ctx, office, None).await;
        }
        Self::connect_to_port(ctx, ServerArg::plain(address), None).await
    }

    async fn connect_to_port(ctx: &mut Ctx<'_>, server: ServerArg, token: Option<Token>) -> Outcome<Self> {
        let address = server.to_string();
        let endpoint = endpoint(ctx, &server)?;
        if !server.is_tls && token.is_some() && !server.is_loopback() {
            ctx.note(&say(
                format!("注意：令牌以明文发往 {address}；服务启用 TLS 后请写 https://{address}"),
                format!("warning: the token goes to {address} in the clear; if it serves TLS, write https://{address}"),
            ));
        }
        Self::connect(ctx, endpoint, address, token).await
    }

    /// Connects to the keshi that runs on the office's directory.
    async fn connect_to_socket(ctx: &Ctx<'_>, office: &OfficeDir, token: Option<Token>) -> Outcome<Self> {
        let shown = office.socket().display().to_string();
        let name = SocketName::of(office).map_err(|_| unreachable(&shown))?;
        let endpoint = Endpoint::from_shared(format!("unix:{}", name.path.display()));
        let endpoint = endpoint.map_err(|_| unreachable(&shown))?;
        let mut session = Self::connect(ctx, endpoint, shown, token).await?;
        session.socket = Some(name);
        Ok(session)
    }

    async fn connect(ctx: &Ctx<'_>, endpoint: Endpoint, address: String, token: Option<Token>) -> Outcome<Self> {
        let timeout = ctx.globals.timeout.map_or(TIMEOUT, |timeout| timeout.0);
        let endpoint = endpoint.connect_timeout(CONNECT_TIMEOUT.min(timeout));
        let channel = endpoint
            .connect()
            .await
            .map_err(|error| not_connected(&error, &address))?;
        let authorization = token.as_ref().map(Token::header).transpose()?;
        let mut session = Self {
            client: Client::new(over(channel), authorization, ctx.lang, timeout),
            address,
            local: None,
            socket: None,
        };
        if token.is_some_and(|token| !token.is_given) && session.is_token_refused().await {
            // Left by another installation, and this server may ask for none.
            session.client = session.client.without_authorization();
        }
        Ok(session)
    }

    /// Asks either half of the services something cheap: a process may have only one of them.
    async fn is_token_refused(&self) -> bool {
        let asked = self.ledger().get_head(self.call(api::GetHeadRequest::default())).await;
        let code = match asked.map_err(|status| status.code()) {
            Err(Code::Unimplemented) => {
                let request = self.call(api::GetSubmissionRequest::default());
                self.submissions()
                    .get_submission(request)
                    .await
                    .err()
                    .map(|status| status.code())
            }
            asked => asked.err(),
        };
        code == Some(Code::Unauthenticated)
    }

    /// A status as a failure.
    pub(crate) fn failed(&self, status: &tonic::Status) -> Failure {
        failure(status, &self.address)
    }

    /// An import that stopped, as a failure.
    pub(crate) fn stopped(&self, stopped: keshi_import::Stopped) -> Failure {
        let first = match stopped.status {
            Some(status) => self.failed(&status),
            None if stopped.is_usage => Failure::silent(Exit::Usage),
            None => Failure::silent(Exit::Failed),
        };
        stopped.says.into_iter().fold(first, Failure::and)
    }

    /// Ends the connection, and closes the ledger if it was opened for this command.
    pub(crate) async fn close(self) -> Outcome {
        let Self {
            client, local, socket, ..
        } = self;
        drop((client, socket));
        match local {
            Some(local) => local.close().await,
            None => Ok(()),
        }
    }
}

/// The server of `--server` or `KESHI_SERVER`.
pub(crate) fn given_server(ctx: &Ctx<'_>) -> Outcome<Option<ServerArg>> {
    if let Some(server) = &ctx.globals.server {
        return Ok(Some(server.clone()));
    }
    let variable = (ctx.env)("KESHI_SERVER").and_then(|value| value.into_string().ok());
    let given = variable.filter(|text| !text.is_empty());
    given
        .map(|text| {
            text.parse()
                .map_err(|why| Failure::usage(say(format!("KESHI_SERVER：{why}"), format!("KESHI_SERVER: {why}"))))
        })
        .transpose()
}

/// Where `server` is, and whose certificate it has to show.
pub(crate) fn endpoint(ctx: &Ctx<'_>, server: &ServerArg) -> Outcome<Endpoint> {
    let wrong = |_| {
        Failure::usage(say(
            format!("{server} 不是服务地址，应为 主机:端口"),
            format!("{server} is no address of a server: write host:port"),
        ))
    };
    let scheme = if server.is_tls { "https" } else { "http" };
    let endpoint = Endpoint::from_shared(format!("{scheme}://{}", server.host_port)).map_err(wrong)?;
    if !server.is_tls {
        return Ok(endpoint);
    }
    endpoint.tls_config(trusted(ctx)?).map_err(|error| {
        let what = say(
            "没有可用的受信任证书：请用 --ca 指定",
            "there are no usable certificates to trust: name some with --ca",
        );
        Failure::usage(what.because(&error))
    })
}

/// A session is asked as its client is.
impl Deref for Session {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}
