//! Claims: what counts when, every step from every stage, and what is refused.

use std::collections::BTreeSet;

use jiff::civil::Date;
use keshi_core::balance::Why;
use keshi_core::codes::LessonType;
use keshi_core::entry::Verdict;
use keshi_core::event::{
    ClaimCountyChecked, ClaimCredited, ClaimRejected, ClaimReturned, ClaimSchoolChecked, ClaimSubmitted, Event, Fact,
    ObjectionDecided, ObjectionRaised, PublicityEnded, PublicityOpened,
};
use keshi_core::ids::{BatchId, ClaimId, EventId, LoadId};
use keshi_core::policy::Meter;
use keshi_core::reason::ReasonCode;
use keshi_core::review::{self, Stage, Step};
use keshi_core::submission::EventVerdict;
use keshi_core::time::plus_days;
use keshi_core::violation::Problem;
use proptest::prelude::*;

use crate::documents::adopt_calendar;
use crate::support::facts::{attended, lesson, project, session, teacher, text, void};
use crate::support::{Ledger, assert_refused, assert_verdict, between, day, id, on, random};

/// A year with a holiday in the week after 28 September, and a worked Sunday before it.
const CALENDAR: &str = r#"id = "gongzuori-2026"
[[working_days]]
year = 2026
off = ["2026-01-01..2026-01-03", "2026-10-01..2026-10-07"]
on = ["2026-09-27", "2026-10-10"]
"#;

/// The Monday on which the tests begin.
pub const TODAY: &str = "2026-09-21";

pub fn claim(id: &str) -> ClaimId {
    ClaimId::new(id).unwrap()
}

fn batch(id: &str) -> BatchId {
    BatchId::new(id).unwrap()
}

/// A county with a calendar: T1 claims, T2 looks at it for the school, T3 for the county.
pub fn county() -> Ledger {
    let mut ledger = Ledger::county();
    ledger.today = day(TODAY);
    for event in adopt_calendar(1_000, TODAY, CALENDAR) {
        ledger.given([event]);
    }
    ledger
}

/// A lesson of T1's under a claim.
pub fn claimed(number: u128, claim_id: &str) -> Event {
    Event {
        claim_id: Some(claim(claim_id)),
        ..on(number, "2026-09-18", lesson("T1", LessonType::Open, 2, None))
    }
}

pub fn submitted(claim_id: &str, what: &[u128]) -> Fact {
    let fact = ClaimSubmitted {
        claim_id: claim(claim_id),
        teacher_id: teacher("T1"),
        submitted_by: teacher("T1"),
        what: what.iter().map(|number| id(*number)).collect(),
        asked_hours: None,
        statement: None,
    };
    fact.into()
}

/// The fact of a step by this person.
pub fn step(step: Step, claim_id: &str, submission: u128, by: &str) -> Fact {
    let (claim_id, teacher_id) = (claim(claim_id), teacher("T1"));
    let (submitted_event, reviewer) = (id(submission), teacher(by));
    macro_rules! of {
        ($kind:ident $reason:expr) => {
            $kind {
                claim_id,
                teacher_id,
                submitted_event,
                reviewer,
                reason: $reason,
            }
            .into()
        };
    }
    match step {
        Step::Submit => submitted(claim_id.as_str(), &[60]),
        Step::SchoolCheck => of!(ClaimSchoolChecked None),
        Step::CountyCheck => of!(ClaimCountyChecked None),
        Step::Credit => of!(ClaimCredited None),
        Step::Return => of!(ClaimReturned text("缺证明")),
        Step::Reject => of!(ClaimRejected text("不属实")),
        Step::Publish => PublicityOpened {
            batch_id: batch(&format!("B-{claim_id}")),
            claim_ids: vec![claim_id],
            reviewer,
        }
        .into(),
    }
}

impl Ledger {
    /// Posts a fact that happens today; a publicity runs its five working days.
    pub fn now(&mut self, number: u128, fact: Fact) -> EventVerdict {
        let today = self.today;
        let last = match fact {
            Fact::PublicityOpened(_) => self.state.at(self.size()).working_day_after(today, 5).unwrap(),
            _ => today,
        };
        self.post(Event::of(id(number), today, last, fact))
    }

    pub fn stage(&self, claim_id: &str) -> Option<Stage> {
        let claim = self.state.at(self.size()).claim(&claim(claim_id));
        claim.map(|claim| claim.stage)
    }

