//! Numbers of certificates (证书编号, DOMAIN §11): how an office writes them, and reading them as people type them.
//!
//! `ledger/docs/certificates.md` describes both. The number itself, a whole number within its year, is assigned when the
//! certificate is recorded and is kept in its entry.

use std::fmt;
use std::num::NonZeroU32;

use jiff::civil::{Date, date};

use crate::event::check::DAYS;
use crate::lang::{Say, say};
use crate::text::normalised;

/// Most characters of what is read as a number: a printed one has thirty.
pub const ASKED_MAX: usize = 100;

/// Most letters of [`Form::code`].
pub const CODE_MAX: usize = 12;

/// Most characters of [`Form::word`] and [`Form::issuer`].
pub const WORD_MAX: usize = 40;

/// Most digits to which numbers are filled up.
pub const WIDTH_MAX: u32 = 8;

/// How an office writes its numbers: the table `[certificates]` of a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    /// What stands before the year on paper: 留教研证.
    pub word: String,
    /// The same for machines: capital letters, `LJYZ`.
    pub code: String,
    /// Least number of digits.
    pub width: u8,
    /// Before this day papers may have numbers of their own, or none (历史补登).
    pub numbered_from: Date,
    /// The office's name on papers, if it is said.
    pub issuer: Option<String>,
}

impl Default for Form {
    /// What holds as long as no policy says another.
    fn default() -> Self {
        Self {
            word: "证书".to_owned(),
            code: "ZS".to_owned(),
            width: 4,
            numbered_from: date(2020, 1, 1),
            issuer: None,
        }
    }
}

impl Form {
    /// Whether a paper of this day is of the time before numbers.
    pub fn is_historical(&self, on: Date) -> bool {
        on < self.numbered_from
    }
}

/// The number of a certificate, with all that is printed of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Number {
    /// How it is written.
    pub form: Form,
    /// Year of issue.
    pub year: i16,
    /// Within the year, from 1 on.
    pub number: NonZeroU32,
    /// 补: how often it was issued again.
    pub copy: u32,
    /// Of a paper of the time before numbers (历史补登).
    pub historical: bool,
}

impl Number {
    fn digits(&self) -> String {
        format!("{:0width$}", self.number, width = usize::from(self.form.width))
    }

    /// For machines and for typing: `LJYZ-2022-0017-C`. It is the same of every copy.
    pub fn machine(&self) -> String {
        let (code, year, digits) = (&self.form.code, self.year, self.digits());
        let check = check_character(&format!("{code}{year}{digits}")).unwrap_or('?');
        format!("{code}-{year}-{digits}-{check}")
    }

    /// Whether this is the number that was asked for: of this office, year and number, and its check character, if there
    /// was one, is right.
    pub fn is_asked(&self, asked: &Asked) -> bool {
        let same = |one: &str| normalised(one).to_uppercase() == asked.prefix;
        let is_ours = match asked.check {
            Some(check) => same(&self.form.code) && self.machine().ends_with(check),
            None => same(&self.form.word),
        };
        is_ours && self.year == asked.year && self.number == asked.number
    }
}

/// On paper: `留教研证〔2022〕第0017号`, issued again `留教研证〔2022〕第0017号（补1）`.
impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let before = if self.historical { "补-" } else { "" };
        write!(f, "{before}{}〔{}〕第{}号", self.form.word, self.year, self.digits())?;
        if self.copy > 0 {
            write!(f, "（补{}）", self.copy)?;
        }
        Ok(())
    }
}

/// A number as somebody typed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// What stands before the year, normalised.
    prefix: String,
    /// Year of issue.
    pub year: i16,
    /// Within the year.
    pub number: NonZeroU32,
    /// The check character, of the machine's form.
    check: Option<char>,
    /// Which copy, if it is said.
    pub copy: Option<u32>,
}

