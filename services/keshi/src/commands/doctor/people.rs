//! The people register: whether it verifies, and whether it is about the persons of the ledger.

use std::collections::BTreeSet;
use std::path::Path;

use keshi_bus::nats::{Finding, Level, fine, warning, wrong};
use keshi_office::StoreError;
use keshi_office::layout::OfficeDir;
use keshi_office::people::{self, Examined};

use super::failed;
use crate::exit::say;
use crate::texts::names::count;
use crate::up::store_failure;

/// The people register, if there is one: every record, and whether it is about the persons of the ledger, where those
/// are known.
pub(super) fn about_people(dir: &OfficeDir, persons: Option<&BTreeSet<String>>) -> Vec<Finding> {
    let path = dir.people();
    let examined = people::examine(&path);
    let compared = match (&examined, persons) {
        (Ok(examined), Some(persons)) => compared(examined, persons),
        _ => Vec::new(),
    };
    about_records(&path, examined).into_iter().chain(compared).collect()
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
        .filter(|id| !held.contains(id))
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
            "依法删除的可不理会；否则请重新登记，或从备份恢复 people.redb",
            "nothing is to be done where it was erased; else put the identities again, or restore people.redb from a backup",
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

fn about_records(path: &Path, examined: Result<Examined, StoreError>) -> Option<Finding> {
    let shown = path.display();
    match examined {
        Ok(Examined { known, unreadable }) if unreadable.is_empty() => Some(fine(
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
        Err(StoreError::Missing { .. }) => None,
        Err(StoreError::InUse { .. }) => Some(fine(
            "people-in-use",
            say(
                format!("人员档案 {shown} 正由 keshi 使用，启动时已逐条校验"),
                format!("people register {shown} is in use by keshi, which verified it at its start"),
            ),
        )),
        Err(error) => Some(failed("people-unusable", store_failure(&error))),
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
        };
        let compare = |persons: &[&str]| compared(&register, &ids(persons).into_iter().collect());
        assert!(compare(&["T1", "T2", "T3"]).is_empty());
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
        let none = Examined {
            known: Vec::new(),
            unreadable: Vec::new(),
        };
        let found = compared(&none, &ids(&["T1"]).into_iter().collect());
        assert!(
            found.len() == 1 && found[0].level == Level::Ok,
            "an office may keep no names"
        );
    }
}
