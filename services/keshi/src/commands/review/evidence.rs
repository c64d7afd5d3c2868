//! `keshi review evidence`, and the files that `keshi review submit` attaches.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use keshi_client::evidence;
use keshi_office::evidence::FILE_BYTES_MAX;
use keshi_proto::api;

use crate::Ctx;
use crate::commands::shared::read_bytes;
use crate::exit::{Failure, Outcome, say};
use crate::remote::Session;

/// Characters of a hash that tell files of one claim apart.
const HASH_SHOWN: usize = 8;

/// Saves all files behind a claim that are kept in a directory, and says of the others that they are not.
pub(super) async fn save(
    ctx: &mut Ctx<'_>,
    session: &Session,
    (claim, to): (String, &Path),
    purpose: String,
) -> Outcome {
    let asked = api::GetClaimRequest {
        claim_id: claim,
        purpose: purpose.clone(),
        ..api::GetClaimRequest::default()
    };
    let claim = super::claim(session, asked).await?;
    let files: Vec<&api::EvidenceFile> = claim.events.iter().flat_map(|event| &event.files).collect();
    if files.is_empty() {
        let id = &claim.claim_id;
        ctx.note(&say(
            format!("申报 {id} 没有附佐证材料"),
            format!("claim {id} has no evidence attached"),
        ));
    }
    for file in files {
        if file.state() != api::EvidenceState::Kept {
            ctx.note(&say(
                format!("{} 没有存在本机，或已删除", file.sha256),
                format!("{} is not kept here, or was erased", file.sha256),
            ));
            continue;
        }
        let fetched = evidence::fetch(session, &claim.claim_id, &file.sha256, &purpose).await;
        let (told, bytes) = fetched.map_err(|status| session.failed(&status))?;
        let path = to.join(name_of(&told));
        put(&path, &bytes)?;
        ctx.print_text(&path.display().to_string())?;
    }
    Ok(())
}

/// A name in a directory of the caller's: nothing of it leads elsewhere, and files of one name do not meet.
fn name_of(file: &api::EvidenceFile) -> PathBuf {
    let own = Path::new(&file.name).file_name().unwrap_or_default();
    let hash: String = file.sha256.chars().take(HASH_SHOWN).collect();
    PathBuf::from(format!("{hash}-{}", own.to_string_lossy()))
}

fn put(path: &Path, bytes: &[u8]) -> Outcome {
    let created = OpenOptions::new().write(true).create_new(true).open(path);
    created.and_then(|mut file| file.write_all(bytes)).map_err(|error| {
        let shown = path.display();
        Failure::failed(
            say(
                format!("无法写入 {shown}：已有同名文件的，请移走或用 --to 换一个目录"),
                format!("{shown} cannot be written: if it is there already, move it away or name another directory with --to"),
            )
            .because(&error),
        )
    })
}

/// Has the files kept and puts them behind the claim, which must be the only one.
pub(super) async fn attach(session: &Session, request: &mut api::SubmitClaimsRequest, files: &[PathBuf]) -> Outcome {
    let [item] = request.items.as_mut_slice() else {
        return Err(Failure::usage(say(
            "--attach 只用于一项申报：请分开提交",
            "--attach goes with one claim: submit them one by one",
        )));
    };
    // The last is what it comes down to: of a course, that she was there.
    let teacher_id = item.teacher_id.clone();
    let last = item.events.last_mut();
    let day = last.as_ref().and_then(|event| event.occurred_to.as_ref());
    let day = day.and_then(keshi_proto::date_from_wire);
    let (Some(last), Some(day)) = (last, day) else {
        return Err(Failure::failed(say(
            "申报里没有写明日期的记录，材料没有可附之处",
            "the claim has no event with a day, so there is nothing that the files would be evidence of",
        )));
    };
    for path in files {
        let bytes = read_bytes(path, FILE_BYTES_MAX as u64)?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let sent = evidence::send(session, &teacher_id, day, (&name, &bytes)).await;
        last.evidence.push(sent.map_err(|status| session.failed(&status))?);
    }
    Ok(())
}
