//! A look over a JSON text before any message is made of it: what costs memory is counted, and what the reader of messages
//! lets pass is found — a field given twice, in either spelling — or names without its place — one that there is not.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use keshi_core::lang::{Say, say};
use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::mistake::{Mistake, unreadable};

/// Most objects in one text. Each becomes a message that may take a kilobyte, whatever little it says. A submission of 5,000
/// events has up to ten for each.
pub(super) const OBJECTS_MAX: usize = 60_000;

/// Most values in one text: 5,000 events with forty fields each.
pub(super) const VALUES_MAX: usize = 250_000;

/// Looks over `json`, a message of this kind.
pub(super) fn look_over(message: &MessageDescriptor, json: &str) -> Result<(), Mistake> {
    let mut found = Found::default();
    let mut reader = serde_json::Deserializer::from_str(json);
    let seed = Walk {
        of: Some(message.clone()),
        found: &mut found,
    };
    let walked = seed.deserialize(&mut reader).and_then(|()| reader.end());
    let Err(error) = walked else { return Ok(()) };
    Err(found.mistake.unwrap_or_else(|| unreadable(&error)))
}

#[derive(Default)]
struct Found {
    path: Vec<Step>,
    objects: usize,
    values: usize,
    mistake: Option<Mistake>,
}

enum Step {
    Field(String),
    Item(usize),
}

/// One value: a message of this kind, or anything.
struct Walk<'a> {
    of: Option<MessageDescriptor>,
    found: &'a mut Found,
}

// === impl Found ===

impl Found {
    fn place(&self) -> String {
        let mut place = String::new();
        for step in &self.path {
            match step {
                Step::Field(name) => {
                    if !place.is_empty() {
                        place.push('.');
                    }
                    place.push_str(name);
                }
                Step::Item(index) => {
                    place.push('[');
                    place.push_str(&index.to_string());
                    place.push(']');
                }
            }
        }
        place
    }

    /// Keeps what is wrong with the field at hand, beside an error that ends the reading.
    fn wrong<E: Error>(&mut self, field: String, text: Say, is_too_large: bool) -> E {
        self.mistake = Some(Mistake {
            field,
            text,
            is_too_large,
        });
        E::custom("mistaken")
    }

    fn count<E: Error>(&mut self, is_object: bool) -> Result<(), E> {
        self.values += 1;
        self.objects += usize::from(is_object);
        if self.values <= VALUES_MAX && self.objects <= OBJECTS_MAX {
            return Ok(());
        }
        let text = say(
            format!("一次请求至多 {VALUES_MAX} 个取值、{OBJECTS_MAX} 个对象；请拆成几批提交（每批至多 5000 条）"),
            format!(
                "a request has at most {VALUES_MAX} values and {OBJECTS_MAX} objects; split it (a submission has at most 5,000 \
                 events)"
            ),
        );
        Err(self.wrong(String::new(), text, true))
    }
}

// === impl Walk ===

impl Walk<'_> {
    /// The field of this name, which no earlier key of the same object was.
    fn field<E: Error>(&mut self, key: &str, seen: &mut HashSet<String>) -> Result<Option<FieldDescriptor>, E> {
        let known = self.of.as_ref().map(|message| {
            let by_json = message.get_field_by_json_name(key);
            by_json.or_else(|| message.get_field_by_name(key))
        });
        let name = match &known {
            Some(Some(field)) => field.name(),
            _ => key,
        };
        let (name, is_new) = (name.to_owned(), seen.insert(name.to_owned()));
        self.found.path.push(Step::Field(name.chars().take(64).collect()));
        if matches!(known, Some(None)) {
            let place = self.found.place();
            let of = self.of.as_ref().map_or("", |message| message.name());
            let text = say(
                format!("没有字段 {place}；请核对 {of} 的字段名"),
                format!("there is no field {place}; compare it with the fields of {of}"),
            );
            return Err(self.found.wrong(place, text, false));
        }
        if !is_new {
            let place = self.found.place();
            let text = say(
                format!("字段 {place} 填了两次；请只填一次"),
                format!("the field {place} is given twice; give it once"),
            );
            return Err(self.found.wrong(place, text, false));
        }
        Ok(known.flatten())
    }
}

