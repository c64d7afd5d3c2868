//! The API as an OpenAPI document, made from the descriptors that the services themselves are made from.

use std::sync::LazyLock;

use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use super::catalog::{Method, Shape, comment, services};
use super::schemas::Schemas;

static DOCUMENT: LazyLock<String> = LazyLock::new(|| document().to_string());

const ABOUT: &str = "Keshi (课时): a ledger of teachers' training credit. Each method is asked for with POST, and one that reads also \
                     with GET; this is the Connect protocol (https://connectrpc.com/docs/protocol), so its clients work too. Messages \
                     are protobuf's JSON: a field that is not set is left out, a field that there is not is refused, whole numbers of \
                     64 bits are written as texts and read as either.";

const ENVELOPE: &str = "Each message stands in an envelope: a byte of flags (0), its length in four bytes, big-endian, and its JSON. The \
                        last envelope has the flag 2 and the JSON {} or {\"error\": …}.";

/// Gives out the document.
pub(super) async fn serve() -> Response {
    ([(CONTENT_TYPE, "application/json")], DOCUMENT.as_str()).into_response()
}

/// The document.
fn document() -> Value {
    let mut schemas = Schemas::default();
    let (mut paths, mut tags) = (Map::new(), Vec::new());
    for service in services() {
        let told = comment(&service.parent_file(), service.path());
        tags.push(json!({"name": service.name(), "description": told}));
        for method in service.methods().map(Method) {
            paths.insert(method.path(), operations(&method, &mut schemas));
        }
    }
    schemas.0.insert("connect.Error".to_owned(), error());
    json!({
        "openapi": "3.1.0",
        "info": {"title": "Keshi 课时", "version": env!("CARGO_PKG_VERSION"), "description": ABOUT},
        "servers": [{"url": "/"}],
        "security": [{"token": []}],
        "tags": tags,
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "description": "keshi token create ROLE"}},
            "schemas": schemas.0,
        },
    })
}

fn operations(method: &Method, schemas: &mut Schemas) -> Value {
    let descriptor = &method.0;
    let (asked, answered) = (
        schemas.message(&descriptor.input()),
        schemas.message(&descriptor.output()),
    );
    let failed = json!({
        "description": "What is wrong, and what to do. Streams have it in their last envelope.",
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/connect.Error"}}},
    });
    let service = descriptor.parent_service();
    let operation = |verb: &str, told: String| {
        json!({
            "operationId": format!("{}_{}{verb}", service.name(), descriptor.name()),
            "tags": [service.name()],
            "description": told,
        })
    };
    let told = comment(&descriptor.parent_file(), descriptor.path());
    let mut post = operation("", told.clone());
    match method.shape() {
        Shape::Unary => {
            post["requestBody"] = json!({"required": true, "content": {"application/json": {"schema": asked}}});
            post["responses"] = responses("application/json", &answered, &failed);
        }
        Shape::ServerStream => {
            post["description"] = json!(format!("{told}\n\n{ENVELOPE}"));
            post["requestBody"] = json!({"required": true, "content": {"application/connect+json": {"schema": asked}}});
            post["responses"] = responses("application/connect+json", &answered, &failed);
        }
        Shape::ClientStream => {
            post["description"] = json!(format!(
                "{told}\n\nOnly over gRPC: here it is answered with unimplemented."
            ));
            post["x-only-grpc"] = json!({"asked": asked, "answered": answered});
            post["responses"] = json!({"default": failed});
        }
    }
    if !method.is_gettable() {
        return json!({"post": post});
    }
    let mut get = operation("_get", told);
    get["parameters"] = json!([
        {"name": "encoding", "in": "query", "required": true, "schema": {"type": "string", "enum": ["json", "proto"]}},
        {"name": "message", "in": "query", "required": true, "content": {"application/json": {"schema": asked}}},
        {"name": "base64", "in": "query", "schema": {"type": "string", "enum": ["1"]}},
        {"name": "connect", "in": "query", "schema": {"type": "string", "enum": ["v1"]}},
    ]);
    get["responses"] = responses("application/json", &answered, &failed);
    json!({"post": post, "get": get})
}

fn responses(kind: &str, answered: &Value, failed: &Value) -> Value {
    json!({"200": {"description": "The answer.", "content": {kind: {"schema": answered}}}, "default": failed})
}

