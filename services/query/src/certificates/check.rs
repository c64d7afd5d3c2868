//! The check of one number: for whoever holds a paper, and nobody learns more of its holder than stands on it.

use std::time::Instant;

use keshi_core::certificate::{Asked, NotANumber};
use keshi_core::registry::Validity;
use keshi_core::text::ERASED_NAME;
use keshi_door::{Fault, Stranger};
use keshi_proto::api_convert::millis_to_api;
use keshi_proto::{api, date_to_wire};
use tonic::Code;

use super::{kind, state, written};
use crate::Context;
use crate::error::Error;

/// In place of the name of one whom the people register does not have, or no longer.
const NO_NAME: &str = "（未登记）";

impl Context {
    /// What a number is worth now.
    pub(crate) async fn check_certificate(
        &self,
        stranger: &Stranger,
        request: &api::GetCertificateCheckRequest,
    ) -> Result<api::CertificateCheck, Error> {
        let paced = self.certificates.pace.ask(stranger.peer, Instant::now());
        paced.map_err(|wait| {
            let seconds = wait.as_secs() + 1;
            Error::NoLonger(Box::new(
                Fault::new(
                    Code::ResourceExhausted,
                    "TooManyChecks",
                    format!("核验过于频繁；请 {seconds} 秒后再试"),
                    format!("too many certificates were checked from here: try again in {seconds} seconds"),
                )
                .retry_after(wait),
            ))
        })?;
        let now = keshi_core::time::Millis(self.parts.guard.now().as_millisecond());
        let answer = |state: api::CertificateState| api::CertificateCheck {
            state: state.into(),
            checked_at: Some(millis_to_api(now)),
            ..api::CertificateCheck::default()
        };
        let asked = match Asked::read(&request.number) {
            Ok(asked) => asked,
            Err(NotANumber::Form | NotANumber::Check) => return Ok(answer(api::CertificateState::Mistyped)),
        };
        let size = self.engine.head().size;
        let found = self.engine.query_at(size, |at| {
            let view = at.certificate_numbered(asked.year, asked.number.get())?;
            view.number
                .as_ref()
                .is_some_and(|number| number.is_asked(&asked))
                .then_some(view)
        });
        let Some(view) = found else {
            return Ok(answer(api::CertificateState::Unknown));
        };
        let name = self.name(view.teacher_id).await?;
        let (number, code, issuer) = written(&view);
        let (kind_zh, kind_en) = kind(&view);
        Ok(api::CertificateCheck {
            number,
            code,
            issuer: if issuer.is_empty() {
                self.engine.office().to_string()
            } else {
                issuer
            },
            issued_on: Some(date_to_wire(view.on)),
            kind_zh,
            kind_en,
            masked_name: if name == ERASED_NAME { name } else { masked(&name) },
            copy: match view.validity {
                Validity::Reissued(times) => times,
                Validity::Valid | Validity::ToBeRecalled | Validity::Void => 0,
            },
            ..answer(state(view.validity))
        })
    }
}

/// A name with its middle masked: 王芳 becomes 王*, 王小芳 王*芳, 欧阳小芳 欧**芳.
fn masked(name: &str) -> String {
    let letters: Vec<char> = name.trim().chars().filter(|c| !is_part_of_letter(*c)).collect();
    match letters.as_slice() {
        [] => NO_NAME.to_owned(),
        [_] => "*".to_owned(),
        [first, _] => format!("{first}*"),
        [first, middle @ .., last] => {
            let stars: String = middle.iter().map(|_| '*').collect();
            format!("{first}{stars}{last}")
        }
    }
}

/// Variation selectors, joiners and accents: no letters of their own, so that a rare form of a name of two letters does not
/// pass for three and show both.
const fn is_part_of_letter(c: char) -> bool {
    matches!(
        c,
        '\u{0300}'..='\u{036F}' | '\u{200B}'..='\u{200D}' | '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_of_a_name_is_masked_and_a_missing_name_is_said_to_be_missing() {
        for (name, told) in [
            ("王芳", "王*"),
            ("王小芳", "王*芳"),
            ("欧阳小芳", "欧**芳"),
            ("阿", "*"),
            ("", NO_NAME),
            ("𠮷\u{E0101}芳", "𠮷*"),
            ("王芳\u{E0100}", "王*"),
            ("王𠮷芳", "王*芳"),
            ("买买提·艾力", "买****力"),
        ] {
            assert_eq!(masked(name), told);
        }
    }
}
