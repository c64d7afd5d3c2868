//! Tiers for the API.

use jiff::civil::Date;
use keshi_core::lang::{Lang, Say, say};
use keshi_core::policy::{Fraction, Meter, Word};
use keshi_core::tier::{Candidate, Lack, Renewal, Step, Tier, Title};
use keshi_core::time::anniversary;
use keshi_core::title::title_zh;
use keshi_proto::{api, date_to_wire};

/// A tier for the API, of somebody born then.
pub(crate) fn tier_to_api(tier: &Tier, born: Option<Date>, (on, size): (Date, u64)) -> api::Tier {
    let titles = |titles: &[Title]| titles.iter().map(title_to_api).collect();
    api::Tier {
        teacher_id: String::new(),
        name: String::new(),
        size,
        titles: titles(&tier.titles),
        waiting: titles(&tier.waiting),
        school_names: Vec::new(),
        subject: String::new(),
        past: titles(&tier.past),
        candidacies: tier.candidacies.iter().map(candidacy_to_api).collect(),
        steps: tier.steps.iter().map(|step| step_to_api(step, born, on)).collect(),
        on: Some(date_to_wire(on)),
    }
}

fn title_to_api(title: &Title) -> api::Title {
    let waits_for = title.waits_for.iter();
    let waits_for: Vec<String> = waits_for.map(|&(class, level)| title_zh(class, level)).collect();
    api::Title {
        index: title.index,
        event_id: title.event_id.to_string(),
        class: title.class.code(),
        level: title.level.code(),
        name_zh: title_zh(title.class, title.level),
        conferred_on: Some(date_to_wire(title.conferred_on)),
        valid_to: Some(date_to_wire(title.valid_to)),
        waits_for_zh: waits_for.join(" 或 "),
        renewals: title.renewals.iter().map(renewal_to_api).collect(),
        withdrawn_on: title.withdrawn.map(|row| date_to_wire(row.on)),
        withdrawn_index: title.withdrawn.map_or(0, |row| row.index),
    }
}

fn renewal_to_api(renewal: &Renewal) -> api::Renewal {
    api::Renewal {
        index: renewal.index,
        on: Some(date_to_wire(renewal.on)),
        valid_to: renewal.valid_to.map(date_to_wire),
    }
}

fn candidacy_to_api(candidacy: &Candidate) -> api::Candidacy {
    api::Candidacy {
        index: candidacy.index,
        class: candidacy.class.code(),
        level: candidacy.level.code(),
        name_zh: title_zh(candidacy.class, candidacy.level),
        on: Some(date_to_wire(candidacy.on)),
        until: candidacy.until.map(date_to_wire),
    }
}

/// A step for the API, of somebody born then, as of the day.
pub(crate) fn step_to_api(step: &Step, born: Option<Date>, on: Date) -> api::TierStep {
    let age = step.age_max.and_then(|max| age_lack(max, born, on));
    let missing: Vec<Say> = step.missing.iter().map(lack_text).chain(age).collect();
    let texts = |lang| missing.iter().map(|lack| lack.pick(lang).to_owned()).collect();
    let (policy_id, version, step_id) = match step.ladder {
        Some((policy, version, step)) => (policy.to_string(), version, step.to_string()),
        None => Default::default(),
    };
    api::TierStep {
        class: step.class.code(),
        level: step.level.code(),
        name_zh: title_zh(step.class, step.level),
        missing_zh: texts(Lang::Zh),
        missing_en: texts(Lang::En),
        policy_id,
        version,
        step_id,
        text: step.text.clone(),
    }
}

/// Whether somebody born then is not older than `max` full years on the day; `None`: nobody knows.
pub(crate) fn is_young_enough(max: u8, born: Option<Date>, on: Date) -> Option<bool> {
    let too_old_from = anniversary(born?, i16::from(max) + 1);
    Some(too_old_from.is_none_or(|day| on < day))
}

fn age_lack(max: u8, born: Option<Date>, on: Date) -> Option<Say> {
    match is_young_enough(max, born, on) {
        Some(true) => None,
        Some(false) => Some(say(format!("已超过 {max} 周岁"), format!("she is older than {max}"))),
        None => Some(say(
            format!("出生日期未登记，无法核对是否不超过 {max} 周岁；由教研室在人员档案中补登"),
            format!(
                "no birth date is registered, so nobody knows whether she is at most {max}; the office registers it"
            ),
        )),
    }
}

