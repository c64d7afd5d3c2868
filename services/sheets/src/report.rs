//! Verdicts per row: what became of each, as text lines and as a checked copy of the file.

mod copy;

use std::collections::HashMap;
use std::fmt;

use keshi_core::entry::Verdict;
use keshi_core::event::{Event, Fact};
use keshi_core::lang::Lang;
use keshi_core::words;
use keshi_proto::api;

pub use self::copy::{is_copy, write_copy};

use crate::plan::{Batch, Changed, Place, Plan, PlannedRow, Rows, Undo};
use crate::problem::RowProblem;

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
        /// School or unit, and post, in the sheet; empty if she holds several posts.
        new: String,
    },
    /// It was to be voided, and is not in the ledger.
    NothingToVoid,
    /// It was in the ledger, in that entry, and was voided since, by that one.
    Void {
        /// Whether that is what the row wishes.
        wished: bool,
        /// The entry.
        index: u64,
        /// The void.
        by: u64,
    },
    /// Fields that are wrong; its submission was not taken.
    Wrong(Vec<api::FieldViolation>),
    /// Its submission was not taken, for this reason, in Chinese and English.
    Failed([String; 2]),
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
    /// Whether it was recorded before, and corrected or voided since: what it says is not what counts.
    pub is_since_changed: bool,
}

impl RowVerdict {
    /// One line for each remark, or one with the outcome alone.
    pub fn lines(&self, lang: Lang) -> Vec<String> {
        let head = head(&[self.place.row], self.outcome, lang);
        let said = self.said(lang);
        if said.is_empty() {
            return vec![head];
        }
        said.into_iter().map(|said| format!("{head}{said}")).collect()
    }

    /// What is to be said of it, without the row.
    fn said(&self, lang: Lang) -> Vec<String> {
        self.remarks.iter().map(|remark| remark.said(lang)).collect()
    }
}

impl Remark {
    fn said(&self, lang: Lang) -> String {
        let column = if self.column.is_empty() {
            String::new()
        } else {
            format!(" {}", self.column)
        };
        let value = if self.value.is_empty() {
            String::new()
        } else {
            format!("“{}”", self.value)
        };
        let (reason, remedy) = (self.reason(lang), self.remedy(lang));
        let (colon, semicolon) = lang.pick(("：", "；"), (": ", "; "));
        let remedy = if remedy.is_empty() {
            String::new()
        } else {
            format!("{semicolon}{remedy}")
        };
        format!("{column}{value}{colon}{reason}{remedy}")
    }
}

/// Most rows that are named with one cause.
const ROWS_NAMED_MAX: usize = 12;

fn head(rows: &[u32], outcome: Outcome, lang: Lang) -> String {
    let named: Vec<String> = rows.iter().take(ROWS_NAMED_MAX).map(u32::to_string).collect();
    let more = rows.len() > ROWS_NAMED_MAX;
    let (count, outcome) = (rows.len(), outcome.name(lang));
    match lang {
        Lang::Zh if more => format!("第 {} … 等 {count} 行 {outcome}", named.join("、")),
        Lang::Zh => format!("第 {} 行 {outcome}", named.join("、")),
        Lang::En if more => format!("rows {} … ({count} in all) {outcome}", named.join(", ")),
        Lang::En if rows.len() > 1 => format!("rows {} {outcome}", named.join(", ")),
        Lang::En => format!("row {} {outcome}", named.join(", ")),
    }
}

/// What is said of several rows: one line for each cause, with the rows that have it, in the order of the first of them.
pub fn lines_of<'v>(verdicts: impl IntoIterator<Item = &'v RowVerdict>, lang: Lang) -> Vec<(Place, String)> {
    let mut causes: Vec<(Place, Outcome, String, Vec<u32>)> = Vec::new();
    let mut known: HashMap<(usize, usize, Outcome, String), usize> = HashMap::new();
    for verdict in verdicts {
        let mut said = verdict.said(lang);
        if said.is_empty() {
            said.push(String::new());
        }
        let (place, outcome) = (verdict.place, verdict.outcome);
        for said in said {
            let at = *known
                .entry((place.book, place.sheet, outcome, said.clone()))
                .or_insert_with(|| {
                    causes.push((place, outcome, said, Vec::new()));
                    causes.len() - 1
                });
            if let Some((.., rows)) = causes.get_mut(at) {
                rows.push(place.row);
            }
        }
    }
    let line = |(place, outcome, said, rows): (Place, Outcome, String, Vec<u32>)| {
        (place, format!("{}{said}", head(&rows, outcome, lang)))
    };
    causes.into_iter().map(line).collect()
}

impl fmt::Display for RowVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.lines(Lang::Zh).join("\n"))
    }
}

/// The verdict on every row of a plan of these files, in the files' order.
pub fn verdicts(files: &Rows, plan: &Plan, answers: &Answers) -> Vec<RowVerdict> {
    let verdict = |row: &PlannedRow| {
        let mut verdict = RowVerdict {
            place: row.place,
            outcome: Outcome::Duplicate,
            remarks: row.problems.iter().map(of_problem).collect(),
            is_since_changed: false,
        };
        if !row.problems.is_empty() {
            verdict.outcome = Outcome::Mistaken;
            return verdict;
        }
        verdict.remarks.extend(row.same_as.map(of_same));
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
            judged.judge(answers.told.get(event).unwrap_or(&Told::Nothing), &mut verdict);
        }
        verdict
    };
    plan.rows.iter().map(verdict).collect()
}

