//! `keshi post`: submissions as JSON lines, answered line by line.

use std::fs::File;
use std::io::{BufRead, BufReader, Write as _};
use std::path::Path;

use keshi_core::lang::Lang;
use keshi_proto::api;
use uuid::Uuid;

use super::shared::why_not;
use crate::Ctx;
use crate::exit::{Exit, Failure, Outcome, say};
use crate::remote::Session;
use crate::show::json;
use crate::texts::names;

/// Longest line, in bytes: a submission is at most 900 KiB, and its JSON form a few times that.
const LINE_BYTES_MAX: u64 = 16 * 1024 * 1024;

pub(super) async fn run(ctx: &mut Ctx<'_>, file: &Path) -> Outcome {
    let mut lines: Box<dyn BufRead + Send> = if file == Path::new("-") {
        std::mem::replace(&mut ctx.io.stdin, Box::new(std::io::empty()))
    } else {
        let opened = File::open(file).map_err(|error| {
            let zh = format!("无法读取 {}：请核对路径", file.display());
            let en = format!("{} cannot be read: check the path", file.display());
            Failure::failed(say(zh, en).because(&error))
        })?;
        Box::new(BufReader::new(opened))
    };
    let session = Session::open(ctx).await?;
    let result = post_lines(ctx, &session, &mut lines).await;
    result.and(session.close().await)
}

async fn post_lines(ctx: &mut Ctx<'_>, session: &Session, lines: &mut (dyn BufRead + Send)) -> Outcome {
    let (mut has_refusals, mut is_accepted) = (false, false);
    for number in 1_u64.. {
        let Some(line) = next_line(lines, number)? else {
            break;
        };
        if line.trim().is_empty() {
            continue;
        }
        let mut request = json::parse::<api::SubmitRequest>(&line)?.map_err(|why| {
            Failure::failed(say(
                format!("第 {number} 行不是 SubmitRequest：{why}"),
                format!("line {number} is no SubmitRequest: {why}"),
            ))
            .and(say(
                "前面各行已按上列答复处理；改正后整个文件重新提交是安全的",
                "the lines before were answered as printed; after mending it, posting the whole file again is safe",
            ))
        })?;
        // Made here and not by the server, so that a retry by hand can name it.
        if request.submission_id.is_empty() {
            request.submission_id = Uuid::new_v4().to_string();
        }
        let id = request.submission_id.clone();
        let answer = session.submissions().submit(session.call(request)).await;
        let response = answer.map_err(|status| {
            session.failed(&status).and(say(
                format!("第 {number} 行（提交编号 {id}）"),
                format!("line {number} (submission {id})"),
            ))
        })?;
        let response = response.into_inner();
        json::print(&response, &mut ctx.io.stdout)?;
        ctx.io.stdout.flush()?;
        has_refusals |= note_refusals(ctx, number, &response);
        if response.receipt.is_none() {
            is_accepted = true;
            ctx.note(&say(
                format!("第 {number} 行已接收，尚未入账（提交编号 {id}）；稍后同样再提交一次，即知结果"),
                format!("line {number} is accepted and not yet recorded (submission {id}); post the same again later to hear"),
            ));
        }
    }
    if has_refusals {
        return Err(Failure::silent(Exit::Failed));
    }
    if is_accepted {
        return Err(Failure::silent(Exit::Accepted));
    }
    Ok(())
}

fn next_line(lines: &mut (dyn BufRead + Send), number: u64) -> Outcome<Option<String>> {
    let mut line = Vec::new();
    let read = std::io::Read::take(&mut *lines, LINE_BYTES_MAX + 1).read_until(b'\n', &mut line);
    let read = read.map_err(|error| Failure::failed(say("无法继续读取", "reading broke off").because(&error)))?;
    if read == 0 {
        return Ok(None);
    }
    if u64::try_from(line.len()).is_ok_and(|length| length > LINE_BYTES_MAX) {
        return Err(Failure::failed(say(
            format!("第 {number} 行太长：一次提交至多 900 KiB，请拆成几行"),
            format!("line {number} is too long: a submission has at most 900 KiB, split it into several lines"),
        )));
    }
    String::from_utf8(line).map(Some).map_err(|_| {
        Failure::failed(say(
            format!("第 {number} 行不是 UTF-8 文本"),
            format!("line {number} is not text in UTF-8"),
        ))
    })
}

/// Says on stderr which events did not get into the ledger; whether there are such.
fn note_refusals(ctx: &mut Ctx<'_>, line: u64, response: &api::SubmitResponse) -> bool {
    let verdicts = response.receipt.iter().flat_map(|receipt| &receipt.verdicts);
    let mut has_refusals = false;
    for (i, verdict) in verdicts.enumerate() {
        let said = |lang| {
            let why = why_not(verdict, lang)?;
            Some(format!("{}  {why}", names::verdict(verdict.verdict(), lang)))
        };
        let (Some(zh), Some(en)) = (said(Lang::Zh), said(Lang::En)) else {
            continue;
        };
        has_refusals = true;
        ctx.note(&say(
            format!("第 {line} 行 events[{i}]：{zh}"),
            format!("line {line} events[{i}]: {en}"),
        ));
    }
    has_refusals
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_one_by_one_and_a_broken_one_is_named() {
        let mut lines: Box<dyn BufRead + Send> = Box::new(&b"{}\n\xff\n"[..]);
        assert_eq!(next_line(&mut *lines, 1).unwrap().as_deref(), Some("{}\n"));
        assert!(next_line(&mut *lines, 2).unwrap_err().lines[0].en.contains("line 2"));
        assert_eq!(next_line(&mut *lines, 3).unwrap(), None);
    }
}
