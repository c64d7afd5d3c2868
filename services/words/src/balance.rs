//! A balance for people: under which policy, its totals, and the paper of it.

use jiff::civil::Date;
use keshi_core::lang::Lang;
use keshi_proto::api::{self, Line, PolicyBalance, Standing};
use keshi_proto::date_from_wire;
use keshi_sheets::cell::Cell;
use keshi_sheets::paper::Leaf;

use crate::line::{cuts, note, rule};
use crate::names::{amount, count, meter, status, unit};
use crate::paper::{leaf, whose};
use crate::time::date;

/// Whether what is asked was due already on `today`: nobody is short of what has not begun.
pub fn is_begun(standing: &api::Standing, today: Date) -> bool {
    let from = standing.from.as_ref().and_then(date_from_wire);
    from.is_none_or(|from| from <= today)
}

/// The totals of a policy, on one line.
pub fn totals(policy: &PolicyBalance, lang: Lang) -> String {
    let mut text = String::new();
    // A meter that nobody asks for and that counts nothing says nothing.
    let is_asked = |word: &str| policy.standings.iter().any(|standing| standing.meter == word);
    let totals: Vec<_> = policy
        .meters
        .iter()
        .filter(|total| total.centiamount != 0 || is_asked(&total.meter) || total.meter == "training_hours")
        .map(|total| {
            let unit = unit(&total.unit, &total.meter, lang);
            format!("{} {} {unit}", meter(&total.meter, lang), amount(total.centiamount))
        })
        .collect();
    if !totals.is_empty() {
        let joined = totals.join(" · ");
        text = format!("  {}{joined}\n", lang.pick("合计：", "totals: "));
    }
    if let Some(waiting) = waiting(policy, lang) {
        text += "  ";
        text += &waiting;
        text.push('\n');
    }
    text
}

/// What waits for claims and is in no sum, on one line; `None` if nothing does.
pub fn waiting(policy: &PolicyBalance, lang: Lang) -> Option<String> {
    let waiting = policy.meters.iter().filter(|total| total.pending_centiamount != 0);
    let waiting: Vec<_> = waiting
        .map(|total| {
            let unit = unit(&total.unit, &total.meter, lang);
            let amount = amount(total.pending_centiamount);
            format!("{} {amount} {unit}", meter(&total.meter, lang))
        })
        .collect();
    let says = lang.pick("待审（未计入）：", "under review (not counted): ");
    (!waiting.is_empty()).then(|| format!("{says}{}", waiting.join(" · ")))
}

/// What is official of a closed year, where what is known now is something else; `None` where it is not.
pub fn official(balance: &api::Balance, lang: Lang) -> Option<String> {
    let official = balance.official.as_ref()?;
    let of = |policy: &PolicyBalance| totals(policy, lang).trim().to_owned();
    let was: Vec<String> = official.policies.iter().map(of).collect();
    let (year, size, was) = (&balance.period, count(official.size), was.join("；"));
    Some(lang.pick(
        format!("{year} 年已封账，此后有变化，待重述。封账时（台账 {size} 条）{was}"),
        format!(
            "{year} is closed, and this is other than it was then; to be restated. As closed (at {size} entries): {was}"
        ),
    ))
}

/// Under which policy.
pub fn heading(policy_id: &str, version: u32, name: &str, lang: Lang) -> String {
    if policy_id.is_empty() {
        return lang
            .pick(
                "期间内没有适用的规则，以下只是合计\n",
                "no policy applies in the period; these are only totals\n",
            )
            .to_owned();
    }
    lang.pick(
        format!("规则 {policy_id} 第 {version} 版  {name}\n"),
        format!("policy {policy_id} version {version}  {name}\n"),
    )
}

/// The minimum, and the target behind it if there is one.
pub fn wanted(standing: &api::Standing) -> String {
    match standing.target_centiamount {
        Some(target) => format!("{}–{}", amount(standing.min_centiamount), amount(target)),
        None => amount(standing.min_centiamount),
    }
}

const STANDINGS: [&str; 10] = [
    "规则",
    "编号",
    "要求",
    "期间",
    "已计",
    "最低",
    "单位",
    "状态",
    "差额",
    "剩余周",
];

const LINES: [&str; 13] = [
    "规则", "序", "开始", "结束", "事项", "种类", "计量", "申报", "折算", "依据", "扣减", "计入", "说明",
];

/// A balance as a paper: how she stands, and every entry behind it.
pub fn leaves(balance: &api::Balance) -> Vec<Leaf> {
    let who = whose(
        &balance.name,
        &balance.teacher_id,
        &balance.school_names,
        &balance.subject,
    );
    let (from, to) = (date(balance.from.as_ref()), date(balance.to.as_ref()));
    let mut period = format!(
        "期间：{}（{from} 至 {to}）　台账 {} 条",
        balance.period,
        count(balance.size)
    );
    if balance.until.is_some() {
        period = format!("{period}　只计 {} 及以前发生的", date(balance.until.as_ref()));
    }
    let mut notes = vec![who, period];
    for policy in &balance.policies {
        let policy_name = heading(&policy.policy_id, policy.version, &policy.policy_name, Lang::Zh);
        notes.push(policy_name.trim_end().to_owned());
        notes.push(totals(policy, Lang::Zh).trim().to_owned());
    }
    let standings = balance.policies.iter().flat_map(|policy| {
        let standings = policy.standings.iter();
        standings.map(move |standing| standing_cells(policy, standing))
    });
    let lines = balance.policies.iter().flat_map(|policy| {
        let lines = (1..).zip(&policy.lines);
        lines.map(move |(place, line)| line_row(policy, place, line))
    });
    vec![
        leaf("教师课时情况表", notes.clone(), &STANDINGS, standings.collect()),
        leaf("教师课时明细表", notes, &LINES, lines.collect()),
    ]
}

/// The cells of how a requirement stands, under its policy: from the policy to the weeks left.
pub(crate) fn standing_cells(policy: &PolicyBalance, standing: &Standing) -> Vec<Cell> {
    let is_short = standing.status() == api::Status::Short;
    let only_then = |cell| if is_short { cell } else { Cell::Empty };
    vec![
        Cell::text_of(&policy.policy_id),
        Cell::text_of(&standing.requirement_id),
        Cell::text_of(&standing.text),
        Cell::text_of(&standing.period),
        Cell::hundredths(standing.counted_centiamount),
        Cell::hundredths(standing.min_centiamount),
        Cell::text_of(&unit(&standing.unit, &standing.meter, Lang::Zh)),
        Cell::text_of(status(standing.status(), Lang::Zh)),
        only_then(Cell::hundredths(standing.missing_centiamount)),
        only_then(Cell::hundredths(standing.weeks_left.saturating_mul(100))),
    ]
}

fn line_row(policy: &PolicyBalance, place: i64, line: &Line) -> Vec<Cell> {
    vec![
        Cell::text_of(&policy.policy_id),
        Cell::hundredths(place.saturating_mul(100)),
        Cell::text_of(&date(line.from.as_ref())),
        Cell::text_of(&date(line.to.as_ref())),
        Cell::text_of(&line.what),
        Cell::text_of(&line.kind_zh),
        Cell::text_of(&meter(&line.meter, Lang::Zh)),
        Cell::hundredths(line.asked_centiamount),
        Cell::hundredths(line.converted_centiamount),
        Cell::text_of(&rule(line, policy.version)),
        Cell::text_of(&cuts(line, Lang::Zh)),
        Cell::hundredths(line.counted_centiamount),
        Cell::text_of(&note(line, Lang::Zh)),
    ]
}
