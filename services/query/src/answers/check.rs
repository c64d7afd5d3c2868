//! Dry runs: submissions are gathered under one id, judged together, and told page by page, so that neither a question
//! nor an answer outgrows a message of the bus.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use keshi_core::submission::{EventVerdict, Submission};
use keshi_door::Fault;
use keshi_proto::api_convert::verdict_to_api;
use keshi_proto::log::check_question::Step;
use keshi_proto::log::{CheckAnswer, CheckFrom, CheckQuestion, CheckedPart};
use keshi_proto::store::decode_submission;
use parking_lot::Mutex;
use prost::Message as _;
use tonic::Code;

use super::Reply;
use crate::Context;
use crate::desk::Turns;
use crate::error::Error;

/// Most checks held at once. Each holds its file in memory.
const CHECKS_MAX: usize = 16;

/// Most events in one check: the largest spreadsheet that is read has 200,000 rows, each an event, beside the people and
/// sessions that they bring. Each takes some hundred bytes until it is judged.
const EVENTS_MAX: usize = 250_000;

/// Most bytes of submissions in one check.
const BYTES_MAX: usize = 40 * 1024 * 1024;

/// Most events in all checks together, so that sixteen of the largest do not fill the memory.
const EVENTS_AT_ONCE_MAX: usize = 300_000;

/// Most bytes in all checks together.
const BYTES_AT_ONCE_MAX: usize = 48 * 1024 * 1024;

/// A check that nobody asked about for so long is forgotten: its poster has gone.
const IDLE_MAX: Duration = Duration::from_mins(2);

/// Most bytes of one page; with its frame it stays below what the bus carries.
const PAGE_BYTES_MAX: usize = 640 * 1024;

/// How long to wait when all places are taken.
const FULL_RETRY_AFTER: Duration = Duration::from_secs(10);

/// The checks under way. The lock is held for a look-up only.
#[derive(Debug, Default)]
pub(crate) struct Checks {
    checks: Mutex<HashMap<Bytes, Arc<Mutex<Check>>>>,
    held: Arc<Mutex<Weight>>,
}

/// Events and bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Weight {
    events: usize,
    bytes: usize,
}

/// What one check holds of what all may. Given back when dropped.
#[derive(Debug)]
struct Room {
    own: Weight,
    all: Arc<Mutex<Weight>>,
}

impl Weight {
    fn plus(self, events: usize, bytes: usize) -> Self {
        Self {
            events: self.events + events,
            bytes: self.bytes + bytes,
        }
    }

    fn is_within(self, events_max: usize, bytes_max: usize) -> bool {
        self.events <= events_max && self.bytes <= bytes_max
    }
}

impl Room {
    fn none(all: &Arc<Mutex<Weight>>) -> Self {
        Self {
            own: Weight::default(),
            all: Arc::clone(all),
        }
    }

    fn take(&mut self, events: usize, bytes: usize) -> Result<(), Fault> {
        let own = self.own.plus(events, bytes);
        if !own.is_within(EVENTS_MAX, BYTES_MAX) {
            return Err(too_large(own.events, own.bytes));
        }
        let mut all = self.all.lock();
        let sum = all.plus(events, bytes);
        if !sum.is_within(EVENTS_AT_ONCE_MAX, BYTES_AT_ONCE_MAX) {
            return Err(too_many());
        }
        (*all, self.own) = (sum, own);
        Ok(())
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        let mut all = self.all.lock();
        all.events -= self.own.events;
        all.bytes -= self.own.bytes;
    }
}

#[derive(Debug)]
struct Check {
    submissions: Vec<Submission>,
    room: Room,
    touched: Instant,
    /// The verdicts of each submission, once judged.
    verdicts: Option<Vec<Vec<EventVerdict>>>,
}

impl Context {
    pub(super) async fn check(self: &Arc<Self>, question: CheckQuestion) -> Reply<CheckAnswer> {
        let CheckQuestion { check_id, step } = question;
        match step {
            Some(Step::Submission(bytes)) => self.checks.add(check_id, &bytes, self),
            Some(Step::From(from)) => {
                let check = self.checks.get(&check_id)?;
                self.judge(&check).await?;
                let mut check = check.lock();
                check.touched = Instant::now();
                Ok(page(check.verdicts.as_deref().unwrap_or_default(), from))
            }
            Some(Step::Drop(_)) => {
                self.checks.checks.lock().remove(&check_id);
                Ok(CheckAnswer::default())
            }
            None => Err(gone()),
        }
    }
}

impl Context {
    /// Judges a check, if that is not done yet: one at a time, for it does not divide into steps.
    async fn judge(&self, check: &Arc<Mutex<Check>>) -> Result<(), Error> {
        if check.lock().verdicts.is_some() {
            return Ok(());
        }
        let judging = Arc::clone(&self.judging).acquire_owned();
        let turn = judging.await.map_err(|_| Error::Closing)?;
        let (engine, check) = (self.engine.clone(), Arc::clone(check));
        let work = move |turns: &Turns| {
            let mut check = check.lock();
            if check.verdicts.is_none() {
                let mut verdicts = Vec::with_capacity(check.submissions.len());
                let mut run = engine.dry_run(&check.submissions);
                // Kept until all are judged: what breaks off is judged again when it is asked for again.
                while let Some(part) = turns.step(|_| run.part())?? {
                    verdicts.extend(part.into_iter().map(|decision| decision.verdicts));
                }
                check.submissions = Vec::new();
                check.verdicts = Some(verdicts);
            }
            Ok(())
        };
        self.desk.work(turn, None, work).await
    }
}

