//! A comparison as a workbook.

use std::path::Path;

use keshi_core::lang::Lang;
use keshi_proto::api::{PolicyChange, PolicyComparison, Standing};
use keshi_sheets::cell::Cell;
use keshi_sheets::write::write_table;

use super::render::{known, state};
use crate::exit::{Failure, Outcome, say};
use crate::texts::names::unit;

/// Writes one row for each change, amounts as numbers.
pub(super) fn write(path: &Path, changes: &[PolicyChange], result: &PolicyComparison, lang: Lang) -> Outcome {
    let headings = [
        lang.pick("教师编号", "teacher id"),
        lang.pick("姓名", "name"),
        lang.pick("要求编号", "requirement"),
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
    ];
    let rows = changes.iter().map(|change| row(change, lang)).collect();
    let title = format!("{} → {}", result.before_policy_id, result.after_policy_id);
    write_table(path, &title, &headings, rows).map_err(|error| {
        let shown = path.display();
        Failure::failed(say(
            format!("无法写入 {shown}：请在 Excel 中关闭该文件，并检查目录和磁盘"),
            format!("{shown} cannot be written: close it in Excel, and check the folder and the disk"),
        ))
        .and(crate::exit::Say::same(error))
    })
}

fn row(change: &PolicyChange, lang: Lang) -> Vec<Cell> {
    let (before, after) = (change.before.as_ref(), change.after.as_ref());
    let known = known(change);
    let text = |text: &str| Cell::Text(text.into());
    let side = |standing: Option<&Standing>| {
        let of = |pick: fn(&Standing) -> i64| standing.map_or(Cell::Empty, |standing| Cell::hundredths(pick(standing)));
        [
            text(state(standing, lang)),
            of(|standing| standing.counted_centiamount),
            of(|standing| standing.min_centiamount),
            of(|standing| standing.missing_centiamount),
        ]
    };
    let mut cells = vec![
        text(&change.teacher_id),
        text(&change.name),
        text(&known.requirement_id),
        text(&known.period),
        text(&unit(&known.unit, &known.meter, lang)),
    ];
    cells.extend(side(before));
    cells.extend(side(after));
    cells.push(Cell::hundredths(change.missing_change_centiamount));
    cells.push(text(&known.text));
    cells
}
