//! Works as they are told: titles from the entries, and what each brings to those about whom the caller may read.

use std::collections::{BTreeMap, BTreeSet};

use keshi_core::balance::{Assessor, Line, Why};
use keshi_core::codes::{Award, Level};
use keshi_core::event::Fact;
use keshi_core::ids::{TeacherId, WorkId};
use keshi_core::period::Name;
use keshi_core::state::At;
use keshi_core::works::Part;
use keshi_door::Call;
use keshi_engine::Engine;
use keshi_office::access::{Caller, Need};
use keshi_proto::{api, date_to_wire};

use super::{Entry, PRIZES, Wanted, Work, best_of, kind_to_api};
use crate::Context;
use crate::balances::why_not;
use crate::desk::Turns;
use crate::entries;
use crate::error::Error;
use crate::page::{ANSWER_BYTES_MAX, fitting};
use crate::people::readable;
use crate::scope::Read;

/// Entries read in one step.
const READ_AT_ONCE: usize = 32;

/// The works of a page without names, and whom the caller may read about of those whom they name.
pub(super) struct Told {
    works: Vec<api::Work>,
    readable: BTreeMap<TeacherId, Need>,
}

/// What an entry itself says: the work's title, and what it was published as or won in.
#[derive(Default)]
struct Says {
    title: Option<String>,
    of: String,
}

/// What lines say of entries, by person and entry.
type Credits = BTreeMap<(TeacherId, u64), Vec<api::WorkCredit>>;

impl Told {
    /// In steps at the desk.
    pub(super) fn of(
        works: &[(WorkId, Work)],
        wanted: &Wanted,
        (engine, size, caller): (&Engine, u64, &Caller),
        turns: &Turns,
    ) -> Result<Self, Error> {
        let mut entries = works.iter().flat_map(|(_, work)| work);
        let mut says: BTreeMap<u64, Says> = BTreeMap::new();
        let indices: Vec<u64> = entries.by_ref().map(|(index, _)| *index).collect();
        for part in indices.chunks(READ_AT_ONCE) {
            let read = turns.step(|_| said(engine, size, part))?;
            says.extend(part.iter().copied().zip(read?));
        }
        let mut of_person: BTreeMap<TeacherId, BTreeSet<(i16, u64)>> = BTreeMap::new();
        for (index, entry) in works.iter().flat_map(|(_, work)| work) {
            for (id, _) in &entry.people {
                of_person.entry(*id).or_default().insert((entry.of.on.year(), *index));
            }
        }
        let (mut told, mut credits) = (BTreeMap::new(), Credits::new());
        for (id, entries) in of_person {
            turns.step(|_| {
                engine.query_at(size, |at| {
                    if let Some((id, need)) = readable(at, caller, id.as_str()) {
                        told.insert(id, need);
                        brought(at, id, &entries, &mut credits);
                    }
                });
            })?;
        }
        let works = works.iter().map(|(id, work)| api::Work {
            id: id.to_string(),
            title: title(work, &says),
            entries: entries_to_api(work, wanted, &says, &credits),
        });
        Ok(Self {
            works: fitting(works, ANSWER_BYTES_MAX),
            readable: told,
        })
    }
}

/// What these entries say.
fn said(engine: &Engine, size: u64, indices: &[u64]) -> Result<Vec<Says>, Error> {
    let entries = entries::at(engine, indices)?;
    Ok(engine.query_at(size, |at| {
        let events = entries.iter().map(|stored| stored.entry.posted.event());
        events
            .map(|event| event.map(|event| says(at, &event.fact)).unwrap_or_default())
            .collect()
    }))
}

fn says(at: At<'_>, fact: &Fact) -> Says {
    let text = |text: &Option<keshi_core::text::Text>| text.as_ref().map(ToString::to_string);
    if let Fact::WorkPublished(fact) = fact {
        Says {
            title: text(&fact.title),
            of: fact.work_kind.to_string(),
        }
    } else if let Fact::WorkAwarded(fact) = fact {
        Says {
            title: text(&fact.title),
            of: text(&fact.contest).unwrap_or_default(),
        }
    } else if let Fact::AwardGiven(fact) = fact {
        let name = at.competition(&fact.comp_id).map(|(name, _)| name.to_string());
        Says {
            title: None,
            of: name.unwrap_or_else(|| fact.comp_id.to_string()),
        }
    } else {
        Says::default()
    }
}

/// The title that an entry with effect gives, the latest by day; else any.
fn title(work: &Work, says: &BTreeMap<u64, Says>) -> String {
    let mut entries: Vec<&Entry> = work.values().collect();
    entries.sort_by_key(|entry| {
        (
            entry.of.why_not.is_some(),
            std::cmp::Reverse((entry.of.on, entry.of.event_id)),
        )
    });
    let mut titles = entries
        .iter()
        .filter_map(|entry| says.get(&entry.of.index)?.title.clone());
    titles.next().unwrap_or_default()
}

