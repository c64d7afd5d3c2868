//! Claims and their batches: what was submitted and done, by index, and which entries count only once their claim is
//! credited.
//!
//! A row of a fact has 24 bytes and no room for its claim, so that stands here: a ledger without claims keeps nothing.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::{At, CORRECTIONS_MAX, Fate, Item, State};
use crate::event::{Event, Field};
use crate::hours::Hours;
use crate::ids::{BatchId, ClaimId, EventId, TeacherId};
use crate::review::{self, Stage, Step};
use crate::text::Text;
use crate::time::Millis;

/// Most submissions of one claim: every question about what is under it looks at all steps.
pub(crate) const SUBMISSIONS_MAX: usize = 50;

/// Most objections to one claim; the first open one stops it.
pub(crate) const OBJECTIONS_MAX: usize = 50;

/// All claims, all batches, and what stands under a claim.
#[derive(Clone, Debug, Default)]
pub(crate) struct Claims {
    pub(crate) rows: BTreeMap<ClaimId, Claim>,
    /// What the acts of each come to, side by side: a list of all claims reads these alone. In the order in which the claims
    /// were first named, so that what is cut off stands at the end.
    pub(crate) standings: Vec<(ClaimId, Option<ClaimStanding>)>,
    pub(crate) batches: BTreeMap<BatchId, Batch>,
    /// Entry → the claim that it names. A trial and a failed atomic submission cut its end off.
    pub(crate) under: BTreeMap<u32, ClaimId>,
}

/// One claim. Rows that name it before it is submitted are kept too.
#[derive(Clone, Debug, Default)]
pub(crate) struct Claim {
    pub(crate) submissions: Vec<ClaimSubmission>,
    pub(crate) acts: Vec<Act>,
    pub(crate) objections: Vec<Objection>,
    /// Its place among the standings.
    pub(crate) place: usize,
}

/// Whose a claim is and where it stands, without what was done to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClaimStanding {
    /// Whose it is.
    pub teacher_id: TeacherId,
    /// Where it stands.
    pub stage: Stage,
    /// The entry of the last step: since when it stands there.
    pub since: u64,
}

/// What was submitted under a claim at one time.
#[derive(Clone, Debug)]
pub struct ClaimSubmission {
    /// The entry.
    pub index: u32,
    /// Its event.
    pub event_id: EventId,
    /// Who gets the credit.
    pub teacher_id: TeacherId,
    /// The person who submitted it.
    pub submitted_by: TeacherId,
    /// What is claimed.
    pub what: Vec<EventId>,
    /// 申报课时
    pub asked_hours: Option<Hours>,
    /// 说明
    pub statement: Option<Text>,
}

/// A step that was taken.
#[derive(Clone, Debug)]
pub struct Act {
    /// The entry.
    pub index: u32,
    /// When, as the ledger has it.
    pub recorded_at: Millis,
    /// Which.
    pub step: Step,
    /// The person who took it.
    pub by: TeacherId,
    /// 意见
    pub reason: Option<Text>,
    /// The batch, of a publicity.
    pub batch: Option<BatchId>,
}

/// An objection to a claim in publicity.
#[derive(Clone, Debug)]
pub struct Objection {
    /// The entry.
    pub index: u32,
    /// Its event.
    pub event_id: EventId,
    /// The batch.
    pub batch_id: BatchId,
    /// Who objects, if it is somebody of the county.
    pub raised_by: Option<TeacherId>,
    /// What is objected.
    pub reason: Text,
    /// What became of it.
    pub decision: Option<Decided>,
}

/// What became of an objection.
#[derive(Clone, Debug)]
pub struct Decided {
    /// The entry.
    pub index: u32,
    /// 成立
    pub upheld: bool,
    /// Why.
    pub reason: Text,
    /// The person who decided.
    pub by: TeacherId,
}

/// Claims before the public.
#[derive(Clone, Debug)]
pub(crate) struct Batch {
    pub(crate) index: u32,
    pub(crate) from: Date,
    pub(crate) to: Date,
    pub(crate) claims: Vec<ClaimId>,
    pub(crate) reviewer: TeacherId,
    pub(crate) ended: Option<(u32, TeacherId)>,
}