impl<'de> DeserializeSeed<'de> for Walk<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        self.found.count(false)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        self.found.count(false)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<(), E> {
        self.found.count(false)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        self.found.count(false)
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<(), E> {
        self.found.count(false)
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.found.count(false)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        self.found.count(false)?;
        for index in 0.. {
            self.found.path.push(Step::Item(index));
            let of = self.of.clone();
            let walk = Walk { of, found: self.found };
            if items.next_element_seed(walk)?.is_none() {
                break;
            }
            self.found.path.pop();
        }
        self.found.path.pop();
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut pairs: A) -> Result<(), A::Error> {
        self.found.count(true)?;
        let mut seen = HashSet::new();
        while let Some(key) = pairs.next_key::<Cow<'de, str>>()? {
            let field = self.field(&key, &mut seen)?;
            let of = match field.map(|field| field.kind()) {
                // A well-known message has a form of its own, which is no object of its fields.
                Some(Kind::Message(message)) if message.package_name() != "google.protobuf" => Some(message),
                _ => None,
            };
            let found = &mut *self.found;
            pairs.next_value_seed(Walk { of, found })?;
            self.found.path.pop();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::catalog::pool;
    use super::*;

    fn mistake(json: &str) -> Mistake {
        let message = pool().get_message_by_name("keshi.v1.SubmitRequest").unwrap();
        look_over(&message, json).unwrap_err()
    }

    #[test]
    fn a_field_that_there_is_not_is_told_with_its_place() {
        let found = mistake(r#"{"events": [{}, {"fact": {"lessonGiven": {"period": 2}}}]}"#);
        assert_eq!(found.field, "events[1].fact.lesson_given.period");
        assert!(
            found.text.en.contains("LessonGiven") && found.text.zh.contains("没有字段"),
            "{found:?}"
        );
    }

    #[test]
    fn a_field_given_twice_is_told_in_either_spelling() {
        for json in [
            r#"{"submissionId": "a", "submissionId": "b"}"#,
            r#"{"submissionId": "a", "submission_id": "a"}"#,
            r#"{"submission_id": null, "submissionId": "a"}"#,
        ] {
            let found = mistake(json);
            assert_eq!(found.field, "submission_id", "{json}");
            assert!(found.text.en.contains("twice"), "{found:?}");
        }
    }

    #[test]
    fn what_is_no_json_is_told_with_line_and_column_in_both_languages() {
        for (json, en, zh) in [
            ("{\"events\": [\n  {,]}", "line 2, column 4", "第 2 行第 4 个字符"),
            ("{} {}", "trailing characters", "多余内容"),
            ("{\"events\": [", "EOF", "不完整"),
            ("", "EOF", "不完整"),
        ] {
            let found = mistake(json);
            assert!(
                found.text.en.contains(en) && found.text.zh.contains(zh),
                "{json}: {found:?}"
            );
        }
    }

    #[test]
    fn depth_is_bounded_long_before_the_stack_is() {
        let deep = format!("{{\"events\": {}{}}}", "[".repeat(10_000), "]".repeat(10_000));
        assert!(mistake(&deep).text.en.contains("recursion limit"));
        let objects = format!("{}1{}", "{\"events\":".repeat(10_000), "}".repeat(10_000));
        let found = mistake(&objects);
        assert!(!found.text.en.is_empty(), "{found:?}");
    }

    #[test]
    fn a_small_text_of_many_messages_is_refused_before_they_are_made() {
        let empty = format!("{{\"events\": [{}{{}}]}}", "{},".repeat(OBJECTS_MAX));
        assert!(mistake(&empty).is_too_large);
        let values = format!("{{\"events\": [{}0]}}", "0,".repeat(VALUES_MAX));
        assert!(mistake(&values).is_too_large);
    }

    #[test]
    fn as_many_events_as_a_submission_takes_are_let_pass() {
        let event = r#"{"eventId":"a","occurredFrom":{"year":2022,"month":1,"day":1},"occurredTo":{"year":2022,"month":1,"day":1},
            "postedAt":null,"fact":{"lessonGiven":{"teacherId":"T1","type":"LESSON_TYPE_OPEN","level":"LEVEL_COUNTY",
            "schoolId":"S1","subject":"语文","periods":2}}}"#.replace("\"postedAt\":null,", "");
        let json = format!("{{\"events\": [{}]}}", vec![event; 5_000].join(","));
        let message = pool().get_message_by_name("keshi.v1.SubmitRequest").unwrap();
        assert_eq!(look_over(&message, &json), Ok(()));
    }
}