/// What these entries bring a person, under each policy that she stands under: one balance for each of their years, since best
/// only is looked for over all time in each.
fn brought(at: At<'_>, id: TeacherId, entries: &BTreeSet<(i16, u64)>, credits: &mut Credits) {
    let assessor = Assessor::new(at);
    let mut years: Vec<i16> = entries.iter().map(|(year, _)| *year).collect();
    years.dedup();
    for year in years {
        let period = Name::Year(year).resolve(&[]);
        // Amounts beyond what can be counted are told where her balance is asked for.
        let balance = period.and_then(|period| assessor.balance(&id, period).ok().flatten());
        for section in balance.into_iter().flat_map(|balance| balance.sections) {
            let policy = section.policy.map_or_else(String::new, |(id, ..)| id.to_string());
            // What no conversion is about brings nothing anywhere: that is no news.
            let is_meant = |line: &&Line| line.why != Why::NotCredited && entries.contains(&(year, line.index));
            let meant = section.lines.iter().filter(is_meant);
            for line in meant {
                credits.entry((id, line.index)).or_default().push(credit(&policy, line));
            }
        }
    }
}

fn credit(policy_id: &str, line: &Line) -> api::WorkCredit {
    let (why_not_code, why_not_zh, why_not_en) = why_not(&line.why);
    api::WorkCredit {
        policy_id: policy_id.to_owned(),
        meter: line.meter.word().to_owned(),
        counted_centiamount: line.counted.hundredths(),
        why_not_code,
        why_not_zh,
        why_not_en,
    }
}

fn entries_to_api(work: &Work, wanted: &Wanted, says: &BTreeMap<u64, Says>, credits: &Credits) -> Vec<api::WorkEntry> {
    let best = PRIZES.map(|kind| best_of(work, kind, wanted.year).map(|entry| entry.index));
    let mut entries: Vec<&Entry> = work.values().collect();
    entries.sort_by_key(|entry| (entry.of.on, entry.of.event_id));
    let to_api = |entry: &Entry| {
        let of = &entry.of;
        let (why_not_code, why_not_zh, why_not_en) = of.why_not.as_ref().map(why_not).unwrap_or_default();
        let mut people = entry.people.clone();
        people.sort_by_key(|(id, part)| (*part != Part::Lead, *part == Part::Guide, *id));
        api::WorkEntry {
            index: of.index,
            on: Some(date_to_wire(of.on)),
            kind: kind_to_api(of.kind).into(),
            level: of.level.map_or(0, Level::code),
            award: of.award.map_or(0, Award::code),
            of: says.get(&of.index).map(|says| says.of.clone()).unwrap_or_default(),
            is_best: best.contains(&Some(of.index)),
            why_not_code,
            why_not_zh,
            why_not_en,
            people: people
                .into_iter()
                .map(|(id, part)| api::WorkPerson {
                    teacher_id: id.to_string(),
                    name: String::new(),
                    leads: part == Part::Lead,
                    guides: part == Part::Guide,
                    credits: credits.get(&(id, of.index)).cloned().unwrap_or_default(),
                })
                .collect(),
        }
    };
    entries.into_iter().map(to_api).collect()
}

impl Context {
    /// Names those about whom the caller may read, each noted before she is told; the others stay ids.
    pub(super) async fn name_works(
        &self,
        call: &Call,
        Told {
            mut works,
            mut readable,
        }: Told,
        year: Option<i16>,
        purpose: &str,
    ) -> Result<Vec<api::Work>, Error> {
        let people = |work: &api::Work| {
            let people = work.entries.iter().flat_map(|entry| &entry.people);
            people.map(|one| one.teacher_id.clone()).collect::<Vec<_>>()
        };
        let on_page: BTreeSet<String> = works.iter().flat_map(people).collect();
        readable.retain(|id, _| on_page.contains(id.as_str()));
        let what = year.map_or_else(|| Read::from("works"), |year| Read::of("works", &year));
        for (id, need) in &readable {
            self.note_read(&call.caller, *need, id.as_str(), what.clone(), purpose)?;
        }
        let names = self.names(readable.keys().copied().collect()).await?;
        let names: BTreeMap<&str, String> = readable.keys().map(TeacherId::as_str).zip(names).collect();
        let entries = works.iter_mut().flat_map(|work| &mut work.entries);
        for one in entries.flat_map(|entry| &mut entry.people) {
            one.name = names.get(one.teacher_id.as_str()).cloned().unwrap_or_default();
        }
        Ok(works)
    }
}
