//! The made-up county: schools in six groups, teachers, and the office. Nobody in it exists.

use jiff::civil::{Date, date};
use keshi_core::codes::{Post, Stage};
use keshi_core::time::plus_days;

use super::rng::Rng;

/// Townships, one to each group of schools; invented.
const TOWNSHIPS: [&str; 6] = ["青禾镇", "松岭镇", "云溪镇", "石桥铺镇", "柳湾镇", "槐坪镇"];

/// Units of the office (DOMAIN §3).
const UNITS: [&str; 6] = ["小学组", "初中组", "高中组", "研培组", "质监组", "办公室"];

const SURNAMES: &str =
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜谢邹喻柏窦章云苏潘葛奚范彭郎鲁韦昌马苗方俞任袁柳";
const GIVEN_FIRST: &str = "晓雅思文嘉雨欣子明志建海春秋立永秀丽晨梦若书景玉彦泽承启润清";
const GIVEN_SECOND: &str = "芸宁涵琪航远峰岚霖洁娜敏慧静楠萍蕾菲莹波辉杰超宇轩博洋帆毅";

/// A school.
#[derive(Clone, Debug)]
pub(super) struct School {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) stage: Stage,
    pub(super) township: &'static str,
    /// Its group, from 1 on.
    pub(super) group: usize,
    pub(super) since: Date,
    staff: usize,
}

/// A teacher.
#[derive(Clone, Debug)]
pub(super) struct Teacher {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) id_no: String,
    pub(super) born: Date,
    pub(super) phone: String,
    pub(super) stage: Stage,
    pub(super) subject: &'static str,
    pub(super) hired: Date,
    pub(super) grade: &'static str,
    /// Which school; the office's staff have none.
    pub(super) school: Option<usize>,
    pub(super) unit: &'static str,
    pub(super) post: Post,
    pub(super) post_from: Date,
}

/// Everyone and everything that the sample's sheets are about.
pub(super) struct County {
    pub(super) schools: Vec<School>,
    pub(super) teachers: Vec<Teacher>,
}

/// How many work in the office; the first [`RESEARCHERS`] teachers are its full-time researchers.
pub(super) const OFFICE_STAFF: usize = 10;
/// Full-time researchers (专职教研员).
pub(super) const RESEARCHERS: usize = 6;

impl County {
    pub(super) fn new(rng: &mut Rng) -> Self {
        let schools = schools();
        let mut teachers = Vec::new();
        for place in 0..OFFICE_STAFF {
            let mut teacher = person(rng, teachers.len() + 1, Stage::Other, date(1972, 1, 1));
            teacher.unit = UNITS.get(place % UNITS.len()).copied().unwrap_or_default();
            teacher.post = if place < RESEARCHERS {
                Post::Researcher
            } else {
                Post::OfficeStaff
            };
            // In post before the policy of 2020, so that all of 2022 counts.
            teacher.post_from = plus_days(date(2014, 9, 1), 365 * i64::try_from(place % 5).unwrap_or(0));
            teacher.hired = teacher.hired.min(date(2010, 9, 1));
            teacher.grade = "高级教师";
            teachers.push(teacher);
        }
        for (place, school) in schools.iter().enumerate() {
            for number in 0..school.staff {
                let mut teacher = person(rng, teachers.len() + 1, school.stage, date(1966, 1, 1));
                teacher.school = Some(place);
                teacher.post = match number {
                    0 => Post::HeadTeacher,
                    n if n % 4 == 1 => Post::ClassTeacher,
                    _ => Post::Teacher,
                };
                teachers.push(teacher);
            }
        }
        Self { schools, teachers }
    }

    /// Teachers of schools (not of the office) that pass, by place.
    pub(super) fn of_schools(&self, passes: impl Fn(&Teacher, &School) -> bool) -> Vec<usize> {
        let of = |(place, teacher): (usize, &Teacher)| {
            let school = self.schools.get(teacher.school?)?;
            passes(teacher, school).then_some(place)
        };
        self.teachers.iter().enumerate().filter_map(of).collect()
    }

    /// The school of a teacher.
    pub(super) fn school_of(&self, teacher: &Teacher) -> Option<&School> {
        self.schools.get(teacher.school?)
    }
}

fn schools() -> Vec<School> {
    let mut schools = Vec::new();
    let mut numbers = [0; 4];
    let mut add = |group: usize, code: usize, name: String, stage: Stage, staff: usize| {
        let township = TOWNSHIPS.get(group).copied().unwrap_or_default();
        let number = numbers.get_mut(code).map_or(0, |number| {
            *number += 1;
            *number
        });
        let letters = ["XX", "CZ", "YE", "GZ"].get(code).copied().unwrap_or("QT");
        let since = date(1978 + i16::try_from(group * 3 + code).unwrap_or(0), 9, 1);
        let id = format!("LB-{letters}{number:02}");
        schools.push(School {
            id,
            name,
            stage,
            township,
            group: group + 1,
            since,
            staff,
        });
    };
    for (group, township) in TOWNSHIPS.iter().enumerate() {
        add(group, 0, format!("{township}中心小学"), Stage::Primary, 48);
        add(group, 0, format!("{township}第二小学"), Stage::Primary, 36);
        add(group, 1, format!("{township}初级中学"), Stage::Junior, 44);
        add(group, 2, format!("{township}中心幼儿园"), Stage::Kindergarten, 24);
    }
    add(0, 2, "青禾镇第二幼儿园".to_owned(), Stage::Kindergarten, 24);
    add(0, 2, "青禾镇第三幼儿园".to_owned(), Stage::Kindergarten, 24);
    add(0, 3, "青禾高级中学".to_owned(), Stage::Senior, 90);
    schools
}

fn person(rng: &mut Rng, number: usize, stage: Stage, oldest: Date) -> Teacher {
    let letter = |rng: &mut Rng, letters: &str| letters.chars().nth(rng.below(letters.chars().count())).unwrap_or('文');
    let mut name = letter(rng, SURNAMES).to_string();
    name.push(letter(rng, GIVEN_FIRST));
    if rng.below(10) > 0 {
        name.push(letter(rng, GIVEN_SECOND));
    }
    let born = plus_days(oldest, i64::try_from(rng.below(365 * 30)).unwrap_or(0));
    let age = 22 + i16::try_from(rng.below(4)).unwrap_or(0);
    let hired = date((born.year() + age).min(2021), 9, 1);
    let body = format!("999999{}{:03}", born.strftime("%Y%m%d"), number % 1000);
    let subjects: &[&str] = match stage {
        Stage::Kindergarten => &["学前教育"],
        Stage::Primary => &[
            "小学语文",
            "小学数学",
            "小学语文",
            "小学数学",
            "小学英语",
            "小学科学",
            "小学道德与法治",
        ],
        Stage::Junior => &[
            "初中语文",
            "初中数学",
            "初中英语",
            "初中物理",
            "初中化学",
            "初中道德与法治",
        ],
        Stage::Senior => &["高中语文", "高中数学", "高中英语", "高中物理", "高中思想政治"],
        _ => &["教育研究"],
    };
    let grades = ["高级教师", "一级教师", "一级教师", "二级教师"];
    Teacher {
        id: format!("LB-{number:04}"),
        name,
        id_no: format!("{body}{}", keshi_core::text::resident::check_character(&body)),
        born,
        // No mobile number begins with 100.
        phone: format!("100{:08}", 20_220_000 + number),
        stage,
        subject: rng.pick(subjects).unwrap_or_default(),
        hired,
        grade: rng.pick(&grades).unwrap_or_default(),
        school: None,
        unit: "",
        post: Post::Teacher,
        post_from: hired,
    }
}
