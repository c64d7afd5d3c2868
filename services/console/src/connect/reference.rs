//! The methods as pages: what each does, takes and gives, and how it is asked for with curl.

use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use keshi_core::lang::Lang;
use maud::{Markup, html};
use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};
use serde_json::{Map, Value, json};

use super::catalog::{Method, PACKAGE, Shape, comment, services as all};
use crate::page::{open_page, page};
use crate::table::{Set, Table, text};
use crate::visitor::{Stranger, Visitor};

/// How deep an example goes.
const EXAMPLE_DEPTH: usize = 4;

/// All services with their methods.
pub(super) async fn services(stranger: Stranger, visitor: Option<Visitor>) -> Response {
    let lang = stranger.lang;
    let intro = lang.pick(
        "程序可以用 gRPC 或普通 HTTP 调用以下接口；HTTP 用 JSON，遵循 Connect 协议。每次调用带上令牌：authorization: Bearer ks_…",
        "Programs call these methods by gRPC or plain HTTP; over HTTP in JSON, by the Connect protocol. Every call carries a token: \
         authorization: Bearer ks_…",
    );
    let content = html! {
        p { (intro) }
        p { a href="/openapi.json" { "OpenAPI: /openapi.json" } }
        @for service in all() {
            p.quiet { (comment(&service.parent_file(), service.path())) }
            (table_of(lang, service.methods().map(Method)).render(service.full_name()))
        }
    };
    shown(&stranger, visitor.as_ref(), lang.pick("接口", "API"), &content)
}

/// One method.
pub(super) async fn method(
    stranger: Stranger,
    visitor: Option<Visitor>,
    Path((service, name)): Path<(String, String)>,
) -> Response {
    let Some(method) = Method::find(&format!("/{PACKAGE}.{service}/{name}")) else {
        return Redirect::to("/api").into_response();
    };
    let lang = stranger.lang;
    let (asked, answered) = (method.0.input(), method.0.output());
    let mut told = Vec::new();
    gather(&asked, &mut told);
    gather(&answered, &mut told);
    let content = html! {
        @for paragraph in comment(&method.0.parent_file(), method.0.path()).lines() { p { (paragraph) } }
        p.quiet { (how(lang, method)) " · " code { (method.path()) } }
        @if method.shape() == Shape::Unary { pre { code { (curl(method)) } } }
        p { (lang.pick("请求 ", "takes ")) code { (asked.name()) } (lang.pick("，答复 ", ", gives ")) code { (answered.name()) } }
        @for message in &told { (fields(lang, message)) }
        p { a href="/api" { (lang.pick("全部接口", "all methods")) } }
    };
    shown(&stranger, visitor.as_ref(), &format!("{service}.{name}"), &content)
}

fn shown(stranger: &Stranger, visitor: Option<&Visitor>, title: &str, content: &Markup) -> Response {
    match visitor {
        Some(visitor) => page(visitor, title, content),
        None => open_page(stranger, title, content),
    }
}

fn table_of(lang: Lang, methods: impl Iterator<Item = Method>) -> Table {
    let mut table = Table::new([
        (lang.pick("接口", "method"), Set::Text),
        (lang.pick("方式", "how"), Set::Text),
        (lang.pick("说明", "does"), Set::Text),
    ]);
    for method in methods {
        let (service, name) = (method.0.parent_service().name().to_owned(), method.0.name());
        let told = comment(&method.0.parent_file(), method.0.path());
        table.row([
            html! { a href=(format!("/api/{service}/{name}")) { code { (name) } } },
            text(how(lang, &method)),
            text(told),
        ]);
    }
    table
}

fn how(lang: Lang, method: &Method) -> &'static str {
    match method.shape() {
        Shape::Unary if method.is_gettable() => "GET, POST",
        Shape::Unary => "POST",
        Shape::ServerStream => lang.pick("POST，逐条答复", "POST, a stream of answers"),
        Shape::ClientStream => lang.pick("仅 gRPC", "gRPC only"),
    }
}