fn error() -> Value {
    json!({
        "type": "object",
        "description": "An error, in the language of accept-language.",
        "required": ["code"],
        "properties": {
            "code": {"type": "string", "description": "The gRPC code in small letters, such as permission_denied."},
            "message": {"type": "string", "description": "What is wrong and what to do."},
            "details": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["type", "value"],
                    "properties": {
                        "type": {"type": "string", "description": "google.rpc.ErrorInfo, BadRequest or RetryInfo."},
                        "value": {"type": "string", "contentEncoding": "base64"},
                        "debug": {"description": "The same as JSON. ErrorInfo.reason stays the same in later releases."},
                    },
                },
            },
        },
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use prost_reflect::prost::Message as _;

    use super::*;

    /// The descriptors as they are in the file, read without the catalogue.
    fn files() -> Vec<prost_types::FileDescriptorProto> {
        let set = prost_types::FileDescriptorSet::decode(keshi_proto::DESCRIPTORS).unwrap();
        let files = set.file.into_iter();
        files
            .filter(|file| matches!(file.package(), "keshi.v1" | "keshi.event.v1"))
            .collect()
    }

    #[test]
    fn every_method_and_every_field_of_the_protos_is_in_the_document() {
        let document = document();
        for file in files() {
            for service in &file.service {
                for method in &service.method {
                    let path = format!("/{}.{}/{}", file.package(), service.name(), method.name());
                    assert!(document["paths"][&path]["post"]["description"].is_string(), "{path}");
                }
            }
            for message in &file.message_type {
                let schema = &document["components"]["schemas"][format!("{}.{}", file.package(), message.name())];
                // What no method takes or gives is none of the API's.
                if schema.is_null() {
                    continue;
                }
                let found: BTreeSet<_> = schema["properties"].as_object().unwrap().keys().cloned().collect();
                let expected: BTreeSet<_> = message.field.iter().map(|field| field.json_name().to_owned()).collect();
                assert_eq!(found, expected, "{}", message.name());
            }
        }
    }

    #[test]
    fn every_message_of_the_api_is_referred_to_and_every_reference_leads_somewhere() {
        let document = document();
        let schemas = document["components"]["schemas"].as_object().unwrap();
        let mut missing = Vec::new();
        let mut look = vec![&document];
        while let Some(value) = look.pop() {
            match value {
                Value::Object(pairs) => {
                    if let Some(Value::String(name)) = pairs.get("$ref") {
                        let name = name.strip_prefix("#/components/schemas/").unwrap();
                        if !schemas.contains_key(name) {
                            missing.push(name);
                        }
                    }
                    look.extend(pairs.values());
                }
                Value::Array(items) => look.extend(items),
                Value::Null => panic!("a schema was begun and not ended"),
                _ => {}
            }
        }
        assert_eq!(missing, [""; 0]);
        let of_api = files().into_iter().filter(|file| file.package() == "keshi.v1");
        let messages = of_api.flat_map(|file| file.message_type);
        let unused: Vec<_> = messages
            .map(|message| message.name().to_owned())
            .filter(|name| !schemas.contains_key(&format!("keshi.v1.{name}")))
            .collect();
        assert_eq!(unused, [""; 0], "messages that no method takes or gives");
    }

    #[test]
    fn only_what_has_no_side_effects_is_there_with_get() {
        let document = document();
        let paths = document["paths"].as_object().unwrap();
        let got: Vec<_> = paths.iter().filter(|(_, verbs)| verbs["get"].is_object()).collect();
        assert!(got.len() > 10);
        for (path, _) in got {
            assert!(Method::find(path).unwrap().is_gettable(), "{path}");
        }
    }

    #[test]
    fn what_is_told_of_fields_is_in_the_document() {
        let document = document();
        let asked = &document["components"]["schemas"]["keshi.v1.GetBalanceRequest"]["properties"];
        assert_eq!(
            asked["explain"],
            json!({"type": "boolean", "description": "With the entries behind it."})
        );
        let fact = &document["components"]["schemas"]["keshi.event.v1.Fact"];
        assert_eq!(fact["maxProperties"], 1);
        let head = &document["components"]["schemas"]["keshi.v1.Head"]["properties"]["size"];
        assert_eq!(head["type"], json!(["string", "integer"]));
    }
}
