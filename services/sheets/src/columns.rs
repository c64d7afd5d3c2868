//! Which sheets are known, and their columns: one table, from which headers are recognised, templates written and
//! `README.md` checked. The columns of 培训 are the national system's (DOMAIN §6), in its order; ours follow.

mod form;
mod holds;
mod tables;

use std::path::Path;

use keshi_core::words;

pub use self::form::{Form, Words, form_zh};

pub(crate) use self::holds::holders;

use crate::WriteError;
use crate::cell::Cell;
use crate::write::{self, Table};

/// The sheet beside a template's own that says what to fill in.
pub(crate) const EXPLAINED: &str = "填写说明";

words! {
    /// A kind of sheet. They stand in the order in which they depend on each other.
    Kind {
        /// The county's register of schools.
        Schools "学校" "schools",
        /// The register of teachers with their posts; identities go to the people register.
        Teachers "教师" "teachers",
        /// Posts taken and left.
        Posts "任职" "posts",
        /// The national columns.
        Training "培训" "training",
        /// Who was at a session that the ledger knows by its id.
        Attendance "签到" "attendance",
        /// Lessons and talks carried to other schools.
        Outreach "送教送培" "outreach",
        /// Demonstration, open and other lessons given.
        LessonsGiven "授课" "lessons given",
        /// Lessons observed.
        LessonsObserved "听课" "lessons observed",
        /// Visits to schools.
        Visits "到校" "school visits",
        /// Competitions.
        Contests "赛教" "competitions",
        /// Who took part and what they won.
        Awards "参赛获奖" "entries and awards",
        /// Who was sent on.
        Recommendations "推荐" "recommendations",
        /// Titles conferred.
        Titles "称号" "titles",
        /// Who is chosen to be developed towards a title.
        Candidates "培养对象" "candidates",
        /// Research topics, from approval to conclusion.
        Topics "课题" "topics",
        /// Papers and books published.
        WorksPublished "发表" "published works",
        /// Papers and results that won a prize.
        WorksAwarded "成果获奖" "prizes for works",
        /// District groups of schools.
        Groups "片区" "district groups",
        /// Subject bases.
        Bases "学科基地" "subject bases",
        /// Studios of titled teachers.
        Studios "工作室" "studios",
        /// Titles renewed after a re-examination.
        Renewals "复核续期" "title renewals",
        /// Schools that researchers look after.
        LinkedSchools "联系点" "linked schools",
        /// The office's experts, with their terms.
        Experts "专家库" "experts",
        /// Mid-term checks of research topics.
        TopicChecks "中期检查" "mid-term checks",
        /// What schools want answered in a semester.
        Questions "教研需求" "questions",
        /// Which of them were put together.
        QuestionJoins "需求合并" "questions put together",
        /// Which session is to answer them.
        QuestionPlans "需求安排" "planned questions",
        /// How schools rate the answers.
        AnswerRatings "需求评价" "rated answers",
        /// What inspections found at schools, and what has changed.
        Inspections "教学视导" "inspections",
        /// Requirements reduced for somebody: leave, illness.
        Exemptions "减免" "exemptions",
        /// Schools that close, and those that go on in their place.
        Closings "撤点并校" "school closings",
        /// Sessions that move to other days or another place.
        Moves "改期" "moved sessions",
        /// Sessions that do not take place: attendance at them counts no more.
        Cancellations "取消" "cancelled sessions",
    }
}

/// What a column holds. One name for all kinds of sheets; the heading differs by kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "each is described by its heading in the tables")]
pub enum Col {
    Ignored,
    Name,
    IdType,
    IdNo,
    Teacher,
    Year,
    Level,
    Project,
    Provider,
    Mode,
    Hours,
    Credits,
    From,
    To,
    Role,
    Result,
    Session,
    SessionType,
    SessionHours,
    Base,
    Group,
    Category,
    Topic,
    Subject,
    Place,
    DocNo,
    PlannedHours,
    Assessed,
    School,
    FromSchool,
    Lessons,
    Talks,
    Listeners,
    Requested,
    Content,
    LessonType,
    TaughtName,
    TaughtTeacher,
    Comment,
    Purpose,
    Contest,
    Edition,
    Organiser,
    Award,
    Rank,
    AwardRole,
    Work,
    ToLevel,
    Class,
    TitleLevel,
    TitleDay,
    ValidTo,
    SchoolName,
    Stage,
    Township,
    Born,
    Phone,
    Hired,
    CareerFrom,
    Grade,
    Unit,
    Post,
    PostFrom,
    PostTo,
    Share,
    LeftOn,
    Rule,
    Policy,
    ReduceBy,
    Why,
    Successor,
    SessionId,
    NewFrom,
    NewTo,
    CancelledOn,
    TopicName,
    ConcludedOn,
    Conclusion,
    Leads,
    Members,
    Authors,
    WorkKind,
    OrgName,
    Schools,
    Nature,
    Pool,
    OpenedOn,
    Semester,
    Question,
    QuestionId,
    AskedBy,
    Into,
    PlannedOn,
    Rating,
    Inspectors,
    Aspect,
    Finding,
    Due,
    CheckedOn,
    Outcome,
    CheckedBy,
    Correct,
    Void,
}

