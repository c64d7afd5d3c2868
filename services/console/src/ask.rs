//! Questions that stand in the address: their fields, their pages, and what is wrong with one.

use keshi_core::lang::Lang;
use keshi_proto::api;
use maud::{Markup, html};
use serde::Serialize;
use tonic::Status;
use tonic_types::StatusExt as _;

use crate::fault::Answer;
use crate::form::{choice, field};
use crate::page::page;
use crate::visitor::Visitor;

/// The address of a question; what is not asked does not stand in it.
pub(crate) fn address(path: &str, asked: &impl Serialize) -> String {
    // A struct of texts has no form that does not fit.
    let pairs = serde_urlencoded::to_string(asked).unwrap_or_default();
    let pairs: Vec<&str> = pairs
        .split('&')
        .filter(|pair| !pair.is_empty() && !pair.ends_with('='))
        .collect();
    match pairs.as_slice() {
        [] => path.to_owned(),
        pairs => format!("{path}?{}", pairs.join("&")),
    }
}

/// The links of a list in pages: to its beginning, if this is not it, and to the next page, if there is one.
pub(crate) fn pages(visitor: &Visitor, first: Option<String>, next: Option<String>) -> Markup {
    html! {
        @if first.is_some() || next.is_some() {
            nav.pages.noprint aria-label=(visitor.say("翻页", "pages of the list")) {
                @if let Some(first) = first { a href=(first) { (visitor.say("第一页", "first page")) } }
                @if let Some(next) = next { a rel="next" href=(next) { (visitor.say("下一页", "next page")) } }
            }
        }
    }
}

/// The same for a list at `path` whose question has its place in a field `page`: `next` is where it goes on, if it does.
pub(crate) fn turning(visitor: &Visitor, path: &str, asked: &impl Serialize, next: &str) -> Markup {
    let mut pairs = without_page(asked);
    let first = (address(path, asked) != address(path, &pairs)).then(|| address(path, &pairs));
    pairs.push(("page".to_owned(), next.to_owned()));
    pages(visitor, first, (!next.is_empty()).then(|| address(path, &pairs)))
}

/// The question of a list from its beginning.
pub(crate) fn without_page(asked: &impl Serialize) -> Vec<(String, String)> {
    let text = serde_urlencoded::to_string(asked).unwrap_or_default();
    // What was just written reads back.
    let mut pairs: Vec<(String, String)> = serde_urlencoded::from_str(&text).unwrap_or_default();
    pairs.retain(|(name, _)| name != "page");
    pairs
}

/// What was wrong with a question, if anything was: what is said, and which of its fields.
#[derive(Default)]
pub(crate) struct Wrong {
    status: Option<Status>,
    fields: Vec<String>,
}

impl Wrong {
    /// What the services found wrong.
    pub(crate) fn of(status: Status) -> Self {
        let bad = status.get_details_bad_request();
        let fields = bad.map_or_else(Vec::new, |bad| bad.field_violations);
        Self {
            fields: fields.into_iter().map(|violation| violation.field).collect(),
            status: Some(status),
        }
    }

    /// A field that cannot be read at all.
    pub(crate) fn field(name: &str, says: &str) -> Self {
        Self {
            fields: vec![name.to_owned()],
            status: Some(Status::invalid_argument(says)),
        }
    }

    fn has(&self, name: &str) -> bool {
        let is = |field: &String| match field.strip_prefix("filter.").unwrap_or(field) {
            "teacher_id" => name == "about",
            field => field == name,
        };
        self.fields.iter().any(is)
    }

    /// Whether it is that she may not.
    pub(crate) fn is_denied(&self) -> bool {
        self.status
            .as_ref()
            .is_some_and(|status| status.code() == tonic::Code::PermissionDenied)
    }

    /// It as the services said it.
    pub(crate) fn into_status(self) -> Status {
        self.status.unwrap_or_else(|| Status::unknown(""))
    }

    /// It as text above the form.
    pub(crate) fn told(&self) -> Markup {
        html! {
            @if let Some(status) = &self.status { p.problem #problem role="alert" { (status.message()) } }
        }
    }

    /// A line of text to fill in. `name` is that of the API's field.
    pub(crate) fn text(&self, label: &str, name: &str, value: &str, size: u8) -> Markup {
        self.input(label, "text", name, value, size)
    }

    /// A day to fill in.
    pub(crate) fn day(&self, label: &str, name: &str, value: &str) -> Markup {
        self.input(label, "date", name, value, 12)
    }

    fn input(&self, label: &str, kind: &str, name: &str, value: &str, size: u8) -> Markup {
        let wrong = self.has(name);
        let input = html! {
            input type=(kind) name=(name) value=(value) size=[(kind == "text").then_some(size)]
                aria-invalid=[wrong.then_some("true")] aria-describedby=[wrong.then_some("problem")];
        };
        field(label, &input)
    }
}

/// One of several to choose.
pub(crate) fn options(label: &str, name: &str, options: &[(String, String)], chosen: &str) -> Markup {
    field(label, &choice(name, options, chosen))
}

/// A box to tick.
pub(crate) fn tick(label: &str, name: &str, is_ticked: bool) -> Markup {
    html! { label.tick { input type="checkbox" name=(name) value="1" checked[is_ticked]; " " (label) } }
}

impl Visitor {
    /// The form again, with what was typed and what is wrong with it. Who is not signed in is sent there first.
    pub(crate) fn again(&self, title: &str, wrong: &Wrong, form: &Markup) -> Answer {
        let status = wrong.status.clone().unwrap_or_else(|| Status::unknown(""));
        if status.code() == tonic::Code::Unauthenticated {
            return Err(self.unanswered(status));
        }
        let mut response = page(self, title, &html! { (wrong.told()) (form) });
        *response.status_mut() = crate::fault::code(status.code());
        Ok(response)
    }
}

/// Where in the log: at this size, typed in the field of this name; without one, now.
pub(crate) fn at_size(visitor: &Visitor, name: &str, size: &str) -> Result<Option<api::At>, Wrong> {
    match size.trim() {
        "" => Ok(None),
        text => match text.replace(',', "").parse() {
            Ok(size) => Ok(Some(api::At {
                at: Some(api::at::At::Size(size)),
                min_size: 0,
            })),
            Err(_) => Err(Wrong::field(
                name,
                visitor.say(
                    "台账条数应是整数，如 5000",
                    "the ledger's size is a whole number, such as 5000",
                ),
            )),
        },
    }
}

/// A day; `None` where none is typed.
pub(crate) fn day(visitor: &Visitor, name: &str, text: &str) -> Result<Option<jiff::civil::Date>, Wrong> {
    match text.trim() {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| {
            Wrong::field(
                name,
                visitor.say("日期应写成 2022-06-30", "write the day as 2022-06-30"),
            )
        }),
    }
}

/// Coded values to choose from, after “all”.
pub(crate) fn all_or<T: Copy>(lang: Lang, values: &[T], told: impl Fn(T) -> (String, String)) -> Vec<(String, String)> {
    let all = (String::new(), lang.pick("全部", "all").to_owned());
    std::iter::once(all)
        .chain(values.iter().map(|value| told(*value)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize)]
    struct Asked {
        name: &'static str,
        page: &'static str,
    }

    #[test]
    fn an_address_has_what_was_asked_and_nothing_empty() {
        let full = Asked {
            name: "王芳&x=<",
            page: "",
        };
        assert_eq!(address("/t", &full), "/t?name=%E7%8E%8B%E8%8A%B3%26x%3D%3C");
        assert_eq!(address("/t", &Asked { name: "", page: "" }), "/t");
    }
}
