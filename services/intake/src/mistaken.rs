//! What is wrong in itself, and how it is told: of an atomic submission as the whole submission's end, of one taken one by
//! one as the verdict of the event alone.

use keshi_door::violation;
use keshi_proto::api;
use prost::Message as _;

/// Most bytes of mistakes in one submission's answer, which is to fit into the 4 MiB that clients take.
pub(crate) const MISTAKES_BYTES_MAX: usize = 1 << 20;

/// An event that is wrong in itself, of a submission that is taken one by one.
#[derive(Clone, Debug)]
pub(crate) struct Mistaken {
    /// Its place in the submission, from 0 on.
    pub(crate) position: usize,
    /// Its id; empty if that could not be read.
    pub(crate) event_id: String,
    /// What is wrong, at least one.
    pub(crate) violations: Vec<api::FieldViolation>,
}

impl Mistaken {
    /// The bytes that it takes.
    pub(crate) fn weight(&self) -> usize {
        size_of::<Self>() + self.event_id.len() + weight_of(&self.violations)
    }

    fn into_verdict(self) -> api::EventVerdict {
        api::EventVerdict {
            event_id: self.event_id,
            verdict: api::Verdict::Mistaken.into(),
            violations: self.violations,
            ..api::EventVerdict::default()
        }
    }
}

/// The bytes that violations take in memory.
pub(crate) fn weight_of(violations: &[api::FieldViolation]) -> usize {
    // A text in memory takes its bytes and a header of its own; a violation has four.
    let of = |violation: &api::FieldViolation| size_of::<api::FieldViolation>() + violation.encoded_len();
    violations.iter().map(of).sum()
}

/// Puts the mistaken ones, in their order, among the verdicts of the others, each at its place.
pub(crate) fn among(verdicts: Vec<api::EventVerdict>, mistaken: Vec<Mistaken>) -> Vec<api::EventVerdict> {
    let mut all = Vec::with_capacity(verdicts.len() + mistaken.len());
    let mut others = verdicts.into_iter();
    for one in mistaken {
        let before = one.position.saturating_sub(all.len());
        all.extend(others.by_ref().take(before));
        all.push(one.into_verdict());
    }
    all.extend(others);
    all
}

/// As many violations as one answer carries; of more, the last one says how many.
pub(crate) fn tellable(mut violations: Vec<api::FieldViolation>) -> Vec<api::FieldViolation> {
    let mut bytes = 0;
    let fit = violations.iter().take_while(|violation| {
        bytes += violation.encoded_len() + 5;
        bytes <= MISTAKES_BYTES_MAX
    });
    let (fit, all) = (fit.count(), violations.len());
    if fit < all {
        let more = all - fit;
        violations.truncate(fit);
        violations.push(violation(
            "events",
            "",
            format!("另有 {more} 处错误未列出；请先改正以上各处，再预检一次"),
            format!("{more} more mistakes are not listed; mend those above and check again"),
        ));
        violations.shrink_to_fit();
    }
    violations
}

/// The same for events that are taken one by one: each keeps a word, and beyond what one answer carries only that.
pub(crate) fn tellable_each(mistaken: &mut [Mistaken], path: impl Fn(usize) -> String) {
    let mut bytes = 0;
    for one in mistaken {
        let own: usize = one.violations.iter().map(|violation| violation.encoded_len() + 5).sum();
        if bytes + own <= MISTAKES_BYTES_MAX {
            bytes += own;
            continue;
        }
        one.violations = vec![violation(
            path(one.position),
            "",
            "有误，未逐一列出：请先改正前面的",
            "wrong, and not listed in full: mend those before it first",
        )];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(position: usize, bytes: usize) -> Mistaken {
        Mistaken {
            position,
            event_id: format!("e{position}"),
            violations: vec![violation(
                "events[0].fact",
                "x".repeat(bytes),
                "缺少课时",
                "hours are missing",
            )],
        }
    }

    #[test]
    fn of_more_mistakes_than_an_answer_carries_the_last_says_how_many_are_left() {
        let one = || violation("events[0].fact", "x".repeat(200), "缺少课时", "hours are missing");
        assert_eq!(tellable(vec![one(); 100]).len(), 100);
        let told = tellable(vec![one(); 20_000]);
        let left = 20_000 - (told.len() - 1);
        assert!(
            told.last()
                .unwrap()
                .text_en
                .starts_with(&format!("{left} more mistakes"))
        );
        let weight = weight_of(&told);
        assert!(weight > MISTAKES_BYTES_MAX && weight < 2 * MISTAKES_BYTES_MAX);
    }

    #[test]
    fn of_more_mistaken_events_than_an_answer_carries_each_still_says_that_it_is_wrong() {
        let mut mistaken: Vec<Mistaken> = (0..5_000).map(|position| one(position, 400)).collect();
        tellable_each(&mut mistaken, |position| format!("events[{position}]"));
        assert_eq!(mistaken[0].violations[0].value.len(), 400);
        let last = &mistaken[4_999].violations[0];
        assert_eq!(last.field, "events[4999]");
        let bytes: usize = mistaken.into_iter().map(|one| one.into_verdict().encoded_len()).sum();
        assert!(bytes < 2 * MISTAKES_BYTES_MAX, "{bytes}");
    }

    #[test]
    fn mistaken_events_stand_at_their_places_among_the_others() {
        let good = |name: &str| api::EventVerdict {
            event_id: name.into(),
            ..api::EventVerdict::default()
        };
        let ids = |positions: &[usize], good_ones: &[&str]| -> Vec<String> {
            let mistaken = positions.iter().map(|position| one(*position, 1)).collect();
            let all = among(good_ones.iter().map(|name| good(name)).collect(), mistaken);
            all.into_iter().map(|verdict| verdict.event_id).collect()
        };
        assert_eq!(ids(&[0, 3], &["a", "b", "c"]), ["e0", "a", "b", "e3", "c"]);
        assert_eq!(ids(&[1, 2], &["a"]), ["a", "e1", "e2"]);
        assert_eq!(ids(&[], &["a"]), ["a"]);
    }
}
