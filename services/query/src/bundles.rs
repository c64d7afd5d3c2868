//! Bundles: a year, or a person, in one file (`keshi_bundle`), sent in pieces while it is made.
//!
//! One is made at a time, by the permit of the audit's replays: each reads all entries. Whoever does not take the pieces loses her place.

use std::ops::ControlFlow;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::Stream;
use keshi_bundle::format::{Bundle, Subject};
use keshi_bundle::people::People;
use keshi_bundle::select::Selection;
use keshi_bundle::trust::TrustedKey;
use keshi_bundle::write::Writer;
use keshi_bundle::{balances, figures};
use keshi_core::balance::Assessor;
use keshi_core::ids::TeacherId;
use keshi_core::period::Period;
use keshi_door::{Call, Fault};
use keshi_engine::{Engine, ReadError};
use keshi_office::access::Need;
use keshi_proto::api;
use keshi_proto::store::decode_entry;
use keshi_verify::checkpoint::PeopleRoot;
use keshi_verify::note::Note;
use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tonic::{Code, Status};

use crate::Context;
use crate::desk::Turns;
use crate::error::Error;
use crate::people::teacher_id;
use crate::place::one;
use crate::years;

/// Bytes of a piece, nearly.
const PIECE_BYTES: usize = 256 * 1024;

/// Pieces on the way to whoever asked.
const PIECES_WAITING: usize = 4;

/// How long a piece waits to be taken.
const TAKEN_WITHIN: Duration = Duration::from_mins(1);

/// How often to look whether there is room for the next.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// Most entries of a person's bundle, with what they rest on: it is held whole until it is checked.
const SHOWN_MAX: usize = 50_000;

pub(crate) type Pieces = Pin<Box<dyn Stream<Item = Result<api::BundlePiece, Status>> + Send>>;

/// What there is about each person, as far as it was reckoned: the next time goes on from there. In memory 80 bytes a person.
#[derive(Debug, Default)]
pub(crate) struct Persons(Mutex<People>);

/// What is asked for, and the permit to make it.
pub(crate) struct Asked {
    subject: Subject,
    year: Period,
    size: u64,
    permit: OwnedSemaphorePermit,
}

/// What a bundle is made with.
struct Making {
    context: Arc<Context>,
    subject: Subject,
    year: Period,
    size: u64,
    to: mpsc::Sender<Vec<u8>>,
}

pub(crate) async fn asked(
    context: &Arc<Context>,
    call: &Call,
    request: api::ExportBundleRequest,
) -> Result<Asked, Error> {
    call.caller.may_audit()?;
    let named = match request.year.as_str() {
        "" => context.today().year().to_string(),
        year => year.to_owned(),
    };
    let year = balances::year(&named).ok_or_else(|| {
        let (zh, en) = (
            "请写年份：2022，或学年 2022-2023",
            "write a year: 2022, or 2022-2023 for a school year",
        );
        one("year", request.year.as_str(), zh, en)
    })?;
    let size = context.place(request.at.as_ref(), call.deadline).await?;
    let subject = if request.teacher_id.is_empty() {
        Subject::Everybody
    } else {
        let id = teacher_id(&request.teacher_id)?;
        let kept = context
            .engine
            .query_at(size, |at| at.knows_teacher(&id).then(|| at.kept_id(&id)));
        Subject::Person(kept.ok_or(Error::UnknownTeacher { id, size })?)
    };
    let permit = context.may_read_all()?;
    let about = match &subject {
        Subject::Everybody => "*",
        Subject::Person(id) => id.as_str(),
    };
    context.note_read(&call.caller, Need::Record, about, "entries", &request.purpose)?;
    Ok(Asked {
        subject,
        year,
        size,
        permit,
    })
}

pub(crate) fn export(
    context: Arc<Context>,
    call: Call,
    asked: Asked,
) -> impl Stream<Item = Result<api::BundlePiece, Status>> + Send {
    async_stream::try_stream! {
        let Asked { subject, year, size, permit } = asked;
        let (to, mut pieces) = mpsc::channel(PIECES_WAITING);
        let desk = context.desk.clone();
        let making = Making { context: Arc::clone(&context), subject, year, size, to };
        let mut work = Box::pin(desk.work(permit, None, move |turns| making.make(turns)));
        let mut made = None;
        loop {
            let sent = tokio::select! {
                piece = pieces.recv() => match piece {
                    Some(piece) => piece,
                    None => break,
                },
                ended = &mut work, if made.is_none() => {
                    made = Some(ended);
                    continue;
                }
            };
            // Nothing more is told to one whose token has ended since (ADR 42).
            let still = context.parts.guard.still(&call.caller);
            still.map_err(|fault| call.status(Error::NoLonger(Box::new(fault))))?;
            yield api::BundlePiece { content: sent };
        }
        let made = match made {
            Some(made) => made,
            None => work.await,
        };
        made.map_err(|error| call.status(error))?;
    }
}

