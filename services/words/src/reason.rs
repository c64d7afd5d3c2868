//! Why something was not taken, in one sentence.

use keshi_core::lang::Lang;
use keshi_proto::api;
use keshi_proto::api_convert::is_in_ledger;

/// The reason of a verdict with its remedy, in one sentence.
pub fn reason(reason: &api::Reason, lang: Lang) -> String {
    let (text, remedy) = lang.pick(
        (&reason.text_zh, &reason.remedy_zh),
        (&reason.text_en, &reason.remedy_en),
    );
    match (text.as_str(), remedy.as_str()) {
        ("", _) => reason.code.clone(),
        (text, "") => text.to_owned(),
        (text, remedy) => format!("{text}{}{remedy}", lang.pick("；", "; ")),
    }
}

/// Why an event did not get into the ledger, in one sentence; `None` if it is there.
pub fn why_not(verdict: &api::EventVerdict, lang: Lang) -> Option<String> {
    if is_in_ledger(verdict.verdict) {
        return None;
    }
    let wrong = |violation: &api::FieldViolation| {
        let text = lang.pick(&violation.text_zh, &violation.text_en);
        format!("{}{}{text}", violation.field, lang.pick("：", ": "))
    };
    if verdict.violations.is_empty() {
        return Some(reason(&verdict.reason.clone().unwrap_or_default(), lang));
    }
    let all: Vec<String> = verdict.violations.iter().map(wrong).collect();
    Some(all.join(lang.pick("；", "; ")))
}
