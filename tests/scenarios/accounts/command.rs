//! `keshi account`, on a running server and without one.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use keshi_proto::api;
use keshi_tests::caller::Caller;
use keshi_tests::process::{Ran, run};

use super::{HERS, Office, by_password, set_password, up, who_am_i};

fn keshi(data: &Path, args: &[&str]) -> Ran {
    let data = data.to_str().expect("a plain path");
    run(&[args, &["--data", data, "--lang", "en"]].concat())
}

#[track_caller]
fn done(ran: Ran) -> String {
    assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
    ran.out
}

/// The one-time code in a line of a table or of JSON.
fn code_in(text: &str, account: &str) -> String {
    let line = text.lines().find(|line| line.contains(account)).expect("its line");
    let mut words = line.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'));
    let code = words.find(|word| word.len() == 19 && word.matches('-').count() == 3);
    code.expect("a code").to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_is_made_changed_reset_and_closed_by_command_also_while_no_server_runs() {
    let office = Office::first().await;
    let data = office.data.path();
    let made = done(keshi(
        data,
        &["account", "create", "clerk-1", "--role", "clerk", "--school", "S1"],
    ));
    let hers = set_password(&office.stranger(), "clerk-1", &code_in(&made, "clerk-1"), HERS).await;
    let hers = office.admin.with(&hers);
    done(keshi(data, &["account", "change", "clerk-1", "--role", "auditor"]));
    assert_eq!(who_am_i(&hers).await.expect("let in").role, "auditor");

    let wrong = keshi(
        data,
        &["account", "create", "clerk-1", "--role", "clerk", "--school", "S1"],
    );
    assert_eq!(wrong.code, Some(1), "{}", wrong.out);
    assert!(wrong.err.contains("accounts[0].id"), "{}", wrong.err);

    let session = hers.token().to_owned();
    let data = office.data;
    assert_eq!(office.keshi.stop(), Some(0));
    let reset = done(keshi(data.path(), &["account", "reset", "clerk-1", "--json"]));
    let code = code_in(&reset, "clerk-1");
    done(keshi(data.path(), &["account", "create", "admin-2", "--role", "admin"]));
    done(keshi(data.path(), &["account", "close", "admin-2"]));
    let server = up(data.path());
    let stranger = Caller::connect(&server.url()).await;
    who_am_i(&stranger.with(&session))
        .await
        .expect_err("ended by the reset");
    by_password(&stranger, "clerk-1", HERS).await.expect_err("void");
    set_password(&stranger, "clerk-1", &code, "another horse entirely").await;

    let listed = done(keshi(data.path(), &["account", "list"]));
    for (account, state) in [("admin ", "active"), ("admin-2", "closed"), ("clerk-1", "active")] {
        let line = listed.lines().find(|line| line.starts_with(account));
        assert!(line.is_some_and(|line| line.contains(state)), "{listed}");
    }
    let signins = done(keshi(data.path(), &["account", "signins", "clerk-1"]));
    assert_eq!(signins.matches("signed in").count(), 2, "{signins}");
    assert_eq!(signins.matches("failed").count(), 1, "{signins}");
    let changes = done(keshi(data.path(), &["account", "changes", "clerk-1", "--json"]));
    let what: Vec<&str> = ["created", "password_set", "rights_changed", "reset", "password_set"].to_vec();
    let found: Vec<&str> = changes
        .lines()
        .map(|line| {
            what.iter()
                .find(|what| line.contains(&format!("\"{what}\"")))
                .expect("a word")
        })
        .copied()
        .collect();
    assert_eq!(found, what);
    let doctor = done(keshi(data.path(), &["doctor"]));
    assert!(doctor.contains("accounts.redb: 3, every record verifies"), "{doctor}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_teacher_of_a_school_gets_an_account_once_and_a_slip_that_only_its_maker_can_read() {
    let office = Office::first().await;
    office.admin.furnish().await;
    let identity = api::Identity {
        teacher_id: "T1".to_owned(),
        name: "教师甲".to_owned(),
        ..api::Identity::default()
    };
    let put = office.admin.request(api::PutIdentitiesRequest {
        identities: vec![identity],
    });
    let mut registry = api::registry_service_client::RegistryServiceClient::new(office.admin.channel.clone());
    registry.put_identities(put).await.expect("stored");

    let data = office.data.path();
    let slips = data.join("slips.html");
    let path = slips.to_str().expect("a plain path");
    let school = ["account", "create", "--role", "teacher", "--for-school", "S1"];
    let made = done(keshi(
        data,
        &[&school[..], &["--slips", path, "--url", "https://keshi.example/"]].concat(),
    ));
    assert!(made.contains("教师甲") && !made.contains("t2 "), "{made}");
    let code = code_in(&made, "t1 ");
    let page = fs::read_to_string(&slips).expect("written");
    for text in ["教师甲", "S1 小学", "t1", &code, "https://keshi.example/"] {
        assert!(page.contains(text), "{text}: {page}");
    }
    assert_eq!(
        fs::metadata(&slips).expect("written").permissions().mode() & 0o777,
        0o600
    );
    // Those of the first time are not written over, nor is an account made whose code could not be told.
    let again = keshi(data, &[&school[..], &["--slips", path]].concat());
    assert_eq!(again.code, Some(2), "{}", again.err);
    let again = keshi(data, &school);
    assert!(
        again.code == Some(0) && again.out.is_empty(),
        "{}{}",
        again.out,
        again.err
    );
    assert!(again.err.contains("1 have an account"), "{}", again.err);

    let hers = set_password(&office.stranger(), "T1", &code, HERS).await;
    let hers = office.admin.with(&hers);
    hers.balance("T1").await.expect("her own");
    hers.balance("T2").await.expect_err("another's");
}
