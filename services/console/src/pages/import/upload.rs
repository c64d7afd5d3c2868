//! Choosing files.

use std::time::Duration;

use axum::extract::multipart::{Field, Multipart, MultipartError};
use axum::extract::{FromRequest as _, Request, State};
use axum::response::{IntoResponse, Redirect, Response};
use bytes::Bytes;
use keshi_core::ids::{LoadId, SchoolId};
use keshi_core::lang::{Say, say};
use keshi_core::text::Text;
use keshi_import::Job;
use keshi_office::access::RoleName;
use keshi_sheets::columns::Kind;
use maud::{Markup, html};
use tokio::time::{Instant, timeout, timeout_at};

use crate::Console;
use crate::form::field;
use crate::imports::{File, Given};
use crate::page::page;
use crate::visitor::Visitor;

/// How long the next part of an upload may take.
const PART_LIMIT: Duration = Duration::from_secs(30);

/// How long an upload may take.
const UPLOAD_LIMIT: Duration = Duration::from_mins(5);

/// Fewest bytes a second, after the first [`PART_LIMIT`]: whoever sends more slowly than any connection keeps a place that others
/// wait for.
const PACE: usize = 16 * 1024;

/// By when an upload that began `begun` has to go on after so many bytes.
fn due(begun: Instant, bytes: usize) -> Instant {
    let earned = Duration::from_secs(u64::try_from(bytes / PACE).unwrap_or(u64::MAX));
    begun + PART_LIMIT + earned.min(UPLOAD_LIMIT)
}

/// Most files at once.
const FILES_MAX: usize = 32;

/// Longest text of a field that is no file, in bytes.
const TEXT_BYTES_MAX: usize = 4_096;

/// What was typed, besides the files; kept when something is wrong.
#[derive(Default)]
struct Typed {
    org: String,
    load: String,
    from: String,
    correct: String,
}

pub(super) async fn show(visitor: Visitor, State(console): State<Console>) -> Response {
    form(&visitor, &console, &Typed::default(), None)
}

pub(super) async fn take(visitor: Visitor, State(console): State<Console>, request: Request) -> Response {
    let mut typed = Typed::default();
    let _place = match console.0.imports.receive(&visitor.owner()) {
        Ok(place) => place,
        Err(busy) => return form(&visitor, &console, &typed, Some(&busy)),
    };
    let files = match timeout(UPLOAD_LIMIT, receive(request, &mut typed)).await {
        Ok(Ok(files)) => files,
        Ok(Err(what)) => return form(&visitor, &console, &typed, Some(&what)),
        Err(_) => return form(&visitor, &console, &typed, Some(&too_slow())),
    };
    let job = job_of(&typed.org, &typed.load, (&typed.correct, &typed.from));
    let begun = job.and_then(|job| {
        let imports = &console.0.imports;
        imports.begin(visitor.owner(), Given::Files(files), job, visitor.api.clone())
    });
    match begun {
        Ok(held) => Redirect::to(&format!("/import/{}", held.id)).into_response(),
        Err(what) => form(&visitor, &console, &typed, Some(&what)),
    }
}

/// Reads the form; files as far as they are allowed to go.
async fn receive(request: Request, typed: &mut Typed) -> Result<Vec<File>, Say> {
    let mut parts = Multipart::from_request(request, &()).await.map_err(|_| unread_form())?;
    let begun = Instant::now();
    let mut files = Vec::new();
    while let Some(mut part) = timeout(PART_LIMIT, parts.next_field())
        .await
        .map_err(|_| too_slow())?
        .map_err(|error| unread(&error))?
    {
        let name = part.name().unwrap_or_default().to_owned();
        match (name.as_str(), part.file_name().map(ToOwned::to_owned)) {
            // A browser sends a file without a name where none was chosen.
            ("file", Some(file)) if !file.is_empty() => {
                if files.len() >= FILES_MAX {
                    return Err(say(
                        format!("一次至多 {FILES_MAX} 个文件；请分几次导入"),
                        format!("at most {FILES_MAX} files at once; import them in several turns"),
                    ));
                }
                let bytes = bytes(&mut part, usize::MAX, begun, taken(&files)).await?;
                files.push(File {
                    name: own_name(&file),
                    bytes,
                });
            }
            ("org" | "load" | "from" | "correct", None) => {
                let text = String::from_utf8_lossy(&bytes(&mut part, TEXT_BYTES_MAX, begun, taken(&files)).await?)
                    .trim()
                    .to_owned();
                match name.as_str() {
                    "org" => typed.org = text,
                    "load" => typed.load = text,
                    "from" => typed.from = text,
                    _ => typed.correct = text,
                }
            }
            _ => {}
        }
    }
    if files.is_empty() {
        return Err(say("请选择文件", "choose a file"));
    }
    Ok(files)
}

