//! Names of verdicts, meters and amounts on screen.

use keshi_core::hours::Hours;
use keshi_core::lang::Lang;
use keshi_core::policy::Meter;
use keshi_proto::api;

/// A verdict on screen.
pub fn verdict(verdict: api::Verdict, lang: Lang) -> &'static str {
    match verdict {
        api::Verdict::Unspecified => lang.pick("未知", "unknown"),
        api::Verdict::Recorded => lang.pick("已入账", "recorded"),
        api::Verdict::Waiting => lang.pick("待生效", "waiting"),
        api::Verdict::Duplicate => lang.pick("重复", "duplicate"),
        api::Verdict::Conflict => lang.pick("冲突", "conflict"),
        api::Verdict::Refused => lang.pick("不予入账", "refused"),
        api::Verdict::Mistaken => lang.pick("有误", "mistaken"),
    }
}

/// How a requirement stands, on screen.
pub fn status(status: api::Status, lang: Lang) -> &'static str {
    match status {
        api::Status::Unspecified => "",
        api::Status::TargetReached => lang.pick("优", "above"),
        api::Status::Met => lang.pick("达标", "met"),
        api::Status::Short => lang.pick("未达标", "short"),
        api::Status::Exempt => lang.pick("减免", "exempt"),
        api::Status::NotInScope => lang.pick("不适用", "not due"),
        api::Status::MetByAnother => lang.pick("择一达标", "met by another"),
    }
}

/// A step of the funnel of competitions, on screen.
pub fn contest_step(step: api::ContestStep, lang: Lang) -> &'static str {
    match step {
        api::ContestStep::Unspecified => "",
        api::ContestStep::Recommended => lang.pick("推荐到本级", "recommended to it"),
        api::ContestStep::TookPart => lang.pick("参赛", "took part"),
        api::ContestStep::Won => lang.pick("获奖", "won"),
    }
}

/// A meter on screen.
pub fn meter(word: &str, lang: Lang) -> String {
    match lang {
        Lang::Zh => Meter::from_word(word).map_or_else(|| word.to_owned(), |meter| meter.zh().to_owned()),
        Lang::En => word.replace('_', " "),
    }
}

/// A meter's unit on screen: as the policy names it, in English as its meter says.
pub fn unit(unit: &str, meter: &str, lang: Lang) -> String {
    match (lang, Meter::from_word(meter)) {
        (Lang::En, Some(meter)) => match meter {
            Meter::TrainingHours => "hours",
            Meter::LessonsObserved | Meter::LessonsGiven => "lessons",
            Meter::SchoolVisits => "visits",
            Meter::Talks => "talks",
            Meter::Credits => "credits",
        }
        .to_owned(),
        (_, Some(meter)) if unit.is_empty() => meter.unit_zh().to_owned(),
        _ => unit.to_owned(),
    }
}

/// Hundredths as a decimal without idle zeros.
pub fn amount(centiamount: i64) -> String {
    Hours::from_hundredths(centiamount).to_string()
}

/// A count with its thousands apart.
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_no_idle_zeros() {
        let cases = [
            (0, "0"),
            (9000, "90"),
            (333, "3.33"),
            (350, "3.5"),
            (5, "0.05"),
            (-125, "-1.25"),
        ];
        for (hundredths, text) in cases {
            assert_eq!(amount(hundredths), text);
        }
        assert_eq!(amount(i64::MIN), "-92233720368547758.08");
    }

    #[test]
    fn counts_have_their_thousands_apart() {
        assert_eq!(
            (count(0), count(999), count(1000)),
            ("0".into(), "999".into(), "1,000".into())
        );
        assert_eq!(count(24_531_007), "24,531,007");
    }
}
