//! An entry of the ledger as a row for people.

use keshi_core::lang::Lang;
use keshi_proto::api;
use keshi_sheets::cell::Cell;

use crate::names::verdict;
use crate::time::{dates, moment};

/// People named in one row.
const NAMED_MAX: usize = 3;

/// The columns' names.
pub const HEADINGS: [(&str, &str); 8] = [
    ("条目", "entry"),
    ("入账时间（北京）", "recorded (Beijing)"),
    ("日期", "date"),
    ("事项", "kind"),
    ("教师", "about"),
    ("内容", "what"),
    ("状态", "state"),
    ("提交者", "posted by"),
];

/// The cells of one entry, in the order of [`HEADINGS`].
pub fn cells(entry: &api::Entry, words: &api::EntryInWords, lang: Lang) -> [String; 8] {
    let event = entry.event.clone().unwrap_or_default();
    let unreadable = lang.pick("无法读取的报文", "a message that cannot be read");
    let kind = match (lang.pick(&words.kind_zh, &words.kind).as_str(), &entry.event) {
        ("", None) => unreadable.to_owned(),
        (kind, _) => kind.replace('_', " "),
    };
    [
        entry.index.to_string(),
        entry.recorded_at.as_ref().map_or_else(String::new, moment),
        dates(event.occurred_from.as_ref(), event.occurred_to.as_ref()),
        kind,
        about(&words.about, lang),
        what(entry, words, lang),
        state(entry, words, lang),
        entry.poster.clone(),
    ]
}

/// The same for a paper, the index as a number.
pub fn paper_cells(entry: &api::Entry, words: &api::EntryInWords) -> Vec<Cell> {
    let [_, rest @ ..] = cells(entry, words, Lang::Zh);
    let index = i64::try_from(entry.index).unwrap_or(i64::MAX).saturating_mul(100);
    let rest = rest.iter().map(|text| Cell::text_of(text));
    std::iter::once(Cell::hundredths(index)).chain(rest).collect()
}

/// Names with ids, for names are not unique; the first few of many.
fn about(people: &[api::About], lang: Lang) -> String {
    let one = |about: &api::About| format!("{} {}", about.name, about.teacher_id).trim().to_owned();
    let names: Vec<String> = people.iter().take(NAMED_MAX).map(one).collect();
    let names = names.join(lang.pick("、", ", "));
    match people.len() {
        count if count > NAMED_MAX => lang.pick(
            format!("{names} 等 {count} 人"),
            format!("{names} and {} more", count - NAMED_MAX),
        ),
        _ => names,
    }
}

/// What happened; of what did not enter the books, also why.
pub fn what(entry: &api::Entry, words: &api::EntryInWords, lang: Lang) -> String {
    let what = lang.pick(&words.what_zh, &words.what_en);
    let why = entry
        .reason
        .as_ref()
        .map(|reason| lang.pick(&reason.text_zh, &reason.text_en));
    match why {
        Some(why) if what.is_empty() => why.clone(),
        Some(why) => format!("{what}{}{why}", lang.pick("；", "; ")),
        None => what.clone(),
    }
}

/// Whether it stands, which entry undid it, and whether it was posted late.
pub fn state(entry: &api::Entry, words: &api::EntryInWords, lang: Lang) -> String {
    let stands = stands(entry, words, lang);
    if entry.late {
        return format!("{stands}{}", lang.pick("，补登", ", late"));
    }
    stands
}

fn stands(entry: &api::Entry, words: &api::EntryInWords, lang: Lang) -> String {
    if let Some(by) = entry.voided_by {
        return lang.pick(format!("已作废 第{by}条"), format!("voided by {by}"));
    }
    if let Some(by) = entry.corrected_by {
        return lang.pick(format!("已更正 第{by}条"), format!("corrected by {by}"));
    }
    match (entry.verdict(), words.corrects) {
        (api::Verdict::Recorded, None) => lang.pick("有效", "stands").to_owned(),
        (api::Verdict::Recorded, Some(of)) => {
            lang.pick(format!("有效（更正第{of}条）"), format!("stands (corrects {of})"))
        }
        (other, _) => verdict(other, lang).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use keshi_proto::event::Date;

    use super::*;

    fn entry(index: u64) -> api::Entry {
        api::Entry {
            index,
            recorded_at: Some(prost_types::Timestamp {
                seconds: 1_646_409_600,
                nanos: 0,
            }),
            verdict: api::Verdict::Recorded.into(),
            poster: "clerk-1".into(),
            event: Some(api::Event {
                occurred_from: Some(Date {
                    year: 2022,
                    month: 3,
                    day: 4,
                }),
                ..api::Event::default()
            }),
            ..api::Entry::default()
        }
    }

    fn words() -> api::EntryInWords {
        let about = |id: &str, name: &str| api::About {
            teacher_id: id.into(),
            name: name.into(),
        };
        api::EntryInWords {
            kind: "lesson_given".into(),
            kind_zh: "授课".into(),
            what_zh: "城关小学 · 语文 · 1 节".into(),
            what_en: "城关小学 · 语文 · 1 lessons".into(),
            about: vec![about("T1", "王芳"), about("T2", "")],
            corrects: None,
        }
    }

    #[test]
    fn a_row_says_in_beijing_time_who_what_and_whether_it_stands() {
        let row = cells(&entry(7), &words(), Lang::Zh).join("  ");
        for part in [
            "2022-03-05 00:00",
            "2022-03-04",
            "授课",
            "王芳 T1、T2",
            "语文",
            "有效",
            "clerk-1",
        ] {
            assert!(row.contains(part), "{part}: {row}");
        }
        let voided = api::Entry {
            voided_by: Some(9),
            late: true,
            ..entry(7)
        };
        let [.., state, _] = cells(&voided, &words(), Lang::Zh);
        assert_eq!(state, "已作废 第9条，补登");
        let corrected = api::Entry {
            corrected_by: Some(9),
            ..entry(7)
        };
        assert_eq!(state_of(&corrected, None), "已更正 第9条");
        assert_eq!(state_of(&entry(9), Some(7)), "有效（更正第7条）");
        let refused = api::Entry {
            verdict: api::Verdict::Refused.into(),
            reason: Some(api::Reason {
                text_zh: "教师未建档".into(),
                ..api::Reason::default()
            }),
            ..entry(9)
        };
        assert_eq!(state_of(&refused, None), "不予入账");
        assert!(what(&refused, &words(), Lang::Zh).ends_with("；教师未建档"));
    }

    fn state_of(entry: &api::Entry, corrects: Option<u64>) -> String {
        let words = api::EntryInWords { corrects, ..words() };
        state(entry, &words, Lang::Zh)
    }

    #[test]
    fn of_many_people_the_first_are_named_and_the_others_counted() {
        let mut words = words();
        words.about = [words.about.clone(), words.about.clone(), words.about].concat();
        assert!(about(&words.about, Lang::Zh).ends_with("等 6 人"));
        assert!(about(&words.about, Lang::En).ends_with("and 3 more"));
    }
}
