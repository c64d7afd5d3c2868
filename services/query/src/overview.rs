//! A year of the county, or of what of it the caller may see: hours by month, and who is short by school. Counts alone; where
//! they are of so few that they are no counts but persons, those are noted as read.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use keshi_core::balance::{Assessor, Balance};
use keshi_core::hours::Hours;
use keshi_core::ids::{SchoolId, TeacherId};
use keshi_core::period::Period;
use keshi_core::policy::Meter;
use keshi_core::state::At;
use keshi_door::Call;
use keshi_engine::Engine;
use keshi_office::access::Caller;
use keshi_proto::{api, date_to_wire};

use crate::counted::{Persons, untold};
use crate::desk::Turns;
use crate::error::Error;
use crate::everybody::each_teacher;
use crate::page::whole;
use crate::place::dates;
use crate::scope::{Read, Scope};
use crate::shortfalls::{is_short, without_calendar};
use crate::{Context, bounds};

/// What is asked.
#[derive(Debug)]
struct Question {
    period: Period,
    size: u64,
    today: Date,
}

/// How many teachers stand how.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    teachers: i64,
    short: i64,
    without_policy: i64,
    too_large: i64,
}

/// What was counted so far.
#[derive(Debug, Default)]
pub(crate) struct Found {
    persons: Persons,
    all: Counts,
    /// By year and month.
    months: BTreeMap<(i16, i8), Hours>,
    /// `None`: those who stood at no school.
    schools: BTreeMap<Option<SchoolId>, Counts>,
}

/// How one teacher stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stands {
    Met,
    Short,
    WithoutPolicy,
    TooLarge,
}

impl Context {
    pub(crate) async fn get_overview(
        &self,
        call: &Call,
        request: api::GetOverviewRequest,
    ) -> Result<api::Overview, Error> {
        let name = self.period_name(&request.period)?;
        let size = self.place(request.at.as_ref(), call.deadline).await?;
        let (period, without_calendar) = self.engine.query_at(size, |at| -> Result<_, Error> {
            let period = dates(name, at)?;
            bounds::extent(&Assessor::new(at), &period)?;
            Ok((period, without_calendar(at, &period)))
        })?;
        let today = self.today();
        let question = Question { period, size, today };
        // Whom she may read about is told by her role alone.
        let key = format!("{question:?} {:?}", call.caller.role());
        let count = async {
            let seat = self.desk.seat(&call.caller, call.deadline).await?;
            let (engine, caller) = (self.engine.clone(), call.caller.clone());
            let work = move |turns: &Turns| question.work(&engine, &caller, turns);
            self.desk.work(seat, Some(call.deadline), work).await
        };
        let found = self.overviews.get(key, call.deadline, count).await?;
        self.note_few(call, (&found.persons, &[]), &Read::of("overview", &name), "")?;
        let Counts {
            teachers,
            short,
            without_policy,
            too_large,
        } = found.all;
        let untold = found.untold();
        let schools = self.engine.query_at(size, |at| {
            let schools = found.schools.iter();
            schools
                .map(|(id, counts)| school_to_api(at, id.as_ref(), *counts, untold.contains(id)))
                .collect()
        });
        let month = |((year, month), hours): (&(i16, i8), &Hours)| api::MonthHours {
            month: format!("{year:04}-{month:02}"),
            centihours: hours.hundredths(),
        };
        whole(api::Overview {
            period: name.to_string(),
            from: Some(date_to_wire(period.from)),
            to: Some(date_to_wire(period.to)),
            size,
            teachers,
            short,
            without_policy,
            too_large,
            months: found.months.iter().map(month).collect(),
            schools,
            without_calendar,
            not_begun: today < period.from,
        })
    }
}

impl Found {
    /// The schools of which no more is told than how many teachers they have: those with too few, and where all of these
    /// together have too few, so that the others taken from the sum would tell of them, the smallest of the others, too.
    fn untold(&self) -> BTreeSet<Option<SchoolId>> {
        let groups = self.schools.iter().map(|(id, counts)| (counts.teachers, *id));
        untold(groups, self.all.teachers)
    }
}

fn school_to_api(at: At<'_>, id: Option<&SchoolId>, counts: Counts, few: bool) -> api::SchoolOverview {
    let told = if few { Counts::default() } else { counts };
    api::SchoolOverview {
        school_id: id.map_or_else(String::new, ToString::to_string),
        name: id
            .and_then(|id| at.school(id))
            .map_or_else(String::new, |school| school.name.to_string()),
        teachers: counts.teachers,
        few,
        short: told.short,
        without_policy: told.without_policy,
        too_large: told.too_large,
    }
}

