//! `keshi backup` and `keshi restore`: the ledger's second copy, carried elsewhere and brought back, with people register,
//! tokens and accounts.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use keshi_core::ids::Sha256;
use keshi_log::{RestoreError, restore as restore_log};
use keshi_office::backups::{NotedBackup, note};
use keshi_office::carry;
use keshi_office::evidence;
use keshi_office::keyring::KeyPlaces;
use keshi_office::layout::OfficeDir;
use keshi_office::people;
use keshi_office::signing;
use keshi_verify::backup::{BESIDE, Backup, BackupError, backup as back_up};
use keshi_verify::second_copy::{CopyError, Verified, verify};
use tokio::task::{JoinError, spawn_blocking};

use crate::Ctx;
use crate::exit::{Failure, Outcome, Say, causes, say};
use crate::remote::{Place, key_places, layout_failure};
use crate::texts::names::count;
use crate::up::{contents_failure, engine_failure, people_failure, signing_failure, store_failure};

/// Copies what the backup lacks, also while keshi runs, and proves all of it.
pub(super) async fn backup(ctx: &mut Ctx<'_>, to: PathBuf) -> Outcome {
    let office = Place::of(ctx)?.office(ctx.globals.office.as_deref())?;
    let shown = to.display().to_string();
    let made = spawn_blocking(move || make_backup(&office, &to)).await;
    let Made {
        backup,
        beside,
        unnoted,
        ..
    } = made.map_err(broke_off)??;
    let proved = proved(&backup.verified);
    let has = |file: &str| beside.iter().any(|carried| carried.file == file);
    let (has_keys, has_signed) = (has(KEYS), has(SIGNED));
    let line = say(
        format!("{shown}：{}，新写 {} 个文件", proved.zh, backup.copied),
        format!("{shown}: {}, {} files written", proved.en, backup.copied),
    );
    ctx.print_text(line.pick(ctx.lang))?;
    if !beside.is_empty() {
        let lines: Vec<Say> = beside.iter().map(Carried::said).collect();
        ctx.print_text(listed(&lines).pick(ctx.lang))?;
    }
    if has_keys {
        ctx.note(&say(
            "人员档案已加密，其密钥不在备份中：请另行保存密钥，没有它谁也读不出备份中的姓名",
            "the people register is encrypted, and its key is not in the backup: keep that elsewhere, since without it nobody can read \
             the names in the backup",
        ));
    }
    if has_signed {
        ctx.note(&say(
            "检查点的签名密钥也不在备份中：请一并另行保存，没有它就签不了这份台账的检查点",
            "nor is the key that signs checkpoints: keep that elsewhere, too, since without it no checkpoint of this ledger can be signed",
        ));
    }
    if let Some(unnoted) = unnoted {
        ctx.note(&unnoted);
    }
    Ok(())
}

/// The directory of evidence.
const EVIDENCE: &str = "evidence";

/// The file of the people's keys.
const KEYS: &str = "people.keys";

/// The file of the public keys of checkpoints.
const SIGNED: &str = "signed";

/// A backup just made.
pub(crate) struct Made {
    pub(crate) backup: Backup,
    /// It as it was noted.
    pub(crate) noted: NotedBackup,
    beside: Vec<Carried>,
    /// Why it could not be noted, if it could not.
    unnoted: Option<Say>,
}

/// Copies what the backup `to` lacks of an office that may be running, proves all of it, and notes that it was made.
pub(crate) fn make_backup(office: &OfficeDir, to: &Path) -> Outcome<Made> {
    // The ledger first: whose backup it is, it knows.
    let backup = back_up(&office.ledger(), to).map_err(|error| backup_failure(&error))?;
    let beside = carry_beside(office, &to.join(BESIDE), Way::There)?;
    let noted = NotedBackup {
        made_at: Timestamp::now(),
        // Another process, started elsewhere, is to find it.
        dir: std::path::absolute(to).unwrap_or_else(|_| to.to_owned()),
        size: backup.verified.size,
        root: Sha256(*backup.verified.root.as_bytes()),
    };
    let unnoted = note(&office.backups(), &noted).err().map(|error| {
        let path = office.backups();
        let what = say(
            format!("备份已完成，但未能记入 {}", path.display()),
            format!("the backup is made, but could not be noted in {}", path.display()),
        );
        what.because(&error)
    });
    Ok(Made {
        backup,
        noted,
        beside,
        unnoted,
    })
}

