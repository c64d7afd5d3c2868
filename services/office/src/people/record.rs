//! How an identity lies on disk: JSON with the version of the form, so that a later one can add printed names and the
//! names of evidence files and still read these.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{IdDocument, Identity};

/// The stored forms. A form once released is never changed; a new one is added and written from then on.
#[derive(Serialize, Deserialize)]
#[serde(tag = "v")]
enum Record {
    #[serde(rename = "1")]
    V1(V1),
}

#[derive(Serialize, Deserialize)]
struct V1 {
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id_doc_type: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id_doc_no: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    phone: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    birth_date: Option<String>,
    updated_at: String,
}

pub(super) fn encode(identity: &Identity) -> Result<Vec<u8>, serde_json::Error> {
    // Taken apart in full: a new field does not compile until it is stored.
    let Identity {
        teacher_id: _,
        name,
        id_document,
        phone,
        birth_date,
        updated_at,
    } = identity;
    serde_json::to_vec(&Record::V1(V1 {
        name: name.clone(),
        id_doc_type: id_document.as_ref().map(|document| document.kind().to_owned()),
        id_doc_no: id_document.as_ref().map(|document| document.number().to_owned()),
        phone: phone.clone(),
        birth_date: birth_date.map(|date| date.to_string()),
        updated_at: updated_at.to_string(),
    }))
}

/// Reads a stored identity. `None` if the bytes are not one that this release knows; the reason would quote them.
pub(super) fn decode(teacher_id: &str, bytes: &[u8]) -> Option<Identity> {
    let Record::V1(V1 {
        name,
        id_doc_type,
        id_doc_no,
        phone,
        birth_date,
        updated_at,
    }) = serde_json::from_slice(bytes).ok()?;
    let id_document = match (id_doc_type, id_doc_no) {
        (Some(kind), Some(number)) => Some(IdDocument::stored(kind, number)),
        _ => None,
    };
    Some(Identity {
        teacher_id: teacher_id.to_owned(),
        name,
        id_document,
        phone,
        birth_date: birth_date.map(|text| text.parse::<Date>()).transpose().ok()?,
        updated_at: updated_at.parse::<Timestamp>().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_form_is_read_for_ever() {
        let stored = r#"{"v":"1","name":"试样甲","id_doc_type":"护照","id_doc_no":"E00000000","phone":"19900000000","birth_date":"1980-02-29","updated_at":"2022-09-01T08:00:00Z"}"#;
        let identity = decode("T1", stored.as_bytes()).unwrap();
        assert_eq!(identity.name, "试样甲");
        assert_eq!(identity.id_document.as_ref().map(IdDocument::number), Some("E00000000"));
        assert_eq!(String::from_utf8(encode(&identity).unwrap()).unwrap(), stored);
    }

    #[test]
    fn a_later_form_is_not_guessed_at() {
        assert!(decode("T1", br#"{"v":"2","name":"x","updated_at":"2022-09-01T08:00:00Z"}"#).is_none());
        assert!(decode("T1", b"").is_none());
    }
}
