//! The desk of heavy questions: threads of their own, few, of which one works at a time, step by step.
//!
//! A step is a short piece of work, some milliseconds at most: the state's lock is held for no longer. Between steps
//! another question has its turn; and while others come through the door or entries are recorded, a rest several times as
//! long as the step leaves them the machine. Work stops when nobody waits for it any more.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use keshi_door::{Held, Limits, Shares};
use keshi_office::access::Caller;
use parking_lot::FairMutex;
use tokio::sync::{Notify, oneshot};
use tokio_util::sync::CancellationToken;

use crate::error::Error;

/// Heavy questions under way or waiting, their answers included until they are read. Nobody has need of more than a few; the
/// roles' shares leave room for the other roles.
const QUEUED_AT_ONCE: Limits = Limits {
    all: 64,
    role: 48,
    caller: 4,
};

/// Of those, the ones that have a thread. They take turns, so more threads would not be faster.
const WORKING_AT_ONCE: Limits = Limits {
    all: 6,
    role: 5,
    caller: 2,
};

/// Bytes of results that are kept until they are sent: of one caller the shortfalls of a county of 10,000 teachers, each short
/// of twenty requirements.
pub(crate) const RESULT_BYTES_AT_ONCE: Limits = Limits {
    all: 128 << 20,
    role: 96 << 20,
    caller: 64 << 20,
};

/// How long a step works before it ends at the next teacher.
const STEP_MAX: Duration = Duration::from_millis(1);

/// A rest is so many times as long as the step before it: heavy questions take at most a tenth of one
/// core, and of the time of the state's lock, from others.
const REST_TIMES: u32 = 9;

/// The longest rest.
const REST_MAX: Duration = Duration::from_millis(100);

/// Others are there if something moved within so long.
const OTHERS_WITHIN: Duration = Duration::from_millis(100);

/// The desk. Cheap to clone; clones are the same.
#[derive(Clone)]
pub(crate) struct Desk {
    queued: Shares,
    working: Shares,
    results: Shares,
    freed: Arc<Notify>,
    turn: Arc<Turn>,
}

/// The one turn to work, handed on in the order of asking.
struct Turn {
    pace: FairMutex<Pace>,
    /// A number that moves when others come.
    others: Box<dyn Fn() -> u64 + Send + Sync>,
}

struct Pace {
    others: u64,
    moved: Option<Instant>,
}

/// A question's seat at the desk.
pub(crate) struct Seat {
    /// Among all questions, until the answer is read.
    pub(crate) queued: Held,
    /// Among those that have a thread.
    pub(crate) working: Working,
}

/// A thread's place, told to those who wait when it is free again.
pub(crate) struct Working {
    held: Option<Held>,
    freed: Arc<Notify>,
}

/// Room for a result, which grows with it.
pub(crate) struct Room(Held);

/// The turns of one piece of work.
pub(crate) struct Turns {
    turn: Arc<Turn>,
    gone: CancellationToken,
    ends: Option<Instant>,
}

/// A step under way.
pub(crate) struct Step(Instant);

// === impl Desk ===

impl Desk {
    /// A desk beside others, whose coming `others` counts.
    pub(crate) fn new(others: impl Fn() -> u64 + Send + Sync + 'static) -> Self {
        Self {
            queued: Shares::new(QUEUED_AT_ONCE),
            working: Shares::new(WORKING_AT_ONCE),
            results: Shares::new(RESULT_BYTES_AT_ONCE),
            freed: Arc::default(),
            turn: Arc::new(Turn {
                pace: FairMutex::new(Pace { others: 0, moved: None }),
                others: Box::new(others),
            }),
        }
    }

    /// A seat, when one is free. Turned away at once is only who has as many questions there as she may.
    pub(crate) async fn seat(&self, caller: &Caller, deadline: Instant) -> Result<Seat, Error> {
        let queued = self.queued.take(caller, 1).ok_or(Error::Busy)?;
        loop {
            let freed = self.freed.notified();
            let mut freed = std::pin::pin!(freed);
            // Before looking, so that a seat that is freed meanwhile is not missed.
            freed.as_mut().enable();
            if let Some(held) = self.working.take(caller, 1) {
                let working = Working {
                    held: Some(held),
                    freed: Arc::clone(&self.freed),
                };
                return Ok(Seat { queued, working });
            }
            let waited = tokio::time::timeout_at(deadline.into(), freed).await;
            waited.map_err(|_| Error::Busy)?;
        }
    }

