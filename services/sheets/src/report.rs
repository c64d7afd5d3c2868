//! Verdicts per row: what became of each, as text lines and as a checked copy of the file.

mod copy;
mod judge;
mod lines;
mod remarks;

use keshi_core::lang::Lang;
use keshi_core::words;
use keshi_proto::api;

pub use self::copy::{copy_bytes, is_copy, own_width, write_copy};
pub use self::lines::lines_of;
pub use self::remarks::Remark;

use self::judge::{Does, Judged};
use self::remarks::{of_like, of_problem, of_same};
use crate::plan::{Batch, Changed, Place, Plan, PlannedRow, Rows, Undo};

/// What was heard of one event.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Told {
    /// Nothing yet: not sent, or no answer.
    #[default]
    Nothing,
    /// Its verdict.
    Verdict(Box<api::EventVerdict>),
    /// It is in the ledger with other values: the entry that stands, and where it differs.
    Changed {
        /// The entry.
        index: u64,
        /// At least one.
        changed: Vec<Changed>,
    },
    /// It moves somebody, and nothing says from which day: what the ledger has, and what the row says.
    Undated {
        /// School or unit, and post, in the ledger.
        old: String,
        /// School or unit, and post, in the sheet.
        new: String,
    },
    /// It names somebody otherwise than the people register does.
    Renamed {
        /// Her name in the register.
        old: String,
        /// Her name in the sheet.
        new: String,
    },
    /// It gives somebody another post than she holds, and which one it takes the place of cannot be told.
    SeveralPosts {
        /// Posts that she holds.
        in_ledger: usize,
        /// Rows that are hers.
        in_sheet: usize,
    },
    /// It was to be corrected or voided, and is not in the ledger.
    NothingThere,
    /// It was in the ledger, in that entry, and was voided since, by that one.
    Void {
        /// Whether that is what the row wishes.
        wished: bool,
        /// The entry.
        index: u64,
        /// The void.
        by: u64,
    },
    /// It was in the ledger, in that entry, and was voided since, as the row wishes; and it was brought back since then.
    BackSince {
        /// The entry.
        index: u64,
        /// The void.
        by: u64,
        /// The entry that stands.
        back: u64,
    },
    /// A project or session that is not the caller's to post: what rests on it was sent without it.
    LeftToOthers,
    /// Fields that are wrong; it was not taken.
    Wrong(Vec<api::FieldViolation>),
    /// Its submission was not taken, for this reason, in Chinese and English.
    Failed([String; 2]),
}

