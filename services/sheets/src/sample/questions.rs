//! Ordered research of the first semester of 2022-2023: 24 questions of 24 schools, put together, and three of them answered by
//! sessions of the subject bases.

use jiff::civil::{Date, date};
use keshi_core::codes::Stage;
use keshi_core::time::plus_days;

use super::county::{County, School};
use super::sheets::{day, number, table, text};
use super::training::{base_day, base_session};
use crate::columns::{Col, Kind};
use crate::write::Table;

const SEMESTER: &str = "2022-2023-1";

/// What is asked, in the words of each school that asks it.
struct Theme {
    subject: &'static str,
    stage: Stage,
    /// The first one stands for all.
    asked: &'static [&'static str],
    /// Whether the researcher put them together.
    is_joined: bool,
    /// The base, from 0 on, and its session, from 0 on, that answer it.
    answered: Option<(usize, usize)>,
    /// What schools say of the answer, in the order in which they asked.
    rated: &'static [(usize, &'static str)],
}

const THEMES: [Theme; 8] = [
    Theme {
        subject: "小学语文",
        stage: Stage::Primary,
        asked: &[
            "整本书阅读怎样在课内推进",
            "整本书阅读课时从哪里来，怎样安排",
            "整本书阅读怎样检查读没读、读得怎样",
            "中高年级整本书阅读怎样分层指导",
            "复式班的整本书阅读怎样开展",
        ],
        is_joined: true,
        answered: Some((0, 10)),
        rated: &[(5, "带回的导读单可以直接用"), (4, "希望再有一节示范课"), (4, "")],
    },
    Theme {
        subject: "小学语文",
        stage: Stage::Primary,
        asked: &[
            "习作讲评怎样不流于形式",
            "习作批改费时多、效果差怎么办",
            "怎样让习作修改在课上发生",
        ],
        is_joined: true,
        answered: None,
        rated: &[],
    },
    Theme {
        subject: "小学数学",
        stage: Stage::Primary,
        asked: &[
            "计算教学怎样兼顾算理和算法",
            "学生会算不会讲理怎么办",
            "口算训练怎样不枯燥",
            "计算错误率高，怎样诊断",
        ],
        is_joined: true,
        answered: Some((1, 11)),
        rated: &[(5, "错题归因的办法很管用"), (3, "")],
    },
    Theme {
        subject: "小学数学",
        stage: Stage::Primary,
        asked: &["班额小，作业怎样分层", "单元作业怎样设计和减量"],
        is_joined: false,
        answered: None,
        rated: &[],
    },
    Theme {
        subject: "初中语文",
        stage: Stage::Junior,
        asked: &[
            "名著导读怎样落实到每一周",
            "名著阅读怎样检测才不变成刷题",
            "名著导读课的几种课型怎样上",
        ],
        is_joined: true,
        answered: Some((5, 13)),
        rated: &[],
    },
    Theme {
        subject: "初中英语",
        stage: Stage::Junior,
        asked: &[
            "听说机考以后课堂怎样安排听说",
            "听说训练缺设备怎么办",
            "听说怎样和读写结合",
        ],
        is_joined: true,
        answered: None,
        rated: &[],
    },
    Theme {
        subject: "学前教育",
        stage: Stage::Kindergarten,
        asked: &["自主游戏中教师何时介入", "游戏观察记录怎样写才有用"],
        is_joined: false,
        answered: None,
        rated: &[],
    },
    Theme {
        subject: "小学科学",
        stage: Stage::Primary,
        asked: &["没有实验室怎样做好分组实验", "科学课怎样用身边的材料"],
        is_joined: false,
        answered: None,
        rated: &[],
    },
];

/// A question of the sample: its theme, its id, and the school that asks.
struct Sent<'c> {
    theme: &'static Theme,
    /// Among those of its theme.
    place: usize,
    id: String,
    text: &'static str,
    school: &'c School,
    on: Date,
}

/// The four sheets.
pub(super) fn questions(county: &County) -> Vec<Table> {
    let sent = sent(county);
    vec![asked(&sent), joined(&sent), planned(&sent), rated(&sent)]
}

/// Each theme begins with another school, so that many ask.
fn sent(county: &County) -> Vec<Sent<'_>> {
    let mut all = Vec::new();
    for (number, theme) in THEMES.iter().enumerate() {
        let of_stage = county.schools.iter().filter(|school| school.stage == theme.stage);
        let mut schools = of_stage.cycle().skip(number * 3);
        for (place, text) in theme.asked.iter().enumerate() {
            let Some(school) = schools.next() else { break };
            let count = all.len() + 1;
            all.push(Sent {
                theme,
                place,
                id: format!("XQ-2022-{count:02}"),
                text,
                school,
                on: plus_days(date(2022, 9, 1), i64::try_from(count % 9).unwrap_or(0)),
            });
        }
    }
    all
}

fn asked(sent: &[Sent<'_>]) -> Table {
    let cols = [
        Col::Semester,
        Col::School,
        Col::Subject,
        Col::Question,
        Col::From,
        Col::QuestionId,
    ];
    let mut table = table(Kind::Questions, &cols);
    for one in sent {
        table.rows.push(vec![
            text(SEMESTER),
            text(&one.school.id),
            text(one.theme.subject),
            text(one.text),
            day(one.on),
            text(&one.id),
        ]);
    }
    table
}

/// The question that stands for those of a theme.
fn first<'s, 'c>(sent: &'s [Sent<'c>], of: &Sent<'_>) -> Option<&'s Sent<'c>> {
    sent.iter()
        .find(|one| one.place == 0 && Some(&one.text) == of.theme.asked.first())
}

fn joined(sent: &[Sent<'_>]) -> Table {
    let mut table = table(Kind::QuestionJoins, &[Col::QuestionId, Col::Into, Col::From]);
    for one in sent.iter().filter(|one| one.theme.is_joined && one.place > 0) {
        let into = first(sent, one).map_or("", |into| &into.id);
        table.rows.push(vec![text(&one.id), text(into), day(date(2022, 9, 20))]);
    }
    table
}

fn planned(sent: &[Sent<'_>]) -> Table {
    let cols = [
        Col::QuestionId,
        Col::PlannedOn,
        Col::Project,
        Col::Provider,
        Col::Year,
        Col::From,
        Col::Session,
        Col::SessionType,
        Col::Base,
    ];
    let mut table = table(Kind::QuestionPlans, &cols);
    let planned = sent.iter().filter(|one| one.place == 0);
    for (one, (base, session)) in planned.filter_map(|one| Some((one, one.theme.answered?))) {
        let held = base_session(base, session);
        table.rows.push(vec![
            text(&one.id),
            day(date(2022, 9, 26)),
            text(held.project),
            text(held.provider),
            number(2022),
            day(held.day),
            text(held.name),
            text(held.session_type),
            text(held.base),
        ]);
    }
    table
}

fn rated(sent: &[Sent<'_>]) -> Table {
    let cols = [Col::QuestionId, Col::School, Col::Rating, Col::Why, Col::From];
    let mut table = table(Kind::AnswerRatings, &cols);
    for one in sent {
        let rating = one.theme.rated.get(one.place).zip(one.theme.answered);
        if let Some(((rating, remark), (base, session))) = rating {
            let on = plus_days(base_day(base, session), 3);
            table.rows.push(vec![
                text(&one.id),
                text(&one.school.id),
                number(*rating),
                text(*remark),
                day(on),
            ]);
        }
    }
    table
}