pub(crate) fn unread_form() -> Say {
    say(
        "上传的内容不是表单；请从本页选择文件",
        "this is no form; choose a file on this page",
    )
}

/// The bytes of files that are there.
fn taken(files: &[File]) -> usize {
    files.iter().map(|file| file.bytes.len()).sum()
}

/// The bytes of a part; the whole request has a limit of its own.
pub(crate) async fn bytes(part: &mut Field<'_>, max: usize, begun: Instant, before: usize) -> Result<Vec<u8>, Say> {
    let mut bytes = Vec::new();
    while let Some(chunk) = chunk(part, begun, before + bytes.len()).await? {
        if bytes.len() + chunk.len() > max {
            return Err(say(
                format!("一项至多 {max} 字节"),
                format!("a field has at most {max} bytes"),
            ));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// Reads what is left of a part and keeps nothing of it, so that what comes after it, and who sends it, can be answered.
pub(crate) async fn skip(part: &mut Field<'_>, begun: Instant, before: usize) -> Result<(), Say> {
    let mut skipped = before;
    while let Some(chunk) = chunk(part, begun, skipped).await? {
        skipped += chunk.len();
    }
    Ok(())
}

async fn chunk(part: &mut Field<'_>, begun: Instant, before: usize) -> Result<Option<Bytes>, Say> {
    let due = due(begun, before).min(Instant::now() + PART_LIMIT);
    let chunk = timeout_at(due, part.chunk()).await.map_err(|_| too_slow())?;
    chunk.map_err(|error| unread(&error))
}

/// The file's own name, without the folder that some browsers send.
fn own_name(text: &str) -> String {
    let name = text.rsplit(['/', '\\']).next().unwrap_or_default();
    let name: String = name.chars().filter(|c| !c.is_control()).take(120).collect();
    if name.is_empty() { "表格".to_owned() } else { name }
}

fn unread(error: &MultipartError) -> Say {
    if error.status() == axum::http::StatusCode::PAYLOAD_TOO_LARGE {
        return say(
            "文件太大：一次至多 64 MiB；请拆开后分几次导入",
            "the files are too large: at most 64 MiB at once; split them",
        );
    }
    say(
        "上传中断；请再传一次，重复导入不会多计",
        "the upload broke off; send it again, nothing counts twice",
    )
}

pub(crate) fn too_slow() -> Say {
    say(
        "上传太慢，已中断；请换个网络再传一次",
        "the upload took too long and was broken off; try a better connection",
    )
}

fn given(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|text| !text.is_empty())
}

/// How rows are imported, as it was typed: in which school's name and under which historical load; for which reason they correct
/// the ledger, and from which day a roster of teachers holds.
///
/// # Errors
///
/// What is no id, no reason or no day.
pub(in crate::pages) fn job_of(org: &str, load: &str, (correct, from): (&str, &str)) -> Result<Job, Say> {
    let no_id = |text: &str| say(format!("“{text}”不是编号"), format!("{text:?} is no id"));
    Ok(Job {
        office: None,
        load: given(load)
            .map(|text| LoadId::new(text).map_err(|_| no_id(text)))
            .transpose()?,
        org: given(org)
            .map(|text| SchoolId::new(text).map_err(|_| no_id(text)))
            .transpose()?,
        correct: given(correct)
            .map(|text| Text::new(text).map_err(|_| say("理由太长", "the reason is too long")))
            .transpose()?,
        brings_back: false,
        from: given(from)
            .map(|text| {
                text.parse()
                    .map_err(|_| say("日期应写成 2022-09-01", "write the day as 2022-09-01"))
            })
            .transpose()?,
    })
}

fn form(visitor: &Visitor, console: &Console, typed: &Typed, wrong: Option<&Say>) -> Response {
    let lang = visitor.lang;
    let earlier = console.0.imports.of(&visitor.owner());
    let is_county = matches!(visitor.role(), RoleName::Reviewer | RoleName::Admin | RoleName::Dev);
    let content = html! {
        @if let Some(wrong) = wrong { p.problem role="alert" { (wrong.pick(lang)) } }
        p { (lang.pick(
            "选择填好的表格（xlsx、csv）。先逐行核对，看过结果再入账；同一文件导入两次不会多计。",
            "choose the sheets you filled in (xlsx, csv). Every row is checked first and recorded when you say so; the same file \
             twice counts nothing twice.",
        )) }
        form.stack method="post" action="/import" enctype="multipart/form-data" {
            (field(lang.pick("表格", "sheets"), &html! {
                input type="file" name="file" multiple required accept=".xlsx,.csv";
            }))
            details open[!typed.org.is_empty() || !typed.load.is_empty() || !typed.from.is_empty() || !typed.correct.is_empty()] {
                summary { (lang.pick("更多：名册、更正、补录", "more: roster, corrections, past years")) }
                div.stack {
                    (field(lang.pick("名册自哪天起（教师表：调动、改名从这天生效）", "a roster from (sheet 教师: moves and new names hold from this day)"),
                        &html! { input type="date" name="from" value=(typed.from); }))
                    (field(lang.pick("改动过的行，按此理由更正原记录", "rows that were changed correct the ledger, for this reason"),
                        &html! { input name="correct" value=(typed.correct) maxlength="200"; }))
                    @if is_county {
                        (field(lang.pick("以哪所学校的名义填报（学校编号）", "posted for this school (its id)"), &html! { input name="org" value=(typed.org) maxlength="32"; }))
                        (field(lang.pick("历史补录编号", "id of a historical load"), &html! { input name="load" value=(typed.load) maxlength="32"; }))
                    }
                }
            }
            div.actions { button { (lang.pick("上传并核对", "send and check")) } }
        }
        p { a href="/post" { (lang.pick("只有一两条：不用表格，直接填写", "one or two records: type them, without a sheet")) } }
        @if !earlier.is_empty() {
            h2 { (lang.pick("近来的导入", "recent imports")) }
            ul {
                @for held in &earlier {
                    li { a href=(format!("/import/{}", held.id)) { (held.names.join(lang.pick("、", ", "))) } " " (super::result::short(held, lang)) }
                }
            }
        }
        p.noprint { a href="/submissions" { (lang.pick("我的提交：以前入账的都在这里", "my submissions: all that was recorded before")) } }
        h2 { (lang.pick("空表", "empty sheets")) }
        p.hint { (lang.pick("每张表有示例行和填写说明。", "each has an example row and says what to fill in.")) }
        (templates(visitor))
    };
    page(visitor, lang.pick("导入", "Import"), &content)
}

fn templates(visitor: &Visitor) -> Markup {
    html! {
        ul.doors.small {
            @for kind in Kind::ALL {
                li { a href=(format!("/import/template/{}", kind.en().replace(' ', "%20"))) download { (visitor.lang.pick(kind.zh(), kind.en())) } }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_upload_that_is_slower_than_any_connection_loses_its_place_and_a_slow_one_does_not() {
        let begun = Instant::now();
        // A byte now and then earns nothing.
        assert_eq!(due(begun, 10), begun + PART_LIMIT);
        // 32 KiB/s for a minute.
        assert!(due(begun, 60 * 32 * 1024) > begun + Duration::from_mins(2));
        assert_eq!(due(begun, usize::MAX), begun + PART_LIMIT + UPLOAD_LIMIT);
    }

    #[test]
    fn a_file_keeps_its_own_name_alone() {
        assert_eq!(own_name("C:\\表\\培训.xlsx"), "培训.xlsx");
        assert_eq!(own_name("../../etc/passwd"), "passwd");
        assert_eq!(own_name("a\r\nb.xlsx"), "ab.xlsx");
        assert_eq!(own_name("/"), "表格");
    }
}
