//! The ledger's answers to what the write side asks over the bus.
//!
//! The write side has checked the caller's role; what depends on the ledger (whose teacher, whose entry) is checked here.
//! A refusal is an answer like any other; `Err` is kept for questions that cannot be read.

mod check;
mod known;
mod people;
mod resolve;

use std::sync::Arc;

use bytes::Bytes;
use keshi_core::ids::SubmissionId;
use keshi_door::Fault;
use keshi_door::topics;
use keshi_proto::api_convert::receipt_to_api;
use keshi_proto::log::answered::Outcome;
use keshi_proto::log::{Answered, Asker, ResolveQuestion, StatusAnswer, StatusQuestion};
use prost::Message;
use uuid::Uuid;

pub(crate) use self::check::Checks;
use self::resolve::Reach;
pub(crate) use self::resolve::present;
use crate::Context;
use crate::error::Error;
use crate::place::blocking;

/// What became of a question that could be read.
type Reply<A> = Result<A, Fault>;

impl Context {
    /// Answers one question of the write side: what `Ledger::answer` of the bus is to return.
    ///
    /// # Errors
    ///
    /// Words for the asking program, if there is no such topic or the question does not decode: the two processes are of
    /// different releases.
    pub(crate) async fn answer(self: &Arc<Self>, topic: &str, question: Bytes) -> Result<Bytes, String> {
        let read = |error: prost::DecodeError| format!("a question about {topic} does not decode: {error}");
        macro_rules! ask {
            ($method:ident) => {
                packed(self.$method(Message::decode(question).map_err(read)?).await)
            };
        }
        Ok(match topic {
            topics::STATUS => ask!(status),
            topics::KNOWN => ask!(known),
            topics::CHECK => ask!(check),
            topics::YEAR => ask!(year_at),
            topics::PEOPLE_PUT => ask!(put),
            topics::PEOPLE_ERASE => ask!(erase),
            topics::PEOPLE_READMIT => ask!(readmit),
            topics::PEOPLE_RESOLVE => {
                let question = ResolveQuestion::decode(question).map_err(read)?;
                let reach = Reach::of(question.asker.as_ref(), self.parts.guard.office().as_str())
                    .ok_or_else(|| "there is no such role: run the same release everywhere".to_owned())?;
                packed(self.resolve(question, reach).await)
            }
            topic => return Err(format!("there is no topic {topic}: run the same release everywhere")),
        })
    }

    /// What became of a submission: told to her who posted it, and to those who may read all.
    async fn status(&self, question: StatusQuestion) -> Reply<StatusAnswer> {
        let asker = question.asker.unwrap_or_default();
        let Ok(id) = Uuid::from_slice(&question.submission_id) else {
            return Ok(StatusAnswer::default());
        };
        let _turn = self.searching.acquire().await.map_err(|_| Error::Closing)?;
        let engine = self.engine.clone();
        let receipt = blocking(move || -> Result<_, Error> {
            let id = SubmissionId::new(id);
            let Some(receipt) = engine.receipt_of(id)? else {
                return Ok(None);
            };
            // A receipt of nothing but duplicates names no entry of its own; it says no more than the poster knows.
            for index in receipt.verdicts.iter().filter_map(|verdict| verdict.index) {
                let entry = engine.entry(index)?.map(|stored| stored.entry);
                if let Some(entry) = entry.filter(|entry| entry.submission_id == id) {
                    let hers = asker.reads_all || entry.poster.as_str() == asker.poster;
                    return Ok(hers.then_some(receipt));
                }
            }
            Ok(Some(receipt))
        });
        let receipt = receipt.await.and_then(|receipt| receipt)?;
        let receipt = receipt.as_deref().map(receipt_to_api);
        Ok(StatusAnswer { receipt })
    }
}

fn packed<A: Message>(reply: Reply<A>) -> Bytes {
    let outcome = match reply {
        Ok(answer) => Outcome::Answer(answer.encode_to_vec().into()),
        Err(fault) => return fault.to_answer().into(),
    };
    Answered { outcome: Some(outcome) }.encode_to_vec().into()
}

/// The one school that the asker may act for.
fn school_of(asker: Option<&Asker>) -> Option<&str> {
    asker
        .map(|asker| asker.school.as_str())
        .filter(|school| !school.is_empty())
}