/// A claim as asked.
#[derive(Clone, Debug)]
pub struct ClaimView<'s> {
    /// The claim.
    pub claim_id: ClaimId,
    /// Where it stands.
    pub stage: Stage,
    /// The entry of the last step: since when it stands there.
    pub since: u64,
    /// All submissions, the one that holds last.
    pub submissions: &'s [ClaimSubmission],
    /// All steps, in order; submitting is one.
    pub acts: &'s [Act],
    /// All objections; a decision counts only below the size asked about.
    pub objections: &'s [Objection],
    size: u64,
}

/// A batch as asked.
#[derive(Clone, Debug)]
pub struct BatchView<'s> {
    /// The batch.
    pub batch_id: BatchId,
    /// The entry that opened it.
    pub opened: u64,
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
    /// Its claims.
    pub claims: &'s [ClaimId],
    /// Who opened it.
    pub reviewer: TeacherId,
    /// The entry that ended it.
    pub ended: Option<u64>,
}

/// What of a list that rises by entries stands below `size`.
fn below<T>(list: &[T], size: u64, index: impl Fn(&T) -> u32) -> &[T] {
    let end = list.partition_point(|row| u64::from(index(row)) < size);
    list.get(..end).unwrap_or(list)
}

impl ClaimView<'_> {
    /// The submission that holds.
    pub fn submission(&self) -> Option<&ClaimSubmission> {
        self.submissions.last()
    }

    /// Whose it is.
    pub fn teacher_id(&self) -> Option<TeacherId> {
        self.submission().map(|last| last.teacher_id)
    }

    fn standing(&self) -> Option<ClaimStanding> {
        Some(ClaimStanding {
            teacher_id: self.teacher_id()?,
            stage: self.stage,
            since: self.since,
        })
    }

    /// The decision of an objection, if it had been taken.
    pub fn decision<'o>(&self, objection: &'o Objection) -> Option<&'o Decided> {
        let decision = objection.decision.as_ref();
        decision.filter(|decided| u64::from(decided.index) < self.size)
    }

    /// Objections that stop the line: none was decided of, or they were upheld.
    pub fn stopping(&self) -> Option<&Objection> {
        let batch = self.batch();
        let of_batch = self.objections.iter().filter(|one| Some(one.batch_id) == batch);
        let mut stopping = of_batch.filter(|one| self.decision(one).is_none_or(|decided| decided.upheld));
        stopping.next()
    }

    /// The batch that it was put before the public in last.
    pub fn batch(&self) -> Option<BatchId> {
        self.acts.iter().rev().find_map(|act| act.batch)
    }

    /// The last step of this kind since it was submitted last.
    pub fn last(&self, step: Step) -> Option<&Act> {
        let round = self.acts.iter().rev().take_while(|act| act.step != Step::Submit);
        round.into_iter().find(|act| act.step == step)
    }
}

impl Claim {
    fn view(&self, claim_id: ClaimId, size: u64) -> Option<ClaimView<'_>> {
        let acts = below(&self.acts, size, |act| act.index);
        let steps = acts.iter().map(|act| act.step);
        // decide took only steps that the machine has; what is folded is never judged.
        let stage = steps.fold(None, |from, step| review::next(from, step).or(from))?;
        Some(ClaimView {
            claim_id,
            stage,
            since: acts.last().map_or(0, |act| act.index.into()),
            submissions: below(&self.submissions, size, |row| row.index),
            acts,
            objections: below(&self.objections, size, |row| row.index),
            size,
        })
    }

    fn cut(&mut self, size: u32) {
        self.submissions.retain(|row| row.index < size);
        self.acts.retain(|row| row.index < size);
        self.objections.retain(|row| row.index < size);
        for objection in &mut self.objections {
            objection.decision = objection.decision.take().filter(|decided| decided.index < size);
        }
    }

    fn is_empty(&self) -> bool {
        self.submissions.is_empty() && self.acts.is_empty() && self.objections.is_empty()
    }
}