    pub fn lessons(&self) -> String {
        self.counted("T1", Meter::LessonsGiven, "2026")
    }

    /// Brings a claim of one lesson to this stage, by events from `number` on; answers the number of its submission.
    pub fn brought_to(&mut self, claim_id: &str, number: u128, stage: Stage) -> u128 {
        self.given([claimed(number, claim_id)]);
        let submission = number + 1;
        let verdict = self.now(submission, submitted(claim_id, &[number]));
        assert_verdict(&verdict, Verdict::Recorded);
        let way: &[(Step, &str)] = match stage {
            Stage::Submitted => &[],
            Stage::SchoolChecked => &[(Step::SchoolCheck, "T2")],
            Stage::CountyChecked => &[(Step::SchoolCheck, "T2"), (Step::CountyCheck, "T3")],
            Stage::Publicity | Stage::Credited => &[
                (Step::SchoolCheck, "T2"),
                (Step::CountyCheck, "T3"),
                (Step::Publish, "T3"),
            ],
            Stage::Returned => &[(Step::Return, "T2")],
            Stage::Rejected => &[(Step::Reject, "T2")],
        };
        let mut next = submission;
        for (one, by) in way {
            next += 1;
            let verdict = self.now(next, step(*one, claim_id, submission, by));
            assert_verdict(&verdict, Verdict::Recorded);
        }
        if stage == Stage::Credited {
            self.today = day("2026-09-28");
            let ended = PublicityEnded {
                batch_id: batch(&format!("B-{claim_id}")),
                reviewer: teacher("T3"),
            };
            assert_verdict(&self.now(next + 1, ended.into()), Verdict::Recorded);
            let credited = self.now(next + 2, step(Step::Credit, claim_id, submission, "T3"));
            assert_verdict(&credited, Verdict::Recorded);
        }
        assert_eq!(self.stage(claim_id), Some(stage));
        submission
    }
}

#[test]
fn what_is_claimed_counts_when_its_claim_is_credited_and_is_shown_beside_until_then() {
    let mut ledger = county();
    let verdict = ledger.post(claimed(60, "C1"));
    assert_verdict(&verdict, Verdict::Waiting);
    assert_eq!(verdict.reason.unwrap().code, ReasonCode::UnderReview);
    assert_eq!(ledger.lessons(), "0");
    ledger.brought_to("C2", 100, Stage::Credited);
    assert_eq!(ledger.lessons(), "2", "the other claim's lesson alone");
    let at = ledger.state.at(ledger.size());
    let balance = at.balance(&teacher("T1"), ledger.period("2026")).unwrap().unwrap();
    let line = balance.sections[0].lines.iter().find(|line| line.index == 12);
    let pending = balance.sections[0]
        .lines
        .iter()
        .find(|line| matches!(line.why, Why::UnderReview { .. }))
        .unwrap_or_else(|| panic!("{line:?}"));
    assert_eq!(
        (pending.converted.to_string(), pending.counted.to_string()),
        ("2".into(), "0".into())
    );
    // As it was known before it was credited.
    let before = ledger.state.at(ledger.size() - 1);
    let balance = before.balance(&teacher("T1"), ledger.period("2026")).unwrap().unwrap();
    let counted = balance.sections[0]
        .meters
        .iter()
        .find(|(meter, _)| *meter == Meter::LessonsGiven);
    assert_eq!(counted.unwrap().1.to_string(), "0");
}

#[test]
fn every_step_from_every_stage_is_taken_or_refused_as_the_table_says() {
    let mut seen = BTreeSet::new();
    for stage in Stage::ALL {
        for one in Step::ALL {
            let mut ledger = county();
            let submission = ledger.brought_to("C1", 60, stage);
            // What a publicity has to wait for is not the machine's matter.
            if stage == Stage::Publicity && one == Step::Credit {
                ledger.today = day("2026-09-28");
                let ended = PublicityEnded {
                    batch_id: batch("B-C1"),
                    reviewer: teacher("T3"),
                };
                assert_verdict(&ledger.now(500, ended.into()), Verdict::Recorded);
            }
            let verdict = ledger.now(501, step(one, "C1", submission, "T4"));
            let expected = review::next(Some(stage), one);
            let taken = verdict.verdict == Verdict::Recorded;
            assert_eq!(taken, expected.is_some(), "{stage:?} {one:?}: {verdict:?}");
            assert_eq!(ledger.stage("C1"), Some(expected.unwrap_or(stage)), "{stage:?} {one:?}");
            seen.insert((stage, one));
        }
    }
    assert_eq!(seen.len(), 49);
    // And of a claim that was never submitted.
    for one in Step::ALL.into_iter().filter(|one| *one != Step::Submit) {
        let verdict = county().now(501, step(one, "C1", 61, "T4"));
        assert_refused(&verdict, ReasonCode::UnknownClaim);
    }
}

