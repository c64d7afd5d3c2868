//! Questions of ordered research, as the digest sees them.

use super::words::Rows;
use crate::state::{Joined, Planned, Question, Questions, Rated, Sent, Took};

impl Rows<'_> {
    pub(super) fn questions(&mut self, questions: &Questions, hasher: &mut sha2::Sha256) {
        for (id, question) in questions {
            let Question {
                sent,
                joined,
                took,
                planned,
                rated,
            } = question;
            for one in sent {
                let Sent {
                    index,
                    on,
                    school,
                    subject,
                    semester,
                    text,
                    asked_by,
                } = one;
                self.row("sent", *index, &[on, school, subject, semester, text, asked_by]);
            }
            for Joined { index, on, kept } in joined {
                self.row("joined", *index, &[on, kept]);
            }
            for Took { index, dropped } in took {
                self.row("took", *index, &[dropped]);
            }
            for Planned { index, on, session } in planned {
                self.row("planned", *index, &[on, session]);
            }
            for one in rated {
                let Rated {
                    index,
                    on,
                    school,
                    rating,
                    remark,
                } = one;
                self.row("rated", *index, &[on, school, rating, remark]);
            }
            self.hash("question", id, hasher);
        }
    }
}
