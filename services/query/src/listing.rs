//! Pages of entries: which of them, and in words.

use std::collections::BTreeMap;

use keshi_core::entry::Verdict;
use keshi_core::event::Fact;
use keshi_core::ids::TeacherId;
use keshi_core::state::At;
use keshi_core::time::Millis;
use keshi_door::Call;
use keshi_engine::{Engine, StoredEntry};
use keshi_office::access::{Caller, Need};
use keshi_proto::api;
use keshi_proto::api_convert::millis_from_api;
use prost::Message as _;

use crate::Context;
use crate::entries::{self, fitting};
use crate::error::Error;
use crate::page::{ANSWER_BYTES_MAX, Cursor, page_size, question};
use crate::people::{readable, teacher_id};
use crate::place::{blocking, one};
use crate::scope::{ALWAYS, admit};
use crate::words::what_happened;

/// Entries read at a time while a filter leaves out most of them.
const READ_AT_ONCE: usize = 512;

/// Most entries looked at for one page; the next goes on from there.
const LOOKED_AT_MAX: usize = 16_384;

/// Which entries are wanted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filter(api::EntryFilter);

impl Filter {
    /// The filter, and the first entry that was recorded late enough for it.
    pub(crate) async fn read(engine: &Engine, wanted: Option<api::EntryFilter>) -> Result<(Self, u64), Error> {
        let wanted = wanted.unwrap_or_default();
        if !wanted.kind.is_empty() && Fact::kind_in_zh(&wanted.kind).is_none() {
            let kinds = Fact::KINDS.join("、");
            let zh = format!("没有这种事项，请核对；现有 {kinds}");
            let en = format!(
                "there is no such kind of event, check it; there are {}",
                Fact::KINDS.join(", ")
            );
            return Err(one("filter.kind", wanted.kind, zh, en));
        }
        let since = match &wanted.recorded_since {
            None => 0,
            Some(time) => {
                let out_of_range = || {
                    let (zh, en) = ("时间超出范围", "the time is out of range");
                    one("filter.recorded_since", time.seconds.to_string(), zh, en)
                };
                let time = millis_from_api(time).ok_or_else(out_of_range)?;
                let engine = engine.clone();
                // What was recorded up to the moment before.
                blocking(move || engine.size_at(Millis(time.0.saturating_sub(1)))).await??
            }
        };
        Ok((Self(wanted), since))
    }

    fn leaves_out_nothing(&self) -> bool {
        let api::EntryFilter {
            late,
            undone,
            refused,
            ref poster,
            recorded_since: _,
            ref kind,
            ref submission_id,
        } = self.0;
        !late && !undone && !refused && [poster, kind, submission_id].iter().all(|text| text.is_empty())
    }

    /// Whether entries of this poster are wanted.
    fn is_of(&self, poster: &str) -> bool {
        self.0.poster.is_empty() || self.0.poster == poster
    }

    /// Whether nothing but what this poster posted is wanted.
    fn is_only_of(&self, poster: &str) -> bool {
        !self.0.poster.is_empty() && self.is_of(poster)
    }

    /// Those of these entries that are wanted, as the ledger of `size` entries has them.
    pub(crate) fn of(&self, engine: &Engine, size: u64, mut entries: Vec<StoredEntry>) -> Vec<StoredEntry> {
        if self.leaves_out_nothing() {
            return entries;
        }
        let wanted = &self.0;
        entries.retain(|StoredEntry { entry, .. }| {
            (!wanted.late || entry.outcome.late)
                && (!wanted.refused || matches!(entry.verdict, Verdict::Refused | Verdict::Conflict))
                && self.is_of(entry.poster.as_str())
                && (wanted.submission_id.is_empty() || entry.submission_id.to_string() == wanted.submission_id)
                && (wanted.kind.is_empty()
                    || entry
                        .posted
                        .event()
                        .is_some_and(|event| event.fact.kind() == wanted.kind))
        });
        if wanted.undone {
            engine.query_at(size, |at| {
                entries.retain(|stored| {
                    let since = at.since(stored.entry.index);
                    since.voided_by.is_some() || since.corrected_by.is_some()
                });
            });
        }
        entries
    }
}

