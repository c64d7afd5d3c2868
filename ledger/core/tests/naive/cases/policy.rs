//! The policy `sample-360` of DOMAIN §8.2.

use keshi_core::codes::{Level, Post, SessionType};

use crate::day::Day;
use crate::fraction::Fraction;
use crate::model::{
    Attribution, Base, Cap, Conversion, Cycle, Factor, FirstPeriod, Grace, Kind, Limit, Meter, OnlyIf, Part, Per,
    PeriodKind, Policy, Requirement, Rounding, Shares, Span, Where,
};

pub fn requirement(id: &str, period: PeriodKind, min: i64) -> Requirement {
    Requirement {
        id: id.to_owned(),
        meter: Meter::Hours,
        period,
        min: min * 100,
        min_share_of: None,
        target: None,
        filter: Where::default(),
        types: Vec::new(),
        only_if: None,
        skip_months: Vec::new(),
        prorate: None,
        then_record: None,
        carry: None,
    }
}

fn conversion(id: &str, kind: Kind, base: Base) -> Conversion {
    Conversion {
        id: id.to_owned(),
        kind,
        meter: Meter::Hours,
        roles: Vec::new(),
        events: Vec::new(),
        filter: Where::default(),
        awards: Vec::new(),
        work_kinds: Vec::new(),
        posts: Vec::new(),
        base,
        factor: Factor::None,
        per: None,
        if_result: Vec::new(),
        shares: Shares::Whole,
        min_presence: None,
        per_day_max: None,
        best_only_per: None,
        counts_as_level: None,
        counts_as_category: None,
    }
}

fn levels(levels: &[Level]) -> Where {
    Where {
        levels: levels.to_vec(),
        ..Where::default()
    }
}

fn of_conversion(id: &str) -> Where {
    Where {
        conversions: vec![id.to_owned()],
        ..Where::default()
    }
}

fn by_level<V: Copy>(rows: &[(i32, V)]) -> Vec<(Level, V)> {
    let level = |code: i32| Level::from_code(code).unwrap();
    rows.iter().map(|row| (level(row.0), row.1)).collect()
}

const COUNTY_AND_ABOVE: [Level; 4] = [Level::National, Level::Province, Level::City, Level::County];

/// The policy `sample-360`.
pub fn sample() -> Policy {
    let cycle = PeriodKind::Cycle;
    let requirements = vec![
        requirement("C1", cycle, 360),
        Requirement {
            filter: levels(&COUNTY_AND_ABOVE),
            ..requirement("C2", cycle, 240)
        },
        Requirement {
            filter: levels(&[Level::City, Level::County]),
            ..requirement("C3", cycle, 60)
        },
        requirement("C4", PeriodKind::Year, 48),
        Requirement {
            filter: Where {
                topics: vec!["班主任"],
                ..Where::default()
            },
            only_if: Some(OnlyIf::Post(Post::ClassTeacher)),
            ..requirement("C5", cycle, 30)
        },
        Requirement {
            only_if: Some(OnlyIf::NewTeacher),
            then_record: Some(7_200),
            ..requirement("N1", PeriodKind::Probation, 120)
        },
    ];
    let fractions = |rows: &[(i32, i64)]| {
        let rows: Vec<(i32, Fraction)> = rows.iter().map(|row| (row.0, Fraction::whole(row.1))).collect();
        Factor::ByLevel(by_level(&rows))
    };
    let table = |rows: &[(i32, i64)]| {
        let rows: Vec<(i32, i64)> = rows.iter().map(|row| (row.0, row.1 * 100)).collect();
        Base::ByLevel(by_level(&rows))
    };
    let conversions = vec![
        Conversion {
            roles: vec!["学员"],
            per_day_max: Some(600),
            if_result: vec![("不合格", Fraction::new(1, 5))],
            ..conversion("V1", Kind::Attendance, Base::HoursPresent)
        },
        Conversion {
            factor: fractions(&[(20, 9), (30, 7), (40, 5), (50, 3), (60, 2)]),
            ..conversion("V2", Kind::Given, Base::Periods)
        },
        Conversion {
            events: vec![SessionType::OpenLesson],
            roles: vec!["听课"],
            factor: Factor::Plain(Fraction::new(1, 2)),
            ..conversion("V3", Kind::Attendance, Base::HoursPresent)
        },
        Conversion {
            shares: Shares::Parts {
                lead: Part::Fraction(Fraction::ONE),
                member: Part::Fraction(Fraction::new(1, 3)),
            },
            ..conversion(
                "V4",
                Kind::Topic,
                table(&[(10, 40), (20, 30), (30, 20), (40, 10), (50, 7), (60, 5)]),
            )
        },
        Conversion {
            per: Some(Per::Semester),
            ..conversion("V5", Kind::SchoolTerm, Base::Fixed(1_500))
        },
        conversion("V6", Kind::Published, table(&[(10, 20), (20, 15), (30, 10), (40, 7)])),
        Conversion {
            filter: levels(&COUNTY_AND_ABOVE),
            best_only_per: Some(PeriodKind::Year),
            ..conversion("V7", Kind::Award, Base::Fixed(1_800))
        },
        Conversion {
            per: Some(Per::HalfDay),
            counts_as_level: Some(Level::County),
            ..conversion("V8", Kind::Outreach, Base::Fixed(300))
        },
    ];
    let cap = |id: &str, filter: Where, period: PeriodKind, max: i64| Cap {
        id: id.to_owned(),
        period,
        meter: Meter::Hours,
        filter,
        limit: Limit::Max(max),
        across_versions: false,
    };
    Policy {
        id: "sample-360",
        version: 1,
        from: Day::parse("2021-01-01"),
        to: None,
        retroactive: false,
        first_period: FirstPeriod::NotDue,
        attribution: Attribution::End,
        rounding: Rounding::HalfUpHundredth,
        min_presence: Fraction::new(2, 3),
        best_only: true,
        scope: vec![Post::Teacher],
        by_share: true,
        cycle: Some(Cycle {
            span: Span::Once {
                from: Day::parse("2021-01-01"),
                to: Day::parse("2025-12-31"),
            },
            window: None,
            grace: Grace::Ended,
        }),
        requirements,
        conversions,
        caps: vec![
            cap("K1", levels(&[Level::School]), cycle, 12_000),
            cap("K2", of_conversion("V2"), PeriodKind::Year, 1_800),
            cap("K3", of_conversion("V7"), PeriodKind::Year, 1_800),
        ],
        substitutions: Vec::new(),
        one_of: Vec::new(),
        steps: Vec::new(),
    }
}