impl Context {
    /// The permit to read all entries, which one call has at a time.
    fn may_read_all(&self) -> Result<OwnedSemaphorePermit, Error> {
        Arc::clone(&self.replays).try_acquire_owned().map_err(|_| Error::Busy)
    }

    /// The root over what there is about each person at `size`.
    pub(crate) async fn people_root(self: &Arc<Self>, size: u64, ends: Option<Instant>) -> Result<PeopleRoot, Error> {
        let permit = self.may_read_all()?;
        let context = Arc::clone(self);
        let work = move |turns: &Turns| context.with_people(size, turns, People::root);
        self.desk.work(permit, ends, work).await
    }

    /// Asks the map of persons at `size`. Only by whoever has the permit to read all entries.
    fn with_people<T>(&self, size: u64, turns: &Turns, ask: impl FnOnce(&People) -> T) -> Result<T, Error> {
        let mut kept = self.persons.0.lock();
        if kept.size() > size {
            // Of an older ledger: reckoned from the beginning, and forgotten.
            drop(kept);
            let mut people = People::default();
            extend(&self.engine, &mut people, size, turns)?;
            return Ok(ask(&people));
        }
        let extended = extend(&self.engine, &mut kept, size, turns);
        if matches!(extended, Err(Error::Read(_))) {
            // It broke off within an entry.
            *kept = People::default();
        }
        extended.map(|()| ask(&kept))
    }
}

fn extend(engine: &Engine, people: &mut People, size: u64, turns: &Turns) -> Result<(), Error> {
    let (mut began, mut ended) = (Instant::now(), Ok(()));
    engine.extend_people(people, size, |_| {
        ended = turns.breathe(&mut began);
        go_on(&ended)
    })?;
    ended
}

fn go_on(so_far: &Result<(), Error>) -> ControlFlow<()> {
    if so_far.is_ok() {
        ControlFlow::Continue(())
    } else {
        ControlFlow::Break(())
    }
}

impl Making {
    fn make(self, turns: &Turns) -> Result<(), Error> {
        match self.subject {
            Subject::Everybody => self.everybody(turns),
            Subject::Person(id) => self.person(id, turns),
        }
    }

    /// All entries, and then everybody's balances.
    fn everybody(&self, turns: &Turns) -> Result<(), Error> {
        let people = self.context.with_people(self.size, turns, People::root)?;
        let note = self.signed(people)?;
        let mut writer = Writer::new(&self.subject, &self.year, &note);
        let mut began = Instant::now();
        self.each_entry(|_, bytes| {
            writer.entry(bytes);
            turns.breathe(&mut began)?;
            self.send_if_long(&mut writer)
        })?;
        writer.balances();
        let engine = &self.context.engine;
        let mut left = engine.query_at(self.size, balances::everybody);
        left.reverse();
        while !left.is_empty() {
            let mut lines = String::new();
            turns.step(|step| {
                engine.query_at(self.size, |at| {
                    let assessor = Assessor::new(at);
                    while let Some(id) = left.pop() {
                        balances::put(&assessor, &id, self.year, &mut lines)?;
                        if step.is_over() {
                            break;
                        }
                    }
                    Ok::<_, Error>(())
                })
            })??;
            writer.lines(&lines);
            self.send_if_long(&mut writer)?;
        }
        writer.figures();
        if let Some(year) = figures::calendar_year(&self.year) {
            let counted = years::count(engine, turns, (year, self.size))?;
            writer.lines(&counted.figures.statement());
        }
        self.send(writer.finish())
    }

