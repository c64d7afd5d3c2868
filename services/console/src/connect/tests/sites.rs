use axum::http::Method;
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_ORIGIN, CONTENT_ENCODING, VARY,
};

use super::streams::enveloped;
use super::*;

const NAMED: &str = "https://oa.example.org";
const OTHER: &str = "https://elsewhere.example";

fn named() -> Settings {
    Settings {
        sites: vec![NAMED.parse().unwrap()],
        ..Settings::default()
    }
}

/// What a browser asks before a page of `origin` may ask.
fn preflight(origin: &str) -> Request<Body> {
    Request::builder()
        .method(Method::OPTIONS)
        .uri(GET_HEAD)
        .header("origin", origin)
        .header("access-control-request-method", "POST")
        .header(
            "access-control-request-headers",
            "authorization,connect-protocol-version,content-type",
        )
        .body(Body::empty())
        .unwrap()
}

fn from(origin: &str) -> Request<Body> {
    let mut request = post(GET_HEAD, "application/json", "{}");
    for (name, value) in [
        ("origin", origin),
        ("sec-fetch-site", "cross-site"),
        ("host", "keshi.example"),
    ] {
        request.headers_mut().insert(name, value.parse().unwrap());
    }
    request
}

#[tokio::test]
async fn a_page_of_another_site_asks_where_that_site_was_named_and_nowhere_else() {
    let fake = Fake::answering(&[Head::default().encode_to_vec()], &ok());
    let router = fake.router_with(named());
    let told = router.clone().oneshot(preflight(NAMED)).await.unwrap();
    assert_eq!(told.status(), StatusCode::OK);
    assert_eq!(told.headers()[ACCESS_CONTROL_ALLOW_ORIGIN], NAMED);
    let headers = told.headers()[ACCESS_CONTROL_ALLOW_HEADERS].to_str().unwrap();
    for header in [
        "authorization",
        "content-type",
        "connect-protocol-version",
        "connect-timeout-ms",
    ] {
        assert!(headers.contains(header), "{header}: {headers}");
    }
    assert!(!told.headers().contains_key(ACCESS_CONTROL_ALLOW_CREDENTIALS));
    let answered = router.clone().oneshot(from(NAMED)).await.unwrap();
    assert_eq!(answered.status(), StatusCode::OK);
    assert_eq!(answered.headers()[ACCESS_CONTROL_ALLOW_ORIGIN], NAMED);

    let told = router.clone().oneshot(preflight(OTHER)).await.unwrap();
    assert!(!told.headers().contains_key(ACCESS_CONTROL_ALLOW_ORIGIN));
    let refused = router.oneshot(from(OTHER)).await.unwrap();
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);
    assert_eq!(fake.asked.lock().len(), 1);

    let closed = fake.router();
    let told = closed.clone().oneshot(preflight(NAMED)).await.unwrap();
    assert!(!told.headers().contains_key(ACCESS_CONTROL_ALLOW_ORIGIN));
    assert_eq!(
        closed.oneshot(from(NAMED)).await.unwrap().status(),
        StatusCode::FORBIDDEN
    );
    assert_eq!(fake.asked.lock().len(), 1);
}

#[tokio::test]
async fn the_pages_are_for_no_other_site_whatever_was_named() {
    let router = Fake::refusing(Status::unavailable("")).router_with(named());
    let mut request = Request::post("/lang").body(Body::from("lang=en&to=/")).unwrap();
    for (name, value) in [("origin", NAMED), ("host", "keshi.example")] {
        request.headers_mut().insert(name, value.parse().unwrap());
    }
    let refused = router.oneshot(request).await.unwrap();
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);
    assert!(!refused.headers().contains_key(ACCESS_CONTROL_ALLOW_ORIGIN));
}

#[tokio::test]
async fn what_is_large_is_packed_for_whoever_can_read_that_and_streams_are_not() {
    let wide = Head {
        office: "课".repeat(4_000),
        ..Head::default()
    };
    let fake = Fake::answering(&[wide.encode_to_vec()], &ok());
    let packed = |request: &mut Request<Body>| {
        request
            .headers_mut()
            .insert("accept-encoding", "gzip, br".parse().unwrap());
    };
    let mut request = post(GET_HEAD, "application/json", "{}");
    packed(&mut request);
    let response = fake.asked(request).await;
    assert_eq!(response.headers()[CONTENT_ENCODING], "gzip");
    assert_eq!(response.headers()[VARY], "accept-encoding");
    let length = bytes(response).await.len();
    assert!(length < 1_000, "{length}");

    let plain = fake.asked(post(GET_HEAD, "application/json", "{}")).await;
    assert!(!plain.headers().contains_key(CONTENT_ENCODING));
    assert!(bytes(plain).await.len() > 12_000);

    let mut request = post(WATCH, "application/connect+json", enveloped(b"{}"));
    packed(&mut request);
    assert!(!fake.asked(request).await.headers().contains_key(CONTENT_ENCODING));

    let mut request = get("/assets/htmx.js");
    packed(&mut request);
    assert_eq!(fake.asked(request).await.headers()[CONTENT_ENCODING], "gzip");
}
