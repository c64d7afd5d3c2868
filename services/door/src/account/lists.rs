//! Accounts, what was changed about them, and who signed in: page by page.

use jiff::Timestamp;
use keshi_core::lang::say;
use keshi_core::time::CHINA;
use keshi_office::access::is_token_id;
use keshi_office::accounts::{SignIn, SignInKind};
use keshi_office::reads::Place;
use keshi_proto::{api, date_from_wire};

use super::{Counter, convert, faults};
use crate::{ANSWER_BYTES_MAX, Call, Fault, fitting, page_size};

/// Most lines of the log that are looked at for one page; the next goes on from there.
const LOOKED_AT_MAX: usize = 20_000;

impl Counter {
    pub(super) fn list_accounts(
        &self,
        call: &Call,
        request: &api::ListAccountsRequest,
    ) -> Result<api::ListAccountsResponse, Fault> {
        call.caller.may_see_accounts()?;
        let limit = lines(request.page_size)?;
        let after = &request.page_token;
        if !after.is_empty() && !is_token_id(after) {
            return Err(other_list(after));
        }
        // One more tells whether there are more.
        let mut found = self.accounts()?.list(self.guard.office().as_str(), after, limit + 1);
        let has_more = found.len() > limit;
        found.truncate(limit);
        let accounts = fitting(found.iter().map(convert::account), ANSWER_BYTES_MAX);
        let is_whole = accounts.len() == found.len() && !has_more;
        let last = accounts.last().map(|account| account.id.clone());
        Ok(api::ListAccountsResponse {
            accounts,
            next_page_token: last.filter(|_| !is_whole).unwrap_or_default(),
        })
    }

    pub(super) fn list_account_changes(
        &self,
        call: &Call,
        request: &api::ListAccountChangesRequest,
    ) -> Result<api::ListAccountChangesResponse, Fault> {
        let account = whose(call, &request.account)?;
        let limit = lines(request.page_size)?;
        let token = &request.page_token;
        let from = match token.as_str() {
            "" => 0,
            token => token.parse().map_err(|_| other_list(token))?,
        };
        let office = self.guard.office();
        let mut found = self
            .accounts()?
            .changes(office.as_str(), account.as_deref(), from, limit + 1);
        let mut next = found.get(limit).map(|change| change.number);
        found.truncate(limit);
        let changes = fitting(found.iter().map(convert::change), ANSWER_BYTES_MAX);
        next = found.get(changes.len()).map(|change| change.number).or(next);
        Ok(api::ListAccountChangesResponse {
            changes,
            next_page_token: next.map(|number| number.to_string()).unwrap_or_default(),
        })
    }

    pub(super) async fn list_sign_ins(
        &self,
        call: &Call,
        request: api::ListSignInsRequest,
    ) -> Result<api::ListSignInsResponse, Fault> {
        let account = whose(call, &request.account)?;
        let limit = lines(request.page_size)?;
        let since = match &request.since {
            None => None,
            Some(date) => Some(date_from_wire(date).ok_or_else(|| {
                let text = format!("{}-{}-{}", date.year, date.month, date.day);
                let what = say(format!("没有 {text} 这一天"), format!("{text} is no day"));
                faults::wrong("since", text, what)
            })?),
        };
        let from = match request.page_token.as_str() {
            "" => since.map_or_else(Place::default, Place::month_of),
            token => place(token).ok_or_else(|| other_list(token))?,
        };
        let begins = since.and_then(|day| CHINA.to_timestamp(day.at(0, 0, 0, 0)).ok());
        let wanted = move |line: &SignIn| {
            account
                .as_ref()
                .is_none_or(|account| line.account.as_ref() == Some(account))
                && begins.is_none_or(|begins: Timestamp| begins <= line.at)
        };
        let page = self
            .work(move |accounts, _, _| accounts.sign_ins(from, (limit, LOOKED_AT_MAX), wanted))
            .await?;
        Ok(api::ListSignInsResponse {
            sign_ins: page.lines.into_iter().map(sign_in).collect(),
            next_page_token: page.next.map(token).unwrap_or_default(),
            broken_lines: page.broken.into_iter().map(Place::name).collect(),
        })
    }
}

/// Whose lines a caller may see: of the account that she names, of all, or her own.
fn whose(call: &Call, asked: &str) -> Result<Option<String>, Fault> {
    let own = call.caller.poster_id();
    if asked == own {
        return Ok(Some(own.to_owned()));
    }
    match (call.caller.may_see_accounts(), asked) {
        (Ok(()), "") => Ok(None),
        (Ok(()), asked) => Ok(Some(asked.to_owned())),
        (Err(_), "") => Ok(Some(own.to_owned())),
        (Err(denied), _) => Err(denied.into()),
    }
}

/// How many lines, or accounts, a page has.
pub(super) fn lines(asked: i32) -> Result<usize, Fault> {
    page_size(asked).map_err(|wrong| Fault::fields(vec![wrong]))
}

fn other_list(token: &str) -> Fault {
    let token: String = token.chars().take(40).collect();
    faults::wrong(
        "page_token",
        token,
        say(
            "翻页标记与本次查询不符；请从第一页重新查起",
            "the page token is not of this question; begin again with the first page",
        ),
    )
}

fn token(place: Place) -> String {
    format!("{:04}-{:02}-{}", place.year, place.month, place.offset)
}

fn place(token: &str) -> Option<Place> {
    let mut parts = token.splitn(3, '-');
    let place = Place {
        year: parts.next()?.parse().ok()?,
        month: parts.next()?.parse().ok().filter(|month| (1..=12).contains(month))?,
        offset: parts.next()?.parse().ok()?,
    };
    Some(place)
}

fn sign_in(line: SignIn) -> api::SignIn {
    api::SignIn {
        at: convert::time(line.at),
        is_success: line.what == SignInKind::SignedIn,
        account: line.account.unwrap_or_default(),
        address: line.address.map(|address| address.to_string()).unwrap_or_default(),
        count: line.count,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_in_the_log_reads_back_from_its_token_and_nonsense_does_not() {
        let here = Place {
            year: 2022,
            month: 9,
            offset: 4_711,
        };
        assert_eq!(place(&token(here)), Some(here));
        for text in ["", "2022", "2022-13-0", "2022-09", "2022-09-", "a-b-c", "学校"] {
            assert_eq!(place(text), None, "{text}");
        }
    }
}
