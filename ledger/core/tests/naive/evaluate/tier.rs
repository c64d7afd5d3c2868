//! Titles through their life, and the next steps of ladders.

use keshi_core::codes::{AwardRole, Level, TitleClass};

use super::as_one;
use super::county::{County, height};
use crate::day::Day;
use crate::facts::{Fact, Ground, Id, Recorded};
use crate::model::{Policy, Prize, Step};

/// A title as conferred, renewed and withdrawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Title {
    pub index: u64,
    pub id: u128,
    pub class: TitleClass,
    pub level: Level,
    pub on: Day,
    /// The last day.
    pub to: Day,
    pub waits: bool,
    /// How many renewals gave it a last day.
    pub renewals: usize,
    pub withdrawn: Option<u64>,
}

/// A next step: of which ladder, to what, and what is missing.
pub type Next = (Option<(String, u32, String)>, TitleClass, u8, Vec<String>);

/// In force, waiting, past; and the next steps.
#[derive(Debug, PartialEq)]
pub struct Tier {
    pub titles: Vec<Title>,
    pub waiting: Vec<Title>,
    pub past: Vec<Title>,
    pub steps: Vec<Next>,
}

pub fn tier(facts: &[Recorded], size: u64, teacher: Id, today: Day) -> Tier {
    let (facts, teacher) = as_one(facts, size, teacher);
    let county = County::at(&facts, size);
    let begun = county.titles(teacher).into_iter().filter(|title| title.on <= today);
    let (held, mut past): (Vec<_>, Vec<_>) = begun.partition(|title| today <= title.to);
    let (waiting, titles): (Vec<_>, Vec<_>) = held.into_iter().partition(|title| title.waits);
    past.sort_by_key(|title| title.index);
    let steps = county.next(teacher, &titles, today);
    Tier {
        titles,
        waiting,
        past,
        steps,
    }
}

fn reaches(held: (TitleClass, Level), asked: (TitleClass, Level)) -> bool {
    held.0 >= asked.0 && height(held.1) >= height(asked.1)
}

const fn below(level: Level) -> Option<Level> {
    match level {
        Level::National => Some(Level::Province),
        Level::Province => Some(Level::City),
        Level::City => Some(Level::County),
        _ => None,
    }
}

/// The first day of the last so many years.
fn first(years: Option<i64>, today: Day) -> Day {
    years.map_or(Day::of(1900, 1, 1), |years| today.plus(1).years_on(-years))
}

