//! What changed in a balance between two points of the log, in words.

use keshi_core::lang::Lang;
use keshi_proto::api;

use crate::balance::wanted;
use crate::names::amount;

/// Which policy, with its version at either point; a line.
pub fn heading(policy: &api::PolicyDifference, lang: Lang) -> String {
    let api::PolicyDifference {
        policy_id,
        policy_name,
        was_there,
        is_there,
        before_version: before,
        after_version: after,
        ..
    } = policy;
    if policy_id.is_empty() {
        return match (was_there, is_there) {
            (false, true) => lang.pick("自此没有适用的规则\n", "no policy applies any more\n"),
            (true, false) => lang.pick("此前没有适用的规则\n", "no policy applied before\n"),
            _ => lang.pick("没有适用的规则，只看合计\n", "no policy applies; only totals\n"),
        }
        .to_owned();
    }
    let head = lang.pick(format!("规则 {policy_id}"), format!("policy {policy_id}"));
    let version = match (was_there, is_there) {
        (false, _) => lang.pick(
            format!("第 {after} 版，此前不适用"),
            format!("version {after}, did not apply before"),
        ),
        (_, false) => lang.pick(
            format!("第 {before} 版，现不适用"),
            format!("version {before}, does not apply any more"),
        ),
        _ if before == after => lang.pick(format!("第 {after} 版"), format!("version {after}")),
        _ => lang.pick(
            format!("第 {before} 版 → 第 {after} 版"),
            format!("version {before} → version {after}"),
        ),
    };
    format!("{head} {version}  {policy_name}\n")
}

/// How a requirement stood at one point: counted and minimum; `-` where it was not there.
pub fn stands(standing: Option<&api::Standing>) -> String {
    standing.map_or_else(
        || "-".to_owned(),
        |standing| format!("{}/{}", amount(standing.counted_centiamount), wanted(standing)),
    )
}

/// What a line counted at one point; `-` where it was not there.
pub fn counted(line: Option<&api::Line>) -> String {
    line.map_or_else(|| "-".to_owned(), |line| amount(line.counted_centiamount))
}

/// Whether a line came, went or is otherwise.
pub fn sign(change: &api::LineChange) -> &'static str {
    match (&change.before, &change.after) {
        (None, _) => "+",
        (_, None) => "-",
        _ => "~",
    }
}
