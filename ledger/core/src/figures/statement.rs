//! A year's figures as text that is the same on every machine: what a closing is held to.
//!
//! Stored for ever as a hash, so its form never changes; another form would be another head line.

use std::fmt::Write as _;

use super::{Figure, Figures, PersonYear, Value};
use crate::ids::Sha256;

/// The first line of a statement.
pub const STATEMENT_HEAD: &str = "keshi/figures@v1";

impl Figures {
    /// The statement (described line by line in `ledger/docs/figures.md`). It names neither the ledger's size nor what
    /// was adopted beside: what changes no figure and nobody's year changes no statement.
    pub fn statement(&self) -> String {
        let mut text = String::with_capacity(4096 + self.people.len() * 128);
        // Writing to a String does not fail.
        let _ = self.write(&mut text);
        text
    }

    /// The SHA-256 of the statement's bytes.
    pub fn hash(&self) -> Sha256 {
        Sha256::of(self.statement().as_bytes())
    }

    fn write(&self, text: &mut String) -> std::fmt::Result {
        writeln!(text, "{STATEMENT_HEAD}")?;
        writeln!(text, "year {}", self.year)?;
        writeln!(text, "definitions {} {}", self.definitions.version, self.sha256)?;
        for figure in &self.figures {
            figure.write(text)?;
        }
        for noted in &self.noted {
            let (id, value, bound) = (noted.figure_id, noted.value, noted.bound.code());
            writeln!(text, "noted {} {id} {value} {bound}", noted.index)?;
        }
        for (index, lessons, talks) in &self.unattributed {
            writeln!(text, "unattributed {index} {lessons} {talks}")?;
        }
        for person in &self.people {
            person.write(text)?;
        }
        Ok(())
    }
}

impl Figure {
    /// `figure ID VALUE ENTRIES HASH`: how many entries are behind it, and the SHA-256 of their numbers, eight bytes each,
    /// big-endian.
    fn write(&self, text: &mut String) -> std::fmt::Result {
        let value = match self.value {
            Value::Number(number) => number.to_string(),
            Value::Share { part, whole } => format!("{part}/{whole}"),
            Value::Undefined => "-".to_owned(),
        };
        let numbers: Vec<u8> = self.entries.iter().flat_map(|index| index.to_be_bytes()).collect();
        let (id, count, sha256) = (self.id, self.entries.len(), Sha256::of(&numbers));
        writeln!(text, "figure {id} {value} {count} {sha256}")
    }
}

impl PersonYear {
    /// `person ID HOURS PROJECTS`, and `; POLICY@VERSION REQUIREMENT PERIOD COUNTED/MIN STATUS` for each that is due.
    fn write(&self, text: &mut String) -> std::fmt::Result {
        let (id, hours, projects) = (self.teacher_id, self.hours, self.projects);
        write!(text, "person {id} {hours} {projects}")?;
        if self.too_large {
            write!(text, " too large")?;
        }
        for standing in &self.standings {
            let (policy, version) = standing.policy;
            let (rule, period, counted, min) = (standing.requirement, standing.period, standing.counted, standing.min);
            write!(
                text,
                "; {policy}@{version} {rule} {period} {counted}/{min} {}",
                standing.status as u8
            )?;
        }
        writeln!(text)
    }
}
