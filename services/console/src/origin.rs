//! Only our own pages post, and a page may do nothing that it was not made for.
//!
//! Against requests that another site makes in a visitor's name (ADR 60): browsers say where a request comes from in
//! `Sec-Fetch-Site`, older ones in `Origin`. A request that changes something and comes from elsewhere is refused before it is
//! read; one without either header comes from a program, which holds no cookie by accident.

use axum::Router;
use axum::extract::Request;
use axum::http::header::{HOST, HeaderName, HeaderValue, ORIGIN};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};

/// What a page may load and do: its own files, nothing inline, framed by nobody.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Said with every answer.
const HEADERS: [(&str, &str); 5] = [
    ("content-security-policy", POLICY),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
];

/// `pages` behind both rules.
pub(crate) fn guarded<S: Clone + Send + Sync + 'static>(pages: Router<S>) -> Router<S> {
    pages.layer(middleware::from_fn(guard))
}

async fn guard(request: Request, next: Next) -> Response {
    if request.headers().get_all(HOST).iter().count() > 1 {
        // A proxy may have looked at the other one (RFC 9112, 3.2).
        let text = "请求写了两个 Host / the request names two hosts";
        return sealed((StatusCode::BAD_REQUEST, text).into_response());
    }
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD);
    let response = if changes && is_from_elsewhere(request.uri(), request.headers()) {
        let text = "这个请求来自别的网站，没有执行；请在课时的页面上操作 / this request comes from another site and was not carried \
                    out; use the pages of Keshi";
        (StatusCode::FORBIDDEN, text).into_response()
    } else {
        next.run(request).await
    };
    sealed(response)
}

/// The answer with what is said with every one.
pub(crate) fn sealed(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        // A page that says it itself allows less: what is saved is not shown at all.
        let said = headers.entry(HeaderName::from_static(name));
        said.or_insert(HeaderValue::from_static(value));
    }
    // What is about people is kept by no cache on the way; assets say otherwise themselves.
    headers
        .entry("cache-control")
        .or_insert(HeaderValue::from_static("no-store"));
    response
}

/// The host that is asked: over HTTP/2 it stands in the address.
pub(crate) fn host_asked<'r>(asked: &'r Uri, headers: &'r HeaderMap) -> Option<&'r str> {
    let host = headers.get(HOST).map(|value| value.to_str().unwrap_or_default());
    asked.authority().map(Authority::as_str).or(host)
}

/// Whether a browser says that another site makes the request. Which site is asked stands in the address over HTTP/2, where
/// nobody sends `Host`.
pub(crate) fn is_from_elsewhere(asked: &Uri, headers: &HeaderMap) -> bool {
    let text = |name: &HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    if let Some(site) = text(&HeaderName::from_static("sec-fetch-site")) {
        return !matches!(site, "same-origin" | "none");
    }
    let host = host_asked(asked, headers);
    match (text(&ORIGIN), host) {
        (Some(origin), Some(host)) => origin.split_once("://").is_none_or(|(_, from)| from != host),
        (Some(_), None) => true,
        (None, _) => false,
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::routing::get;
    use tower::ServiceExt as _;

    use super::*;

    #[tokio::test]
    async fn a_request_that_names_two_hosts_is_refused_before_it_is_looked_at() {
        for (hosts, expected) in [
            (&["keshi.example"][..], StatusCode::OK),
            (&["keshi.example", "other.example"], StatusCode::BAD_REQUEST),
        ] {
            let pages = guarded(Router::<()>::new().route("/", get(|| async { "a page" })));
            let request = hosts
                .iter()
                .fold(Request::builder(), |request, host| request.header(HOST, *host));
            let answer = pages.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
            assert_eq!(answer.status(), expected, "{hosts:?}");
            assert!(answer.headers().contains_key("content-security-policy"));
        }
    }

    #[test]
    fn a_request_from_another_site_is_told_by_either_header() {
        let cases: [(&[(&str, &str)], bool); 8] = [
            (&[("sec-fetch-site", "same-origin")], false),
            (&[("sec-fetch-site", "none")], false),
            (&[("sec-fetch-site", "cross-site")], true),
            (&[("sec-fetch-site", "same-site")], true),
            (
                &[("origin", "http://k.example:7611"), ("host", "k.example:7611")],
                false,
            ),
            (&[("origin", "http://k.example"), ("host", "k.example:7611")], true),
            (&[("origin", "null"), ("host", "k.example")], true),
            (&[("host", "k.example")], false),
        ];
        for (given, expected) in cases {
            let headers: HeaderMap = given
                .iter()
                .map(|(name, value)| (name.parse::<HeaderName>().unwrap(), value.parse().unwrap()))
                .collect();
            assert_eq!(
                is_from_elsewhere(&Uri::from_static("/"), &headers),
                expected,
                "{given:?}"
            );
        }
    }

    #[test]
    fn over_http_2_the_site_asked_stands_in_the_address() {
        let asked = Uri::from_static("https://k.example:7611/signin");
        for (origin, expected) in [
            ("https://k.example:7611", false),
            ("https://evil.example", true),
            ("null", true),
        ] {
            let headers = HeaderMap::from_iter([(ORIGIN, HeaderValue::from_static(origin))]);
            assert_eq!(is_from_elsewhere(&asked, &headers), expected, "{origin}");
        }
    }
}
