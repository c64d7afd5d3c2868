//! What is held about a person, for her who asks: what, where, why and until when, and who read it.

use keshi_core::lang::Lang;
use keshi_proto::api;

use crate::names::count;
use crate::time::{date, moment};

/// One thing that is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thing {
    /// What it is.
    pub what: &'static str,
    /// What it says of her.
    pub says: String,
    /// Where it is kept.
    pub kept: &'static str,
    /// What for.
    pub purpose: &'static str,
    /// Until when.
    pub until: String,
}

/// The columns' names of [`Thing`]s.
pub const HEADINGS: [(&str, &str); 5] = [
    ("内容", "what"),
    ("所存", "as held"),
    ("存放处", "where"),
    ("用途", "what for"),
    ("期限", "until"),
];

/// All that is held, in the order in which it is told.
pub fn things(held: &api::Held, lang: Lang) -> Vec<Thing> {
    let mut all = Vec::new();
    let register = lang.pick(
        "人员档案（加密，与台账分开）",
        "people register (encrypted, apart from the ledger)",
    );
    let until_erased = lang.pick(
        "至依法删除为止；删除后备份中的也无法读出",
        "until it is erased; what backups have of it cannot be read then either",
    );
    if let Some(identity) = &held.identity {
        let document = [identity.id_doc_type.as_str(), &identity.id_doc_no].join(" ");
        let rows = [
            (
                lang.pick("姓名", "name"),
                identity.name.clone(),
                lang.pick("识别、证书和学时证明", "to know her; certificates and transcripts"),
            ),
            (
                lang.pick("身份证件", "ID document"),
                document.trim().to_owned(),
                lang.pick(
                    "导入时识别，不因同名混淆",
                    "to know her in sheets, also among namesakes",
                ),
            ),
            (
                lang.pick("电话", "phone"),
                identity.phone.clone(),
                lang.pick("联系", "to reach her"),
            ),
            (
                lang.pick("出生日期", "birth date"),
                identity
                    .birth_date
                    .as_ref()
                    .map_or_else(String::new, |day| date(Some(day))),
                lang.pick("称号的年龄条件", "conditions of age for titles"),
            ),
        ];
        for (what, says, purpose) in rows {
            // What is not held is not listed.
            if !says.is_empty() {
                all.push(Thing {
                    what,
                    says,
                    kept: register,
                    purpose,
                    until: until_erased.to_owned(),
                });
            }
        }
    }
    if let Some(at) = &held.erased_at {
        all.push(Thing {
            what: lang.pick("身份信息", "identity"),
            says: lang.pick(format!("已于 {} 删除", moment(at)), format!("erased at {}", moment(at))),
            kept: register,
            purpose: lang.pick("旧名册不得使其恢复", "so that no old list brings it back"),
            until: lang.pick("长期", "for good").to_owned(),
        });
    }
    for file in &held.evidence {
        let last = date(file.keep_until.as_ref());
        all.push(Thing {
            what: lang.pick("佐证材料", "evidence"),
            says: file.name.clone(),
            kept: lang.pick("佐证材料目录（加密）", "directory of evidence (encrypted)"),
            purpose: lang.pick("申报的依据", "what her claims rest on"),
            until: lang.pick(format!("{last}，到期删除"), format!("{last}, then it is deleted")),
        });
    }
    if !held.other_ids.is_empty() {
        let ids = held.other_ids.join(lang.pick("、", ", "));
        all.push(Thing {
            what: lang.pick("本人的其他编号", "her other ids"),
            says: lang.pick(
                format!("{ids}（合并的重复档案；所存各按其编号另查）"),
                format!("{ids} (records that were merged; what is held under each is asked by its id)"),
            ),
            kept: lang.pick("台账（只记编号）", "ledger (by her id alone)"),
            purpose: lang.pick("同一人的课时合在一起", "so that the hours of one person are together"),
            until: lang
                .pick("长期，可撤销合并", "for good; a merge can be reversed")
                .to_owned(),
        });
    }
    all.push(Thing {
        what: lang.pick("台账条目", "entries of the ledger"),
        says: lang.pick(
            format!("{} 条", count(held.entries.unsigned_abs())),
            format!("{} entries", count(held.entries.unsigned_abs())),
        ),
        kept: lang.pick("台账（只记编号）", "ledger (by her id alone)"),
        purpose: lang.pick(
            "课时、称号和年度统计的依据",
            "what hours, titles and yearly figures rest on",
        ),
        until: lang.pick("长期，不可更改", "for good, unchanged").to_owned(),
    });
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_held_is_listed_and_what_is_not_is_not() {
        let held = api::Held {
            teacher_id: "T1".into(),
            identity: Some(api::Identity {
                name: "王芳".into(),
                phone: "19900000000".into(),
                ..api::Identity::default()
            }),
            entries: 1_200,
            ..api::Held::default()
        };
        let told = things(&held, Lang::En);
        let said: Vec<_> = told.iter().map(|thing| (thing.what, thing.says.as_str())).collect();
        assert_eq!(
            said,
            [
                ("name", "王芳"),
                ("phone", "19900000000"),
                ("entries of the ledger", "1,200 entries")
            ]
        );
        let erased = api::Held {
            erased_at: Some(prost_types::Timestamp::default()),
            ..api::Held::default()
        };
        assert!(things(&erased, Lang::Zh)[0].says.starts_with("已于 1970-01-01"));
    }
}
