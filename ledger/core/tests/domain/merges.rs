//! Persons who were registered twice: what a merge counts together, what its reversal gives back, and what is refused.

use keshi_core::codes::{AwardRole, LessonType, Level, Post, TitleClass};
use keshi_core::entry::Verdict;
use keshi_core::event::{Event, Fact, MergeReversed, PersonsMerged};
use keshi_core::policy::Meter;
use keshi_core::reason::ReasonCode;
use keshi_core::review::{Stage, Step};
use keshi_core::submission::{EventVerdict, Taking};
use keshi_core::violation::Problem;

use crate::certificates::issued;
use crate::claims::{self, claimed, step, submitted};
use crate::support::facts::{
    assigned, assignment_ended, attended, award, competition, exemption, lesson, outreach, project, recommended,
    renewed, session, teacher, text, title, topic,
};
use crate::support::{Ledger, assert_refused, assert_verdict, id, on};

const DAY: &str = "2022-05-10";

pub fn merged(kept: &str, dropped: &str) -> Fact {
    let fact = PersonsMerged {
        kept_id: teacher(kept),
        dropped_id: teacher(dropped),
        reviewer: teacher("T4"),
        reason: text("证件核对一致"),
    };
    fact.into()
}

pub fn reversed(kept: &str, dropped: &str) -> Fact {
    let fact = MergeReversed {
        kept_id: teacher(kept),
        dropped_id: teacher(dropped),
        reviewer: teacher("T4"),
        reason: text("同名不同人"),
    };
    fact.into()
}

fn county() -> Ledger {
    let mut ledger = Ledger::county();
    ledger.given([
        on(20, "2020-01-01", assigned("T1", Post::Teacher, Some("S1"))),
        on(21, "2020-01-01", assigned("T2", Post::Teacher, Some("S2"))),
        on(22, "2022-01-01", project("P", "培训")),
        on(23, DAY, session("A", "P")),
        on(24, "2022-05-11", session("B", "P")),
    ]);
    ledger
}

fn size(ledger: &Ledger) -> u64 {
    ledger.size()
}

/// The last entry's place.
fn last(ledger: &Ledger) -> u64 {
    ledger.size() - 1
}

#[test]
fn whatever_was_or_will_be_posted_about_either_id_counts_for_the_one_that_is_kept_from_the_merge_on() {
    let mut ledger = county();
    ledger.given([
        on(30, DAY, attended("T1", "A", "6")),
        on(31, "2022-05-11", attended("T2", "B", "5")),
    ]);
    let before = size(&ledger);
    ledger.given([on(40, "2022-06-01", merged("T1", "T2"))]);
    assert_eq!(ledger.hours("T1", "2022"), "11");
    ledger.given([on(41, "2022-06-02", lesson("T2", LessonType::Open, 2, None))]);
    assert_eq!(ledger.counted("T1", Meter::LessonsGiven, "2022"), "2");
    // Asked under the dropped id it is the same person's balance.
    let period = ledger.period("2022");
    let at = ledger.state.at(ledger.size());
    let asked = at.balance(&teacher("T2"), period).unwrap().unwrap();
    assert_eq!(asked, at.balance(&teacher("T1"), period).unwrap().unwrap());
    assert_eq!(asked.teacher_id, teacher("T1"));
    // At an earlier size they were two.
    let then = ledger.state.at(before);
    let of = |id: &str| {
        then.balance(&teacher(id), period).unwrap().unwrap().sections[0].meters[0]
            .1
            .to_string()
    };
    assert_eq!((of("T1"), of("T2")), ("6".to_owned(), "5".to_owned()));
    assert_eq!(then.kept_id(&teacher("T2")), teacher("T2"));
}

#[test]
fn one_session_posted_under_both_ids_counts_once_and_the_better_of_the_two() {
    let mut ledger = county();
    ledger.given([
        on(30, DAY, attended("T1", "A", "4")),
        on(31, DAY, attended("T2", "A", "6")),
        on(40, "2022-06-01", merged("T1", "T2")),
    ]);
    assert_eq!(ledger.hours("T1", "2022"), "6");
    assert_eq!(
        ledger
            .state
            .at(ledger.size())
            .attendance(&teacher("T2"), &crate::support::facts::session_id("A"))
            .len(),
        2
    );
}

