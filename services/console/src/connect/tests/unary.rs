//! One message there, one back.

use super::*;

#[tokio::test]
async fn every_code_has_the_name_and_the_status_of_http_that_the_protocol_gives_it() {
    for (code, name, http) in [
        (Code::Cancelled, "canceled", 499),
        (Code::Unknown, "unknown", 500),
        (Code::InvalidArgument, "invalid_argument", 400),
        (Code::DeadlineExceeded, "deadline_exceeded", 504),
        (Code::NotFound, "not_found", 404),
        (Code::AlreadyExists, "already_exists", 409),
        (Code::PermissionDenied, "permission_denied", 403),
        (Code::ResourceExhausted, "resource_exhausted", 429),
        (Code::FailedPrecondition, "failed_precondition", 400),
        (Code::Aborted, "aborted", 409),
        (Code::OutOfRange, "out_of_range", 400),
        (Code::Unimplemented, "unimplemented", 501),
        (Code::Internal, "internal", 500),
        (Code::Unavailable, "unavailable", 503),
        (Code::DataLoss, "data_loss", 500),
        (Code::Unauthenticated, "unauthenticated", 401),
    ] {
        let fake = Fake::refusing(Fault::new(code, "Why", "原因说明", "the reason why").status(Lang::En));
        let response = fake.asked(post(GET_HEAD, "application/json", "{}")).await;
        assert_eq!(
            (response.status().as_u16(), &response.headers()["content-type"]),
            (http, &"application/json".parse().unwrap())
        );
        let told = told(response).await;
        assert_eq!((&told["code"], reason(&told)), (&json!(name), "Why"));
    }
}

#[tokio::test]
async fn details_are_base64_without_padding_and_readable_beside_it_and_a_retry_delay_is_told_to_http_too() {
    let mut fault = Fault::new(Code::ResourceExhausted, "QueueFull", "队列已满", "the queue is full");
    fault.violations.push(violation("events[0].note", "", "甲", "too long"));
    let fault = fault.retry_after(Duration::from_millis(1_500));
    let fake = Fake::refusing(fault.status(Lang::Zh));
    let response = fake.asked(post(GET_HEAD, "application/json", "{}")).await;
    assert_eq!(response.headers()["retry-after"], "2");
    let told = told(response).await;
    assert_eq!(told["message"], "队列已满");
    let details = told["details"].as_array().unwrap();
    let of = |kind: &str| details.iter().find(|detail| detail["type"] == kind).unwrap();
    assert_eq!(of("google.rpc.RetryInfo")["debug"], json!({"retryDelay": "1.500s"}));
    assert_eq!(of("google.rpc.RetryInfo")["value"], "CggIARCAyrXuAQ");
    assert_eq!(
        of("google.rpc.BadRequest")["debug"]["fieldViolations"][0]["field"],
        "events[0].note"
    );
    assert_eq!(of("google.rpc.ErrorInfo")["debug"]["domain"], "keshi");
}

#[tokio::test]
async fn an_answer_comes_in_the_form_of_the_question_with_headers_and_trailers_of_the_services() {
    let fake = Fake::answering(&[head()], &ok());
    let response = fake
        .asked(post(GET_HEAD, "application/json; charset=utf-8", "{}"))
        .await;
    assert_eq!(response.status(), StatusCode::OK);
    let headers = response.headers();
    assert_eq!(headers["content-type"], "application/json");
    assert_eq!(
        (&headers["acme-shard"], &headers["trailer-acme-cost"]),
        (&"42".parse().unwrap(), &"237".parse().unwrap())
    );
    assert!(
        headers.keys().all(|name| !name.as_str().contains("grpc")),
        "{headers:?}"
    );
    assert_eq!(
        (&headers["cache-control"], &headers["x-content-type-options"]),
        (&"no-store".parse().unwrap(), &"nosniff".parse().unwrap())
    );
    assert_eq!(told(response).await, json!({"office": "610729", "size": "12"}));
    let response = fake.asked(post(GET_HEAD, "application/proto", "")).await;
    assert_eq!(response.headers()["content-type"], "application/proto");
    assert_eq!(bytes(response).await, head());
}

#[tokio::test]
async fn credentials_language_and_deadline_reach_the_services_and_a_cookie_does_not() {
    let fake = Fake::answering(&[head()], &ok());
    let mut request = post(GET_HEAD, "application/json", "{}");
    for (name, value) in [
        ("authorization", "Bearer ks_x"),
        ("cookie", "keshi-session=role=dev"),
        ("connect-timeout-ms", "2500"),
        ("connect-protocol-version", "1"),
        ("grpc-timeout", "9S"),
        ("user-agent", "a program"),
    ] {
        request.headers_mut().insert(name, value.parse().unwrap());
    }
    assert_eq!(fake.asked(request).await.status(), StatusCode::OK);
    let asked = fake.asked.lock();
    let headers = &asked[0].0;
    assert_eq!(
        (&headers["authorization"], &headers["accept-language"]),
        (&"Bearer ks_x".parse().unwrap(), &"en".parse().unwrap())
    );
    assert_eq!(headers["grpc-timeout"], "2500000u");
    assert!(!headers.contains_key("cookie"));
}