impl Told {
    /// The entry that it is about, if there is one.
    fn entry(&self) -> Option<u64> {
        match self {
            Self::Verdict(told) => told.index.or_else(|| told.reason.as_ref()?.index),
            Self::Changed { index, .. } | Self::Void { index, .. } => Some(*index),
            Self::BackSince { back, .. } => Some(*back),
            Self::Nothing
            | Self::Undated { .. }
            | Self::Renamed { .. }
            | Self::SeveralPosts { .. }
            | Self::NothingThere
            | Self::LeftToOthers
            | Self::Wrong(_)
            | Self::Failed(_) => None,
        }
    }
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
        for (told, verdict) in places.zip(verdicts) {
            *told = if verdict.violations.is_empty() {
                Told::Verdict(Box::new(verdict.clone()))
            } else {
                Told::Wrong(verdict.violations.clone())
            };
        }
    }

    /// The batch was not taken because of these fields (`events[3].…`). Events that none of them names are `Failed`.
    pub fn violations(&mut self, batch: &Batch, violations: &[api::FieldViolation]) {
        self.failed(
            batch,
            ["同一批中有其他行不合要求", "another row of this batch is wrong"],
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

    /// The batch was not sent: what would become of it is no answer.
    pub fn unsent(&mut self, batch: &Batch) {
        let places = self.told.iter_mut().skip(batch.first);
        places
            .take(batch.request.events.len())
            .for_each(|told| *told = Told::Nothing);
    }

    /// Whether the ledger has taken an event anew, or would.
    pub fn has_news(&self) -> bool {
        let is_new = |told: &Told| {
            matches!(told, Told::Verdict(told)
                if matches!(told.verdict(), api::Verdict::Recorded | api::Verdict::Waiting))
        };
        self.told.iter().any(is_new)
    }

    /// Makes room for events that the plan was given since.
    pub fn reach(&mut self, plan: &Plan) {
        self.told.resize(plan.events.len().max(self.told.len()), Told::Nothing);
    }

    /// What was heard of one event.
    pub fn told(&self, at: usize) -> &Told {
        self.told.get(at).unwrap_or(&Told::Nothing)
    }

    /// What is known of one event besides its verdict.
    pub fn tell(&mut self, at: usize, what: Told) {
        if let Some(told) = self.told.get_mut(at) {
            *told = what;
        }
    }

    /// The batch was not taken, for this reason, in Chinese and English.
    pub fn failed(&mut self, batch: &Batch, why: [&str; 2]) {
        let places = self.told.iter_mut().skip(batch.first).take(batch.request.events.len());
        places.for_each(|told| *told = Told::Failed(why.map(str::to_owned)));
    }
}

words! {
    /// What became of one row.
    Outcome {
        /// It was in the ledger already.
        Duplicate "重复" "duplicate",
        Recorded "已入账" "recorded",
        /// It took the place of what was imported from the row before.
        Corrected "已更正" "corrected",
        /// What was imported from the row before was voided.
        Voided "已作废" "voided",
        Waiting "待生效" "waiting",
        /// Sound, but not sent or not answered.
        NotSent "未提交" "not sent",
        /// It is in the ledger with other values.
        Changed "有改动" "changed",
        Conflict "冲突" "conflict",
        Refused "不予入账" "refused",
        /// The row itself has mistakes; nothing of it was sent.
        Mistaken "有误" "mistaken",
    }
}

impl Outcome {
    /// What it is called before anything was sent: what would become of the row.
    pub fn would_be(self, lang: Lang) -> &'static str {
        match self {
            Self::Recorded => lang.pick("可入账", "to be recorded"),
            Self::Corrected => lang.pick("可更正", "to be corrected"),
            Self::Voided => lang.pick("可作废", "to be voided"),
            Self::Waiting => lang.pick("可入账（待生效）", "to be recorded (waiting)"),
            other => other.name(lang),
        }
    }

    /// Whether the row stands in the ledger, newly or already.
    pub const fn is_in_ledger(self) -> bool {
        matches!(
            self,
            Self::Duplicate | Self::Recorded | Self::Corrected | Self::Voided | Self::Waiting
        )
    }
}

/// The verdict on one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowVerdict {
    /// Where it stands.
    pub place: Place,
    /// What became of it.
    pub outcome: Outcome,
    /// The entry in which its own fact stands, or the one that it was compared with; none before it is recorded.
    pub entry: Option<u64>,
    /// Why; empty if there is nothing to say.
    pub remarks: Vec<Remark>,
    /// Whether it was recorded before, and corrected or voided since: what it says is not what counts.
    pub is_since_changed: bool,
    /// Whether something is to be said of it though nobody need do anything about the row.
    pub is_noted: bool,
}

/// The verdict on every row of a plan of these files, in the files' order.
pub fn verdicts(files: &Rows, plan: &Plan, answers: &Answers) -> Vec<RowVerdict> {
    let verdict = |row: &PlannedRow| {
        let mut verdict = RowVerdict {
            place: row.place,
            outcome: Outcome::Duplicate,
            entry: None,
            remarks: row.problems.iter().map(of_problem).collect(),
            is_since_changed: false,
            is_noted: false,
        };
        if !row.problems.is_empty() {
            verdict.outcome = Outcome::Mistaken;
            return verdict;
        }
        verdict.remarks.extend(row.same_as.map(of_same));
        if let Some(like) = &row.like {
            verdict.remarks.push(of_like(files, row.place, like));
            verdict.is_noted = true;
        }
        let own = row.events.last().copied();
        let is_void = matches!(row.undo, Some(Undo::Void(_)));
        // A row that voids its own fact says nothing of what it shares with others.
        for &event in row.events.iter().filter(|event| !is_void || Some(**event) == own) {
            let judged = Judged {
                files,
                place: row.place,
                fact: plan.events.get(event).map_or("", |event| event.fact.kind()),
                does: Does::of(plan.events.get(event)),
                own: Some(event) == own,
            };
            judged.judge(answers.told(event), &mut verdict);
        }
        verdict.entry = own.and_then(|own| answers.told(own).entry());
        verdict
    };
    plan.rows.iter().map(verdict).collect()
}
