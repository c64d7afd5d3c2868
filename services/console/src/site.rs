//! The other sites whose pages may ask the API: none, unless they are named.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use axum::http::header::{ACCEPT_LANGUAGE, AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue, ORIGIN};
use axum::http::{HeaderMap, Method, Uri};
use tower_http::cors::CorsLayer;

/// How long a browser may remember what it was told: as long as the common ones do.
const REMEMBERED: Duration = Duration::from_hours(2);

/// Another site, as browsers name it: `https://oa.example.org`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site(HeaderValue);

/// What is no site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoSite;

impl fmt::Display for NoSite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("应为 https://主机[:端口]，后面没有路径 / it is https://host[:port] without a path")
    }
}

impl std::error::Error for NoSite {}

impl FromStr for Site {
    type Err = NoSite;

    /// Every site is named: `*` would let any page in the world try tokens out.
    fn from_str(text: &str) -> Result<Self, NoSite> {
        let address: Uri = text.parse().map_err(|_| NoSite)?;
        let is_web = matches!(address.scheme_str(), Some("http" | "https"));
        let host = address.authority().filter(|host| !host.as_str().contains(['@', '*']));
        // As browsers write it: small letters, and nothing after the host.
        let is_bare = host.is_some_and(|host| text.ends_with(host.as_str())) && text == text.to_ascii_lowercase();
        match HeaderValue::from_str(text) {
            Ok(value) if is_web && is_bare => Ok(Self(value)),
            Ok(_) | Err(_) => Err(NoSite),
        }
    }
}

/// Whether a page of one of these sites asks.
pub(crate) fn is_named(sites: &[Site], headers: &HeaderMap) -> bool {
    headers
        .get(ORIGIN)
        .is_some_and(|origin| sites.iter().any(|Site(site)| site == origin))
}

/// What their browsers are told: they may send what the protocol has, with a token and without cookies.
pub(crate) fn layer(sites: &[Site]) -> CorsLayer {
    CorsLayer::new()
        .allow_origin(sites.iter().map(|Site(site)| site.clone()).collect::<Vec<_>>())
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([
            AUTHORIZATION,
            CONTENT_TYPE,
            ACCEPT_LANGUAGE,
            HeaderName::from_static("connect-protocol-version"),
            HeaderName::from_static("connect-timeout-ms"),
        ])
        .max_age(REMEMBERED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_is_a_scheme_and_a_host_and_nothing_else() {
        for good in [
            "https://oa.example.org",
            "http://127.0.0.1:8080",
            "https://oa.example.org:8443",
        ] {
            assert!(good.parse::<Site>().is_ok(), "{good}");
        }
        for bad in [
            "",
            "*",
            "null",
            "oa.example.org",
            "https://*",
            "https://*.example.org",
            "https://oa.example.org/",
            "https://oa.example.org/path",
            "https://OA.example.org",
            "https://user@oa.example.org",
            "ftp://oa.example.org",
            "https://oa.example.org?x",
        ] {
            assert_eq!(bad.parse::<Site>(), Err(NoSite), "{bad}");
        }
    }
}
