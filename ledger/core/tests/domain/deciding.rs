//! Verdicts: duplicates, conflicts, refusals, atomicity, loads.

use keshi_core::entry::{Posted, Verdict};
use keshi_core::event::{ClockCorrected, Event, Fact, HistoricalLoadClosed, HistoricalLoadOpened};
use keshi_core::ids::{LoadId, SchoolId, Sha256};
use keshi_core::lang::Lang;
use keshi_core::reason::ReasonCode;
use keshi_core::state::LoadView;
use keshi_core::submission::{EventVerdict, Submission, Taking};
use keshi_core::text::Text;
use keshi_core::time::Millis;

use crate::support::facts::{attended, observed, outreach, person, project, school_registered, text, visit, void};
use crate::support::{Ledger, OFFICE, assert_refused, assert_verdict, between, day, id, noon, on, submission};

#[test]
fn the_same_event_again_is_a_duplicate_naming_its_entry_and_nothing_is_written() {
    let mut ledger = Ledger::county();
    let first = ledger.post(on(60, "2022-03-01", visit("T1", "S1")));
    let size = ledger.size();
    let again = Event {
        note: Some(text("第二次提交")),
        source: Some(text("表 2 第 7 行")),
        ..on(60, "2022-03-01", visit("T1", "S1"))
    };
    let verdict = ledger.post(again);
    assert_verdict(&verdict, Verdict::Duplicate);
    assert_eq!((verdict.index, ledger.size()), (first.index, size));
}

#[test]
fn a_text_that_differs_only_in_script_width_or_spacing_is_a_duplicate() {
    let mut ledger = Ledger::county();
    ledger.given([on(60, "2022-03-01", project("P1", "留坝县教师培训（2022）"))]);
    for name in [
        "留壩縣教師培訓（2022）",
        "留坝县教师培训(２０２２)",
        "留坝县 教师培训 (2022)",
    ] {
        assert_verdict(
            &ledger.post(on(60, "2022-03-01", project("P1", name))),
            Verdict::Duplicate,
        );
    }
    let other = ledger.post(on(60, "2022-03-01", project("P1", "留坝县教师培训（2023）")));
    assert_verdict(&other, Verdict::Conflict);
}

#[test]
fn other_content_under_a_taken_id_is_a_conflict_naming_field_and_entry() {
    let mut ledger = Ledger::county();
    let original = ledger.post(on(60, "2022-03-01", attended("T1", "X1", "6")));
    let conflict = ledger.post(on(60, "2022-03-01", attended("T1", "X1", "4.5")));
    assert_verdict(&conflict, Verdict::Conflict);
    let reason = conflict.reason.clone().unwrap();
    assert_eq!(
        (reason.code, reason.field.as_str()),
        (ReasonCode::ContentDiffers, "hours_present")
    );
    assert_eq!(reason.index, original.index);
    assert!(reason.text(Lang::Zh).contains("出勤课时"), "{}", reason.text(Lang::Zh));
    // Once more: the conflict stands already.
    let size = ledger.size();
    let again = ledger.post(on(60, "2022-03-01", attended("T1", "X1", "4.5")));
    assert_eq!((again.index, ledger.size()), (conflict.index, size));
    // The original is untouched by it.
    assert_verdict(
        &ledger.post(on(60, "2022-03-01", attended("T1", "X1", "6"))),
        Verdict::Duplicate,
    );
    for (event, field) in [
        (on(60, "2022-03-02", attended("T1", "X1", "6")), "occurred_from"),
        (
            between(60, "2022-03-01", "2022-03-02", attended("T1", "X1", "6")),
            "occurred_to",
        ),
        (on(60, "2022-03-01", visit("T1", "S1")), "kind"),
    ] {
        assert_eq!(ledger.post(event).reason.unwrap().field, field);
    }
}

#[test]
fn a_refused_row_sent_again_after_its_teacher_was_registered_is_recorded() {
    let mut ledger = Ledger::county();
    let row = on(60, "2022-03-01", visit("T9", "S1"));
    let refused = ledger.post(row.clone());
    assert_refused(&refused, ReasonCode::UnknownTeacher);
    let size = ledger.size();
    assert_eq!(ledger.post(row.clone()).index, refused.index);
    assert_eq!(ledger.size(), size, "the same refusal is written once");
    ledger.given([on(61, "2022-01-01", person("T9"))]);
    let recorded = ledger.post(row.clone());
    assert_verdict(&recorded, Verdict::Recorded);
    assert_verdict(&ledger.post(row), Verdict::Duplicate);
}

