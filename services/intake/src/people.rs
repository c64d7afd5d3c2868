//! The people register, as far as the write side reaches it: identities are checked here and kept by the ledger's
//! process. Nothing of them goes onto the stream.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use keshi_proto::api;
use keshi_proto::log::{EraseQuestion, PutQuestion, ReadmitQuestion, ResolveQuestion};
use prost::Message as _;

use crate::Context;
use crate::ask::asker;
use crate::error::Error;
use keshi_door::identity::read;
use keshi_door::topics;
use keshi_door::{Call, violation};

/// Most people in one `ResolvePeople`.
const QUERIES_MAX: usize = 1_000;

/// People that one token may look up at a stretch: a county's teachers three times over.
const LOOKUPS_MAX: u32 = 20_000;

/// How fast lookups come back: the whole allowance in five minutes. It slows down whoever tries out names.
const LOOKUPS_BACK_PER_SECOND: u32 = 66;

/// Most bytes of identities in one question; with its frame it stays below what the bus carries.
const PUT_BYTES_MAX: usize = 512 * 1024;

/// What one token may still look up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Allowance {
    left: u32,
    since: Instant,
}

/// Checks identities; `path` names the one at each place in the caller's request.
pub(crate) fn violations_of(identities: &[api::Identity], path: impl Fn(usize) -> String) -> Vec<api::FieldViolation> {
    let mut found = Vec::new();
    let mut seen = HashMap::new();
    for (position, identity) in identities.iter().enumerate() {
        if let Err((field, text)) = read(identity, Timestamp::UNIX_EPOCH) {
            // Never the value: it is what must not be in any log.
            let zh = format!("身份信息不合要求：{}", text.zh);
            found.push(violation(format!("{}.{field}", path(position)), "", zh, text.en));
        }
        if let Some(first) = seen.insert(identity.teacher_id.as_str(), position) {
            let id = &identity.teacher_id;
            found.push(violation(
                format!("{}.teacher_id", path(position)),
                id,
                format!("教师 {id} 在第 {} 条已出现，每人只填一条", first + 1),
                format!("teacher {id} stands in item {first} already; give each person once"),
            ));
        }
    }
    found
}

/// Puts identities that were found good into the register, in as many questions as they need.
pub(crate) async fn put(context: &Context, call: &Call, identities: Vec<api::Identity>) -> Result<i32, Error> {
    let school = call.caller.role().school();
    call.caller.may_manage_people(school)?;
    if school.is_some() {
        // Whether a number is taken is an answer about somebody: it is tried out no faster than names are.
        let numbers = identities
            .iter()
            .filter(|identity| !identity.id_doc_no.trim().is_empty());
        let count = u32::try_from(numbers.count()).unwrap_or(u32::MAX);
        context.spend_lookups(call.caller.poster_id(), count, Instant::now())?;
    }
    let mut stored = 0;
    let mut rest = identities.into_iter().peekable();
    while rest.peek().is_some() {
        let mut bytes = 0;
        let mut identities = Vec::new();
        while let Some(identity) = rest.next_if(|next| bytes + next.encoded_len() <= PUT_BYTES_MAX || bytes == 0) {
            bytes += identity.encoded_len() + 4;
            identities.push(identity);
        }
        let asker = Some(asker(&call.caller));
        let question = PutQuestion { asker, identities };
        let answer: api::PutIdentitiesResponse = context.ask(topics::PEOPLE_PUT, &question, call.deadline).await?;
        stored += answer.stored;
    }
    Ok(stored)
}

/// Erases an identity. Only the office may.
pub(crate) async fn erase(
    context: &Context,
    call: &Call,
    request: api::EraseIdentityRequest,
) -> Result<api::EraseIdentityResponse, Error> {
    call.caller.may_manage_people(None)?;
    let api::EraseIdentityRequest { teacher_id, purpose } = request;
    let question = EraseQuestion {
        asker: Some(asker(&call.caller)),
        teacher_id,
        purpose,
    };
    context.ask(topics::PEOPLE_ERASE, &question, call.deadline).await
}

/// Lets an erased identity be put again. Only the office may.
pub(crate) async fn readmit(
    context: &Context,
    call: &Call,
    request: api::ReadmitIdentityRequest,
) -> Result<api::ReadmitIdentityResponse, Error> {
    call.caller.may_manage_people(None)?;
    let api::ReadmitIdentityRequest { teacher_id, purpose } = request;
    let question = ReadmitQuestion {
        asker: Some(asker(&call.caller)),
        teacher_id,
        purpose,
    };
    context.ask(topics::PEOPLE_READMIT, &question, call.deadline).await
}

/// Finds teachers by name or document, within the caller's scope and allowance.
pub(crate) async fn resolve(
    context: &Context,
    call: &Call,
    request: api::ResolvePeopleRequest,
) -> Result<api::ResolvePeopleResponse, Error> {
    call.caller.may_look_people_up()?;
    let api::ResolvePeopleRequest { queries, purpose } = request;
    if queries.len() > QUERIES_MAX {
        let count = queries.len();
        return Err(Error::Fields(vec![violation(
            "queries",
            count.to_string(),
            format!("一次至多查询 {QUERIES_MAX} 人，现有 {count} 人；请分几次"),
            format!("at most {QUERIES_MAX} people at once, not {count}; ask in parts"),
        )]));
    }
    let count = u32::try_from(queries.len()).unwrap_or(u32::MAX);
    context.spend_lookups(call.caller.poster_id(), count, Instant::now())?;
    let asker = Some(asker(&call.caller));
    let question = ResolveQuestion {
        asker,
        queries,
        purpose,
    };
    context.ask(topics::PEOPLE_RESOLVE, &question, call.deadline).await
}

impl Context {
    /// Takes `count` lookups from the allowance of a token.
    fn spend_lookups(&self, poster: &str, count: u32, now: Instant) -> Result<(), Error> {
        let mut resolving = self.resolving.lock();
        let allowance = resolving.entry(poster.to_owned()).or_insert(Allowance {
            left: LOOKUPS_MAX,
            since: now,
        });
        let seconds = u32::try_from(now.duration_since(allowance.since).as_secs()).unwrap_or(u32::MAX);
        if seconds > 0 {
            let back = seconds.saturating_mul(LOOKUPS_BACK_PER_SECOND);
            allowance.left = allowance.left.saturating_add(back).min(LOOKUPS_MAX);
            allowance.since = now;
        }
        let Some(left) = allowance.left.checked_sub(count) else {
            let missing = count - allowance.left;
            return Err(Error::TooManyLookups {
                retry_after: Duration::from_secs((missing / LOOKUPS_BACK_PER_SECOND + 1).into()),
            });
        };
        allowance.left = left;
        Ok(())
    }
}
