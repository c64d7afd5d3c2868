//! What was heard of one event, as the row that gave it has to be told.

use keshi_core::entry::Verdict;
use keshi_core::event::{Event, Fact};
use keshi_core::lang::Lang;
use keshi_core::reason::ReasonCode;
use keshi_proto::api;

use super::remarks::{
    BRING_BACK, Remark, back_since, conflict, left_to_others, nothing_there, posted_by_another, renamed, several_posts,
    undated, voided, voided_as_wished,
};
use super::{Outcome, RowVerdict, Told};
use crate::plan::{Changed, Place, Rows};

/// What an event does to others.
#[derive(Clone, Copy)]
pub(super) enum Does {
    Nothing,
    Correct,
    Void,
}

impl Does {
    pub(super) fn of(event: Option<&Event>) -> Self {
        match event {
            Some(event) if matches!(event.fact, Fact::EntryVoided(_)) => Self::Void,
            Some(event) if event.supersedes.is_some() => Self::Correct,
            Some(_) | None => Self::Nothing,
        }
    }
}

/// One event of a row, and what it is to the row.
pub(super) struct Judged<'a> {
    pub(super) files: &'a Rows,
    pub(super) place: Place,
    pub(super) fact: &'static str,
    /// What it does to what was imported before.
    pub(super) does: Does,
    /// Whether it is the row's own fact, and not one that it shares with others (project, session).
    pub(super) own: bool,
}

