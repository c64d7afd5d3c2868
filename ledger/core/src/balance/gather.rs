//! Steps 1 to 3 of crediting: validity, presence, conversion. One teacher's facts become credits.

use std::num::NonZeroU16;
use std::rc::Rc;

use jiff::civil::Date;

use super::credit::{Credit, Source, Traits};
use super::exact::Exact;
use super::facts::{SessionFacts, SessionVariant};
use super::person::Person;
use super::{Assessor, Why};
use crate::codes::{AttendanceRole, Award, Level};
use crate::hours::Hours;
use crate::ids::EventId;
use crate::period::Period;
use crate::policy::{
    Attribution, Base, Conversion, Fraction, Kind, Meter, Per, Policy, Role, Shape, Share, Word, version_on,
};
use crate::state::{Detail, Item, unshifted};
use crate::time::days_inclusive;

/// One fact, taken apart for conversions.
struct Fact<'s, 'w> {
    kind: Kind,
    traits: Traits<'s>,
    source: Source,
    role: Option<Role>,
    award: Option<Award>,
    work_kind: Option<NonZeroU16>,
    /// 考核结果 or 结题结果, as a word.
    result: Option<&'w Word>,
    /// The amount in the event: hours present, periods, lessons.
    amount: Hours,
    talks: Hours,
    /// The meter that counts an amount by itself.
    own: Option<(Meter, Hours)>,
    /// People of the same role, and all.
    people: (u32, u32),
    /// Hours of the session, where presence is measured.
    presence_of: Option<Hours>,
    complete: bool,
    is_variant: bool,
    without: Option<Why>,
}

impl Fact<'_, '_> {
    fn new(kind: Kind, amount: Hours) -> Self {
        Self {
            kind,
            traits: Traits::default(),
            source: Source::default(),
            role: None,
            award: None,
            work_kind: None,
            result: None,
            amount,
            talks: Hours::ZERO,
            own: None,
            people: (1, 1),
            presence_of: None,
            complete: true,
            is_variant: false,
            without: None,
        }
    }

    fn with_level(mut self, level: Level) -> Self {
        self.traits.level = Some(level);
        self
    }

    /// As one posting of its session has it.
    fn attend(&mut self, session: &SessionVariant) {
        self.traits.level = Some(session.project.level);
        self.traits.shape = Some(Shape::Session(session.session_type));
        self.traits.project = Some(Rc::clone(&session.project));
        let measured = [AttendanceRole::Learner, AttendanceRole::Listener].map(Role::Attendance);
        if self.role.is_some_and(|role| measured.contains(&role)) {
            self.presence_of = Some(session.hours);
        }
    }

    fn of_people(mut self, lead: bool, leads: u8, members: u8) -> Self {
        let same = if lead { leads } else { members };
        self.role = Some(if lead { Role::Lead } else { Role::Member });
        self.people = (same.into(), u32::from(leads) + u32::from(members));
        self
    }
}

