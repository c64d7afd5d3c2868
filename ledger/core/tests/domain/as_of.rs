//! The ledger at size N is its first N entries: nothing above may leak into an answer.

use std::fmt::Write as _;

use keshi_core::codes::Level;
use keshi_core::event::{Fact, HistoricalLoadClosed, HistoricalLoadOpened, WorkPublished};
use keshi_core::ids::{CompetitionId, LoadId, SchoolId, SessionId, Sha256, WorkId};
use keshi_core::period::{Name, Period};
use keshi_core::state::State;
use keshi_core::submission::Taking;
use proptest::prelude::*;

use crate::documents::{RESEARCHERS, adopt_calendar, adopt_policy, calendar, policy};
use crate::support::{Ledger, day, facts, id, on, random};

pub fn year(year: i16) -> Period {
    Name::Year(year).resolve(&[]).unwrap()
}

/// Everything that the state answers at `size`, indices included.
fn answers(state: &State, size: u64) -> String {
    let mut out = String::new();
    writeln!(out, "{} {:?}", state.at(size).digest(), state.at(size).school_ids()).unwrap();
    for version in state.at(size).policies() {
        writeln!(out, "{} {:?} {:?}", version.index, version.policy, version.sha256).unwrap();
    }
    writeln!(out, "{:?}", state.at(size).policies_in_force(day("2022-12-31"))).unwrap();
    writeln!(out, "{:?}", state.at(size).semesters()).unwrap();
    writeln!(out, "{:?}", state.at(size).sessions()).unwrap();
    let document = Sha256::of(calendar("c", "2022-02-14").as_bytes());
    writeln!(out, "{:?}", state.at(size).document(&document)).unwrap();
    for id in state.at(size).teacher_ids() {
        let semesters = state.at(size).semesters();
        for name in ["2022", "2022-03", "2021-2022", "2021..2022", "2021-2022-2"] {
            if let Some(period) = Name::parse(name).unwrap().resolve(&semesters) {
                writeln!(out, "{:?}", state.at(size).balance(&id, period)).unwrap();
            }
        }
        let tier = state.at(size).tier(&id, day("2022-12-31"));
        let record = state.at(size).teacher_record(&id);
        writeln!(out, "{id} {tier:?} {record:?} {:?}", state.at(size).profile(&id)).unwrap();
        writeln!(
            out,
            "{:?} {:?}",
            state.at(size).holdings(&id),
            state.at(size).indices_about(&id)
        )
        .unwrap();
    }
    for id in ["S1", "S2"].map(|id| SchoolId::new(id).unwrap()) {
        writeln!(
            out,
            "{id} {:?} {:?}",
            state.at(size).school(&id),
            state.at(size).successor(&id)
        )
        .unwrap();
    }
    for id in ["X1", "X2", "X3", "X4"].map(|id| SessionId::new(id).unwrap()) {
        writeln!(out, "{:?}", state.at(size).session(&id)).unwrap();
    }
    for id in ["C1", "C2"].map(|id| CompetitionId::new(id).unwrap()) {
        writeln!(out, "{:?}", state.at(size).competition(&id)).unwrap();
    }
    out
}

fn load_opened(load_id: LoadId) -> Fact {
    let fact = HistoricalLoadOpened {
        load_id,
        reason: facts::text("补录"),
        authorised_by: None,
    };
    fact.into()
}

fn published(work_kind: &str) -> Fact {
    let fact = WorkPublished {
        work_id: WorkId::new("W1").unwrap(),
        work_kind: facts::text(work_kind),
        level: Level::County,
        title: None,
        author_ids: vec![facts::teacher("T1"), facts::teacher("T2")],
    };
    fact.into()
}

proptest! {
    #![proptest_config(random::config(300))]

    #[test]
    fn a_long_ledger_asked_at_any_size_answers_as_the_short_one_did(
        events in random::postings(40),
        places in proptest::collection::vec(any::<proptest::sample::Index>(), 8),
    ) {
        // Policies, a calendar, and their voids come at random places among the postings.
        let mut submissions: Vec<_> = events.into_iter().map(|event| vec![event]).collect();
        let version = |number: u32, from: &str| policy(RESEARCHERS, number, from, None, "60");
        let load = LoadId::new("L1").unwrap();
        let documents = [
            adopt_policy(9_100, "2023-12-30", &version(1, "2020-01-01")),
            adopt_policy(9_200, "2023-12-30", &version(2, "2024-01-01")),
            adopt_calendar(9_300, "2023-12-30", &calendar("c", "2022-02-14")),
            vec![on(9_400, "2023-12-31", facts::void(id(9_100)))],
            vec![on(9_500, "2021-12-31", load_opened(load))],
            vec![on(9_600, "2021-12-31", HistoricalLoadClosed { load_id: load })],
            vec![on(9_700, "2022-03-01", published("论文"))],
            vec![on(9_800, "2022-04-01", published("著作"))],
        ];
        for (place, document) in places.iter().zip(documents) {
            submissions.insert(place.index(submissions.len() + 1), document);
        }
        let mut ledger = Ledger::county();
        for events in submissions {
            let taking = if events.len() > 1 { Taking::Atomic } else { Taking::Each };
            ledger.post_all(taking, events);
        }
        for size in 0..=ledger.size() {
            let short = ledger.replayed(size);
            prop_assert_eq!(answers(&ledger.state, size), answers(&short, size), "size {}", size);
        }
    }
}
