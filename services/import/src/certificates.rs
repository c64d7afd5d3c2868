//! Certificates (证书): issued on entries, issued again, voided, and looked for by their numbers.

use jiff::Timestamp;
use jiff::civil::Date;
use keshi_client::Client;
use keshi_core::lang::say;
use keshi_core::time::Millis;
use keshi_proto::api::CertificateState;
use keshi_proto::api_convert::event_from_api;
use keshi_proto::{api, date_to_wire, event};
use tonic::Status;
use uuid::Uuid;

use crate::amend::{Unamended, known};

/// Where the ids of events about certificates come from.
const IDS: Uuid = Uuid::from_u128(0x6b65_7368_695f_4f10_9c11_63e5_7274_0001);

/// A certificate to be issued.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// The entry that it rests on.
    pub entry: u64,
    /// Whose; `None`: of everybody whom the entry is about.
    pub teacher_id: Option<String>,
    /// The day of issue; `None`: today.
    pub on: Option<Date>,
    /// What it attests; empty: the entry in words.
    pub attests: String,
    /// 原编号 of an old paper.
    pub old_number: String,
}

/// A certificate as it will be issued.
pub type Item = api::issue_certificates_request::Item;

/// The certificates that are wanted, as events. The same again, while nothing was voided, are the same events.
///
/// # Errors
///
/// [`Unamended`] if an entry is void, recorded nothing, or may not be read.
pub async fn items(client: &Client, wanted: &Wanted) -> Result<Vec<Item>, Unamended> {
    let known = known(client, wanted.entry).await?;
    let basis = known.event.event_id.clone();
    let read = event_from_api(known.event, "").ok();
    let about: Vec<String> = match (&wanted.teacher_id, read) {
        (Some(id), _) => vec![id.clone()],
        (None, Some(event)) => event.fact.subjects().iter().map(ToString::to_string).collect(),
        (None, None) => Vec::new(),
    };
    let attests = match wanted.attests.trim() {
        "" => known.words.what_zh.clone(),
        text => text.to_owned(),
    };
    if about.is_empty() {
        let index = wanted.entry;
        return Err(Unamended::Refused(say(
            format!("第 {index} 条不涉及任何教师，不能据此发证"),
            format!("entry {index} is about no teacher, so no certificate can rest on it"),
        )));
    }
    let on = wanted.on.unwrap_or_else(today);
    let mut items = Vec::with_capacity(about.len());
    for teacher_id in about {
        // One that was voided is followed by another event.
        let before = voided(client, &basis, &teacher_id).await?;
        let old_number = wanted.old_number.trim();
        let says = format!("issue {basis} {teacher_id} {on} {attests}\u{1f}{old_number}\u{1f}{before}");
        items.push(Item {
            head: Some(head(&says, on)),
            fact: Some(event::CertificateIssued {
                teacher_id,
                basis_event: basis.clone(),
                attests: attests.clone(),
                old_number: old_number.to_owned(),
            }),
        });
    }
    Ok(items)
}

/// Issues certificates, each by itself.
///
/// # Errors
///
/// As the services answer.
pub async fn issue(client: &Client, items: Vec<Item>) -> Result<api::SubmitResponse, Status> {
    let request = client.call(api::IssueCertificatesRequest {
        submission_id: Uuid::new_v4().to_string(),
        taking: api::Taking::Each.into(),
        items,
    });
    Ok(client.certificates().issue_certificates(request).await?.into_inner())
}

/// Issues a lost certificate again. The same on one day is done once.
///
/// # Errors
///
/// As the services answer.
pub async fn reissue(
    client: &Client,
    certificate: &api::Certificate,
    reason: &str,
) -> Result<api::SubmitResponse, Status> {
    let (id, on) = (&certificate.event_id, today());
    let item = api::reissue_certificates_request::Item {
        head: Some(head(&format!("reissue {id} {on} {reason}"), on)),
        fact: Some(event::CertificateReissued {
            teacher_id: certificate.teacher_id.clone(),
            certificate_event: id.clone(),
            reason: reason.to_owned(),
        }),
    };
    let request = client.call(api::ReissueCertificatesRequest {
        submission_id: Uuid::new_v4().to_string(),
        taking: api::Taking::Atomic.into(),
        items: vec![item],
    });
    Ok(client.certificates().reissue_certificates(request).await?.into_inner())
}

/// Voids a certificate.
///
/// # Errors
///
/// As the services answer.
pub async fn void(
    client: &Client,
    certificate: &api::Certificate,
    (reason, authorised_by): (&str, &str),
) -> Result<api::SubmitResponse, Status> {
    let (id, on) = (&certificate.event_id, today());
    let item = api::void_certificates_request::Item {
        head: Some(head(&format!("void {id} {on} {reason}\u{1f}{authorised_by}"), on)),
        fact: Some(event::CertificateVoided {
            teacher_id: certificate.teacher_id.clone(),
            certificate_event: id.clone(),
            reason: reason.to_owned(),
            authorised_by: authorised_by.to_owned(),
        }),
    };
    let request = client.call(api::VoidCertificatesRequest {
        submission_id: Uuid::new_v4().to_string(),
        taking: api::Taking::Atomic.into(),
        items: vec![item],
    });
    Ok(client.certificates().void_certificates(request).await?.into_inner())
}

/// All certificates that `asked` is about, page after page.
///
/// # Errors
///
/// As the services answer.
pub async fn all(
    client: &Client,
    asked: &api::ListCertificatesRequest,
) -> Result<api::ListCertificatesResponse, Status> {
    let mut all = api::ListCertificatesResponse::default();
    let ask = |page_token| async {
        let request = api::ListCertificatesRequest {
            page_token,
            ..asked.clone()
        };
        let mut register = client.certificate_register();
        register.list_certificates(client.call(request)).await
    };
    let told = keshi_client::each_page(ask, |page| {
        all.certificates.extend(page.certificates);
        (all.size, all.total) = (page.size, page.total);
        page.next_page_token
    });
    told.await?;
    Ok(all)
}

/// The certificate of a number, as people type it, in the ledger of at least so many entries.
///
/// # Errors
///
/// As the services answer; `NOT_FOUND` if there is none, or not for this caller.
pub async fn numbered(client: &Client, number: &str, min_size: u64) -> Result<api::Certificate, Status> {
    let asked = api::ListCertificatesRequest {
        number: number.to_owned(),
        at: Some(api::At { at: None, min_size }),
        ..api::ListCertificatesRequest::default()
    };
    let found = all(client, &asked).await?.certificates.into_iter().next();
    found.ok_or_else(|| {
        Status::not_found(client.lang().pick(
            format!("没有编号为 {number} 的证书，或您无权查阅；请核对编号"),
            format!("there is no certificate {number}, or it is not yours to read: check the number"),
        ))
    })
}

/// How many certificates of this teacher on this basis were voided.
async fn voided(client: &Client, basis: &str, teacher_id: &str) -> Result<usize, Status> {
    let asked = api::ListCertificatesRequest {
        teacher_id: teacher_id.to_owned(),
        basis_event: basis.to_owned(),
        state: CertificateState::Void.into(),
        ..api::ListCertificatesRequest::default()
    };
    Ok(all(client, &asked).await?.certificates.len())
}

fn today() -> Date {
    Millis(Timestamp::now().as_millisecond()).local_date()
}

fn head(says: &str, on: Date) -> api::EventHead {
    api::EventHead {
        event_id: Uuid::new_v5(&IDS, says.as_bytes()).to_string(),
        occurred_from: Some(date_to_wire(on)),
        ..api::EventHead::default()
    }
}
