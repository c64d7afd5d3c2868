//! An error as a caller meets it: a code, a reason for machines, and a text in either language.

use std::collections::HashMap;
use std::time::Duration;

use keshi_core::document::Problem;
use keshi_core::lang::{Lang, Say, say};
use keshi_proto::api;
use prost::Message as _;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, FieldViolation, StatusExt as _};

/// `google.rpc.ErrorInfo.domain` of every error.
pub const DOMAIN: &str = "keshi";

/// Most bytes of field violations in one status. Statuses travel as HTTP/2 headers, of which common clients take 8 KiB
/// in all; the rest is counted in `ErrorInfo.metadata["violations"]`, and `CheckSubmissions` lists every one.
const VIOLATIONS_BYTES_MAX: usize = 3 * 1024;

/// Most characters of a message: percent-encoded, a Chinese one takes nine bytes.
const MESSAGE_LEN_MAX: usize = 200;

/// An error on its way to a caller.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// The gRPC code.
    pub code: Code,
    /// `google.rpc.ErrorInfo.reason`, e.g. `InvalidFields`. Stable.
    pub reason: Box<str>,
    /// What is wrong and what to do.
    pub text: Say,
    /// The fields that are wrong, if any are.
    pub violations: Vec<api::FieldViolation>,
    /// How long to wait before the same call is worth repeating.
    pub retry_after: Option<Duration>,
    /// The entry that it is about, in `google.rpc.ErrorInfo.metadata`. It does not travel over the bus.
    pub about: Option<Box<About>>,
}

/// An entry of a teacher that an error is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    /// Whose: `teacher_id`.
    pub teacher_id: String,
    /// Its index: `entry`.
    pub entry: u64,
}

impl Fault {
    /// An error without field violations.
    pub fn new(code: Code, reason: impl Into<String>, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            code,
            reason: reason.into().into(),
            text: say(zh, en),
            violations: Vec::new(),
            retry_after: None,
            about: None,
        }
    }

    /// The error of wrong fields, of which there is at least one.
    pub fn fields(violations: Vec<api::FieldViolation>) -> Self {
        let count = violations.len();
        let first = |pick: fn(&api::FieldViolation) -> &String| violations.first().map_or("", |first| pick(first));
        let at = violations.first().map_or("", |first| first.field.as_str());
        let zh = format!(
            "有 {count} 处填写有误，整批未提交；第一处 {at}：{}",
            first(|v| &v.text_zh)
        );
        let en = format!(
            "{count} fields are wrong, nothing was recorded; the first, {at}: {}",
            first(|v| &v.text_en)
        );
        Self {
            violations,
            ..Self::new(Code::InvalidArgument, "InvalidFields", zh, en)
        }
    }

    /// The same, worth repeating after a while.
    #[must_use]
    pub fn retry_after(mut self, delay: Duration) -> Self {
        self.retry_after = Some(delay);
        self
    }

    /// The same, about an entry of a teacher.
    #[must_use]
    pub fn about(mut self, teacher_id: impl Into<String>, entry: u64) -> Self {
        let teacher_id = teacher_id.into();
        self.about = Some(Box::new(About { teacher_id, entry }));
        self
    }

    /// The status that travels: message in `lang`, `ErrorInfo`, and `BadRequest` and `RetryInfo` where they apply.
    pub fn status(&self, lang: Lang) -> Status {
        let mut metadata = HashMap::new();
        if let Some(about) = &self.about {
            metadata.insert("teacher_id".to_owned(), about.teacher_id.clone());
            metadata.insert("entry".to_owned(), about.entry.to_string());
        }
        let mut details = ErrorDetails::new();
        if !self.violations.is_empty() {
            metadata.insert("violations".to_owned(), self.violations.len().to_string());
            details.set_bad_request(self.carried_violations(lang));
        }
        if self.retry_after.is_some() {
            details.set_retry_info(self.retry_after);
        }
        details.set_error_info(&*self.reason, DOMAIN, metadata);
        let message: String = self.text.pick(lang).chars().take(MESSAGE_LEN_MAX).collect();
        Status::with_error_details(self.code, message, details)
    }

    /// As many violations as a header carries.
    fn carried_violations(&self, lang: Lang) -> Vec<FieldViolation> {
        let mut bytes = 0;
        let mut carried = Vec::new();
        for violation in &self.violations {
            let text = lang.pick(&violation.text_zh, &violation.text_en);
            bytes += violation.field.len() + text.len() + 8;
            if bytes > VIOLATIONS_BYTES_MAX {
                break;
            }
            carried.push(FieldViolation::new(&violation.field, text));
        }
        carried
    }
}

