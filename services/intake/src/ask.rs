//! Questions to the ledger, over the bus and beside its stream.

use std::time::Instant;

use keshi_office::access::{Caller, RoleName};
use keshi_proto::log::answered::Outcome;
use keshi_proto::log::{Answered, Asker};
use prost::Message;

use crate::Context;
use crate::error::Error;

/// The caller, as the ledger is told of her.
pub(crate) fn asker(caller: &Caller) -> Asker {
    let role = match caller.role().name() {
        RoleName::Lead | RoleName::Researcher | RoleName::Teacher => caller.role().as_text(),
        RoleName::Clerk
        | RoleName::HeadTeacher
        | RoleName::Reviewer
        | RoleName::Auditor
        | RoleName::RegistryReader
        | RoleName::Admin
        | RoleName::Dev => String::new(),
    };
    Asker {
        poster: caller.poster_id().to_owned(),
        school: caller.role().school().unwrap_or_default().to_owned(),
        reads_all: caller.may_read_all().is_ok(),
        role,
    }
}

impl Context {
    /// Asks the ledger and reads its answer.
    pub(crate) async fn ask<A: Message + Default>(
        &self,
        topic: &'static str,
        question: &impl Message,
        deadline: Instant,
    ) -> Result<A, Error> {
        let answer = self.bus.ask(topic, question.encode_to_vec().into(), deadline).await?;
        let garbled = || Error::Garbled { what: topic };
        match Answered::decode(answer).map_err(|_| garbled())?.outcome {
            Some(Outcome::Answer(bytes)) => A::decode(bytes).map_err(|_| garbled()),
            Some(Outcome::Refused(refused)) => Err(Error::Refused(Box::new(refused))),
            None => Err(garbled()),
        }
    }
}
