//! What does not fit together (DOMAIN §12): reported, never repaired.

use std::collections::BTreeSet;

use super::finish::together;
use super::{Counts, Figure, Figures, Noted, Value};
use crate::codes::Bound;
use crate::hours::Hours;
use crate::ids::{FigureId, TeacherId};

/// One thing that does not fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Contradiction {
    /// The parts are not their total.
    Parts {
        /// The total.
        figure: FigureId,
        /// What it comes to.
        total: Value,
        /// What its parts come to.
        parts: Value,
    },
    /// A step of a funnel is above the one before.
    Widens {
        /// The step.
        figure: FigureId,
        /// The one before.
        before: FigureId,
    },
    /// People stand in a step of a funnel and not in the one before.
    NotBefore {
        /// The step.
        figure: FigureId,
        /// The one before.
        before: FigureId,
        /// Who, by id.
        people: Vec<TeacherId>,
    },
    /// What was typed in is not what the ledger counts.
    NotedOtherwise {
        /// The figure.
        figure: FigureId,
        /// The entry that was typed in.
        index: u64,
    },
    /// One figure was typed in twice, and differently.
    NotedTwice {
        /// The figure.
        figure: FigureId,
        /// The entries.
        indices: (u64, u64),
    },
    /// It was typed in with another unit (人次 as 人).
    OtherUnit {
        /// The figure.
        figure: FigureId,
        /// The entry.
        index: u64,
    },
    /// It is a share of nothing.
    OfNothing {
        /// The figure.
        figure: FigureId,
    },
    /// Nobody says what is due of people who are counted for meeting it.
    UnderNoPolicy {
        /// The figure that counts them.
        figure: FigureId,
        /// Who, by id.
        people: Vec<TeacherId>,
    },
    /// Amounts of these people go beyond what can be counted; they are in no figure of training.
    TooLarge {
        /// Who, by id.
        people: Vec<TeacherId>,
    },
}

/// Whether a value is as the bound says: 余 up to twice, 近 not above.
fn fits(noted: &Noted, value: Hours) -> bool {
    match noted.bound {
        Bound::Exact => value == noted.value,
        Bound::AtLeast => value >= noted.value,
        Bound::AtMost => value <= noted.value,
    }
}

impl Figures {
    pub(super) fn contradicted(&self) -> Vec<Contradiction> {
        let mut found = Vec::new();
        for (definition, figure) in self.definitions.figures.iter().zip(&self.figures) {
            if !definition.parts.is_empty() {
                let parts = together(&self.figures, &definition.parts);
                if parts != figure.value {
                    found.push(Contradiction::Parts {
                        figure: figure.id,
                        total: figure.value,
                        parts,
                    });
                }
            }
            if figure.value == Value::Undefined && !matches!(definition.counts, Counts::Noted) {
                found.push(Contradiction::OfNothing { figure: figure.id });
            }
            if let Counts::Staff {
                post,
                of: super::Staff::Meeting,
            } = &definition.counts
            {
                let without = self.people.iter().filter(|person| {
                    let is_meant = person.posts.iter().any(|own| post.is_empty() || post.contains(own));
                    is_meant && person.meets().is_none() && !person.too_large
                });
                let people: Vec<TeacherId> = without.map(|person| person.teacher_id).collect();
                if !people.is_empty() {
                    found.push(Contradiction::UnderNoPolicy {
                        figure: figure.id,
                        people,
                    });
                }
            }
        }
        self.funnels(&mut found);
        self.typed_in(&mut found);
        let too_large: Vec<TeacherId> = self
            .people
            .iter()
            .filter(|person| person.too_large)
            .map(|person| person.teacher_id)
            .collect();
        if !too_large.is_empty() {
            found.push(Contradiction::TooLarge { people: too_large });
        }
        found
    }

    fn funnels(&self, found: &mut Vec<Contradiction>) {
        for funnel in &self.definitions.funnels {
            for (before, step) in funnel.steps.iter().zip(funnel.steps.iter().skip(1)) {
                let Some((wide, narrow)) = self.figure(before).zip(self.figure(step)) else {
                    continue;
                };
                if let (Value::Number(one), Value::Number(two)) = (wide.value, narrow.value)
                    && two > one
                {
                    found.push(Contradiction::Widens {
                        figure: *step,
                        before: *before,
                    });
                }
                let people = not_before(wide, narrow);
                if !people.is_empty() {
                    found.push(Contradiction::NotBefore {
                        figure: *step,
                        before: *before,
                        people,
                    });
                }
            }
        }
    }

    fn typed_in(&self, found: &mut Vec<Contradiction>) {
        for (place, noted) in self.noted.iter().enumerate() {
            let id = noted.figure_id;
            if let Some((definition, figure)) = self.definitions.definition(&id).zip(self.figure(&id)) {
                if let Value::Number(value) = figure.value
                    && !fits(noted, value)
                    && !matches!(definition.counts, Counts::Noted)
                {
                    found.push(Contradiction::NotedOtherwise {
                        figure: id,
                        index: noted.index,
                    });
                }
                if noted.unit.as_ref().is_some_and(|unit| unit.as_str() != definition.unit) {
                    found.push(Contradiction::OtherUnit {
                        figure: id,
                        index: noted.index,
                    });
                }
            }
            let mut before = self.noted.iter().take(place);
            let other =
                before.find(|other| other.figure_id == id && (other.value, other.bound) != (noted.value, noted.bound));
            if let Some(other) = other {
                found.push(Contradiction::NotedTwice {
                    figure: id,
                    indices: (other.index, noted.index),
                });
            }
        }
    }
}

/// Who stands in `narrow` and not in `wide`, where both count people.
fn not_before(wide: &Figure, narrow: &Figure) -> Vec<TeacherId> {
    if wide.people.is_empty() {
        return Vec::new();
    }
    let known: BTreeSet<&TeacherId> = wide.people.iter().collect();
    let strange = narrow.people.iter().filter(|id| !known.contains(id));
    strange.copied().collect()
}
