//! What of the made-up county is in no sheet: claims with their reviews and publicity, and certificates. Each by the call that the
//! people concerned make, so that taking the sample in again changes nothing.

use jiff::Timestamp;
use jiff::civil::{Date, date};
use keshi_core::time::Millis;
use keshi_import::certificates::{self, Wanted};
use keshi_proto::{api, api_convert::event_to_api, date_to_wire};
use keshi_sheets::sample::{Act, BATCH, Claim, claims};

use super::expect_in_ledger;
use crate::Ctx;
use crate::commands::unamended;
use crate::exit::{Outcome, say};
use crate::remote::Session;
use crate::texts::names::count;

/// The day on the certificates.
const ISSUED_ON: Date = date(2022, 12, 30);

/// On what certificates rest: the kind of entries, and how many of them.
const CERTIFIED: [(&str, usize); 3] = [("title_conferred", 13), ("award_given", 4), ("lesson_given", 3)];

/// Submits the claims, takes the steps of their reviews, puts some before the public, issues certificates.
pub(super) async fn load(ctx: &mut Ctx<'_>, session: &Session) -> Outcome {
    let claims = claims();
    let mut to_publish: Option<(&str, Vec<String>)> = None;
    for claim in &claims {
        // One that is there has been taken in before.
        if known(session, claim).await?.is_some() {
            continue;
        }
        for act in &claim.acts {
            match act {
                // With the others, when they are there.
                Act::Publish(by) => to_publish.get_or_insert((by, Vec::new())).1.push(claim.id.clone()),
                act => take(session, claim, act).await?,
            }
        }
    }
    if let Some((by, claim_ids)) = to_publish {
        publish(session, by.to_owned(), claim_ids).await?;
    }
    let issued = certify(session).await?;
    let (claimed, issued) = (count(claims.len() as u64), count(issued as u64));
    ctx.note(&say(
        format!("申报 {claimed} 项已提交、审核、公示，证书 {issued} 张已发"),
        format!("{claimed} claims submitted, reviewed and published, {issued} certificates issued"),
    ));
    Ok(())
}

async fn take(session: &Session, claim: &Claim, act: &Act) -> Outcome {
    let before = known(session, claim).await?;
    let before = before.map_or_else(String::new, |claim| claim.submitted_event);
    let answer = match act {
        Act::Submit {
            event,
            asked,
            statement,
        } => {
            let event = api::Event {
                // The ledger derives it, so that what stays as it was keeps its id.
                event_id: String::new(),
                ..event_to_api(event)
            };
            let item = api::submit_claims_request::Item {
                claim_id: claim.id.clone(),
                teacher_id: claim.teacher_id.clone(),
                asked_centihours: asked.hundredths(),
                statement: (*statement).to_owned(),
                events: vec![event],
                submitted_event: before,
            };
            let request = api::SubmitClaimsRequest {
                items: vec![item],
                by: claim.teacher_id.clone(),
                ..api::SubmitClaimsRequest::default()
            };
            session.reviews().submit_claims(session.call(request)).await
        }
        Act::Review(step, by, reason) => {
            let item = api::review_claims_request::Item {
                claim_id: claim.id.clone(),
                teacher_id: claim.teacher_id.clone(),
                submitted_event: before,
                step: step.code(),
                reason: (*reason).to_owned(),
            };
            let request = api::ReviewClaimsRequest {
                items: vec![item],
                by: by.clone(),
                ..api::ReviewClaimsRequest::default()
            };
            session.reviews().review_claims(session.call(request)).await
        }
        Act::Publish(_) => return Ok(()),
    };
    expect_in_ledger(&answer.map_err(|status| session.failed(&status))?.into_inner())
}

/// The claim, if it was submitted.
async fn known(session: &Session, claim: &Claim) -> Outcome<Option<api::Claim>> {
    let request = api::ListClaimsRequest {
        teacher_id: claim.teacher_id.clone(),
        ..api::ListClaimsRequest::default()
    };
    let answer = session.claims().list_claims(session.call(request)).await;
    let hers = answer.map_err(|status| session.failed(&status))?.into_inner().claims;
    Ok(hers.into_iter().find(|one| one.claim_id == claim.id))
}