#[test]
fn a_content_refused_under_an_id_that_another_took_is_a_conflict_without_a_second_entry() {
    let mut ledger = Ledger::county();
    let refused = ledger.post(on(60, "2022-03-01", visit("T9", "S1")));
    ledger.given([on(60, "2022-03-01", visit("T1", "S1"))]);
    let size = ledger.size();
    let again = ledger.post(on(60, "2022-03-01", visit("T9", "S1")));
    assert_verdict(&again, Verdict::Conflict);
    assert_eq!((again.index, ledger.size()), (refused.index, size));
}

#[test]
fn an_atomic_submission_with_one_refusal_records_only_that() {
    let mut ledger = Ledger::county();
    let events = vec![
        on(60, "2022-03-01", visit("T1", "S1")),
        on(61, "2022-03-01", visit("T9", "S1")),
        on(62, "2022-03-01", visit("T2", "S9")),
        on(60, "2022-03-01", visit("T1", "S1")),
    ];
    let size = ledger.size();
    let verdicts = ledger.post_all(Taking::Atomic, events.clone());
    assert_refused(&verdicts[0], ReasonCode::AtomicOther);
    assert_refused(&verdicts[1], ReasonCode::UnknownTeacher);
    assert_refused(&verdicts[2], ReasonCode::UnknownSchool);
    assert_refused(&verdicts[3], ReasonCode::AtomicOther);
    let indices: Vec<_> = verdicts.iter().map(|verdict| verdict.index).collect();
    assert_eq!(indices, [None, Some(size), Some(size + 1), None]);
    assert_eq!(ledger.size(), size + 2);
    assert_eq!(ledger.post_all(Taking::Atomic, events), verdicts);
    assert_eq!(ledger.size(), size + 2);
}

#[test]
fn an_id_twice_in_one_submission_is_a_duplicate_or_a_conflict_within_it() {
    let one = on(60, "2022-03-01", attended("T1", "X1", "6"));
    let two = on(60, "2022-03-01", attended("T1", "X1", "5"));
    let mut each = Ledger::county();
    let size = each.size();
    let verdicts = each.post_all(Taking::Each, vec![one.clone(), one.clone(), two.clone()]);
    assert_eq!(verdicts[1].verdict, Verdict::Duplicate);
    assert_eq!(verdicts[2].reason.as_ref().unwrap().index, Some(size));
    assert_eq!(each.size(), size + 2);
    let mut atomic = Ledger::county();
    let verdicts = atomic.post_all(Taking::Atomic, vec![one.clone(), two.clone()]);
    assert_refused(&verdicts[0], ReasonCode::AtomicOther);
    let reason = verdicts[1].reason.clone().unwrap();
    assert_eq!(
        (verdicts[1].verdict, reason.code),
        (Verdict::Conflict, ReasonCode::RepeatedOtherwise)
    );
    assert_eq!((reason.field.as_str(), reason.index), ("hours_present", None));
    assert_eq!(atomic.size(), size + 1);
    atomic.post_all(Taking::Atomic, vec![one, two]);
    assert_eq!(atomic.size(), size + 1, "sent again, it leaves nothing new");
}

#[test]
fn a_conflict_within_an_atomic_submission_records_none_of_it() {
    let mut ledger = Ledger::county();
    ledger.given([on(60, "2022-03-01", visit("T1", "S1"))]);
    let before = ledger.state.at(ledger.size()).digest();
    let verdicts = ledger.post_all(
        Taking::Atomic,
        vec![
            on(61, "2022-03-01", visit("T2", "S1")),
            on(60, "2022-03-01", visit("T1", "S2")),
        ],
    );
    assert_refused(&verdicts[0], ReasonCode::AtomicOther);
    assert_verdict(&verdicts[1], Verdict::Conflict);
    assert_eq!(ledger.state.at(ledger.size()).digest(), before);
}

#[test]
fn an_id_that_the_state_knows_is_never_recorded_twice_even_without_its_original() {
    let mut ledger = Ledger::county();
    ledger.given([on(60, "2022-03-01", visit("T1", "S1"))]);
    let again = submission(
        Taking::Each,
        vec![Posted::Event(on(60, "2022-03-01", visit("T1", "S1")))],
        ledger.today,
    );
    let decision = keshi_core::decide::decide(&mut ledger.state, &again, &keshi_core::decide::Originals::new());
    assert_verdict(&decision.verdicts[0], Verdict::Duplicate);
    assert!(decision.entries.is_empty());
}