#[test]
fn nobody_reviews_her_own_claim_nor_one_that_she_submitted_for_another() {
    let mut ledger = county();
    let submission = ledger.brought_to("C1", 60, Stage::Submitted);
    assert_refused(
        &ledger.now(70, step(Step::SchoolCheck, "C1", submission, "T1")),
        ReasonCode::OwnReview,
    );
    // T2 submits for T1, whichever account she uses: her person is named.
    ledger.given([claimed(80, "C2")]);
    let Fact::ClaimSubmitted(fact) = submitted("C2", &[80]) else {
        unreachable!()
    };
    let fact = ClaimSubmitted {
        submitted_by: teacher("T2"),
        ..fact
    };
    assert_verdict(&ledger.now(81, fact.into()), Verdict::Recorded);
    for one in [Step::SchoolCheck, Step::Return, Step::Reject] {
        let verdict = ledger.now(82 + one as u128, step(one, "C2", 81, "T2"));
        assert_refused(&verdict, ReasonCode::OwnReview);
    }
    assert_verdict(
        &ledger.now(90, step(Step::SchoolCheck, "C2", 81, "T3")),
        Verdict::Recorded,
    );
    // Nor does she put it before the public.
    assert_verdict(
        &ledger.now(91, step(Step::CountyCheck, "C2", 81, "T3")),
        Verdict::Recorded,
    );
    assert_refused(
        &ledger.now(92, step(Step::Publish, "C2", 81, "T2")),
        ReasonCode::OwnReview,
    );
}

#[test]
fn approving_twice_is_a_duplicate_and_of_two_reviewers_the_second_is_told_who_and_when() {
    let mut ledger = county();
    let submission = ledger.brought_to("C1", 60, Stage::Submitted);
    let first = ledger.now(70, step(Step::SchoolCheck, "C1", submission, "T2"));
    assert_verdict(
        &ledger.now(70, step(Step::SchoolCheck, "C1", submission, "T2")),
        Verdict::Duplicate,
    );
    let second = ledger.now(71, step(Step::SchoolCheck, "C1", submission, "T4"));
    assert_refused(&second, ReasonCode::ReviewedAlready);
    let reason = second.reason.unwrap();
    assert_eq!((reason.value.as_str(), reason.index), ("T2 2026-09-21", first.index));
}

#[test]
fn a_claim_that_was_submitted_again_is_not_approved_by_who_looked_at_the_one_before() {
    let mut ledger = county();
    ledger.brought_to("C1", 60, Stage::Submitted);
    ledger.given([claimed(62, "C1")]);
    assert_verdict(&ledger.now(63, submitted("C1", &[62])), Verdict::Recorded);
    assert_refused(
        &ledger.now(64, step(Step::SchoolCheck, "C1", 61, "T2")),
        ReasonCode::ClaimChanged,
    );
    assert_verdict(
        &ledger.now(65, step(Step::SchoolCheck, "C1", 63, "T2")),
        Verdict::Recorded,
    );
    // What the last submission does not list never counts; and nothing is slipped in now.
    assert_refused(&ledger.post(claimed(66, "C1")), ReasonCode::ClaimUnderReview);
    assert_refused(&ledger.now(67, submitted("C1", &[62])), ReasonCode::ClaimUnderReview);
}