/// 15%, or a fraction where it is no whole number of hundredths.
pub(crate) fn share_text(share: Fraction) -> String {
    let (above, below) = (share.numerator(), share.denominator());
    match above.checked_mul(100) {
        Some(hundredfold) if hundredfold % below == 0 => format!("{}%", hundredfold / below),
        _ => share.to_string(),
    }
}

fn lack_text(lack: &Lack) -> Say {
    let day = |date: &Option<Date>| date.map_or_else(|| "—".to_owned(), |date| date.to_string());
    match lack {
        Lack::Recommendation(level) => say(
            format!("尚无{}推荐", level.zh()),
            format!("a recommendation to the {} level", level.en()),
        ),
        Lack::Candidacy => say("尚未确定为培养对象", "to be chosen for development towards it"),
        Lack::Development { needed, reached_on } => say(
            format!("培养未满 {needed} 年（{} 满）", day(reached_on)),
            format!("{needed} years of development, which are over on {}", day(reached_on)),
        ),
        Lack::CareerYears { needed, reached_on } => say(
            format!("教龄未满 {needed} 年（{} 满）", day(reached_on)),
            format!("{needed} years of service, which are over on {}", day(reached_on)),
        ),
        Lack::CareerUnknown => say("教龄起始日期未登记", "the first day of service is not on record"),
        Lack::Rank { one_of, has } => {
            let one_of: Vec<&str> = one_of.iter().map(Word::as_str).collect();
            let one_of = one_of.join("、");
            match has {
                Some(has) => say(
                    format!("职称须为 {one_of}，登记的是 {has}"),
                    format!("a rank of {one_of}; on record is {has}"),
                ),
                None => say(
                    format!("职称须为 {one_of}，未登记"),
                    format!("a rank of {one_of}; none is on record"),
                ),
            }
        }
        Lack::Prize(prize) => {
            let levels: Vec<&str> = prize.levels.iter().map(|level| level.zh()).collect();
            let awards: Vec<&str> = prize.awards.iter().map(|award| award.zh()).collect();
            let (levels, awards) = (levels.join("、"), awards.join("、"));
            let within = prize.years.map_or_else(String::new, |years| format!("近 {years} 年内"));
            let within_en = prize
                .years
                .map_or_else(String::new, |years| format!(" within {years} years"));
            say(
                format!(
                    "{within}尚无本人{levels}赛教获奖（{}）",
                    if awards.is_empty() { "任一奖次" } else { &awards }
                ),
                format!("a prize of her own{within_en} ({levels} {awards})"),
            )
        }
        Lack::Amount { asked, counted, since } => {
            let missing = asked.min.hundredths().saturating_sub(counted.hundredths());
            let missing = keshi_core::hours::Hours::from_hundredths(missing);
            let (meter, unit) = (asked.meter.zh(), asked.meter.unit_zh());
            let since_zh = since.map_or_else(String::new, |day| format!("自 {day} 起"));
            let since_en = since.map_or_else(String::new, |day| format!(" since {day}"));
            let (under_zh, under_en) = asked
                .under
                .map_or_else(Default::default, |id| (format!("按 {id} "), format!(" under {id}")));
            say(
                format!(
                    "{since_zh}{under_zh}{meter} {counted}/{} {unit}，还差 {missing} {unit}",
                    asked.min
                ),
                format!(
                    "{} {counted}/{}{since_en}{under_en}, {missing} missing",
                    meter_en(asked.meter),
                    asked.min
                ),
            )
        }
        Lack::NotAdopted(policy) => say(
            format!("规则 {policy} 尚未发布，无法计算；由教研室发布"),
            format!("policy {policy} is not adopted, so nothing can be counted; the office adopts it"),
        ),
        Lack::TooLarge(index) => say(
            format!("第 {index} 条的数值过大，无法计算；核对并更正该条"),
            format!("the amounts of entry {index} are too large to count; look at it and correct it"),
        ),
    }
}

/// The meter's word, with blanks.
fn meter_en(meter: Meter) -> String {
    meter.word().replace('_', " ")
}
