//! A comparison as a workbook.

use std::path::Path;

use keshi_core::lang::Lang;
use keshi_proto::api::{PolicyChange, PolicyComparison};
use keshi_sheets::write::write_table;
use keshi_words::comparison::{headings, row};

use crate::exit::{Failure, Outcome, say};

/// Writes one row for each change, amounts as numbers.
pub(super) fn write(path: &Path, changes: &[PolicyChange], result: &PolicyComparison, lang: Lang) -> Outcome {
    let rows = changes.iter().map(|change| row(change, lang)).collect();
    let title = format!("{} → {}", result.before_policy_id, result.after_policy_id);
    write_table(path, &title, &headings(lang), rows).map_err(|error| {
        let shown = path.display();
        Failure::failed(say(
            format!("无法写入 {shown}：请在 Excel 中关闭该文件，并检查目录和磁盘"),
            format!("{shown} cannot be written: close it in Excel, and check the folder and the disk"),
        ))
        .and(crate::exit::Say::same(error))
    })
}
