//! An import that is stopped: what was sent stays, and is said exactly.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use keshi_client::{Client, over};
use keshi_core::lang::{Lang, Say};
use keshi_import::{Job, Watch, check};
use keshi_office::access::{DevRole, Scope};
use keshi_proto::api;
use keshi_proto::api::registry_service_client::RegistryServiceClient;
use keshi_sheets::plan::Rows;
use keshi_sheets::read::read;
use keshi_sheets::report::Outcome;

use crate::html;
use crate::office::{Pages, call};

/// Rows of the sheet that may be recorded.
const GOOD: usize = 40;

/// Stops once something of what is called so is done.
struct StopsAt {
    what: &'static str,
    is_there: AtomicBool,
    is_stopped: AtomicBool,
}

impl StopsAt {
    const fn new(what: &'static str) -> Self {
        Self {
            what,
            is_there: AtomicBool::new(false),
            is_stopped: AtomicBool::new(false),
        }
    }
}

impl Watch for StopsAt {
    fn note(&self, _: Say) {}

    fn begins(&self, what: Say, _: u64) {
        self.is_there.store(what.pick(Lang::En) == self.what, Ordering::SeqCst);
    }

    fn reached(&self, steps: u64) {
        if steps > 0 && self.is_there.load(Ordering::SeqCst) {
            self.is_stopped.store(true, Ordering::SeqCst);
        }
    }

    fn ended(&self) {}

    fn is_stopped(&self) -> bool {
        self.is_stopped.load(Ordering::SeqCst)
    }
}

fn clerk() -> DevRole {
    let scope = Scope {
        school: Some("S1".to_owned()),
        ..Scope::default()
    };
    DevRole::new("clerk", scope).expect("a role")
}

fn client(pages: &Pages) -> Client {
    let header = clerk().header().parse().expect("a header");
    Client::new(
        over(pages.office.channel.clone()),
        Some(header),
        Lang::En,
        Duration::from_mins(1),
    )
}

/// An office whose register has the name of another school's teacher.
async fn pages() -> Pages {
    let pages = Pages::furnished().await;
    let identity = api::Identity {
        teacher_id: "T2".to_owned(),
        name: "试样2".to_owned(),
        ..api::Identity::default()
    };
    let request = api::PutIdentitiesRequest {
        identities: vec![identity],
    };
    let mut registry = RegistryServiceClient::new(pages.office.channel.clone());
    let put = registry.put_identities(call(&DevRole::default(), request));
    put.await.expect("taken");
    pages
}

/// A sheet that goes out in many parts: every other row is not hers to post, and ends a part.
fn rows() -> Arc<Rows> {
    use std::fmt::Write as _;
    let mut sheet = "听课人,教师编号,听课日期,听课学校\n".to_owned();
    for n in 0..GOOD {
        let (month, day) = (1 + n / 28, 1 + n % 28);
        let _ = writeln!(
            sheet,
            ",O{n:03},2021-{month:02}-{day:02},S1\n试样2,T2,2021-{month:02}-{day:02},S2"
        );
    }
    let book = read("听课.csv", sheet.as_bytes()).expect("a sheet");
    Arc::new(Rows::new(vec![book]))
}

#[tokio::test]
async fn an_import_stopped_while_it_is_sent_says_exactly_what_is_recorded_and_goes_on_later() {
    let pages = pages().await;
    let (client, before) = (client(&pages), pages.office.engine.head().size);
    let watch = StopsAt::new("recording");
    let mut import = check(&client, &watch, &Job::default(), rows()).await.expect("checked");
    assert_eq!(import.tally().of(Outcome::Recorded), GOOD as u64);
    import.send(&client, &watch).await.expect("stopped");
    let (recorded, left) = (
        import.tally().of(Outcome::Recorded),
        import.tally().of(Outcome::NotSent),
    );
    assert!(import.is_sent && import.is_stopped);
    assert!((1..10).contains(&recorded), "{recorded} recorded");
    assert_eq!(recorded + left, GOOD as u64);
    assert_eq!(pages.office.engine.head().size, before + recorded);

    let watch = StopsAt::new("never");
    let mut rest = check(&client, &watch, &Job::default(), rows()).await.expect("checked");
    assert_eq!(rest.tally().of(Outcome::Duplicate), recorded);
    rest.send(&client, &watch).await.expect("sent");
    assert!(rest.is_sent && !rest.is_stopped);
    assert_eq!(pages.office.engine.head().size, before + GOOD as u64);
}