impl Asked {
    /// Reads a number in the paper's or the machine's form, whatever brackets, dashes, widths and blanks it has.
    ///
    /// # Errors
    ///
    /// [`NotANumber`] if it is neither.
    pub fn read(text: &str) -> Result<Self, NotANumber> {
        if text.chars().nth(ASKED_MAX).is_some() {
            return Err(NotANumber::Form);
        }
        let text: String = normalised(text).to_uppercase().chars().map(plain).collect();
        let text = ["证书编号", "编号"].into_iter().fold(text.as_str(), |text, word| {
            text.strip_prefix(word)
                .map_or(text, |rest| rest.trim_start_matches(':'))
        });
        match text.split_once('[') {
            Some((prefix, rest)) => Self::on_paper(prefix, rest),
            None => Self::of_machines(text),
        }
    }

    /// `留教研证` and `2022]第0017号(补1)`.
    fn on_paper(prefix: &str, rest: &str) -> Result<Self, NotANumber> {
        let (year, rest) = rest.split_once(']').ok_or(NotANumber::Form)?;
        let rest = rest.strip_prefix('第').unwrap_or(rest);
        let (digits, rest) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len()));
        let rest = rest.strip_prefix('号').unwrap_or(rest);
        let rest: String = rest.chars().filter(|c| !matches!(c, '[' | ']' | '-')).collect();
        let copy = match rest.strip_prefix('补') {
            Some("") => Some(1),
            Some(times) => Some(whole(times)?),
            None if rest.is_empty() => None,
            None => return Err(NotANumber::Form),
        };
        let prefix = prefix.strip_prefix("补-").unwrap_or(prefix);
        if prefix.is_empty() {
            return Err(NotANumber::Form);
        }
        Ok(Self {
            prefix: prefix.to_owned(),
            year: read_year(year)?,
            number: NonZeroU32::new(whole(digits)?).ok_or(NotANumber::Form)?,
            check: None,
            copy,
        })
    }

    /// `LJYZ-2022-0017-C`, or the same without dashes.
    fn of_machines(text: &str) -> Result<Self, NotANumber> {
        let text: String = text.chars().filter(|c| *c != '-').collect();
        let letters = text.find(|c: char| !c.is_ascii_uppercase()).unwrap_or(text.len());
        let (code, rest) = text.split_at(letters);
        if code.is_empty() || code.len() > CODE_MAX || !rest.is_ascii() {
            return Err(NotANumber::Form);
        }
        let (year, rest) = rest.split_at_checked(4).ok_or(NotANumber::Form)?;
        let (digits, check) = rest
            .split_at_checked(rest.len().saturating_sub(1))
            .ok_or(NotANumber::Form)?;
        let asked = Self {
            prefix: code.to_owned(),
            year: read_year(year)?,
            number: NonZeroU32::new(whole(digits)?).ok_or(NotANumber::Form)?,
            check: check.chars().next(),
            copy: None,
        };
        // As typed, or with the zeros that are usual and were left out; how many the office fills up with is seen when its
        // number is at hand.
        let is_right = |digits: &str| check_character(&format!("{code}{year}{digits}")) == asked.check;
        if is_right(digits) || is_right(&format!("{digits:0>USUAL_WIDTH$}")) {
            Ok(asked)
        } else {
            Err(NotANumber::Check)
        }
    }
}

/// Digits of a number where the office says nothing else: zeros in front fill it up.
const USUAL_WIDTH: usize = 4;

/// Why a text is no number of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotANumber {
    /// It has neither form.
    Form,
    /// It has the machine's form, and its check character is wrong: a slip of the pen.
    Check,
}

/// One bracket for all, and one dash.
fn plain(c: char) -> char {
    match c {
        '〔' | '(' | '（' | '【' | '［' | '{' | '〖' | '〈' | '《' | '<' => '[',
        '〕' | ')' | '）' | '】' | '］' | '}' | '〗' | '〉' | '》' | '>' => ']',
        '‐' | '‑' | '‒' | '–' | '—' | '―' | '－' | '_' | '·' | '.' | '/' => '-',
        other => other,
    }
}

