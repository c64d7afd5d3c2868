//! 运维: what the one who looks after the service sees and does, from any browser, and nobody else.

use std::fs;

use keshi_core::hex;
use keshi_proto::api;
use keshi_proto::api::operations_service_client::OperationsServiceClient;
use keshi_tests::caller::{Caller, refusal};
use keshi_tests::process::{Keshi, run};
use keshi_tests::site::Visitor;
use tonic::transport::Channel;
use tonic::{Code, Status};

use super::{ARGUMENTS, Office, accounts, of_school, who_am_i};

fn operations(caller: &Caller) -> OperationsServiceClient<Channel> {
    OperationsServiceClient::new(caller.channel.clone())
}

async fn status(caller: &Caller) -> Result<api::GetStatusResponse, Status> {
    let answer = operations(caller)
        .get_status(caller.request(api::GetStatusRequest {}))
        .await;
    answer.map(tonic::Response::into_inner)
}

async fn back_up(caller: &Caller) -> Result<api::BackUpResponse, Status> {
    let answer = operations(caller).back_up(caller.request(api::BackUpRequest {})).await;
    answer.map(tonic::Response::into_inner)
}

async fn findings(caller: &Caller) -> Vec<(String, api::FindingLevel)> {
    let answer = operations(caller).examine(caller.request(api::ExamineRequest {})).await;
    let found = answer.expect("findings").into_inner().findings;
    found
        .iter()
        .map(|finding| (finding.code.clone(), finding.level()))
        .collect()
}

fn level(found: &[(String, api::FindingLevel)], code: &str) -> Option<api::FindingLevel> {
    found.iter().find(|(found, _)| found == code).map(|(_, level)| *level)
}

