//! Verdicts per row: what became of each, as text lines and as a checked copy of the file.

mod copy;

use std::fmt;

use keshi_core::entry::Verdict;
use keshi_core::lang::Lang;
use keshi_proto::api;

pub use self::copy::{copy_path, write_copy};

use crate::plan::{Batch, Place, Plan};

/// What was heard of one event.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Told {
    /// Nothing yet: not sent, or no answer.
    #[default]
    Nothing,
    /// Its verdict.
    Verdict(Box<api::EventVerdict>),
    /// Fields that are wrong; its submission was not taken.
    Wrong(Vec<api::FieldViolation>),
    /// Its submission was not taken, for this reason.
    Failed(String),
}

/// What was heard of all events of a plan.
#[derive(Clone, Debug, Default)]
pub struct Answers {
    told: Vec<Told>,
}

impl Answers {
    /// Nothing heard yet.
    pub fn new(plan: &Plan) -> Self {
        Self {
            told: vec![Told::Nothing; plan.events.len()],
        }
    }

    /// The verdicts of a batch, in the order of its events.
    pub fn verdicts(&mut self, batch: &Batch, verdicts: &[api::EventVerdict]) {
        let places = self.told.iter_mut().skip(batch.first);
        places
            .zip(verdicts)
            .for_each(|(told, verdict)| *told = Told::Verdict(Box::new(verdict.clone())));
    }

    /// The batch was not taken because of these fields (`events[3].…`). Events that none of them names are `Failed`.
    pub fn violations(&mut self, batch: &Batch, violations: &[api::FieldViolation]) {
        self.failed(
            batch,
            "同一批中有其他行的字段不合要求 / another row of this batch has a wrong field",
        );
        for violation in violations {
            let number = violation
                .field
                .strip_prefix("events[")
                .and_then(|rest| rest.split_once(']'));
            let position = number.and_then(|(number, _)| number.parse::<usize>().ok());
            let told = position.and_then(|position| self.told.get_mut(batch.first.saturating_add(position)));
            match told {
                Some(Told::Wrong(known)) => known.push(violation.clone()),
                Some(told) => *told = Told::Wrong(vec![violation.clone()]),
                None => {}
            }
        }
    }

    /// The batch was not taken, for this reason.
    pub fn failed(&mut self, batch: &Batch, why: &str) {
        let places = self.told.iter_mut().skip(batch.first).take(batch.request.events.len());
        places.for_each(|told| *told = Told::Failed(why.to_owned()));
    }
}

/// What became of one row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// 重复: it was in the ledger already.
    Duplicate,
    /// 已入账
    Recorded,
    /// 待生效
    Waiting,
    /// 未提交: sound, but not sent or not answered.
    NotSent,
    /// 冲突
    Conflict,
    /// 不予入账
    Refused,
    /// 有误: the row itself has mistakes; nothing of it was sent.
    Mistaken,
}

impl Outcome {
    /// 中文
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Duplicate => "重复",
            Self::Recorded => "已入账",
            Self::Waiting => "待生效",
            Self::NotSent => "未提交",
            Self::Conflict => "冲突",
            Self::Refused => "不予入账",
            Self::Mistaken => "有误",
        }
    }

    /// English
    pub const fn en(self) -> &'static str {
        match self {
            Self::Duplicate => "duplicate",
            Self::Recorded => "recorded",
            Self::Waiting => "waiting",
            Self::NotSent => "not sent",
            Self::Conflict => "conflict",
            Self::Refused => "refused",
            Self::Mistaken => "mistaken",
        }
    }

    /// Whether the row stands in the ledger, newly or already.
    pub const fn is_in_ledger(self) -> bool {
        matches!(self, Self::Duplicate | Self::Recorded | Self::Waiting)
    }
}

/// Something to say of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// The column's heading or the field's name; may be empty.
    pub column: String,
    /// The offending value; may be empty.
    pub value: String,
    /// Why, in Chinese and English.
    pub reason: [String; 2],
    /// What to do, in Chinese and English.
    pub remedy: [String; 2],
}

impl Remark {
    /// Why, in this language.
    pub fn reason(&self, lang: Lang) -> &str {
        let [zh, en] = &self.reason;
        lang.pick(zh, en)
    }

    /// What to do, in this language.
    pub fn remedy(&self, lang: Lang) -> &str {
        let [zh, en] = &self.remedy;
        lang.pick(zh, en)
    }
}