#[test]
fn what_does_not_decode_is_refused_once_with_its_hash() {
    let mut ledger = Ledger::county();
    for event_id in [None, Some(id(77))] {
        let sha256 = Sha256::of(format!("{event_id:?}").as_bytes());
        let posted = submission(
            Taking::Each,
            vec![Posted::Unreadable { event_id, sha256 }],
            ledger.today,
        );
        let first = ledger.submit(&posted);
        assert_refused(&first.verdicts[0], ReasonCode::Unreadable);
        assert_eq!(first.verdicts[0].reason.as_ref().unwrap().value, sha256.to_string());
        assert!(ledger.submit(&posted).entries.is_empty());
    }
    // The id stays free.
    assert_verdict(&ledger.post(on(77, "2022-03-01", visit("T1", "S1"))), Verdict::Recorded);
}

#[test]
fn days_to_come_and_unknown_schools_are_refused_with_the_value() {
    let mut ledger = Ledger::county();
    for (event, code, value) in [
        (
            on(60, "2024-01-02", visit("T1", "S1")),
            ReasonCode::FutureDate,
            "2024-01-02",
        ),
        (on(61, "2022-03-01", visit("T1", "S9")), ReasonCode::UnknownSchool, "S9"),
        (
            on(62, "2022-03-01", observed("T9", "S1", 1)),
            ReasonCode::UnknownTeacher,
            "T9",
        ),
        (
            on(63, "2022-03-01", outreach("S1", &[("T1", 1, 0), ("T8", 1, 0)])),
            ReasonCode::UnknownTeacher,
            "T8",
        ),
    ] {
        let verdict = ledger.post(event);
        assert_refused(&verdict, code);
        assert_eq!(verdict.reason.unwrap().value, value);
    }
    assert_verdict(&ledger.post(on(64, "2024-01-01", visit("T1", "S1"))), Verdict::Recorded);
}

#[test]
fn the_office_may_post_under_its_own_code() {
    let mut ledger = Ledger::county();
    let mut event = on(60, "2022-03-01", visit("T1", "S1"));
    event.org = Some(SchoolId::new(OFFICE).unwrap());
    assert_verdict(&ledger.post(event.clone()), Verdict::Recorded);
    event.event_id = id(61);
    event.org = Some(SchoolId::new("610730").unwrap());
    assert_refused(&ledger.post(event), ReasonCode::UnknownSchool);
}

fn load(id: &str) -> LoadId {
    LoadId::new(id).unwrap()
}

fn opened(id: &str) -> Fact {
    let fact = HistoricalLoadOpened {
        load_id: load(id),
        reason: text("建账"),
        authorised_by: None,
    };
    fact.into()
}

#[test]
fn a_historical_load_takes_what_is_attributed_to_its_period_while_it_is_open() {
    let mut ledger = Ledger::county();
    let within = |number, from: &str, to: &str, name: &str| Event {
        load_id: Some(load(name)),
        ..between(number, from, to, visit("T1", "S1"))
    };
    assert_refused(
        &ledger.post(within(60, "2021-05-01", "2021-05-01", "L1")),
        ReasonCode::UnknownLoad,
    );
    ledger.given([between(61, "2021-01-01", "2021-12-31", opened("L1"))]);
    assert_refused(
        &ledger.post(between(62, "2021-01-01", "2022-12-31", opened("L1"))),
        ReasonCode::LoadTaken,
    );
    ledger.given([within(60, "2021-05-01", "2021-05-01", "L1")]);
    assert!(
        !ledger.entries.last().unwrap().outcome.late,
        "a load's postings are not late"
    );
    // A course that began before the period but ended in it is attributed to it.
    ledger.given([
        within(63, "2020-12-28", "2021-01-03", "L1"),
        within(64, "2021-12-31", "2021-12-31", "L1"),
    ]);
    for (from, to) in [("2020-12-31", "2020-12-31"), ("2021-12-30", "2022-01-01")] {
        assert_refused(&ledger.post(within(65, from, to, "L1")), ReasonCode::OutsideLoad);
    }
    let closed = || Fact::from(HistoricalLoadClosed { load_id: load("L1") });
    ledger.given([on(66, "2022-02-01", closed())]);
    assert_refused(
        &ledger.post(within(67, "2021-05-01", "2021-05-01", "L1")),
        ReasonCode::LoadClosed,
    );
    assert_refused(&ledger.post(on(68, "2022-02-01", closed())), ReasonCode::LoadClosed);
    // What was posted before stays a duplicate.
    assert_verdict(
        &ledger.post(within(60, "2021-05-01", "2021-05-01", "L1")),
        Verdict::Duplicate,
    );
}

