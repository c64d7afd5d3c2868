//! Steps 1 to 3: validity, presence, conversion.

use keshi_core::codes::Level;

use super::days::rounded;
use super::deeds::{Deed, Effect};
use super::{Case, Cut, filter};
use crate::day::Day;
use crate::facts::Id;
use crate::fraction::Fraction;
use crate::model::{Attribution, Base, Conversion, Factor, Kind, Meter, Part, Per, Policy, Shares};

/// A deed in one meter under one version. Amounts are hundredths.
#[derive(Clone, Debug)]
pub struct Credit<'d> {
    pub deed: &'d Deed,
    /// The version that credits it; what counts by itself needs none.
    pub policy: Option<&'d Policy>,
    pub day: Day,
    pub meter: Meter,
    /// `None` where it counts by itself.
    pub conversion: Option<&'d Conversion>,
    pub level: Option<Level>,
    pub category: Option<Id>,
    pub converted: Fraction,
    pub limited: Fraction,
    pub rounded: i64,
    pub cuts: Vec<Cut>,
    /// Why it counts nothing.
    pub why: Option<Why>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Why {
    Voided,
    Corrected,
    Cancelled,
    Waiting,
    UnderReview,
    NotInForce,
    NotCredited,
    Presence,
    Failed,
    NotOnFile,
    LevelNotInTable,
    AwardNotInTable,
    RoundsToNothing,
    OtherOfSession,
    SameWork,
    OnePerSemester,
    BestOnly,
}

pub const METERS: [Meter; 6] = [
    Meter::Hours,
    Meter::Observed,
    Meter::Given,
    Meter::Visits,
    Meter::Talks,
    Meter::Credits,
];

impl Case<'_> {
    /// The day on which an entry counts: its last, or its first if the version in force on the last says so.
    fn attribution(&self, deed: &Deed) -> Day {
        match self.in_force(deed.to) {
            Some(version) if version.attribution == Attribution::Start => deed.from,
            _ => deed.to,
        }
    }

    /// The credits of all deeds, in order.
    pub fn converted<'d>(&'d self, deeds: &'d [Deed]) -> Vec<Credit<'d>> {
        let mut credits = Vec::new();
        for deed in deeds {
            let day = self.attribution(deed);
            let version = self.in_force(day);
            let before = credits.len();
            credits.extend(
                METERS
                    .iter()
                    .filter_map(|meter| credit(self, version, deed, (day, *meter))),
            );
            if credits.len() == before || brings_uncredited_lessons(&credits[before..], deed) {
                let why = version.map_or(Why::NotInForce, |_| Why::NotCredited);
                credits.push(uncredited(version, deed, day, why));
            }
        }
        credits.sort_by_key(|credit| (credit.day, credit.deed.id));
        credits
    }
}

/// What counts in a meter without any conversion, in whole units.
fn by_itself(deed: &Deed, meter: Meter) -> Option<u16> {
    match (deed.kind, meter) {
        (Kind::Given, Meter::Given) | (Kind::Observed, Meter::Observed) => Some(deed.periods),
        (Kind::Visit, Meter::Visits) => Some(1),
        (Kind::Outreach, Meter::Talks) => Some(deed.talks).filter(|talks| *talks > 0),
        _ => None,
    }
}