#[test]
fn a_returned_claim_is_mended_and_only_what_was_submitted_last_counts() {
    let mut ledger = county();
    ledger.brought_to("C1", 60, Stage::Returned);
    let mended = Event {
        claim_id: Some(claim("C1")),
        ..on(70, "2026-09-18", lesson("T1", LessonType::Open, 1, None))
    };
    ledger.given([mended]);
    assert_verdict(&ledger.now(71, submitted("C1", &[70])), Verdict::Recorded);
    for (number, one, by) in [
        (72, Step::SchoolCheck, "T2"),
        (73, Step::CountyCheck, "T3"),
        (74, Step::Publish, "T3"),
    ] {
        assert_verdict(&ledger.now(number, step(one, "C1", 71, by)), Verdict::Recorded);
    }
    ledger.today = day("2026-09-28");
    let ended = PublicityEnded {
        batch_id: batch("B-C1"),
        reviewer: teacher("T3"),
    };
    ledger.now(75, ended.into());
    assert_verdict(&ledger.now(76, step(Step::Credit, "C1", 71, "T3")), Verdict::Recorded);
    assert_eq!(ledger.lessons(), "1");
}

#[test]
fn a_claim_with_something_missing_or_void_is_not_approved() {
    let mut ledger = county();
    assert_verdict(&ledger.now(61, submitted("C1", &[60])), Verdict::Recorded);
    let check = |ledger: &mut Ledger, number| ledger.now(number, step(Step::SchoolCheck, "C1", 61, "T2"));
    assert_refused(&check(&mut ledger, 62), ReasonCode::ClaimIncomplete);
    ledger.given([claimed(60, "C1")]);
    ledger.now(63, void(id(60)));
    assert_refused(&check(&mut ledger, 64), ReasonCode::ClaimIncomplete);
    // It can be returned all the same.
    assert_verdict(&ledger.now(65, step(Step::Return, "C1", 61, "T2")), Verdict::Recorded);
}

#[test]
fn nobody_suspends_what_another_posted_by_claiming_it() {
    let mut ledger = county();
    ledger.given([on(60, "2026-09-18", lesson("T1", LessonType::Open, 2, None))]);
    assert_eq!(ledger.lessons(), "2");
    assert_refused(&ledger.now(61, submitted("C1", &[60])), ReasonCode::NotUnderClaim);
    let instead = Event {
        supersedes: Some(id(60)),
        ..claimed(62, "C1")
    };
    assert_refused(&ledger.post(instead), ReasonCode::NotUnderClaim);
    // Nor does what comes before that which it would correct.
    let ahead = Event {
        supersedes: Some(id(71)),
        ..claimed(70, "C1")
    };
    assert_verdict(&ledger.post(ahead), Verdict::Waiting);
    ledger.given([on(71, "2026-09-18", lesson("T1", LessonType::Open, 3, None))]);
    assert_eq!(ledger.lessons(), "5");
}

#[test]
fn a_claim_is_of_one_teacher_and_its_steps_name_her() {
    let mut ledger = county();
    let submission = ledger.brought_to("C1", 60, Stage::Submitted);
    let Fact::ClaimSubmitted(fact) = submitted("C1", &[60]) else {
        unreachable!()
    };
    let others = ClaimSubmitted {
        teacher_id: teacher("T2"),
        ..fact
    };
    assert_refused(&ledger.now(70, others.into()), ReasonCode::WrongTarget);
    let Fact::ClaimSchoolChecked(fact) = step(Step::SchoolCheck, "C1", submission, "T4") else {
        unreachable!()
    };
    let of_another = ClaimSchoolChecked {
        teacher_id: teacher("T2"),
        ..fact
    };
    assert_refused(&ledger.now(71, of_another.into()), ReasonCode::WrongTarget);
}

pub fn ended(claim_id: &str) -> Fact {
    let fact = PublicityEnded {
        batch_id: batch(&format!("B-{claim_id}")),
        reviewer: teacher("T3"),
    };
    fact.into()
}

pub fn objection(claim_id: &str) -> Fact {
    let fact = ObjectionRaised {
        batch_id: batch(&format!("B-{claim_id}")),
        claim_id: claim(claim_id),
        teacher_id: teacher("T1"),
        reason: text("当天不在校"),
        raised_by: Some(teacher("T4")),
    };
    fact.into()
}

pub fn decided(objection_event: EventId, upheld: bool, by: &str) -> Fact {
    let fact = ObjectionDecided {
        objection_event,
        claim_id: claim("C1"),
        teacher_id: teacher("T1"),
        upheld,
        reason: text("已核实"),
        reviewer: teacher(by),
    };
    fact.into()
}