impl Claims {
    /// Notes the claim that an event names.
    pub(super) fn arrived(&mut self, event: &Event, index: u32) {
        if let Some(claim_id) = event.claim_id {
            self.under.insert(index, claim_id);
        }
    }

    /// Takes back what the event brought at `size` or above.
    pub(super) fn depart(&mut self, event: &Event, size: u32) {
        drop(self.under.split_off(&size));
        event.fields(&mut |_, field| {
            if let Field::Claim(id) = field {
                self.cut(id, size);
            }
            if let Field::Batch(id) = field {
                self.cut_batch(id, size);
            }
        });
    }

    fn cut_batch(&mut self, id: &BatchId, size: u32) {
        if let Some(batch) = self.batches.get_mut(id) {
            batch.ended = batch.ended.take().filter(|(index, _)| *index < size);
        }
        if self.batches.get(id).is_some_and(|batch| batch.index >= size) {
            self.batches.remove(id);
        }
    }

    /// The row of a claim, to add to.
    pub(super) fn row(&mut self, id: ClaimId) -> &mut Claim {
        let Self { rows, standings, .. } = self;
        rows.entry(id).or_insert_with(|| {
            standings.push((id, None));
            Claim {
                place: standings.len() - 1,
                ..Claim::default()
            }
        })
    }

    /// Notes what the acts of the claim come to, after one was added or cut off.
    pub(super) fn settle(&mut self, id: ClaimId) {
        if let Some(claim) = self.rows.get(&id)
            && let Some((_, standing)) = self.standings.get_mut(claim.place)
        {
            *standing = claim.view(id, u64::MAX).and_then(|view| view.standing());
        }
    }

    fn cut(&mut self, id: &ClaimId, size: u32) {
        let Some(claim) = self.rows.get_mut(id) else { return };
        claim.cut(size);
        if !claim.is_empty() {
            self.settle(*id);
            return;
        }
        let place = claim.place;
        self.rows.remove(id);
        // The last takes its place, which is another that is cut off.
        self.standings.swap_remove(place);
        if let Some((moved, _)) = self.standings.get(place)
            && let Some(moved) = self.rows.get_mut(moved)
        {
            moved.place = place;
        }
    }
}

impl State {
    /// The claim of this id as the ledger of `size` entries has it; `None` if it was not submitted.
    pub(crate) fn claim(&self, id: &ClaimId, size: u64) -> Option<ClaimView<'_>> {
        self.claims.rows.get(id)?.view(*id, size)
    }

    /// The claim that the entry at `index` stands under, and the entry that names it: itself, or what it corrects. So what
    /// takes the place of something claimed is no way around the review.
    fn claim_over(&self, index: u32, size: u64) -> Option<(ClaimId, u32)> {
        if self.claims.under.is_empty() {
            return None;
        }
        let of_this = std::iter::successors(Some(index), |&at| self.original_at(at, size));
        let mut named = of_this.take(CORRECTIONS_MAX + 1);
        named.find_map(|at| Some((*self.claims.under.get(&at)?, at)))
    }

    /// The claim that stands in the way of the entry at `index`, and how far that is: `None` if neither the entry nor what it
    /// corrects names one, or if that is credited and claims it.
    pub(crate) fn pending(&self, index: u32, size: u64) -> Option<(ClaimId, Option<Stage>)> {
        let (claim_id, named_by) = self.claim_over(index, size)?;
        let Some(claim) = self.claim(&claim_id, size) else {
            return Some((claim_id, None));
        };
        let id = self.events.id(named_by);
        let is_claimed = claim
            .submission()
            .is_some_and(|last| id.is_some_and(|id| last.what.contains(&id)));
        let counts = claim.stage == Stage::Credited && is_claimed;
        (!counts).then_some((claim_id, is_claimed.then_some(claim.stage)))
    }

    /// Whether the entry at `index` may take the place of that at `original`: what is claimed only that of its own claim.
    pub(crate) fn is_of_one_claim(&self, index: u32, original: u32) -> bool {
        let under = &self.claims.under;
        let claim = under.get(&index);
        claim.is_none() || claim == under.get(&original)
    }

    /// The first of the claimed events that is not there, stands no more, is another claim's, or credits others than her.
    pub(crate) fn missing_of(&self, claim: &ClaimView<'_>, size: u64) -> Option<EventId> {
        let last = claim.submission()?;
        let stands = |id: &EventId| {
            let index = self.events.recorded(*id).filter(|&index| u64::from(index) < size);
            index.is_some_and(|index| {
                self.fate(index, size) == Fate::Stands
                    && self.claims.under.get(&index) == Some(&claim.claim_id)
                    && self.may_be_claimed_for(index, &last.teacher_id, size)
            })
        };
        last.what.iter().find(|id| !stands(id)).copied()
    }

    /// Whether the entry at `index` credits the teacher, if anybody: a course credits nobody.
    pub(crate) fn may_be_claimed_for(&self, index: u32, teacher_id: &TeacherId, size: u64) -> bool {
        let credits = self.events.nature(index).is_some_and(|(_, nature)| nature.credits);
        let is_hers = || {
            let is_this = |item: &Item| item.index;
            let person = self.person(teacher_id, size);
            person.is_some_and(|person| person.items.binary_search_by_key(&index, is_this).is_ok())
        };
        !credits || is_hers()
    }
}