fn whole(digits: &str) -> Result<u32, NotANumber> {
    let only_digits = digits.bytes().all(|byte| byte.is_ascii_digit());
    let number = digits.parse().ok().filter(|_| only_digits);
    number.ok_or(NotANumber::Form)
}

fn read_year(digits: &str) -> Result<i16, NotANumber> {
    let year = digits.strip_suffix('年').unwrap_or(digits);
    let year = i16::try_from(whole(year)?).map_err(|_| NotANumber::Form)?;
    let is_known = (DAYS.0.year()..=DAYS.1.year()).contains(&year);
    is_known.then_some(year).ok_or(NotANumber::Form)
}

/// What a certificate is called that rests on an entry of this kind, `snake_case` as in events; `None` if none can.
pub fn paper(basis_kind: &str) -> Option<Say> {
    Some(match basis_kind {
        "attendance_recorded" | "school_based_term" => say("培训证书", "certificate of training"),
        "outreach_delivered" | "lesson_given" => say("授课证书", "certificate of lessons given"),
        "lesson_observed" | "school_visit" => say("教研活动证书", "certificate of research activity"),
        "entry_made" => say("参赛证书", "certificate of participation"),
        "award_given" | "work_awarded" => say("获奖证书", "certificate of award"),
        "recommended" => say("推荐证书", "certificate of recommendation"),
        "title_conferred" => say("荣誉称号证书", "certificate of title"),
        "title_renewed" => say("称号复核证书", "certificate of a renewed title"),
        "candidate_chosen" => say("培养对象证书", "certificate of a chosen candidate"),
        "topic_concluded" => say("课题结题证书", "certificate of a concluded topic"),
        "work_published" => say("成果证书", "certificate of a published work"),
        _ => return None,
    })
}

