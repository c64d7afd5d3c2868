//! `keshi audit bundle`: a year or a person in one file; `keshi audit sample`: entries drawn at random, to be compared with paper.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use keshi_core::hex;
use keshi_proto::api;
use keshi_proto::store::decode_entry;
use keshi_verify::sample::{MAX_DRAWN, draw};

use super::super::receipt::keep;
use super::super::shared::{at, at_size, teacher};
use crate::Ctx;
use crate::cli::AtArgs;
use crate::exit::{Failure, Outcome, say};
use crate::remote::Session;
use crate::show::json;
use crate::show::table::{Align, Table};
use crate::texts::names::count;

/// A bundle, written as it comes. It has its name once it is whole.
pub(super) async fn bundle(
    ctx: &mut Ctx<'_>,
    session: &Session,
    (year, whom, purpose): (String, Option<String>, String),
    (args, output): (&AtArgs, &Path),
) -> Outcome {
    let teacher_id = match whom {
        Some(text) => teacher(session, (ctx.lang, ctx.width()), &text, &purpose).await?,
        None => String::new(),
    };
    let request = api::ExportBundleRequest {
        year,
        teacher_id,
        at: at(args),
        purpose,
    };
    let answer = session.audit().export_bundle(session.stream(request)).await;
    let mut pieces = answer.map_err(|status| session.failed(&status))?.into_inner();
    let making = PathBuf::from(format!("{}.new", output.display()));
    let not_written = |error: io::Error| {
        let shown = output.display();
        let what = say(
            format!("无法写入 {shown}：请检查磁盘和目录权限"),
            format!("{shown} could not be written: check the disk and the directory's mode"),
        );
        Failure::failed(what.because(&error))
    };
    let open = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&making);
    let mut file = open.map_err(not_written)?;
    let mut bytes = 0_u64;
    let copied = async {
        while let Some(piece) = pieces.message().await.map_err(|status| session.failed(&status))? {
            file.write_all(&piece.content).map_err(not_written)?;
            bytes += piece.content.len() as u64;
        }
        file.sync_all().map_err(not_written)?;
        fs::rename(&making, output).map_err(not_written)
    };
    if let Err(failure) = copied.await {
        // What cannot be removed is overwritten next time.
        let _left = fs::remove_file(&making);
        return Err(failure);
    }
    let (shown, bytes) = (output.display(), count(bytes));
    ctx.note(&say(
        format!("已写出 {shown}（{bytes} 字节，只有本人可读）。核对：keshi-verify --key 公钥.txt {shown}"),
        format!("wrote {shown} ({bytes} bytes, readable by you only). To check it: keshi-verify --key KEY {shown}"),
    ));
    Ok(())
}

/// Entries drawn by a seed that everybody can read, each with its proof.
pub(super) async fn sample(
    ctx: &mut Ctx<'_>,
    session: &Session,
    (wanted, seed, purpose): (usize, Option<String>, String),
    (args, output): (&AtArgs, Option<&Path>),
) -> Outcome {
    if wanted == 0 || wanted > MAX_DRAWN {
        return Err(Failure::usage(say(
            format!("一次抽取 1 至 {MAX_DRAWN} 条"),
            format!("draw 1 to {MAX_DRAWN} entries at once"),
        )));
    }
    let asked = api::GetCheckpointRequest {
        at: at(args),
        with_people: false,
    };
    let answer = session.audit().get_checkpoint(session.call(asked)).await;
    let checkpoint = answer.map_err(|status| session.failed(&status))?.into_inner();
    let seed = seed.unwrap_or_else(|| hex::show(&checkpoint.root));
    let mut table = Table::new([
        (ctx.lang.pick("序号", "entry"), Align::Right),
        (ctx.lang.pick("日期", "day"), Align::Left),
        (ctx.lang.pick("种类", "kind"), Align::Left),
        (ctx.lang.pick("关于", "about"), Align::Left),
        (ctx.lang.pick("学校", "school"), Align::Left),
        (ctx.lang.pick("结果", "verdict"), Align::Left),
    ]);
    for index in draw(&seed, checkpoint.size, wanted) {
        let request = api::GetInclusionProofRequest {
            index,
            at: Some(at_size(checkpoint.size)),
            purpose: purpose.clone(),
        };
        let answer = session.audit().get_inclusion_proof(session.call(request)).await;
        let proof = answer.map_err(|status| session.failed(&status))?.into_inner();
        if let Some(dir) = output {
            keep(dir, &format!("{index}.tlog-proof"), &proof.file)?;
        }
        if ctx.globals.json {
            json::print(&proof, &mut ctx.io.stdout)?;
        } else {
            table.row(row(ctx, index, &proof.entry));
        }
    }
    if !ctx.globals.json {
        let text = table.render(ctx.width());
        ctx.print(text.trim_end_matches('\n'))?;
    }
    let size = count(checkpoint.size);
    ctx.note(&say(
        format!("由 {size} 条之中抽取，种子 {seed}：凭它和条数，任何人抽到的都是这些"),
        format!("drawn from {size} entries with the seed {seed}: with it and the size everybody draws these"),
    ));
    Ok(())
}

/// What an auditor looks for on paper.
fn row(ctx: &Ctx<'_>, index: u64, bytes: &[u8]) -> [String; 6] {
    let Ok(entry) = decode_entry(bytes) else {
        let unread = ctx.lang.pick("本版本读不出", "not read by this release");
        return [
            count(index),
            String::new(),
            unread.to_owned(),
            String::new(),
            String::new(),
            String::new(),
        ];
    };
    let verdict = ctx.lang.pick(entry.verdict.zh(), entry.verdict.en()).to_owned();
    let Some(event) = entry.posted.event() else {
        return [
            count(index),
            String::new(),
            String::new(),
            String::new(),
            String::new(),
            verdict,
        ];
    };
    let about: Vec<&str> = event.fact.subjects().iter().map(|id| id.as_str()).collect();
    let kind = ctx.lang.pick(event.fact.kind_zh(), event.fact.kind());
    let school = event.fact.place().or(event.org.as_ref());
    [
        count(index),
        event.from.to_string(),
        kind.to_owned(),
        about.join(" "),
        school.map_or_else(String::new, ToString::to_string),
        verdict,
    ]
}
