//! The files behind claims: whether each that the ledger names is here and whole, and what else lies there.

use std::collections::{BTreeMap, BTreeSet};

use keshi_bus::nats::{Finding, Level, fine, warning, wrong};
use keshi_core::ids::Sha256;
use keshi_office::evidence::{Lying, examine};
use keshi_office::keyring::KeyPlaces;
use keshi_office::layout::OfficeDir;
use keshi_office::people;

use crate::exit::{causes, say};
use crate::texts::names::count;

/// The evidence, if there is any or the ledger, where it is known, names some.
pub(super) fn about_evidence(
    dir: &OfficeDir,
    keys: &KeyPlaces,
    named: Option<&BTreeMap<Sha256, BTreeSet<String>>>,
) -> Vec<Finding> {
    let path = dir.evidence();
    let lying = match examine(&path) {
        Ok(lying) => lying,
        Err(error) => {
            return vec![wrong(
                "evidence-unreadable",
                say(format!("佐证材料目录 {} 无法读取", path.display()), causes(&error)),
                say("请检查属主和磁盘", "check its owner and the disk"),
            )];
        }
    };
    // Of who was erased nothing is missed.
    let erased = people::examine(&dir.people(), keys).map(|examined| examined.erased);
    compared(&lying, named, &erased.unwrap_or_default())
}

fn compared(lying: &[Lying], named: Option<&BTreeMap<Sha256, BTreeSet<String>>>, erased: &[String]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let damaged: Vec<&Lying> = lying.iter().filter(|lying| !lying.is_whole).collect();
    if !damaged.is_empty() {
        let some = some(damaged.iter().map(|lying| &lying.sha256));
        findings.push(Finding {
            level: Level::Damage,
            ..wrong(
                "evidence-damaged",
                say(
                    format!("佐证材料有 {} 份已损坏：{some}", damaged.len()),
                    format!("{} files of evidence are damaged: {some}", damaged.len()),
                ),
                say(
                    "请从备份的 office/evidence 放回，或由申报人重新上传同一文件",
                    "put them back from office/evidence of a backup, or let who claimed send the same file again",
                ),
            )
        });
    }
    let Some(named) = named else { return findings };
    let here: BTreeSet<&Sha256> = lying.iter().map(|lying| &lying.sha256).collect();
    let is_missed = |about: &BTreeSet<String>| about.is_empty() || !about.iter().all(|id| erased.contains(id));
    let missing = named
        .iter()
        .filter(|(sha256, about)| !here.contains(sha256) && is_missed(about));
    let missing: Vec<&Sha256> = missing.map(|(sha256, _)| sha256).collect();
    if !missing.is_empty() {
        let (number, some) = (missing.len(), some(missing.iter().copied()));
        findings.push(warning(
            "evidence-missing",
            say(
                format!("台账所记的佐证材料有 {number} 份不在本机：{some}"),
                format!("{number} files that the ledger names as evidence are not here: {some}"),
            ),
            say(
                "期满删除的可不理会；否则请从备份的 office/evidence 放回，或由申报人重新上传同一文件",
                "nothing is to be done where their last day is over; else put them back from office/evidence of a backup, or let who \
                 claimed send the same file again",
            ),
        ));
    }
    let orphans: Vec<&Sha256> = here
        .iter()
        .filter(|sha256| !named.contains_key(**sha256))
        .copied()
        .collect();
    if !orphans.is_empty() {
        let (number, some) = (orphans.len(), some(orphans.iter().copied()));
        findings.push(warning(
            "evidence-orphans",
            say(
                format!("佐证材料有 {number} 份没有条目提到：{some}"),
                format!("{number} files of evidence are named by no entry: {some}"),
            ),
            say(
                "上传后没有提交申报所致；一直不提交的可删除 evidence 目录中的这些文件",
                "they were sent and the claim was not; those of claims that never came may be deleted from the directory evidence",
            ),
        ));
    }
    if findings.is_empty() && !lying.is_empty() {
        let number = count(lying.len() as u64);
        findings.push(fine(
            "evidence-verified",
            say(
                format!("佐证材料 {number} 份，逐份校验无误"),
                format!("{number} files of evidence, each verified"),
            ),
        ));
    }
    findings
}

/// The first of a list that may be long.
fn some<'a>(all: impl ExactSizeIterator<Item = &'a Sha256>) -> String {
    const SHOWN: usize = 3;
    let more = if all.len() > SHOWN { " …" } else { "" };
    let shown: Vec<String> = all.take(SHOWN).map(ToString::to_string).collect();
    format!("{}{more}", shown.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_damaged_or_named_by_nobody_is_told_and_the_erased_are_not_missed() {
        let sha = |n: u8| Sha256([n; 32]);
        let lying = |n: u8, is_whole: bool| Lying {
            sha256: sha(n),
            teacher_id: "T1".to_owned(),
            bytes: 9,
            is_whole,
        };
        let named = |n: u8, whose: &str| (sha(n), BTreeSet::from([whose.to_owned()]));
        let told = |lying: &[Lying], named: &[(Sha256, BTreeSet<String>)]| {
            let named = named.iter().cloned().collect();
            let found = compared(lying, Some(&named), &["T-gone".to_owned()]);
            found.iter().map(|finding| finding.code).collect::<Vec<_>>()
        };
        assert!(told(&[], &[]).is_empty());
        assert_eq!(told(&[lying(1, true)], &[named(1, "T1")]), ["evidence-verified"]);
        assert_eq!(told(&[], &[named(1, "T1"), named(2, "T-gone")]), ["evidence-missing"]);
        assert!(told(&[], &[named(2, "T-gone")]).is_empty());
        assert_eq!(
            told(&[lying(1, false), lying(2, true)], &[named(1, "T1")]),
            ["evidence-damaged", "evidence-orphans"]
        );
    }
}
