//! What titles are called, and which there are (DOMAIN §7).

use crate::codes::{Level, TitleClass};

/// 县级教学能手
pub fn title_zh(class: TitleClass, level: Level) -> String {
    format!("{}{}", level.zh(), class.zh())
}

/// Every class at every level that has titles, from 县级教学新秀 up.
pub fn titles_zh() -> Vec<String> {
    let of = |level: Level| TitleClass::ALL.iter().map(move |class| title_zh(*class, level));
    levels_of_titles().flat_map(of).collect()
}

/// The title that is called so; 市级 is short for 地市级.
pub fn title_of(text: &str) -> Option<(TitleClass, Level)> {
    let mut classes = TitleClass::ALL.iter();
    let (class, level) = classes.find_map(|class| Some((*class, text.strip_suffix(class.zh())?)))?;
    let level = if level == "市级" {
        Level::City
    } else {
        Level::from_word(level).filter(|level| has_titles(*level))?
    };
    Some((class, level))
}

/// From the county up.
pub fn levels_of_titles() -> impl Iterator<Item = Level> {
    Level::ALL.iter().copied().rev().filter(|level| has_titles(*level))
}

/// Whether titles are conferred at the level.
pub const fn has_titles(level: Level) -> bool {
    rank(level) > 0
}

/// County 1, city 2, province 3, nation 4; other levels have no titles.
pub(crate) const fn rank(level: Level) -> u8 {
    match level {
        Level::County => 1,
        Level::City => 2,
        Level::Province => 3,
        Level::National => 4,
        Level::DistrictGroup | Level::School | Level::Other => 0,
    }
}
