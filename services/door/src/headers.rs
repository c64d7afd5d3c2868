//! What a call's headers say of its language and its deadline.

use std::str::FromStr as _;
use std::time::Duration;

use keshi_core::lang::Lang;

/// The language of an `accept-language` value: the first of its tags that is Chinese or English, else Chinese.
pub fn lang_of(value: Option<&str>) -> Lang {
    let tags = value.unwrap_or_default().split(',').map(str::trim_start);
    let known = |tag: &str| match tag.get(..2)?.to_ascii_lowercase().as_str() {
        "zh" => Some(Lang::Zh),
        "en" => Some(Lang::En),
        _ => None,
    };
    tags.into_iter().find_map(known).unwrap_or_default()
}

/// The duration of a `grpc-timeout` value: at most eight digits and a unit.
pub(super) fn timeout_of(value: &str) -> Option<Duration> {
    let (digits, unit) = value.split_at_checked(value.len().checked_sub(1)?)?;
    if digits.len() > 8 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let count = u64::from_str(digits).ok()?;
    match unit {
        "H" => Some(Duration::from_secs(count.saturating_mul(3_600))),
        "M" => Some(Duration::from_secs(count.saturating_mul(60))),
        "S" => Some(Duration::from_secs(count)),
        "m" => Some(Duration::from_millis(count)),
        "u" => Some(Duration::from_micros(count)),
        "n" => Some(Duration::from_nanos(count)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_the_first_that_we_speak_and_chinese_by_default() {
        assert_eq!(lang_of(None), Lang::Zh);
        assert_eq!(lang_of(Some("fr, en-GB;q=0.8, zh;q=0.5")), Lang::En);
        assert_eq!(lang_of(Some("ZH-cn,en")), Lang::Zh);
        assert_eq!(lang_of(Some("学校")), Lang::Zh);
    }

    #[test]
    fn a_timeout_is_digits_and_a_unit() {
        assert_eq!(timeout_of("250m"), Some(Duration::from_millis(250)));
        assert_eq!(timeout_of("2S"), Some(Duration::from_secs(2)));
        for bad in ["", "S", "2", "2s", "-1S", "123456789S", "1课"] {
            assert!(timeout_of(bad).is_none_or(|got| got.is_zero()), "{bad}");
        }
    }
}