impl<'s> Assessor<'s> {
    /// The credits of one fact, under the versions of one policy.
    ///
    /// # Errors
    ///
    /// The entry's index, if an amount goes beyond the type.
    pub(super) fn gather(
        &self,
        (item, event_id): (&Item, EventId),
        person: &Person<'_>,
        versions: &[&'s Policy],
        credits: &mut Vec<Credit<'s>>,
    ) -> Result<(), u64> {
        let Some(mut fact) = self.fact(item) else { return Ok(()) };
        let entry = (item, event_id);
        let session = fact.source.session.map(|slot| self.session(slot));
        match session.as_deref() {
            None => self.credit(entry, person, versions, &fact, credits),
            Some(SessionFacts::Without(why)) => {
                fact.without.get_or_insert_with(|| why.clone());
                self.credit(entry, person, versions, &fact, credits)
            }
            // A lesson given in it hangs on it, and is what it is.
            Some(SessionFacts::Held(_)) if fact.kind != Kind::Attendance => {
                self.credit(entry, person, versions, &fact, credits)
            }
            Some(SessionFacts::Held(variants)) => {
                fact.is_variant = variants.len() > 1;
                for variant in variants {
                    fact.attend(variant);
                    self.credit(entry, person, versions, &fact, credits)?;
                }
                Ok(())
            }
        }
    }

    /// The credits of a fact as it is known now.
    fn credit(
        &self,
        (item, event_id): (&Item, EventId),
        person: &Person<'_>,
        versions: &[&'s Policy],
        fact: &Fact<'s, '_>,
        credits: &mut Vec<Credit<'s>>,
    ) -> Result<(), u64> {
        let on_last = version_on(versions, item.to);
        let (policy, on) = match on_last.map(|policy| policy.attribution) {
            Some(Attribution::Start) => (version_on(versions, item.from), item.from),
            _ => (on_last, item.to),
        };
        let blank = || Credit {
            index: item.index,
            event_id,
            from: item.from,
            to: item.to,
            on,
            kind: fact.kind,
            is_variant: fact.is_variant,
            meter: Meter::TrainingHours,
            traits: fact.traits.clone(),
            source: fact.source,
            policy: None,
            conversion: None,
            asked: fact.amount,
            exact: Exact::ZERO,
            converted: Hours::ZERO,
            counted: Hours::ZERO,
            cuts: Vec::new(),
            why: fact.without.clone().unwrap_or(Why::Counted),
        };
        if let Some((meter, amount)) = fact.own {
            let mut credit = Credit {
                meter,
                // Caps of the version take it in; nothing else of the policy does.
                policy,
                asked: amount,
                exact: Exact::of(amount),
                converted: amount,
                counted: amount,
                ..blank()
            };
            if policy.is_none() && credit.is_counted() {
                credit.why = Why::NotInForce;
            }
            if !credit.is_counted() {
                credit.counted = Hours::ZERO;
            }
            credits.push(credit);
        }
        let mut meters: u8 = 0;
        let mut any = false;
        for conversion in policy.map_or(&[][..], |policy| &policy.conversions) {
            let bit = 1_u8 << conversion.meter as u8;
            let of_post = || conversion.posts.is_empty() || person.holds(&conversion.posts, &Period::span(on, on));
            if meters & bit == 0 && self.takes(conversion, fact) && of_post() {
                meters |= bit;
                any = true;
                let mut credit = blank();
                convert(&mut credit, fact, conversion, policy).ok_or(u64::from(item.index))?;
                credits.push(credit);
            }
        }
        let left_out = fact.kind == Kind::Outreach && fact.amount > Hours::ZERO;
        if !any && (fact.own.is_none() || left_out) {
            let meter = if left_out {
                Meter::LessonsGiven
            } else {
                Meter::TrainingHours
            };
            let uncredited = if policy.is_some() {
                Why::NotCredited
            } else {
                Why::NotInForce
            };
            let why = fact.without.clone().unwrap_or(uncredited);
            credits.push(Credit { meter, why, ..blank() });
        }
        Ok(())
    }

    /// Takes one row of the state apart; `None` for what no rule credits.
    fn fact(&self, item: &Item) -> Option<Fact<'s, '_>> {
        let count = |count: u16| Hours::whole(count.into());
        let mut fact = match item.detail {
            Detail::Attendance {
                centihours,
                role,
                result,
                session,
            } => {
                let mut fact = Fact::new(Kind::Attendance, Hours::from_hundredths(centihours.into()));
                fact.role = Some(Role::Attendance(role));
                fact.traits.result = result;
                fact.result = result.map(Word::of_result);
                fact.source.session = Some(session);
                fact
            }
            Detail::Outreach { lessons, talks, .. } => {
                let talks = count(talks);
                Fact {
                    talks,
                    own: (talks > Hours::ZERO).then_some((Meter::Talks, talks)),
                    ..Fact::new(Kind::Outreach, count(lessons))
                }
            }
            Detail::LessonGiven {
                periods,
                lesson_type,
                level,
                session,
            } => {
                let mut fact = Fact::new(Kind::LessonGiven, count(periods)).with_level(level);
                fact.traits.shape = Some(Shape::Lesson(lesson_type));
                fact.own = Some((Meter::LessonsGiven, fact.amount));
                fact.source.session = session.map(unshifted);
                fact
            }
            Detail::LessonObserved { periods, .. } => Fact {
                own: Some((Meter::LessonsObserved, count(periods))),
                ..Fact::new(Kind::LessonObserved, count(periods))
            },
            Detail::SchoolVisit { .. } => Fact {
                own: Some((Meter::SchoolVisits, Hours::whole(1))),
                ..Fact::new(Kind::SchoolVisit, Hours::whole(1))
            },
            Detail::Award {
                competition,
                award,
                role,
                work,
            } => {
                let mut fact = Fact::new(Kind::Award, Hours::ZERO);
                fact.role = Some(Role::Award(role));
                fact.award = Some(award);
                fact.source.work = work.map(unshifted);
                fact.source.competition = Some(competition);
                match self.competition_level(competition) {
                    Ok(level) => fact.traits.level = Some(level),
                    Err(why) => fact.without = Some(why),
                }
                fact
            }
            Detail::SchoolBasedTerm { complete, semester } => {
                let mut fact = Fact::new(Kind::SchoolBasedTerm, Hours::ZERO).with_level(Level::School);
                fact.complete = complete;
                fact.source.semester = Some(semester);
                fact
            }
            Detail::TopicConcluded {
                topic,
                level,
                lead,
                leads,
                members,
                result,
            } => {
                let fact = Fact::new(Kind::TopicConcluded, Hours::ZERO).with_level(level);
                let mut fact = fact.of_people(lead, leads, members);
                fact.source.topic = Some(topic);
                fact.result = result.and_then(|number| self.state.word(number));
                fact
            }
            Detail::WorkPublished {
                work,
                work_kind,
                level,
                lead,
                authors,
            } => {
                let fact = Fact::new(Kind::WorkPublished, Hours::ZERO).with_level(level);
                let mut fact = fact.of_people(lead, 1, authors.saturating_sub(1));
                fact.work_kind = Some(work_kind);
                fact.source.work = Some(work);
                fact
            }
            Detail::WorkAwarded {
                work,
                level,
                award,
                lead,
                authors,
            } => {
                let fact = Fact::new(Kind::WorkAwarded, Hours::ZERO).with_level(level);
                let mut fact = fact.of_people(lead, 1, authors.saturating_sub(1));
                fact.award = Some(award);
                fact.source.work = Some(work);
                fact
            }
            Detail::CompetitionEntry { .. }
            | Detail::Recommended { .. }
            | Detail::Title { .. }
            | Detail::Candidate { .. }
            | Detail::Renewed { .. }
            | Detail::Withdrawn { .. } => return None,
        };
        if let Some(why) = self.state.void(item, self.size) {
            fact.without = Some(why);
        }
        Some(fact)
    }

    /// Whether a conversion is about a fact.
    fn takes(&self, conversion: &Conversion, fact: &Fact<'s, '_>) -> bool {
        let of_role = conversion.roles.is_empty() || fact.role.is_some_and(|role| conversion.roles.contains(&role));
        let of_event = conversion.events.is_empty()
            || matches!(fact.traits.shape, Some(Shape::Session(kind)) if conversion.events.contains(&kind));
        let of_award =
            conversion.awards.is_empty() || fact.award.is_some_and(|award| conversion.awards.contains(&award));
        let amount = match conversion.base {
            Base::Amount if fact.kind == Kind::Outreach => fact.amount > Hours::ZERO,
            Base::Talks => fact.talks > Hours::ZERO,
            Base::Amount | Base::Fixed(_) | Base::ByLevel(_) | Base::ByAward(_) | Base::ByLevelAward(_) => true,
        };
        conversion.kind == fact.kind
            && of_role
            && of_event
            && of_award
            && amount
            && self.is_of_work_kind(conversion, fact)
            && conversion
                .filter
                .kind
                .as_ref()
                .is_none_or(|kinds| kinds.contains(&fact.kind))
            && fact.traits.pass(&conversion.filter)
    }

    fn is_of_work_kind(&self, conversion: &Conversion, fact: &Fact<'s, '_>) -> bool {
        conversion.work_kinds.is_empty()
            || fact.work_kind.is_some_and(|number| {
                let word = self.state.word(number);
                word.is_some_and(|word| conversion.work_kinds.contains(word))
            })
    }
}

/// Presence, then base × factor × result × share. `None` beyond the type's limits.
fn convert<'s>(
    credit: &mut Credit<'s>,
    fact: &Fact<'s, '_>,
    conversion: &'s Conversion,
    policy: Option<&'s Policy>,
) -> Option<()> {
    let policy = policy?;
    credit.policy = Some(policy);
    credit.conversion = Some(conversion);
    credit.meter = conversion.meter;
    if conversion.base == Base::Talks {
        credit.asked = fact.talks;
    }
    let level = fact.traits.level;
    credit.traits.level = conversion.counts_as_level.or(level);
    credit.traits.category = conversion.counts_as_category.as_ref();
    // What has no effect is not converted: an absurd entry stops to be in the way once it is voided. What waits for its
    // claim is, to be shown beside what counts.
    match &fact.without {
        None => fill(credit, fact, conversion, policy),
        Some(Why::UnderReview { .. }) => {
            let why = credit.why.clone();
            let mut shown = credit.clone();
            if fill(&mut shown, fact, conversion, policy).is_some() {
                *credit = shown;
            }
            (credit.why, credit.counted) = (why, Hours::ZERO);
            Some(())
        }
        Some(_) => Some(()),
    }
}

/// What the conversion makes of the fact.
fn fill<'s>(
    credit: &mut Credit<'s>,
    fact: &Fact<'s, '_>,
    conversion: &'s Conversion,
    policy: &'s Policy,
) -> Option<()> {
    let level = fact.traits.level;
    let result = fact.result.and_then(|result| conversion.if_result(result));
    let presence = conversion.min_presence.unwrap_or(policy.min_presence);
    let factor = match (conversion.factor_by_level.as_slice(), level) {
        ([], _) => Some(&Fraction::ONE),
        (table, Some(level)) => by(table, level),
        (_, None) => None,
    };
    let base = base_of(conversion, fact, level);
    let why_not = if let Some(of) = fact.presence_of.filter(|of| !is_present(fact.amount, *of, presence)) {
        Some(Why::BelowPresence { of })
    } else if !fact.complete {
        Some(Why::Incomplete)
    } else if fact.result.is_some_and(Word::is_failure) && result.is_none() {
        Some(Why::NotPassed)
    } else if base.is_none() || factor.is_none() {
        Some(Why::NotInTable)
    } else {
        None
    };
    if let Some(why) = why_not {
        if credit.is_counted() {
            credit.why = why;
        }
        return Some(());
    }
    let mut exact = Exact::of(base?);
    if conversion.per == Per::Day {
        exact = exact.times(Fraction::whole(days_inclusive(credit.from, credit.to))?)?;
    }
    let factors = [
        conversion.factor,
        *factor?,
        result.unwrap_or(Fraction::ONE),
        share_of(conversion, fact),
    ];
    for factor in factors {
        exact = exact.times(factor)?;
    }
    credit.exact = exact;
    credit.converted = exact.rounded(policy.rounding)?;
    credit.counted = credit.converted;
    if credit.converted == Hours::ZERO && !exact.is_zero() {
        credit.why = Why::RoundsToNothing;
    }
    Some(())
}

