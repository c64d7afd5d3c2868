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
//! - No page holds anything of another's visit; nothing is kept here between two requests.
#![deny(missing_docs)]

mod api;
mod ask;
mod assets;
mod chart;
mod download;
mod fault;
mod form;
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

pub use self::api::{Lost, Way, over};

/// What the pages are made of. Cheap to clone.
#[derive(Clone)]
pub struct Console(Arc<Inner>);

struct Inner {
    way: Way,
    office: String,
    /// Whether a role is chosen, without a password: `--dev`.
    is_dev: bool,
    /// Whether the pages are served over TLS, so that cookies are too.
    is_secure: bool,
}

impl Console {
    /// The pages of `office`, over the services that `way` leads to.
    pub fn new(way: Way, office: impl Into<String>) -> Self {
        Self(Arc::new(Inner {
            way,
            office: office.into(),
            is_dev: false,
            is_secure: false,
        }))
    }

    /// The same, with a role to be chosen instead of a sign-in. Never for real data.
    #[must_use]
    pub fn with_dev(self, is_dev: bool) -> Self {
        Self(Arc::new(Inner {
            is_dev,
            way: self.0.way.clone(),
            office: self.0.office.clone(),
            ..*self.0
        }))
    }

    /// The same, served over TLS.
    #[must_use]
    pub fn with_tls(self, is_secure: bool) -> Self {
        Self(Arc::new(Inner {
            is_secure,
            way: self.0.way.clone(),
            office: self.0.office.clone(),
            ..*self.0
        }))
    }

    /// All pages.
    pub fn router(self) -> Router {
        let pages = pages::router().merge(assets::router());
        origin::guarded(pages).with_state(self)
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
