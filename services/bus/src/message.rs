//! What a poster hands to the bus, and what it gets back.

use bytes::Bytes;
use uuid::Uuid;

use crate::{AskError, SubmitError};

/// The largest payload of one submission or question, in bytes (900 KiB).
///
/// Below the 1 MiB `max_payload` of a NATS server with room for the headers; the embedded bus keeps the same limit so
/// that an office can change its bus.
pub const MESSAGE_BYTES_MAX: usize = 900 * 1024;

/// One submission on its way to the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The poster's name for this submission. The same id again means the same submission sent again.
    pub submission_id: Uuid,
    /// What it is about, as one subject token, such as `attendance` or `mixed`.
    pub kind: String,
    /// The posting school as one subject token, or `office`.
    pub school: String,
    /// The encoded submission, opaque to the bus, at most [`MESSAGE_BYTES_MAX`] bytes.
    pub bytes: Bytes,
}

/// What became of a submission when [`Bus::submit`](crate::Bus::submit) returned without an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The ledger has it durably; these are the bytes of its receipt.
    Recorded(Bytes),
    /// The stream has it durably, the receipt has not come yet. Only with NATS.
    Accepted,
}

impl Message {
    /// Checks what both buses demand alike.
    pub(crate) fn check(&self) -> Result<(), SubmitError> {
        for (field, token) in [("kind", &self.kind), ("school", &self.school)] {
            if !is_token(token) {
                return Err(SubmitError::InvalidToken {
                    field,
                    token: token.clone(),
                });
            }
        }
        if self.bytes.len() > MESSAGE_BYTES_MAX {
            return Err(SubmitError::TooLarge {
                bytes: self.bytes.len(),
                bytes_max: MESSAGE_BYTES_MAX,
            });
        }
        Ok(())
    }
}

/// The same for a question.
pub(crate) fn check_question(topic: &str, question: &Bytes) -> Result<(), AskError> {
    if !is_token(topic) {
        return Err(AskError::InvalidTopic {
            topic: topic.to_owned(),
        });
    }
    if question.len() > MESSAGE_BYTES_MAX {
        return Err(AskError::TooLarge {
            bytes: question.len(),
            bytes_max: MESSAGE_BYTES_MAX,
        });
    }
    Ok(())
}

/// Whether `text` can stand as one token of a subject: 1 to 64 ASCII letters, digits, `-` or `_`.
///
/// Narrower than NATS itself, which only forbids dots, wildcards and white space: a subject is also a name in
/// permissions and logs.
pub(crate) fn is_token(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_one_plain_word() {
        for good in ["attendance", "office", "s-0042", "610729_7"] {
            assert!(is_token(good), "{good}");
        }
        for bad in ["", "a.b", "*", ">", "a b", "学校", "a\r\nb", &"x".repeat(65)] {
            assert!(!is_token(bad), "{bad:?}");
        }
    }

    #[test]
    fn a_message_at_the_limit_passes_and_one_byte_more_does_not() {
        let mut message = Message {
            submission_id: Uuid::nil(),
            kind: "mixed".into(),
            school: "office".into(),
            bytes: Bytes::from(vec![0; MESSAGE_BYTES_MAX]),
        };
        assert_eq!(message.check(), Ok(()));
        message.bytes = Bytes::from(vec![0; MESSAGE_BYTES_MAX + 1]);
        let too_large = SubmitError::TooLarge {
            bytes: MESSAGE_BYTES_MAX + 1,
            bytes_max: MESSAGE_BYTES_MAX,
        };
        assert_eq!(message.check(), Err(too_large));
    }
}