/// Whose names are noted as read already.
#[derive(Clone, Copy)]
pub(crate) enum Noted<'a> {
    /// The line about all entries says it of everybody.
    Everybody,
    /// These, who may be named.
    Only(&'a [TeacherId]),
}

/// One page's worth of looking.
struct Look {
    engine: Engine,
    size: u64,
    about: Option<TeacherId>,
    filter: Filter,
    limit: usize,
}

impl Look {
    /// The entries found from `from` on, and where to go on.
    fn from(&self, from: u64) -> Result<(Vec<StoredEntry>, Option<u64>), Error> {
        let hers = self.about.map(|id| {
            let mut indices = self.engine.query_at(self.size, |at| at.indices_about(&id));
            indices.retain(|&index| index >= from);
            indices
        });
        let mut found = Vec::new();
        let (mut next, mut looked_at) = (from, 0);
        loop {
            let wanted = self.limit - found.len();
            let least = if self.filter.leaves_out_nothing() {
                wanted
            } else {
                READ_AT_ONCE
            };
            let (entries, goes_on) = match &hers {
                None => {
                    let left = usize::try_from(self.size.saturating_sub(next)).unwrap_or(usize::MAX);
                    let entries = self.engine.entries(next, least.min(left))?;
                    next += entries.len() as u64;
                    (entries, next < self.size)
                }
                Some(indices) => {
                    let rest = indices.get(looked_at..).unwrap_or_default();
                    let now = rest.get(..least.min(rest.len())).unwrap_or_default();
                    next = now.last().map_or(self.size, |last| last + 1);
                    (entries::at(&self.engine, now)?, now.len() < rest.len())
                }
            };
            if entries.is_empty() {
                return Ok((found, None));
            }
            looked_at += entries.len();
            let entries = self.filter.of(&self.engine, self.size, entries);
            if entries.len() > wanted {
                found.extend(entries.into_iter().take(wanted));
                let next = found.last().map(|last| last.entry.index + 1);
                return Ok((found, next));
            }
            found.extend(entries);
            if !goes_on {
                return Ok((found, None));
            }
            if found.len() == self.limit || looked_at >= LOOKED_AT_MAX {
                return Ok((found, Some(next)));
            }
        }
    }
}

impl Context {
    pub(crate) async fn list_entries(
        &self,
        call: &Call,
        request: api::ListEntriesRequest,
    ) -> Result<api::ListEntriesResponse, Error> {
        let api::ListEntriesRequest {
            from_index,
            about_teacher_id: about,
            page_size: asked,
            page_token,
            at,
            purpose,
            filter,
            in_words,
        } = request;
        let limit = page_size(asked)?;
        let filtered = filter.as_ref().map(|filter| format!("{:?}", filter.encode_to_vec()));
        let question = question(&[
            "entries",
            &about,
            &from_index.to_string(),
            &filtered.unwrap_or_default(),
        ]);
        let cursor = Cursor::read(&page_token, question, self.engine.head().size)?;
        let size = match cursor {
            Some(cursor) => cursor.size,
            None => self.place(at.as_ref(), call.deadline).await?,
        };
        let (filter, since) = Filter::read(&self.engine, filter).await?;
        let from = cursor.map_or(from_index.max(since), |cursor| cursor.position);
        let about = if about.is_empty() {
            None
        } else {
            Some(teacher_id(&about)?)
        };
        let may_read_all = call.caller.may_read_all();
        // Whoever posted it may see it again, as one entry (GetEntry) so all of them.
        let is_own = may_read_all.is_err() && filter.is_only_of(call.caller.poster_id());
        let need = match about {
            None if is_own => Need::Nothing,
            None => may_read_all.map(|()| Need::Record)?,
            Some(id) => self.engine.query_at(size, |at| admit(at, &call.caller, &id, ALWAYS))?,
        };
        let whose = about.map_or_else(|| "*".to_owned(), |id| id.to_string());
        self.note_read(&call.caller, need, &whose, "entries", &purpose)?;
        // Before anything is read: as many pages at once as may wait to be sent.
        let _room = self.room_for(call, ANSWER_BYTES_MAX)?;
        let look = Look {
            engine: self.engine.clone(),
            size,
            about,
            filter,
            limit,
        };
        let (mut found, entries, next) = blocking(move || -> Result<_, Error> {
            let (found, next) = look.from(from)?;
            let entries = fitting(&look.engine, size, &found, ANSWER_BYTES_MAX);
            let next = match entries.last() {
                Some(last) if entries.len() < found.len() => Some(last.index + 1),
                _ => next,
            };
            Ok((found, entries, next))
        })
        .await??;
        found.truncate(entries.len());
        let words = if in_words {
            let noted = match &about {
                None if is_own => Noted::Only(&[]),
                None => Noted::Everybody,
                Some(id) => Noted::Only(std::slice::from_ref(id)),
            };
            self.in_words(&call.caller, noted, size, found, &purpose).await?
        } else {
            Vec::new()
        };
        Ok(api::ListEntriesResponse {
            entries,
            next_page_token: next.map_or_else(String::new, |position| Cursor { size, position }.token(question)),
            size,
            words,
        })
    }

