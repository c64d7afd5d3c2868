//! Questions of ordered research (订单式教研), for people.

use keshi_core::lang::Lang;
use keshi_proto::api::{AskedQuestion, QuestionCount, QuestionPlan, QuestionStage, SentQuestion};

use crate::names::{amount, count};
use crate::time::{date, dates};

/// The columns' names.
pub const HEADINGS: [(&str, &str); 8] = [
    ("需求编号", "id"),
    ("学期", "semester"),
    ("学科", "subject"),
    ("问题", "question"),
    ("学校数", "schools"),
    ("安排的场次", "planned session"),
    ("评分", "rating"),
    ("状态", "stage"),
];

/// The columns of [`HEADINGS`] that are numbers.
pub const NUMBERS: [usize; 2] = [4, 6];

/// All stages, in their order.
pub const STAGES: [QuestionStage; 5] = [
    QuestionStage::Received,
    QuestionStage::Joined,
    QuestionStage::Planned,
    QuestionStage::Answered,
    QuestionStage::Rated,
];

/// The ratings, the best first, with what they mean.
pub const RATINGS: [(i32, &str, &str); 5] = [
    (5, "5 完全解决", "5 it is solved"),
    (4, "4 基本解决", "4 mostly solved"),
    (3, "3 有些帮助", "3 it helped"),
    (2, "2 帮助不大", "2 it helped little"),
    (1, "1 没有帮助", "1 it did not help at all"),
];

/// How far it is.
pub const fn stage(stage: QuestionStage, lang: Lang) -> &'static str {
    let (zh, en) = match stage {
        QuestionStage::Unspecified => ("", ""),
        QuestionStage::Received => ("已收到", "received"),
        QuestionStage::Joined => ("已合并", "put together"),
        QuestionStage::Planned => ("已列入计划", "planned"),
        QuestionStage::Answered => ("已答复", "answered"),
        QuestionStage::Rated => ("已评价", "rated"),
    };
    match lang {
        Lang::Zh => zh,
        Lang::En => en,
    }
}

/// How many there are of each stage, in one line; empty where there are none.
pub fn counts(counts: &[QuestionCount], lang: Lang) -> String {
    let one = |of: &QuestionCount| {
        let number = count(of.questions.unsigned_abs());
        format!("{} {number}", stage(of.stage(), lang))
    };
    counts.iter().map(one).collect::<Vec<_>>().join(lang.pick("，", ", "))
}

/// The session that is to answer it, with its days.
pub fn plan(plan: &QuestionPlan, lang: Lang) -> String {
    let days = dates(plan.from.as_ref(), plan.to.as_ref());
    if days.is_empty() {
        let id = &plan.session_id;
        return lang.pick(format!("{id}（未登记）"), format!("{id} (not posted yet)"));
    }
    let title = if plan.title.is_empty() {
        &plan.session_id
    } else {
        &plan.title
    };
    format!("{title} {days}")
}

/// Where it is planned, or why it is no more.
pub fn planned(question: &AskedQuestion, lang: Lang) -> String {
    match &question.plan {
        Some(of) => plan(of, lang),
        None if question.cancelled_session_id.is_empty() => String::new(),
        None => {
            let id = &question.cancelled_session_id;
            lang.pick(
                format!("{id} 已取消，待重新安排"),
                format!("{id} was cancelled: to be planned anew"),
            )
        }
    }
}

/// The mean of the ratings and how many there are; empty where nobody rated.
pub fn rating(question: &AskedQuestion, lang: Lang) -> String {
    if question.ratings.is_empty() {
        return String::new();
    }
    let (mean, schools) = (amount(question.mean_centirating.into()), question.ratings.len());
    lang.pick(format!("{mean}（{schools} 校）"), format!("{mean} (of {schools})"))
}

/// Who sent it: the school, and who had it where that is said.
pub fn asker(sent: &SentQuestion, lang: Lang) -> String {
    let school = if sent.school_name.is_empty() {
        &sent.school_id
    } else {
        &sent.school_name
    };
    let who = if sent.asked_by_name.is_empty() {
        &sent.asked_by
    } else {
        &sent.asked_by_name
    };
    if who.is_empty() {
        return school.clone();
    }
    lang.pick(format!("{school}（{who}）"), format!("{school} ({who})"))
}

/// The cells of one, in the order of [`HEADINGS`].
pub fn row(question: &AskedQuestion, lang: Lang) -> [String; 8] {
    [
        question.id.clone(),
        question.semester.clone(),
        question.subject.clone(),
        question.text.clone(),
        count(u64::from(question.schools.unsigned_abs())),
        planned(question, lang),
        rating(question, lang),
        stage(question.stage(), lang).to_owned(),
    ]
}

/// When and by what it was put together with the one that stands for it; empty if it is that one.
pub fn joined(sent: &SentQuestion, lang: Lang) -> String {
    let on = date(sent.joined_on.as_ref());
    if on.is_empty() {
        return on;
    }
    lang.pick(format!("{on} 并入"), format!("put together {on}"))
}
