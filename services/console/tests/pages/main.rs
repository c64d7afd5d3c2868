//! Every page over the real services, as every role.

mod actions;
mod comparison;
mod glance;
mod growth;
mod html;
mod matrix;
mod misread;
mod names;
mod office;
#[path = "../../../intake/tests/intake/support.rs"]
mod support;
mod typed;
