//! Heavy questions: refused where they are too much, answered in the time that others leave where they are not.

use std::fmt::Write as _;
use std::time::Duration;

use keshi_proto::api;
use keshi_proto::api::policy_choice::Policy as Given;
use keshi_tests::caller::{Caller, assignment, person, refusal};
use keshi_tests::process::Keshi;
use tokio::task::JoinSet;
use tonic::{Code, Status};

use super::neighbours::go_on;
use super::{BEYOND_REST_MAX, house, peak, token_of, took_at_most};
use crate::is_long;

/// Questions under way at once: as many as the desk lets one caller have.
const AT_ONCE: usize = 4;

/// How soon each is asked again: a flood of refusals would measure how fast this machine, which the guest is on too, asks.
const AGAIN_EVERY: Duration = Duration::from_millis(100);

/// A policy of so many requirements by the month.
fn policy(requirements: usize) -> String {
    let mut text = String::from(
        "language = 1\nid = \"guest\"\nversion = 1\nname = \"n\"\neffective_from = 2020-01-01\nretroactive = true\n\
         [scope]\npost = [\"教师\"]\n",
    );
    for number in 0..requirements {
        let _ = write!(
            text,
            "[[requirement]]\nid = \"R{number}\"\nmeter = \"training_hours\"\nperiod = \"month\"\nmin = 1\n"
        );
    }
    text
}

/// Compares a policy with itself: nothing comes out otherwise, and everything is computed.
fn comparison(document: &str, period: &str) -> api::ComparePoliciesRequest {
    let choice = || {
        Some(api::PolicyChoice {
            policy: Some(Given::Document(document.to_owned())),
        })
    };
    api::ComparePoliciesRequest {
        before: choice(),
        after: choice(),
        period: period.to_owned(),
        ..api::ComparePoliciesRequest::default()
    }
}

/// Asks to the end.
async fn compare(caller: &Caller, question: api::ComparePoliciesRequest) -> Result<(), Status> {
    let mut answer = caller
        .ledger()
        .compare_policies(caller.request(question))
        .await?
        .into_inner();
    while answer.message().await?.is_some() {}
    Ok(())
}

/// Asks the same again and again, several at once, until dropped.
fn besiege(keshi: &Keshi, tokens: &[String], question: &api::ComparePoliciesRequest) -> JoinSet<()> {
    let mut asking = JoinSet::new();
    for number in 0..AT_ONCE {
        let (url, token) = (keshi.url(), tokens[number % tokens.len()].clone());
        let question = question.clone();
        asking.spawn(async move {
            let caller = Caller::connect(&url).await.with(&token);
            let mut again = tokio::time::interval(AGAIN_EVERY);
            loop {
                again.tick().await;
                let _refused_or_done = compare(&caller, question.clone()).await;
            }
        });
    }
    asking
}

#[track_caller]
fn too_much(answer: Result<(), Status>) {
    let found = refusal(&answer.expect_err("too much"));
    assert_eq!(found.code, Code::InvalidArgument, "{found:?}");
}

/// Such a question is refused, and others go on while a teacher asks it again and again.
async fn refused_and_others_go_on(what: &str, question: api::ComparePoliciesRequest) {
    let (data, keshi, admin, _clerk) = house().await;
    let rest = peak(&keshi);
    let token = token_of(data.path(), &["teacher", "--teacher", "T1", "--id", "t1"]);
    let teacher = Caller::connect(&keshi.url()).await.with(&token);
    super::known(&teacher).await;
    too_much(compare(&teacher, question.clone()).await);
    let tokens = [token];
    go_on(what, &keshi.url(), admin.token(), async || {
        besiege(&keshi, &tokens, &question)
    })
    .await;
    took_at_most(&keshi, rest, BEYOND_REST_MAX);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_teachers_question_over_two_hundred_years_is_refused_and_others_go_on() {
    refused_and_others_go_on("200 years", comparison(&policy(60), "1950..2149")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_policy_of_two_thousand_three_hundred_requirements_is_refused_and_others_go_on() {
    refused_and_others_go_on("2,300 requirements", comparison(&policy(2_300), "2022")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_largest_questions_that_are_answered_leave_the_machine_to_others() {
    let (data, keshi, admin, _clerk) = house().await;
    let teachers = if is_long() { 3_000 } else { 40 };
    let mut events = Vec::new();
    for number in 0..teachers {
        let id = format!("G{number}");
        events.extend([person(&id), assignment(&id, "S1")]);
    }
    for events in events.chunks(2_000) {
        admin.record(events.to_vec()).await;
    }
    let rest = peak(&keshi);
    let question = comparison(&policy(60), "2021..2022");
    let mut tokens = Vec::new();
    for number in 0..4 {
        let token = token_of(data.path(), &["auditor", "--id", &format!("guest-{number}")]);
        let caller = Caller::connect(&keshi.url()).await.with(&token);
        super::known(&caller).await;
        if !is_long() {
            compare(&caller, question.clone()).await.expect("an answer");
        }
        tokens.push(token);
    }
    go_on("the largest questions", &keshi.url(), admin.token(), async || {
        besiege(&keshi, &tokens, &question)
    })
    .await;
    took_at_most(&keshi, rest, BEYOND_REST_MAX);
}