impl<'s> At<'s> {
    /// The claim of this id, if it was submitted.
    pub fn claim(self, id: &ClaimId) -> Option<ClaimView<'s>> {
        self.state.claim(id, self.size)
    }

    /// All claims that were submitted, by id.
    pub fn claims(self) -> impl Iterator<Item = ClaimView<'s>> {
        let rows = self.state.claims.rows.iter();
        rows.filter_map(move |(id, claim)| claim.view(*id, self.size))
    }

    /// Where all claims stand from this place on, each with its place: for lists of many, which look at each. The places stay
    /// while the ledger grows.
    pub fn standings(self, from: usize) -> impl Iterator<Item = (usize, ClaimId, ClaimStanding)> {
        let rows = self.state.claims.standings.iter().enumerate().skip(from);
        rows.filter_map(move |(place, (id, now))| {
            // Who asks below the last step asks what was before it.
            let now = now.filter(|now| now.since < self.size);
            let standing = now.or_else(|| self.claim(id)?.standing())?;
            Some((place, *id, standing))
        })
    }

    /// The batch of this id, if it was opened.
    pub fn batch(self, id: &BatchId) -> Option<BatchView<'s>> {
        let batch = self.state.claims.batches.get(id)?;
        batch_view(*id, batch, self.size)
    }

    /// All batches that were opened, by id.
    pub fn batches(self) -> impl Iterator<Item = BatchView<'s>> {
        let rows = self.state.claims.batches.iter();
        rows.filter_map(move |(id, batch)| batch_view(*id, batch, self.size))
    }

    /// The claim that the entry at `index` waits for, and where that stands; `None` there while it was not submitted, or
    /// does not claim the entry any more.
    pub fn pending(self, index: u64) -> Option<(ClaimId, Option<Stage>)> {
        self.state.pending(u32::try_from(index).ok()?, self.size)
    }

    /// Whether the entry at `index` stands under a claim, credited or not, or takes the place of one that does.
    pub fn is_claimed(self, index: u64) -> bool {
        let claim = u32::try_from(index).map(|index| self.state.claim_over(index, self.size));
        claim.is_ok_and(|claim| claim.is_some())
    }

    /// The first of the claimed events that is not there, or stands no more.
    pub fn missing_of(self, claim: &ClaimView<'_>) -> Option<EventId> {
        self.state.missing_of(claim, self.size)
    }
}

fn batch_view(batch_id: BatchId, batch: &Batch, size: u64) -> Option<BatchView<'_>> {
    (u64::from(batch.index) < size).then(|| BatchView {
        batch_id,
        opened: batch.index.into(),
        from: batch.from,
        to: batch.to,
        claims: &batch.claims,
        reviewer: batch.reviewer,
        ended: batch
            .ended
            .map(|(index, _)| u64::from(index))
            .filter(|&index| index < size),
    })
}