#[test]
fn publicity_runs_working_days_over_a_holiday_and_a_worked_sunday() {
    let mut ledger = county();
    ledger.today = day("2026-09-25");
    ledger.brought_to("C1", 60, Stage::Publicity);
    let last = |ledger: &Ledger| ledger.state.at(ledger.size()).batch(&batch("B-C1")).unwrap().to;
    // Friday, the Sunday that is worked, Monday, Tuesday, Wednesday; the holiday begins on Thursday.
    assert_eq!(last(&ledger), day("2026-09-30"));
    // Begun on the Sunday before the holiday it ends after it, on the Thursday.
    let at = ledger.state.at(ledger.size());
    assert_eq!(at.working_day_after(day("2026-09-27"), 5), Ok(day("2026-10-08")));
    assert_eq!(at.working_day_after(day("2026-10-01"), 1), Ok(day("2026-10-08")));
    assert_eq!(at.working_day_after(day("2027-01-04"), 5), Err(2027));
    ledger.today = day("2026-09-30");
    assert_refused(&ledger.now(70, ended("C1")), ReasonCode::PublicityRunning);
    assert_refused(
        &ledger.now(71, step(Step::Credit, "C1", 61, "T3")),
        ReasonCode::PublicityRunning,
    );
    ledger.today = day("2026-10-01");
    assert_verdict(&ledger.now(72, ended("C1")), Verdict::Recorded);
    assert_refused(&ledger.now(73, ended("C1")), ReasonCode::BatchEnded);
}

#[test]
fn a_publicity_that_is_too_short_past_or_of_a_year_without_a_calendar_is_refused() {
    let mut ledger = county();
    ledger.brought_to("C1", 60, Stage::CountyChecked);
    let open = |number, from: &str, to: &str| between(number, from, to, step(Step::Publish, "C1", 61, "T3"));
    let short = ledger.post(open(70, TODAY, "2026-09-24"));
    assert_refused(&short, ReasonCode::PublicityTooShort);
    assert_eq!(short.reason.unwrap().value, "2026-09-25");
    assert_refused(
        &ledger.post(open(71, "2026-09-20", "2026-09-28")),
        ReasonCode::PublicityBackdated,
    );
    let missing = ledger.post(open(72, "2027-01-04", "2027-01-08"));
    assert_refused(&missing, ReasonCode::CalendarYearMissing);
    assert_eq!(missing.reason.unwrap().value, "2027");
    assert_verdict(&ledger.post(open(73, TODAY, "2026-09-25")), Verdict::Recorded);
    assert_refused(&ledger.post(open(74, TODAY, "2026-09-28")), ReasonCode::BatchTaken);
}

#[test]
fn a_calendar_change_during_publicity_does_not_move_its_end() {
    let mut ledger = county();
    ledger.brought_to("C1", 60, Stage::Publicity);
    let later = CALENDAR
        .replace("gongzuori-2026", "gongzuori-2026-2")
        .replace("\"2026-10-01..2026-10-07\"", "\"2026-09-22..2026-10-07\"")
        .replace("\"2026-09-27\", ", "");
    for event in adopt_calendar(1_100, TODAY, &later) {
        ledger.given([event]);
    }
    let at = ledger.state.at(ledger.size());
    assert!(at.working_day_after(day(TODAY), 5).unwrap() > day("2026-10-07"));
    assert_eq!(at.batch(&batch("B-C1")).unwrap().to, day("2026-09-25"));
    ledger.today = day("2026-09-26");
    assert_verdict(&ledger.now(70, ended("C1")), Verdict::Recorded);
}

