//! Who would stand otherwise under another policy, for people: the counts, and the sheet of it.

use keshi_core::lang::{Lang, Say, say};
use keshi_proto::api::{PolicyChange, PolicyComparison, Standing, StepComparison, TierStep, Turn};
use keshi_sheets::cell::Cell;
use keshi_sheets::paper::Leaf;

use crate::names::{amount, count, status, unit};
use crate::paper;
use crate::tier::{missing, rule};
use crate::time::date;

/// A requirement on either side, for what both have.
pub fn known(change: &PolicyChange) -> Standing {
    let either = change.after.as_ref().or(change.before.as_ref());
    either.cloned().unwrap_or_default()
}

/// The title of the step that the change is about; `None` where it is about a requirement.
pub fn title(change: &PolicyChange) -> Option<&str> {
    let either = change.step_after.as_ref().or(change.step_before.as_ref());
    either.map(|step| step.name_zh.as_str())
}

/// What a side says of a step: that she fulfils it, what is missing, or that it is no next step of hers.
pub fn step(step: Option<&TierStep>, lang: Lang) -> String {
    let none = || lang.pick("不是她的下一步", "no next step of hers").to_owned();
    step.map_or_else(none, |step| {
        let rule = rule(step);
        let said = missing(step, lang).join(lang.pick("；", "; "));
        if rule.is_empty() {
            said
        } else {
            format!("{said}  [{rule}]")
        }
    })
}

/// The day of selection as of which steps were looked at, and that what counts of ages is what is registered; `None` if
/// neither side has steps.
pub fn steps_on(result: &PolicyComparison) -> Option<Say> {
    let on = date(Some(result.steps_on.as_ref()?));
    Some(say(
        format!("称号的下一步按 {on} 的情况试算；出生日期未登记的，不计为具备年龄条件"),
        format!(
            "steps to titles as of {on}; whose birth date is not registered is not counted as fulfilling a limit of age"
        ),
    ))
}

/// The columns of [`step_cells`].
pub const STEP_HEADINGS: [(&str, &str); 4] = [
    ("称号", "title"),
    ("具备条件", "ready"),
    ("变为具备条件", "newly ready"),
    ("不再具备条件", "no longer ready"),
];

/// One title over all teachers.
pub fn step_cells(counts: &StepComparison) -> [String; 4] {
    [
        counts.name_zh.clone(),
        format!("{} → {}", counts.ready_before, counts.ready_after),
        counts.now_ready.to_string(),
        counts.no_longer_ready.to_string(),
    ]
}

/// How it stands, or that nothing is required.
pub fn state(standing: Option<&Standing>, lang: Lang) -> &'static str {
    let none = lang.pick("无此要求", "not required");
    standing.map_or(none, |standing| status(standing.status(), lang))
}

/// Counted and least, or a dash where nothing is required.
pub fn stands(standing: Option<&Standing>) -> String {
    standing.map_or_else(
        || "-".to_owned(),
        |standing| {
            let (counted, min) = (standing.counted_centiamount, standing.min_centiamount);
            format!("{}/{}", amount(counted), amount(min))
        },
    )
}

/// How much more is missing than before, with its sign.
pub fn more_missing(change: &PolicyChange) -> String {
    match change.missing_change_centiamount {
        more if more > 0 => format!("+{}", amount(more)),
        less => amount(less),
    }
}

/// How a requirement comes out otherwise, on screen.
pub fn turn(turn: Turn, lang: Lang) -> &'static str {
    match turn {
        Turn::Unspecified => "",
        Turn::NowShort => lang.pick("变为未达标", "newly short"),
        Turn::NowMet => lang.pick("变为达标", "no longer short"),
        Turn::MoreMissing => lang.pick("差得更多", "more missing"),
        Turn::LessMissing => lang.pick("差得更少", "less missing"),
        Turn::NowReady => lang.pick("变为具备条件", "newly ready"),
        Turn::NoLongerReady => lang.pick("不再具备条件", "no longer ready"),
    }
}

/// What a side is called: id, version if it is one alone, and name.
pub fn side(id: &str, version: u32, name: &str) -> String {
    match version {
        0 => format!("{id}  {name}"),
        version => format!("{id}@{version}  {name}"),
    }
}

/// How many stand under each side and meet everything, and how many teachers turn.
pub fn totals(result: &PolicyComparison) -> Say {
    let PolicyComparison {
        under_before,
        under_after,
        met_before,
        met_after,
        now_short,
        now_met,
        ..
    } = result;
    say(
        format!(
            "适用教师 {under_before} → {under_after} 人，其中全部达标 {met_before} → {met_after} 人；\
             变为未达标 {now_short} 人，变为达标 {now_met} 人"
        ),
        format!(
            "teachers under it {under_before} → {under_after}, who meet everything {met_before} → {met_after}; \
             newly short {now_short}, no longer short {now_met}"
        ),
    )
}

