//! How an identity lies on disk: JSON with the version of the form, so that a later one can add to it and still read these.
//! The JSON is sealed with the person's key.
//!
//! ```text
//! 0x01 | sealed JSON        0x7B begins a record of before, which lies open
//! ```

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use zeroize::Zeroizing;

use super::{IdDocument, Identity};
use crate::keyring::key::{Key, NoChance};

/// The first byte of a sealed record.
const SEALED: u8 = 1;

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

/// Whether a record lies open, as an earlier form of keshi wrote them.
pub(super) fn is_open(bytes: &[u8]) -> bool {
    bytes.first() == Some(&b'{')
}

/// The record of one person, sealed with her key for this register.
pub(super) fn seal(identity: &Identity, key: &Key, register: &str) -> Result<Vec<u8>, NoChance> {
    // Serialising strings into memory does not fail.
    let json = Zeroizing::new(encode(identity).map_err(|_| NoChance)?);
    let sealed = key.seal(&about(register, &identity.teacher_id), &json)?;
    Ok([&[SEALED], sealed.as_slice()].concat())
}

/// Reads a sealed record. `None` if it does not open with this key, or is none that this release knows.
pub(super) fn unseal(teacher_id: &str, bytes: &[u8], key: &Key, register: &str) -> Option<Identity> {
    let sealed = bytes.strip_prefix(&[SEALED])?;
    decode(teacher_id, &key.open(&about(register, teacher_id), sealed)?)
}

fn about<'a>(register: &'a str, teacher_id: &'a str) -> [&'a str; 3] {
    ["identity 1", register, teacher_id]
}

fn encode(identity: &Identity) -> Result<Vec<u8>, serde_json::Error> {
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

/// Reads an identity that lies open. `None` if the bytes are not one that this release knows; the reason would quote them.
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
    fn a_sealed_record_opens_for_its_person_in_its_register_alone() {
        let identity = decode(
            "T1",
            r#"{"v":"1","name":"试样甲","updated_at":"2022-09-01T08:00:00Z"}"#.as_bytes(),
        )
        .unwrap();
        let key = Key::random().unwrap();
        let sealed = seal(&identity, &key, "r").unwrap();
        assert!(!is_open(&sealed));
        assert_eq!(unseal("T1", &sealed, &key, "r"), Some(identity));
        assert_eq!(unseal("T2", &sealed, &key, "r"), None);
        assert_eq!(unseal("T1", &sealed, &key, "s"), None);
        assert_eq!(unseal("T1", &sealed, &Key::random().unwrap(), "r"), None);
        assert_eq!(unseal("T1", b"", &key, "r"), None);
    }

    #[test]
    fn a_later_form_is_not_guessed_at() {
        assert!(decode("T1", br#"{"v":"2","name":"x","updated_at":"2022-09-01T08:00:00Z"}"#).is_none());
        assert!(decode("T1", b"").is_none());
    }
}
