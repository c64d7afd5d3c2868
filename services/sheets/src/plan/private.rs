//! Personal data in free text, found before it is sent: one such text would have its whole submission sent back.
//!
//! The server looks again, and more closely; this finds what people type.

use unicode_normalization::UnicodeNormalization;

use super::resident::birth_date;

/// Whether a resident ID number or a mobile number stands in the text, whole or in groups.
pub(super) fn is_in(text: &str) -> bool {
    if text.chars().filter(|c| c.is_numeric()).count() < 11 {
        return false;
    }
    runs(text).iter().any(|groups| {
        let stretches = (0..groups.len()).flat_map(|from| (from + 1..=groups.len()).map(move |to| (from, to)));
        stretches.filter_map(|(from, to)| groups.get(from..to)).any(|stretch| {
            let digits = stretch.concat();
            birth_date(&digits).is_some() || (is_mobile(&digits) && is_split_like_one(stretch))
        })
    })
}

/// Groups of digits (the last with an X behind it, perhaps) that stand one separator apart.
fn runs(text: &str) -> Vec<Vec<String>> {
    let mut runs: Vec<Vec<String>> = vec![Vec::new()];
    let mut group = String::new();
    let mut apart = 0;
    for c in text.nfkc().chain(std::iter::once('\n')) {
        if c.is_ascii_digit() {
            if apart > 1 {
                runs.push(Vec::new());
            }
            apart = 0;
            group.push(c);
            continue;
        }
        // It may be the check character of an ID number.
        if matches!(c, 'x' | 'X') && !group.is_empty() {
            group.push('X');
        }
        if let Some(run) = runs.last_mut()
            && !group.is_empty()
        {
            run.push(std::mem::take(&mut group));
        }
        let near = matches!(c, ' ' | '-' | '.' | '·' | '–' | '—' | '_' | '/' | 'x' | 'X');
        apart += if near { 1 } else { 2 };
    }
    runs
}

fn is_mobile(digits: &str) -> bool {
    let own = if digits.len() == 13 {
        digits.strip_prefix("86").unwrap_or(digits)
    } else {
        digits
    };
    let second = own.as_bytes().get(1);
    own.len() == 11
        && own.starts_with('1')
        && second.is_some_and(|digit| (b'3'..=b'9').contains(digit))
        && !own.ends_with('X')
}

/// Whole, or split as people write phone numbers; other splits are dates and counts.
fn is_split_like_one(stretch: &[String]) -> bool {
    let lengths: Vec<usize> = stretch.iter().map(String::len).collect();
    matches!(
        lengths[..],
        [11 | 13] | [3, 4, 4] | [3, 8] | [7, 4] | [4, 3, 4] | [3, 3, 5] | [2, 11] | [2, 3, 4, 4]
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_people_are_found_and_dates_and_papers_are_not() {
        for text in [
            "电话19900000000",
            "199-0000-0000",
            "１９９００００００００",
            "+86 199 0000 0000",
            "证 11010519491231002X",
            "110105 19491231 002x",
        ] {
            assert!(is_in(text), "{text}");
        }
        for text in [
            "2022-03-05至2022-03-06",
            "留教研发〔2022〕6号 2022.3.5",
            "1990-01-01 300人",
            "项目20220305001",
            "110105194912310021",
            "12345678901",
        ] {
            assert!(!is_in(text), "{text}");
        }
    }
}
