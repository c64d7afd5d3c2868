//! Who may do what over HTTP is who may do it over gRPC.

use keshi_tests::caller::{Caller, refusal};
use keshi_tests::raw::RawCodec;
use keshi_tests::web::Web;
use prost::Message;
use prost_types::FileDescriptorSet;
use serde_json::{Value, json};
use tonic::Code;
use tonic::codegen::http::uri::PathAndQuery;

use super::{House, lesson};

/// A call in both forms.
struct Asked {
    method: &'static str,
    json: Value,
    proto: Vec<u8>,
}

fn asked() -> Vec<Asked> {
    use keshi_proto::api;
    let balance = |teacher: &str| api::GetBalanceRequest {
        teacher_id: teacher.to_owned(),
        period: "2022".to_owned(),
        ..api::GetBalanceRequest::default()
    };
    let voided = json!({"taking": "TAKING_EACH", "events": [{
        "eventId": "0b0d9a5c-4f4e-5b58-9b5e-0c7a3f0f6a77",
        "occurredFrom": {"year": 2022, "month": 11, "day": 3},
        "fact": {"schoolRegistered": {"schoolId": "S9", "name": "九小", "stage": "STAGE_PRIMARY"}},
    }]});
    let of = |method, json, proto| Asked { method, json, proto };
    vec![
        of("LedgerService/GetHead", json!({}), Vec::new()),
        of(
            "LedgerService/GetBalance",
            json!({"teacherId": "T1", "period": "2022"}),
            balance("T1").encode_to_vec(),
        ),
        of(
            "LedgerService/GetBalance",
            json!({"teacherId": "T2", "period": "2022"}),
            balance("T2").encode_to_vec(),
        ),
        of(
            "LedgerService/GetBalance",
            json!({"teacherId": "T7", "period": "2022"}),
            balance("T7").encode_to_vec(),
        ),
        of(
            "LedgerService/GetBalance",
            json!({"period": "2022"}),
            balance("").encode_to_vec(),
        ),
        of("LedgerService/ListEntries", json!({}), Vec::new()),
        of("LedgerService/ListSchools", json!({}), Vec::new()),
        of("LedgerService/ListSubmissions", json!({}), Vec::new()),
        of("LedgerService/ListSessions", json!({}), Vec::new()),
        of(
            "LedgerService/ListAttendance",
            json!({"sessionId": "X1"}),
            api::ListAttendanceRequest {
                session_id: "X1".to_owned(),
                ..api::ListAttendanceRequest::default()
            }
            .encode_to_vec(),
        ),
        of("AuditService/ListReads", json!({}), Vec::new()),
        of(
            "SubmissionService/Submit",
            lesson("0b0d9a5c-4f4e-5b58-9b5e-0c7a3f0f6a11", "T1", "S1"),
            Vec::new(),
        ),
        of(
            "SubmissionService/Submit",
            lesson("0b0d9a5c-4f4e-5b58-9b5e-0c7a3f0f6a12", "T2", "S2"),
            Vec::new(),
        ),
        of("SubmissionService/Submit", voided, Vec::new()),
    ]
}

/// The code and the reason of gRPC's answer; nothing of one that is no error.
async fn over_grpc(caller: &Caller, method: &str, message: Vec<u8>) -> Option<(Code, String)> {
    let mut grpc = tonic::client::Grpc::new(caller.channel.clone());
    grpc.ready().await.expect("connected");
    let path = PathAndQuery::try_from(format!("/keshi.v1.{method}")).expect("a path");
    let status = grpc.unary(caller.request(message), path, RawCodec).await.err()?;
    let refusal = refusal(&status);
    Some((refusal.code, refusal.reason))
}

/// The same over HTTP, and with the message as protobuf.
async fn over_http(web: &Web, asked: &Asked) -> Option<(Code, String)> {
    let answer = web.call(asked.method, asked.json.to_string()).await;
    if answer.status == 200 {
        return None;
    }
    let (code, reason) = answer.refusal();
    let all = (1..=16).map(Code::from_i32);
    let found = all
        .into_iter()
        .find(|known| format!("{known:?}").to_lowercase() == code.replace('_', ""));
    Some((found.unwrap_or_else(|| panic!("{code}")), reason))
}

/// The message of a posting, made of its JSON by the descriptors.
fn proto_of(asked: &Asked) -> Vec<u8> {
    if !asked.proto.is_empty() || !asked.method.ends_with("Submit") {
        return asked.proto.clone();
    }
    let set = FileDescriptorSet::decode(keshi_proto::DESCRIPTORS).expect("descriptors");
    let pool = prost_reflect::DescriptorPool::from_file_descriptor_set(set).expect("a pool");
    let message = pool.get_message_by_name("keshi.v1.SubmitRequest").expect("a message");
    let read = prost_reflect::DynamicMessage::deserialize(message, &asked.json);
    read.expect("a submission").encode_to_vec()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_role_is_answered_and_refused_over_http_as_over_grpc() {
    let house = House::new().await;
    let mut refused = 0;
    for role in [
        &["admin"][..],
        &["clerk", "--school", "S1"],
        &["teacher", "--teacher", "T1"],
        &["researcher", "--teacher", "T2"],
        &["auditor"],
        &["registry-reader"],
    ] {
        let web = house.holder(role).await;
        let caller = Caller::connect(&house.keshi.url()).await.with(web.token());
        for asked in asked() {
            let grpc = over_grpc(&caller, asked.method, proto_of(&asked)).await;
            let http = over_http(&web, &asked).await;
            assert_eq!(http, grpc, "{role:?} {} {}", asked.method, asked.json);
            refused += usize::from(http.is_some());
        }
    }
    assert!(refused > 10, "{refused} refused");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_let_in_by_a_cookie_or_without_a_token_and_nothing_of_the_message_is_told() {
    let house = House::new().await;
    let nobody = Web::of(&house.keshi);
    let answer = nobody.call("LedgerService/GetHead", "{\"nonsense\": 1}").await;
    assert_eq!((answer.status, answer.refusal().1.as_str()), (401, "TokenMissing"));
    let mut request = nobody.post("/keshi.v1.LedgerService/GetHead", "application/json", "{}");
    let cookie = format!("keshi-session={}", house.admin.token());
    request.headers_mut().insert("cookie", cookie.parse().expect("plain"));
    let answer = nobody.answer(request).await;
    assert_eq!((answer.status, answer.refusal().1.as_str()), (401, "TokenMissing"));
    let made_up = nobody
        .with("ks_610729_made-up")
        .call("LedgerService/GetHead", "{}")
        .await;
    assert_eq!((made_up.status, made_up.refusal().0.as_str()), (401, "unauthenticated"));
}