#[tokio::test]
async fn what_the_protocol_has_no_version_timeout_or_encoding_for_is_refused() {
    let fake = Fake::answering(&[head()], &ok());
    for (name, value, code, why) in [
        ("connect-protocol-version", "2", "invalid_argument", "ProtocolVersion"),
        ("connect-timeout-ms", "5s", "invalid_argument", "Timeout"),
        ("content-encoding", "gzip", "unimplemented", "Compressed"),
    ] {
        let mut request = post(GET_HEAD, "application/json", "{}");
        request.headers_mut().insert(name, value.parse().unwrap());
        let told = told(fake.asked(request).await).await;
        assert_eq!((told["code"].as_str().unwrap(), reason(&told)), (code, why));
    }
    let mut request = post(GET_HEAD, "application/json", "{}");
    request
        .headers_mut()
        .insert("content-encoding", "identity".parse().unwrap());
    request
        .headers_mut()
        .insert("accept-encoding", "gzip, br".parse().unwrap());
    let response = fake.asked(request).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert!(!response.headers().contains_key("content-encoding"));
}

#[tokio::test]
async fn a_method_that_there_is_not_is_unimplemented_and_not_found() {
    let fake = Fake::answering(&[head()], &ok());
    let response = fake
        .asked(post("/keshi.v1.LedgerService/GetHeads", "application/json", "{}"))
        .await;
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
    let told = told(response).await;
    assert_eq!(
        (&told["code"], reason(&told)),
        (&json!("unimplemented"), "NoSuchMethod")
    );
    let other = fake
        .asked(post("/keshi.v2.LedgerService/GetHead", "application/json", "{}"))
        .await;
    assert_eq!(other.status(), StatusCode::NOT_FOUND);
    assert!(fake.asked.lock().is_empty());
}

#[tokio::test]
async fn another_content_type_is_told_which_are_taken() {
    let fake = Fake::answering(&[head()], &ok());
    for (path, kind, taken) in [
        (GET_HEAD, "text/plain", "application/json, application/proto"),
        (
            GET_HEAD,
            "application/connect+json",
            "application/json, application/proto",
        ),
        (
            GET_HEAD,
            "application/json; charset=gb18030",
            "application/json, application/proto",
        ),
        (
            WATCH,
            "application/json",
            "application/connect+json, application/connect+proto",
        ),
    ] {
        let response = fake.asked(post(path, kind, "{}")).await;
        assert_eq!(
            (response.status().as_u16(), &response.headers()["accept-post"]),
            (415, &taken.parse().unwrap()),
            "{kind}"
        );
    }
    let response = fake.asked(get(&format!("{GET_HEAD}?encoding=xml&message=x"))).await;
    assert_eq!(response.status().as_u16(), 415);
}

#[tokio::test]
async fn a_read_is_got_with_its_message_in_the_address_and_a_posting_is_not() {
    for query in [
        "message=%7B%22index%22%3A%227%22%7D&encoding=json&connect=v1",
        "connect=v1&base64=1&encoding=json&message=eyJpbmRleCI6NywicHVycG9zZSI6IuivviJ9",
        "encoding=proto&base64=1&message=CAc",
        "encoding=proto&base64=1&message=CAc%3D&other=1&compression=identity",
    ] {
        let fake = Fake::answering(&[Vec::new()], &ok());
        let response = fake.asked(get(&format!("{GET_ENTRY}?{query}"))).await;
        assert_eq!(response.status(), StatusCode::OK, "{query}");
        assert_eq!(GetEntryRequest::decode(fake.message()).unwrap().index, 7, "{query}");
    }
    let fake = Fake::answering(&[Vec::new()], &ok());
    for (query, why) in [
        ("encoding=json&message=%7B%7D&connect=v2", "ProtocolVersion"),
        ("encoding=json&message=%7B%7D&compression=gzip", "Compressed"),
        ("message=%7B%7D", "MissingParameter"),
        ("encoding=json", "MissingParameter"),
        ("encoding=json&base64=1&message=%7B%7D", "NotBase64"),
        ("encoding=json&message=%FF", "InvalidJson"),
    ] {
        let told = told(fake.asked(get(&format!("{GET_ENTRY}?{query}"))).await).await;
        assert_eq!(reason(&told), why, "{query}");
    }
    let posting = fake.asked(get(&format!("{SUBMIT}?encoding=json&message=%7B%7D"))).await;
    assert_eq!(
        (posting.status().as_u16(), &posting.headers()["allow"]),
        (405, &"POST".parse().unwrap())
    );
}

