//! `keshi log`: entries in order, as a table for people or one JSON object a line for programs.

mod row;

use jiff::civil::Date;
use keshi_core::time::CHINA;
use keshi_proto::api;
use keshi_sheets::cell::Cell;

use self::row::{HEADINGS, Rows, paper_cells};
use super::paper;
use super::shared::{teacher_or_self, timestamp};
use crate::Ctx;
use crate::cli::LogArgs;
use crate::exit::Outcome;
use crate::remote::Session;
use crate::show::json;
use crate::texts::names::count;

/// Entries in one answer of the server.
const PAGE: i32 = 1000;

pub(super) async fn run(ctx: &mut Ctx<'_>, args: LogArgs) -> Outcome {
    let session = Session::open(ctx).await?;
    let result = print_all(ctx, &session, args).await;
    result.and(session.close().await)
}

/// What is still to be printed.
struct Printing {
    about: String,
    purpose: String,
    filter: Option<api::EntryFilter>,
    next_index: u64,
    left: u64,
    rows: Rows,
    /// The rows of a paper instead, if one is wanted.
    paper: Option<Vec<Vec<Cell>>>,
}

async fn print_all(ctx: &mut Ctx<'_>, session: &Session, args: LogArgs) -> Outcome {
    let filter = filter(&args);
    let xlsx = args.xlsx;
    let purpose = args.purpose.unwrap_or_default();
    let about = teacher_or_self(session, (ctx.lang, ctx.width()), args.about.as_deref(), &purpose).await?;
    let mut printing = Printing {
        about,
        purpose,
        filter,
        next_index: args.from,
        left: args.limit.unwrap_or(u64::MAX),
        rows: Rows::default(),
        paper: xlsx.as_ref().map(|_| Vec::new()),
    };
    if args.follow && printing.about.is_empty() {
        return printing.watch(ctx, session).await;
    }
    let size = printing.pages(ctx, session, 0).await?;
    if let (Some(path), Some(rows)) = (xlsx, printing.paper.take()) {
        let whose = Some(printing.about).filter(|id| !id.is_empty());
        let whose = whose.map_or_else(String::new, |id| format!("教师 {id}　"));
        let notes = vec![format!("{whose}台账 {} 条", count(size))];
        return paper::write(
            ctx,
            &path,
            &[paper::leaf("台账", notes, &HEADINGS.map(|(zh, _)| zh), rows)],
        );
    }
    if args.follow {
        return printing.watch_about(ctx, session, size).await;
    }
    Ok(())
}

/// Which entries are wanted; `None`: all.
fn filter(args: &LogArgs) -> Option<api::EntryFilter> {
    let begins = |day: Date| CHINA.to_timestamp(day.at(0, 0, 0, 0)).ok();
    let filter = api::EntryFilter {
        late: args.late,
        undone: args.voided,
        refused: args.refused,
        poster: args.by.clone().unwrap_or_default(),
        recorded_since: args.since.and_then(begins).map(timestamp),
        kind: String::new(),
        submission_id: String::new(),
    };
    (filter != api::EntryFilter::default()).then_some(filter)
}

impl Printing {
    /// Prints what there is from `next_index` on, as the ledger of at least `min_size` entries has it. The size seen.
    async fn pages(&mut self, ctx: &mut Ctx<'_>, session: &Session, min_size: u64) -> Outcome<u64> {
        // Of all pages the same: a page token belongs to its question.
        let from_index = self.next_index;
        let mut page_token = String::new();
        loop {
            let request = session.call(api::ListEntriesRequest {
                from_index,
                about_teacher_id: self.about.clone(),
                page_size: i32::try_from(self.left).unwrap_or(PAGE).min(PAGE),
                page_token,
                at: (min_size > 0).then_some(api::At { at: None, min_size }),
                purpose: self.purpose.clone(),
                filter: self.filter.clone(),
                in_words: self.is_in_words(ctx),
            });
            let answer = session.ledger().list_entries(request).await;
            let page = answer.map_err(|status| session.failed(&status))?.into_inner();
            self.print(ctx, &page.entries, &page.words)?;
            if page.next_page_token.is_empty() || self.left == 0 {
                return Ok(page.size);
            }
            page_token = page.next_page_token;
        }
    }

    /// Prints every entry as it becomes durable, until the limit is reached or the server ends.
    async fn watch(&mut self, ctx: &mut Ctx<'_>, session: &Session) -> Outcome {
        let request = session.stream(api::WatchEntriesRequest {
            from_index: self.next_index,
            filter: self.filter.clone(),
            in_words: self.is_in_words(ctx),
        });
        let answer = session.ledger().watch_entries(request).await;
        let mut batches = answer.map_err(|status| session.failed(&status))?.into_inner();
        while self.left > 0 {
            match batches.message().await.map_err(|status| session.failed(&status))? {
                Some(batch) => self.print(ctx, &batch.entries, &batch.words)?,
                None => break,
            }
        }
        Ok(())
    }

    /// The same for one teacher: the watch only says that there is something new, the server chooses what is about her.
    async fn watch_about(&mut self, ctx: &mut Ctx<'_>, session: &Session, mut size: u64) -> Outcome {
        let request = session.stream(api::WatchEntriesRequest {
            from_index: size,
            ..api::WatchEntriesRequest::default()
        });
        let answer = session.ledger().watch_entries(request).await;
        let mut batches = answer.map_err(|status| session.failed(&status))?.into_inner();
        while self.left > 0 {
            let Some(batch) = batches.message().await.map_err(|status| session.failed(&status))? else {
                break;
            };
            if batch.size > size {
                self.next_index = self.next_index.max(size);
                size = self.pages(ctx, session, batch.size).await?;
            }
        }
        Ok(())
    }

    fn is_in_words(&self, ctx: &Ctx<'_>) -> bool {
        !ctx.globals.json || self.paper.is_some()
    }

    fn print(&mut self, ctx: &mut Ctx<'_>, entries: &[api::Entry], words: &[api::EntryInWords]) -> Outcome {
        let count = usize::try_from(self.left).unwrap_or(usize::MAX).min(entries.len());
        let Some(entries) = entries.get(..count) else {
            return Ok(());
        };
        if let Some(paper) = &mut self.paper {
            paper.extend(
                entries
                    .iter()
                    .zip(words)
                    .map(|(entry, words)| paper_cells(entry, words)),
            );
            if paper.len() > paper::ROWS_MAX {
                return Err(paper::too_long());
            }
        } else if ctx.globals.json {
            for entry in entries {
                json::print(entry, &mut ctx.io.stdout)?;
            }
        } else if !entries.is_empty() {
            let text = self.rows.render(entries, words, ctx.lang, ctx.width());
            ctx.print(text.trim_end_matches('\n'))?;
        }
        self.left -= count as u64;
        self.next_index = entries.last().map_or(self.next_index, |last| last.index + 1);
        Ok(std::io::Write::flush(&mut ctx.io.stdout)?)
    }
}