/// Makes the office's ledger from a backup, where there is none.
pub(super) async fn restore(ctx: &mut Ctx<'_>, from: &Path) -> Outcome {
    let place = Place::of(ctx)?;
    let asked = ctx.globals.office.clone();
    let backup = from.to_path_buf();
    let keys = key_places(ctx);
    let done = spawn_blocking(move || {
        let found = verify(&backup, &mut |_, _| ()).map_err(|error| copy_failure(&error))?;
        let office = found.identity.office;
        if asked.as_ref().is_some_and(|asked| *asked != office) {
            return Err(Failure::usage(say(
                format!("该备份是机构 {office} 的：请核对 --office"),
                format!("the backup is that of office {office}: check --office"),
            )));
        }
        let dir = place.data.office(&office).map_err(|error| layout_failure(&error))?;
        let is_new = !dir.root.exists();
        place.data.create().map_err(|error| layout_failure(&error))?;
        dir.create().map_err(|error| layout_failure(&error))?;
        if is_new {
            // Of a directory that has lost its ledger the list stays as it is.
            dir.begin().map_err(|error| contents_failure(&error))?;
        }
        let ledger = dir.ledger();
        let restored = restore_log(&backup, &ledger).map_err(restore_failure)?;
        // Last: without the ledger they would be a data directory that has lost its own.
        let beside = carry_beside(&dir, &backup.join(BESIDE), Way::Back)?;
        let sealed = unreadable(&dir, &keys);
        Ok((ledger, restored, beside, sealed))
    });
    let (ledger, restored, beside, sealed) = done.await.map_err(broke_off)??;
    let proved = proved(&restored);
    let colon = ctx.lang.pick("：", ": ");
    ctx.print_text(&format!("{}{colon}{}", ledger.display(), proved.pick(ctx.lang)))?;
    if beside.is_empty() {
        ctx.note(&say(
            "备份中没有人员登记、令牌和账号（people.redb、access.redb、accounts.redb）：请另行放回，再启动 keshi",
            "the backup holds no people register, tokens and accounts (people.redb, access.redb, accounts.redb): put them back before \
             keshi is started",
        ));
        return Ok(());
    }
    let lines: Vec<Say> = beside.iter().map(Carried::said).collect();
    ctx.print_text(listed(&lines).pick(ctx.lang))?;
    if let Some(why) = sealed {
        for line in &why.lines {
            ctx.note(line);
        }
    }
    ctx.note(&say(
        "备份以后删除的身份信息、撤销的令牌、停用的账号又在其中：请再次删除、撤销、停用；本机命令的令牌不在备份中：keshi token create admin",
        "identities erased, tokens revoked and accounts closed since the backup are as before: erase, revoke and close them \
         again; the token for commands on this machine is not in a backup: keshi token create admin",
    ));
    Ok(())
}

/// Why the people register that was put back cannot be read here, if it cannot: its key is in no backup.
fn unreadable(dir: &OfficeDir, keys: &KeyPlaces) -> Option<Failure> {
    let people = dir.people();
    let examined = people.exists().then(|| people::examine(&people, keys))?;
    examined.err().map(|error| people_failure(&error))
}

/// A store beside the ledger that was copied, or was there already.
struct Carried {
    file: String,
    /// How many records were copied; `None` if one that was there was kept.
    records: Option<u64>,
}

