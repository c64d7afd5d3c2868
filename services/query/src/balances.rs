//! Balances for the API.

mod words;

use jiff::civil::Date;
use keshi_core::balance::{Adjustment, AdjustmentKind, Balance, Line, Section, Standing, Status};
use keshi_core::event::Fact;
use keshi_core::hours::Hours;
use keshi_core::policy::Meter;
use keshi_proto::{api, date_to_wire};

use self::words::adjustment_texts;
pub(crate) use self::words::why_not;

/// A balance for the API; `explain` with its lines.
pub(crate) fn balance_to_api(balance: &Balance, name: String, today: Date, explain: bool) -> api::Balance {
    api::Balance {
        teacher_id: balance.teacher_id.to_string(),
        name,
        period: balance.period.name.to_string(),
        from: Some(date_to_wire(balance.period.from)),
        to: Some(date_to_wire(balance.period.to)),
        size: balance.size,
        until: None,
        school_names: Vec::new(),
        subject: String::new(),
        policies: balance
            .sections
            .iter()
            .map(|section| section_to_api(section, today, explain))
            .collect(),
        official: None,
    }
}

fn section_to_api(section: &Section, today: Date, explain: bool) -> api::PolicyBalance {
    let (policy_id, version, policy_name) = match &section.policy {
        Some((id, version, name)) => (id.to_string(), *version, name.clone()),
        None => Default::default(),
    };
    let standing = |standing: &Standing| {
        let mut standing = standing_to_api(standing, today);
        if !explain {
            standing.line_positions.clear();
        }
        standing
    };
    let pending = |meter: Meter| {
        let waits = section.pending.iter().find(|(of, _)| *of == meter);
        waits.map_or(0, |(_, amount)| amount.hundredths())
    };
    let lines = if explain { section.lines.as_slice() } else { &[] };
    api::PolicyBalance {
        policy_id,
        version,
        policy_name,
        meters: section
            .meters
            .iter()
            .map(|(meter, amount)| api::MeterTotal {
                meter: meter.word().to_owned(),
                meter_zh: meter.zh().to_owned(),
                unit: unit_of(*meter),
                centiamount: amount.hundredths(),
                pending_centiamount: pending(*meter),
            })
            .collect(),
        standings: section.standings.iter().map(standing).collect(),
        lines: lines.iter().map(line_to_api).collect(),
    }
}

/// How a requirement stands, for the API.
pub(crate) fn standing_to_api(standing: &Standing, today: Date) -> api::Standing {
    let Standing {
        requirement,
        version,
        period,
        min,
        target,
        prorated,
        exempted,
        counted,
        adjustments,
        lines,
        missing,
        status,
    } = standing;
    let unit = if requirement.unit.is_empty() {
        unit_of(requirement.meter)
    } else {
        requirement.unit.clone()
    };
    let status = match status {
        Status::TargetReached => api::Status::TargetReached,
        Status::Met => api::Status::Met,
        Status::Short => api::Status::Short,
        Status::Exempt => api::Status::Exempt,
        Status::NotInScope => api::Status::NotInScope,
        Status::MetByAnother => api::Status::MetByAnother,
    };
    let exempted = exempted.iter().map(|exempted| api::Exempted {
        index: exempted.index,
        reduce_by_centiamount: exempted.reduce_by.hundredths(),
    });
    api::Standing {
        requirement_id: requirement.id.to_string(),
        meter: requirement.meter.word().to_owned(),
        period: period.name.to_string(),
        from: Some(date_to_wire(period.from)),
        to: Some(date_to_wire(period.to)),
        min_centiamount: min.hundredths(),
        target_centiamount: target.map(Hours::hundredths),
        counted_centiamount: counted.hundredths(),
        missing_centiamount: missing.hundredths(),
        status: status.into(),
        unit,
        text: requirement.text.clone(),
        weeks_left: period.weeks_left(today),
        version: *version,
        stated_min_centiamount: requirement.min.hundredths(),
        prorated_min_centiamount: prorated.hundredths(),
        adjustments: adjustments.iter().map(adjustment_to_api).collect(),
        exempted: exempted.collect(),
        line_positions: lines.clone(),
    }
}

/// The bytes that a standing takes in memory while its answer is made.
pub(crate) fn standing_weight(standing: &Standing) -> usize {
    size_of::<Standing>() + size_of_val(&*standing.exempted) + size_of_val(&*standing.adjustments)
}

/// The unit on screen of a meter.
pub(crate) fn unit_of(meter: Meter) -> String {
    meter.unit_zh().to_owned()
}

fn adjustment_to_api(adjustment: &Adjustment) -> api::Adjustment {
    let (kind, earned_until, other) = match adjustment.kind {
        AdjustmentKind::CarriedIn { from } => ("carried_in", Some(from), None),
        AdjustmentKind::SubstitutedFrom { requirement } => ("substituted_from", None, Some(requirement)),
        AdjustmentKind::SubstitutedTo { requirement } => ("substituted_to", None, Some(requirement)),
        AdjustmentKind::Probation => ("probation", None, None),
        AdjustmentKind::GraceIn => ("grace_in", None, None),
        AdjustmentKind::GraceOut => ("grace_out", None, None),
    };
    let (text_zh, text_en) = adjustment_texts(adjustment.kind);
    api::Adjustment {
        kind: kind.to_owned(),
        centiamount: adjustment.amount.hundredths(),
        earned_until: earned_until.map(date_to_wire),
        requirement_id: other.map_or_else(String::new, |id| id.to_string()),
        text_zh,
        text_en,
    }
}

/// A line for the API.
pub(crate) fn line_to_api(line: &Line) -> api::Line {
    let (why_not_code, why_not_zh, why_not_en) = why_not(&line.why);
    let cuts = line.cuts.iter().map(|cut| api::Cut {
        rule_id: cut.rule.to_string(),
        centiamount: cut.amount.hundredths(),
    });
    api::Line {
        index: line.index,
        event_id: line.event_id.to_string(),
        from: Some(date_to_wire(line.from)),
        to: Some(date_to_wire(line.to)),
        kind: line.kind.to_owned(),
        kind_zh: Fact::kind_in_zh(line.kind).unwrap_or(line.kind).to_owned(),
        what: line.what.as_ref().map_or_else(String::new, ToString::to_string),
        meter: line.meter.word().to_owned(),
        asked_centiamount: line.asked.hundredths(),
        counted_centiamount: line.counted.hundredths(),
        rule_id: line.rule.map_or_else(String::new, |rule| rule.to_string()),
        why_not_code,
        why_not_zh,
        why_not_en,
        on: Some(date_to_wire(line.on)),
        converted_centiamount: line.converted.hundredths(),
        cuts: cuts.collect(),
        version: line.version.unwrap_or(0),
        level: line.level.map_or(0, keshi_core::codes::Level::code),
        overlaps: line.overlaps,
        lesson_type: line.lesson_type.map_or(0, keshi_core::codes::LessonType::code),
        result: line.result.map_or(0, keshi_core::codes::AttendanceResult::code),
    }
}
