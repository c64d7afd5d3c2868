//! The API's messages in the standard JSON form of protobuf, both ways.

use std::io::Write;
use std::sync::LazyLock;

use keshi_proto::{DESCRIPTORS, api};
use prost::Message;
use prost_reflect::{DescriptorPool, DynamicMessage, MessageDescriptor, SerializeOptions};
use serde_json::Deserializer;

use crate::exit::{Failure, Outcome, Say, say};

/// A message with its full name, so that its descriptor can be found.
pub(crate) trait Named: Message + Default {
    const NAME: &'static str;
}

macro_rules! named {
    ($($message:ident)*) => { $(
        impl Named for api::$message {
            const NAME: &'static str = concat!("keshi.v1.", stringify!($message));
        }
    )* };
}

named! {
    Account AccountChange AccountWithCode SignIn
    AdoptedFigures Balance BalanceDifference CertificateCheck CheckedSubmission Checkpoint Claim CompareCalendarResponse ComparePoliciesResponse ConsistencyProof Entry Event GrowthMonth Head Held InclusionProof ListAttendanceResponse ListCalendarsResponse ListCertificatesResponse ListClaimsResponse ListFigureEntriesResponse ListFiguresResponse ListHeldSessionsResponse ListInspectionsResponse ListLoadsResponse ListMergesResponse ListNationalRecordsResponse ListOrganisationsResponse ListOverlapsResponse ListPoliciesResponse ListQuestionsResponse ListReadyResponse ListRotationsResponse ListSchoolsResponse ListShortfallsResponse ListSigningKeysResponse ListTopicsResponse ListWorksResponse Reading ReplayResult ResolvePeopleResponse SubmitClaimsRequest SubmitRequest SubmitResponse Tier Year YearReport
}

static POOL: LazyLock<Option<DescriptorPool>> = LazyLock::new(|| DescriptorPool::decode(DESCRIPTORS).ok());

fn descriptor<M: Named>() -> Outcome<MessageDescriptor> {
    let found = POOL.as_ref().and_then(|pool| pool.get_message_by_name(M::NAME));
    found.ok_or_else(|| {
        Failure::failed(say(
            format!("程序缺少消息 {} 的描述，请重新编译", M::NAME),
            format!("the program has no descriptor of {}: build it anew", M::NAME),
        ))
    })
}

/// Writes `message` as one line of JSON.
pub(crate) fn print<M: Named>(message: &M, out: &mut dyn Write) -> Outcome {
    let dynamic = DynamicMessage::decode(descriptor::<M>()?, message.encode_to_vec().as_slice());
    let dynamic = dynamic.map_err(|error| Failure::failed(Say::same(error)))?;
    // To memory first: a line is written whole or not at all.
    let mut line = serde_json::to_vec(&dynamic).map_err(|error| Failure::failed(Say::same(error)))?;
    line.push(b'\n');
    Ok(out.write_all(&line)?)
}

/// The message as a JSON value, its fields named as in the proto.
pub(crate) fn value<M: Named>(message: &M) -> Outcome<serde_json::Value> {
    let dynamic = DynamicMessage::decode(descriptor::<M>()?, message.encode_to_vec().as_slice());
    let dynamic = dynamic.map_err(|error| Failure::failed(Say::same(error)))?;
    let options = SerializeOptions::new().use_proto_field_name(true);
    let value = dynamic.serialize_with_options(serde_json::value::Serializer, &options);
    value.map_err(|error| Failure::failed(Say::same(error)))
}

/// Reads one message from one line of JSON. A field that the message does not have is an error that names it.
pub(crate) fn parse<M: Named>(line: &str) -> Outcome<Result<M, String>> {
    let descriptor = descriptor::<M>()?;
    let mut json = Deserializer::from_str(line);
    let dynamic = DynamicMessage::deserialize(descriptor, &mut json).and_then(|dynamic| json.end().map(|()| dynamic));
    Ok(dynamic
        .map_err(|error| {
            // The line within the text is always the first; the caller knows which one it is.
            let (text, column) = (error.to_string(), error.column());
            let text = text.split(" at line ").next().unwrap_or_default();
            format!("{text} (column {column})")
        })
        .and_then(|dynamic| M::decode(dynamic.encode_to_vec().as_slice()).map_err(|error| error.to_string())))
}

#[cfg(test)]
mod tests {
    use keshi_proto::event;

    use super::*;

    fn printed<M: Named>(message: &M) -> String {
        let mut out = Vec::new();
        print(message, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_submission_survives_the_way_through_json() {
        let visit = event::SchoolVisit {
            researcher_id: "T1".into(),
            school_id: "S1".into(),
            purpose: "教学常规督导".into(),
        };
        let request = api::SubmitRequest {
            submission_id: "6f1c2f0e-6a0f-4d0e-9a46-5b5b7a3f8f11".into(),
            taking: api::Taking::Each.into(),
            events: vec![api::Event {
                occurred_from: Some(event::Date {
                    year: 2022,
                    month: 9,
                    day: 5,
                }),
                fact: Some(visit.into()),
                ..api::Event::default()
            }],
        };
        let line = printed(&request);
        assert!(
            line.contains("\"taking\":\"TAKING_EACH\"") && line.contains("\"schoolVisit\""),
            "{line}"
        );
        assert_eq!(parse::<api::SubmitRequest>(&line).unwrap(), Ok(request));
    }

    #[test]
    fn both_spellings_of_a_field_are_read() {
        let line = r#"{"submission_id": "a", "taking": 1, "events": []}"#;
        assert_eq!(parse::<api::SubmitRequest>(line).unwrap().unwrap().submission_id, "a");
    }

    #[test]
    fn an_unknown_field_is_named_with_its_column() {
        let error = parse::<api::SubmitRequest>(r#"{"submissionId": "a", "evnets": []}"#)
            .unwrap()
            .unwrap_err();
        assert!(error.contains("evnets") && error.contains("column"), "{error}");
        let error = parse::<api::SubmitRequest>(r#"{"events": [{"fact": {"lessonGiven": {"period": 2}}}]}"#).unwrap();
        assert!(error.clone().unwrap_err().contains("period"), "{error:?}");
        assert!(parse::<api::SubmitRequest>("{} {}").unwrap().is_err());
        assert!(parse::<api::SubmitRequest>("nonsense").unwrap().is_err());
    }

    #[test]
    fn every_message_that_is_printed_has_a_descriptor() {
        assert_eq!(printed(&api::Balance::default()), "{}\n");
        assert_eq!(printed(&api::Tier::default()), "{}\n");
        assert_eq!(printed(&api::ListShortfallsResponse::default()), "{}\n");
        assert_eq!(printed(&api::ListPoliciesResponse::default()), "{}\n");
        assert_eq!(printed(&api::ReplayResult::default()), "{}\n");
        assert_eq!(printed(&api::SubmitResponse::default()), "{}\n");
        assert_eq!(printed(&api::Entry::default()), "{}\n");
    }
}
