//! Files that stand behind claims, which go and come in pieces.

use jiff::civil::Date;
use keshi_core::hex;
use keshi_core::ids::Sha256;
use keshi_proto::{api, date_to_wire};
use tonic::Status;

use crate::Client;

/// Bytes sent at once.
const PIECE_BYTES: usize = 1 << 20;

/// Has a file about this teacher kept, which is evidence of something that ended on the day, and says its hash in hexadecimal.
///
/// # Errors
///
/// What the services said: the file is too large, none of the kinds that are taken, about somebody else.
pub async fn send(
    client: &Client,
    teacher_id: &str,
    occurred_to: Date,
    (name, bytes): (&str, &[u8]),
) -> Result<String, Status> {
    let sha256 = hex::show(&Sha256::of(bytes).0);
    let mut offset = 0;
    loop {
        let rest = bytes.get(offset..).unwrap_or_default();
        let piece = rest.get(..PIECE_BYTES).unwrap_or(rest);
        let request = api::PutEvidenceRequest {
            teacher_id: teacher_id.to_owned(),
            name: name.to_owned(),
            sha256: sha256.clone(),
            size: i64::try_from(bytes.len()).unwrap_or(i64::MAX),
            offset: i64::try_from(offset).unwrap_or(i64::MAX),
            piece: piece.to_vec(),
            occurred_to: Some(date_to_wire(occurred_to)),
        };
        client.claims().put_evidence(client.call(request)).await?;
        offset += piece.len();
        if offset >= bytes.len() {
            return Ok(sha256);
        }
    }
}

/// A file behind a claim, whole, and what is known of it.
///
/// # Errors
///
/// What the services said: no such file, not for this caller, erased.
pub async fn fetch(
    client: &Client,
    claim_id: &str,
    sha256: &str,
    purpose: &str,
) -> Result<(api::EvidenceFile, Vec<u8>), Status> {
    let mut all = Vec::new();
    loop {
        let request = api::GetEvidenceRequest {
            claim_id: claim_id.to_owned(),
            sha256: sha256.to_owned(),
            offset: i64::try_from(all.len()).unwrap_or(i64::MAX),
            purpose: purpose.to_owned(),
        };
        let answer = client.claims().get_evidence(client.call(request)).await?.into_inner();
        all.extend_from_slice(&answer.piece);
        let told = answer.file.unwrap_or_default();
        let is_whole = usize::try_from(told.size).is_ok_and(|size| all.len() >= size);
        if is_whole || answer.piece.is_empty() {
            return Ok((told, all));
        }
    }
}
