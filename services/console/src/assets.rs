//! The stylesheet and the script, from the program itself. Their addresses carry their hash, so that browsers keep them.

use axum::Router;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use keshi_core::hex;
use keshi_core::ids::Sha256;

use crate::Console;

const STYLE: &str = include_str!("assets/keshi.css");
const SCRIPT: &str = include_str!("assets/keshi.js");
const HTMX: &str = include_str!("assets/htmx-2.0.11.min.js");
const ICON: &str = include_str!("assets/icon.svg");

/// A file that pages refer to.
#[derive(Clone, Copy)]
pub(crate) enum Asset {
    Style,
    Script,
    Htmx,
    Icon,
}

impl Asset {
    const ALL: [Self; 4] = [Self::Style, Self::Script, Self::Htmx, Self::Icon];

    const fn parts(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Style => ("keshi.css", "text/css; charset=utf-8", STYLE),
            Self::Script => ("keshi.js", "text/javascript; charset=utf-8", SCRIPT),
            Self::Htmx => ("htmx.js", "text/javascript; charset=utf-8", HTMX),
            Self::Icon => ("icon.svg", "image/svg+xml", ICON),
        }
    }

    /// Where it is.
    pub(crate) fn address(self) -> String {
        let (name, _, text) = self.parts();
        format!("/assets/{name}?{}", &hex::show(&Sha256::of(text.as_bytes()).0)[..12])
    }
}

pub(crate) fn router() -> Router<Console> {
    Asset::ALL.into_iter().fold(Router::new(), |router, asset| {
        let (name, _, _) = asset.parts();
        router.route(&format!("/assets/{name}"), get(async move || serve(asset)))
    })
}

fn serve(asset: Asset) -> Response {
    let (_, kind, text) = asset.parts();
    let headers = [
        (CONTENT_TYPE, kind),
        (CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    (headers, text).into_response()
}