impl Col {
    /// How many there are.
    pub(crate) const COUNT: usize = Self::Void as usize + 1;
}

/// Whether a sheet must have the column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// The column must be there and every row must fill it.
    Must,
    /// The column must be there; a row may leave it blank.
    Column,
    /// One of the kind's columns marked so must be there; a row fills at least one.
    OneOf,
    /// The column may be left out.
    May,
}

/// One column of a kind of sheet.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// What it holds.
    pub col: Col,
    /// Its heading.
    pub heading: &'static str,
    /// Other headings that mean the same.
    pub aliases: &'static [&'static str],
    /// Whether it must be there.
    pub need: Need,
    /// What may stand in it.
    pub form: Form,
    /// An example, as the template shows it.
    pub example: &'static str,
    /// What it means, in English.
    pub about: &'static str,
}

impl Kind {
    /// Its columns, in the template's order.
    pub const fn columns(self) -> &'static [Column] {
        match self {
            Self::Schools => tables::SCHOOLS,
            Self::Teachers => tables::TEACHERS,
            Self::Posts => tables::POSTS,
            Self::Training => tables::TRAINING,
            Self::Attendance => tables::ATTENDANCE,
            Self::Outreach => tables::OUTREACH,
            Self::LessonsGiven => tables::LESSONS_GIVEN,
            Self::LessonsObserved => tables::LESSONS_OBSERVED,
            Self::Visits => tables::VISITS,
            Self::Contests => tables::CONTESTS,
            Self::Awards => tables::AWARDS,
            Self::Recommendations => tables::RECOMMENDATIONS,
            Self::Titles => tables::TITLES,
            Self::Candidates => tables::CANDIDATES,
            Self::Topics => tables::TOPICS,
            Self::WorksPublished => tables::WORKS_PUBLISHED,
            Self::WorksAwarded => tables::WORKS_AWARDED,
            Self::Groups => tables::GROUPS,
            Self::Bases => tables::BASES,
            Self::Studios => tables::STUDIOS,
            Self::Renewals => tables::RENEWALS,
            Self::LinkedSchools => tables::LINKED_SCHOOLS,
            Self::Experts => tables::EXPERTS,
            Self::TopicChecks => tables::TOPIC_CHECKS,
            Self::Questions => tables::QUESTIONS,
            Self::QuestionJoins => tables::QUESTION_JOINS,
            Self::QuestionPlans => tables::QUESTION_PLANS,
            Self::AnswerRatings => tables::ANSWER_RATINGS,
            Self::Inspections => tables::INSPECTIONS,
            Self::Exemptions => tables::EXEMPTIONS,
            Self::Closings => tables::CLOSINGS,
            Self::Moves => tables::MOVES,
            Self::Cancellations => tables::CANCELLATIONS,
        }
    }

    /// The kind of event that a row's own fact is, as the ledger names it: who may post that may send such a sheet.
    pub const fn fact(self) -> &'static str {
        match self {
            Self::Schools => "school_registered",
            Self::Teachers | Self::Posts => "assignment_started",
            Self::Training | Self::Attendance => "attendance_recorded",
            Self::Outreach => "outreach_delivered",
            Self::LessonsGiven => "lesson_given",
            Self::LessonsObserved => "lesson_observed",
            Self::Visits => "school_visit",
            Self::Contests => "competition_held",
            Self::Awards => "entry_made",
            Self::Recommendations => "recommended",
            Self::Titles => "title_conferred",
            Self::Candidates => "candidate_chosen",
            Self::Topics => "topic_approved",
            Self::WorksPublished => "work_published",
            Self::WorksAwarded => "work_awarded",
            Self::Groups => "group_formed",
            Self::Bases => "base_formed",
            Self::Studios => "studio_formed",
            Self::Renewals => "title_renewed",
            Self::LinkedSchools => "school_linked",
            Self::Experts => "expert_pooled",
            Self::TopicChecks => "topic_checked",
            Self::Questions => "question_sent",
            Self::QuestionJoins => "questions_joined",
            Self::QuestionPlans => "question_planned",
            Self::AnswerRatings => "answer_rated",
            Self::Inspections => "inspection_held",
            Self::Exemptions => "exemption_granted",
            Self::Closings => "school_closed",
            Self::Moves => "session_moved",
            Self::Cancellations => "session_cancelled",
        }
    }

    /// The column of this kind that holds `col`.
    pub fn column(self, col: Col) -> Option<&'static Column> {
        self.columns().iter().find(|column| column.col == col)
    }

    /// The kind with this Chinese or English name.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|kind| kind.zh() == word || kind.en() == word)
    }
}

