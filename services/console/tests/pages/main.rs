//! Every page over the real services, as every role.

mod actions;
mod certificates;
mod comparison;
mod evidence;
mod glance;
mod growth;
mod html;
mod inspections;
mod matrix;
mod misread;
mod names;
mod national;
mod office;
mod questions;
mod record;
mod roll;
mod stop;
#[path = "../../../intake/tests/intake/support.rs"]
mod support;
mod tlog;
mod typed;
mod works;
mod years;