/// The pages, with the session of an account.
fn page_of(keshi: &Keshi, caller: &Caller) -> Visitor {
    Visitor::with(&keshi.pages_url(), &format!("keshi-session={}", caller.token()))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_admins_operate_over_grpc_and_on_the_page_alike() {
    let office = Office::first().await;
    let mut who = vec![("admin", office.admin.clone())];
    for (role, scope) in [
        ("clerk", of_school("S1")),
        ("reviewer", api::AccountScope::default()),
        ("auditor", api::AccountScope::default()),
    ] {
        who.push((role, office.member(role, role, scope).await));
    }
    for (role, caller) in &who {
        let may = *role == "admin";
        let refused = [
            status(caller).await.map(drop),
            operations(caller)
                .examine(caller.request(api::ExamineRequest {}))
                .await
                .map(drop),
        ];
        for answer in refused {
            match answer {
                Ok(()) => assert!(may, "{role}"),
                Err(status) => {
                    assert!(!may, "{role}: {status:?}");
                    assert_eq!(refusal(&status).reason, "NotAllowed");
                }
            }
        }
        // The admin has no directory for backups, which is found out after whether she may.
        let backup = back_up(caller).await.unwrap_err();
        assert_eq!(backup.code() == Code::PermissionDenied, !may, "{role}");
        let mut page = page_of(&office.keshi, caller);
        let shown = page.get("/operations");
        assert_eq!(shown.status, if may { 200 } else { 403 }, "{role}: {}", shown.page);
        let sent = page.post("/operations/backup", "");
        assert_eq!(sent.status, if may { 409 } else { 403 }, "{role}: {}", sent.page);
        assert!(!may || sent.page.contains("--backups DIR"), "{}", sent.page);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_from_the_page_verifies_is_noted_and_restores_to_the_same_root() {
    let office = Office::first().await;
    office.admin.furnish().await;
    assert_eq!(office.keshi.stop(), Some(0));
    let to = office.data.path().join("elsewhere");
    let to_text = to.display().to_string();
    let keshi =
        Keshi::up(office.data.path(), &[&ARGUMENTS[..], &["--backups", &to_text]].concat()).expect("it listens");
    let admin = Caller::connect(&keshi.url()).await.with(office.admin.token());
    let missing = refusal(&back_up(&admin).await.unwrap_err());
    assert_eq!(
        missing.reason, "BackupDirMissing",
        "a disk that is not there is not made up"
    );
    assert!(!to.exists());
    let found = findings(&admin).await;
    assert_eq!(
        level(&found, "backup-dir-missing"),
        Some(api::FindingLevel::Warning),
        "{found:?}"
    );
    assert_eq!(
        level(&found, "backup-none"),
        Some(api::FindingLevel::Warning),
        "{found:?}"
    );
    assert_eq!(level(&found, "ledger-open"), Some(api::FindingLevel::Ok), "{found:?}");

    fs::create_dir(&to).expect("made");
    let made = back_up(&admin).await.expect("a backup").backup.expect("told");
    let (size, root) = admin.head().await;
    assert_eq!((made.size, made.root.clone()), (size, root.clone()));
    let status = status(&admin).await.expect("an answer");
    assert_eq!(status.backups, [made]);
    assert_eq!(status.ledger.expect("a ledger").size, size);
    let found = findings(&admin).await;
    assert_eq!(level(&found, "backup"), Some(api::FindingLevel::Ok), "{found:?}");
    let mut page = page_of(&keshi, &admin);
    let sent = page.post("/operations/backup", "");
    assert_eq!(sent.status, 303, "{}", sent.page);
    let shown = page.get("/operations");
    assert!(
        shown.page.contains(&to_text) && shown.page.contains(&hex::show(&root)),
        "{}",
        shown.page
    );
    assert_eq!(keshi.stop(), Some(0));

    let again = tempfile::tempdir().expect("a directory");
    let again_text = again.path().join("data").display().to_string();
    let restored = run(&[
        "restore",
        &to_text,
        "--data",
        &again_text,
        "--office",
        "610729",
        "--lang",
        "en",
    ]);
    assert_eq!(restored.code, Some(0), "{}", restored.err);
    assert!(restored.out.contains(&hex::show(&root)), "{}", restored.out);
    // The command notes its backups for the same list.
    let data = office.data.path().display().to_string();
    let by_hand = again.path().join("by-hand").display().to_string();
    let ran = run(&["backup", &by_hand, "--data", &data, "--lang", "en"]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let examined = run(&["doctor", "--data", &data, "--lang", "en"]);
    assert!(
        examined.out.contains("the last backup: ") && examined.out.contains(&by_hand),
        "{}",
        examined.out
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_admin_sees_who_is_signed_in_and_ends_a_session() {
    let office = Office::first().await;
    let clerk = office.member("clerk-1", "clerk", of_school("S1")).await;
    let auditor = office.member("watch", "auditor", api::AccountScope::default()).await;
    let everybodys = |caller: &Caller| {
        caller.request(api::ListSessionsRequest {
            is_everybodys: true,
            ..api::ListSessionsRequest::default()
        })
    };
    let denied = accounts(&clerk).list_sessions(everybodys(&clerk)).await.unwrap_err();
    assert_eq!(refusal(&denied).reason, "NotAllowed");
    let listed = accounts(&office.admin).list_sessions(everybodys(&office.admin)).await;
    let listed = listed.expect("a list").into_inner().sessions;
    let seen: Vec<_> = listed
        .iter()
        .map(|session| (session.account.as_str(), session.is_this))
        .collect();
    assert_eq!(seen, [("admin", true), ("clerk-1", false), ("watch", false)]);
    let hers = listed[1].id.clone();
    let end = |caller: &Caller| {
        caller.request(api::EndSessionRequest {
            session_id: hers.clone(),
            account: "clerk-1".to_owned(),
        })
    };
    // To see is not to end.
    let denied = accounts(&auditor).end_session(end(&auditor)).await.unwrap_err();
    assert_eq!(refusal(&denied).reason, "NotAllowed");
    who_am_i(&clerk).await.expect("still in");
    let mut page = page_of(&office.keshi, &office.admin);
    let shown = page.get("/operations");
    assert!(
        shown.page.contains("clerk-1") && shown.page.contains("sign it out"),
        "{}",
        shown.page
    );
    let sent = page.post("/operations/end", &format!("account=clerk-1&session={hers}"));
    assert_eq!(sent.status, 303, "{}", sent.page);
    assert_eq!(refusal(&who_am_i(&clerk).await.unwrap_err()).reason, "SessionEnded");
    let gone = refusal(
        &accounts(&office.admin)
            .end_session(end(&office.admin))
            .await
            .unwrap_err(),
    );
    assert_eq!(gone.reason, "NoSuchSession");
}
