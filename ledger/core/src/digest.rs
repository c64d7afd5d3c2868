//! One hash over all balances, titles and posts, to compare ledgers with each other.

use sha2::Digest as _;

use crate::balance::{Assessor, Why};
use crate::ids::Sha256;
use crate::state::State;

impl State {
    /// SHA-256 over every teacher's lines, titles, recommendations and posts at `size`, by teacher id, date and event id.
    ///
    /// It names events, never indices, so two ledgers that took the same postings in different orders agree.
    pub fn digest(&self, size: u64) -> Sha256 {
        let mut hasher = sha2::Sha256::new();
        let assessor = Assessor::under(self, size, &[]);
        let mut teachers: Vec<_> = self
            .teachers
            .iter()
            .filter(|(_, teacher)| teacher.is_known(size))
            .collect();
        teachers.sort_unstable_by_key(|(id, _)| *id);
        for (id, teacher) in teachers {
            hasher.update(format!("teacher {id}\n"));
            // Under no policy an event brings what it says, far within the type.
            for line in assessor.plain_lines(id, teacher).unwrap_or_default() {
                let why = why(&line.why);
                let (meter, counted) = (line.meter.word(), line.counted.hundredths());
                hasher.update(format!(
                    "{} {} {} {meter} {counted} {why}\n",
                    line.from, line.to, line.event_id
                ));
            }
            let mut titles = self.titles(teacher, size);
            titles.sort_unstable_by_key(|title| (title.conferred_on, title.event_id));
            for title in titles {
                let (on, id, valid_to) = (title.conferred_on, title.event_id, title.valid_to);
                let (class, level) = (title.class.code(), title.level.code());
                let waits = if title.waits_for.is_some() {
                    "waiting"
                } else {
                    "settled"
                };
                hasher.update(format!("title {on} {id} {class} {level} {valid_to} {waits}\n"));
            }
            for (on, event_id, level) in self.recommendations_with_effect(teacher, size) {
                hasher.update(format!("recommended {on} {event_id} {}\n", level.code()));
            }
            for holding in self.holdings(&id, size) {
                let school = holding.school.map_or_else(String::new, |school| school.to_string());
                let to = holding.to.map_or_else(String::new, |to| to.to_string());
                hasher.update(format!("post {} {school} {} {to}\n", holding.post.code(), holding.from));
            }
        }
        Sha256(hasher.finalize().into())
    }
}

/// One word for each reason. What no policy can bring about is "other".
const fn why(why: &Why) -> &'static str {
    match why {
        Why::Counted => "counted",
        Why::Void { .. } => "void",
        Why::Cancelled { .. } => "cancelled",
        Why::WaitingFor { .. } => "waiting",
        Why::NotCredited => "not credited",
        Why::OtherOfSession { .. } => "other of session",
        _ => "other",
    }
}