impl Carried {
    fn said(&self) -> Say {
        let file = &self.file;
        match self.records {
            Some(records) => {
                let records = count(records);
                say(
                    format!("{file}：{records} 条，逐条校验无误"),
                    format!("{file}: {records} records, each verified"),
                )
            }
            None => say(
                format!("{file}：原处已有，保留不动"),
                format!("{file}: there already, left as it is"),
            ),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    There,
    Back,
}

/// Copies people register, tokens and accounts: into a backup the latest, back from it only what the office lacks. One that is not
/// there to be copied is passed over.
fn carry_beside(office: &OfficeDir, backup: &Path, way: Way) -> Outcome<Vec<Carried>> {
    let mut carried = Vec::new();
    for store in office.stores() {
        let Some(name) = store.file_name() else { continue };
        let (source, target) = match way {
            Way::There => (store.clone(), backup.join(name)),
            Way::Back => (backup.join(name), store.clone()),
        };
        if !source.exists() {
            continue;
        }
        let keeps = way == Way::Back && target.exists();
        let records = (!keeps).then(|| carry(&source, &target)).transpose();
        carried.push(Carried {
            file: name.to_string_lossy().into_owned(),
            records: records
                .map_err(|error| store_failure(&error))?
                .map(|records| records as u64),
        });
        if store == office.people() {
            carried.extend(carry_evidence(office, backup, way)?);
            // After the register: each of its records has its key in what is copied now.
            carried.extend(carry_keys(&store, &backup.join(name), way)?);
        }
    }
    carried.extend(carry_signed(&office.signed(), &backup.join(SIGNED), way)?);
    Ok(carried)
}

/// The files behind claims: those that the other side lacks.
fn carry_evidence(office: &OfficeDir, backup: &Path, way: Way) -> Outcome<Option<Carried>> {
    let (here, there) = (office.evidence(), backup.join(EVIDENCE));
    let (from, to) = match way {
        Way::There => (&here, &there),
        Way::Back => (&there, &here),
    };
    if !from.exists() {
        return Ok(None);
    }
    let files = evidence::carry(from, to).map_err(|error| {
        let text = say(
            format!("{} 中的佐证材料有损坏或无法复制", from.display()),
            causes(&error),
        );
        Failure::not_verified(text).and(say(
            "其余各份已复制；请用 keshi doctor 查明是哪一份，由申报人重新上传",
            "the others are copied; keshi doctor tells which it is, and who claimed sends it again",
        ))
    })?;
    Ok(Some(Carried {
        file: EVIDENCE.to_owned(),
        records: Some(files as u64),
    }))
}

/// The people's keys, which are wrapped. An office of before has none.
fn carry_keys(store: &Path, copy: &Path, way: Way) -> Outcome<Option<Carried>> {
    let (from, to) = match way {
        Way::There => (store, copy),
        Way::Back => (copy, store),
    };
    if !from.with_file_name(KEYS).exists() {
        return Ok(None);
    }
    let keeps = way == Way::Back && to.with_file_name(KEYS).exists();
    let keys = (!keeps).then(|| people::carry_keys(from, to)).transpose();
    Ok(Some(Carried {
        file: KEYS.to_owned(),
        records: keys.map_err(|error| people_failure(&error))?.map(|keys| keys as u64),
    }))
}

/// The public keys of checkpoints. An office of before has none.
fn carry_signed(here: &Path, there: &Path, way: Way) -> Outcome<Option<Carried>> {
    let (from, to) = match way {
        Way::There => (here, there),
        Way::Back => (there, here),
    };
    if !from.exists() {
        return Ok(None);
    }
    let keeps = way == Way::Back && to.exists();
    let keys = (!keeps).then(|| signing::carry(from, to)).transpose();
    Ok(Some(Carried {
        file: SIGNED.to_owned(),
        records: keys.map_err(|error| signing_failure(&error))?.map(|keys| keys as u64),
    }))
}

fn listed(lines: &[Say]) -> Say {
    let all = |pick: fn(&Say) -> &str| lines.iter().map(pick).collect::<Vec<_>>().join("\n");
    say(all(|line| &line.zh), all(|line| &line.en))
}

fn proved(verified: &Verified) -> Say {
    let (size, root) = (count(verified.size), verified.root);
    say(
        format!("台账 {size} 条，逐条校验无误，树根 {root}"),
        format!("a ledger of {size} entries, each verified, root {root}"),
    )
}

#[expect(clippy::needless_pass_by_value, reason = "it is what map_err hands over")]
fn broke_off(error: JoinError) -> Failure {
    Failure::failed(say("程序中断", "the program broke off").because(&error))
}

fn backup_failure(error: &BackupError) -> Failure {
    let zh = match error {
        BackupError::NotABackup { to } => {
            format!("{} 中有备份以外的文件：请指定空目录，或上次备份的目录", to.display())
        }
        BackupError::Ahead { to, backup, ledger } => format!(
            "{} 中的备份有 {backup} 条，台账只有 {ledger} 条：请勿覆盖，应由该备份恢复",
            to.display()
        ),
        BackupError::OtherLedger { to, backup, ledger } => format!(
            "{} 中的备份属于机构 {} 的台账 {}，不是机构 {} 的台账 {}：请另指定目录",
            to.display(),
            backup.office,
            backup.ledger_id,
            ledger.office,
            ledger.ledger_id
        ),
        BackupError::Parted { to, first_index } => format!(
            "{} 中的备份自第 {first_index} 条起与台账不同：请保留该备份，另指定目录",
            to.display()
        ),
        BackupError::Io { to, .. } => format!("无法复制到 {}", to.display()),
        BackupError::Unreadable { from } => {
            format!("{} 的日志无法完整读取：请用 keshi doctor 检查台账", from.display())
        }
        BackupError::Copy(error) => return copy_failure(error),
    };
    let text = say(zh, error.to_string());
    match error {
        BackupError::Ahead { .. } | BackupError::Parted { .. } | BackupError::Unreadable { .. } => {
            Failure::not_verified(text)
        }
        BackupError::Io { source, .. } => Failure::failed(text.because(source)),
        BackupError::NotABackup { .. } | BackupError::OtherLedger { .. } | BackupError::Copy(_) => {
            Failure::failed(text)
        }
    }
}

fn restore_failure(error: RestoreError) -> Failure {
    let en = error.to_string();
    match error {
        RestoreError::Copy(error) => copy_failure(&error),
        RestoreError::Open(error) => engine_failure(&error.into()),
        RestoreError::Exists { dir } => Failure::failed(say(
            format!("{} 已存在：请先移开，其中可能有备份所缺的条目", dir.display()),
            en,
        )),
        RestoreError::Differs => Failure::not_verified(say("恢复出的台账与备份不符：请检查磁盘后重试", en)),
        RestoreError::Io { dir, source } => {
            Failure::failed(say(format!("无法恢复到 {}", dir.display()), en).because(&source))
        }
    }
}

fn copy_failure(error: &CopyError) -> Failure {
    let en = error.to_string();
    match error {
        CopyError::Io { dir, source } => {
            Failure::failed(say(format!("无法读取 {} 中的分段", dir.display()), en).because(source))
        }
        CopyError::Empty { dir } => Failure::failed(say(
            format!("{} 中没有分段：请指定含有 journal 和 sealed 的目录", dir.display()),
            en,
        )),
        CopyError::NewerFormat { found } => Failure::failed(say(format!("分段的格式是 {found}：请使用写它的版本"), en)),
        CopyError::Bad {
            path,
            first_missing_index,
        } => Failure::not_verified(say(
            format!(
                "{} 已损坏或属于别的台账：缺第 {first_missing_index} 条起的内容，请换一份备份",
                path.display()
            ),
            en,
        )),
        CopyError::Missing { index } => {
            Failure::not_verified(say(format!("缺第 {index} 条：没有分段含有它，请换一份备份"), en))
        }
        CopyError::OtherRoot { size, expected, found } => Failure::not_verified(say(
            format!("第 {size} 条处的树根是 {found}，记录的是 {expected}：请换一份备份"),
            en,
        )),
    }
}
