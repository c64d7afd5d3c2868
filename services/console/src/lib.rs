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
mod schools;
mod table;
mod visitor;
mod who;

use std::sync::Arc;

use axum::Router;
use keshi_client::Way;

use self::imports::Imports;

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
    imports: Imports,
}

/// How pages are served.
#[derive(Clone, Copy, Debug, Default)]
pub struct Settings {
    /// A role is chosen, without a password: `--dev`. Never for real data.
    pub is_dev: bool,
    /// The pages are served over TLS, so that cookies go over it alone.
    pub is_secure: bool,
}

impl Console {
    /// The pages of `office`, over the services that `way` leads to.
    pub fn new(way: Way, office: impl Into<String>, settings: Settings) -> Self {
        let Settings { is_dev, is_secure } = settings;
        Self(Arc::new(Inner {
            way,
            room: connect::Room::default(),
            office: office.into(),
            is_dev,
            is_secure,
            imports: Imports::default(),
        }))
    }

    /// All pages, and the API beside them.
    pub fn router(self) -> Router {
        let pages = pages::router().merge(assets::router());
        let pages = origin::guarded(pages.merge(connect::pages()));
        pages.merge(connect::router()).with_state(self)
    }
}

impl std::fmt::Debug for Console {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Console")
            .field("office", &self.0.office)
            .field("is_dev", &self.0.is_dev)
            .finish_non_exhaustive()
    }
}
