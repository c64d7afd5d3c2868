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
    weigh: impl FnMut(&F) -> Result<(), Error>,
) -> Result<(), Error> {
    let look = |found: &mut F, at: At<'_>, assessor: &Assessor<'_>, id| {
        look(found, at, assessor, id);
        true
    };
    some_teachers((engine, size, 0), turns, found, look, weigh).map(|_| ())
}

/// As [`each_teacher`], without the first `from`, as long as `look` wants another; and how many teachers there are in all.
///
/// # Errors
///
/// As there.
pub(crate) fn some_teachers<F>(
    (engine, size, from): (&Engine, u64, usize),
    turns: &Turns,
    found: &mut F,
    look: impl Fn(&mut F, At<'_>, &Assessor<'_>, TeacherId) -> bool,
    mut weigh: impl FnMut(&F) -> Result<(), Error>,
) -> Result<usize, Error> {
    #[allow(
        clippy::redundant_closure_for_method_calls,
        reason = "the method is of one lifetime, not of any"
    )]
    let all = turns.step(|_| engine.query_at(size, |at| at.teacher_ids()))?;
    let mut ids = all.get(from..).unwrap_or_default().iter();
    let mut wants = true;
    while wants && !ids.as_slice().is_empty() {
        turns.step(|step| {
            engine.query_at(size, |at| {
                let assessor = Assessor::new(at);
                for id in ids.by_ref() {
                    wants = look(found, at, &assessor, *id);
                    if !wants || step.is_over() {
                        break;
                    }
                }
            });
        })?;
        weigh(found)?;
    }
    Ok(all.len())
}