/// The characters of ISO/IEC 7064 MOD 37,36 in the order of their values.
const ALPHABET: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// The check character of ISO/IEC 7064 (GB/T 17710), system MOD 37,36: it finds every single wrong character and nearly
/// every exchange of two. `None` if the text has other characters than digits and capitals.
fn check_character(text: &str) -> Option<char> {
    let mut product = 36;
    for byte in text.bytes() {
        let value = ALPHABET.iter().position(|&c| c == byte)?;
        let sum = (product + value) % 36;
        product = if sum == 0 { 36 } else { sum } * 2 % 37;
    }
    ALPHABET.get((37 - product) % 36).copied().map(char::from)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::event::Fact;

    fn number(number: u32) -> Number {
        Number {
            form: Form {
                word: "留教研证".to_owned(),
                code: "LJYZ".to_owned(),
                ..Form::default()
            },
            year: 2022,
            number: NonZeroU32::new(number).unwrap(),
            copy: 0,
            historical: false,
        }
    }

    #[test]
    fn the_check_character_is_that_of_the_standard_s_example() {
        // The Global Release Identifier of the music industry has the same system.
        assert_eq!(check_character("A12425GABC1234002"), Some('M'));
        assert_eq!(check_character("留"), None);
    }

    #[test]
    fn a_certificate_rests_on_every_kind_that_credits_but_what_takes_a_title_away() {
        for (kind, nature) in Fact::KINDS.iter().zip(Fact::NATURES) {
            // What takes a title away attests nothing.
            let bears = nature.credits && *kind != "title_withdrawn";
            assert_eq!(paper(kind).is_some(), bears, "{kind}");
        }
    }

    #[test]
    fn a_number_is_written_for_paper_and_for_machines() {
        let mut one = number(17);
        assert_eq!(one.to_string(), "留教研证〔2022〕第0017号");
        assert_eq!(one.machine(), "LJYZ-2022-0017-9");
        (one.copy, one.historical) = (2, true);
        assert_eq!(one.to_string(), "补-留教研证〔2022〕第0017号（补2）");
        assert_eq!(number(123_456).to_string(), "留教研证〔2022〕第123456号");
    }

    #[test]
    fn a_number_is_read_with_all_brackets_widths_and_blanks() {
        for text in [
            "留教研证〔2022〕第0017号",
            "留教研证[2022]第0017号",
            "留教研证(2022)第17号",
            "留教研证（２０２２）第００１７号",
            "留 教 研 证 【2022】 0017 号",
            "留教研證〔2022年〕第0017號",
            "证书编号：留教研证［2022］17",
            "补-留教研证〔2022〕第0017号（补1）",
            "LJYZ-2022-0017-9",
            "ljyz—2022—0017—9",
            "ＬＪＹＺ２０２２００１７９",
        ] {
            let asked = Asked::read(text).unwrap_or_else(|why| panic!("{text}: {why:?}"));
            assert!(number(17).is_asked(&asked), "{text}: {asked:?}");
            assert!(!number(18).is_asked(&asked), "{text}");
        }
        assert_eq!(Asked::read("留教研证〔2022〕第0017号补 2").unwrap().copy, Some(2));
    }

    #[test]
    fn what_is_no_number_is_told_from_a_slip_of_the_pen() {
        for text in [
            "",
            "留教研证",
            "〔2022〕第1号",
            "证〔22〕第1号",
            "证〔2022〕第0号",
            "证〔2022〕第1号x",
            "A-2022-1",
        ] {
            assert_eq!(Asked::read(text), Err(NotANumber::Form), "{text}");
        }
        assert_eq!(Asked::read(&"1".repeat(101)), Err(NotANumber::Form));
        assert_eq!(Asked::read("LJYZ-2022-0071-9"), Err(NotANumber::Check));
        let other = Asked::read("教研证〔2022〕第0017号").unwrap();
        assert!(!number(17).is_asked(&other), "of another office");
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(
            (n, year, width) in (1_u32..=u32::MAX, 1950_i16..=2150, 1_u8..=8),
            code in "[A-Z]{1,12}",
            (copy, historical) in (0_u32..5, any::<bool>()),
            brackets in prop::sample::select(vec!["〔〕", "[]", "()", "（）", "【】", "［］"]),
            (wide, bare) in (any::<bool>(), any::<bool>()),
        ) {
            let mut number = number(n);
            (number.year, number.copy, number.historical) = (year, copy, historical);
            (number.form.width, number.form.code) = (width, code);
            let mut paper = number.to_string();
            let mut pair = brackets.chars();
            paper = paper.replace('〔', &pair.next().unwrap().to_string()).replace('〕', &pair.next().unwrap().to_string());
            if bare {
                paper = paper.replace(['第', '号'], " ");
            }
            for text in [paper, number.machine()] {
                let wide_digit = |c: char| if c.is_ascii_digit() { char::from_u32(c as u32 + 0xFEE0).unwrap() } else { c };
                let text: String = if wide { text.chars().map(wide_digit).collect() } else { text };
                let asked = Asked::read(&text).map_err(|why| TestCaseError::fail(format!("{text}: {why:?}")))?;
                prop_assert!(number.is_asked(&asked), "{}", text);
            }
        }

        #[test]
        fn one_wrong_character_of_the_machine_s_form_is_found(n in 1_u32..100_000, at in 0_usize..64, with in 0_usize..36) {
            let right = number(n).machine();
            let mut bytes = right.clone().into_bytes();
            let at = at % bytes.len();
            if bytes[at] != b'-' && bytes[at] != ALPHABET[with] {
                bytes[at] = ALPHABET[with];
                let wrong = String::from_utf8(bytes).unwrap();
                let is_taken = Asked::read(&wrong).is_ok_and(|asked| number(asked.number.get()).is_asked(&asked));
                prop_assert!(!is_taken, "{}", wrong);
            }
        }
    }
}
