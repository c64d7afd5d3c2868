//! The people register: whether it verifies, and whether it is about the persons of the ledger.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use keshi_bus::nats::{Finding, Level, fine, warning, wrong};
use keshi_office::StoreError;
use keshi_office::keyring::{KeyOf, KeyPlaces};
use keshi_office::layout::OfficeDir;
use keshi_office::people::{self, Examined, OpenError};

use super::failed;
use crate::exit::say;
use crate::texts::names::count;
use crate::up::people_failure;

/// The people register, if there is one: every record, its key, and whether it is about the persons of the ledger, where those
/// are known.
pub(super) fn about_people(dir: &OfficeDir, keys: &KeyPlaces, persons: Option<&BTreeSet<String>>) -> Vec<Finding> {
    let path = dir.people();
    let examined = people::examine(&path, keys);
    let key = examined.as_ref().ok().map(|examined| about_key(dir, examined));
    let compared = match (&examined, persons) {
        (Ok(examined), Some(persons)) => compared(examined, persons),
        _ => Vec::new(),
    };
    let records = about_records(&path, examined).into_iter();
    records.chain(key.into_iter().flatten()).chain(compared).collect()
}

/// Whether the records are sealed, and their key is out of reach of who gets hold of the directory.
fn about_key(dir: &OfficeDir, examined: &Examined) -> Vec<Finding> {
    let mut findings = Vec::new();
    if examined.lies_open {
        findings.push(warning(
            "people-open",
            say(
                "人员档案中有未加密的记录，来自较早的版本",
                "records of the people register are not encrypted: an earlier form of the program wrote them",
            ),
            say(
                "下次启动 keshi up 时自动加密；此前的备份中仍是明文，请妥善保管或销毁",
                "the next start of keshi up encrypts them; in backups of before they lie open still: keep those safe, or destroy them",
            ),
        ));
    }
    let Some(file) = &examined.key_file else {
        return findings;
    };
    findings.extend(about_key_file(dir, file, KeyOf::People));
    if examined.is_changing {
        findings.push(warning(
            "people-key-changing",
            say(
                "更换人员档案的密钥时中断过，旧密钥还在",
                "a change of the key was broken off: the old key is still there",
            ),
            say(
                "停止服务后再执行一次 keshi people rotate-key",
                "stop keshi and ask for it again: keshi people rotate-key",
            ),
        ));
    }
    findings
}

/// Whether the file of one of the office's keys is out of reach of who gets hold of the directory, and of others on the machine.
pub(super) fn about_key_file(dir: &OfficeDir, file: &Path, of: KeyOf) -> Vec<Finding> {
    let shown = file.display();
    let mut findings = Vec::new();
    let inside = |part: &Path| file.canonicalize().is_ok_and(|file| file.starts_with(part));
    let data = dir.root.parent().and_then(|data| data.canonicalize().ok());
    let option = of.option();
    if data.is_some_and(|data| inside(&data)) {
        let (code, what) = match of {
            KeyOf::People => (
                "people-key-inside",
                say(
                    format!("人员档案的密钥 {shown} 就在数据目录中：谁拿到该目录，谁就读得出姓名"),
                    format!(
                        "the key of the people register, {shown}, lies in the data directory: whoever gets hold of that reads the names"
                    ),
                ),
            ),
            KeyOf::Checkpoints => (
                "signing-key-inside",
                say(
                    format!("检查点的签名密钥 {shown} 就在数据目录中：谁拿到该目录，谁就能以教研室之名签署"),
                    format!(
                        "the key that signs checkpoints, {shown}, lies in the data directory: whoever gets hold of that signs for the office"
                    ),
                ),
            ),
        };
        findings.push(warning(
            code,
            what,
            say(
                format!("停止服务，把它移到数据目录之外，再以 {option} 指明新位置启动一次"),
                format!(
                    "stop keshi, move it out of the data directory, and start once with {option} and its new place"
                ),
            ),
        ));
    }
    if fs::metadata(file).is_ok_and(|found| found.permissions().mode() & 0o077 != 0) {
        let (code, what) = match of {
            KeyOf::People => (
                "people-key-mode",
                say(
                    format!("人员档案的密钥 {shown} 他人也可读"),
                    format!("the key of the people register, {shown}, can be read by others"),
                ),
            ),
            KeyOf::Checkpoints => (
                "signing-key-mode",
                say(
                    format!("检查点的签名密钥 {shown} 他人也可读"),
                    format!("the key that signs checkpoints, {shown}, can be read by others"),
                ),
            ),
        };
        findings.push(warning(
            code,
            what,
            say(format!("请执行 chmod 600 {shown}"), format!("chmod 600 {shown}")),
        ));
    }
    findings
}

