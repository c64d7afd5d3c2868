//! `keshi audit check`: a checkpoint or a proof, checked with a public key and nothing else: no server, no ledger, no network.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use jiff::Timestamp;
use keshi_bundle::format::{Bundle, is_bundle};
use keshi_bundle::program::{self, BUNDLE_BYTES_MAX, no_key, not_verified};
use keshi_bundle::trust::TrustedKey;
use keshi_core::state::Since;
use keshi_core::time::CHINA;
use keshi_proto::api;
use keshi_proto::api_convert::entry_to_api;
use keshi_proto::store::decode_entry;
use keshi_verify::checkpoint::Checkpoint;
use keshi_verify::key::{NoKey, VerifierKey};
use keshi_verify::leaf_hash;
use keshi_verify::proof_file::{MAX_FILE_BYTES, ProofFile, Proved};
use keshi_verify::witness::WitnessKey;
use keshi_words::time::moment;

use crate::Ctx;
use crate::exit::{Failure, Outcome, Say, causes, say};
use crate::show::json;
use crate::texts::names::count;

/// Checks `file` with the ledger's keys and those of witnesses, each of whom has to have cosigned it; `earlier` is a checkpoint that was
/// saved before, from which the ledger should have gone on.
pub(super) fn run(
    ctx: &mut Ctx<'_>,
    file: &Path,
    (keys, witnesses): (&[String], &[String]),
    earlier: Option<&Path>,
) -> Outcome {
    let keys = keys
        .iter()
        .map(|key| read_keys(key))
        .collect::<Outcome<Vec<_>>>()?
        .concat();
    let witnesses = witnesses
        .iter()
        .map(|key| read_witness(key))
        .collect::<Outcome<Vec<_>>>()?;
    let text = read(file)?;
    if is_bundle(&text) {
        return bundle(ctx, file, &text, &keys);
    }
    let proved = checked(file, &text, &keys)?;
    if let Some(earlier) = earlier {
        let saved = match checked(earlier, &read(earlier)?, &keys)? {
            Proved::Checkpoint(saved) => saved,
            Proved::Consistency { newer, .. } => newer,
            Proved::Inclusion { checkpoint, .. } => checkpoint,
        };
        goes_on_from(&saved, &proved)?;
    }
    let cosigned = witnesses
        .iter()
        .map(|witness| cosigned(file, &text, witness))
        .collect::<Outcome<Vec<_>>>()?;
    if ctx.globals.json {
        return print_json(ctx, &text, &proved);
    }
    for said in std::iter::once(said(&proved)).chain(cosigned) {
        ctx.print_text(said.pick(ctx.lang))?;
    }
    Ok(())
}

/// That a witness cosigned the newest checkpoint of a file that was checked, and when.
fn cosigned(path: &Path, bytes: &[u8], witness: &WitnessKey) -> Outcome<Say> {
    let (shown, name) = (path.display(), witness.name());
    let file = ProofFile::parse(bytes).ok();
    let time = file.as_ref().map(|file| witness.cosigned(file.newest()));
    if let Some(Ok(Some(time))) = time {
        let at = i64::try_from(time)
            .ok()
            .and_then(|time| Timestamp::from_second(time).ok());
        let at = at.map_or_else(
            || time.to_string(),
            |at| CHINA.to_datetime(at).strftime("%Y-%m-%d %H:%M").to_string(),
        );
        return Ok(say(
            format!("见证 {name} 于 {at} 会签"),
            format!("cosigned by the witness {name} at {at}"),
        ));
    }
    Err(Failure::not_verified(say(
        format!("{shown} 没有见证 {name} 的会签，或会签不符"),
        format!("{shown} bears no cosignature of the witness {name}, or a wrong one"),
    )))
}