#[test]
fn a_list_of_teachers_has_her_once_and_the_log_about_her_tells_of_both_ids() {
    let mut ledger = county();
    ledger.given([
        on(30, DAY, attended("T1", "A", "6")),
        on(31, "2022-05-11", attended("T2", "B", "5")),
    ]);
    let apart = ledger.state.at(ledger.size()).indices_about(&teacher("T2"));
    ledger.given([on(40, "2022-06-01", merged("T1", "T2"))]);
    let merge = last(&ledger);
    let at = ledger.state.at(ledger.size());
    assert_eq!(at.teacher_ids(), ["T1", "T3", "T4"].map(teacher));
    assert_eq!(at.registered_ids(), ["T1", "T2", "T3", "T4"].map(teacher));
    let about = at.indices_about(&teacher("T1"));
    assert_eq!(about, at.indices_about(&teacher("T2")));
    assert!(apart.iter().all(|index| about.contains(index)) && about.contains(&merge));
    assert_eq!(at.holdings(&teacher("T1")).len(), 2);
    let told = at.merged(&teacher("T2")).unwrap();
    assert_eq!((told.kept, told.others), (teacher("T1"), vec![teacher("T2")]));
    assert_eq!(at.merged(&teacher("T3")), None);
}

#[test]
fn a_reversal_gives_back_exactly_what_was() {
    let mut ledger = county();
    ledger.given([
        on(30, DAY, attended("T1", "A", "4")),
        on(31, DAY, attended("T2", "A", "6")),
        on(32, DAY, title("T2", TitleClass::ExpertTeacher, Level::County)),
    ]);
    let answers = |ledger: &Ledger, at: u64| {
        let at = ledger.state.at(at);
        ["T1", "T2", "T3"].map(|one| {
            let one = teacher(one);
            let balance = at.balance(&one, ledger.period("2022")).unwrap().unwrap();
            let tier = at.tier(&one, ledger.today).unwrap();
            (
                balance.sections,
                tier,
                at.holdings(&one),
                at.certificates_of(&one).len(),
            )
        })
    };
    let before = answers(&ledger, ledger.size());
    ledger.given([on(40, "2022-06-01", merged("T1", "T2"))]);
    let together = answers(&ledger, ledger.size());
    assert_ne!(together, before);
    let while_merged = ledger.size();
    ledger.given([on(41, "2022-06-02", reversed("T1", "T2"))]);
    assert_eq!(answers(&ledger, ledger.size()), before);
    assert_eq!(answers(&ledger, while_merged), together);
    // And it may be merged again, the other way round too.
    ledger.given([on(42, "2022-06-03", merged("T2", "T1"))]);
    assert_eq!(ledger.hours("T1", "2022"), "6");
    assert_eq!(ledger.state.at(ledger.size()).kept_id(&teacher("T1")), teacher("T2"));
    assert_eq!(ledger.state.at(ledger.size()).merges_of(&teacher("T2")).len(), 1);
}

#[test]
fn titles_recommendations_and_certificates_of_the_dropped_id_are_hers() {
    let mut ledger = county();
    ledger.given([
        on(30, DAY, title("T2", TitleClass::ExpertTeacher, Level::County)),
        on(40, "2022-06-01", merged("T1", "T2")),
        // The next level is conferred on the id that is kept, and rests on the title of the other.
        on(41, "2022-07-01", recommended("T1", None, Some(id(30)), Level::City)),
        on(42, "2022-08-01", title("T1", TitleClass::ExpertTeacher, Level::City)),
        on(43, "2023-08-01", renewed("T1", id(30), None)),
        on(44, "2022-09-01", issued("T1", 30)),
    ]);
    let at = ledger.state.at(ledger.size());
    let tier = at.tier(&teacher("T1"), ledger.today).unwrap();
    assert_eq!(tier.titles.len(), 2);
    assert!(tier.waiting.is_empty());
    assert_eq!(at.certificates_of(&teacher("T2")).len(), 1);
    // One certificate for one basis, whichever id is named.
    let again = ledger.post(on(45, "2022-09-02", issued("T2", 30)));
    assert_refused(&again, ReasonCode::CertifiedAlready);
    // Apart again, the city's title waits for one of the kept id's own.
    ledger.given([on(50, "2023-09-01", reversed("T1", "T2"))]);
    let tier = ledger
        .state
        .at(ledger.size())
        .tier(&teacher("T1"), ledger.today)
        .unwrap();
    assert_eq!((tier.titles.len(), tier.waiting.len()), (0, 1));
}

#[test]
fn an_entry_that_names_both_ids_counts_once_for_her() {
    let mut ledger = county();
    ledger.given([
        on(30, DAY, topic("K1", Level::County, &["T1"], &["T2"])),
        on(31, DAY, outreach("S2", &[("T1", 2, 0), ("T2", 1, 1)])),
        on(40, "2022-06-01", merged("T2", "T1")),
    ]);
    let at = ledger.state.at(ledger.size());
    let record = at.teacher_record(&teacher("T2")).unwrap();
    assert_eq!(record.works.len(), 1);
    let balance = at.balance(&teacher("T2"), ledger.period("2022")).unwrap().unwrap();
    let topics = balance.sections[0].lines.iter().filter(|line| line.event_id == id(30));
    assert_eq!(topics.count(), 1);
    // Of outreach each id says a part.
    assert_eq!(ledger.counted("T2", Meter::Talks, "2022"), "1");
    let outreach = balance.sections[0].lines.iter().filter(|line| line.event_id == id(31));
    assert_eq!(outreach.map(|line| line.asked.to_string()).max().unwrap(), "3");
}

