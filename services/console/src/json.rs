//! Messages as the standard JSON form of protobuf, for people to read.

use prost::Message;
use prost_reflect::{DynamicMessage, SerializeOptions};

use crate::connect::descriptors;

/// The message of this full name, over several lines, its fields named as in the proto; `None` if it has no such form.
pub(crate) fn pretty(name: &str, message: &impl Message) -> Option<String> {
    let descriptor = descriptors().get_message_by_name(name)?;
    let dynamic = DynamicMessage::decode(descriptor, message.encode_to_vec().as_slice()).ok()?;
    let options = SerializeOptions::new().use_proto_field_name(true);
    let value = dynamic
        .serialize_with_options(serde_json::value::Serializer, &options)
        .ok()?;
    serde_json::to_string_pretty(&value).ok()
}

#[cfg(test)]
mod tests {
    use keshi_proto::{api, event};

    use super::*;

    #[test]
    fn a_message_is_told_by_the_names_of_its_fields() {
        let event = api::Event {
            event_id: "e".into(),
            occurred_from: Some(event::Date {
                year: 2022,
                month: 3,
                day: 4,
            }),
            ..api::Event::default()
        };
        let text = pretty("keshi.v1.Event", &event).unwrap();
        assert!(
            text.contains("\"occurred_from\": {\n") && text.contains("\"event_id\": \"e\""),
            "{text}"
        );
        assert_eq!(pretty("keshi.v1.NoSuch", &event), None);
    }
}
