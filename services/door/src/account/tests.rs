use keshi_core::ids::OfficeCode;
use keshi_office::access::Role;
use keshi_office::accounts::{NewAccount, PASSWORD_BYTES_MAX};
use keshi_proto::api;
use keshi_proto::api::account_service_client::AccountServiceClient;
use tonic::service::Routes;
use tonic::{Code, Request, Status};
use tonic_types::StatusExt as _;

use super::*;
use crate::{PEER_HEADER, Peer, system_clock};

const PASSWORD: &str = "correct horse";

/// A counter with one account, `clerk-1`, that has a password, and the way to it in this process.
struct Office {
    _dir: tempfile::TempDir,
    accounts: Arc<Accounts>,
    client: AccountServiceClient<Routes>,
}

impl Office {
    async fn open() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("access.redb");
        let accounts = Arc::new(Accounts::open_or_create(&path).unwrap());
        let access = Access::open_or_create(&path)
            .unwrap()
            .with_accounts(Arc::clone(&accounts));
        let wanted = NewAccount {
            id: Some("clerk-1".to_owned()),
            role: Role::Auditor,
            note: None,
        };
        let made = accounts
            .create(&access, "610729", &[wanted], ("admin", Timestamp::now()))
            .unwrap();
        let access = Arc::new(access);
        let guard = Guard::new(Arc::clone(&access), OfficeCode::new("610729").unwrap(), system_clock());
        let mut routes = RoutesBuilder::default();
        add_service(&Counter::new(guard, access), &mut routes);
        let mut office = Self {
            _dir: dir,
            accounts,
            client: AccountServiceClient::new(routes.routes()),
        };
        let request = api::SignInRequest {
            account: "clerk-1".to_owned(),
            code: made[0].code.reveal(),
            new_password: PASSWORD.to_owned(),
            ..api::SignInRequest::default()
        };
        office.client.sign_in(asked_from("10.0.0.1", request)).await.unwrap();
        office
    }

    async fn sign_in(&mut self, address: &str, password: &str) -> Result<api::SignInResponse, Status> {
        let request = api::SignInRequest {
            account: "clerk-1".to_owned(),
            password: password.to_owned(),
            ..api::SignInRequest::default()
        };
        let request = asked_from(address, request);
        Ok(self.client.sign_in(request).await?.into_inner())
    }
}

/// As pages in this process ask for somebody at this address.
fn asked_from<T>(address: &str, message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.extensions_mut().insert(Peer(address.parse().unwrap()));
    request
}

fn reason(status: &Status) -> String {
    status.get_details_error_info().unwrap().reason
}

#[tokio::test]
async fn pages_in_this_process_say_for_whom_they_ask_and_guesses_from_there_count_there() {
    let mut office = Office::open().await;
    for _ in 0..3 {
        let wrong = office.sign_in("10.0.0.2", "not hers at all").await.unwrap_err();
        assert_eq!(reason(&wrong), "SignInRefused");
    }
    let early = office.sign_in("10.0.0.2", PASSWORD).await.unwrap_err();
    assert_eq!(
        (early.code(), reason(&early).as_str()),
        (Code::ResourceExhausted, "WaitToSignIn")
    );
    let session = office.sign_in("10.0.0.1", PASSWORD).await.unwrap();
    // Another address in the header is not believed beside what is said in the process.
    let mut request = asked_from("10.0.0.2", api::WhoAmIRequest {});
    let header = format!("Bearer {}", session.session_secret);
    request.metadata_mut().insert("authorization", header.parse().unwrap());
    let me = office.client.who_am_i(request).await.unwrap().into_inner();
    assert_eq!(
        (me.id.as_str(), me.role.as_str(), me.is_session),
        ("clerk-1", "auditor", true)
    );
    let mut request = asked_from(
        "10.0.0.2",
        api::SignInRequest {
            account: "clerk-1".to_owned(),
            password: PASSWORD.to_owned(),
            ..api::SignInRequest::default()
        },
    );
    request.metadata_mut().insert(PEER_HEADER, "10.0.0.1".parse().unwrap());
    let early = office.client.sign_in(request).await.unwrap_err();
    assert_eq!(reason(&early), "WaitToSignIn");
    let listed = office.accounts.sessions_of("clerk-1", Timestamp::now());
    assert!(
        listed.iter().all(|session| session.address.to_string() == "10.0.0.1"),
        "{listed:?}"
    );
}

#[tokio::test]
async fn guesses_at_the_same_moment_count_each_and_only_the_first_are_looked_at() {
    let office = Office::open().await;
    let guesses = (0..8).map(|_| {
        let mut client = office.client.clone();
        let request = asked_from(
            "10.0.0.2",
            api::SignInRequest {
                account: "clerk-1".to_owned(),
                password: "not hers at all".to_owned(),
                ..api::SignInRequest::default()
            },
        );
        async move { reason(&client.sign_in(request).await.unwrap_err()) }
    });
    let mut reasons = futures::future::join_all(guesses).await;
    reasons.sort();
    let refused = reasons.iter().filter(|reason| *reason == "SignInRefused").count();
    let waits = reasons.iter().filter(|reason| *reason == "WaitToSignIn").count();
    // Those that come more than a second later may be looked at again.
    assert!(refused >= 3 && waits >= 1 && refused + waits == 8, "{reasons:?}");
}

#[tokio::test]
async fn what_is_not_filled_in_or_too_long_is_named_and_counts_as_no_guess() {
    let mut office = Office::open().await;
    let long = "x".repeat(PASSWORD_BYTES_MAX + 1);
    for (account, password, code, field) in [
        ("", "x", "", "account"),
        ("clerk-1", "", "", "password"),
        ("clerk-1", "x", "y", "code"),
        ("clerk-1", long.as_str(), "", "password"),
    ] {
        let request = asked_from(
            "10.0.0.2",
            api::SignInRequest {
                account: account.to_owned(),
                password: password.to_owned(),
                code: code.to_owned(),
                ..api::SignInRequest::default()
            },
        );
        let status = office.client.sign_in(request).await.unwrap_err();
        let fields = status.get_details_bad_request().unwrap().field_violations;
        assert_eq!(fields[0].field, field, "{status:?}");
    }
    office.sign_in("10.0.0.2", PASSWORD).await.unwrap();
}

#[tokio::test]
async fn where_there_are_no_accounts_one_learns_who_one_is_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let access = Arc::new(Access::open_or_create(dir.path().join("access.redb")).unwrap());
    let office = OfficeCode::new("610729").unwrap();
    let guard = Guard::new(Arc::clone(&access), office, system_clock()).with_dev();
    let mut routes = RoutesBuilder::default();
    add_service(&Counter::new(guard, access), &mut routes);
    let mut client = AccountServiceClient::new(routes.routes());
    let me = client.who_am_i(api::WhoAmIRequest {}).await.unwrap().into_inner();
    assert_eq!((me.id.as_str(), me.is_session), ("dev", false));
    let request = api::SignInRequest {
        account: "admin".to_owned(),
        password: PASSWORD.to_owned(),
        ..api::SignInRequest::default()
    };
    let refused = client.sign_in(request).await.unwrap_err();
    assert_eq!(reason(&refused), "NoAccounts");
    let refused = client
        .list_accounts(api::ListAccountsRequest::default())
        .await
        .unwrap_err();
    assert_eq!(reason(&refused), "NoAccounts");
}
