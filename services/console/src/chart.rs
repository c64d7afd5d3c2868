//! Drawings in line with the text (SVG), each with what it shows in words.

use keshi_core::lang::Lang;
use keshi_words::names::count;
use maud::{Markup, html};

/// How much of what is due is there: a bar, and what it says for those who do not see it.
pub(crate) fn meter(counted: i64, due: i64, is_short: bool, says: &str) -> Markup {
    // Hundredths of a percent are enough for a bar.
    let share = if due <= 0 {
        100
    } else {
        (i128::from(counted.max(0)) * 100 / i128::from(due)).min(100)
    };
    html! {
        svg.meter .short[is_short] viewBox="0 0 100 6" preserveAspectRatio="none" role="img" aria-label=(says) {
            rect.all width="100" height="6" {}
            rect.part width=(share) height="6" {}
        }
    }
}

/// Columns that a drawing has room for at least: of few columns it is no larger.
const COLUMNS_MIN: usize = 12;

/// Columns side by side, such as the months of a year: name and height of each.
pub(crate) fn columns(says: &str, values: &[(String, i64, String)]) -> Markup {
    let highest = i128::from(values.iter().map(|(_, value, _)| *value).max().unwrap_or(0).max(1));
    let height = |value: i64| i128::from(value.max(0)) * 60 / highest;
    let width = 40 * values.len().max(COLUMNS_MIN);
    html! {
        svg.columns viewBox=(format!("0 0 {width} 96")) role="img" aria-label=(says) {
            @for (place, (name, value, shown)) in values.iter().enumerate() {
                @let x = place * 40;
                @let tall = height(*value);
                rect x=(x + 8) y=(76 - tall) width="24" height=(tall) {}
                @if *value > 0 { text x=(x + 20) y=(72 - tall) { (shown) } }
                text.name x=(x + 20) y="91" { (name) }
            }
        }
    }
}

/// A number as a column has room for it; the whole of it stands in the table beside.
pub(crate) fn short(number: u64, lang: Lang) -> String {
    let (unit, name) = lang.pick((10_000, "万"), (1_000, "k"));
    if number < 10_000 {
        return count(number);
    }
    let (whole, tenths) = (number / unit, number % unit * 10 / unit);
    if tenths == 0 || whole >= 100 {
        format!("{}{name}", count(whole))
    } else {
        format!("{whole}.{tenths}{name}")
    }
}

/// A stretch of a year: from where to where in thousandths of it, how it stands, and what it says.
pub(crate) struct Stretch {
    pub(crate) from: i64,
    pub(crate) to: i64,
    pub(crate) class: &'static str,
    pub(crate) says: String,
}

/// The year as rows of stretches, month by month; `today` is where in it today is, if it is this one.
pub(crate) fn year(says: &str, rows: &[(String, Vec<Stretch>)], today: Option<i64>) -> Markup {
    let height = 20 + 22 * rows.len();
    html! {
        div.wide tabindex="0" role="group" aria-label=(says) { svg.year viewBox=(format!("0 0 1060 {height}")) role="img" aria-label=(says) {
            @for month in 0_i64..12 {
                line x1=(60 + month * 1000 / 12) x2=(60 + month * 1000 / 12) y1="16" y2=(height) {}
                text x=(60 + month * 1000 / 12 + 41) y="11" { (month + 1) }
            }
            @for (place, (name, stretches)) in rows.iter().enumerate() {
                @let y = 20 + 22 * place;
                text.name x="52" y=(y + 14) { (name) }
                @for stretch in stretches {
                    rect class=(stretch.class) x=(61 + stretch.from) y=(y) width=((stretch.to - stretch.from - 2).max(2)) height="18" rx="2" {
                        title { (stretch.says) }
                    }
                }
            }
            @if let Some(today) = today { line.today x1=(60 + today) x2=(60 + today) y1="14" y2=(height) {} }
        } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_number_is_cut_to_what_a_column_has_room_for() {
        for (number, zh, en) in [
            (9_999, "9,999", "9,999"),
            (10_000, "1万", "10k"),
            (25_900, "2.5万", "25.9k"),
            (1_234_567, "123万", "1,234k"),
        ] {
            assert_eq!(
                (short(number, Lang::Zh).as_str(), short(number, Lang::En).as_str()),
                (zh, en)
            );
        }
    }
}
