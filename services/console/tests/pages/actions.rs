//! Who may do what: an action of the pages is done for exactly those for whom the services do it.

use std::sync::atomic::{AtomicU32, Ordering};

use keshi_office::access::DevRole;
use keshi_proto::api;
use keshi_proto::api::account_service_client::AccountServiceClient;
use keshi_proto::api::ledger_service_client::LedgerServiceClient;
use keshi_proto::api::registry_service_client::RegistryServiceClient;
use keshi_proto::api::review_service_client::ReviewServiceClient;
use keshi_proto::api::submission_service_client::SubmissionServiceClient;
use keshi_proto::event as pb;
use keshi_proto::event::fact::Fact;
use tonic::Status;

use crate::html;
use crate::office::{Answered, POLICY, Pages, call, claim, claim_of, roles};
use crate::support::{OFFICE, assignment, attendance, day, each, event, person, school, session};

/// What the pages do, and on whose things.
const ACTIONS: [Action; 25] = [
    Action::Correct("S1"),
    Action::Correct("S2"),
    Action::Void("S1"),
    Action::Void("S2"),
    Action::Import("T1"),
    Action::Import("T2"),
    Action::Record("T1"),
    Action::Record("T2"),
    Action::Tick("S1"),
    Action::Tick("S2"),
    Action::IssueCertificate,
    Action::ReissueCertificate,
    Action::VoidCertificate,
    Action::AdoptPolicy,
    Action::AdoptCalendar,
    Action::MakeAccount("auditor"),
    Action::MakeAccount("admin"),
    Action::MakeAccountsOfSchool,
    Action::ChangeAccount,
    Action::ResetAccount,
    Action::CloseAccount,
    Action::Claim("T1"),
    Action::Claim("T2"),
    Action::Review("T1"),
    Action::Review("T2"),
];