fn of_problem(problem: &RowProblem) -> Remark {
    Remark {
        column: problem.column.clone(),
        value: problem.value.clone(),
        reason: [problem.reason(Lang::Zh), problem.reason(Lang::En)],
        remedy: [problem.remedy(Lang::Zh), problem.remedy(Lang::En)],
    }
}

fn of_same(same: Place) -> Remark {
    Remark {
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
    }
}

/// What an event does to others.
#[derive(Clone, Copy)]
enum Does {
    Nothing,
    Correct,
    Void,
}

impl Does {
    fn of(event: Option<&Event>) -> Self {
        match event {
            Some(event) if matches!(event.fact, Fact::EntryVoided(_)) => Self::Void,
            Some(event) if event.supersedes.is_some() => Self::Correct,
            Some(_) | None => Self::Nothing,
        }
    }
}

/// One event of a row, and what it is to the row.
struct Judged<'a> {
    files: &'a Rows,
    place: Place,
    fact: &'static str,
    /// What it does to what was imported before.
    does: Does,
    /// Whether it is the row's own fact, and not one that it shares with others (project, session).
    own: bool,
}

impl Judged<'_> {
    /// Adds what was heard of the event.
    fn judge(&self, told: &Told, verdict: &mut RowVerdict) {
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
            Told::Undated { old, new } => {
                verdict.remarks.push(undated(old, new));
                Outcome::Changed
            }
            Told::NothingToVoid => {
                verdict.remarks.push(nothing_to_void());
                Outcome::Refused
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
                    let since = outcome == Outcome::Duplicate;
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
                "表格对的，加 --correct 理由 再导入，即更正台账；台账对的，把表格改成一致".to_owned(),
                "if the sheet is right, import again with --correct REASON, which corrects the ledger; if the ledger is, \
                 make the sheet say the same"
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
        Remark {
            column,
            value: if value.is_empty() { reason.value.clone() } else { value },
            reason: [reason.text_zh.clone(), reason.text_en.clone()],
            remedy: [reason.remedy_zh.clone(), reason.remedy_en.clone()],
        }
    }
}

fn undated(old: &str, new: &str) -> Remark {
    if new.is_empty() {
        return Remark {
            column: String::new(),
            value: String::new(),
            reason: [
                format!("该教师在台账中有 {old}，都与表中不同"),
                format!("the ledger has {old} of hers, and none is that of the sheet"),
            ],
            remedy: [
                "用“任职”表写明哪一个离任、哪一个就任，及其日期".to_owned(),
                "say in the sheet 任职 which post she leaves and which she takes, with the days".to_owned(),
            ],
        };
    }
    Remark {
        column: String::new(),
        value: String::new(),
        reason: [
            format!("任职有变动：台账 {old} · 表格 {new}，没有写明自哪天起"),
            format!("the post changes: ledger {old} · sheet {new}, and nothing says from which day"),
        ],
        remedy: [
            "在任职起始一列写明日期，或导入时加 --from 日期".to_owned(),
            "fill in the first day in the post, or import with --from DATE".to_owned(),
        ],
    }
}

fn nothing_to_void() -> Remark {
    Remark {
        column: "作废理由".to_owned(),
        value: String::new(),
        reason: [
            "台账中没有这一行，无可作废".to_owned(),
            "the ledger has nothing of this row to void".to_owned(),
        ],
        remedy: [
            "核对日期、项目等是否与当时导入的一致；从未导入的行删去即可".to_owned(),
            "see that date, project and so on are those imported; leave out what never was".to_owned(),
        ],
    }
}

fn voided_as_wished(index: u64, by: u64) -> Remark {
    Remark {
        column: String::new(),
        value: String::new(),
        reason: [
            format!("第 {index} 条已由第 {by} 条作废"),
            format!("entry {index} is void by entry {by} already"),
        ],
        remedy: ["无需处理".to_owned(), "nothing needs to be done".to_owned()],
    }
}

/// It comes back only on purpose.
fn voided(index: u64, by: u64) -> Remark {
    Remark {
        column: String::new(),
        value: String::new(),
        reason: [
            format!("此前已入账（第 {index} 条），后由第 {by} 条作废"),
            format!("it was recorded before (entry {index}) and voided since by entry {by}"),
        ],
        remedy: [
            "不再计入；确要恢复的，请另行提交（keshi post）".to_owned(),
            "it does not count; to bring it back on purpose, post it anew (keshi post)".to_owned(),
        ],
    }
}

fn posted_by_another(index: u64) -> Remark {
    Remark {
        column: String::new(),
        value: String::new(),
        reason: [
            format!("其他单位已提交过（台账第 {index} 条），内容相同，只记一次"),
            format!("another school or the office posted it already (entry {index}), and it counts once"),
        ],
        remedy: ["无需处理".to_owned(), "nothing needs to be done".to_owned()],
    }
}

/// A clerk knows of no event ids: to her the row is in the ledger, and says something else there.
fn conflict(column: String, value: String, index: u64) -> Remark {
    Remark {
        reason: [
            format!("台账第 {index} 条已记有这一项，“{column}”与表中不同"),
            format!("entry {index} of the ledger has this already, with another {column}"),
        ],
        remedy: [
            "表格填错的，改成与台账一致；台账记错的，请提交原记录的单位或教研室更正".to_owned(),
            "if the sheet is wrong, make it say the same; if the ledger is, ask who posted it, or the office, to correct it"
                .to_owned(),
        ],
        column,
        value,
    }
}