/// Whether what was proved begins with the ledger of `saved`.
fn goes_on_from(saved: &Checkpoint, proved: &Proved) -> Outcome {
    let begins = match proved {
        Proved::Checkpoint(checkpoint) | Proved::Inclusion { checkpoint, .. } => checkpoint,
        Proved::Consistency { older, .. } => older,
    };
    let (had, has) = (count(saved.size), count(begins.size));
    if saved.origin != begins.origin || saved.size != begins.size {
        return Err(Failure::usage(say(
            format!(
                "两份文件对不上：先前的检查点是 {had} 条，这份从 {has} 条起；请用 keshi audit consistency {} 取证明",
                saved.size
            ),
            format!(
                "the two files do not meet: the earlier checkpoint is of {had} entries, this begins with {has}; have the proof made by \
                 keshi audit consistency {}",
                saved.size
            ),
        )));
    }
    if saved.root == begins.root {
        return Ok(());
    }
    Err(Failure::not_verified(say(
        format!(
            "台账被改过：两份 {had} 条的检查点都有签名，树根却不同（{} 与 {}）",
            saved.root, begins.root
        ),
        format!(
            "the ledger was changed: two checkpoints of {had} entries are signed and have different roots ({} and {})",
            saved.root, begins.root
        ),
    ))
    .and(say(
        "请保存这两份文件：它们合在一起就是证据",
        "keep both files: together they are the evidence",
    )))
}

/// A bundle, by the check that `keshi-verify` makes.
fn bundle(ctx: &mut Ctx<'_>, path: &Path, bytes: &[u8], keys: &[TrustedKey]) -> Outcome {
    let checked = Bundle::parse(bytes).and_then(|bundle| {
        let checked = bundle.check(keys)?;
        Ok((bundle, checked))
    });
    let (bundle, checked) = checked.map_err(|failed| Failure::not_verified(not_verified(path, &failed)))?;
    for line in program::said(&bundle, &checked) {
        ctx.print(line.pick(ctx.lang))?;
    }
    Ok(())
}

fn checked(path: &Path, bytes: &[u8], keys: &[TrustedKey]) -> Outcome<Proved> {
    let shown = path.display();
    let file = ProofFile::parse(bytes).map_err(|error| {
        Failure::failed(say(
            format!("{shown} 不是检查点或证明：请原样保存所给的文件"),
            format!("{shown}: {error}"),
        ))
    })?;
    // A key that was changed since signs no ledger larger than that at which it ended.
    let size = file.size();
    let may_sign = |key: &&TrustedKey| key.until.is_none_or(|until| size.is_some_and(|size| size <= until));
    let keys: Vec<VerifierKey> = keys.iter().filter(may_sign).map(|key| key.key.clone()).collect();
    file.check(&keys).map_err(|error| {
        let why = causes(&error);
        Failure::not_verified(say(
            format!("{shown} 核对不通过：{why}"),
            format!("{shown} does not verify: {why}"),
        ))
    })
}

fn said(proved: &Proved) -> Say {
    match proved {
        Proved::Checkpoint(checkpoint) => {
            let (size, root, origin) = (count(checkpoint.size), checkpoint.root, &checkpoint.origin);
            say(
                format!("签名无误：台账 {origin} 曾有 {size} 条，树根 {root}"),
                format!("signed: the ledger {origin} had {size} entries, root {root}"),
            )
        }
        Proved::Inclusion {
            index,
            entry,
            checkpoint,
        } => {
            let (size, origin) = (count(checkpoint.size), &checkpoint.origin);
            let (zh, en) = in_words(entry);
            say(
                format!("已证明：第 {index} 条在台账 {origin} 的 {size} 条之中{zh}"),
                format!("proved: entry {index} is one of the {size} of the ledger {origin}{en}"),
            )
        }
        Proved::Consistency { older, newer } => {
            let (was, is, origin) = (count(older.size), count(newer.size), &newer.origin);
            say(
                format!("已证明：台账 {origin} 的 {is} 条以先前的 {was} 条开头，一条不少，一字未改"),
                format!(
                    "proved: the {is} entries of the ledger {origin} begin with the {was} of before, none taken out and none changed"
                ),
            )
        }
    }
}

/// What the entry is, if this release reads it.
fn in_words(entry: &[u8]) -> (String, String) {
    let Some(entry) = entry_of(entry) else {
        return (
            "（本版本读不出其内容）".to_owned(),
            " (this release does not read it)".to_owned(),
        );
    };
    let at = entry.recorded_at.as_ref().map_or_else(String::new, moment);
    (format!("；{at} 入账"), format!("; recorded {at}"))
}