#[tokio::test]
async fn an_import_stopped_while_it_is_checked_records_nothing() {
    let pages = pages().await;
    let before = pages.office.engine.head().size;
    let stopped = check(
        &client(&pages),
        &StopsAt::new("looking people up"),
        &Job::default(),
        rows(),
    )
    .await;
    let says = stopped.err().map(|stopped| stopped.says[0].pick(Lang::En).to_owned());
    assert!(says.is_some_and(|says| says.contains("nothing was recorded")));
    assert_eq!(pages.office.engine.head().size, before);
}

#[tokio::test]
async fn an_import_stopped_while_it_is_compared_says_so_and_tells_no_half_of_what_changed() {
    let pages = pages().await;
    let client = client(&pages);
    let sheet = |hours: u32| {
        let rows = (1..=3).map(|n| format!("T1,X1,2022-03-04,{hours},{}\n", ["学员", "主讲", "评委"][n - 1]));
        let text = format!("教师编号,场次编号,日期,学时,身份\n{}", rows.collect::<String>());
        let book = read("签到.csv", text.as_bytes()).expect("a sheet");
        Arc::new(Rows::new(vec![book]))
    };
    let never = StopsAt::new("never");
    let mut first = check(&client, &never, &Job::default(), sheet(6))
        .await
        .expect("checked");
    first.send(&client, &never).await.expect("sent");
    assert_eq!(first.tally().of(Outcome::Recorded), 3);
    let whole = check(&client, &never, &Job::default(), sheet(4))
        .await
        .expect("checked");
    assert_eq!(whole.tally().of(Outcome::Changed), 3);
    let watch = StopsAt::new("comparing with the ledger");
    let stopped = check(&client, &watch, &Job::default(), sheet(4)).await;
    let says = stopped.err().map(|stopped| stopped.says[0].pick(Lang::En).to_owned());
    assert!(says.is_some_and(|says| says.contains("nothing was recorded")));
}

#[tokio::test]
async fn the_page_of_a_working_import_has_a_button_that_stops_it_and_frees_its_place() {
    use std::fmt::Write as _;
    const ROWS: usize = 6_000;
    let pages = Pages::furnished().await;
    let (role, before) = (clerk(), pages.office.engine.head().size);
    let mut sheet = "教师编号,听课日期,听课学校,课题\n".to_owned();
    for n in 0..ROWS {
        let _ = writeln!(sheet, "O{:03},2021-03-05,S1,{n}", n % 60);
    }
    let here = pages
        .choose(&role, "听课.csv", &sheet)
        .await
        .location
        .expect("an import");
    let working = pages.get(&role, &here).await.text();
    let stop = format!("{here}/stop");
    assert!(working.contains(&format!("action=\"{stop}\"")), "{working}");
    html::check(&here, &working);
    pages.post(&role, &here, &stop, String::new()).await;
    let stopped = pages.worked(&role, &here).await.text();
    html::check(&here, &stopped);
    assert!(
        stopped.contains("it was stopped, and nothing was recorded"),
        "{stopped}"
    );
    assert_eq!(pages.office.engine.head().size, before);
    // It may go on, and a stop of what does not work is no stop.
    pages.post(&role, &here, &stop, String::new()).await;
    pages.post(&role, &here, &format!("{here}/check"), String::new()).await;
    let checked = pages.worked(&role, &here).await.text();
    assert!(checked.contains("to be recorded 6,000"), "{checked}");
}
