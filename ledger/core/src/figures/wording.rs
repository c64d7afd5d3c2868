//! How figures stand in a sentence (DOMAIN §12): `1300余`, `近200`, `28`.

use super::{Definition, Definitions, Figure, Figures, Part, Value, Wording};

impl Wording {
    /// The number as it stands in a sentence, without its unit.
    pub fn say(self, value: Value) -> String {
        let exact = || match value {
            Value::Number(number) => number.to_string(),
            Value::Share { part, whole } => per_cent(part, whole),
            Value::Undefined => "—".to_owned(),
        };
        let (step, near) = match self {
            Self::Exact => return exact(),
            Self::Over(step) => (i64::from(step.max(1)), false),
            Self::Near(step) => (i64::from(step.max(1)), true),
        };
        let Some(number) = value.as_whole() else {
            return exact();
        };
        let below = number.div_euclid(step) * step;
        if number == below {
            return exact();
        }
        let above = below + step;
        // 近N: at most a tenth below N.
        if near && (above - number) * 10 <= above {
            return format!("近{above}");
        }
        if below == 0 { exact() } else { format!("{below}余") }
    }
}

/// A share as a percentage with one decimal, rounded half up.
fn per_cent(part: i64, whole: i64) -> String {
    let (part, whole) = (i128::from(part), i128::from(whole.max(1)));
    let tenths = (part * 2000 + whole) / (whole * 2);
    let sign = if tenths % 10 == 0 {
        String::new()
    } else {
        format!(".{}", tenths % 10)
    };
    format!("{}{sign}%", tenths / 10)
}

impl Definition {
    /// The figure as it stands in a sentence, with its unit: `1300余人次`.
    pub fn worded(&self, value: Value) -> String {
        match value {
            // A percentage has its unit in its sign.
            Value::Share { .. } | Value::Undefined => self.wording.say(value),
            Value::Number(_) => format!("{}{}", self.wording.say(value), self.unit),
        }
    }

    /// The exact value with its unit, and of a share what it is a share of.
    pub fn exact(&self, value: Value) -> String {
        match value {
            Value::Share { part, whole } => format!("{part}/{whole}（{}）", Wording::Exact.say(value)),
            Value::Number(_) => format!("{}{}", Wording::Exact.say(value), self.unit),
            Value::Undefined => Wording::Exact.say(value),
        }
    }
}

impl Figures {
    /// The report's sentences: each heading with its paragraph.
    pub fn paragraphs(&self) -> Vec<(String, String)> {
        let say = |part: &Part| match part {
            Part::Text(text) => text.clone(),
            Part::Figure(id) => {
                let found = self.definitions.definition(id).zip(self.figure(id));
                found.map_or_else(String::new, |(definition, figure): (&Definition, &Figure)| {
                    definition.worded(figure.value)
                })
            }
        };
        let Definitions { paragraphs, .. } = &*self.definitions;
        let whole = paragraphs
            .iter()
            .map(|paragraph| (paragraph.heading.clone(), paragraph.parts.iter().map(say).collect()));
        whole.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hours::Hours;

    #[test]
    fn figures_are_said_as_reports_say_them() {
        let whole = |number| Value::Number(Hours::whole(number));
        let cases = [
            (Wording::Over(100), 1342, "1300余"),
            (Wording::Over(10), 96, "90余"),
            (Wording::Over(10), 90, "90"),
            (Wording::Over(100), 63, "63"),
            (Wording::Near(100), 196, "近200"),
            (Wording::Near(100), 180, "近200"),
            (Wording::Near(100), 179, "100余"),
            (Wording::Near(12), 11, "近12"),
            (Wording::Near(12), 12, "12"),
            (Wording::Near(500), 1536, "1500余"),
            (Wording::Exact, 28, "28"),
            (Wording::Over(100), 0, "0"),
        ];
        for (wording, number, said) in cases {
            assert_eq!(wording.say(whole(number)), said, "{wording:?} {number}");
        }
        let share = |part, whole| Wording::Exact.say(Value::Share { part, whole });
        assert_eq!([share(4, 6), share(6, 6), share(1, 8)], ["66.7%", "100%", "12.5%"]);
        assert_eq!(Wording::Over(10).say(Value::Undefined), "—");
    }
}
