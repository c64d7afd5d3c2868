//! Parts of forms that several pages have.

use maud::{Markup, html};

/// A field with its label.
pub(crate) fn field(label: &str, input: &Markup) -> Markup {
    html! { label.field { span { (label) } (input) } }
}

/// A choice: value and name of each, and which is chosen.
pub(crate) fn choice(name: &str, options: &[(String, String)], chosen: &str) -> Markup {
    html! {
        select name=(name) {
            @for (value, shown) in options {
                option value=(value) selected[value == chosen] { (shown) }
            }
        }
    }
}