#[test]
fn an_objection_is_taken_to_the_last_midnight_in_china_and_stops_its_line_alone() {
    let mut ledger = county();
    for (number, id) in [(60, "C1"), (80, "C2")] {
        ledger.brought_to(id, number, Stage::CountyChecked);
    }
    let both = PublicityOpened {
        batch_id: batch("B-C1"),
        claim_ids: vec![claim("C1"), claim("C2")],
        reviewer: teacher("T3"),
    };
    assert_verdict(&ledger.now(100, both.into()), Verdict::Recorded);
    ledger.today = day("2026-09-25");
    // 23:59 in China on the last day is 15:59 in UTC.
    let night = |minutes: i64| keshi_core::time::Millis(crate::support::noon(day("2026-09-25")).0 + minutes * 60_000);
    let raised = |number: u128| on(number, "2026-09-25", objection("C1"));
    let mut at_night = |event: Event, minutes| {
        let mut submission = crate::support::submission(
            keshi_core::submission::Taking::Each,
            vec![keshi_core::entry::Posted::Event(event)],
            day("2026-09-25"),
        );
        submission.received_at = night(minutes);
        ledger.submit(&submission).verdicts.remove(0)
    };
    assert_verdict(&at_night(raised(110), 12 * 60 - 1), Verdict::Recorded);
    assert_refused(&at_night(raised(111), 12 * 60), ReasonCode::ObjectionTooLate);
    ledger.today = day("2026-09-28");
    assert_verdict(&ledger.now(120, ended("C1")), Verdict::Recorded);
    assert_refused(&ledger.now(121, objection("C1")), ReasonCode::ObjectionTooLate);
    assert_refused(
        &ledger.now(122, step(Step::Credit, "C1", 61, "T3")),
        ReasonCode::ObjectionOpen,
    );
    assert_verdict(&ledger.now(123, step(Step::Credit, "C2", 81, "T3")), Verdict::Recorded);
    assert_eq!(ledger.lessons(), "2");
    // Nobody decides of her own objection, nor of one to her own claim.
    assert_refused(&ledger.now(124, decided(id(110), false, "T4")), ReasonCode::OwnReview);
    assert_refused(&ledger.now(125, decided(id(110), false, "T1")), ReasonCode::OwnReview);
    assert_refused(
        &ledger.now(126, decided(id(999), false, "T3")),
        ReasonCode::UnknownObjection,
    );
    assert_verdict(&ledger.now(127, decided(id(110), false, "T3")), Verdict::Recorded);
    assert_refused(
        &ledger.now(128, decided(id(110), true, "T2")),
        ReasonCode::ReviewedAlready,
    );
    assert_verdict(&ledger.now(129, step(Step::Credit, "C1", 61, "T3")), Verdict::Recorded);
    assert_eq!(ledger.lessons(), "4");
}

#[test]
fn a_line_whose_objection_was_upheld_goes_back_and_is_not_credited() {
    let mut ledger = county();
    ledger.brought_to("C1", 60, Stage::Publicity);
    ledger.now(70, objection("C1"));
    ledger.now(71, decided(id(70), true, "T3"));
    ledger.today = day("2026-09-28");
    ledger.now(72, ended("C1"));
    assert_refused(
        &ledger.now(73, step(Step::Credit, "C1", 61, "T3")),
        ReasonCode::ObjectionOpen,
    );
    assert_verdict(&ledger.now(74, step(Step::Return, "C1", 61, "T3")), Verdict::Recorded);
}

/// DOMAIN §13.21.
#[test]
fn an_objection_upheld_after_crediting_amends_the_entry_with_the_objection_as_evidence() {
    let mut ledger = county();
    ledger.brought_to("C1", 60, Stage::Credited);
    let amended = Event {
        supersedes: Some(id(60)),
        evidence: vec![keshi_core::ids::Sha256::of("异议书".as_bytes())],
        ..on(90, "2026-09-18", lesson("T1", LessonType::Open, 1, None))
    };
    ledger.given([amended]);
    assert_eq!(ledger.lessons(), "1");
}

/// DOMAIN §13.22.
#[test]
fn a_fraud_voids_all_entries_of_the_claim_and_the_claim_stays_closed() {
    let mut ledger = county();
    ledger.brought_to("C1", 60, Stage::Credited);
    ledger.given([on(90, "2026-09-28", void(id(60)))]);
    assert_eq!(ledger.lessons(), "0");
    assert_refused(&ledger.post(claimed(91, "C1")), ReasonCode::ClaimUnderReview);
    assert_refused(&ledger.now(92, submitted("C1", &[60])), ReasonCode::ClaimUnderReview);
}

