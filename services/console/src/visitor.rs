//! Who visits, and in which language.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;

use axum::extract::{ConnectInfo, FromRequestParts, OptionalFromRequestParts};
use axum::http::header::{ACCEPT_LANGUAGE, COOKIE, HeaderValue, REFERER, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode, Uri};
use axum::response::{IntoResponse, Redirect, Response};
use keshi_client::Client;
use keshi_core::lang::Lang;
use keshi_door::Peer;
use keshi_office::access::rights::{Right, find};
use keshi_office::access::{DevRole, Role, RoleName, Scope};
use keshi_proto::api;
use maud::html;
use tonic::metadata::MetadataValue;
use tonic::{Code, Status};

use crate::Console;
use crate::origin::host_asked;
use crate::page::open_page;

/// The cookie with a visitor's credentials.
const SESSION: &str = "keshi-session";

/// How long a page waits for the services.
const TIMEOUT: Duration = Duration::from_secs(20);

/// The cookie with the language that she chose.
const LANG: &str = "keshi-lang";

/// Somebody who may be shown pages.
#[derive(Clone)]
pub(crate) struct Visitor {
    pub(crate) console: Console,
    pub(crate) api: Client,
    pub(crate) lang: Lang,
    pub(crate) who: Who,
    /// The address that she asked for, with its question.
    pub(crate) here: String,
    /// Where these pages are, as her browser has it.
    pub(crate) site: Option<String>,
    /// From where she asks.
    from: Option<Peer>,
}

/// What she is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Who {
    /// The id that stands in the ledger beside what she posts.
    pub(crate) id: String,
    pub(crate) role: Role,
}

/// Somebody of whom nothing is known but her language.
#[derive(Clone)]
pub(crate) struct Stranger {
    pub(crate) console: Console,
    pub(crate) lang: Lang,
    pub(crate) here: String,
    /// From where she asks.
    from: Option<Peer>,
}

impl Visitor {
    /// The text in her language.
    pub(crate) fn say<'a>(&self, zh: &'a str, en: &'a str) -> &'a str {
        self.lang.pick(zh, en)
    }

    /// Whose are things that are kept for her between two requests.
    pub(crate) fn owner(&self) -> String {
        format!("{} {}", self.who.id, DevRole(self.who.role.clone()).text())
    }

    pub(crate) fn role(&self) -> RoleName {
        self.who.role.name()
    }

    /// Whether her role posts events of this kind. What of them she may is decided when she does.
    pub(crate) fn posts(&self, kind: &str) -> bool {
        find(kind).is_some_and(|row| row.right(self.role()) != Right::No)
    }

    /// A request that says from where she asks: for what is noted with that, such as a password that is typed.
    pub(crate) fn call_from_her<T>(&self, message: T) -> tonic::Request<T> {
        let mut request = self.api.call(message);
        if let Some(from) = self.from {
            request.extensions_mut().insert(from);
        }
        request
    }
}

impl Stranger {
    /// The services, asked by nobody in particular.
    pub(crate) fn client(&self) -> Client {
        Client::new(self.console.0.way.clone(), None, self.lang, TIMEOUT)
    }

    /// A request that says from where she asks.
    pub(crate) fn call_from_her<T>(&self, message: T) -> tonic::Request<T> {
        let mut request = self.client().call(message);
        if let Some(from) = self.from {
            request.extensions_mut().insert(from);
        }
        request
    }
}

impl FromRequestParts<Console> for Stranger {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, console: &Console) -> Result<Self, Infallible> {
        Ok(Self {
            console: console.clone(),
            lang: lang_of(parts),
            here: here(parts),
            from: from(parts),
        })
    }
}

impl FromRequestParts<Console> for Visitor {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, console: &Console) -> Result<Self, Response> {
        let lang = lang_of(parts);
        let to_sign_in = || {
            let to = serde_urlencoded::to_string([("to", here(parts))]).unwrap_or_default();
            Redirect::to(&format!("/signin?{to}")).into_response()
        };
        let cookie = cookie(parts, SESSION);
        let way = console.0.way.clone();
        let (who, credentials) = if console.0.is_dev {
            let role = cookie.and_then(|text| DevRole::read(&text)).unwrap_or_default();
            let header = MetadataValue::try_from(role.header()).map_err(|_| to_sign_in())?;
            let id = "dev".to_owned();
            (Who { id, role: role.0 }, Some(header))
        } else {
            let header = cookie.and_then(|secret| MetadataValue::try_from(format!("Bearer {secret}")).ok());
            let header = header.ok_or_else(to_sign_in)?;
            let who = match who(&Client::new(way.clone(), Some(header.clone()), lang, TIMEOUT)).await {
                Ok(who) => who,
                Err(status) if status.code() == Code::Unauthenticated => return Err(to_sign_in()),
                Err(status) => {
                    let stranger = Stranger {
                        console: console.clone(),
                        lang,
                        here: here(parts),
                        from: from(parts),
                    };
                    return Err(not_served(&stranger, &status));
                }
            };
            (who, Some(header))
        };
        Ok(Self {
            api: Client::new(way, credentials, lang, TIMEOUT),
            console: console.clone(),
            lang,
            who,
            here: here(parts),
            site: host_asked(&parts.uri, &parts.headers)
                .map(|host| format!("{}://{host}", if console.0.is_secure { "https" } else { "http" })),
            from: from(parts),
        })
    }
}

