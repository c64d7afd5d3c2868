//! The fields of a form: those of the sheet's own columns.

use keshi_core::lang::Lang;
use keshi_office::access::RoleName;
use keshi_sheets::columns::{Col, Column, Form, Kind, Need, form_zh};
use keshi_sheets::report::Remark;
use maud::{Markup, html};

use super::typed::{FIELD_MAX, Typed, columns, is_personal};
use super::{Told, address};
use crate::form::field;
use crate::schools::Schools;
use crate::visitor::Visitor;

/// A form of more columns shows first what is needed, and the others below.
const SHORT: usize = 16;

/// The id of the list of schools, for the fields that name one.
const SCHOOLS: &str = "schools";

/// Whether a field of the form names a school.
pub(super) fn names_schools(kind: Kind) -> bool {
    columns(kind).any(|column| column.form == Form::School)
}

pub(super) fn form(visitor: &Visitor, typed: &Typed, told: &Told, schools: &Schools) -> Markup {
    let lang = visitor.lang;
    let is_short = columns(typed.kind).count() <= SHORT;
    let is_first = |column: &Column| match column.col {
        // Few people are told apart by a document only.
        Col::IdType | Col::IdNo => false,
        Col::To => true,
        _ => is_short || column.need != Need::May,
    };
    let asked: Vec<(usize, &Column, &str)> = (0..)
        .zip(typed.each())
        .map(|(number, (column, value))| (number, column, value))
        // Asked for where it would do something.
        .filter(|(_, column, value)| column.col != Col::Correct || told.may_correct || !value.is_empty())
        .collect();
    let (mut first, later): (Vec<_>, Vec<_>) = asked
        .into_iter()
        .partition(|(_, column, _)| is_first(column) || column.col == Col::Correct);
    // Who it is about comes first, though a sheet may have her id behind what the national system asks for.
    first.sort_by_key(|(_, column, _)| !matches!(column.col, Col::Name | Col::Teacher));
    let is_open = later
        .iter()
        .any(|(_, column, value)| !value.is_empty() || told.about(column.heading).next().is_some());
    let one = |(number, column, value): &(usize, &Column, &str)| input(*number, column, value, told, lang);
    html! {
        form method="post" action=(address(typed.kind)) autocomplete="off" {
            p.hint { (lang.pick("标 * 的必填。人写姓名；同名或外校的再写教师编号或证件号码。", "what has a * is needed. Give a person's name; with her id or ID number where several have it, or she is of another school.")) }
            div.fields { @for asked in &first { (one(asked)) } }
            @if !later.is_empty() {
                details open[is_open] {
                    summary { (lang.pick("更多（选填）", "more (optional)")) }
                    div.fields { @for asked in &later { (one(asked)) } }
                }
            }
            @if typed.kind == Kind::Teachers {
                (field(lang.pick("调动、改名自哪天起", "a move or another name holds from"), &html! { input type="date" name="from" value=(typed.from); }))
            }
            (for_county(visitor, typed))
            div.actions { button { (lang.pick("核对", "check")) } }
            @if !schools.schools.is_empty() {
                datalist id=(SCHOOLS) { @for (id, name) in &schools.schools { option value=(id) { (name) } } }
            }
        }
    }
}

/// What the county may say besides.
fn for_county(visitor: &Visitor, typed: &Typed) -> Markup {
    let lang = visitor.lang;
    let is_county = matches!(visitor.role(), RoleName::Reviewer | RoleName::Admin | RoleName::Dev);
    html! {
        @if is_county {
            details open[!typed.org.is_empty() || !typed.load.is_empty()] {
                summary { (lang.pick("以学校的名义、历史补录", "in a school's name, of a past year")) }
                div.fields {
                    (field(lang.pick("以哪所学校的名义填报（学校编号）", "posted for this school (its id)"), &html! { input name="org" value=(typed.org) maxlength="32"; }))
                    (field(lang.pick("历史补录编号", "id of a historical load"), &html! { input name="load" value=(typed.load) maxlength="32"; }))
                }
            }
        }
    }
}

