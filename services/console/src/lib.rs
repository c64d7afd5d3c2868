//! Keshi in the browser: one more client of the services.
//!
//! ```text
//!  browser ──▶ axum ──▶ Visitor (who, language) ──▶ page ──▶ Api ──▶ the services, in this process or elsewhere
//!                └─ origin: only our own pages post; headers that forbid the rest
//! ```
//!
//! # What holds
//!
//! - Everything is read and written through the services' own API with the visitor's own credentials, so that no right is
//!   decided here. What the pages leave out of a menu is politeness.
//! - Every page has an address, works without its script, and prints.
//! - No page holds anything of another's visit. Between two requests nothing is kept here but imports on their way (`imports`).
#![deny(missing_docs)]

mod ask;
mod assets;
mod chart;
mod connect;
mod download;
mod extract;
mod fault;
mod form;
mod imports;
mod json;
mod nav;
mod origin;
mod page;
mod pages;
mod parts;
mod printing;
mod schools;
mod site;
mod table;
mod tlog;
mod visitor;
mod who;

use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use keshi_client::Way;
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate, SizeAbove};

use self::imports::Imports;
pub use self::site::{NoSite, Site};

/// What the pages are made of. Cheap to clone.
#[derive(Clone)]
pub struct Console(Arc<Inner>);

struct Inner {
    way: Way,
    /// What is held of requests and answers of the API.
    room: connect::Room,
    office: String,
    /// Whether a role is chosen, without a password: `--dev`.
    is_dev: bool,
    /// Whether the pages are served over TLS, so that cookies are too.
    is_secure: bool,
    /// Whose pages may ask the API, besides our own.
    sites: Vec<Site>,
    imports: Imports,
    printer: printing::Printer,
}

/// Smaller answers fit into a packet or two as they are.
const PACKED_FROM_BYTES: u16 = 2_048;

/// How pages are served.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// A role is chosen, without a password: `--dev`. Never for real data.
    pub is_dev: bool,
    /// The pages are served over TLS, so that cookies go over it alone.
    pub is_secure: bool,
    /// Other sites whose pages may ask the API, with a token.
    pub sites: Vec<Site>,
    /// Fonts of papers, files or directories; those that are found where none is named.
    pub fonts: Vec<PathBuf>,
}

impl Console {
    /// The pages of `office`, over the services that `way` leads to.
    pub fn new(way: Way, office: impl Into<String>, settings: Settings) -> Self {
        let Settings {
            is_dev,
            is_secure,
            sites,
            fonts,
        } = settings;
        Self(Arc::new(Inner {
            way,
            room: connect::Room::default(),
            office: office.into(),
            is_dev,
            is_secure,
            sites,
            imports: Imports::default(),
            printer: printing::Printer::new(fonts),
        }))
    }

    /// All pages, and the API beside them.
    pub fn router(self) -> Router {
        let pages = pages::router().merge(assets::router()).merge(tlog::router());
        let pages = origin::guarded(pages.merge(connect::pages()));
        let mut api = connect::router();
        if !self.0.sites.is_empty() {
            api = api.layer(site::layer(&self.0.sites));
        }
        pages.merge(api).layer(packed()).with_state(self)
    }
}

/// Pages are packed for browsers that say they can read it. Not what packs itself: spreadsheets, and streams of answers, which
/// must not wait for more.
fn packed() -> CompressionLayer<impl Predicate> {
    let whole = SizeAbove::new(PACKED_FROM_BYTES)
        .and(NotForContentType::const_new("application/vnd."))
        .and(NotForContentType::const_new("application/connect+"));
    CompressionLayer::new()
        .quality(CompressionLevel::Fastest)
        .compress_when(whole)
}

impl std::fmt::Debug for Console {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Console")
            .field("office", &self.0.office)
            .field("is_dev", &self.0.is_dev)
            .finish_non_exhaustive()
    }
}
