//! Balances as lines of text, so that they can be compared line by line and read by eye.
//!
//! ```text
//! teacher T0001
//! policy shaanxi-2021 3          or: policy -, of whom no policy is about
//! meter training_hours 7200      what counts in the year, in hundredths
//! pending training_hours 600     what waits for its claim
//! standing annual 3 2022 met counted 7200 min 7200 target - missing 0
//! ```
//!
//! A standing names the requirement, the version of the policy and the period.

use std::fmt::Write as _;

use keshi_core::balance::{Assessor, Balance, Section, Standing, Status, TooLarge};
use keshi_core::ids::TeacherId;
use keshi_core::period::{Name, Period};
use keshi_core::state::At;

/// The year of a bundle: a calendar year (`2022`) or a school year (`2022-2023`). No calendar of the ledger is needed to tell its days.
pub fn year(text: &str) -> Option<Period> {
    match Name::parse(text)? {
        name @ (Name::Year(_) | Name::SchoolYear(_)) => name.resolve(&[]),
        Name::Semester(_) | Name::Month(..) | Name::Cycle(..) | Name::Span(..) => None,
    }
}

/// Of whom a year's bundle states balances: every registered person once, by id.
pub fn everybody(at: At<'_>) -> Vec<TeacherId> {
    at.teacher_ids()
}

/// Adds the lines of one person, of whom nothing is said if she is not registered.
///
/// # Errors
///
/// [`TooLarge`] if an amount goes beyond 64 bits of hundredths.
pub fn put(assessor: &Assessor<'_>, id: &TeacherId, year: Period, out: &mut String) -> Result<(), TooLarge> {
    if let Some(balance) = assessor.standings(id, year)? {
        put_balance(&balance, out);
    }
    Ok(())
}

fn put_balance(balance: &Balance, out: &mut String) {
    line(out, format_args!("teacher {}", balance.teacher_id));
    for Section {
        policy,
        meters,
        pending,
        standings,
        lines: _,
    } in &balance.sections
    {
        match policy {
            Some((id, version, _)) => line(out, format_args!("policy {id} {version}")),
            None => line(out, format_args!("policy -")),
        }
        for (meter, counted) in meters {
            line(out, format_args!("meter {} {}", meter.word(), counted.hundredths()));
        }
        for (meter, waits) in pending {
            line(out, format_args!("pending {} {}", meter.word(), waits.hundredths()));
        }
        for standing in standings {
            put_standing(standing, out);
        }
    }
}

fn put_standing(standing: &Standing, out: &mut String) {
    let Standing {
        requirement,
        version,
        period,
        min,
        target,
        prorated: _,
        exempted: _,
        counted,
        adjustments: _,
        lines: _,
        missing,
        status,
    } = standing;
    let target = target.map_or_else(|| "-".to_owned(), |target| target.hundredths().to_string());
    let (counted, min, missing) = (counted.hundredths(), min.hundredths(), missing.hundredths());
    line(
        out,
        format_args!(
            "standing {} {version} {} {} counted {counted} min {min} target {target} missing {missing}",
            requirement.id,
            period.name,
            word(*status)
        ),
    );
}

const fn word(status: Status) -> &'static str {
    match status {
        Status::TargetReached => "target-reached",
        Status::Met => "met",
        Status::Short => "short",
        Status::Exempt => "exempt",
        Status::NotInScope => "not-in-scope",
        Status::MetByAnother => "met-by-another",
    }
}

fn line(out: &mut String, line: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = out.write_fmt(line);
    out.push('\n');
}
