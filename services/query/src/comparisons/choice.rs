//! Which policies are compared: adopted ones, one version of them, or documents that are not adopted.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Span;
use jiff::civil::Date;
use keshi_core::ids::PolicyId;
use keshi_core::period::{Kind, Period};
use keshi_core::policy::{CycleStart, Policy};
use keshi_core::state::At;
use keshi_door::{in_document, violation};
use keshi_proto::api;
use keshi_proto::api::policy_choice::Policy as Given;

use crate::error::Error;

/// A policy as asked for, read without the ledger.
#[derive(Debug)]
pub(super) enum Asked {
    /// All adopted versions, or one of them.
    Adopted { id: PolicyId, version: Option<u32> },
    /// A document.
    Document(Box<Policy>),
}

/// A policy to compare.
#[derive(Debug)]
pub(super) struct Choice {
    pub(super) id: PolicyId,
    /// 0: all adopted versions.
    pub(super) version: u32,
    pub(super) name: String,
    /// What teachers are assessed under.
    pub(super) policies: Vec<Arc<Policy>>,
}

/// Reads one side of the question, or says all that is wrong with it.
pub(super) fn read(field: &str, choice: Option<api::PolicyChoice>) -> Result<Asked, Vec<api::FieldViolation>> {
    match choice.and_then(|choice| choice.policy) {
        None => Err(vec![violation(
            field,
            "",
            "缺少要比较的规则；请给出编号、编号@版本，或规则文件的内容",
            "the policy to compare is missing; give an id, id@version, or a document",
        )]),
        Some(Given::Adopted(text)) => adopted(&text).ok_or_else(|| {
            vec![violation(
                format!("{field}.adopted"),
                &text,
                format!("“{text}” 不是规则编号；请写编号，或 编号@版本"),
                format!("{text:?} names no policy; write its id, or id@version"),
            )]
        }),
        Some(Given::Document(text)) => Policy::parse(&text)
            .map(|policy| Asked::Document(Box::new(policy)))
            .map_err(|problems| in_document(&format!("{field}.document"), &problems)),
    }
}

fn adopted(text: &str) -> Option<Asked> {
    let (id, version) = match text.split_once('@') {
        Some((id, version)) => (id, Some(version.parse().ok().filter(|&version| version > 0)?)),
        None => (text, None),
    };
    let id = PolicyId::new(id).ok()?;
    Some(Asked::Adopted { id, version })
}

/// Looks up what is adopted.
pub(super) fn choose(asked: Asked, at: At<'_>, period: Period) -> Result<Choice, Error> {
    match asked {
        Asked::Document(policy) => Ok(alone(*policy, at, period)),
        Asked::Adopted { id, version } => {
            let all = at.policies().map(|version| Arc::clone(&version.policy));
            let mut all: Vec<Arc<Policy>> = all.filter(|policy| policy.id == id).collect();
            if let Some(wanted) = version {
                all.retain(|policy| policy.version == wanted);
            }
            let Some(newest) = all.iter().max_by_key(|policy| policy.version) else {
                return Err(Error::UnknownPolicy {
                    id,
                    version,
                    size: at.size(),
                });
            };
            if version.is_some() {
                return Ok(alone(Policy::clone(newest), at, period));
            }
            Ok(Choice {
                id,
                version: 0,
                name: newest.name.clone(),
                policies: all,
            })
        }
    }
}

/// One version, in force for the whole of what is asked about: to try a rule on a year is to ask what that year would
/// have been under it, also if it begins later.
fn alone(mut policy: Policy, at: At<'_>, period: Period) -> Choice {
    let (first, last) = span(&policy, at, period);
    policy.effective_from = policy.effective_from.min(first);
    policy.effective_to = policy.effective_to.map(|to| to.max(last));
    Choice {
        id: policy.id,
        version: policy.version,
        name: policy.name.clone(),
        policies: vec![Arc::new(policy)],
    }
}

/// The first and last day of what the question is answered with: its periods, and the cycle around them.
fn span(policy: &Policy, at: At<'_>, period: Period) -> (Date, Date) {
    let semesters = at.semesters();
    let kinds: BTreeSet<Kind> = policy
        .requirements
        .iter()
        .map(|requirement| requirement.period)
        .collect();
    let parts = kinds.into_iter().flat_map(|kind| period.parts(kind, &semesters));
    let (first, last) = parts.fold((period.from, period.to), |(first, last), part| {
        (first.min(part.from), last.max(part.to))
    });
    let probation = policy
        .requirements
        .iter()
        .any(|requirement| requirement.period == Kind::ProbationYear);
    let years_before = i16::from(probation);
    let (first, years_before) = match policy.cycle.map(|cycle| cycle.start) {
        Some(CycleStart::Once(from, _) | CycleStart::Every(from, _)) => (first.min(from), years_before),
        Some(CycleStart::Own(_, length)) => (first, years_before.max(length.years_max())),
        None => (first, years_before),
    };
    let first = first.saturating_sub(Span::new().years(years_before));
    (first, last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(text: &str) -> Option<(String, Option<u32>)> {
        match adopted(text)? {
            Asked::Adopted { id, version } => Some((id.to_string(), version)),
            Asked::Document(_) => None,
        }
    }

    #[test]
    fn a_policy_is_named_by_its_id_and_one_version_by_an_at_sign() {
        assert_eq!(named("sample-360"), Some(("sample-360".to_owned(), None)));
        assert_eq!(named("sample-360@2"), Some(("sample-360".to_owned(), Some(2))));
        for bad in ["", "@2", "a@", "a@0", "a@x", "a@1@2", "规则"] {
            assert_eq!(named(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_document_is_reported_with_all_its_mistakes_and_their_places() {
        let document = Given::Document("language = 7\nversion = \"x\"\n".to_owned());
        let choice = api::PolicyChoice { policy: Some(document) };
        let violations = read("after", Some(choice)).unwrap_err();
        let fields: Vec<_> = violations.iter().map(|violation| violation.field.as_str()).collect();
        assert!(
            fields.len() > 3 && fields.contains(&"after.document:1:12"),
            "{fields:?}"
        );
        assert_eq!(read("before", None).unwrap_err()[0].field, "before");
    }
}