/// The value of a key in a short table.
fn by<K: Copy + PartialEq, V>(table: &[(K, V)], key: K) -> Option<&V> {
    table.iter().find(|(known, _)| *known == key).map(|(_, value)| value)
}

fn base_of(conversion: &Conversion, fact: &Fact<'_, '_>, level: Option<Level>) -> Option<Hours> {
    match &conversion.base {
        Base::Amount => Some(fact.amount),
        Base::Talks => Some(fact.talks),
        Base::Fixed(amount) => Some(*amount),
        Base::ByLevel(table) => by(table, level?).copied(),
        Base::ByAward(table) => by(table, fact.award?).copied(),
        Base::ByLevelAward(table) => by(by(table, level?)?, fact.award?).copied(),
    }
}

fn share_of(conversion: &Conversion, fact: &Fact<'_, '_>) -> Fraction {
    let share = match fact.role {
        Some(Role::Lead) => conversion.lead_share,
        Some(Role::Member) => conversion.member_share,
        _ => return Fraction::ONE,
    };
    match share {
        Share::Each(fraction) => fraction,
        Share::EqualInRole => Fraction::one_of(fact.people.0),
        Share::EqualAmongAll => Fraction::one_of(fact.people.1),
    }
}

/// Whether the hours present are at least the share of the session's hours. A session without hours asks nothing.
fn is_present(present: Hours, of: Hours, least: Fraction) -> bool {
    let scaled = i128::from(present.hundredths()) * i128::from(least.denominator());
    scaled >= i128::from(of.hundredths()) * i128::from(least.numerator())
}

/// Whether two spans of dates share a day.
pub(super) fn overlap(one: (Date, Date), two: (Date, Date)) -> bool {
    one.0 <= two.1 && two.0 <= one.1
}
