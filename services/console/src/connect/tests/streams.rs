//! Messages in envelopes.

use super::*;

pub(super) fn enveloped(message: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0];
    bytes.extend_from_slice(&u32::try_from(message.len()).unwrap().to_be_bytes());
    bytes.extend_from_slice(message);
    bytes
}

/// The envelopes of an answer.
fn envelopes(mut bytes: &[u8]) -> Vec<(u8, Value)> {
    let mut found = Vec::new();
    while let [flags, a, b, c, d, rest @ ..] = bytes {
        let length = u32::from_be_bytes([*a, *b, *c, *d]) as usize;
        found.push((*flags, serde_json::from_slice(&rest[..length]).unwrap()));
        bytes = &rest[length..];
    }
    assert!(bytes.is_empty());
    found
}

#[tokio::test]
async fn a_stream_is_its_messages_in_envelopes_and_how_it_ended() {
    let batch = keshi_proto::api::WatchEntriesResponse::default().encode_to_vec();
    let fake = Fake::answering(&[batch.clone(), batch.clone()], &ok());
    let response = fake
        .asked(post(WATCH, "application/connect+json", enveloped(b"{}")))
        .await;
    assert_eq!(
        (response.status().as_u16(), &response.headers()["content-type"]),
        (200, &"application/connect+json".parse().unwrap())
    );
    assert_eq!(response.headers()["acme-shard"], "42");
    let found = envelopes(&bytes(response).await);
    assert_eq!(
        found,
        [
            (0, json!({})),
            (0, json!({})),
            (2, json!({"metadata": {"acme-cost": ["237"]}}))
        ]
    );

    let broken = Fake::answering(
        &[batch],
        &Fault::new(Code::Unavailable, "LedgerClosed", "台账已关闭", "closed").status(Lang::En),
    );
    let response = broken
        .asked(post(WATCH, "application/connect+proto", enveloped(b"")))
        .await;
    let body = bytes(response).await;
    let found = envelopes(&body[5..]);
    assert_eq!((found[0].0, &found[0].1["error"]["code"]), (2, &json!("unavailable")));
}

#[tokio::test]
async fn what_is_wrong_with_a_streams_request_stands_in_its_end() {
    let fake = Fake::refusing(Status::internal("Missing request message."));
    let two = [enveloped(b"{}"), enveloped(b"{}")].concat();
    for (body, code) in [
        (enveloped(b"{\"x\": 1}"), "invalid_argument"),
        (two, "unimplemented"),
        (Vec::new(), "unimplemented"),
    ] {
        let response = fake.asked(post(WATCH, "application/connect+json", body)).await;
        assert_eq!(response.status(), StatusCode::OK);
        let found = envelopes(&bytes(response).await);
        assert_eq!(
            (found.len(), found[0].0, &found[0].1["error"]["code"]),
            (1, 2, &json!(code))
        );
    }
    let mut request = post(WATCH, "application/connect+json", enveloped(b"{}"));
    request
        .headers_mut()
        .insert("connect-content-encoding", "gzip".parse().unwrap());
    let found = envelopes(&bytes(fake.asked(request).await).await);
    assert_eq!(reason(&found[0].1["error"]), "Compressed");
}

#[tokio::test]
async fn streams_of_requests_are_grpcs_and_name_the_other_way() {
    let fake = Fake::answering(&[head()], &ok());
    let path = "/keshi.v1.SubmissionService/CheckSubmissions";
    let response = fake.asked(post(path, "application/json", "{}")).await;
    assert_eq!(response.status(), StatusCode::NOT_IMPLEMENTED);
    assert!(
        told(response).await["message"]
            .as_str()
            .unwrap()
            .contains("SubmissionService/Submit")
    );
    let response = fake
        .asked(post(path, "application/connect+json", enveloped(b"{}")))
        .await;
    let found = envelopes(&bytes(response).await);
    assert_eq!((found[0].0, reason(&found[0].1["error"])), (2, "OnlyGrpc"));
    assert!(fake.asked.lock().is_empty());
}
