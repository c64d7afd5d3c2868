//! What the program says that is more than one line of code: help, and the names of things on screen.

pub(crate) mod examples;
pub(crate) mod help;
#[cfg(test)]
mod remedies;
#[cfg(test)]
mod walk;

pub(crate) use keshi_words::names;
