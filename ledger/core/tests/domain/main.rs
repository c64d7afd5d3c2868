//! The domain as scenarios and properties: given entries, when a submission is judged, then the ledger answers.

mod support;

mod acts;
mod as_of;
mod balances;
mod certificates;
mod certificates_of_titles;
mod claims;
mod claims_abused;
mod corrections;
mod credit;
mod deciding;
mod digest;
mod documents;
mod edge_cases;
mod extent;
mod figures;
mod inspections;
mod kinds;
mod ladders;
mod licence;
mod merges;
mod naive;
mod national;
mod overlaps;
mod properties;
mod questions;
mod settling;
mod tiers;
mod topics;
mod waiting;
mod worked_example;
mod works;
mod years;
