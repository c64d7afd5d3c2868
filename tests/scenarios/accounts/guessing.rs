//! Those who guess, and those who send too much.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use keshi_proto::api;
use keshi_tests::caller::{Caller, attendance, refusal};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use super::{HERS, Office, accounts, by_password, of_school};

/// An attempt that comes from this address, as pages elsewhere on the machine say.
async fn guess(stranger: &Caller, account: &str, password: &str, from: &str) -> Result<api::SignInResponse, Status> {
    let mut request = stranger.request(api::SignInRequest {
        account: account.to_owned(),
        password: password.to_owned(),
        ..api::SignInRequest::default()
    });
    request
        .metadata_mut()
        .insert("keshi-peer", from.parse().expect("plain"));
    request.set_timeout(Duration::from_mins(1));
    let answer = accounts(stranger).sign_in(request).await;
    answer.map(tonic::Response::into_inner)
}

fn bytes_in(dir: &Path) -> u64 {
    let files = fs::read_dir(dir)
        .expect("a directory")
        .map(|file| file.expect("a file"));
    files.map(|file| file.metadata().expect("it is there").len()).sum()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_password_of_ten_kilobytes_is_refused_unread_and_no_account_is_answered_as_a_wrong_password() {
    let office = Office::first().await;
    let stranger = office.stranger();
    office.member("clerk-1", "clerk", of_school("S1")).await;
    let long = refusal(
        &by_password(&stranger, "clerk-1", &"x".repeat(10_000))
            .await
            .unwrap_err(),
    );
    assert_eq!(
        (long.code, long.fields),
        (Code::InvalidArgument, vec!["password".to_owned()])
    );
    let huge = by_password(&stranger, "clerk-1", &"x".repeat(1 << 20))
        .await
        .unwrap_err();
    assert_eq!(refusal(&huge).reason, "TooMuchAtOnce");

    let wrong = by_password(&stranger, "clerk-1", "not hers at all").await.unwrap_err();
    let nobody = by_password(&stranger, "clerk-2", "not hers at all").await.unwrap_err();
    assert_eq!((wrong.code(), wrong.message()), (nobody.code(), nobody.message()));
    assert_eq!(wrong.details(), nobody.details());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_guesses_waits_longer_and_longer_and_the_holder_elsewhere_does_not() {
    let office = Office::first().await;
    let stranger = office.stranger();
    office.member("clerk-1", "clerk", of_school("S1")).await;
    for account in ["clerk-1", "clerk-2"] {
        for _ in 0..3 {
            let wrong = guess(&stranger, account, "not hers at all", "10.0.0.9")
                .await
                .unwrap_err();
            assert_eq!(refusal(&wrong).reason, "SignInRefused");
        }
        // Also with the right one.
        let early = guess(&stranger, account, HERS, "10.0.0.9").await.unwrap_err();
        assert_eq!(refusal(&early).reason, "WaitToSignIn");
        let wait = early
            .get_details_retry_info()
            .expect("how long")
            .retry_delay
            .expect("how long");
        assert!(wait <= Duration::from_secs(1), "{wait:?}");
    }
    by_password(&stranger, "clerk-1", HERS).await.expect("signed in");
    // What became of it is told to her, and to nobody who may not see it.
    let request = office.admin.request(api::ListSignInsRequest {
        account: "clerk-1".to_owned(),
        ..api::ListSignInsRequest::default()
    });
    let listed = accounts(&office.admin).list_sign_ins(request).await;
    let listed = listed.expect("a list").into_inner().sign_ins;
    let failed = listed
        .iter()
        .filter(|line| !line.is_success && line.address == "10.0.0.9");
    assert_eq!(failed.count(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_guesses_leave_posting_alone_and_fill_no_file() {
    let office = Office::first().await;
    office.admin.furnish().await;
    office.member("clerk-1", "clerk", of_school("S1")).await;
    let dir = office.data.path().join("610729");
    let before = bytes_in(&dir);
    let goes_on = Arc::new(AtomicBool::new(true));
    let poster = {
        let (admin, goes_on) = (office.admin.clone(), Arc::clone(&goes_on));
        tokio::spawn(async move {
            let mut posted = 0;
            while goes_on.load(Ordering::Relaxed) {
                admin
                    .record(vec![attendance("X1", ["T1", "T2"][posted % 2], 300)])
                    .await;
                posted += 1;
            }
            posted
        })
    };
    let guessers: Vec<_> = (0..8_u32)
        .map(|guesser| {
            let stranger = office.stranger();
            tokio::spawn(async move {
                let (mut refused, mut waits) = (0, 0);
                for n in (guesser..1_000).step_by(8) {
                    // A third at an account that there is, of many addresses; the others at names that are none's.
                    let from = std::net::Ipv4Addr::from(0x0a00_0000 + n).to_string();
                    let name = format!("nobody-{n}");
                    let name = if n % 3 == 0 { "clerk-1" } else { &name };
                    let status = guess(&stranger, name, "not hers at all", &from).await.unwrap_err();
                    match refusal(&status).reason.as_str() {
                        "SignInRefused" => refused += 1,
                        "WaitToSignIn" => waits += 1,
                        other => panic!("{other}: {status:?}"),
                    }
                }
                (refused, waits)
            })
        })
        .collect();
    let (mut refused, mut waits) = (0, 0);
    for guesser in guessers {
        let (more_refused, more_waits) = guesser.await.expect("it ran");
        (refused, waits) = (refused + more_refused, waits + more_waits);
        // At her own address she signs in meanwhile.
        by_password(&office.stranger(), "clerk-1", HERS)
            .await
            .expect("signed in");
    }
    goes_on.store(false, Ordering::Relaxed);
    let meanwhile = poster.await.expect("it ran");
    println!("{refused} refused, {waits} had to wait, {meanwhile} submissions posted meanwhile");
    assert!(waits > 200, "{waits}");
    assert!(meanwhile > 10, "{meanwhile}");
    assert!(bytes_in(&dir.join("signins")) < 30_000);
    assert!(bytes_in(&dir) < before + (4 << 20), "{}", bytes_in(&dir));
    assert_eq!(office.keshi.stop(), Some(0));
    // What was only counted is written at the end: of the thousand none is missing.
    let text: String = fs::read_dir(dir.join("signins"))
        .expect("a directory")
        .map(|file| fs::read_to_string(file.expect("a file").path()).expect("text"))
        .collect();
    let failed = text.lines().filter(|line| line.contains("\"failed\""));
    let counts = failed.map(|line| match line.split_once("\"count\":") {
        Some((_, rest)) => rest.trim_end_matches('}').parse::<u32>().expect("a number"),
        None => 1,
    });
    assert_eq!(counts.sum::<u32>(), refused);
}