#[test]
fn a_course_that_a_claim_brings_counts_with_it_and_has_ids_of_its_own() {
    let under = |number, fact: Fact| Event {
        claim_id: Some(claim("C1")),
        ..on(number, "2026-09-18", fact)
    };
    let foreign = keshi_core::check::violations(&under(60, project("P1", "国培")));
    assert!(matches!(foreign[0].problem, Problem::BadId(_)), "{foreign:?}");
    let registration = keshi_core::check::violations(&under(60, crate::support::facts::person("T7")));
    assert_eq!(registration[0].problem, Problem::NotClaimable);
    let loaded = Event {
        load_id: Some(LoadId::new("L1").unwrap()),
        ..under(60, lesson("T1", LessonType::Open, 1, None))
    };
    assert_eq!(keshi_core::check::violations(&loaded)[0].problem, Problem::NotClaimable);
    let mut ledger = county();
    let course = [
        under(60, project("C1.p", "国培")),
        under(61, session("C1.s", "C1.p")),
        under(62, attended("T1", "C1.s", "6")),
    ];
    assert!(
        course
            .iter()
            .all(|event| keshi_core::check::violations(event).is_empty())
    );
    ledger.given(course);
    // Others wait for a session that is not yet one.
    assert_verdict(
        &ledger.post(on(63, "2026-09-18", attended("T2", "C1.s", "6"))),
        Verdict::Waiting,
    );
    ledger.now(64, submitted("C1", &[60, 61, 62]));
    for (number, one, by) in [
        (65, Step::SchoolCheck, "T2"),
        (66, Step::CountyCheck, "T3"),
        (67, Step::Publish, "T3"),
    ] {
        ledger.now(number, step(one, "C1", 64, by));
    }
    assert_eq!(ledger.hours("T1", "2026"), "0");
    ledger.today = day("2026-09-28");
    ledger.now(68, ended("C1"));
    assert_verdict(&ledger.now(69, step(Step::Credit, "C1", 64, "T3")), Verdict::Recorded);
    assert_eq!(ledger.hours("T1", "2026"), "6");
}

/// One claim: what is under it with its submission, and the steps with who takes each.
type History = (Vec<Event>, Vec<(Step, u8)>);

/// A claim's history: what is under it in any order with its submission, then steps in their order; each of some claims.
fn histories() -> impl Strategy<Value = Vec<History>> {
    let one = (1_usize..4, 0_usize..6);
    proptest::collection::vec(one, 1..4).prop_map(|claims| {
        let claims = (0_u128..).zip(claims);
        let claim = |(place, (entries, steps)): (u128, (usize, usize))| {
            let (id, base) = (format!("C{place}"), 2_000 + place * 100);
            let numbers: Vec<u128> = (base..).take(entries).collect();
            let mut opening: Vec<Event> = numbers.iter().map(|number| claimed(*number, &id)).collect();
            opening.push(on(base + 50, TODAY, submitted(&id, &numbers)));
            let way = [
                (Step::SchoolCheck, 2),
                (Step::CountyCheck, 3),
                (Step::Publish, 3),
                (Step::Credit, 3),
            ];
            let steps = if steps == 5 {
                vec![(Step::Return, 2)]
            } else {
                way.into_iter().take(steps).collect()
            };
            (opening, steps)
        };
        claims.map(claim).collect()
    })
}

proptest! {
    #![proptest_config(random::config(128))]

    /// Claims come in any order beside each other, and what is under a claim in any order with its submission.
    #[test]
    fn any_order_of_arrival_gives_the_same_balances(
        histories in histories(),
        order in proptest::collection::vec(any::<u32>(), 24),
    ) {
        let told = |seed: Option<&[u32]>| {
            let mut ledger = county();
            let mut openings: Vec<Event> = histories.iter().flat_map(|(opening, _)| opening.clone()).collect();
            if let Some(seed) = seed {
                let mut keyed: Vec<(u32, Event)> =
                    openings.into_iter().enumerate().map(|(n, e)| (seed[n % seed.len()], e)).collect();
                keyed.sort_by_key(|(key, _)| *key);
                openings = keyed.into_iter().map(|(_, event)| event).collect();
            }
            ledger.given(openings);
            // Steps of several claims beside each other, each claim's in their order.
            let mut queue: Vec<(usize, usize)> = histories
                .iter()
                .enumerate()
                .flat_map(|(claim, (_, steps))| (0..steps.len()).map(move |step| (claim, step)))
                .collect();
            if let Some(seed) = seed {
                queue.sort_by_key(|(claim, step)| (*step, seed[(claim + step) % seed.len()]));
            }
            let mut over = false;
            let last_day: Date = plus_days(day(TODAY), 7);
            queue.sort_by_key(|(_, step)| *step >= 3);
            for (claim, place) in queue {
                let (one, by) = histories[claim].1[place];
                let base = 2_000 + claim as u128 * 100;
                if one == Step::Credit && !over {
                    over = true;
                    ledger.today = last_day;
                }
                let claim_id = format!("C{claim}");
                if one == Step::Credit {
                    let verdict = ledger.now(base + 70, ended(&claim_id));
                    prop_assert_eq!(verdict.verdict, Verdict::Recorded);
                }
                let fact = step(one, &claim_id, base + 50, &format!("T{by}"));
                let verdict = ledger.now(base + 60 + place as u128, fact);
                prop_assert_eq!(verdict.verdict, Verdict::Recorded, "{:?}", verdict);
            }
            let live = ledger.state.at(ledger.size()).digest();
            prop_assert_eq!(live, ledger.replayed(ledger.size()).at(ledger.size()).digest());
            let stages: Vec<_> = (0..histories.len()).map(|claim| ledger.stage(&format!("C{claim}"))).collect();
            Ok((ledger.lessons(), stages))
        };
        prop_assert_eq!(told(None)?, told(Some(&order))?);
    }
}

