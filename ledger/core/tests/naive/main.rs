//! A second opinion on credits: a naive evaluator, written from the domain and the policy language alone, against the
//! engine on generated counties.

mod agree;
mod cases;
mod climb;
mod compare;
mod day;
mod evaluate;
mod facts;
mod fraction;
mod generate;
mod merges;
mod model;
mod post;
mod reach;
mod smaller;
mod toml;
