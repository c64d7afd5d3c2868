//! Identities as they come from the wire, read in one way by both sides.

use jiff::Timestamp;
use keshi_core::lang::{Say, say};
use keshi_office::people::{IdDocument, Identity, IdentityError};
use keshi_proto::{api, date_from_wire};

/// An identity from the wire. The write side uses it to check, the ledger's side to keep.
///
/// # Errors
///
/// The field that is wrong, and how.
pub fn read(identity: &api::Identity, updated_at: Timestamp) -> Result<Identity, (&'static str, Say)> {
    let api::Identity {
        teacher_id,
        name,
        id_doc_type,
        id_doc_no,
        phone,
        birth_date,
    } = identity;
    let id_document = if id_doc_no.trim().is_empty() {
        None
    } else {
        Some(IdDocument::new(id_doc_type, id_doc_no).map_err(|why| ("id_doc_no", why.said()))?)
    };
    let birth_date = match birth_date {
        None => None,
        Some(date) => {
            let day = date_from_wire(date);
            Some(day.ok_or_else(|| ("birth_date", say("出生日期不存在", "it is not a day")))?)
        }
    };
    let identity = Identity {
        teacher_id: teacher_id.clone(),
        name: name.clone(),
        id_document,
        phone: (!phone.trim().is_empty()).then(|| phone.trim().to_owned()),
        birth_date,
        updated_at,
    };
    identity.check().map_err(|why| {
        let field = match why {
            IdentityError::TeacherId => "teacher_id",
            IdentityError::Name { .. } => "name",
            IdentityError::Phone => "phone",
            IdentityError::Document(_) => "id_doc_no",
        };
        (field, why.said())
    })?;
    Ok(identity)
}
