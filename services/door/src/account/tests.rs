use std::sync::atomic::{AtomicI64, Ordering};

use keshi_core::ids::OfficeCode;
use keshi_office::access::Role;
use keshi_office::accounts::{NewAccount, PASSWORD_BYTES_MAX, SESSION_PREFIX};
use keshi_proto::api;
use keshi_proto::api::account_service_client::AccountServiceClient;
use tonic::service::Routes;
use tonic::{Code, Request, Status};
use tonic_types::StatusExt as _;

use super::*;
use crate::{Clock, PEER_HEADER, Peer, system_clock};

const PASSWORD: &str = "correct horse";

/// A counter with one account, `clerk-1`, that has a password, and the way to it in this process.
struct Office {
    _dir: tempfile::TempDir,
    accounts: Arc<Accounts>,
    client: AccountServiceClient<Routes>,
}

impl Office {
    async fn open() -> Self {
        Self::open_by(system_clock()).await
    }

    async fn open_by(clock: Clock) -> Self {
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
        let guard = Guard::new(Arc::clone(&access), OfficeCode::new("610729").unwrap(), clock);
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

/// The code that an app makes of this secret, so many steps from now.
fn code_of(secret: &str, steps: i64) -> String {
    code_at(secret, Timestamp::now().as_second() + 30 * steps)
}

fn code_at(secret: &str, second: i64) -> String {
    let secret = totp_rs::Secret::try_from_base32(secret).unwrap();
    let totp = totp_rs::Builder::new().with_secret(secret).build().unwrap();
    totp.generate(u64::try_from(second).unwrap()).to_string()
}

/// Somebody's request in her session.
fn hers<T>(secret: &str, message: T) -> Request<T> {
    let mut request = asked_from("10.0.0.1", message);
    let bearer = format!("Bearer {secret}").parse().unwrap();
    request.metadata_mut().insert("authorization", bearer);
    request
}

#[tokio::test]
async fn who_set_a_second_factor_is_asked_for_a_code_that_is_taken_once() {
    let mut office = Office::open().await;
    let session = office.sign_in("10.0.0.1", PASSWORD).await.unwrap().session_secret;
    let new = hers(&session, api::NewSecondFactorRequest {});
    let secret = office.client.new_second_factor(new).await.unwrap().into_inner().secret;
    let set = |password: &str, secret: &str, code: String| {
        hers(
            &session,
            api::SetSecondFactorRequest {
                password: password.to_owned(),
                secret: secret.to_owned(),
                code,
            },
        )
    };
    // Neither without the password, nor without a code of this secret.
    for (password, code, expected) in [
        ("another one", code_of(&secret, 0), "SignInRefused"),
        (PASSWORD, "000000".to_owned(), "InvalidFields"),
    ] {
        let refused = office.client.set_second_factor(set(password, &secret, code)).await;
        assert_eq!(reason(&refused.unwrap_err()), expected);
    }
    assert!(!office.sign_in("10.0.0.1", PASSWORD).await.unwrap().needs_second_code);
    let right = set(PASSWORD, &secret, code_of(&secret, 0));
    office.client.set_second_factor(right).await.unwrap();

    let asked = office.sign_in("10.0.0.1", PASSWORD).await.unwrap();
    assert!(asked.needs_second_code && asked.session_secret.is_empty());
    let sign_in = |second_code: String| {
        let request = api::SignInRequest {
            account: "clerk-1".to_owned(),
            password: PASSWORD.to_owned(),
            second_code,
            ..api::SignInRequest::default()
        };
        asked_from("10.0.0.1", request)
    };
    // The next one, since this one is taken; a neighbour is good as well.
    let code = code_of(&secret, 1);
    let within = office.client.sign_in(sign_in(code.clone())).await.unwrap().into_inner();
    assert!(within.session_secret.starts_with(SESSION_PREFIX));
    // A session and the password neither take it away nor put another in its place.
    let within = within.session_secret;
    for (secret, expected) in [("", "InvalidFields"), (secret.as_str(), "SecondFactorSet")] {
        let set = api::SetSecondFactorRequest {
            password: PASSWORD.to_owned(),
            secret: secret.to_owned(),
            code: code.clone(),
        };
        let refused = office.client.set_second_factor(hers(&within, set)).await.unwrap_err();
        assert_eq!(reason(&refused), expected);
    }
    for again in [code, code_of(&secret, 9)] {
        let refused = office.client.sign_in(sign_in(again)).await.unwrap_err();
        assert_eq!(reason(&refused), "SecondCodeRefused");
    }
    // Who guesses codes waits as who guesses passwords.
    let waits = office.client.sign_in(sign_in(code_of(&secret, 1))).await.unwrap_err();
    assert_eq!(reason(&waits), "WaitToSignIn");
}

#[tokio::test]
async fn whoever_knows_the_password_gets_no_free_guesses_at_codes_by_asking_for_one_in_between() {
    let mut office = Office::open().await;
    let session = office.sign_in("10.0.0.1", PASSWORD).await.unwrap().session_secret;
    let new = hers(&session, api::NewSecondFactorRequest {});
    let secret = office.client.new_second_factor(new).await.unwrap().into_inner().secret;
    let set = api::SetSecondFactorRequest {
        password: PASSWORD.to_owned(),
        code: code_of(&secret, 0),
        secret: secret.clone(),
    };
    office.client.set_second_factor(hers(&session, set)).await.unwrap();
    // At an address from which she signed in before, where the account's own count does not hold.
    let mut answers = Vec::new();
    for _ in 0..4 {
        let guess = api::SignInRequest {
            account: "clerk-1".to_owned(),
            password: PASSWORD.to_owned(),
            second_code: code_of(&secret, 9),
            ..api::SignInRequest::default()
        };
        let refused = office.client.sign_in(asked_from("10.0.0.1", guess)).await.unwrap_err();
        answers.push(reason(&refused));
        if answers.len() < 3 {
            assert!(office.sign_in("10.0.0.1", PASSWORD).await.unwrap().needs_second_code);
        }
    }
    let refused = "SecondCodeRefused";
    assert_eq!(answers, [refused, refused, refused, "WaitToSignIn"]);
}

#[tokio::test]
async fn a_reset_takes_the_second_factor_away_and_a_new_password_does_not() {
    let mut office = Office::open().await;
    let session = office.sign_in("10.0.0.1", PASSWORD).await.unwrap().session_secret;
    let new = hers(&session, api::NewSecondFactorRequest {});
    let secret = office.client.new_second_factor(new).await.unwrap().into_inner().secret;
    let set = api::SetSecondFactorRequest {
        password: PASSWORD.to_owned(),
        code: code_of(&secret, 0),
        secret,
    };
    office.client.set_second_factor(hers(&session, set)).await.unwrap();
    let another = api::SetPasswordRequest {
        password: PASSWORD.to_owned(),
        new_password: "another horse".to_owned(),
        device: String::new(),
    };
    let new = office
        .client
        .set_password(hers(&session, another))
        .await
        .unwrap()
        .into_inner();
    let me = |session: &str| hers(session, api::WhoAmIRequest {});
    let told = office
        .client
        .who_am_i(me(&new.session_secret))
        .await
        .unwrap()
        .into_inner();
    assert!(told.has_second_factor);
    assert!(
        office
            .sign_in("10.0.0.1", "another horse")
            .await
            .unwrap()
            .needs_second_code
    );
    office
        .accounts
        .reset("610729", "clerk-1", ("admin", Timestamp::now()))
        .unwrap();
    let changes = office.accounts.changes("610729", Some("clerk-1"), 0, 10);
    let words: Vec<_> = changes.iter().map(|change| change.what.as_str()).collect();
    assert_eq!(
        words,
        ["created", "password_set", "second_factor_set", "password_set", "reset"]
    );
    assert!(office.accounts.get("clerk-1").unwrap().second_factor().is_none());
}

#[tokio::test]
async fn a_code_of_the_present_app_takes_it_away_again() {
    let clock = Arc::new(AtomicI64::new(Timestamp::now().as_second()));
    let hands = Arc::clone(&clock);
    let now = move || Timestamp::from_second(hands.load(Ordering::Relaxed)).unwrap();
    let mut office = Office::open_by(Arc::new(now)).await;
    let session = office.sign_in("10.0.0.1", PASSWORD).await.unwrap().session_secret;
    let new = hers(&session, api::NewSecondFactorRequest {});
    let secret = office.client.new_second_factor(new).await.unwrap().into_inner().secret;
    for of in [secret.as_str(), ""] {
        // A minute later the code is another.
        let code = code_at(&secret, clock.fetch_add(60, Ordering::Relaxed) + 60);
        let set = api::SetSecondFactorRequest {
            password: PASSWORD.to_owned(),
            secret: of.to_owned(),
            code,
        };
        office.client.set_second_factor(hers(&session, set)).await.unwrap();
        let asked = office.sign_in("10.0.0.1", PASSWORD).await.unwrap();
        assert_eq!(asked.needs_second_code, !of.is_empty());
    }
}