#[tokio::test]
async fn another_sites_page_is_not_answered_and_gets_no_leave_to_ask() {
    let fake = Fake::answering(&[head()], &ok());
    let options = Request::options(GET_HEAD).body(Body::empty()).unwrap();
    let response = fake.asked(options).await;
    assert_eq!(
        (response.status().as_u16(), &response.headers()["allow"]),
        (405, &"GET, POST".parse().unwrap())
    );
    for verb in ["OPTIONS", "POST", "GET"] {
        let mut request = post(
            &format!("{GET_HEAD}?encoding=json&message=%7B%7D"),
            "application/json",
            "{}",
        );
        *request.method_mut() = verb.parse().unwrap();
        request
            .headers_mut()
            .insert("origin", "https://evil.example".parse().unwrap());
        request.headers_mut().insert("host", "k.example:7611".parse().unwrap());
        let response = fake.asked(request).await;
        assert_eq!(response.status(), StatusCode::FORBIDDEN, "{verb}");
        assert!(
            response
                .headers()
                .keys()
                .all(|name| !name.as_str().starts_with("access-control")),
            "{verb}"
        );
    }
    assert!(fake.asked.lock().is_empty());
}

#[tokio::test]
async fn a_message_that_is_none_is_told_and_not_what_the_services_say_without_it() {
    let fake = Fake::refusing(Status::internal("Missing request message."));
    for (body, why) in [
        (&b"{\"index\": 1, \"indx\": 2}"[..], "InvalidJson"),
        (b"{\"index\": 1} x", "InvalidJson"),
        (b"", "InvalidJson"),
        (b"\xff\xfe", "InvalidJson"),
    ] {
        let response = fake.asked(post(GET_ENTRY, "application/json", body)).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST);
        assert_eq!(reason(&told(response).await), why);
    }
    let refused =
        Fake::refusing(Fault::new(Code::Unauthenticated, "TokenMissing", "缺少令牌", "no token").status(Lang::En));
    // As at the door: the token first, whatever the message is.
    let response = refused.asked(post(GET_ENTRY, "application/json", "{}")).await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn services_that_are_gone_are_unavailable() {
    let service = service_fn(|_: http::Request<tonic::body::Body>| async {
        Err::<http::Response<tonic::body::Body>, _>(std::io::Error::other("gone"))
    });
    let console = Console::new(over(service), "610729", Settings::default()).router();
    let response = console.oneshot(post(GET_HEAD, "application/json", "{}")).await.unwrap();
    let told = told(response).await;
    assert_eq!(reason(&told), "Transport", "{told}");
}

#[tokio::test]
async fn answers_that_are_not_read_take_the_room_of_their_caller_alone() {
    let wide = Head {
        office: "课".repeat(1 << 20),
        ..Head::default()
    };
    let router = Fake::answering(&[wide.encode_to_vec()], &ok()).router();
    let ask = async |token: &str| {
        let mut request = post(GET_HEAD, "application/json", "{}");
        request.headers_mut().insert("authorization", token.parse().unwrap());
        router.clone().oneshot(request).await.unwrap()
    };
    let mut unread = Vec::new();
    let refused = loop {
        let response = ask("Bearer one").await;
        match response.status() {
            StatusCode::OK => unread.push(response),
            _ => break response,
        }
    };
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.headers()["retry-after"], "1");
    assert_eq!(
        (reason(&told(refused).await), unread.len()),
        ("TooMuchAtOnce", 10),
        "32 MiB of three each"
    );
    assert_eq!(ask("Bearer other").await.status(), StatusCode::OK);
    drop(unread);
    assert_eq!(ask("Bearer one").await.status(), StatusCode::OK);
}

#[tokio::test]
async fn who_signs_in_is_counted_by_her_address_whatever_credentials_she_makes_up_and_sends_little() {
    let fake = Fake::answering(&[Vec::new()], &ok());
    let path = "/keshi.v1.AccountService/SignIn";
    let from = |body: String| {
        let mut request = post(path, "application/json", body);
        let address: std::net::SocketAddr = "10.1.2.3:99".parse().unwrap();
        request.extensions_mut().insert(axum::extract::ConnectInfo(address));
        request
            .headers_mut()
            .insert("authorization", "Bearer made-up".parse().unwrap());
        request.headers_mut().insert("keshi-peer", "10.9.9.9".parse().unwrap());
        request
    };
    let response = fake
        .asked(from(r#"{"account": "a", "password": "b"}"#.to_owned()))
        .await;
    assert_eq!(response.status(), StatusCode::OK);
    assert!(!fake.asked.lock()[0].0.contains_key("keshi-peer"));
    assert_eq!(fake.peers.lock()[..], [keshi_door::Peer("10.1.2.3".parse().unwrap())]);
    let wide = format!("{{\"account\": \"{}\"}}", "a".repeat(17 << 10));
    assert_eq!(reason(&told(fake.asked(from(wide)).await).await), "MessageTooLarge");
    let got = fake.asked(get(&format!("{path}?encoding=json&message=%7B%7D"))).await;
    assert_eq!(
        got.status(),
        StatusCode::METHOD_NOT_ALLOWED,
        "a password has no place in an address"
    );
}