    /// Room for a result of this caller.
    pub(crate) fn room(&self, caller: &Caller) -> Result<Room, Error> {
        self.results.take(caller, 0).map(Room).ok_or(Error::Busy)
    }

    /// Works on a thread of its own, which holds `held` until the end. Work whose future is dropped stops at its next step.
    pub(crate) async fn work<H: Send + 'static, T: Send + 'static>(
        &self,
        held: H,
        ends: Option<Instant>,
        work: impl FnOnce(&Turns) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let gone = CancellationToken::new();
        let turns = Turns {
            turn: Arc::clone(&self.turn),
            gone: gone.clone(),
            ends,
        };
        let _gone = gone.drop_guard();
        let (tell, told) = oneshot::channel();
        let work = move || {
            let done = work(&turns);
            drop(held);
            // Nobody may be there any more.
            let _ = tell.send(done);
        };
        thread::Builder::new().name("keshi-desk".to_owned()).spawn(work)?;
        told.await.map_err(|_| Error::BrokeOff)?
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        drop(self.held.take());
        self.freed.notify_waiters();
    }
}

// === impl Room ===

impl Room {
    /// Takes so many bytes more.
    pub(crate) fn take(&mut self, bytes: usize) -> Result<(), Error> {
        if self.0.grow(bytes) {
            Ok(())
        } else if self.0.amount() + bytes > RESULT_BYTES_AT_ONCE.caller {
            Err(Error::ResultTooLarge)
        } else {
            Err(Error::Busy)
        }
    }
}

// === impl Turns ===

impl Turns {
    /// Waits for a turn and works for one step; then rests, if others are there.
    ///
    /// # Errors
    ///
    /// [`Error::Gone`] and [`Error::Late`] if nobody waits for the answer any more.
    pub(crate) fn step<T>(&self, work: impl FnOnce(&Step) -> T) -> Result<T, Error> {
        let mut pace = self.turn.pace.lock();
        self.still_wanted()?;
        let step = Step(Instant::now());
        let done = work(&step);
        self.turn.rest(&mut pace, step.0.elapsed());
        Ok(done)
    }

    /// Rests between the parts of work that does not divide into steps, where it has worked for as long as one since `began`.
    ///
    /// # Errors
    ///
    /// As [`Turns::step`].
    pub(crate) fn breathe(&self, began: &mut Instant) -> Result<(), Error> {
        self.still_wanted()?;
        let took = began.elapsed();
        if took >= STEP_MAX {
            self.turn.rest(&mut self.turn.pace.lock(), took);
            *began = Instant::now();
        }
        Ok(())
    }

    fn still_wanted(&self) -> Result<(), Error> {
        if self.gone.is_cancelled() {
            Err(Error::Gone)
        } else if self.ends.is_some_and(|ends| ends <= Instant::now()) {
            Err(Error::Late)
        } else {
            Ok(())
        }
    }
}

impl Step {
    /// Whether it is time to let others in.
    pub(crate) fn is_over(&self) -> bool {
        self.0.elapsed() >= STEP_MAX
    }
}