/// A violation of `field` in both languages.
pub fn violation(
    field: impl Into<String>,
    value: impl Into<String>,
    zh: impl Into<String>,
    en: impl Into<String>,
) -> api::FieldViolation {
    api::FieldViolation {
        field: field.into(),
        value: value.into(),
        text_zh: zh.into(),
        text_en: en.into(),
    }
}

/// The mistakes of the document in `field`, each with its line and column in the field's name.
pub fn in_document(field: &str, problems: &[Problem]) -> Vec<api::FieldViolation> {
    let one = |Problem { line, column, what }: &Problem| {
        violation(format!("{field}:{line}:{column}"), "", &what.zh, &what.en)
    };
    problems.iter().map(one).collect()
}

/// The refusal of whoever answered a question of the write side.
impl From<Fault> for keshi_proto::log::Refused {
    fn from(fault: Fault) -> Self {
        Self {
            code: fault.code.into(),
            reason: fault.reason.into(),
            text_zh: fault.text.zh,
            text_en: fault.text.en,
            violations: fault.violations,
            retry_after_ms: fault
                .retry_after
                .map_or(0, |delay| u32::try_from(delay.as_millis()).unwrap_or(u32::MAX)),
        }
    }
}

impl From<keshi_proto::log::Refused> for Fault {
    fn from(refused: keshi_proto::log::Refused) -> Self {
        let keshi_proto::log::Refused {
            code,
            reason,
            text_zh,
            text_en,
            violations,
            retry_after_ms,
        } = refused;
        Self {
            violations,
            retry_after: (retry_after_ms > 0).then(|| Duration::from_millis(retry_after_ms.into())),
            ..Self::new(Code::from_i32(code), reason, text_zh, text_en)
        }
    }
}

impl Fault {
    /// The bytes of a question's answer that refuses it.
    pub fn to_answer(self) -> Vec<u8> {
        use keshi_proto::log::{Answered, answered::Outcome};
        let outcome = Some(Outcome::Refused(self.into()));
        Answered { outcome }.encode_to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_with_thousands_of_violations_fits_into_the_headers_of_common_clients() {
        let one = violation(
            "events[4999].fact.attendance_recorded.present_centihours",
            "-1",
            "缺少课时".repeat(20),
            "x",
        );
        let fault = Fault::fields(vec![one; 5_000]);
        let status = fault.status(Lang::Zh);
        let mut headers = tonic::codegen::http::HeaderMap::new();
        status.add_header(&mut headers).unwrap();
        let bytes: usize = headers
            .iter()
            .map(|(name, value)| name.as_str().len() + value.len() + 32)
            .sum();
        assert!(bytes < 8 * 1024, "{bytes}");
        let info = status.get_details_error_info().unwrap();
        assert_eq!((info.reason.as_str(), info.domain.as_str()), ("InvalidFields", DOMAIN));
        assert_eq!(info.metadata["violations"], "5000");
        assert!(!status.get_details_bad_request().unwrap().field_violations.is_empty());
    }

    #[test]
    fn a_refusal_says_the_same_after_it_has_travelled() {
        let fault = Fault {
            violations: vec![violation("a", "b", "甲", "x")],
            ..Fault::new(Code::NotFound, "R", "甲", "a")
        };
        assert_eq!(Fault::from(keshi_proto::log::Refused::from(fault.clone())), fault);
    }
}