impl Question {
    /// Assesses every teacher whom the caller may read about, in steps at the desk.
    fn work(&self, engine: &Engine, caller: &Caller, turns: &Turns) -> Result<Found, Error> {
        let mut found = Found {
            months: months(&self.period),
            ..Found::default()
        };
        each_teacher(
            (engine, self.size),
            turns,
            &mut found,
            |found, at, assessor, id| {
                let scope = Scope::of(at, &id, (self.period.from, self.period.to));
                let admitted = scope.and_then(|scope| Some((scope.admits(caller, &id).ok()?, scope)));
                if let Some((need, scope)) = admitted {
                    found.persons.add(&id, need);
                    self.add(assessor, &id, &scope.stood_at, found);
                }
            },
            // Counts alone, which take little room.
            |_| Ok(()),
        )?;
        Ok(found)
    }

    fn add(&self, assessor: &Assessor<'_>, id: &TeacherId, stood_at: &[SchoolId], found: &mut Found) {
        let stands = match assessor.balance(id, self.period) {
            // She is registered: the scope says so.
            Ok(None) => return,
            Err(_) => Stands::TooLarge,
            Ok(Some(balance)) => {
                for ((year, month), hours) in hours_of(&balance) {
                    if let Some(sum) = found.months.get_mut(&(year, month)) {
                        *sum = Hours::from_hundredths(sum.hundredths().saturating_add(hours.hundredths()));
                    }
                }
                self.stands(&balance)
            }
        };
        found.all.add(stands);
        let schools = stood_at.iter().copied().map(Some);
        let nowhere = stood_at.is_empty().then_some(None);
        for school in schools.chain(nowhere) {
            found.schools.entry(school).or_default().add(stands);
        }
    }

    fn stands(&self, balance: &Balance) -> Stands {
        let sections = || balance.sections.iter().filter(|section| section.policy.is_some());
        let mut standings = sections().flat_map(|section| &section.standings);
        if sections().next().is_none() {
            Stands::WithoutPolicy
        } else if standings.any(|standing| is_short(standing, self.today)) {
            Stands::Short
        } else {
            Stands::Met
        }
    }
}

impl Counts {
    fn add(&mut self, stands: Stands) {
        self.teachers += 1;
        match stands {
            Stands::Met => {}
            Stands::Short => self.short += 1,
            Stands::WithoutPolicy => self.without_policy += 1,
            Stands::TooLarge => self.too_large += 1,
        }
    }
}

/// The months of the period, with nothing in them.
fn months(period: &Period) -> BTreeMap<(i16, i8), Hours> {
    let place = |day: Date| i32::from(day.year()) * 12 + i32::from(day.month()) - 1;
    let all = place(period.from)..=place(period.to);
    let named = all.filter_map(|place| {
        let (year, month) = (place.div_euclid(12), place.rem_euclid(12) + 1);
        Some((i16::try_from(year).ok()?, i8::try_from(month).ok()?))
    });
    named.map(|month| (month, Hours::ZERO)).collect()
}

/// The training hours that count, by month; each entry once, as the policy counts it that counts most.
fn hours_of(balance: &Balance) -> BTreeMap<(i16, i8), Hours> {
    let mut best: BTreeMap<u64, (Date, Hours)> = BTreeMap::new();
    let lines = balance.sections.iter().flat_map(|section| &section.lines);
    for line in lines.filter(|line| line.meter == Meter::TrainingHours) {
        let known = best.entry(line.index).or_insert((line.on, line.counted));
        if known.1 < line.counted {
            *known = (line.on, line.counted);
        }
    }
    let mut months: BTreeMap<(i16, i8), Hours> = BTreeMap::new();
    for (on, hours) in best.into_values() {
        let sum = months.entry((on.year(), on.month())).or_insert(Hours::ZERO);
        *sum = Hours::from_hundredths(sum.hundredths().saturating_add(hours.hundredths()));
    }
    months
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The schools of which nothing is told, of so many persons who stood at schools of these sizes.
    fn untold<const N: usize>(persons: i64, sizes: [(&str, i64); N]) -> Vec<String> {
        let counts = |teachers| Counts {
            teachers,
            ..Counts::default()
        };
        let schools = sizes.map(|(id, teachers)| (Some(SchoolId::new(id).unwrap()), counts(teachers)));
        let found = Found {
            all: counts(persons),
            schools: schools.into(),
            ..Found::default()
        };
        found.untold().into_iter().flatten().map(|id| id.to_string()).collect()
    }

    #[test]
    fn what_is_told_of_the_others_leaves_no_fewer_than_three_persons_in_the_sum() {
        assert_eq!(untold(9, [("A", 4), ("B", 5)]), [""; 0]);
        assert_eq!(untold(11, [("A", 4), ("B", 5), ("C", 2)]), ["A", "C"]);
        assert_eq!(untold(13, [("A", 4), ("B", 5), ("C", 2), ("D", 2)]), ["C", "D"]);
        // One of the two at C is the one at D.
        assert_eq!(untold(11, [("A", 4), ("B", 5), ("C", 2), ("D", 1)]), ["A", "C", "D"]);
        // Everybody stood at both, as at schools that were merged.
        assert_eq!(untold(9, [("A", 9), ("B", 9)]), [""; 0]);
    }
}
