//! Balances for the API.

use jiff::civil::Date;
use keshi_core::balance::{Balance, Line, Section, Standing, Status, Why};
use keshi_core::event::Fact;
use keshi_core::policy::Meter;
use keshi_core::reason::field_zh;
use keshi_proto::{api, date_to_wire};

/// A balance for the API; `explain` with its lines.
pub(crate) fn balance_to_api(balance: &Balance, name: String, today: Date, explain: bool) -> api::Balance {
    api::Balance {
        teacher_id: balance.teacher_id.to_string(),
        name,
        period: balance.period.name.to_string(),
        from: Some(date_to_wire(balance.period.from)),
        to: Some(date_to_wire(balance.period.to)),
        size: balance.size,
        policies: balance
            .sections
            .iter()
            .map(|section| section_to_api(section, today, explain))
            .collect(),
    }
}

fn section_to_api(section: &Section, today: Date, explain: bool) -> api::PolicyBalance {
    let (policy_id, version, policy_name) = match &section.policy {
        Some((id, version, name)) => (id.to_string(), *version, name.clone()),
        None => Default::default(),
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
                unit: meter.unit_zh().to_owned(),
                centiamount: amount.hundredths(),
            })
            .collect(),
        standings: section
            .standings
            .iter()
            .map(|standing| standing_to_api(standing, today))
            .collect(),
        lines: lines.iter().map(line_to_api).collect(),
    }
}

/// How a requirement stands, for the API.
pub(crate) fn standing_to_api(standing: &Standing, today: Date) -> api::Standing {
    let Standing {
        requirement,
        period,
        counted,
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
    };
    api::Standing {
        requirement_id: requirement.id.to_string(),
        meter: requirement.meter.word().to_owned(),
        period: period.name.to_string(),
        from: Some(date_to_wire(period.from)),
        to: Some(date_to_wire(period.to)),
        min_centiamount: requirement.min.hundredths(),
        target_centiamount: requirement.target.map(keshi_core::hours::Hours::hundredths),
        counted_centiamount: counted.hundredths(),
        missing_centiamount: missing.hundredths(),
        status: status.into(),
        unit,
        text: requirement.text.clone(),
        weeks_left: period.weeks_left(today),
    }
}

fn unit_of(meter: Meter) -> String {
    meter.unit_zh().to_owned()
}

fn line_to_api(line: &Line) -> api::Line {
    let (why_not_code, why_not_zh, why_not_en) = why_not(&line.why);
    api::Line {
        index: line.index,
        event_id: line.event_id.to_string(),
        from: Some(date_to_wire(line.from)),
        to: Some(date_to_wire(line.to)),
        kind: line.kind.to_owned(),
        kind_zh: kind_zh(line.kind).to_owned(),
        what: line.what.as_ref().map_or_else(String::new, ToString::to_string),
        meter: line.meter.word().to_owned(),
        asked_centiamount: line.asked.hundredths(),
        counted_centiamount: line.counted.hundredths(),
        rule_id: line.rule.map_or_else(String::new, |rule| rule.to_string()),
        why_not_code,
        why_not_zh,
        why_not_en,
    }
}

/// Code and texts of what keeps a line from counting; all empty if it counts.
fn why_not(why: &Why) -> (String, String, String) {
    let texts = |code: &str, zh: String, en: String| (code.to_owned(), zh, en);
    match why {
        Why::Counted => texts("", String::new(), String::new()),
        Why::Void { by } => texts("Void", format!("已由第 {by} 条作废"), format!("voided by entry {by}")),
        Why::Cancelled { by } => texts(
            "Cancelled",
            format!("场次已由第 {by} 条取消"),
            format!("its session was cancelled by entry {by}"),
        ),
        Why::WaitingFor { field, id } => texts(
            "WaitingFor",
            format!("{} {id} 尚未登记，登记后自动生效", field_zh(field)),
            format!("waiting for {field} {id}"),
        ),
        Why::NotCredited => texts(
            "NotCredited",
            "规则中没有对应的折算".to_owned(),
            "no conversion of the policy credits it".to_owned(),
        ),
        Why::OtherOfSession { index } => texts(
            "OtherOfSession",
            format!("同一场次以第 {index} 条为准"),
            format!("entry {index} counts for the same session"),
        ),
    }
}

/// The name on screen of a kind of event.
fn kind_zh(kind: &str) -> &'static str {
    match kind {
        "attendance_recorded" => "出勤",
        "outreach_delivered" => "送教送培",
        "lesson_given" => "授课",
        "lesson_observed" => "听课",
        "school_visit" => "驻点教研",
        "award_given" => "获奖",
        kind => Fact::KINDS.iter().find(|known| **known == kind).copied().unwrap_or(""),
    }
}