#[test]
fn loads_are_listed_as_a_size_has_them_with_the_entries_under_them_that_have_effect() {
    let mut ledger = Ledger::county();
    let row = |number| Event {
        load_id: Some(load("L1")),
        ..on(number, "2021-05-01", visit("T1", "S1"))
    };
    let before = ledger.state.size();
    ledger.given([between(61, "2021-01-01", "2021-12-31", opened("L1")), row(62), row(63)]);
    let filled = ledger.state.size();
    let closed = HistoricalLoadClosed { load_id: load("L1") };
    ledger.given([on(64, "2022-02-01", Fact::from(closed))]);
    ledger.given([on(65, "2022-02-01", void(id(62)))]);
    let listed = |size| ledger.state.at(size).loads();
    // In one part, and one by one.
    let under = |size| {
        let at = ledger.state.at(size);
        let parts = (0..).map_while(|place| at.effective_under(&load("L1"), place..place + 1));
        let counted = parts.sum::<u64>();
        assert_eq!(at.effective_under(&load("L1"), 0..100), Some(counted));
        counted
    };
    assert!(listed(before).is_empty());
    let full = LoadView {
        id: load("L1"),
        opened: before,
        closed: None,
        from: day("2021-01-01"),
        to: day("2021-12-31"),
    };
    assert_eq!((&*listed(filled), under(filled)), (&[full][..], 2));
    let now = LoadView {
        closed: Some(filled),
        ..full
    };
    assert_eq!(
        (&*listed(ledger.state.size()), under(ledger.state.size())),
        (&[now][..], 1)
    );
    // A trial leaves nothing behind.
    let opened_again = between(70, "2020-01-01", "2020-12-31", opened("L2"));
    let of_trial = Event {
        load_id: Some(load("L2")),
        ..on(71, "2020-05-01", visit("T1", "S1"))
    };
    let refused = on(72, "2020-05-01", visit("T1", "S9"));
    ledger.post_all(Taking::Atomic, vec![opened_again, of_trial, refused]);
    assert_eq!(ledger.state.at(u64::MAX).loads(), [now]);
}

#[test]
fn a_load_opened_and_closed_within_one_submission_keeps_its_dates() {
    let mut ledger = Ledger::county();
    let row = |number| Event {
        load_id: Some(load("L1")),
        ..on(number, "2021-05-01", visit("T1", "S1"))
    };
    let verdicts = ledger.post_all(
        Taking::Each,
        vec![
            between(60, "2021-01-01", "2021-12-31", opened("L1")),
            row(61),
            on(
                62,
                "2023-02-01",
                Fact::from(HistoricalLoadClosed { load_id: load("L1") }),
            ),
            row(63),
        ],
    );
    assert_verdict(&verdicts[1], Verdict::Recorded);
    assert_refused(&verdicts[3], ReasonCode::LoadClosed);
}

#[test]
fn a_text_keeps_its_own_characters_though_it_compares_as_another() {
    let traditional = Text::new("教師").unwrap();
    assert_eq!(traditional, Text::new("教师").unwrap());
    assert_eq!(traditional.as_str(), "教師");
}

#[test]
fn today_is_the_day_in_china() {
    let mut ledger = Ledger::county();
    ledger.today = day("2024-03-01");
    // Noon of 1 March; the same day may be named, the next may not.
    assert_verdict(&ledger.post(on(60, "2024-03-01", visit("T1", "S1"))), Verdict::Recorded);
    assert_refused(
        &ledger.post(on(61, "2024-03-02", visit("T1", "S1"))),
        ReasonCode::FutureDate,
    );
}

/// Posts one visit of T1, stamped by a clock of that moment.
fn stamped(ledger: &mut Ledger, number: u128, received_at: Millis) -> EventVerdict {
    let visit = Posted::Event(on(number, "2023-11-01", visit("T1", "S1")));
    let submission = Submission {
        received_at,
        ..submission(Taking::Each, vec![visit], ledger.today)
    };
    ledger.submit(&submission).verdicts.remove(0)
}