    /// The entries for people. Where not everything is noted already, only those are named about whom the caller may read,
    /// and each who is not among the noted is noted.
    pub(crate) async fn in_words(
        &self,
        caller: &Caller,
        noted: Noted<'_>,
        size: u64,
        entries: Vec<StoredEntry>,
        purpose: &str,
    ) -> Result<Vec<api::EntryInWords>, Error> {
        let (words, needs) = self.engine.query_at(size, |at| {
            let mut needs: BTreeMap<TeacherId, Option<Need>> = BTreeMap::new();
            let words: Vec<_> = entries.iter().map(|stored| one_in_words(at, stored)).collect();
            for id in words.iter().flat_map(|words| &words.about) {
                let Ok(id) = TeacherId::new(&id.teacher_id) else {
                    continue;
                };
                needs.entry(id).or_insert_with(|| match noted {
                    Noted::Everybody => Some(Need::Nothing),
                    Noted::Only(ids) if ids.contains(&id) => Some(Need::Nothing),
                    Noted::Only(_) => readable(at, caller, id.as_str()).map(|(_, need)| need),
                });
            }
            (words, needs)
        });
        let mut words = words;
        let told: Vec<TeacherId> = needs
            .iter()
            .filter(|(_, need)| need.is_some())
            .map(|(id, _)| *id)
            .collect();
        for (id, need) in &needs {
            if let Some(need) = need {
                self.note_read(caller, *need, id.as_str(), "name", purpose)?;
            }
        }
        let names = self.names(told.clone()).await?;
        let names: BTreeMap<String, String> = told.iter().map(ToString::to_string).zip(names).collect();
        for about in words.iter_mut().flat_map(|words| &mut words.about) {
            about.name = names.get(&about.teacher_id).cloned().unwrap_or_default();
        }
        Ok(words)
    }
}

fn one_in_words(at: At<'_>, stored: &StoredEntry) -> api::EntryInWords {
    let Some(event) = stored.entry.posted.event() else {
        return api::EntryInWords::default();
    };
    let kind = event.fact.kind();
    let what = what_happened(at, event);
    api::EntryInWords {
        kind: kind.to_owned(),
        kind_zh: event.fact.kind_zh().to_owned(),
        what_zh: what.zh,
        what_en: what.en,
        about: event
            .fact
            .subjects()
            .into_iter()
            .map(|id| api::About {
                teacher_id: id.to_string(),
                name: String::new(),
            })
            .collect(),
        corrects: event.supersedes.and_then(|original| at.index_of(original)),
    }
}
