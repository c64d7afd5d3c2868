//! One hash over all balances and titles, to compare ledgers with each other.

use sha2::Digest as _;

use crate::balance::Why;
use crate::ids::Sha256;
use crate::state::{Detail, State};

impl State {
    /// SHA-256 over every teacher's lines and titles at `size`, by teacher id, date and event id.
    ///
    /// It names events, never indices, so two ledgers that took the same postings in different orders agree.
    pub fn digest(&self, size: u64) -> Sha256 {
        let mut hasher = sha2::Sha256::new();
        let mut teachers: Vec<_> = self
            .teachers
            .iter()
            .filter(|(_, teacher)| teacher.is_known(size))
            .collect();
        teachers.sort_unstable_by_key(|(id, _)| *id);
        for (id, teacher) in teachers {
            hasher.update(format!("teacher {id}\n"));
            for line in self.lines(teacher, None, size) {
                let why = match &line.why {
                    Why::Counted => "counted",
                    Why::Void { .. } => "void",
                    Why::Cancelled { .. } => "cancelled",
                    Why::WaitingFor { .. } => "waiting",
                    Why::NotCredited => "not credited",
                    Why::OtherOfSession { .. } => "other of session",
                };
                let (meter, counted) = (line.meter.word(), line.counted.hundredths());
                hasher.update(format!(
                    "{} {} {} {meter} {counted} {why}\n",
                    line.from, line.to, line.event_id
                ));
            }
            let mut titles: Vec<_> = teacher
                .items
                .iter()
                .filter(|item| self.live(item.index, size))
                .filter_map(|item| match item.detail {
                    Detail::Title { class, level, valid_to } => Some((
                        item.to,
                        self.events.id(item.index),
                        class.code(),
                        level.code(),
                        valid_to,
                    )),
                    _ => None,
                })
                .collect();
            titles.sort_unstable();
            for (on, event_id, class, level, valid_to) in titles {
                let event_id = event_id.map_or_else(String::new, |id| id.to_string());
                hasher.update(format!("title {on} {event_id} {class} {level} {valid_to}\n"));
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
