//! Every page over the real services, as every role.

mod html;
mod matrix;
mod names;
mod office;
#[path = "../../../intake/tests/intake/support.rs"]
mod support;
mod typed;