/// A message and those within it, each once.
fn gather(message: &MessageDescriptor, told: &mut Vec<MessageDescriptor>) {
    if message.package_name() == "google.protobuf" || told.contains(message) {
        return;
    }
    told.push(message.clone());
    for field in message.fields() {
        if let Kind::Message(inner) = field.kind() {
            gather(&inner, told);
        }
    }
}

fn fields(lang: Lang, message: &MessageDescriptor) -> Markup {
    let mut table = Table::new([
        (lang.pick("字段", "field"), Set::Text),
        (lang.pick("类型", "type"), Set::Text),
        (lang.pick("说明", "means"), Set::Text),
    ]);
    for field in message.fields() {
        let choice = field.containing_oneof().filter(|choice| !choice.is_synthetic());
        let told = comment(&field.parent_file(), field.path());
        let one_of = choice.map(|choice| format!("{} {}. ", lang.pick("择一：", "one of"), choice.name()));
        table.row([
            html! { code { (field.json_name()) } },
            text(kind(&field)),
            text(format!("{}{told}", one_of.unwrap_or_default())),
        ]);
    }
    let told = comment(&message.parent_file(), message.path());
    html! {
        section id=(message.name()) {
            h2 { (message.name()) }
            @if !told.is_empty() { p.quiet { (told) } }
            (table.render(message.full_name()))
        }
    }
}

/// A field's type, as its JSON has it.
fn kind(field: &FieldDescriptor) -> String {
    let one = match field.kind() {
        Kind::Message(message) if message.full_name() == "google.protobuf.Timestamp" => {
            "2022-12-31T00:00:00Z".to_owned()
        }
        Kind::Message(message) => message.name().to_owned(),
        Kind::Enum(values) => {
            let names: Vec<_> = values.values().skip(1).map(|value| value.name().to_owned()).collect();
            names.join(" | ")
        }
        Kind::Bytes => "base64".to_owned(),
        other => format!("{other:?}").to_lowercase(),
    };
    if field.is_list() { format!("[{one}]") } else { one }
}

fn curl(method: &Method) -> String {
    let example = example(&method.0.input(), EXAMPLE_DEPTH);
    format!(
        "curl https://HOST:7611{} \\\n  -H 'authorization: Bearer ks_…' -H 'content-type: application/json' \\\n  -d '{example}'",
        method.path()
    )
}

/// A message with something in every field, and of what excludes each other the first.
fn example(message: &MessageDescriptor, depth: usize) -> Value {
    let fields = message.fields().filter(|field| {
        let choice = field.containing_oneof();
        choice.is_none_or(|choice| choice.fields().next().as_ref() == Some(field))
    });
    let pairs = fields.filter_map(|field| {
        let one = match field.kind() {
            Kind::Message(inner) if inner.full_name() == "google.protobuf.Timestamp" => json!("2022-12-31T00:00:00Z"),
            Kind::Message(_) if depth == 0 => return None,
            Kind::Message(inner) => example(&inner, depth - 1),
            Kind::Enum(values) => json!(values.values().nth(1)?.name()),
            Kind::Bool => json!(true),
            Kind::String => json!("…"),
            Kind::Bytes => json!(""),
            Kind::Int64 | Kind::Uint64 | Kind::Sint64 | Kind::Fixed64 | Kind::Sfixed64 => json!("1"),
            _ => json!(1),
        };
        let value = if field.is_list() { json!([one]) } else { one };
        Some((field.json_name().to_owned(), value))
    });
    Value::Object(pairs.collect::<Map<_, _>>())
}

#[cfg(test)]
mod tests {
    use super::super::walk::look_over;
    use super::*;

    #[test]
    fn the_example_of_every_method_is_a_message_of_it() {
        for service in all() {
            for method in service.methods() {
                let json = example(&method.input(), EXAMPLE_DEPTH).to_string();
                assert_eq!(look_over(&method.input(), &json), Ok(()), "{}", method.full_name());
                let mut reader = serde_json::Deserializer::from_str(&json);
                let read = prost_reflect::DynamicMessage::deserialize(method.input(), &mut reader);
                assert!(read.is_ok(), "{}: {read:?}", method.full_name());
            }
        }
    }
}