#[derive(Clone, Copy, Debug)]
enum Action {
    /// Of an attendance that the clerk of this school recorded of its teacher.
    Correct(&'static str),
    Void(&'static str),
    /// A lesson that this teacher observed.
    Import(&'static str),
    /// The same, typed in a form.
    Record(&'static str),
    /// The teacher of this school, at a session that the county held.
    Tick(&'static str),
    /// On an attendance of T2.
    IssueCertificate,
    ReissueCertificate,
    VoidCertificate,
    AdoptPolicy,
    AdoptCalendar,
    MakeAccount(&'static str),
    MakeAccountsOfSchool,
    ChangeAccount,
    ResetAccount,
    CloseAccount,
    /// A lesson of this teacher's.
    Claim(&'static str),
    /// The school's check of what this teacher claims.
    Review(&'static str),
}

/// Two things alike, so that what is done to one by a page can be done to the other by a call.
struct Twin {
    /// Tells it from every other, within this test.
    number: u32,
    /// The entry or account that it is done to.
    target: Target,
}

enum Target {
    None,
    Entry(Box<api::Event>, u64),
    Session(String),
    /// The event of an attendance of T2, and its entry.
    Basis(String, u64),
    /// The event that issued a certificate of T2.
    Certificate(String),
    Account(String),
    /// A claim, and its submission.
    Claim(String, String),
    /// A school with one teacher, who has no account.
    School(String, String),
}

impl Action {
    async fn twin(self, pages: &Pages) -> Twin {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let target = match self {
            Self::Correct(school) | Self::Void(school) => {
                let clerk = pages.office.clerk(school);
                let teacher = school.replace('S', "T");
                let held = format!("X-{number}");
                pages
                    .office
                    .record(&pages.office.admin(), vec![session("P1", &held)])
                    .await;
                let event = attendance(&held, &teacher, 500);
                let receipt = pages.office.record(&clerk, vec![event.clone()]).await;
                let index = receipt.verdicts[0].index.expect("recorded");
                Target::Entry(Box::new(event), index)
            }
            Self::IssueCertificate | Self::ReissueCertificate | Self::VoidCertificate => {
                let (admin, held) = (pages.office.admin(), format!("X-{number}"));
                let there = attendance(&held, "T2", 500);
                let basis = there.event_id.clone();
                let receipt = pages.office.record(&admin, vec![session("P1", &held), there]).await;
                if matches!(self, Self::IssueCertificate) {
                    Target::Basis(basis, receipt.verdicts[1].index.expect("recorded"))
                } else {
                    let issued = certificate(&basis);
                    let id = issued.event_id.clone();
                    pages.office.record(&admin, vec![issued]).await;
                    Target::Certificate(id)
                }
            }
            Self::Tick(_) => {
                let held = format!("X-{number}");
                let admin = pages.office.admin();
                pages.office.record(&admin, vec![session("P1", &held)]).await;
                Target::Session(held)
            }
            Self::MakeAccountsOfSchool => {
                let (at, who) = (format!("S-{number}"), format!("T-{number}"));
                let events = vec![school(&at), person(&who), assignment(&who, &at)];
                pages.office.record(&pages.office.admin(), events).await;
                Target::School(at, who)
            }
            Self::ChangeAccount | Self::ResetAccount | Self::CloseAccount => {
                let id = format!("twin-{number}");
                let made = create(pages, &DevRole::default(), "auditor", &id).await;
                made.expect("the admin makes accounts");
                Target::Account(id)
            }
            Self::Review(teacher) => {
                let id = format!("C-{number}");
                let receipt = claim(pages, &id, teacher).await.expect("claimed");
                let submitted = receipt.verdicts.last().expect("a verdict").event_id.clone();
                Target::Claim(id, submitted)
            }
            Self::Import(_)
            | Self::Record(_)
            | Self::AdoptPolicy
            | Self::AdoptCalendar
            | Self::MakeAccount(_)
            | Self::Claim(_) => Target::None,
        };
        Twin { number, target }
    }

    /// As a client does it, without pages.
    async fn call(self, pages: &Pages, role: &DevRole, twin: &Twin) -> Result<(), Status> {
        let mut registry = RegistryServiceClient::new(pages.office.channel.clone());
        let mut accounts = AccountServiceClient::new(pages.office.channel.clone());
        let mut reviews = ReviewServiceClient::new(pages.office.channel.clone());
        match (self, &twin.target) {
            (Self::Correct(_), Target::Entry(original, _)) => {
                let mut changed = attendance("", "", 400);
                changed.fact.clone_from(&original.fact);
                if let Some(Fact::AttendanceRecorded(fact)) = changed.fact.as_mut().and_then(|fact| fact.fact.as_mut())
                {
                    fact.present_centihours = 400;
                }
                changed.supersedes.clone_from(&original.event_id);
                submit(pages, role, changed).await
            }
            (Self::Void(_), Target::Entry(original, _)) => {
                let fact = pb::EntryVoided {
                    target_event: original.event_id.clone(),
                    reason: "twice".to_owned(),
                    ..pb::EntryVoided::default()
                };
                submit(pages, role, event(Fact::EntryVoided(fact))).await
            }
            (Self::Tick(school), Target::Session(held)) => {
                submit(pages, role, attendance(held, &school.replace('S', "T"), 600)).await
            }
            (Self::IssueCertificate, Target::Basis(basis, _)) => submit(pages, role, certificate(basis)).await,
            (Self::ReissueCertificate, Target::Certificate(id)) => {
                let fact = pb::CertificateReissued {
                    teacher_id: "T2".to_owned(),
                    certificate_event: id.clone(),
                    reason: "lost".to_owned(),
                };
                submit(pages, role, event(Fact::CertificateReissued(fact))).await
            }
            (Self::VoidCertificate, Target::Certificate(id)) => {
                let fact = pb::CertificateVoided {
                    teacher_id: "T2".to_owned(),
                    certificate_event: id.clone(),
                    reason: "misspelt".to_owned(),
                    ..pb::CertificateVoided::default()
                };
                submit(pages, role, event(Fact::CertificateVoided(fact))).await
            }
            (Self::Import(teacher) | Self::Record(teacher), _) => {
                let observed = pb::LessonObserved {
                    observer_id: teacher.to_owned(),
                    school_id: "S1".to_owned(),
                    periods: 1,
                    ..pb::LessonObserved::default()
                };
                let on = twin.day();
                let occurred_from = day(on.0, on.1, on.2);
                let posted = api::Event {
                    occurred_from,
                    ..event(Fact::LessonObserved(observed))
                };
                submit(pages, role, posted).await
            }
            (Self::AdoptPolicy, _) => {
                let request = api::AdoptPolicyRequest {
                    document: twin.policy(),
                    ..api::AdoptPolicyRequest::default()
                };
                registry.adopt_policy(call(role, request)).await.map(drop)
            }
            (Self::AdoptCalendar, _) => {
                let request = api::AdoptCalendarRequest {
                    document: twin.calendar(),
                    ..api::AdoptCalendarRequest::default()
                };
                registry.adopt_calendar(call(role, request)).await.map(drop)
            }
            (Self::MakeAccount(of), _) => create(pages, role, of, &twin.id()).await,
            (Self::MakeAccountsOfSchool, Target::School(_, teacher)) => {
                let scope = api::AccountScope {
                    teacher_id: teacher.clone(),
                    ..api::AccountScope::default()
                };
                let account = api::NewAccount {
                    id: twin.id(),
                    role: "teacher".to_owned(),
                    scope: Some(scope),
                    note: String::new(),
                };
                let request = api::CreateAccountsRequest {
                    accounts: vec![account],
                };
                accounts.create_accounts(call(role, request)).await.map(drop)
            }
            (Self::ChangeAccount, Target::Account(id)) => {
                let request = api::ChangeAccountRequest {
                    id: id.clone(),
                    role: "reviewer".to_owned(),
                    scope: None,
                };
                accounts.change_account(call(role, request)).await.map(drop)
            }
            (Self::ResetAccount, Target::Account(id)) => {
                let request = api::ResetAccountRequest { id: id.clone() };
                accounts.reset_account(call(role, request)).await.map(drop)
            }
            (Self::CloseAccount, Target::Account(id)) => {
                let request = api::CloseAccountRequest { id: id.clone() };
                accounts.close_account(call(role, request)).await.map(drop)
            }
            (Self::Claim(teacher), _) => {
                let request = claim_of(&format!("C-{}", twin.number), teacher);
                reviews.submit_claims(call(role, request)).await.map(drop)
            }
            (Self::Review(_), Target::Claim(claim_id, submitted_event)) => {
                let item = api::review_claims_request::Item {
                    claim_id: claim_id.clone(),
                    submitted_event: submitted_event.clone(),
                    step: api::ClaimStep::SchoolCheck.into(),
                    ..api::review_claims_request::Item::default()
                };
                let request = api::ReviewClaimsRequest {
                    items: vec![item],
                    ..api::ReviewClaimsRequest::default()
                };
                reviews.review_claims(call(role, request)).await.map(drop)
            }
            (
                Self::Correct(_)
                | Self::Void(_)
                | Self::Tick(_)
                | Self::IssueCertificate
                | Self::ReissueCertificate
                | Self::VoidCertificate
                | Self::MakeAccountsOfSchool
                | Self::ChangeAccount
                | Self::ResetAccount
                | Self::CloseAccount
                | Self::Review(_),
                _,
            ) => unreachable!("{self:?} has a target"),
        }
    }

    /// As a visitor does it: the last page she is shown.
    async fn click(self, pages: &Pages, role: &DevRole, twin: &Twin) -> Answered {
        let form = |fields: &[(&str, &str)]| serde_urlencoded::to_string(fields).expect("encoded");
        let post = async |from: &str, to: &str, fields: &[(&str, &str)]| pages.post(role, from, to, form(fields)).await;
        match (self, &twin.target) {
            (Self::Correct(_), Target::Entry(_, index)) => {
                let fields = [("hours", "4"), ("reason", "misread"), ("sure", "yes")];
                let from = format!("/entries/{index}/amend");
                post(&from, &format!("/entries/{index}/correct"), &fields).await
            }
            (Self::Void(_), Target::Entry(_, index)) => {
                let from = format!("/entries/{index}/amend");
                post(&from, &format!("/entries/{index}/void"), &[("reason", "twice")]).await
            }
            (Self::Tick(school), Target::Session(held)) => {
                let teacher = school.replace('S', "T");
                let other = format!("{} {teacher}", name_of(&teacher));
                let fields = [("others", other.as_str()), ("each", "6"), ("role", "1")];
                pages.fill_in(role, &format!("/sessions/{held}"), &fields).await
            }
            (Self::IssueCertificate, Target::Basis(_, index)) => {
                let address = format!("/entries/{index}/certificate");
                post(&address, &address, &[("attests", "training")]).await
            }
            (Self::ReissueCertificate, Target::Certificate(id)) => {
                let from = format!("/certificates/{id}");
                post(&from, &format!("{from}/reissue"), &[("reason", "lost")]).await
            }
            (Self::VoidCertificate, Target::Certificate(id)) => {
                let from = format!("/certificates/{id}");
                post(&from, &format!("{from}/void"), &[("reason", "misspelt")]).await
            }
            (Self::Record(teacher), _) => {
                let (year, month, day) = twin.day();
                let day = format!("{year}-{month:02}-{day:02}");
                let who = name_of(teacher);
                let fields = [
                    ("听课人", who.as_str()),
                    ("教师编号", teacher),
                    ("听课日期", &day),
                    ("听课学校", "S1"),
                    ("sure", "yes"),
                ];
                let form = "/post/lessons%20observed";
                post(form, form, &fields).await
            }
            (Self::Import(teacher), _) => {
                let (year, month, day) = twin.day();
                let row = format!("{},{teacher},{year}-{month:02}-{day:02},S1", name_of(teacher));
                let sheet = format!("听课人,教师编号,听课日期,听课学校\n{row}\n");
                pages.import(role, "听课.csv", &sheet).await
            }
            (Self::AdoptPolicy, _) => post("/documents/new", "/documents/adopt", &[("document", &twin.policy())]).await,
            (Self::AdoptCalendar, _) => {
                post("/documents/new", "/documents/adopt", &[("document", &twin.calendar())]).await
            }
            (Self::MakeAccount(of), _) => {
                let fields = [("id", twin.id()), ("role", of.to_owned())];
                let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
                post("/accounts/new", "/accounts/new", &fields).await
            }
            (Self::MakeAccountsOfSchool, Target::School(school, _)) => {
                post("/accounts/new", "/accounts/school", &[("school", school)]).await
            }
            (Self::ChangeAccount, Target::Account(id)) => {
                let from = format!("/accounts/{id}");
                post(&from, &format!("{from}/change"), &[("role", "reviewer")]).await
            }
            (Self::ResetAccount, Target::Account(id)) => {
                let from = format!("/accounts/{id}");
                post(&from, &format!("{from}/reset"), &[]).await
            }
            (Self::CloseAccount, Target::Account(id)) => {
                let from = format!("/accounts/{id}");
                post(&from, &format!("{from}/close"), &[]).await
            }
            (Self::Claim(teacher), _) => {
                let id = format!("C-{}", twin.number);
                let fields = [
                    ("claim", id.as_str()),
                    ("teacher", teacher),
                    ("from", "2022-03-04"),
                    ("name", "a poem"),
                    ("lesson_type", "2"),
                    ("level", "40"),
                    ("periods", "2"),
                ];
                let form = "/claims/new/lesson";
                post(form, form, &fields).await
            }
            (Self::Review(_), Target::Claim(id, submitted)) => {
                let address = format!("/claims/{id}");
                post(&address, &address, &[("seen", submitted), ("step", "2")]).await
            }
            (
                Self::Correct(_)
                | Self::Void(_)
                | Self::Tick(_)
                | Self::IssueCertificate
                | Self::ReissueCertificate
                | Self::VoidCertificate
                | Self::MakeAccountsOfSchool
                | Self::ChangeAccount
                | Self::ResetAccount
                | Self::CloseAccount
                | Self::Review(_),
                _,
            ) => unreachable!("{self:?} has a target"),
        }
    }
}

impl Twin {
    fn id(&self) -> String {
        format!("new-{}", self.number)
    }

    /// A day of its own.
    fn day(&self) -> (i32, i32, i32) {
        let days = i32::try_from(self.number).expect("few");
        (2010 + days / 336, 1 + days % 336 / 28, 1 + days % 28)
    }

    fn policy(&self) -> String {
        let own = format!("id = \"twin-{}\"", self.number);
        POLICY.replacen("id = \"teacher-90\"", &own, 1)
    }

    fn calendar(&self) -> String {
        let (own, year) = (self.number, 2100 + self.number);
        let next = year + 1;
        let days = format!("from = {year}-09-01\nto = {next}-01-20");
        format!("id = \"twin-{own}\"\n\n[[semester]]\nid = \"{year}-{next}-1\"\n{days}\nteaching_weeks = 20\n")
    }
}

/// A certificate of T2.
fn certificate(basis: &str) -> api::Event {
    event(Fact::CertificateIssued(pb::CertificateIssued {
        teacher_id: "T2".to_owned(),
        basis_event: basis.to_owned(),
        attests: "training".to_owned(),
        ..pb::CertificateIssued::default()
    }))
}

async fn submit(pages: &Pages, role: &DevRole, event: api::Event) -> Result<(), Status> {
    let mut submissions = SubmissionServiceClient::new(pages.office.channel.clone());
    submissions.submit(call(role, each(vec![event]))).await.map(drop)
}

async fn create(pages: &Pages, role: &DevRole, of: &str, id: &str) -> Result<(), Status> {
    let account = api::NewAccount {
        id: id.to_owned(),
        role: of.to_owned(),
        scope: None,
        note: String::new(),
    };
    let request = api::CreateAccountsRequest {
        accounts: vec![account],
    };
    let mut accounts = AccountServiceClient::new(pages.office.channel.clone());
    accounts.create_accounts(call(role, request)).await.map(drop)
}

/// What stands in the people register: whoever names another school's teacher in a sheet names her by both.
fn name_of(teacher: &str) -> String {
    format!("试样{}", teacher.trim_start_matches('T'))
}

async fn name(pages: &Pages) {
    let identities = ["T1", "T2"].map(|id| api::Identity {
        teacher_id: id.to_owned(),
        name: name_of(id),
        ..api::Identity::default()
    });
    let request = api::PutIdentitiesRequest {
        identities: identities.to_vec(),
    };
    let mut registry = RegistryServiceClient::new(pages.office.channel.clone());
    registry
        .put_identities(call(&DevRole::default(), request))
        .await
        .expect("taken");
}

/// What was done since the ledger had `from` entries: entries that count; and all changes of accounts.
async fn done(pages: &Pages, mut from: u64) -> (usize, usize) {
    let mut entries = 0;
    let mut ledger = LedgerServiceClient::new(pages.office.channel.clone());
    loop {
        let request = api::ListEntriesRequest {
            from_index: from,
            page_size: 500,
            ..api::ListEntriesRequest::default()
        };
        let page = ledger
            .list_entries(call(&DevRole::default(), request))
            .await
            .expect("listed")
            .into_inner();
        let Some(last) = page.entries.last() else { break };
        from = last.index + 1;
        entries += page
            .entries
            .iter()
            .filter(|entry| matches!(entry.verdict(), api::Verdict::Recorded | api::Verdict::Waiting))
            .count();
    }
    let accounts = pages.office.access.accounts().expect("accounts");
    (entries, accounts.changes(OFFICE, None, 0, usize::MAX).len())
}

/// Whether `act` changed anything.
async fn changes(pages: &Pages, act: impl Future<Output = ()>) -> bool {
    let size = pages.office.engine.head().size;
    let before = done(pages, size).await;
    act.await;
    done(pages, size).await != before
}

#[tokio::test]
async fn an_action_is_done_for_exactly_whom_the_services_do_it_and_otherwise_the_page_says_why_not() {
    // What is voided on a page is voided today.
    let pages = Pages::furnished_at(&jiff::Timestamp::now().to_string()).await;
    name(&pages).await;
    let (mut acted, mut refused) = (Vec::new(), 0);
    for role in roles() {
        let name = role.0.name();
        for action in ACTIONS {
            let (called, clicked) = (action.twin(&pages).await, action.twin(&pages).await);
            let mut answer = Ok(());
            let by_call = changes(&pages, async { answer = action.call(&pages, &role, &called).await }).await;
            let mut shown = None;
            let by_page = changes(&pages, async {
                shown = Some(action.click(&pages, &role, &clicked).await);
            })
            .await;
            let shown = shown.expect("clicked");
            let text = shown.text();
            assert_eq!(
                by_call, by_page,
                "{name} {action:?}: {answer:?}, and {}: {text}",
                shown.status
            );
            if by_page {
                acted.push((name, action));
            } else {
                refused += 1;
                let says_why = text.contains("role=\"alert\"") || text.contains("<tr class=\"wrong\"");
                assert!(says_why, "{name} {action:?}: {} {text}", shown.status);
                html::check(&format!("{action:?}"), &text);
            }
        }
    }
    println!("{} done, {refused} refused", acted.len());
    assert!(acted.len() > 40 && refused > 60, "{acted:?}, {refused} refused");
}
