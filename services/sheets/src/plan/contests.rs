//! 赛教, 参赛获奖, 推荐, 称号.

use jiff::civil::Date;
use keshi_core::codes::{Award, AwardRole, Level, TitleClass};
use keshi_core::event::{AwardGiven, CompetitionHeld, EntryMade, Recommended, TitleConferred};
use keshi_core::ids::{CompetitionId, EventId, TeacherId, WorkId};
use keshi_core::text::Text;

use super::draft::Drafting;
use super::fields::Fields;
use crate::columns::{Col, Words};
use crate::read::{Row, Sheet};

impl Drafting<'_, '_> {
    /// A competition is its name and edition; without an edition, the year stands for it.
    fn competition_id(&mut self, name: &Text, day: Date) -> Option<(CompetitionId, Option<Text>)> {
        let edition = self.fields.text(Col::Edition);
        let year = day.year().to_string();
        let part = edition.as_ref().map_or(year.as_str(), Text::as_str);
        let id = self.ids.short("C", &[name.as_str(), part]);
        Some((CompetitionId::new(&id).ok()?, edition))
    }

    pub(super) fn contest(&mut self) -> Option<()> {
        let name = self.fields.must(Col::Contest, Fields::text);
        let level = self.level();
        let organiser = self.fields.text(Col::Organiser);
        let (from, to) = self.days();
        let (name, level, from, to) = (name?, level?, from?, to?);
        let (comp_id, edition) = self.competition_id(&name, from)?;
        let event_id = self.ids.event("competition_held", &[comp_id.as_str()]);
        self.add(
            event_id,
            from,
            to,
            CompetitionHeld {
                comp_id,
                name,
                level,
                organiser,
                edition,
            },
        );
        Some(())
    }

    /// Taking part is one event, a prize another; who guided the winner has only the prize.
    pub(super) fn award(&mut self, sheet: &Sheet, row: &Row) -> Option<()> {
        let teacher_id = self.person(sheet, row);
        let name = self.fields.must(Col::Contest, Fields::text);
        let (from, to) = self.days();
        let award = self.fields.word(Col::Award, Words::Award, Award::from_code);
        let rank_no: Option<u16> = self.fields.count(Col::Rank);
        let role = self.fields.word(Col::AwardRole, Words::AwardRole, AwardRole::from_code);
        let work = self.fields.text(Col::Work);
        let (teacher_id, name, from, to) = (teacher_id?, name?, from?, to?);
        let (comp_id, _) = self.competition_id(&name, from)?;
        let role = role.unwrap_or(AwardRole::Oneself);
        if role == AwardRole::Oneself {
            let event_id = self.ids.event("entry_made", &[comp_id.as_str(), teacher_id.as_str()]);
            self.add(event_id, from, to, EntryMade { comp_id, teacher_id });
        }
        if let Some(award) = award {
            let work = work.as_ref().map_or("", Text::as_str);
            let work_id = (!work.is_empty())
                .then(|| self.ids.short("W", &[work]))
                .and_then(|id| WorkId::new(&id).ok());
            let as_what = role.code().to_string();
            let parts = [comp_id.as_str(), teacher_id.as_str(), &as_what, work];
            let event_id = self.ids.event("award_given", &parts);
            let rank_no = rank_no.filter(|&rank| rank > 0);
            self.add(
                event_id,
                from,
                to,
                AwardGiven {
                    comp_id,
                    teacher_id,
                    award,
                    rank_no,
                    role,
                    work_id,
                },
            );
        }
        Some(())
    }

    pub(super) fn recommendation(&mut self, sheet: &Sheet, row: &Row) -> Option<()> {
        let teacher_id = self.person(sheet, row);
        let to_level = self
            .fields
            .must(Col::ToLevel, |f, col| f.word(col, Words::Level, Level::from_code));
        let (from, to) = self.days();
        let contest = self.fields.text(Col::Contest);
        let class = self.fields.word(Col::Class, Words::Class, TitleClass::from_code);
        if contest.is_none() && class.is_none() && self.fields.problems.is_empty() {
            self.fields.one_of(&[Col::Contest, Col::Class]);
        }
        // A title is named by its class, level and day together.
        let of_title = if class.is_some() {
            let level = self
                .fields
                .must(Col::TitleLevel, |f, col| f.word(col, Words::Level, Level::from_code));
            (level, self.fields.must(Col::TitleDay, Fields::date))
        } else {
            (None, None)
        };
        let (teacher_id, to_level, from, to) = (teacher_id?, to_level?, from?, to?);
        let from_comp = match contest {
            Some(name) => Some(self.competition_id(&name, from)?.0),
            None => None,
        };
        let from_title = match (class, of_title) {
            (Some(class), (Some(level), Some(day))) => Some(self.title_event(teacher_id, class, level, day)),
            (Some(_), _) => return None,
            (None, _) => None,
        };
        let title = from_title.map(|id| id.to_string()).unwrap_or_default();
        let comp = from_comp.map(|id| id.to_string()).unwrap_or_default();
        let level = to_level.code().to_string();
        let event_id = self
            .ids
            .event("recommended", &[teacher_id.as_str(), &comp, &title, &level]);
        self.add(
            event_id,
            from,
            to,
            Recommended {
                teacher_id,
                from_comp,
                from_title,
                to_level,
            },
        );
        Some(())
    }

    /// The event that confers a title: known from the title itself, so that a recommendation can name it.
    pub(super) fn title_event(&self, teacher_id: TeacherId, class: TitleClass, level: Level, day: Date) -> EventId {
        let (class, level, day) = (class.code().to_string(), level.code().to_string(), day.to_string());
        self.ids
            .event("title_conferred", &[teacher_id.as_str(), &class, &level, &day])
    }

    pub(super) fn title(&mut self, sheet: &Sheet, row: &Row) -> Option<()> {
        let teacher_id = self.person(sheet, row);
        let class = self.class();
        let level = self.level();
        let (from, to) = self.days();
        let doc_no = self.fields.text(Col::DocNo);
        let valid_to = self.fields.date(Col::ValidTo);
        let (teacher_id, class, level, from, to) = (teacher_id?, class?, level?, from?, to?);
        let event_id = self.title_event(teacher_id, class, level, from);
        self.add(
            event_id,
            from,
            to,
            TitleConferred {
                teacher_id,
                class,
                level,
                doc_no,
                valid_to,
            },
        );
        Some(())
    }
}
