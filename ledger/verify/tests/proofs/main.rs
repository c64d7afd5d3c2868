//! What the ledger gives out proves itself: proofs, tiles, notes and checkpoints, held against published figures and against
//! Cloudflare's implementation of the same specifications.

mod files;
mod independent;
mod notes;
mod several;
mod support;
mod tiles;
mod vectors;