/// Outreach with lessons that only its talks are credited of.
fn brings_uncredited_lessons(credits: &[Credit<'_>], deed: &Deed) -> bool {
    deed.kind == Kind::Outreach && deed.lessons > 0 && credits.iter().all(|credit| credit.conversion.is_none())
}

/// What an entry that no conversion takes leaves behind.
fn uncredited<'d>(policy: Option<&'d Policy>, deed: &'d Deed, day: Day, why: Why) -> Credit<'d> {
    let why = match deed.effect {
        Effect::Voided => Why::Voided,
        Effect::Corrected => Why::Corrected,
        Effect::Cancelled => Why::Cancelled,
        Effect::Waiting => Why::Waiting,
        Effect::UnderReview => Why::UnderReview,
        Effect::Has => why,
    };
    Credit {
        deed,
        policy,
        day,
        meter: Meter::Hours,
        conversion: None,
        level: deed.level,
        category: deed.category,
        converted: Fraction::ZERO,
        limited: Fraction::ZERO,
        rounded: 0,
        cuts: Vec::new(),
        why: Some(why),
    }
}

fn credit<'d>(
    case: &Case<'_>,
    policy: Option<&'d Policy>,
    deed: &'d Deed,
    (day, meter): (Day, Meter),
) -> Option<Credit<'d>> {
    let natural = by_itself(deed, meter);
    let conversion = match natural {
        Some(_) => None,
        None => Some(filter::converts(policy?, deed, meter, |post| case.holds_on(post, day))?),
    };
    let worth = match (deed.effect, conversion) {
        (Effect::Voided, _) => Err(Why::Voided),
        (Effect::Corrected, _) => Err(Why::Corrected),
        (Effect::Cancelled, _) => Err(Why::Cancelled),
        (Effect::Waiting, _) => Err(Why::Waiting),
        (Effect::UnderReview, Some(conversion)) => Ok(worth(policy?, conversion, deed).unwrap_or(Fraction::ZERO)),
        (Effect::Has, None) if policy.is_none() => Err(Why::NotInForce),
        (Effect::Has | Effect::UnderReview, None) => Ok(Fraction::whole(i64::from(natural?) * 100)),
        (Effect::Has, Some(conversion)) => worth(policy?, conversion, deed).and_then(|amount| {
            let vanishes = amount > Fraction::ZERO && rounded(policy.unwrap().rounding, amount) == 0;
            if vanishes {
                Err(Why::RoundsToNothing)
            } else {
                Ok(amount)
            }
        }),
    };
    let (converted, why) = match worth {
        // Shown, and counts nothing.
        Ok(amount) if deed.effect == Effect::UnderReview => (amount, Some(Why::UnderReview)),
        Ok(amount) => (amount, None),
        Err(why) => (Fraction::ZERO, Some(why)),
    };
    let taken_for = conversion.and_then(|conversion| conversion.counts_as_level);
    let category = conversion.and_then(|conversion| conversion.counts_as_category);
    Some(Credit {
        deed,
        policy,
        day,
        meter,
        conversion,
        level: taken_for.or(deed.level),
        category: category.or(deed.category),
        converted,
        limited: converted,
        rounded: 0,
        cuts: Vec::new(),
        why,
    })
}

/// Presence, then base × factor × result × share.
fn worth(policy: &Policy, conversion: &Conversion, deed: &Deed) -> Result<Fraction, Why> {
    let presence = conversion.min_presence.unwrap_or(policy.min_presence);
    if deed.must_be_present() && Fraction::whole(deed.present) < Fraction::whole(deed.session_hours) * presence {
        return Err(Why::Presence);
    }
    if !deed.on_file {
        return Err(Why::NotOnFile);
    }
    let result = match deed.result {
        None => Fraction::ONE,
        Some(result) => {
            let row = conversion
                .if_result
                .iter()
                .find(|row| filter::normal(row.0) == filter::normal(result));
            match (row, result) {
                (Some((_, multiplier)), _) => *multiplier,
                (None, "不合格" | "不通过" | "不 通過") => return Err(Why::Failed),
                (None, _) => Fraction::ONE,
            }
        }
    };
    let base = base(conversion, deed)?;
    let factor = match &conversion.factor {
        Factor::None => Fraction::ONE,
        Factor::Plain(factor) => *factor,
        Factor::ByLevel(rows) => of_level(rows, deed)?,
    };
    Ok(base * factor * result * share(conversion.shares, deed))
}

fn of_level<V: Clone>(rows: &[(Level, V)], deed: &Deed) -> Result<V, Why> {
    let row = rows.iter().find(|row| Some(row.0) == deed.level);
    row.map(|row| row.1.clone()).ok_or(Why::LevelNotInTable)
}

fn base(conversion: &Conversion, deed: &Deed) -> Result<Fraction, Why> {
    let of_award = |rows: &[(keshi_core::codes::Award, i64)]| {
        let row = rows.iter().find(|row| Some(row.0) == deed.award);
        row.map(|row| row.1).ok_or(Why::AwardNotInTable)
    };
    let hundredths = match &conversion.base {
        Base::HoursPresent => deed.present,
        Base::Periods => i64::from(deed.periods) * 100,
        Base::Lessons => i64::from(deed.lessons) * 100,
        Base::Talks => i64::from(deed.talks) * 100,
        Base::Fixed(hours) => {
            let days = deed.to.0 - deed.from.0 + 1;
            let times = match conversion.per {
                Some(Per::Day | Per::HalfDay) => days,
                Some(Per::Semester) | None => 1,
            };
            hours * times
        }
        Base::ByLevel(rows) => of_level(rows, deed)?,
        Base::ByAward(rows) => of_award(rows)?,
        Base::ByLevelAward(rows) => of_award(&of_level(rows, deed)?)?,
    };
    Ok(Fraction::whole(hundredths))
}

fn share(shares: Shares, deed: &Deed) -> Fraction {
    let among = |count: usize| Fraction::new(1, i128::try_from(count).unwrap());
    match shares {
        Shares::Whole => Fraction::ONE,
        Shares::Equal => among(deed.leads + deed.members),
        Shares::Parts { lead, member } => {
            let (part, count) = match deed.role {
                Some("负责人") => (lead, deed.leads),
                _ => (member, deed.members),
            };
            match part {
                Part::Fraction(part) => part,
                Part::Equal => among(count),
            }
        }
    }
}
