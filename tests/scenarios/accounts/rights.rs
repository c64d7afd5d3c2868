//! Who may do what about accounts, and what becomes of those whose rights were changed.

use keshi_proto::api;
use keshi_tests::caller::{Caller, refusal};
use tonic::{Code, Status};

use super::{Office, accounts, of_school, who_am_i};

fn scope_of(role: &str) -> api::AccountScope {
    match role {
        "clerk" | "head_teacher" => of_school("S1"),
        "teacher" | "researcher" => api::AccountScope {
            teacher_id: "T1".to_owned(),
            ..api::AccountScope::default()
        },
        "lead" => api::AccountScope {
            base_ids: vec!["B1".to_owned()],
            ..api::AccountScope::default()
        },
        _ => api::AccountScope::default(),
    }
}

/// What was answered to somebody who may or may not: of those who may, the account that is named is not there.
fn may(answer: Result<(), Status>) -> bool {
    match answer {
        Ok(()) => true,
        Err(status) => match status.code() {
            Code::NotFound | Code::InvalidArgument => true,
            Code::PermissionDenied => {
                assert_eq!(refusal(&status).reason, "NotAllowed");
                false
            }
            code => panic!("{code}: {status:?}"),
        },
    }
}

/// What a caller may: manage, list accounts, see another's sign-ins and changes, her own.
async fn rights(caller: &Caller) -> [bool; 9] {
    let mut client = accounts(caller);
    let nobody = || "nobody".to_owned();
    let create = caller.request(api::CreateAccountsRequest::default());
    let change = api::ChangeAccountRequest {
        id: nobody(),
        role: "auditor".to_owned(),
        scope: None,
    };
    let sign_ins = |account| {
        caller.request(api::ListSignInsRequest {
            account,
            ..api::ListSignInsRequest::default()
        })
    };
    let changes = |account| {
        caller.request(api::ListAccountChangesRequest {
            account,
            ..api::ListAccountChangesRequest::default()
        })
    };
    [
        may(client.create_accounts(create).await.map(drop)),
        may(client.change_account(caller.request(change)).await.map(drop)),
        may(client
            .reset_account(caller.request(api::ResetAccountRequest { id: nobody() }))
            .await
            .map(drop)),
        may(client
            .close_account(caller.request(api::CloseAccountRequest { id: nobody() }))
            .await
            .map(drop)),
        may(client
            .list_accounts(caller.request(api::ListAccountsRequest::default()))
            .await
            .map(drop)),
        may(client.list_sign_ins(sign_ins(nobody())).await.map(drop)),
        may(client.list_account_changes(changes(nobody())).await.map(drop)),
        may(client.list_sign_ins(sign_ins(String::new())).await.map(drop)),
        may(client.list_account_changes(changes(String::new())).await.map(drop)),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_an_admin_manages_accounts_only_an_auditor_beside_her_sees_them_and_everybody_sees_her_own() {
    let office = Office::first().await;
    let table = [
        ("teacher", [0, 0, 0, 0, 0, 0, 0, 1, 1]),
        ("clerk", [0, 0, 0, 0, 0, 0, 0, 1, 1]),
        ("head_teacher", [0, 0, 0, 0, 0, 0, 0, 1, 1]),
        ("lead", [0, 0, 0, 0, 0, 0, 0, 1, 1]),
        ("researcher", [0, 0, 0, 0, 0, 0, 0, 1, 1]),
        ("reviewer", [0, 0, 0, 0, 0, 0, 0, 1, 1]),
        ("auditor", [0, 0, 0, 0, 1, 1, 1, 1, 1]),
        ("registry_reader", [0, 0, 0, 0, 0, 0, 0, 0, 0]),
        ("admin", [1, 1, 1, 1, 1, 1, 1, 1, 1]),
    ];
    for (role, expected) in table {
        let id = format!("{}-1", role.replace('_', "-"));
        let caller = office.member(&id, role, scope_of(role)).await;
        assert_eq!(rights(&caller).await, expected.map(|right| right == 1), "{role}");
        if role == "clerk" {
            let own = caller.request(api::ListAccountChangesRequest::default());
            let own = accounts(&caller).list_account_changes(own).await.expect("a list");
            let own = own.into_inner().changes;
            assert!(
                own.len() == 2 && own.iter().all(|change| change.account == id),
                "{own:?}"
            );
        }
    }
    // Of a stranger nothing but signing in.
    let stranger = office.stranger();
    assert_eq!(who_am_i(&stranger).await.unwrap_err().code(), Code::Unauthenticated);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changed_rights_count_at_the_next_call_and_a_closed_account_ends_an_open_stream() {
    let office = Office::first().await;
    office.admin.furnish().await;
    let hers = office.member("clerk-1", "clerk", of_school("S1")).await;
    hers.balance("T1").await.expect("of her school");
    hers.balance("T2").await.expect_err("of another's");
    let change = office.admin.request(api::ChangeAccountRequest {
        id: "clerk-1".to_owned(),
        role: "auditor".to_owned(),
        scope: None,
    });
    accounts(&office.admin).change_account(change).await.expect("changed");
    assert_eq!(who_am_i(&hers).await.expect("let in").role, "auditor");
    hers.balance("T2").await.expect("an auditor reads all");

    let watch = hers.request(api::WatchEntriesRequest::default());
    let mut stream = hers.ledger().watch_entries(watch).await.expect("a stream").into_inner();
    stream.message().await.expect("entries").expect("entries");
    let close = office.admin.request(api::CloseAccountRequest {
        id: "clerk-1".to_owned(),
    });
    accounts(&office.admin).close_account(close).await.expect("closed");
    let ended = loop {
        match stream.message().await {
            Ok(Some(_)) => {}
            Ok(None) => panic!("it ended without a reason"),
            Err(status) => break status,
        }
    };
    assert_eq!(refusal(&ended).reason, "AccountClosed");
    assert_eq!(refusal(&hers.balance("T1").await.unwrap_err()).reason, "AccountClosed");
    let again = super::by_password(&office.stranger(), "clerk-1", super::HERS)
        .await
        .unwrap_err();
    assert_eq!(refusal(&again).reason, "SignInRefused");
}