/// Puts these before the public from today on. Which days are worked this year, a calendar of the made-up county says: all but
/// Saturdays and Sundays.
async fn publish(session: &Session, by: String, claim_ids: Vec<String>) -> Outcome {
    let year = Millis(Timestamp::now().as_millisecond()).local_date().year();
    let document = format!(
        "# 编造的县 liuba-2022 的工作日安排：周一至周五；正式使用时请按国务院办公厅当年的通知另发。\nid = \"liuba-{year}\"\n\n\
         [[working_days]]\nyear = {year}\n\n[[working_days]]\nyear = {}\n",
        year + 1
    );
    let request = api::AdoptCalendarRequest {
        document,
        ..api::AdoptCalendarRequest::default()
    };
    let answer = session.registry().adopt_calendar(session.call(request)).await;
    expect_in_ledger(&answer.map_err(|status| session.failed(&status))?.into_inner())?;
    let request = api::OpenPublicityRequest {
        batch_id: BATCH.to_owned(),
        claim_ids,
        by,
        ..api::OpenPublicityRequest::default()
    };
    let answer = session.reviews().open_publicity(session.call(request)).await;
    expect_in_ledger(&answer.map_err(|status| session.failed(&status))?.into_inner())
}

/// Issues certificates on titles, prizes and lessons of the year; of the first ones a lost paper is issued again, and a spoiled one
/// voided. How many there are.
async fn certify(session: &Session) -> Outcome<usize> {
    let mut items = Vec::new();
    for (kind, number) in CERTIFIED {
        for entry in entries(session, kind, number).await? {
            let wanted = Wanted {
                entry,
                on: Some(ISSUED_ON),
                ..Wanted::default()
            };
            let of = certificates::items(session, &wanted).await;
            items.extend(of.map_err(|why| unamended(session, &why))?);
        }
    }
    let issued = items.len();
    let answer = certificates::issue(session, items).await;
    let answer = answer.map_err(|status| session.failed(&status))?;
    expect_in_ledger(&answer)?;
    let is_new = |verdict: &api::EventVerdict| verdict.verdict() == api::Verdict::Recorded;
    if answer
        .receipt
        .is_some_and(|receipt| receipt.verdicts.iter().all(is_new))
    {
        let asked = api::ListCertificatesRequest {
            year: ISSUED_ON.year().into(),
            ..api::ListCertificatesRequest::default()
        };
        let all = certificates::all(session, &asked)
            .await
            .map_err(|status| session.failed(&status))?;
        let mut first = all.certificates.iter().rev();
        if let (Some(lost), Some(spoiled)) = (first.next(), first.next()) {
            let again = certificates::reissue(session, lost, "原件遗失").await;
            expect_in_ledger(&again.map_err(|status| session.failed(&status))?)?;
            let void = certificates::void(session, spoiled, ("姓名印错", "sample")).await;
            expect_in_ledger(&void.map_err(|status| session.failed(&status))?)?;
        }
    }
    Ok(issued)
}

/// The first entries of this kind that have effect, of 2022.
async fn entries(session: &Session, kind: &str, number: usize) -> Outcome<Vec<u64>> {
    let mut request = api::ListEntriesRequest {
        filter: Some(api::EntryFilter {
            kind: kind.to_owned(),
            ..api::EntryFilter::default()
        }),
        ..api::ListEntriesRequest::default()
    };
    let mut found = Vec::new();
    let last = date_to_wire(ISSUED_ON);
    loop {
        let answer = session.ledger().list_entries(session.call(request.clone())).await;
        let page = answer.map_err(|status| session.failed(&status))?.into_inner();
        let day = |entry: &api::Entry| {
            let event = entry.event.as_ref()?;
            let on = event.occurred_to.or(event.occurred_from)?;
            Some((on.year, on.month, on.day))
        };
        let in_time = |entry: &&api::Entry| {
            day(entry).is_some_and(|on| on.0 == last.year && on <= (last.year, last.month, last.day))
        };
        found.extend(page.entries.iter().filter(in_time).map(|entry| entry.index));
        if found.len() >= number || page.next_page_token.is_empty() {
            found.truncate(number);
            return Ok(found);
        }
        request.page_token = page.next_page_token;
    }
}
