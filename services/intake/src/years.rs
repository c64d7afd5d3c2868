//! Closing and restating a year: the ledger says where, under which root and with which figures; what was posted otherwise is
//! refused here, before it is on the bus.

use keshi_core::event::{AdoptedVersion, Event, Fact, FiguresAdopted, YearClosed, YearRestated};
use keshi_core::figures::Definitions;
use keshi_core::ids::{EventId, Sha256};
use keshi_core::text::Text;
use keshi_door::{Call, in_document, topics, violation};
use keshi_proto::api;
use keshi_proto::api_convert::event_to_api;
use keshi_proto::event as pb;
use keshi_proto::log::{YearAnswer, YearQuestion};
use uuid::Uuid;

use crate::Context;
use crate::adopt::{self, Adoption};
use crate::ask::asker;
use crate::error::Error;
use crate::form::Form;
use crate::read::Batch;
use crate::submit::post;

/// Adopts definitions of figures.
pub(crate) async fn adopt(
    context: &Context,
    call: &Call,
    request: api::AdoptFiguresRequest,
) -> Result<api::SubmitResponse, Error> {
    call.caller.may_adopt_policy()?;
    let api::AdoptFiguresRequest {
        submission_id,
        document,
        event_id,
    } = request;
    let read = Definitions::parse(&document).map_err(|problems| Error::Fields(in_document("document", &problems)))?;
    let sha256 = Sha256::of(document.as_bytes());
    let fact = FiguresAdopted {
        version: read.version,
        // The document's reader lets no other years through.
        from_year: u16::try_from(read.from_year).unwrap_or_default(),
        sha256,
    };
    let adoption = Adoption {
        submission_id,
        document,
        event_id,
    };
    adopt::adopt(context, call, adoption, fact.into(), sha256).await
}

/// Closes a year at what the ledger has.
pub(crate) async fn close(
    context: &Context,
    call: &Call,
    request: api::CloseYearRequest,
) -> Result<api::SubmitResponse, Error> {
    let api::CloseYearRequest {
        submission_id,
        year,
        position,
    } = request;
    call.caller
        .may_post("year_closed", keshi_office::access::Target::default())?;
    let Counted {
        year,
        position,
        root,
        figures,
        policies,
    } = counted(context, call, (year, position)).await?;
    let fact = YearClosed {
        year,
        log_position: position,
        log_hash: root,
        figures_hash: figures,
        policy_versions: policies,
    };
    post_one(context, call, submission_id, fact).await
}

/// Makes official what is known now of a closed year.
pub(crate) async fn restate(
    context: &Context,
    call: &Call,
    request: api::RestateYearRequest,
) -> Result<api::SubmitResponse, Error> {
    let api::RestateYearRequest {
        submission_id,
        year,
        reason,
        position,
    } = request;
    call.caller
        .may_post("year_restated", keshi_office::access::Target::default())?;
    let reason = Text::new(&reason).map_err(|_| {
        let (zh, en) = (
            "请写明为什么重述，至多 200 字",
            "say why the year is restated, in at most 200 characters",
        );
        Error::Fields(vec![violation("reason", &reason, zh, en)])
    })?;
    let Counted {
        year,
        position,
        root,
        figures,
        policies,
    } = counted(context, call, (year, position)).await?;
    let fact = YearRestated {
        year,
        log_position: position,
        log_hash: root,
        figures_hash: figures,
        policy_versions: policies,
        reason,
    };
    post_one(context, call, submission_id, fact).await
}

/// Checks that what closes or restates a year says what the ledger says.
pub(crate) async fn check(context: &Context, call: &Call, (at, event): (String, &Event)) -> Result<(), Error> {
    let (year, position, root, figures) = if let Fact::YearClosed(fact) = &event.fact {
        (fact.year, fact.log_position, fact.log_hash, fact.figures_hash)
    } else if let Fact::YearRestated(fact) = &event.fact {
        (fact.year, fact.log_position, fact.log_hash, fact.figures_hash)
    } else {
        return Ok(());
    };
    let counted = counted(context, call, (year.into(), position)).await?;
    let wrong = |field: &str, value: Sha256| {
        let (zh, en) = (
            "与台账计算的不一致；封账和重述请用 CloseYear、RestateYear（keshi year close、restate），由台账给出",
            "is not what the ledger counts; close and restate with CloseYear and RestateYear (keshi year close, restate), where the ledger gives it",
        );
        Err(Error::Fields(vec![violation(
            format!("{at}.{field}"),
            value.to_string(),
            zh,
            en,
        )]))
    };
    if counted.root != root || counted.position != position {
        return wrong("log_hash", root);
    }
    if counted.figures != figures {
        return wrong("figures_hash", figures);
    }
    Ok(())
}

/// What the ledger says of a year at a place.
struct Counted {
    year: u16,
    position: u64,
    root: Sha256,
    figures: Sha256,
    policies: Vec<AdoptedVersion>,
}

async fn counted(context: &Context, call: &Call, (year, position): (i32, u64)) -> Result<Counted, Error> {
    let question = YearQuestion {
        asker: Some(asker(&call.caller)),
        year,
        position,
    };
    let answer: YearAnswer = context.ask(topics::YEAR, &question, call.deadline).await?;
    let garbled = || Error::Garbled { what: topics::YEAR };
    let hash = |bytes: &[u8]| bytes.try_into().map(Sha256).map_err(|_| garbled());
    let version = |one: pb::AdoptedVersion| {
        let policy_id = keshi_core::ids::PolicyId::new(&one.policy_id).map_err(|_| garbled())?;
        let version = u32::try_from(one.version).map_err(|_| garbled())?;
        Ok(AdoptedVersion { policy_id, version })
    };
    Ok(Counted {
        year: u16::try_from(year).map_err(|_| garbled())?,
        position: answer.position,
        root: hash(&answer.log_hash)?,
        figures: hash(&answer.figures_hash)?,
        policies: answer
            .policy_versions
            .into_iter()
            .map(version)
            .collect::<Result<_, Error>>()?,
    })
}

async fn post_one(
    context: &Context,
    call: &Call,
    submission_id: String,
    fact: impl Into<Fact>,
) -> Result<api::SubmitResponse, Error> {
    let today = call.received_at.local_date();
    // Each is an act of its own: sent twice it is two, of which the ledger takes the first.
    let id = EventId::new(Uuid::now_v7());
    let batch = Batch {
        submission_id,
        taking: api::Taking::Atomic.into(),
        events: vec![event_to_api(&Event::of(id, today, today, fact))],
        form: Form::Events,
    };
    post(context, call, batch).await
}