fn entry_of(bytes: &[u8]) -> Option<api::Entry> {
    let entry = decode_entry(bytes).ok()?;
    Some(entry_to_api(&entry, leaf_hash(bytes).as_bytes(), Since::default()))
}

fn print_json(ctx: &mut Ctx<'_>, text: &[u8], proved: &Proved) -> Outcome {
    let text = String::from_utf8_lossy(text).into_owned();
    let checkpoint = |of: &Checkpoint, note: String| api::Checkpoint {
        note,
        origin: of.origin.clone(),
        size: of.size,
        root: of.root.0.to_vec(),
    };
    let out = &mut ctx.io.stdout;
    match proved {
        Proved::Checkpoint(of) => json::print(&checkpoint(of, text), out),
        Proved::Inclusion {
            index,
            entry,
            checkpoint: of,
        } => {
            let proof = api::InclusionProof {
                file: text,
                index: *index,
                entry: entry.clone(),
                checkpoint: Some(checkpoint(of, String::new())),
                ..api::InclusionProof::default()
            };
            json::print(&proof, out)
        }
        Proved::Consistency { older, newer } => {
            let proof = api::ConsistencyProof {
                file: text,
                older: Some(checkpoint(older, String::new())),
                newer: Some(checkpoint(newer, String::new())),
                ..api::ConsistencyProof::default()
            };
            json::print(&proof, out)
        }
    }
}

/// Public keys as they are given out, or a file of them.
fn read_keys(text: &str) -> Outcome<Vec<TrustedKey>> {
    let keys = match TrustedKey::parse(text.trim()) {
        Err(_) if Path::new(text).is_file() => {
            let bytes = read(Path::new(text))?;
            TrustedKey::parse_all(&String::from_utf8_lossy(&bytes))
        }
        given => given.map(|key| vec![key]),
    };
    keys.map_err(|error| Failure::usage(no_key(&error)))
}

/// A key as it is given out, or a file whose first line is one.
fn key_or_file<K>(text: &str, parse: fn(&str) -> Result<K, NoKey>) -> Outcome<Result<K, NoKey>> {
    Ok(match parse(text.trim()) {
        Err(_) if Path::new(text).is_file() => {
            let bytes = read(Path::new(text))?;
            let line = String::from_utf8_lossy(&bytes);
            parse(line.lines().next().unwrap_or_default().trim())
        }
        given => given,
    })
}

/// A witness's public key.
fn read_witness(text: &str) -> Outcome<WitnessKey> {
    key_or_file(text, WitnessKey::parse)?.map_err(|error| {
        Failure::usage(say(
            format!("见证的公钥不可用（{error}）：请照对方 keshi audit witness 所显示的一行复制，或给出存有它的文件"),
            format!("the witness's key cannot be used: {error}; copy the line that her keshi audit witness prints, or name a file with it"),
        ))
    })
}

/// A ledger's public key.
pub(super) fn read_key(text: &str) -> Outcome<VerifierKey> {
    key_or_file(text, VerifierKey::parse)?.map_err(|error| {
        Failure::usage(say(
            format!("公钥不可用（{error}）：请照 keshi audit key 所列整行复制，或给出存有它的文件"),
            format!("the public key cannot be used: {error}; copy the whole line that keshi audit key lists, or name a file with it"),
        ))
    })
}

fn read(path: &Path) -> Outcome<Vec<u8>> {
    let limit = u64::try_from(MAX_FILE_BYTES).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|mut file| {
        (&mut file).take(limit).read_to_end(&mut bytes)?;
        if is_bundle(&bytes) {
            file.take(BUNDLE_BYTES_MAX).read_to_end(&mut bytes)?;
        }
        Ok(())
    });
    read.map_err(|error: io::Error| {
        let shown = path.display();
        Failure::failed(say(format!("无法读取 {shown}"), format!("{shown} cannot be read")).because(&error))
    })?;
    Ok(bytes)
}