#[test]
fn posts_and_exemptions_of_both_ids_are_hers_and_an_end_may_name_either() {
    let mut ledger = county();
    ledger.given([on(40, "2022-06-01", merged("T1", "T2"))]);
    let ended = ledger.post(on(41, "2022-07-31", assignment_ended("T1", id(21))));
    assert_verdict(&ended, Verdict::Recorded);
    let second = ledger.post(on(42, "2022-08-31", assignment_ended("T2", id(21))));
    assert_refused(&second, ReasonCode::EndedAlready);
    assert_verdict(&ledger.post(on(43, DAY, exemption("T2", "R1", "3"))), Verdict::Waiting);
    let held = ledger.state.at(ledger.size()).holdings(&teacher("T2"));
    assert_eq!(held.iter().filter(|post| post.to.is_some()).count(), 1);
}

#[test]
fn nobody_reviews_what_is_about_her_merged_self() {
    let mut ledger = claims::county();
    let submission = ledger.brought_to("C1", 60, Stage::SchoolChecked);
    // T1 claims, T3 would look at it for the county; they turn out to be one.
    assert_verdict(&ledger.now(80, merged("T3", "T1")), Verdict::Recorded);
    let by_herself = ledger.now(81, step(Step::CountyCheck, "C1", submission, "T3"));
    assert_refused(&by_herself, ReasonCode::OwnReview);
    let by_another = ledger.now(82, step(Step::CountyCheck, "C1", submission, "T4"));
    assert_verdict(&by_another, Verdict::Recorded);
    // Apart again, the next step may be hers.
    assert_verdict(&ledger.now(83, reversed("T3", "T1")), Verdict::Recorded);
    let published = ledger.now(84, step(Step::Publish, "C1", submission, "T3"));
    assert_verdict(&published, Verdict::Recorded);
}

#[test]
fn a_claim_goes_on_while_its_person_is_merged_and_its_steps_may_name_either_id() {
    let mut ledger = claims::county();
    let submission = ledger.brought_to("C1", 60, Stage::Submitted);
    assert_verdict(&ledger.now(80, merged("T3", "T1")), Verdict::Recorded);
    let Fact::ClaimSchoolChecked(mut checked) = step(Step::SchoolCheck, "C1", submission, "T2") else {
        unreachable!()
    };
    checked.teacher_id = teacher("T3");
    assert_verdict(&ledger.now(81, checked.into()), Verdict::Recorded);
    assert_eq!(ledger.stage("C1"), Some(Stage::SchoolChecked));
    // A new claim of the kept id may bring what is under the dropped one's name.
    let bring = Event { ..claimed(90, "C2") };
    ledger.given([bring]);
    let Fact::ClaimSubmitted(mut second) = submitted("C2", &[90]) else {
        unreachable!()
    };
    (second.teacher_id, second.submitted_by) = (teacher("T3"), teacher("T3"));
    assert_verdict(&ledger.now(91, second.into()), Verdict::Recorded);
}

#[test]
fn prizes_and_lessons_hang_together_over_all_ids_of_a_chain() {
    let mut ledger = county();
    ledger.given([
        on(30, DAY, competition("C")),
        on(31, DAY, award("T3", "C", AwardRole::Oneself)),
        on(32, DAY, attended("T3", "A", "6")),
        on(40, "2022-06-01", merged("T2", "T3")),
        on(41, "2022-06-02", merged("T1", "T2")),
    ]);
    assert_eq!(ledger.hours("T1", "2022"), "6");
    let at = ledger.state.at(ledger.size());
    assert_eq!(at.teacher_record(&teacher("T1")).unwrap().contests.len(), 1);
    assert_eq!(at.merged(&teacher("T3")).unwrap().others, ["T2", "T3"].map(teacher));
    // Reversing the inner merge frees that id alone.
    ledger.given([on(42, "2022-06-03", reversed("T2", "T3"))]);
    assert_eq!(
        (ledger.hours("T1", "2022"), ledger.hours("T3", "2022")),
        ("0".into(), "6".into())
    );
    assert_eq!(
        ledger.state.at(ledger.size()).teacher_ids(),
        ["T1", "T3", "T4"].map(teacher)
    );
}