impl Checks {
    fn get(&self, id: &Bytes) -> Result<Arc<Mutex<Check>>, Fault> {
        self.checks.lock().get(id).cloned().ok_or_else(gone)
    }

    /// Adds a submission to a check, and begins the check with its first.
    fn add(&self, id: Bytes, bytes: &Bytes, context: &Context) -> Reply<CheckAnswer> {
        let now = Instant::now();
        let check = {
            let mut checks = self.checks.lock();
            // One that is locked is at work.
            checks.retain(|_, check| check.try_lock().is_none_or(|check| now < check.touched + IDLE_MAX));
            if checks.len() >= CHECKS_MAX && !checks.contains_key(&id) {
                return Err(too_many());
            }
            Arc::clone(checks.entry(id).or_insert_with(|| {
                Arc::new(Mutex::new(Check {
                    submissions: Vec::new(),
                    room: Room::none(&self.held),
                    touched: now,
                    verdicts: None,
                }))
            }))
        };
        let submission = decode_submission(bytes, context.engine.office()).submission;
        let mut check = check.lock();
        check.touched = now;
        check.room.take(submission.events.len(), bytes.len())?;
        if check.verdicts.is_some() {
            return Err(gone());
        }
        check.submissions.push(submission);
        Ok(CheckAnswer::default())
    }
}

/// The verdicts from `from` on, as many as fit into one page, and at least one.
fn page(verdicts: &[Vec<EventVerdict>], from: CheckFrom) -> CheckAnswer {
    let mut answer = CheckAnswer::default();
    let mut bytes = 0;
    let start = usize::try_from(from.position).unwrap_or(usize::MAX);
    for (position, of_submission) in verdicts.iter().enumerate().skip(start) {
        let first = if position == start {
            usize::try_from(from.event).unwrap_or(usize::MAX)
        } else {
            0
        };
        let mut part = CheckedPart {
            position: position as u64,
            verdicts: Vec::new(),
        };
        for (event, verdict) in of_submission.iter().enumerate().skip(first) {
            let verdict = verdict_to_api(verdict);
            bytes += verdict.encoded_len() + 8;
            if bytes > PAGE_BYTES_MAX && !(answer.parts.is_empty() && part.verdicts.is_empty()) {
                answer.parts.push(part);
                answer.next = Some(CheckFrom {
                    position: position as u64,
                    event: event as u64,
                });
                return answer;
            }
            part.verdicts.push(verdict);
        }
        answer.parts.push(part);
    }
    answer
}

fn gone() -> Fault {
    Fault::new(
        Code::Aborted,
        "CheckGone",
        "预检已过期或已结束；请从头再检查一次",
        "the check has expired or ended; begin it again",
    )
}

fn too_many() -> Fault {
    Fault::new(
        Code::ResourceExhausted,
        "TooManyChecks",
        "正在预检的文件过多；请稍后再试",
        "too many files are being checked already; try again a little later",
    )
    .retry_after(FULL_RETRY_AFTER)
}

fn too_large(events: usize, bytes: usize) -> Fault {
    Fault::new(
        Code::ResourceExhausted,
        "CheckTooLarge",
        format!("一次预检至多 {EVENTS_MAX} 条、{BYTES_MAX} 字节，现有 {events} 条、{bytes} 字节；请拆成几个文件"),
        format!(
            "one check takes at most {EVENTS_MAX} events and {BYTES_MAX} bytes, not {events} and {bytes}; split the file"
        ),
    )
}

#[cfg(test)]
mod tests {
    use keshi_core::entry::Verdict;
    use keshi_core::reason::{Reason, ReasonCode};

    use super::*;

    fn refused(value: usize) -> EventVerdict {
        EventVerdict {
            event_id: None,
            verdict: Verdict::Refused,
            index: Some(7),
            reason: Some(Reason::about(ReasonCode::UnknownTeacher, "teacher_id", value)),
            number: None,
        }
    }

    #[test]
    fn one_check_has_room_for_its_own_limit_and_all_together_for_theirs_and_it_comes_back() {
        let all = Arc::default();
        let (mut one, mut two) = (Room::none(&all), Room::none(&all));
        one.take(EVENTS_MAX, 10).unwrap();
        assert_eq!(&*one.take(1, 1).unwrap_err().reason, "CheckTooLarge");
        two.take(EVENTS_AT_ONCE_MAX - EVENTS_MAX, 10).unwrap();
        assert_eq!(&*two.take(1, 1).unwrap_err().reason, "TooManyChecks");
        drop(one);
        two.take(1, 1).unwrap();
        drop(two);
        assert_eq!(*all.lock(), Weight::default());
    }

    #[test]
    fn pages_put_together_are_all_verdicts_in_order_and_none_is_too_large() {
        let verdicts: Vec<Vec<EventVerdict>> = (0..3).map(|n| (0..n * 2_000).map(refused).collect()).collect();
        let mut from = Some(CheckFrom::default());
        let mut gathered: Vec<Vec<_>> = vec![Vec::new(); 3];
        let mut pages = 0;
        while let Some(next) = from {
            let answer = page(&verdicts, next);
            assert!(
                answer.encoded_len() <= PAGE_BYTES_MAX + 64 * 1024,
                "{}",
                answer.encoded_len()
            );
            for part in answer.parts {
                gathered[usize::try_from(part.position).unwrap()].extend(part.verdicts);
            }
            from = answer.next;
            pages += 1;
        }
        let all: Vec<Vec<_>> = verdicts
            .iter()
            .map(|of| of.iter().map(verdict_to_api).collect())
            .collect();
        assert_eq!(gathered, all);
        assert!(pages > 1);
    }
}
