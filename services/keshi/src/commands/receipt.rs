//! `keshi receipt`: for each event that one posted the proof that it is in the ledger, kept in a directory.

use std::io;
use std::path::Path;

use keshi_office::write_atomically;
use keshi_proto::api;
use uuid::Uuid;

use super::shared::{at_size, read_text};
use crate::Ctx;
use crate::exit::{Failure, Outcome, say};
use crate::remote::Session;
use crate::show::json;
use crate::texts::names::count;

/// Most receipts of one run.
const EVENTS_MAX: usize = 5_000;

pub(super) async fn run(ctx: &mut Ctx<'_>, events: &[String], output: &Path) -> Outcome {
    let events = named(events)?;
    let session = Session::open(ctx).await?;
    let result = receipts(ctx, &session, &events, output).await;
    result.and(session.close().await)
}

async fn receipts(ctx: &mut Ctx<'_>, session: &Session, events: &[Uuid], dir: &Path) -> Outcome {
    let mut size = None;
    for event in events {
        let request = api::GetReceiptProofRequest {
            event_id: event.to_string(),
            // All at one checkpoint, that of the first.
            at: size.map(at_size),
            purpose: String::new(),
        };
        let answer = session.audit().get_receipt_proof(session.call(request)).await;
        let proof = answer.map_err(|status| session.failed(&status))?.into_inner();
        size = size.or(proof.checkpoint.as_ref().map(|checkpoint| checkpoint.size));
        keep(dir, &format!("{event}.tlog-proof"), &proof.file)?;
        if ctx.globals.json {
            json::print(&proof, &mut ctx.io.stdout)?;
        }
    }
    let (kept, size, dir) = (events.len(), count(size.unwrap_or(0)), dir.display());
    ctx.note(&say(
        format!("已存下 {kept} 份回执于 {dir}（{size} 条的检查点）；核对：keshi audit check 回执 --key 公钥.txt"),
        format!("kept {kept} receipts in {dir}, at the checkpoint of {size} entries; check one with keshi audit check FILE --key KEY"),
    ));
    Ok(())
}

/// The events of the command line: ids, or files with one in each line.
fn named(given: &[String]) -> Outcome<Vec<Uuid>> {
    let mut events = Vec::new();
    for text in given {
        let ids = match text.parse() {
            Ok(id) => vec![id],
            Err(_) if Path::new(text).is_file() => of_file(Path::new(text))?,
            Err(_) => return Err(no_id(text)),
        };
        for id in ids {
            if !events.contains(&id) {
                events.push(id);
            }
        }
    }
    if events.is_empty() || events.len() > EVENTS_MAX {
        return Err(Failure::usage(say(
            format!("请给出 1 至 {EVENTS_MAX} 个事件编号"),
            format!("name 1 to {EVENTS_MAX} events"),
        )));
    }
    Ok(events)
}

fn of_file(path: &Path) -> Outcome<Vec<Uuid>> {
    let text = read_text(path)?;
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.map(|line| line.parse().map_err(|_| no_id(line))).collect()
}

fn no_id(text: &str) -> Failure {
    Failure::usage(say(
        format!("“{text}” 既不是事件编号（UUID），也不是存有编号的文件"),
        format!("{text:?} is neither an event's id (a UUID) nor a file with ids"),
    ))
}

/// Keeps a file byte for byte in a directory, which is made if it is missing.
pub(super) fn keep(dir: &Path, name: &str, file: &str) -> Outcome {
    let kept = std::fs::create_dir_all(dir).and_then(|()| write_atomically(&dir.join(name), file.as_bytes()));
    kept.map_err(|error: io::Error| {
        let shown = dir.display();
        let what = say(
            format!("无法写入 {shown}：请检查磁盘和目录权限"),
            format!("{shown} could not be written: check the disk and the directory's mode"),
        );
        Failure::failed(what.because(&error))
    })
}
