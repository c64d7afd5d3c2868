//! Of which time a teacher's page is: what had happened by a day, and what was known at a size of the ledger. Two axes, never
//! mixed.

use jiff::civil::Date;
use keshi_proto::{api, date_from_wire, date_to_wire};
use keshi_words::names::count;
use keshi_words::time::date;
use maud::{Markup, html};
use serde::{Deserialize, Serialize};

use crate::ask::{Wrong, at_size, day};
use crate::visitor::Visitor;

/// What is asked, as it stands in the address.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Asked {
    period: String,
    /// A day, typed.
    until: String,
    /// A size, typed.
    size: String,
    /// Days of the period that count, slid; where no day is typed. With them the first and the last day that they are of.
    days: String,
    from: String,
    to: String,
    /// A size, slid; where none is typed.
    known: String,
    purpose: String,
}

impl Asked {
    /// The question for the services, of a ledger that has `head` entries now.
    pub(super) fn request(
        &self,
        visitor: &Visitor,
        teacher_id: &str,
        head: u64,
    ) -> Result<api::GetBalanceRequest, Wrong> {
        let slid = if self.size.trim().is_empty() {
            at_size(visitor, "known", &self.known)?
        } else {
            None
        };
        // Slid to the end: now, also when the ledger has grown since.
        let slid = slid.filter(|at| at.at != Some(api::at::At::Size(head)));
        Ok(api::GetBalanceRequest {
            teacher_id: teacher_id.to_owned(),
            period: self.period.trim().to_owned(),
            at: at_size(visitor, "size", &self.size)?.or(slid),
            explain: true,
            until: day(visitor, "until", &self.until)?
                .or(self.slid(visitor)?)
                .map(date_to_wire),
            purpose: self.purpose.trim().to_owned(),
        })
    }

    /// The day slid to, where none is typed; `None` at the end, where everything counts.
    fn slid(&self, visitor: &Visitor) -> Result<Option<Date>, Wrong> {
        let span = (day(visitor, "from", &self.from)?, day(visitor, "to", &self.to)?);
        let days = self.days.trim();
        let (false, (Some(from), Some(to))) = (days.is_empty(), span) else {
            return Ok(None);
        };
        let days = days.parse::<u16>().map_err(|_| {
            Wrong::field(
                "days",
                visitor.say("天数应是整数", "the number of days is a whole number"),
            )
        })?;
        Ok(until((from, to), i64::from(days)))
    }
}

fn span(balance: &api::Balance) -> Option<(Date, Date)> {
    Some((
        balance.from.as_ref().and_then(date_from_wire)?,
        balance.to.as_ref().and_then(date_from_wire)?,
    ))
}

/// How many days there are from the first to the last.
fn length((from, to): (Date, Date)) -> i64 {
    from.until(to).map_or(0, |span| i64::from(span.get_days()) + 1)
}

/// The day on which so many of the days are over; `None` on the last, when everything counts.
fn until((from, to): (Date, Date), days: i64) -> Option<Date> {
    if days >= length((from, to)) {
        return None;
    }
    // No days at all: what had happened before.
    from.checked_add(jiff::Span::new().days(days - 1)).ok()
}

/// The plain fields.
pub(super) fn fields(visitor: &Visitor, path: &str, asked: &Asked, wrong: &Wrong) -> Markup {
    html! {
        form.row.noprint method="get" action=(path) {
            (wrong.text(visitor.say("期间", "period"), "period", &asked.period, 12))
            (wrong.day(visitor.say("只计到哪天发生的", "only what had happened by"), "until", &asked.until))
            (wrong.text(visitor.say("台账多少条时所知", "as known at size"), "size", &asked.size, 9))
            @if path != "/me" { (wrong.text(visitor.say("事由（记入查阅记录）", "purpose (noted in the log of reads)"), "purpose", &asked.purpose, 16)) }
            button { (visitor.say("查看", "show")) }
        }
    }
}

/// Two sliders for the same.
pub(super) fn sliders(visitor: &Visitor, path: &str, asked: &Asked, balance: &api::Balance, head: u64) -> Markup {
    let Some((from, to)) = span(balance) else {
        return html! {};
    };
    let days = length((from, to));
    let shown = balance.until.as_ref().and_then(date_from_wire);
    let slid = shown
        .and_then(|day| from.until(day).ok())
        .map_or(days, |span| i64::from(span.get_days()) + 1);
    let by = if shown.is_some() {
        date(balance.until.as_ref())
    } else {
        date(balance.to.as_ref())
    };
    html! {
        form.sliders.noprint method="get" action=(path) data-submit-on-change hx-boost="true" hx-target="#main" hx-select="#main" hx-swap="outerHTML" {
            input type="hidden" name="period" value=(balance.period);
            input type="hidden" name="from" value=(from);
            input type="hidden" name="to" value=(to);
            @if !asked.purpose.is_empty() { input type="hidden" name="purpose" value=(asked.purpose); }
            label.field {
                span { (visitor.say("已经发生的，截至", "what had happened by")) " " output { (by) } }
                input #slide-days type="range" name="days" min="0" max=(days) value=(slid.clamp(0, days));
            }
            label.field {
                span { (visitor.say("当时知道的，台账条数", "what was known at the size of")) " " output { (count(balance.size)) } }
                input #slide-known type="range" name="known" min="0" max=(head) value=(balance.size);
            }
            button.second { (visitor.say("按滑块查看", "show as slid")) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slid_to_no_day_nothing_of_the_period_counts_and_slid_to_the_last_all_does() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        let year = (day("2024-01-01"), day("2024-12-31"));
        assert_eq!(length(year), 366);
        assert_eq!(until(year, 0), Some(day("2023-12-31")));
        assert_eq!(until(year, 60), Some(day("2024-02-29")));
        assert_eq!(until(year, 365), Some(day("2024-12-30")));
        assert_eq!((until(year, 366), until(year, 9_999)), (None, None));
    }
}
