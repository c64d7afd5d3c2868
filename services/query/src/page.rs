//! Pages: a token pins the size that the first page was read at, so that pages neither overlap nor skip.

use std::fmt::Write as _;

use prost::Message;

use keshi_door::Call;
pub(crate) use keshi_door::{ANSWER_BYTES_MAX, fitting};
use keshi_proto::api;

use crate::Context;
use crate::error::Error;
use crate::place::one;

/// An answer that goes whole or not at all.
pub(crate) fn whole<M: Message>(answer: M) -> Result<M, Error> {
    match answer.encoded_len() {
        bytes if bytes > ANSWER_BYTES_MAX => Err(Error::AnswerTooLarge { bytes }),
        _ => Ok(answer),
    }
}

/// Where a list goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cursor {
    /// The size that the list is read at.
    pub(crate) size: u64,
    /// How far it was read.
    pub(crate) position: u64,
}

/// What a list is about, so that a token of one is not taken for another's.
pub(crate) fn question(parts: &[&str]) -> u64 {
    // FNV-1a: the token is no secret, only to be told apart from others.
    let bytes = parts.iter().flat_map(|part| part.bytes().chain([0]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// One page of a list that is answered in the order of its items, from a ledger of one size.
pub(crate) struct Page {
    /// Of the ledger.
    pub(crate) size: u64,
    /// Items of the pages before.
    pub(crate) from: usize,
    question: u64,
}

impl Context {
    /// Where the list goes on that `page_token` is of; without one, its first page. `parts` are what is asked.
    pub(crate) async fn page(
        &self,
        call: &Call,
        at: Option<&api::At>,
        page_token: &str,
        parts: &[&str],
    ) -> Result<Page, Error> {
        let question = question(parts);
        let cursor = Cursor::read(page_token, question, self.engine.head().size)?;
        let size = match cursor {
            Some(cursor) => cursor.size,
            None => self.place(at, call.deadline).await?,
        };
        let from = cursor.map_or(0, |cursor| usize::try_from(cursor.position).unwrap_or(usize::MAX));
        Ok(Page { size, from, question })
    }
}

impl Page {
    /// The token of the next page, after so many items of this one, of a list of so many in all; empty on the last.
    pub(crate) fn next(&self, told: usize, all: usize) -> String {
        let position = self.from.saturating_add(told);
        if position >= all {
            return String::new();
        }
        let (size, position) = (self.size, position as u64);
        Cursor { size, position }.token(self.question)
    }
}

impl Cursor {
    /// The token for the next page of `question`.
    pub(crate) fn token(self, question: u64) -> String {
        let mut token = String::with_capacity(48);
        for part in [self.size, self.position, question] {
            // Writing to a string cannot fail.
            let _ = write!(token, "{part:016x}");
        }
        token
    }

    /// The cursor in a token, `None` for the first page.
    pub(crate) fn read(token: &str, question: u64, durable: u64) -> Result<Option<Self>, Error> {
        if token.is_empty() {
            return Ok(None);
        }
        let part = |at: usize| u64::from_str_radix(token.get(at..at + 16)?, 16).ok();
        let whole = token.len() == 48 && token.bytes().all(|byte| byte.is_ascii_hexdigit());
        match (whole, part(0), part(16), part(32)) {
            (true, Some(size), Some(position), Some(of)) if of == question && size <= durable => {
                Ok(Some(Self { size, position }))
            }
            _ => Err(one(
                "page_token",
                token,
                "翻页标记与本次查询不符；请从第一页重新查起",
                "the page token is not of this question; begin again with the first page",
            )),
        }
    }
}

/// The number of lines on a page.
pub(crate) fn page_size(asked: i32) -> Result<usize, Error> {
    keshi_door::page_size(asked).map_err(|wrong| Error::Fields(vec![wrong]))
}

/// The same, of a list with pages of another size.
pub(crate) fn page_size_of(asked: i32, default: usize, max: usize) -> Result<usize, Error> {
    match page_size(asked)? {
        _ if asked == 0 => Ok(default),
        size => Ok(size.min(max)),
    }
}

#[cfg(test)]
mod tests {
    use keshi_proto::api;

    use super::*;

    fn policy(bytes: usize) -> api::AdoptedPolicy {
        api::AdoptedPolicy {
            document: "x".repeat(bytes),
            ..api::AdoptedPolicy::default()
        }
    }

    #[test]
    fn as_many_items_are_sent_as_fit_and_one_that_is_too_large_goes_alone() {
        let answer = |policies| api::ListPoliciesResponse {
            policies,
            ..api::ListPoliciesResponse::default()
        };
        let fit = answer(fitting((0..100).map(|_| policy(1_000)), 10_000));
        assert!(
            fit.policies.len() == 9 && fit.encoded_len() <= 10_000,
            "{}",
            fit.encoded_len()
        );
        assert_eq!(fitting([policy(20_000), policy(1)].into_iter(), 10_000).len(), 1);
        assert!(fitting(std::iter::empty::<api::AdoptedPolicy>(), 10_000).is_empty());
    }

    #[test]
    fn an_answer_larger_than_clients_take_is_refused_with_what_to_ask_instead() {
        assert!(whole(policy(ANSWER_BYTES_MAX - 100)).is_ok());
        let fault = keshi_door::Fault::from(whole(policy(ANSWER_BYTES_MAX)).unwrap_err());
        assert_eq!(fault.code, tonic::Code::InvalidArgument);
        assert!(fault.text.en.contains("ask for shorter periods") && fault.text.zh.contains("请缩短期间"));
        assert!(fault.text.en.chars().count() <= 200);
    }

    #[test]
    fn a_token_is_good_only_for_the_question_it_came_from() {
        let cursor = Cursor { size: 10, position: 3 };
        let token = cursor.token(question(&["a", "b"]));
        assert_eq!(Cursor::read(&token, question(&["a", "b"]), 10).unwrap(), Some(cursor));
        assert!(Cursor::read(&token, question(&["ab", ""]), 10).is_err());
        assert!(Cursor::read(&token, question(&["a", "b"]), 9).is_err());
        assert!(Cursor::read("学校", question(&[]), 9).is_err());
        assert_eq!(Cursor::read("", question(&[]), 9).unwrap(), None);
    }
}