#[test]
fn a_clock_of_2099_is_refused_and_the_ledger_s_time_stays() {
    let mut ledger = Ledger::county();
    let before = ledger.state.recorded_at();
    for (number, stamp) in (500..).zip([noon(day("2099-01-01")), Millis(i64::MAX), noon(day("2034-02-01"))]) {
        assert_refused(&stamped(&mut ledger, number, stamp), ReasonCode::ClockNotCredible);
        assert_eq!(ledger.state.recorded_at(), before);
        // The id is free: once the clock is right the same is taken.
        let now = noon(ledger.today);
        assert_verdict(&stamped(&mut ledger, number, now), Verdict::Recorded);
    }
    // Nine silent years are no reason to refuse.
    assert_verdict(&stamped(&mut ledger, 510, noon(day("2033-01-01"))), Verdict::Recorded);
}

#[test]
fn a_clock_of_1990_takes_the_ledger_s_own_time_and_cannot_begin_a_ledger() {
    let mut ledger = Ledger::county();
    let before = ledger.state.recorded_at();
    assert_verdict(&stamped(&mut ledger, 500, noon(day("1990-01-01"))), Verdict::Recorded);
    assert_eq!(ledger.state.recorded_at(), before);

    let mut empty = Ledger::new();
    for (number, today) in (1..).zip(["1990-01-01", "2099-01-01"]) {
        empty.today = day(today);
        let school = on(number, "1989-01-01", school_registered("S1", "第一小学"));
        assert_refused(&empty.post(school.clone()), ReasonCode::ClockNotCredible);
        assert_eq!(empty.state.recorded_at(), Millis(0));
    }
    empty.today = day("2024-01-01");
    empty.given([on(9, "1989-01-01", school_registered("S1", "第一小学"))]);
}

fn clock_corrected() -> ClockCorrected {
    ClockCorrected {
        reason: text("服务器时钟快了五年"),
        authorised_by: Some(text("教研室")),
    }
}

#[test]
fn a_ledger_whose_time_is_ahead_goes_back_by_a_recorded_correction() {
    let mut ledger = Ledger::county();
    let (now, wrong) = (noon(ledger.today), noon(day("2029-02-01")));
    let before = ledger.state.recorded_at();
    assert_verdict(&stamped(&mut ledger, 500, wrong), Verdict::Recorded);
    assert_eq!(ledger.state.recorded_at(), wrong);
    let poisoned = ledger.size() - 1;

    let correction = on(501, "2023-11-01", clock_corrected());
    assert_verdict(&ledger.post(correction), Verdict::Recorded);
    assert_eq!(
        ledger.state.recorded_at(),
        now,
        "the ledger's time is the clock's again"
    );
    assert_verdict(&stamped(&mut ledger, 502, now), Verdict::Recorded);
    assert_eq!(ledger.state.recorded_at(), now);

    // What was recorded under the wrong clock was recorded no later than the correction, and before it nobody knew.
    let at = ledger.state.at(ledger.size());
    assert_eq!(at.recorded_at(poisoned, wrong), now);
    assert_eq!(at.recorded_at(0, before), before);
    assert_eq!(ledger.state.at(poisoned + 1).recorded_at(poisoned, wrong), wrong);
}

#[test]
fn a_correction_of_the_clock_stands_alone_and_only_where_the_ledger_s_time_is_ahead() {
    let mut ledger = Ledger::county();
    let posted = on(500, "2023-11-01", clock_corrected());
    assert_refused(&ledger.post(posted.clone()), ReasonCode::ClockNotAhead);
    assert_verdict(&stamped(&mut ledger, 501, noon(day("2029-02-01"))), Verdict::Recorded);
    let ahead = ledger.state.recorded_at();
    let two = [posted, on(502, "2023-11-01", visit("T1", "S1"))].map(Posted::Event);
    let verdicts = ledger
        .submit(&submission(Taking::Each, two.to_vec(), ledger.today))
        .verdicts;
    assert_refused(&verdicts[0], ReasonCode::NotAlone);
    assert_eq!(ledger.state.recorded_at(), ahead);
}

#[test]
fn a_refused_correction_of_the_clock_is_recorded_at_the_ledger_s_own_time() {
    let mut ledger = Ledger::county();
    assert_verdict(&stamped(&mut ledger, 500, noon(day("2029-02-01"))), Verdict::Recorded);
    let ahead = ledger.state.recorded_at();
    let tomorrow = on(501, "2028-11-01", clock_corrected());
    let decision = ledger.submit(&submission(Taking::Each, vec![Posted::Event(tomorrow)], ledger.today));
    assert_refused(&decision.verdicts[0], ReasonCode::FutureDate);
    assert_eq!(ledger.state.recorded_at(), ahead);
    assert_eq!(decision.recorded_at, ahead);
}
