//! Organisations in time: each as its newest forming on or before a day says, in whatever order these came.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::{At, State};
use crate::codes::{Level, TitleClass};
use crate::event::OrganisationKind;
use crate::ids::{EventId, SchoolId, TeacherId};
use crate::text::Text;

/// One forming of an organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Formed {
    /// The entry.
    pub index: u32,
    /// The day from which it is so.
    pub on: Date,
    /// Its last day, if one is set.
    pub until: Option<Date>,
    /// Its name.
    pub name: Text,
    /// 学科
    pub subject: Option<Text>,
    /// 教研基地, of a base.
    pub research: bool,
    /// Class and level of a studio.
    pub of: Option<(TitleClass, Level)>,
    /// 负责人, 主持人
    pub lead: Option<TeacherId>,
    /// 核心团队, 成员
    pub members: Vec<TeacherId>,
    /// 成员校 of a group, the seat of a base.
    pub schools: Vec<SchoolId>,
}

/// By kind and id.
pub(crate) type Organisations = BTreeMap<(OrganisationKind, Box<str>), Vec<Formed>>;

/// An organisation as asked.
#[derive(Clone, Debug)]
pub struct OrganisationView<'s> {
    /// What it is.
    pub kind: OrganisationKind,
    /// Its id.
    pub id: &'s str,
    /// How it is on the day.
    pub now: &'s Formed,
    /// The day of its first forming.
    pub since: Date,
    /// All its formings with effect, by day then event id.
    pub history: Vec<&'s Formed>,
}

impl State {
    pub(crate) fn form(&mut self, kind: OrganisationKind, id: &str, formed: Formed) {
        self.organisations.entry((kind, id.into())).or_default().push(formed);
    }

    /// Takes back what came at entry `size` and after.
    pub(super) fn cut_organisation(&mut self, kind: OrganisationKind, id: &str, size: u32) {
        let key = (kind, id.into());
        if let Some(formings) = self.organisations.get_mut(&key) {
            formings.retain(|formed| formed.index < size);
            if formings.is_empty() {
                self.organisations.remove(&key);
            }
        }
    }
}

impl<'s> At<'s> {
    /// The organisations formed on or before the day at `size`, ended ones too, by kind then id.
    pub fn organisations(self, day: Date) -> Vec<OrganisationView<'s>> {
        let all = self.state.organisations.iter();
        let view = |((kind, id), formings): (&'s (OrganisationKind, Box<str>), &'s Vec<Formed>)| {
            let live = formings.iter().filter(|row| self.state.live(row.index, self.size));
            let mut history: Vec<&Formed> = live.collect();
            history.sort_by_key(|row| self.order_of_forming(row));
            let now = history.iter().rfind(|row| row.on <= day)?;
            Some(OrganisationView {
                kind: *kind,
                id,
                now,
                since: history.first()?.on,
                history,
            })
        };
        all.filter_map(view).collect()
    }

    fn order_of_forming(self, row: &Formed) -> (Date, Option<EventId>) {
        (row.on, self.state.events.id(row.index))
    }
}