/// Writes an empty workbook of this kind: the headings, an example row below to be overwritten, and a second sheet that
/// explains every column.
///
/// # Errors
///
/// [`WriteError`] if the file cannot be written.
pub fn template(kind: Kind, path: &Path) -> Result<(), WriteError> {
    write::workbook(path, &template_tables(kind))
}

/// The bytes of an empty workbook of this kind, as [`template`] writes it, and the name to save it under.
///
/// # Errors
///
/// [`WriteError`] if it cannot be made.
pub fn template_bytes(kind: Kind) -> Result<(String, Vec<u8>), WriteError> {
    let name = format!("{}.xlsx", kind.zh());
    let bytes = write::book_of(&template_tables(kind)).and_then(|mut book| book.save_to_buffer());
    match bytes {
        Ok(bytes) => Ok((name, bytes)),
        Err(cause) => Err(write::failed(Path::new(&name), cause)),
    }
}

fn template_tables(kind: Kind) -> [Table; 2] {
    let columns = kind.columns();
    let headings = columns.iter().map(|column| column.heading.to_owned()).collect();
    let example = columns.iter().map(|column| Cell::Text(column.example.into())).collect();
    let mut explained = Table::new(EXPLAINED, &["列", "是否必填", "填写内容", "示例", "Meaning"]);
    for column in columns {
        let cells = [
            column.heading,
            need_zh(column.need),
            &form_zh(column.form),
            column.example,
            column.about,
        ];
        explained
            .rows
            .push(cells.iter().map(|text| Cell::Text((*text).into())).collect());
    }
    let lists = (0..).zip(columns).filter_map(|(place, column)| match column.form {
        Form::Word(words) => Some((place, words.list().into_iter().map(|(_, word)| word).collect())),
        Form::YesNo => Some((place, vec!["是", "否"])),
        Form::Text
        | Form::Id
        | Form::People
        | Form::Schools
        | Form::School
        | Form::Place
        | Form::Date
        | Form::Year
        | Form::Hours
        | Form::Count => None,
    });
    let lists = lists.collect();
    let table = Table {
        name: kind.zh().to_owned(),
        headings,
        rows: vec![example],
        lists,
    };
    [table, explained]
}

/// Whether a column must be filled, in Chinese.
pub const fn need_zh(need: Need) -> &'static str {
    match need {
        Need::Must => "必填",
        Need::Column => "有此列，可空",
        Need::OneOf => "至少填其中一列",
        Need::May => "选填",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::heading::heading_form;

    #[test]
    fn no_two_columns_of_a_kind_answer_to_one_heading() {
        for &kind in Kind::ALL {
            let mut seen = BTreeSet::new();
            for column in kind.columns() {
                for heading in column.aliases.iter().chain([&column.heading]) {
                    let form = heading_form(heading);
                    assert!(!form.is_empty() && seen.insert(form), "{kind:?} {heading}");
                }
            }
        }
    }

    #[test]
    fn the_own_fact_of_every_kind_is_one_of_the_ledger() {
        for &kind in Kind::ALL {
            assert!(keshi_core::event::Fact::kind_in_zh(kind.fact()).is_some(), "{kind:?}");
        }
    }

    #[test]
    fn the_training_sheet_begins_with_the_national_columns_in_their_order() {
        let national = [
            "姓名",
            "身份证件类型",
            "身份证件号码",
            "培训年度",
            "培训类别",
            "培训项目名称",
            "培训机构名称",
            "培训方式",
            "培训获得学时",
            "培训获得学分",
            "培训开始日期",
            "培训结束日期",
        ];
        let ours = Kind::Training.columns().iter().map(|column| column.heading);
        assert!(ours.take(national.len()).eq(national));
    }

    /// The part of the README that describes the columns.
    fn described() -> String {
        use std::fmt::Write as _;
        let mut text = String::new();
        for &kind in Kind::ALL {
            let _ = write!(
                text,
                "### {} ({})\n\n| 列 | 必填 | 内容 | 也认 | meaning |\n|---|---|---|---|---|\n",
                kind.zh(),
                kind.en()
            );
            for column in kind.columns().iter().filter(|column| column.col != Col::Ignored) {
                let (need, form) = (need_zh(column.need), form_zh(column.form));
                let aliases = column.aliases.join("、");
                let _ = writeln!(
                    text,
                    "| {} | {need} | {form} | {aliases} | {} |",
                    column.heading, column.about
                );
            }
            text.push('\n');
        }
        text
    }

    #[test]
    fn the_readme_describes_every_column() {
        let (readme, described) = (include_str!("../README.md"), described());
        assert!(readme.contains(&described), "put this into README.md:\n{described}");
    }
}
