//! `keshi export`: a year's training in the columns of the national teacher system, with ID numbers.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use keshi_import::national;
use keshi_office::write_atomically;
use keshi_proto::api;
use keshi_sheets::write::{csv_bytes, lists_bytes};
use keshi_words::national::Exported;

use super::paper::ROWS_MAX;
use super::shared::at;
use crate::Ctx;
use crate::cli::{ExportArgs, FormatArg};
use crate::exit::{Failure, Outcome, say};
use crate::remote::Session;
use crate::show::json;

/// Ids named of those who are left out for one reason.
const NAMED_MAX: usize = 10;

pub(super) async fn run(ctx: &mut Ctx<'_>, args: ExportArgs) -> Outcome {
    let session = Session::open(ctx).await?;
    let result = export(ctx, &session, args).await;
    result.and(session.close().await)
}

async fn export(ctx: &mut Ctx<'_>, session: &Session, args: ExportArgs) -> Outcome {
    let request = api::ListNationalRecordsRequest {
        year: args.year.into(),
        school_id: args.school.unwrap_or_default(),
        policy_id: args.policy.unwrap_or_default(),
        at: at(&args.at),
        purpose: args.purpose,
        ..api::ListNationalRecordsRequest::default()
    };
    let all = national::all(session, &request, ROWS_MAX).await;
    let all = all.map_err(|status| session.failed(&status))?.ok_or_else(too_long)?;
    if ctx.globals.json {
        json::print(&as_one(&all), &mut ctx.io.stdout)?;
    }
    for path in write(&all, &args.output, args.format)? {
        let shown = path.display();
        ctx.note(&say(
            format!("已写出 {shown}（只有本人可读）"),
            format!("wrote {shown} (readable by you only)"),
        ));
    }
    ctx.note(&all.said());
    for (why, ids) in all.gaps() {
        let named = ids.iter().take(NAMED_MAX).copied().collect::<Vec<_>>().join("、");
        let (count, more) = (ids.len(), ids.len() > NAMED_MAX);
        let (more_zh, more_en) = if more { ("等", " and others") } else { ("", "") };
        ctx.note(&say(
            format!("未导出 {count} 人（{named}{more_zh}）：{}", why.zh),
            format!("{count} left out ({named}{more_en}): {}", why.en),
        ));
    }
    ctx.note(&say(
        "文件中有身份证件号码：用后请删除，不要通过微信、QQ 传送",
        "there are numbers of identity documents in it: remove it after use, and send it by no messenger",
    ));
    Ok(())
}

/// Writes what there is, and says into which files.
fn write(all: &Exported, path: &Path, format: Option<FormatArg>) -> Outcome<Vec<PathBuf>> {
    let is_csv = path
        .extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("csv"));
    let format = format.unwrap_or(if is_csv { FormatArg::Csv } else { FormatArg::Xlsx });
    match format {
        FormatArg::Xlsx => {
            let name = path.to_string_lossy();
            let lists = vec![all.rows(), all.rests(), all.explained()];
            let bytes = lists_bytes(&name, lists).map_err(|error| Failure::failed(error.say()))?;
            written(path, &bytes)?;
            Ok(vec![path.to_owned()])
        }
        FormatArg::Csv => {
            written(path, &csv_bytes(&all.rows()))?;
            let beside = beside(path);
            // Also where nothing is left over: one of before would say otherwise.
            written(&beside, &csv_bytes(&all.rests()))?;
            Ok(vec![path.to_owned(), beside])
        }
    }
}

/// `国内培训-余数.csv` beside `国内培训.csv`.
fn beside(path: &Path) -> PathBuf {
    let mut name = path.file_stem().unwrap_or_default().to_owned();
    name.push("-余数.");
    name.push(path.extension().unwrap_or(OsStr::new("csv")));
    path.with_file_name(name)
}

fn written(path: &Path, bytes: &[u8]) -> Outcome {
    write_atomically(path, bytes).map_err(|error| {
        let shown = path.display();
        Failure::failed(say(format!("无法写入 {shown}"), format!("{shown} cannot be written")).because(&error))
    })
}

/// For programs: all pages as one answer.
fn as_one(all: &Exported) -> api::ListNationalRecordsResponse {
    api::ListNationalRecordsResponse {
        records: all.records.clone(),
        size: all.size,
        next_page_token: String::new(),
        without_hours: all.without_hours,
        not_under: all.not_under,
    }
}

fn too_long() -> Failure {
    Failure::failed(say(
        format!("超过 {ROWS_MAX} 行，未写出文件"),
        format!("there are more than {ROWS_MAX} rows; nothing was written"),
    ))
    .and(say("请用 --school 分校导出", "export school by school with --school"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_over_lies_beside_a_csv_under_a_name_of_its_own() {
        assert_eq!(beside(Path::new("/d/国内培训.csv")), Path::new("/d/国内培训-余数.csv"));
        assert_eq!(beside(Path::new("export")), Path::new("export-余数.csv"));
    }
}
