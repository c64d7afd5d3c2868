//! The messages as schemas of JSON.

use std::collections::BTreeMap;

use prost_reflect::{EnumDescriptor, FieldDescriptor, Kind, MessageDescriptor};
use serde_json::{Map, Value, json};

use super::catalog::comment;

/// The schemas that were referred to.
#[derive(Default)]
pub(super) struct Schemas(pub(super) BTreeMap<String, Value>);

impl Schemas {
    /// A reference to the schema of this message, which is there then.
    pub(super) fn message(&mut self, message: &MessageDescriptor) -> Value {
        match message.full_name() {
            "google.protobuf.Timestamp" => return json!({"type": "string", "format": "date-time"}),
            "google.protobuf.Duration" => return json!({"type": "string"}),
            _ => {}
        }
        let name = message.full_name().to_owned();
        if !self.0.contains_key(&name) {
            // Itself first, so that one within itself comes to an end.
            self.0.insert(name.clone(), Value::Null);
            let schema = self.object(message);
            self.0.insert(name.clone(), schema);
        }
        reference(&name)
    }

    fn object(&mut self, message: &MessageDescriptor) -> Value {
        let properties: Map<_, _> = message
            .fields()
            .map(|field| (field.json_name().to_owned(), self.field(&field)))
            .collect();
        let mut told = vec![comment(&message.parent_file(), message.path())];
        let choices = message.oneofs().filter(|choice| !choice.is_synthetic());
        let mut schema = json!({"type": "object", "properties": properties});
        for choice in choices {
            let names: Vec<_> = choice.fields().map(|field| field.json_name().to_owned()).collect();
            told.push(format!("At most one of: {}.", names.join(", ")));
            if names.len() == message.fields().len() {
                schema["maxProperties"] = json!(1);
            }
        }
        schema["description"] = json!(told.join("\n").trim());
        schema
    }

    fn field(&mut self, field: &FieldDescriptor) -> Value {
        let one = self.kind(&field.kind());
        let mut schema = if field.is_list() {
            json!({"type": "array", "items": one})
        } else {
            one
        };
        let told = comment(&field.parent_file(), field.path());
        if !told.is_empty() {
            schema["description"] = json!(told);
        }
        schema
    }

    fn kind(&mut self, kind: &Kind) -> Value {
        match kind {
            Kind::Message(message) => self.message(message),
            Kind::Enum(values) => self.values(values),
            Kind::Bool => json!({"type": "boolean"}),
            Kind::String => json!({"type": "string"}),
            Kind::Bytes => json!({"type": "string", "contentEncoding": "base64"}),
            Kind::Double | Kind::Float => json!({"type": "number"}),
            Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => json!({"type": "integer", "format": "int32"}),
            Kind::Uint32 | Kind::Fixed32 => json!({"type": "integer", "minimum": 0}),
            Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => {
                json!({"type": ["string", "integer"], "format": "int64", "pattern": "^-?[0-9]+$"})
            }
            Kind::Uint64 | Kind::Fixed64 => json!({"type": ["string", "integer"], "pattern": "^[0-9]+$", "minimum": 0}),
        }
    }

    fn values(&mut self, values: &EnumDescriptor) -> Value {
        let name = values.full_name().to_owned();
        if !self.0.contains_key(&name) {
            let names: Vec<_> = values.values().map(|value| value.name().to_owned()).collect();
            let mut told = vec![comment(&values.parent_file(), values.path())];
            for value in values.values() {
                let meaning = comment(&value.parent_file(), value.path());
                if !meaning.is_empty() {
                    told.push(format!("{}: {meaning}", value.name()));
                }
            }
            let schema = json!({"type": "string", "enum": names, "description": told.join("\n").trim()});
            self.0.insert(name.clone(), schema);
        }
        reference(&name)
    }
}

fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}
