//! Answers as papers: writing them, and saying where they are.

use std::path::Path;

use keshi_sheets::paper::{Leaf, write_paper};
pub(super) use keshi_words::paper::{ROWS_MAX, leaf};

use crate::Ctx;
use crate::exit::{Failure, Outcome, say};

/// Writes the paper, and says where it is.
pub(super) fn write(ctx: &mut Ctx<'_>, path: &Path, leaves: &[Leaf]) -> Outcome {
    let shown = path.display();
    write_paper(path, leaves).map_err(|error| Failure::failed(error.say()))?;
    let rows: usize = leaves.iter().map(|leaf| leaf.rows.len()).sum();
    ctx.note(&say(
        format!("已写出 {shown}，共 {rows} 行"),
        format!("wrote {shown}, {rows} rows"),
    ));
    Ok(())
}

/// A list that is too long for a paper.
pub(super) fn too_long() -> Failure {
    Failure::failed(say(
        format!("超过 {ROWS_MAX} 行，不宜制表，未写出文件"),
        format!("there are more than {ROWS_MAX} rows, too many for a paper; nothing was written"),
    ))
    .and(say(
        "请用 --since、--by、--about 缩小范围，或用 --json 输出全部",
        "narrow it with --since, --by or --about, or print all of it with --json",
    ))
}
