//! Adopted policies for people.

use keshi_proto::api::AdoptedPolicy;

use crate::time::{date, dates};

/// The columns' names.
pub const HEADINGS: [(&str, &str); 5] = [
    ("规则", "policy"),
    ("版本", "version"),
    ("名称", "name"),
    ("生效", "in force"),
    ("条目", "entry"),
];

/// The cells of one version, in the order of [`HEADINGS`].
pub fn cells(policy: &AdoptedPolicy) -> [String; 5] {
    let from = date(policy.effective_from.as_ref());
    let in_force = match &policy.effective_to {
        Some(to) => dates(policy.effective_from.as_ref(), Some(to)),
        None => format!("{from}.."),
    };
    [
        policy.policy_id.clone(),
        policy.version.to_string(),
        policy.name.clone(),
        in_force,
        policy.index.to_string(),
    ]
}
