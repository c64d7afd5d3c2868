//! What the holder of an account does: she sets a password, signs in and out, and is let in where a token is.

use keshi_proto::api;
use keshi_tests::caller::{Caller, refusal};
use keshi_tests::process::{Keshi, run};
use keshi_tests::site::Visitor;
use tempfile::tempdir;
use tonic::Code;

use super::{
    ADMINS, ARGUMENTS, HERS, Office, accounts, by_password, first_code, of_school, set_password, sign_in, up, who_am_i,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_start_leaves_a_code_with_which_the_admin_sets_her_password_and_reads_a_balance() {
    let office = Office::first().await;
    office.keshi.wait_said("one-time code of the admin's account admin");
    assert!(!first_code(office.data.path()).exists(), "a used code is removed");
    office.admin.furnish().await;
    office.admin.balance("T1").await.expect("a balance");
    let me = who_am_i(&office.admin).await.expect("an answer");
    assert_eq!(
        (me.id.as_str(), me.role.as_str(), me.is_session),
        ("admin", "admin", true)
    );
    // Of a token, too.
    let token = std::fs::read_to_string(office.data.path().join("610729/token")).expect("kept");
    let program = who_am_i(&office.admin.with(token.trim())).await.expect("an answer");
    assert_eq!((program.role.as_str(), program.is_session), ("admin", false));
    assert_eq!(office.keshi.stop(), Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_in_place_of_the_password_asks_for_a_password_and_changes_nothing() {
    let office = Office::first().await;
    let stranger = office.stranger();
    let code = office.create("clerk-1", "clerk", of_school("S1")).await;
    for typed in [code.clone(), code.to_uppercase(), code.replace('-', " ")] {
        let answer = by_password(&stranger, "Clerk-1", &typed).await.expect("an answer");
        assert!(answer.must_set_password && answer.session_secret.is_empty());
    }
    let weak = sign_in(
        &stranger,
        api::SignInRequest {
            account: "clerk-1".to_owned(),
            code: code.clone(),
            new_password: "1234567890".to_owned(),
            ..api::SignInRequest::default()
        },
    );
    let weak = refusal(&weak.await.unwrap_err());
    assert_eq!(
        (weak.reason.as_str(), weak.fields),
        ("InvalidFields", vec!["new_password".to_owned()])
    );
    set_password(&stranger, "clerk-1", &code, HERS).await;
    let used = refusal(&by_password(&stranger, "clerk-1", &code).await.unwrap_err());
    assert_eq!(
        (used.code, used.reason.as_str()),
        (Code::Unauthenticated, "SignInRefused")
    );
    by_password(&stranger, "clerk-1", HERS).await.expect("signed in");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_signed_out_or_was_signed_out_is_not_let_in() {
    let office = Office::first().await;
    let stranger = office.stranger();
    let hers = office.member("clerk-1", "clerk", of_school("S1")).await;
    let other = by_password(&stranger, "clerk-1", HERS).await.expect("signed in");
    let other = stranger.with(&other.session_secret);
    let listed = accounts(&hers)
        .list_sessions(hers.request(api::ListSessionsRequest::default()))
        .await;
    let listed = listed.expect("a list").into_inner().sessions;
    assert_eq!(
        listed.iter().map(|session| session.is_this).collect::<Vec<_>>(),
        [false, true]
    );
    assert_eq!(listed[0].address, "127.0.0.1");
    let session_id = listed[0].id.clone();
    let end = hers.request(api::EndSessionRequest {
        session_id,
        account: String::new(),
    });
    accounts(&hers).end_session(end).await.expect("ended");
    let ended = refusal(&who_am_i(&other).await.unwrap_err());
    assert_eq!(
        (ended.code, ended.reason.as_str()),
        (Code::Unauthenticated, "SessionEnded")
    );
    accounts(&hers)
        .sign_out(hers.request(api::SignOutRequest {}))
        .await
        .expect("out");
    assert_eq!(refusal(&who_am_i(&hers).await.unwrap_err()).reason, "SessionEnded");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_password_needs_the_old_one_and_ends_the_other_sessions() {
    let office = Office::first().await;
    let hers = office.member("clerk-1", "clerk", of_school("S1")).await;
    let set = |password: &str| {
        hers.request(api::SetPasswordRequest {
            password: password.to_owned(),
            new_password: "another horse entirely".to_owned(),
            device: String::new(),
        })
    };
    let wrong = accounts(&hers).set_password(set("not hers at all")).await.unwrap_err();
    assert_eq!(refusal(&wrong).reason, "SignInRefused");
    let new = accounts(&hers).set_password(set(HERS)).await.expect("set").into_inner();
    assert_eq!(refusal(&who_am_i(&hers).await.unwrap_err()).reason, "SessionEnded");
    who_am_i(&hers.with(&new.session_secret)).await.expect("let in");
    let stranger = office.stranger();
    by_password(&stranger, "clerk-1", HERS).await.unwrap_err();
    by_password(&stranger, "clerk-1", "another horse entirely")
        .await
        .expect("signed in");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_keeps_sessions_and_a_restored_backup_accounts_alone() {
    let office = Office::first().await;
    let hers = office.member("clerk-1", "clerk", of_school("S1")).await;
    let (data, session) = (office.data, hers.token().to_owned());
    assert_eq!(office.keshi.stop(), Some(0));
    let keshi = up(data.path());
    assert!(!keshi.said().contains("first start"), "{}", keshi.said());
    let me = who_am_i(&Caller::connect(&keshi.url()).await.with(&session)).await;
    assert_eq!(me.expect("let in").id, "clerk-1");

    let elsewhere = tempdir().expect("a directory");
    let path = |name: &str| elsewhere.path().join(name).display().to_string();
    let backup = run(&[
        "backup",
        &path("bak"),
        "--data",
        &data.path().display().to_string(),
        "--lang",
        "en",
    ]);
    assert_eq!(backup.code, Some(0), "{}", backup.err);
    assert!(
        backup.out.contains("accounts.redb: 6 records, each verified"),
        "{}",
        backup.out
    );
    assert_eq!(keshi.stop(), Some(0));
    let restore = run(&["restore", &path("bak"), "--data", &path("moved"), "--office", "610729"]);
    assert_eq!(restore.code, Some(0), "{}", restore.err);
    let keshi = up(&elsewhere.path().join("moved"));
    let stranger = Caller::connect(&keshi.url()).await;
    let before = who_am_i(&stranger.with(&session)).await.unwrap_err();
    assert_eq!(refusal(&before).reason, "SessionEnded");
    by_password(&stranger, "clerk-1", HERS).await.expect("signed in");
    by_password(&stranger, "admin", ADMINS).await.expect("signed in");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_password_typed_on_the_pages_is_noted_with_the_place_where_it_was_typed() {
    let office = Office::first().await;
    let hers = office.member("clerk-1", "clerk", of_school("S1")).await;
    let (data, cookie) = (office.data, format!("keshi-session={}", hers.token()));
    assert_eq!(office.keshi.stop(), Some(0));
    let behind = [&ARGUMENTS[..], &["--proxy", "127.0.0.1"]].concat();
    let keshi = Keshi::up(data.path(), &behind).expect("it listens");
    let mut page = Visitor::with(&keshi.pages_url(), &cookie).from("10.1.2.3");
    let new = encoded("another horse entirely");
    let wrong = page.post("/account/password", &format!("password=not+hers&new_password={new}"));
    assert!(wrong.page.contains("10.1.2.3"), "the failure: {}", wrong.page);
    let set = page.post(
        "/account/password",
        &format!("password={}&new_password={new}", encoded(HERS)),
    );
    assert_eq!(set.status, 303, "{}", set.page);
    let account = page.get("/account").page;
    let signed_in = account.split("Sign-ins").next().expect("a list");
    assert!(
        signed_in.contains("10.1.2.3") && !signed_in.contains("127.0.0.1"),
        "{signed_in}"
    );
    let wrong = page.post("/account/second", "password=not+hers");
    assert_eq!(
        wrong.page.matches(">10.1.2.3<").count(),
        account.matches(">10.1.2.3<").count() + 1,
        "{}",
        wrong.page
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_of_the_telephone_is_set_up_on_the_page_asked_for_at_sign_in_and_kept_from_whoever_has_none() {
    let office = Office::first().await;
    let clerk = office.member("clerk-1", "clerk", of_school("S1")).await;
    let url = office.keshi.pages_url();
    let cookie = format!("keshi-session={}", clerk.token());
    let mut page = Visitor::with(&url, &cookie);
    assert!(page.get("/account").page.contains("href=\"/account/second\""));
    let shown = page.get("/account/second").page;
    assert!(shown.contains("<svg") && shown.contains("otpauth://totp/"), "{shown}");
    let secret = value_of(&shown, "secret");
    let fields = |code: &str| {
        let secret = secret.clone();
        format!(
            "secret={secret}&url=otpauth://totp/x&code={code}&password={}",
            encoded(HERS)
        )
    };
    let wrong = page.post("/account/second", &fields("000000"));
    assert_eq!(wrong.status, 400, "{}", wrong.page);
    assert_eq!(value_of(&wrong.page, "secret"), secret, "what was begun is kept");
    let set = page.post("/account/second", &fields(&code_of(&secret, 0)));
    assert_eq!(set.status, 303, "{}", set.page);
    assert!(page.get("/account").page.contains("ask for it no more"));

    let mut other = Visitor::with(&url, "");
    let credentials = format!("account=clerk-1&password={}", encoded(HERS));
    let asked = other.post("/signin", &credentials);
    assert!(
        asked.status == 200 && asked.page.contains("second_code"),
        "{}",
        asked.page
    );
    let wrong = other.post("/signin", &format!("{credentials}&second_code=000000"));
    assert!(
        wrong.status == 401 && wrong.page.contains("second_code"),
        "{}",
        wrong.page
    );
    let within = other.post("/signin", &format!("{credentials}&second_code={}", code_of(&secret, 1)));
    assert_eq!(within.status, 303, "{}", within.page);
    assert_eq!(other.get("/account").status, 200);

    let kept = other.post("/account/second", &format!("code=000000&password={}", encoded(HERS)));
    assert_eq!(kept.status, 400, "{}", kept.page);
    let again = other.post("/account/second", &fields(&code_of(&secret, 1)));
    assert_eq!(again.status, 409, "{}", again.page);
}

/// The value of a hidden field.
fn value_of(page: &str, name: &str) -> String {
    let (_, after) = page.split_once(&format!("name=\"{name}\" value=\"")).expect("a field");
    after.split('"').next().unwrap_or_default().to_owned()
}

/// A text as forms send it.
fn encoded(text: &str) -> String {
    let hex = keshi_core::hex::show(text.as_bytes());
    let bytes = hex.as_bytes().chunks(2);
    bytes
        .flat_map(|byte| ['%', char::from(byte[0]), char::from(byte[1])])
        .collect()
}

/// The code that an app makes of this secret, so many steps from now.
fn code_of(secret: &str, steps: i64) -> String {
    let secret = totp_rs::Secret::try_from_base32(secret).expect("a secret");
    let totp = totp_rs::Builder::new()
        .with_secret(secret)
        .build()
        .expect("it is long enough");
    let second = jiff::Timestamp::now().as_second() + 30 * steps;
    totp.generate(u64::try_from(second).expect("after 1970")).to_string()
}