/// The verdict on one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowVerdict {
    /// Where it stands.
    pub place: Place,
    /// What became of it.
    pub outcome: Outcome,
    /// Why; empty if there is nothing to say.
    pub remarks: Vec<Remark>,
}

impl RowVerdict {
    /// One line for each remark, or one with the outcome alone.
    pub fn lines(&self, lang: Lang) -> Vec<String> {
        let row = self.place.row;
        let head = match lang {
            Lang::Zh => format!("第 {row} 行 {}", self.outcome.zh()),
            Lang::En => format!("row {row} {}", self.outcome.en()),
        };
        if self.remarks.is_empty() {
            return vec![head];
        }
        let line = |remark: &Remark| {
            let column = if remark.column.is_empty() {
                String::new()
            } else {
                format!(" {}", remark.column)
            };
            let value = if remark.value.is_empty() {
                String::new()
            } else {
                format!("“{}”", remark.value)
            };
            let (reason, remedy) = (remark.reason(lang), remark.remedy(lang));
            let (colon, semicolon) = lang.pick(("：", "；"), (": ", "; "));
            let remedy = if remedy.is_empty() {
                String::new()
            } else {
                format!("{semicolon}{remedy}")
            };
            format!("{head}{column}{value}{colon}{reason}{remedy}")
        };
        self.remarks.iter().map(line).collect()
    }
}

impl fmt::Display for RowVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.lines(Lang::Zh).join("\n"))
    }
}

/// The verdict on every row of a plan, in the files' order.
pub fn verdicts(plan: &Plan, answers: &Answers) -> Vec<RowVerdict> {
    plan.rows
        .iter()
        .map(|row| {
            let mut verdict = RowVerdict {
                place: row.place,
                outcome: Outcome::Duplicate,
                remarks: Vec::new(),
            };
            for problem in &row.problems {
                verdict.remarks.push(Remark {
                    column: problem.column.clone(),
                    value: problem.value.clone(),
                    reason: [problem.reason(Lang::Zh), problem.reason(Lang::En)],
                    remedy: [problem.remedy(Lang::Zh), problem.remedy(Lang::En)],
                });
            }
            if !row.problems.is_empty() {
                verdict.outcome = Outcome::Mistaken;
                return verdict;
            }
            if let Some(same) = row.same_as {
                verdict.remarks.push(Remark {
                    column: String::new(),
                    value: String::new(),
                    reason: [
                        format!("与第 {} 行完全相同，只记一次", same.row),
                        format!("it says the same as row {} and counts once with it", same.row),
                    ],
                    remedy: [
                        "若确是两次，请在课题、内容或场次列中写明以区分".to_owned(),
                        "if two things are meant, tell them apart by topic, content or session".to_owned(),
                    ],
                });
            }
            let own = row.events.last().copied();
            for &event in &row.events {
                let told = answers.told.get(event).unwrap_or(&Told::Nothing);
                judge(told, Some(event) == own, &mut verdict);
            }
            verdict
        })
        .collect()
}

/// Adds what was heard of one of the row's events. Shared ones (project, session) that another school posted before
/// under its own name do the row no harm.
fn judge(told: &Told, own: bool, verdict: &mut RowVerdict) {
    let outcome = match told {
        Told::Nothing => Outcome::NotSent,
        Told::Wrong(violations) => {
            verdict.remarks.extend(violations.iter().map(|violation| Remark {
                column: keshi_core::reason::field_zh(&violation.field).to_owned(),
                value: violation.value.clone(),
                reason: [violation.text_zh.clone(), violation.text_en.clone()],
                remedy: [String::new(), String::new()],
            }));
            Outcome::Refused
        }
        Told::Failed(why) => {
            verdict.remarks.push(Remark {
                column: String::new(),
                value: String::new(),
                reason: [why.clone(), why.clone()],
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
            let harmless = !own
                && outcome == Outcome::Conflict
                && told
                    .reason
                    .as_ref()
                    .is_some_and(|reason| matches!(reason.field.as_str(), "org" | "load_id"));
            if harmless {
                return;
            }
            if let Some(reason) = &told.reason {
                verdict.remarks.push(Remark {
                    column: keshi_core::reason::field_zh(&reason.field).to_owned(),
                    value: reason.value.clone(),
                    reason: [reason.text_zh.clone(), reason.text_en.clone()],
                    remedy: [reason.remedy_zh.clone(), reason.remedy_en.clone()],
                });
            }
            outcome
        }
    };
    // A project that is known already does not make a new attendance a duplicate.
    if own || outcome > Outcome::Recorded {
        verdict.outcome = verdict.outcome.max(outcome);
    }
}