/// One field, what it may hold, and what is wrong with it.
fn input(number: usize, column: &Column, value: &str, told: &Told, lang: Lang) -> Markup {
    let remarks: Vec<&Remark> = told.about(column.heading).collect();
    let is_wrong = !remarks.is_empty() && told.duplicate_of.is_none();
    let invalid = is_wrong.then_some("true");
    let id = format!("wrong-{number}");
    let described = is_wrong.then_some(id.as_str());
    let name = column.heading;
    let control = match column.form {
        Form::Word(words) => {
            let words: Vec<&str> = words.list().into_iter().map(|(_, word)| word).collect();
            select(name, &words, value, (invalid, described))
        }
        Form::YesNo => select(name, &["是", "否"], value, (invalid, described)),
        Form::Text
        | Form::Id
        | Form::People
        | Form::Schools
        | Form::School
        | Form::Place
        | Form::Date
        | Form::Year
        | Form::Hours
        | Form::Count => {
            // What is typed and is no day is shown as it was typed.
            let is_day = column.form == Form::Date && (value.is_empty() || value.parse::<jiff::civil::Date>().is_ok());
            let keys = match column.form {
                Form::Hours => Some("decimal"),
                Form::Year | Form::Count => Some("numeric"),
                _ => None,
            };
            let list = (column.form == Form::School).then_some(SCHOOLS);
            html! {
                input type=(if is_day { "date" } else { "text" }) name=(name) value=(value) maxlength=[(!is_day).then_some(FIELD_MAX)]
                    inputmode=[keys] list=[list] aria-invalid=[invalid] aria-describedby=[described];
            }
        }
    };
    html! {
        label.field {
            span {
                (name)
                @if column.need == Need::Must { " *" }
                @if column.need == Need::OneOf && !is_personal(column.col) { (lang.pick("（至少填一项）", " (one of these)")) }
            }
            (control)
            @if is_wrong {
                span.problem id=(id) { @for remark in &remarks { (said(remark, value, lang)) " " } }
            } @else if let Some(hint) = hint(column, lang) {
                small { (hint) }
            }
        }
    }
}

fn select(name: &str, words: &[&str], value: &str, (invalid, described): (Option<&str>, Option<&str>)) -> Markup {
    // What is no word of the list stays chosen, so that it is seen what is wrong.
    let is_other = !value.is_empty() && !words.contains(&value);
    html! {
        select name=(name) aria-invalid=[invalid] aria-describedby=[described] {
            option value="" {}
            @if is_other { option value=(value) selected { (value) } }
            @for word in words { option value=(word) selected[*word == value] { (word) } }
        }
    }
}

/// What is wrong and what to do about it. Of a blank field that is plain; a sheet's remedy speaks of its cells.
fn said(remark: &Remark, value: &str, lang: Lang) -> String {
    let remedy = if value.is_empty() { "" } else { remark.remedy(lang) };
    let between = if remedy.is_empty() { "" } else { lang.pick("；", "; ") };
    format!("{}{between}{remedy}", remark.reason(lang))
}

/// What may stand in it; in English also what it is, since the sheet's headings are Chinese.
fn hint(column: &Column, lang: Lang) -> Option<String> {
    if lang == Lang::En {
        return Some(column.about.to_owned());
    }
    match column.form {
        Form::School | Form::Place | Form::Id | Form::People | Form::Schools if !is_personal(column.col) => {
            Some(form_zh(column.form))
        }
        Form::Text if !column.example.is_empty() && !is_personal(column.col) => Some(format!("如 {}", column.example)),
        Form::Text
        | Form::Id
        | Form::People
        | Form::Schools
        | Form::School
        | Form::Place
        | Form::Date
        | Form::Year
        | Form::Hours
        | Form::Count
        | Form::YesNo
        | Form::Word(_) => None,
    }
}