impl Judged<'_> {
    /// Adds what was heard of the event.
    pub(super) fn judge(&self, told: &Told, verdict: &mut RowVerdict) {
        let outcome = match told {
            Told::Nothing => Outcome::NotSent,
            Told::Changed { index, changed } => {
                let harmless = |one: &&Changed| !self.is_harmless(one.field);
                let remarks = changed.iter().filter(harmless).map(|one| self.of_change(one, *index));
                let before = verdict.remarks.len();
                verdict.remarks.extend(remarks);
                if verdict.remarks.len() == before {
                    return;
                }
                Outcome::Changed
            }
            Told::Void {
                index,
                by,
                wished: true,
            } => {
                verdict.remarks.push(voided_as_wished(*index, *by));
                Outcome::Duplicate
            }
            Told::Void {
                index,
                by,
                wished: false,
            } => {
                verdict.remarks.push(voided(*index, *by));
                Outcome::Conflict
            }
            Told::BackSince { index, by, back } => {
                verdict.is_since_changed = true;
                verdict.remarks.push(back_since(*index, *by, *back));
                Outcome::Duplicate
            }
            Told::Undated { old, new } => {
                verdict.remarks.push(undated(old, new));
                Outcome::Changed
            }
            // Her record was corrected since, so it is the row that is of before.
            Told::Renamed { .. } if verdict.is_since_changed => Outcome::Duplicate,
            Told::Renamed { old, new } => {
                verdict.remarks.push(renamed(old, new));
                Outcome::Changed
            }
            Told::SeveralPosts { in_ledger, in_sheet } => {
                verdict.remarks.push(several_posts(*in_ledger, *in_sheet));
                Outcome::Changed
            }
            Told::NothingThere => {
                verdict.remarks.push(nothing_there());
                Outcome::Refused
            }
            Told::LeftToOthers => {
                let said = left_to_others();
                if !verdict.remarks.contains(&said) {
                    verdict.remarks.push(said);
                }
                verdict.is_noted = true;
                return;
            }
            Told::Wrong(violations) => {
                verdict
                    .remarks
                    .extend(violations.iter().map(|violation| self.of_violation(violation)));
                Outcome::Refused
            }
            Told::Failed(why) => {
                verdict.remarks.push(Remark {
                    column: String::new(),
                    value: String::new(),
                    reason: why.clone(),
                    remedy: [
                        "排除后重新导入，不会重复入账".into(),
                        "mend that and import again; nothing counts twice".into(),
                    ],
                });
                Outcome::NotSent
            }
            Told::Verdict(told) => {
                let outcome = match Verdict::from_code(told.verdict) {
                    Some(Verdict::Recorded) => Outcome::Recorded,
                    Some(Verdict::Waiting) => Outcome::Waiting,
                    Some(Verdict::Duplicate) => Outcome::Duplicate,
                    Some(Verdict::Conflict) => Outcome::Conflict,
                    Some(Verdict::Refused) => Outcome::Refused,
                    None => Outcome::NotSent,
                };
                if let Some(reason) = &told.reason {
                    if outcome == Outcome::Conflict && self.is_harmless(&reason.field) {
                        return;
                    }
                    if outcome == Outcome::Conflict && reason.field == "org" {
                        // Host and home school both post. Field for field it is the same, and it counts once.
                        verdict
                            .remarks
                            .push(posted_by_another(reason.index.unwrap_or_default()));
                        return;
                    }
                    // The session that it waits for is not the caller's to post, and that is said.
                    let is_left = || verdict.remarks.contains(&left_to_others());
                    if outcome == Outcome::Waiting && reason.field == "session_id" && is_left() {
                        verdict.outcome = verdict.outcome.max(outcome);
                        return;
                    }
                    let since = outcome == Outcome::Duplicate;
                    // A teacher's record is as much her row's own as her post.
                    if since && !self.own && self.fact != "person_registered" {
                        return;
                    }
                    verdict.is_since_changed |= since;
                    verdict.remarks.push(self.of_reason(reason, outcome));
                }
                outcome
            }
        };
        let outcome = match (outcome, self.does) {
            (Outcome::Recorded, Does::Correct) => Outcome::Corrected,
            (Outcome::Recorded, Does::Void) => Outcome::Voided,
            (outcome, _) => outcome,
        };
        // A project that is known already does not make a new attendance a duplicate.
        if self.own || outcome > Outcome::Recorded {
            verdict.outcome = verdict.outcome.max(outcome);
        }
    }

    /// Whether a shared project or session that stands in the ledger with another content does the row no harm: another
    /// school posted it before under its own name, or the row leaves blank what the ledger knows.
    fn is_harmless(&self, field: &str) -> bool {
        if self.own {
            return false;
        }
        matches!(field, "org" | "load_id") || self.files.is_left_blank(self.place, self.fact, field)
    }

    fn of_change(&self, changed: &Changed, index: u64) -> Remark {
        let (column, _) = self.files.cell_about(self.place, self.fact, changed.field);
        let said = |text: &str, lang: Lang| {
            if text.is_empty() {
                lang.pick("空白", "blank").to_owned()
            } else {
                text.to_owned()
            }
        };
        let (ledger, sheet) = (&changed.in_ledger, &changed.in_sheet);
        Remark {
            column,
            value: String::new(),
            reason: [
                format!("台账 {} · 表格 {}（第 {index} 条）", said(ledger, Lang::Zh), said(sheet, Lang::Zh)),
                format!("ledger {} · sheet {} (entry {index})", said(ledger, Lang::En), said(sheet, Lang::En)),
            ],
            remedy: [
                "表格对的，在“更正理由”一列（或导入时）写明理由再导入，即更正台账；台账对的，把表格改成一致".to_owned(),
                "if the sheet is right, import it with a reason (in its column 更正理由, or for the whole import), which corrects the \
                 ledger; if the ledger is, make the sheet say the same"
                    .to_owned(),
            ],
        }
    }

    fn of_violation(&self, violation: &api::FieldViolation) -> Remark {
        let reason = [violation.text_zh.clone(), violation.text_en.clone()];
        if !violation.field.contains("].") {
            // It is about the whole event, such as a right that the clerk does not have, and says what to do itself.
            return Remark {
                column: String::new(),
                value: String::new(),
                reason,
                remedy: Default::default(),
            };
        }
        let (column, value) = self.files.cell_about(self.place, self.fact, &violation.field);
        Remark {
            column,
            value: if value.is_empty() {
                violation.value.clone()
            } else {
                value
            },
            reason,
            remedy: [
                "改正后重新导入本行".to_owned(),
                "correct it, then import this row again".to_owned(),
            ],
        }
    }

    fn of_reason(&self, reason: &api::Reason, outcome: Outcome) -> Remark {
        let (column, value) = self.files.cell_about(self.place, self.fact, &reason.field);
        if let (Outcome::Conflict, Some(index)) = (outcome, reason.index) {
            return conflict(column, value, index);
        }
        // A sheet has no event ids.
        let remedy = if reason.code == ReasonCode::VoidedSince.name() {
            BRING_BACK.map(str::to_owned)
        } else {
            [reason.remedy_zh.clone(), reason.remedy_en.clone()]
        };
        Remark {
            column,
            value: if value.is_empty() { reason.value.clone() } else { value },
            reason: [reason.text_zh.clone(), reason.text_en.clone()],
            remedy,
        }
    }
}