impl Turn {
    /// Keeps the turn meanwhile, so that several heavy questions together leave as much to others as one.
    fn rest(&self, pace: &mut Pace, worked: Duration) {
        let (others, now) = ((self.others)(), Instant::now());
        if others != pace.others {
            pace.others = others;
            pace.moved = Some(now);
        }
        if pace.moved.is_some_and(|moved| now < moved + OTHERS_WITHIN) {
            thread::sleep((worked * REST_TIMES).min(REST_MAX));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::sync::mpsc;

    use super::*;

    fn desk() -> (Desk, Arc<AtomicU64>) {
        let others = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&others);
        (Desk::new(move || counted.load(Ordering::Relaxed)), others)
    }

    fn soon() -> Instant {
        Instant::now() + Duration::from_millis(20)
    }

    fn late() -> Instant {
        Instant::now() + Duration::from_mins(1)
    }

    #[tokio::test]
    async fn a_caller_has_two_at_work_two_waiting_and_no_more_and_the_waiting_go_on_when_one_ends() {
        let (desk, _) = desk();
        let caller = Caller::dev("610729");
        let first = desk.seat(&caller, soon()).await.unwrap();
        let _second = desk.seat(&caller, soon()).await.unwrap();
        assert!(matches!(desk.seat(&caller, soon()).await, Err(Error::Busy)));
        let waiting = [desk.seat(&caller, late()), desk.seat(&caller, late())];
        let [mut third, mut fourth] = waiting.map(Box::pin);
        assert!(futures::poll!(third.as_mut()).is_pending() && futures::poll!(fourth.as_mut()).is_pending());
        let fifth = desk.seat(&caller, late()).await;
        assert!(matches!(fifth, Err(Error::Busy)), "turned away at once");
        drop(first);
        let _third = third.await.unwrap();
        assert!(futures::poll!(fourth.as_mut()).is_pending());
    }

    #[tokio::test]
    async fn work_that_nobody_waits_for_stops_at_its_next_step_or_breath_and_frees_its_place() {
        stops(|turns| turns.step(|_| ())).await;
        stops(|turns| turns.breathe(&mut Instant::now())).await;
    }

    async fn stops(part: impl Fn(&Turns) -> Result<(), Error> + Send + 'static) {
        let (desk, _) = desk();
        let caller = Caller::dev("610729");
        let seat = desk.seat(&caller, late()).await.unwrap();
        let (began, at_work) = mpsc::channel();
        let (ended, end) = mpsc::channel();
        let work = desk.work(seat, None, move |turns| {
            loop {
                let step = part(turns);
                let _ = began.send(());
                if let Err(error) = step {
                    let _ = ended.send(error);
                    return Ok(());
                }
            }
        });
        let mut work = Box::pin(work);
        assert!(futures::poll!(work.as_mut()).is_pending());
        at_work.recv().unwrap();
        drop(work);
        assert!(matches!(end.recv().unwrap(), Error::Gone));
        // Both places come free again.
        let _one = desk.seat(&caller, late()).await.unwrap();
        let _two = desk.seat(&caller, late()).await.unwrap();
    }

    #[tokio::test]
    async fn work_beyond_its_deadline_ends_with_what_to_do() {
        let (desk, _) = desk();
        let work = |turns: &Turns| loop {
            turns.step(|_| ())?;
        };
        let late: Result<(), Error> = desk.work((), Some(soon()), work).await;
        assert!(matches!(late, Err(Error::Late)));
    }

    #[tokio::test]
    async fn a_defect_in_one_piece_of_work_is_an_error_of_that_one_only() {
        let (desk, _) = desk();
        let broken: Result<(), Error> = desk.work((), None, |turns| turns.step(|_| panic!("a defect"))).await;
        assert!(matches!(broken, Err(Error::BrokeOff)));
        desk.work((), None, |turns| turns.step(|_| ())).await.unwrap();
    }

    #[tokio::test]
    async fn a_step_is_followed_by_a_longer_rest_while_others_come_and_by_none_when_alone() {
        let (desk, others) = desk();
        let busy = |step: &Step| while !step.is_over() {};
        let ten = move |turns: &Turns| {
            let began = Instant::now();
            for _ in 0..10 {
                turns.step(busy)?;
            }
            Ok(began.elapsed())
        };
        let alone = desk.work((), None, ten).await.unwrap();
        others.fetch_add(1, Ordering::Relaxed);
        let beside_others = desk.work((), None, ten).await.unwrap();
        assert!(beside_others >= STEP_MAX * 10 * (1 + REST_TIMES), "{beside_others:?}");
        assert!(alone < beside_others, "{alone:?}, {beside_others:?}");
    }

    #[test]
    fn a_result_beyond_one_callers_room_is_refused_and_one_beyond_all_others_waits() {
        let (desk, _) = desk();
        let caller = Caller::dev("610729");
        let mut room = desk.room(&caller).unwrap();
        room.take(RESULT_BYTES_AT_ONCE.caller).unwrap();
        assert!(matches!(room.take(1), Err(Error::ResultTooLarge)));
        let mut other = desk.room(&caller).unwrap();
        assert!(matches!(other.take(1), Err(Error::Busy)));
        drop(room);
        other.take(1).unwrap();
    }
}