fn refused(ledger: &mut Ledger, number: u128, fact: Fact) -> (ReasonCode, String) {
    let EventVerdict { verdict, reason, .. } = ledger.post(on(number, "2022-07-01", fact));
    assert_eq!(verdict, Verdict::Refused);
    reason.map(|reason| (reason.code, reason.value)).unwrap()
}

#[test]
fn a_merge_into_herself_in_a_circle_into_a_merged_id_or_of_a_stranger_is_refused_with_what_to_do() {
    let mut ledger = county();
    let violations = keshi_core::event::check::violations(&on(39, DAY, merged("T1", "T1")));
    assert_eq!(violations.len(), 1);
    assert_eq!(
        (violations[0].field.as_str(), &violations[0].problem),
        ("dropped_id", &Problem::Repeated)
    );
    ledger.given([on(40, "2022-06-01", merged("T2", "T1"))]);
    let mut refuse = |number, fact| refused(&mut ledger, number, fact);
    let (code, to) = refuse(50, merged("T1", "T2"));
    assert_eq!((code, to.as_str()), (ReasonCode::MergedTheOtherWay, "T2"));
    let (code, to) = refuse(51, merged("T1", "T3"));
    assert_eq!((code, to.as_str()), (ReasonCode::MergesIntoMerged, "T2"));
    let (code, to) = refuse(52, merged("T3", "T1"));
    assert_eq!((code, to.as_str()), (ReasonCode::MergedAlready, "T2"));
    assert_eq!(refuse(53, merged("T3", "T9")).0, ReasonCode::UnknownTeacher);
    assert_eq!(refuse(54, merged("T3", "T4")).0, ReasonCode::OwnMerge);
    assert_eq!(refuse(55, reversed("T3", "T2")).0, ReasonCode::NotMerged);
    assert_eq!(refuse(56, reversed("T1", "T2")).0, ReasonCode::NotMerged);
    assert_eq!(refuse(57, reversed("T4", "T2")).0, ReasonCode::OwnMerge);
}

#[test]
fn the_reviewer_s_own_merged_id_is_herself_too() {
    let mut ledger = county();
    let by = |reviewer: &str, kept: &str, dropped: &str| -> Fact {
        let Fact::PersonsMerged(fact) = merged(kept, dropped) else {
            unreachable!()
        };
        PersonsMerged {
            reviewer: teacher(reviewer),
            ..fact
        }
        .into()
    };
    ledger.given([on(40, "2022-06-01", by("T1", "T4", "T3"))]);
    assert_eq!(refused(&mut ledger, 41, by("T3", "T1", "T4")).0, ReasonCode::OwnMerge);
    assert_eq!(refused(&mut ledger, 42, by("T4", "T3", "T1")).0, ReasonCode::OwnMerge);
}

#[test]
fn one_person_has_so_many_ids_and_one_id_so_many_merges() {
    let mut ledger = county();
    for number in 0..20 {
        ledger.given([on(
            100 + number,
            "2010-01-01",
            crate::support::facts::person(&format!("N{number}")),
        )]);
    }
    for number in 0..15 {
        ledger.given([on(200 + number, "2022-06-01", merged("T1", &format!("N{number}")))]);
    }
    assert_eq!(
        refused(&mut ledger, 300, merged("T1", "N15")).0,
        ReasonCode::MergedTooOften
    );
    for number in 0..32 {
        ledger.given([
            on(400 + 2 * number, "2022-06-01", merged("T2", "N16")),
            on(401 + 2 * number, "2022-06-01", reversed("T2", "N16")),
        ]);
    }
    assert_eq!(
        refused(&mut ledger, 500, merged("T3", "N16")).0,
        ReasonCode::MergedTooOften
    );
}

#[test]
fn a_replay_a_trial_and_a_failed_submission_leave_merges_as_they_are() {
    let mut ledger = county();
    ledger.given([
        on(30, DAY, attended("T2", "A", "6")),
        on(40, "2022-06-01", merged("T1", "T2")),
    ]);
    let before = ledger.state.at(ledger.size()).digest();
    let size = ledger.size();
    let events = vec![
        on(41, "2022-06-02", reversed("T1", "T2")),
        on(42, "2022-06-02", merged("T3", "T1")),
        on(43, "2022-06-02", merged("T3", "T9")),
    ];
    ledger.post_all(Taking::Atomic, events);
    assert_eq!(ledger.hours("T1", "2022"), "6");
    assert_eq!(
        ledger.state.at(ledger.size()).teacher_ids(),
        ["T1", "T3", "T4"].map(teacher)
    );
    assert_eq!(ledger.state.at(size).digest(), before);
    assert_eq!(ledger.replayed(size).at(size).digest(), before);
    ledger.given([on(50, "2022-06-03", reversed("T1", "T2"))]);
    let now = ledger.size();
    assert_eq!(ledger.replayed(now).at(now).digest(), ledger.state.at(now).digest());
}