/// Who could not be counted; `None` if everybody could.
pub fn too_large(result: &PolicyComparison) -> Option<Say> {
    let too_large = result.too_large;
    if too_large == 0 {
        return None;
    }
    let ids = result.too_large_teacher_ids.join(", ");
    Some(say(
        format!("{too_large} 人的数额超出可计范围，未计入以上各数：{ids}"),
        format!(
            "the amounts of {too_large} teachers go beyond what can be counted; they are in none of these figures: {ids}"
        ),
    ))
}

/// The columns of a sheet with a row for each change.
pub fn headings(lang: Lang) -> [&'static str; 15] {
    [
        lang.pick("教师编号", "teacher id"),
        lang.pick("姓名", "name"),
        lang.pick("要求编号或称号", "requirement or title"),
        lang.pick("期间", "period"),
        lang.pick("单位", "unit"),
        lang.pick("此前状态", "status before"),
        lang.pick("此前已计", "counted before"),
        lang.pick("此前最低", "minimum before"),
        lang.pick("此前差额", "missing before"),
        lang.pick("试算状态", "status after"),
        lang.pick("试算已计", "counted after"),
        lang.pick("试算最低", "minimum after"),
        lang.pick("试算差额", "missing after"),
        lang.pick("差额增减", "missing more or less"),
        lang.pick("要求", "text"),
    ]
}

/// The row of a change, amounts as numbers, in the order of [`headings`].
pub fn row(change: &PolicyChange, lang: Lang) -> Vec<Cell> {
    let (before, after) = (change.before.as_ref(), change.after.as_ref());
    let known = known(change);
    let side = |standing: Option<&Standing>| {
        let of = |pick: fn(&Standing) -> i64| standing.map_or(Cell::Empty, |standing| Cell::hundredths(pick(standing)));
        [
            Cell::text_of(state(standing, lang)),
            of(|standing| standing.counted_centiamount),
            of(|standing| standing.min_centiamount),
            of(|standing| standing.missing_centiamount),
        ]
    };
    if let Some(title) = title(change) {
        let (before, after) = (change.step_before.as_ref(), change.step_after.as_ref());
        let mut cells = vec![Cell::Empty; headings(lang).len()];
        let said = [
            (0, change.teacher_id.clone()),
            (1, change.name.clone()),
            (2, title.to_owned()),
            (5, step(before, lang)),
            (9, step(after, lang)),
            (14, turn(change.turn(), lang).to_owned()),
        ];
        for (at, text) in said {
            if let Some(cell) = cells.get_mut(at) {
                *cell = Cell::text_of(&text);
            }
        }
        return cells;
    }
    let mut cells = vec![
        Cell::text_of(&change.teacher_id),
        Cell::text_of(&change.name),
        Cell::text_of(&known.requirement_id),
        Cell::text_of(&known.period),
        Cell::text_of(&unit(&known.unit, &known.meter, lang)),
    ];
    cells.extend(side(before));
    cells.extend(side(after));
    cells.push(Cell::hundredths(change.missing_change_centiamount));
    cells.push(Cell::text_of(&known.text));
    cells
}

/// The comparison as a paper.
pub fn leaf(changes: &[PolicyChange], result: &PolicyComparison) -> Leaf {
    let before = side(&result.before_policy_id, result.before_version, &result.before_name);
    let after = side(&result.after_policy_id, result.after_version, &result.after_name);
    let mut notes = vec![
        format!("期间：{}　台账 {} 条", result.period, count(result.size)),
        format!("此前：{before}　试算：{after}"),
        totals(result).zh,
    ];
    notes.extend(
        too_large(result)
            .into_iter()
            .chain(steps_on(result))
            .map(|says| says.zh),
    );
    let rows = changes.iter().map(|change| row(change, Lang::Zh));
    paper::leaf("规则试算表", notes, &headings(Lang::Zh), rows.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_paper_has_a_row_for_each_change_and_says_what_was_compared_and_who_was_left_out() {
        let change = PolicyChange {
            teacher_id: "T1".into(),
            turn: Turn::NowShort.into(),
            after: Some(Standing {
                requirement_id: "R1".into(),
                missing_centiamount: 150,
                ..Standing::default()
            }),
            missing_change_centiamount: 150,
            ..PolicyChange::default()
        };
        let result = PolicyComparison {
            before_policy_id: "a".into(),
            after_policy_id: "a".into(),
            after_version: 2,
            period: "2022".into(),
            now_short: 1,
            too_large: 1,
            too_large_teacher_ids: vec!["T9".into()],
            ..PolicyComparison::default()
        };
        let leaf = leaf(std::slice::from_ref(&change), &result);
        assert_eq!(leaf.rows.len(), 1);
        assert_eq!(leaf.rows[0].len(), leaf.headings.len());
        // Where nothing was asked there is no amount, not one of nothing.
        assert_eq!(
            (leaf.rows[0][5].text(), leaf.rows[0][6].text()),
            ("无此要求".to_owned(), String::new())
        );
        let notes = leaf.notes.join("\n");
        assert!(notes.contains("a@2") && notes.contains("T9"), "{notes}");
        assert_eq!(more_missing(&change), "+1.5");
    }
}
