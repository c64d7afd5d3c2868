//! What a policy says of the office's own affairs beside hours: least times of posts, the mid-term check of topics.

use super::parse::number;
use super::size::ASSIGNMENT_TERMS_MAX;
use crate::codes::AssignmentNature;
use crate::document::{Reader, TableReader};

/// Most months of a least time: twenty years.
const MONTHS_MAX: u32 = 240;

/// Months after which a topic is checked, where no policy says otherwise.
pub const MIDTERM_MONTHS: u32 = 12;

/// The least time of a post of this nature, in months, where no policy says otherwise: three years of rotation, one of
/// exchange and support teaching; none of secondment.
pub const fn usual_months(nature: AssignmentNature) -> Option<u32> {
    match nature {
        AssignmentNature::Rotation => Some(36),
        AssignmentNature::Exchange | AssignmentNature::Support => Some(12),
        AssignmentNature::Secondment => None,
    }
}

/// Reads `[[assignment_term]]`: natures with their least time in months.
pub(super) fn terms<'t>(reader: &mut Reader<'t>, table: &mut TableReader<'t>) -> Vec<(AssignmentNature, u32)> {
    let mut terms: Vec<(AssignmentNature, u32)> = Vec::new();
    for mut row in reader.tables_at_most(table, "assignment_term", ASSIGNMENT_TERMS_MAX) {
        let at = row.at();
        let words: Vec<&str> = AssignmentNature::ALL.iter().map(|nature| nature.zh()).collect();
        let nature = reader.needed_string(&mut row, "nature");
        let nature =
            nature.and_then(|(text, at)| reader.word("nature", &text, at, &words, AssignmentNature::from_word));
        if !row.has("months") {
            reader.missing(&row, "months");
        }
        let months = number(reader, &mut row, "months", 1, MONTHS_MAX);
        reader.done(row);
        let Some((nature, months)) = nature.zip(months) else {
            continue;
        };
        if terms.iter().any(|(other, _)| *other == nature) {
            let (zh, en) = (nature.zh(), nature.en());
            reader.report(at, format!("{zh} 出现两次"), format!("{en} stands twice"));
        }
        terms.push((nature, months));
    }
    terms
}

/// Reads `[topics]`: after how many months a topic is checked; `None` if it is not said.
pub(super) fn midterm<'t>(reader: &mut Reader<'t>, table: &mut TableReader<'t>) -> Option<u32> {
    let mut topics = reader.table(table, "topics")?;
    if !topics.has("midterm_months") {
        reader.missing(&topics, "midterm_months");
    }
    let months = number(reader, &mut topics, "midterm_months", 1, MONTHS_MAX);
    reader.done(topics);
    months
}
