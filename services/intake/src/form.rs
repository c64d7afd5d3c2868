//! Where a caller wrote an event, so that a wrong field is named as she wrote it.

/// The form of a call that posts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// `events[3]` of a mixed submission.
    Events,
    /// `items[3]` of a call that takes one kind: a head, and a fact of that kind.
    Items,
}

impl Form {
    /// The path in the caller's request of a field, given by its path in the API's event.
    pub(crate) fn path(self, position: usize, field: &str) -> String {
        let whole = self.whole(position);
        let in_fact = field.strip_prefix("fact");
        match (self, in_fact) {
            (Self::Events, _) => format!("{whole}.{field}"),
            (Self::Items, None) => format!("{whole}.head.{field}"),
            // The fact of an item is of the call's own kind, which its path does not say again.
            (Self::Items, Some(rest)) => match rest.trim_start_matches('.').split_once('.') {
                Some((_kind, inner)) => format!("{whole}.fact.{inner}"),
                None => format!("{whole}.fact"),
            },
        }
    }

    /// The path of the whole event.
    pub(crate) fn whole(self, position: usize) -> String {
        format!("{}[{position}]", self.all())
    }

    /// The path of all events.
    pub(crate) const fn all(self) -> &'static str {
        match self {
            Self::Events => "events",
            Self::Items => "items",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_field_is_named_as_the_caller_wrote_it() {
        for (field, in_event, in_item) in [
            ("occurred_to", "events[3].occurred_to", "items[3].head.occurred_to"),
            ("evidence[1]", "events[3].evidence[1]", "items[3].head.evidence[1]"),
            ("fact", "events[3].fact", "items[3].fact"),
            (
                "fact.outreach_delivered.deliveries[1].talks",
                "events[3].fact.outreach_delivered.deliveries[1].talks",
                "items[3].fact.deliveries[1].talks",
            ),
        ] {
            assert_eq!(Form::Events.path(3, field), in_event);
            assert_eq!(Form::Items.path(3, field), in_item);
        }
    }
}
