//! The register of schools (学校名录) for people.

use keshi_core::codes::Stage;
use keshi_core::lang::Lang;
use keshi_proto::api::RegisteredSchool;

use crate::time::date;

/// The columns' names.
pub const HEADINGS: [(&str, &str); 8] = [
    ("学校编号", "school"),
    ("名称", "name"),
    ("学段", "stage"),
    ("乡镇", "township"),
    ("片区", "group"),
    ("自", "since"),
    ("至", "until"),
    ("并入", "goes on in"),
];

/// The cells of one school, in the order of [`HEADINGS`].
pub fn cells(school: &RegisteredSchool, lang: Lang) -> [String; 8] {
    let stage = Stage::from_code(school.stage);
    [
        school.school_id.clone(),
        school.name.clone(),
        stage.map_or("", |stage| lang.pick(stage.zh(), stage.en())).to_owned(),
        school.township.clone(),
        school.group.clone(),
        date(school.since.as_ref()),
        date(school.last_day.as_ref()),
        school.successor_id.clone(),
    ]
}