    /// The entries about a person, and what they rest on. What is made is checked as whoever gets it will, before it is sent.
    fn person(&self, id: TeacherId, turns: &Turns) -> Result<(), Error> {
        let engine = &self.context.engine;
        let (mut ids, mut balance) = (Vec::new(), String::new());
        engine.query_at(self.size, |at| {
            ids = at.other_ids(&id);
            balances::put(&Assessor::new(at), &id, self.year, &mut balance)
        })?;
        ids.push(id);
        ids.sort_unstable();
        let shown = self.selected(&ids, turns)?;
        let placed = self.context.with_people(self.size, turns, |people| {
            let placed = ids.iter().filter_map(|id| Some((*id, people.place(id)?)));
            (people.root(), placed.collect::<Vec<_>>())
        });
        let (people, placed) = placed?;
        let hashes = engine.inclusion_of_all(&shown, self.size)?;
        let mut entries = Vec::with_capacity(shown.len());
        for index in shown {
            let bytes = engine.entry_bytes(index)?;
            entries.push((index, bytes.ok_or(Error::NoEntry { index, size: self.size })?));
        }
        let mut writer = Writer::new(&self.subject, &self.year, &self.signed(people)?);
        writer.shown(entries.iter().map(|(index, bytes)| (*index, bytes.as_ref())), &hashes);
        writer.balances();
        writer.lines(&balance);
        writer.people(placed.iter().map(|(id, placed)| (id.as_str(), placed.clone())));
        writer.figures();
        let bundle = writer.finish();
        self.holds(&bundle)?;
        bundle
            .chunks(PIECE_BYTES)
            .try_for_each(|piece| self.send(piece.to_vec()))
    }

    fn selected(&self, ids: &[TeacherId], turns: &Turns) -> Result<Vec<u64>, Error> {
        let mut selection = Selection::about(ids.to_vec());
        let mut began = Instant::now();
        while selection.has_more() {
            self.each_entry(|index, bytes| {
                let entry = decode_entry(bytes).map_err(|source| ReadError::Entry { index, source })?;
                selection.look(&entry);
                turns.breathe(&mut began)
            })?;
        }
        let shown = selection.chosen();
        if shown.len() > SHOWN_MAX {
            Err(Error::ResultTooLarge)
        } else {
            Ok(shown)
        }
    }

    /// That the bundle holds: what is not shown must not bear on what is said.
    fn holds(&self, bundle: &[u8]) -> Result<(), Error> {
        let keys = self.context.parts.signing.keys().into_iter().map(|key| TrustedKey {
            key: key.key,
            until: key.until,
        });
        let keys: Vec<TrustedKey> = keys.collect();
        let checked = Bundle::parse(bundle).and_then(|bundle| bundle.check(&keys));
        checked.map(drop).map_err(|failed| {
            tracing::error!(%failed, "a bundle that was made does not hold");
            let failed = failed.say();
            Error::Refused(Box::new(Fault::new(
                Code::Internal,
                "BundleDoesNotHold",
                format!("卷宗自查不通过，没有给出：{}；请改用年度卷宗，并告知维护者", failed.zh),
                format!(
                    "the bundle does not hold and is not given out: {}; take a year's bundle, and report this to the maintainers",
                    failed.en
                ),
            )))
        })
    }

    fn signed(&self, people: PeopleRoot) -> Result<Note, Error> {
        Ok(self.context.sign_with(self.size, Some(people))?.note)
    }

    fn each_entry(&self, mut see: impl FnMut(u64, &[u8]) -> Result<(), Error>) -> Result<(), Error> {
        let mut so_far = Ok(());
        self.context.engine.each_entry(0..self.size, |index, bytes| {
            so_far = see(index, bytes);
            go_on(&so_far)
        })?;
        so_far
    }

    fn send_if_long(&self, writer: &mut Writer) -> Result<(), Error> {
        if writer.len() < PIECE_BYTES {
            return Ok(());
        }
        self.send(writer.take())
    }

    fn send(&self, mut piece: Vec<u8>) -> Result<(), Error> {
        let began = Instant::now();
        loop {
            match self.to.try_send(piece) {
                Ok(()) => return Ok(()),
                Err(mpsc::error::TrySendError::Closed(_)) => return Err(Error::Gone),
                Err(mpsc::error::TrySendError::Full(_)) if began.elapsed() > TAKEN_WITHIN => return Err(Error::Late),
                Err(mpsc::error::TrySendError::Full(back)) => piece = back,
            }
            std::thread::sleep(LOOK_EVERY);
        }
    }
}