#[test]
fn what_waits_for_its_claim_is_summed_apart_from_what_counts() {
    let mut ledger = county();
    ledger.brought_to("C1", 60, Stage::Submitted);
    let sums = |ledger: &Ledger| {
        let at = ledger.state.at(ledger.size());
        let balance = at.balance(&teacher("T1"), ledger.period("2026")).unwrap().unwrap();
        let pending = &balance.sections[0].pending;
        let pending: Vec<_> = pending.iter().map(|(meter, sum)| (*meter, sum.to_string())).collect();
        (pending, ledger.lessons())
    };
    assert_eq!(
        sums(&ledger),
        (vec![(Meter::LessonsGiven, "2".to_owned())], "0".to_owned())
    );
    ledger.brought_to("C2", 100, Stage::Credited);
    assert_eq!(
        sums(&ledger),
        (vec![(Meter::LessonsGiven, "2".to_owned())], "2".to_owned())
    );
}

/// DOMAIN §9.
#[test]
fn where_the_office_runs_reviews_what_comes_late_comes_under_a_claim_or_a_load() {
    let mut ledger = county();
    let late = |number| on(number, "2026-08-20", lesson("T1", LessonType::Open, 2, None));
    // Without a policy that says so it counts at once, and is marked.
    assert_verdict(&ledger.post(late(60)), Verdict::Recorded);
    assert!(ledger.entries.last().unwrap().outcome.late);
    let document = crate::documents::policy("office", 1, TODAY, None, "60").replacen(
        "[[requirement]]",
        "[review]\npublicity_days = 3\nlate_after_days = 20\n[[requirement]]",
        1,
    );
    let adoption = crate::documents::adopt_policy(1_200, TODAY, &document);
    let adopted = ledger.post_all(keshi_core::submission::Taking::Atomic, adoption);
    assert!(
        adopted.iter().all(|one| one.verdict == Verdict::Recorded),
        "{adopted:?}"
    );
    let refused = ledger.post(late(61));
    assert_refused(&refused, ReasonCode::LateNeedsReview);
    assert_verdict(
        &ledger.post(on(62, "2026-09-01", lesson("T1", LessonType::Open, 2, None))),
        Verdict::Recorded,
    );
    let under = Event {
        claim_id: Some(claim("C1")),
        ..late(63)
    };
    assert_verdict(&ledger.post(under), Verdict::Waiting);
    assert!(ledger.entries.last().unwrap().outcome.late);
    // What stands may be corrected.
    let corrected = Event {
        supersedes: Some(id(60)),
        ..on(64, "2026-08-20", lesson("T1", LessonType::Open, 1, None))
    };
    assert_verdict(&ledger.post(corrected), Verdict::Recorded);
    let load = keshi_core::event::HistoricalLoadOpened {
        load_id: LoadId::new("L1").unwrap(),
        reason: text("建账前的记录"),
        authorised_by: None,
    };
    ledger.given([between(65, "2026-08-01", "2026-08-31", load)]);
    let loaded = Event {
        load_id: Some(LoadId::new("L1").unwrap()),
        ..late(66)
    };
    assert_verdict(&ledger.post(loaded), Verdict::Recorded);
    assert!(!ledger.entries.last().unwrap().outcome.late);
    // The same policy says how long a publicity runs.
    let at = ledger.state.at(ledger.size());
    assert_eq!(at.review_rules(day(TODAY)).publicity_days, 3);
    assert_eq!(at.reviews(day("2026-09-20")), None);
}