impl OptionalFromRequestParts<Console> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, console: &Console) -> Result<Option<Self>, Infallible> {
        Ok(<Self as FromRequestParts<Console>>::from_request_parts(parts, console)
            .await
            .ok())
    }
}

/// Who somebody is, as the services know her.
async fn who(client: &Client) -> Result<Who, Status> {
    let answer = client
        .accounts()
        .who_am_i(client.call(api::WhoAmIRequest {}))
        .await?
        .into_inner();
    let scope = answer.scope.unwrap_or_default();
    let some = |text: String| Some(text).filter(|text| !text.is_empty());
    let scope = Scope {
        school: some(scope.school_id),
        teacher_id: some(scope.teacher_id),
        bases: scope.base_ids,
        studios: scope.studio_ids,
        subjects: scope.subjects,
        groups: scope.group_ids,
    };
    let role = answer.role.parse().and_then(|name| Role::new(name, scope));
    let role = role.map_err(|error| Status::internal(error.to_string()))?;
    Ok(Who { id: answer.id, role })
}

/// Before it is known who she is, all that can be said is what the services said.
fn not_served(stranger: &Stranger, status: &Status) -> Response {
    let content = html! { p.problem role="alert" { (status.message()) } };
    let title = stranger.lang.pick("服务暂时不可用", "Not available now");
    let mut response = open_page(stranger, title, &content);
    *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    response
}

/// The answer with a cookie that holds `credentials`; without any, it is taken away.
pub(crate) fn with_session(console: &Console, mut response: Response, credentials: Option<&str>) -> Response {
    let secure = if console.0.is_secure { "; Secure" } else { "" };
    let (value, ends) = credentials.map_or(("", "; Max-Age=0"), |text| (text, ""));
    let cookie = format!("{SESSION}={value}; Path=/; HttpOnly; SameSite=Strict{secure}{ends}");
    if let Ok(cookie) = HeaderValue::try_from(cookie) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

/// The answer with a cookie that holds the language chosen.
pub(crate) fn with_lang(mut response: Response, lang: Lang) -> Response {
    let cookie = lang.pick(
        "keshi-lang=zh; Path=/; SameSite=Lax; Max-Age=31536000",
        "keshi-lang=en; Path=/; SameSite=Lax; Max-Age=31536000",
    );
    response
        .headers_mut()
        .append(SET_COOKIE, HeaderValue::from_static(cookie));
    response
}

/// From where the request comes.
fn from(parts: &Parts) -> Option<Peer> {
    let connected = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    connected.map(|ConnectInfo(address)| Peer(address.ip()))
}

/// Chosen, or else what the browser prefers.
fn lang_of(parts: &Parts) -> Lang {
    match cookie(parts, LANG).as_deref() {
        Some("en") => return Lang::En,
        Some("zh") => return Lang::Zh,
        _ => {}
    }
    let preferred = parts.headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    match preferred {
        Some(text) if text.trim_start().to_ascii_lowercase().starts_with("en") => Lang::En,
        _ => Lang::Zh,
    }
}

/// The address of the page that she is on. A form's own address may be none that can be asked for again: then it is the page
/// that the form stands on, as browsers say.
fn here(parts: &Parts) -> String {
    let from = parts.headers.get(REFERER).filter(|_| parts.method == Method::POST);
    let from = from.and_then(|from| Uri::try_from(from.as_bytes()).ok());
    from.as_ref()
        .unwrap_or(&parts.uri)
        .path_and_query()
        .map_or_else(|| "/".to_owned(), ToString::to_string)
}

fn cookie(parts: &Parts, name: &str) -> Option<String> {
    let headers = parts.headers.get_all(COOKIE).into_iter();
    let mut pairs = headers
        .filter_map(|value| value.to_str().ok())
        .flat_map(|text| text.split(';'));
    pairs.find_map(|pair| {
        let (found, value) = pair.trim().split_once('=')?;
        (found == name).then(|| value.to_owned())
    })
}