/// Each side without the other.
fn compared(register: &Examined, persons: &BTreeSet<String>) -> Vec<Finding> {
    let held: BTreeSet<&String> = register.known.iter().chain(&register.unreadable).collect();
    let strangers: Vec<&str> = held
        .iter()
        .filter(|id| !persons.contains(**id))
        .map(|id| id.as_str())
        .collect();
    let nameless: Vec<&str> = persons
        .iter()
        .filter(|id| !held.contains(id) && !register.erased.contains(id))
        .map(String::as_str)
        .collect();
    let mut findings = Vec::new();
    if !strangers.is_empty() {
        let (number, some) = (count(strangers.len() as u64), some(&strangers));
        findings.push(warning(
            "people-strangers",
            say(
                format!("人员档案中有 {number} 人台账从未建档：{some}"),
                format!("the people register knows {number} people of whom the ledger has no record: {some}"),
            ),
            say(
                "请补建档，或删除其身份信息；若台账是由旧备份恢复的，说明它缺少后来的条目",
                "register them, or erase their identities; if the ledger came from an older backup, later entries are missing",
            ),
        ));
    }
    if !nameless.is_empty() {
        let (number, some) = (count(nameless.len() as u64), some(&nameless));
        let what = say(
            format!("台账中有 {number} 人在人员档案中没有身份信息，只能按编号查询：{some}"),
            format!(
                "{number} people of the ledger have no identity in the people register, and are found by id only: {some}"
            ),
        );
        let remedy = say(
            "请重新登记，或从备份恢复 people.redb 和 people.keys",
            "put the identities again, or restore people.redb and people.keys from a backup",
        );
        // An office may keep no names at all.
        findings.push(if held.is_empty() {
            fine("people-nameless", what)
        } else {
            warning("people-nameless", what, remedy)
        });
    }
    findings
}

/// The first of a list that may be long.
fn some(ids: &[&str]) -> String {
    const SHOWN: usize = 5;
    let more = if ids.len() > SHOWN { " …" } else { "" };
    format!("{}{more}", ids[..ids.len().min(SHOWN)].join(" "))
}

fn about_records(path: &Path, examined: Result<Examined, OpenError>) -> Option<Finding> {
    let shown = path.display();
    match examined {
        Ok(Examined { known, unreadable, .. }) if unreadable.is_empty() => Some(fine(
            "people-verified",
            say(
                format!("人员档案 {shown}：{} 人，逐条校验无误", count(known.len() as u64)),
                format!(
                    "people register {shown}: {} people, every record verifies",
                    count(known.len() as u64)
                ),
            ),
        )),
        Ok(Examined { unreadable, .. }) => Some(Finding {
            level: Level::Damage,
            ..wrong(
                "people-damaged",
                say(
                    format!("人员档案 {shown} 中 {} 的记录已损坏", unreadable.join("、")),
                    format!(
                        "people register {shown}: the records of {} are damaged",
                        unreadable.join(", ")
                    ),
                ),
                say(
                    "请从备份恢复该文件，或重新登记、删除这些人的身份信息；在此之前不会据以作答",
                    "restore the file from a backup, or put these identities again or erase them; until then nothing is \
                     answered from them",
                ),
            )
        }),
        Err(OpenError::Store(StoreError::Missing { .. })) => None,
        Err(OpenError::Store(StoreError::InUse { .. })) => Some(fine(
            "people-in-use",
            say(
                format!("人员档案 {shown} 正由 keshi 使用，启动时已逐条校验"),
                format!("people register {shown} is in use by keshi, which verified it at its start"),
            ),
        )),
        Err(error) => Some(failed("people-unusable", people_failure(&error))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_of_register_and_ledger_is_told_whom_the_other_does_not_know() {
        let ids = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
        let register = Examined {
            known: ids(&["T1", "T2"]),
            unreadable: ids(&["T3"]),
            erased: ids(&["T10"]),
            ..Examined::default()
        };
        let compare = |persons: &[&str]| compared(&register, &ids(persons).into_iter().collect());
        assert!(
            compare(&["T1", "T2", "T3", "T10"]).is_empty(),
            "who was erased is missed by nobody"
        );
        let found = compare(&["T1", "T4", "T5", "T6", "T7", "T8", "T9"]);
        let told: Vec<_> = found
            .iter()
            .map(|finding| (finding.code, finding.what.en.as_str()))
            .collect();
        assert_eq!(
            told.iter().map(|(code, _)| *code).collect::<Vec<_>>(),
            ["people-strangers", "people-nameless"]
        );
        assert!(
            told[0].1.ends_with("T2 T3") && told[1].1.contains("6 people"),
            "{told:?}"
        );
        assert!(told[1].1.ends_with("T4 T5 T6 T7 T8 …"), "{told:?}");
        assert!(found.iter().all(|finding| finding.level == Level::Warning));
        let none = Examined::default();
        let found = compared(&none, &ids(&["T1"]).into_iter().collect());
        assert!(
            found.len() == 1 && found[0].level == Level::Ok,
            "an office may keep no names"
        );
    }
}