impl County<'_> {
    /// Of every policy the version in force, if it is a ladder.
    fn ladders(&self, day: Day) -> Vec<&Policy> {
        let in_force = |id: Id| {
            let mut versions = self.versions(id).into_iter();
            let begun = versions.rfind(|version| version.from <= day)?;
            begun.to.is_none_or(|to| day <= to).then_some(begun)
        };
        let all = self.policy_ids().into_iter().filter_map(in_force);
        all.filter(|policy| !policy.steps.is_empty()).collect()
    }

    /// All titles that stand, the highest first.
    fn titles(&self, id: Id) -> Vec<Title> {
        let mut titles: Vec<Title> = self.live.iter().filter_map(|row| self.title(row, id)).collect();
        titles.sort_by_key(|title| {
            (
                std::cmp::Reverse((title.class, height(title.level), title.on)),
                title.id,
            )
        });
        // Again and again, until none settles any more.
        while let Some(settles) = titles
            .iter()
            .position(|title| title.waits && self.settles(title, &titles))
        {
            titles[settles].waits = false;
        }
        titles
    }

    fn settles(&self, title: &Title, titles: &[Title]) -> bool {
        let ladders = self.ladders(title.on).into_iter();
        let steps: Vec<&Step> = ladders
            .flat_map(|policy| &policy.steps)
            .filter(|step| (step.class, step.level) == (title.class, title.level))
            .collect();
        let held = |asked: (TitleClass, Level)| {
            let mut others = titles.iter().filter(|other| !other.waits);
            others
                .any(|other| other.on <= title.on && title.on <= other.to && reaches((other.class, other.level), asked))
        };
        if steps.is_empty() {
            return below(title.level).is_none_or(|level| held((title.class, level)));
        }
        steps
            .iter()
            .any(|step| step.after.is_empty() || step.after.iter().any(|asked| held(*asked)))
    }

    fn title(&self, row: &Recorded, id: Id) -> Option<Title> {
        let Fact::Title {
            teacher,
            class,
            level,
            valid_to,
        } = row.event.fact
        else {
            return None;
        };
        let on = row.event.to;
        let is_this = |named: u128| self.stands_for(named) == Some(row.event.id);
        let gone = self.live.iter().filter(|other| match other.event.fact {
            Fact::Withdrawn { teacher, title } => teacher == id && is_this(title) && on <= other.event.to,
            _ => false,
        });
        let gone = gone.min_by_key(|other| (other.event.to, other.event.id));
        let mut renewals: Vec<_> = self
            .live
            .iter()
            .filter_map(|other| match other.event.fact {
                Fact::Renewed {
                    teacher,
                    title,
                    valid_to,
                } if teacher == id && is_this(title) => Some((other.event.to, other.event.id, valid_to)),
                _ => None,
            })
            .collect();
        renewals.sort_unstable_by_key(|row| (row.0, row.1));
        // Last days of the terms.
        let mut terms = vec![valid_to.unwrap_or_else(|| on.years_on(5).plus(-1))];
        let mut given = 0;
        for (day, _, to) in renewals {
            let is_gone = gone.is_some_and(|gone| gone.event.to <= day);
            let Some(term) = terms
                .iter()
                .position(|end| day <= *end)
                .filter(|_| on <= day && !is_gone)
            else {
                continue;
            };
            let end = terms[term];
            let to = to.unwrap_or_else(|| end.plus(1).years_on(5).plus(-1)).max(end);
            given += 1;
            if term + 1 < terms.len() {
                terms[term + 1] = terms[term + 1].max(to);
            } else {
                terms.push(to);
            }
        }
        let end = *terms.last().unwrap();
        let gone = gone.filter(|gone| gone.event.to <= end);
        (teacher == id).then_some(Title {
            index: row.index,
            id: row.event.id,
            class,
            level,
            on,
            to: gone.map_or(end, |gone| gone.event.to.plus(-1)),
            waits: true,
            renewals: given,
            withdrawn: gone.map(|gone| gone.index),
        })
    }

    fn next(&self, id: Id, titles: &[Title], today: Day) -> Vec<Next> {
        let in_post = |policy: &&&Policy| {
            let mut holdings = self.holdings(id).into_iter();
            holdings
                .any(|row| policy.scope.contains(&row.post) && row.from <= today && row.to.is_none_or(|to| today <= to))
        };
        let ladders = self.ladders(today);
        let own: Vec<&&Policy> = ladders.iter().filter(in_post).collect();
        if own.is_empty() {
            return usual(titles)
                .map(|(class, level)| (None, class, height(level), self.lacks_usual(id, level, today)))
                .into_iter()
                .collect();
        }
        let held = |asked| titles.iter().any(|title| reaches((title.class, title.level), asked));
        let mut next = Vec::new();
        for policy in own {
            for step in &policy.steps {
                let open = step.after.is_empty() || step.after.iter().any(|asked| held(*asked));
                if open && !held((step.class, step.level)) {
                    let ladder = (policy.id.to_owned(), policy.version, step.id.to_owned());
                    next.push((
                        Some(ladder),
                        step.class,
                        height(step.level),
                        self.lacks(id, step, today),
                    ));
                }
            }
        }
        next.sort();
        next
    }

    fn lacks_usual(&self, id: Id, level: Level, today: Day) -> Vec<String> {
        let mut lacks = Vec::new();
        if below(level).is_some() && !self.is_recommended(id, level, today) {
            lacks.push("recommendation".to_owned());
        }
        if level == Level::Province {
            lacks.extend(self.lacks_career(id, 5, today));
        }
        lacks
    }

    fn is_recommended(&self, id: Id, level: Level, today: Day) -> bool {
        self.live.iter().any(|row| match row.event.fact {
            Fact::Recommended { teacher, from, to } => {
                let rests = |ground| match ground {
                    Ground::Competition(competition) => self.competition(competition).is_some(),
                    Ground::Title(title) => self.held_on(id, title, row.event.to),
                };
                teacher == id && to == level && row.event.to <= today && rests(from)
            }
            _ => false,
        })
    }

    /// Whether what stands for this title of hers held on the day.
    fn held_on(&self, id: Id, title: u128, day: Day) -> bool {
        let stands = self.stands_for(title);
        let titles = self.titles(id).into_iter();
        let mut titles = titles.filter(|title| Some(title.id) == stands && !title.waits);
        titles.any(|title| title.on <= day && day <= title.to)
    }

    fn lacks_career(&self, id: Id, years: i64, today: Day) -> Option<String> {
        match self.person(id).1 {
            None => Some("career unknown".to_owned()),
            Some(from) => (today < from.years_on(years)).then(|| format!("career to {}", from.years_on(years))),
        }
    }

    fn lacks(&self, id: Id, step: &Step, today: Day) -> Vec<String> {
        let mut lacks = Vec::new();
        if step.recommended && !self.is_recommended(id, step.level, today) {
            lacks.push("recommendation".to_owned());
        }
        lacks.extend(
            step.candidate
                .and_then(|years| self.lacks_candidacy(id, (step, years), today)),
        );
        lacks.extend(step.career_years.and_then(|years| self.lacks_career(id, years, today)));
        if !step.ranks.is_empty() && self.rank(id).is_none_or(|rank| !step.ranks.contains(&rank)) {
            lacks.push("rank".to_owned());
        }
        if step.prize.as_ref().is_some_and(|prize| !self.has_won(id, prize, today)) {
            lacks.push("prize".to_owned());
        }
        if let Some((min, years)) = step.observed {
            let counted: i64 = self
                .live
                .iter()
                .filter_map(|row| match row.event.fact {
                    Fact::LessonObserved { teacher, periods } if teacher == id => {
                        let inside = first(years, today) <= row.event.to && row.event.to <= today;
                        inside.then(|| i64::from(periods) * 100)
                    }
                    _ => None,
                })
                .sum();
            if counted < min {
                lacks.push(format!("observed {counted} of {min}"));
            }
        }
        lacks
    }

    fn lacks_candidacy(&self, id: Id, (step, years): (&Step, i64), today: Day) -> Option<String> {
        let chosen = self.live.iter().filter_map(|row| match row.event.fact {
            Fact::Candidate {
                teacher,
                class,
                level,
                until,
            } if teacher == id && (class, level) == (step.class, step.level) && row.event.to <= today => {
                Some((row.event.to, until))
            }
            _ => None,
        });
        let chosen: Vec<_> = chosen.collect();
        if chosen.is_empty() {
            return Some("candidacy".to_owned());
        }
        let ready = chosen.into_iter().filter_map(|(on, until)| {
            let ready = on.years_on(years);
            until.is_none_or(|until| ready <= until.plus(1)).then_some(ready)
        });
        let ready = ready.min();
        ready
            .is_none_or(|ready| today < ready)
            .then(|| format!("development to {ready:?}"))
    }

    fn rank(&self, id: Id) -> Option<Id> {
        let registrations = self.live.iter().filter_map(|row| match row.event.fact {
            Fact::Person { teacher, rank, .. } if teacher == id => Some(((row.event.to, row.event.id), rank)),
            _ => None,
        });
        registrations.max_by_key(|row| row.0)?.1
    }

    fn has_won(&self, id: Id, prize: &Prize, today: Day) -> bool {
        self.live.iter().any(|row| match row.event.fact {
            Fact::Award {
                competition,
                teacher,
                award,
                role: AwardRole::Oneself,
                ..
            } => {
                let level = self.competition(competition);
                let of_level = level.is_some_and(|level| prize.levels.is_empty() || prize.levels.contains(&level));
                let of_award = prize.awards.is_empty() || prize.awards.contains(&award);
                let inside = first(prize.years, today) <= row.event.to && row.event.to <= today;
                teacher == id && of_level && of_award && inside
            }
            _ => false,
        })
    }
}

/// Where no ladder says more: up to the province, there from class to class.
fn usual(titles: &[Title]) -> Option<(TitleClass, Level)> {
    use TitleClass::{ExpertTeacher, MasterTeacher, RisingTeacher, SubjectLeader};
    let Some(highest) = titles.first() else {
        return Some((RisingTeacher, Level::County));
    };
    match (highest.class, highest.level) {
        (RisingTeacher, _) => Some((ExpertTeacher, Level::County)),
        (class, Level::County) => Some((class, Level::City)),
        (class, Level::City) => Some((class, Level::Province)),
        (ExpertTeacher, level) => Some((SubjectLeader, level)),
        (SubjectLeader, level) => Some((MasterTeacher, level)),
        (MasterTeacher, _) => None,
    }
}
