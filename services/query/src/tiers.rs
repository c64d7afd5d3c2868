//! Tiers for the API.

use keshi_core::codes::{Level, TitleClass};
use keshi_core::lang::Lang;
use keshi_core::tier::{Lack, Step, Tier, Title};
use keshi_proto::{api, date_to_wire};

/// A tier for the API.
pub(crate) fn tier_to_api(tier: &Tier, teacher_id: String, name: String, size: u64) -> api::Tier {
    api::Tier {
        teacher_id,
        name,
        size,
        titles: tier.titles.iter().map(title_to_api).collect(),
        waiting: tier.waiting.iter().map(title_to_api).collect(),
        next: tier.next.as_ref().map(step_to_api),
        school_names: Vec::new(),
        subject: String::new(),
    }
}

fn title_to_api(title: &Title) -> api::Title {
    api::Title {
        index: title.index,
        event_id: title.event_id.to_string(),
        class: title.class.code(),
        level: title.level.code(),
        name_zh: name_zh(title.class, title.level),
        conferred_on: Some(date_to_wire(title.conferred_on)),
        valid_to: Some(date_to_wire(title.valid_to)),
        waits_for_zh: title
            .waits_for
            .map_or_else(String::new, |(class, level)| name_zh(class, level)),
    }
}

fn step_to_api(step: &Step) -> api::TierStep {
    let texts = |lang| step.missing.iter().map(|lack| lack_text(*lack, lang)).collect();
    api::TierStep {
        class: step.class.code(),
        level: step.level.code(),
        name_zh: name_zh(step.class, step.level),
        missing_zh: texts(Lang::Zh),
        missing_en: texts(Lang::En),
    }
}

/// 县级教学能手
fn name_zh(class: TitleClass, level: Level) -> String {
    format!("{}{}", level.zh(), class.zh())
}

fn lack_text(lack: Lack, lang: Lang) -> String {
    match (lack, lang) {
        (Lack::Recommendation(level), Lang::Zh) => format!("缺少{}推荐", level.zh()),
        (Lack::Recommendation(level), Lang::En) => format!("a recommendation to the {} level", level.en()),
        (Lack::CareerYears(years), Lang::Zh) => format!("教龄未满 {years} 年"),
        (Lack::CareerYears(years), Lang::En) => format!("{years} years of service"),
        (Lack::CareerUnknown, Lang::Zh) => "教龄起始日期未登记".to_owned(),
        (Lack::CareerUnknown, Lang::En) => "the first day of service is not on record".to_owned(),
    }
}
