//! A look at every teacher of a ledger, in steps at the desk: no step holds the state for long.

use keshi_core::balance::Assessor;
use keshi_core::ids::TeacherId;
use keshi_core::state::At;
use keshi_engine::Engine;

use crate::desk::Turns;
use crate::error::Error;

/// Shows every teacher of the ledger of `size` to `look`, which adds what it finds to `found`; after each step `weigh` sees what
/// is there by then.
///
/// # Errors
///
/// That of `weigh`; [`Error::Gone`] or [`Error::Late`] if nobody waits any more.
pub(crate) fn each_teacher<F>(
    (engine, size): (&Engine, u64),
    turns: &Turns,
    found: &mut F,
    look: impl Fn(&mut F, At<'_>, &Assessor<'_>, TeacherId),
    mut weigh: impl FnMut(&F) -> Result<(), Error>,
) -> Result<(), Error> {
    #[allow(
        clippy::redundant_closure_for_method_calls,
        reason = "the method is of one lifetime, not of any"
    )]
    let ids = turns.step(|_| engine.query_at(size, |at| at.teacher_ids()))?;
    let mut ids = ids.iter();
    while !ids.as_slice().is_empty() {
        turns.step(|step| {
            engine.query_at(size, |at| {
                let assessor = Assessor::new(at);
                for id in ids.by_ref() {
                    look(found, at, &assessor, *id);
                    if step.is_over() {
                        break;
                    }
                }
            });
        })?;
        weigh(found)?;
    }
    Ok(())
}
