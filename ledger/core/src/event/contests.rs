//! Competitions and titles.

use jiff::civil::Date;

use super::Event;
use super::kind::{Checked, Found, kinds};
use crate::codes::{Award, AwardRole, Level, TitleClass};
use crate::ids::{CompetitionId, EventId, TeacherId, WorkId};
use crate::text::Text;
use crate::time::{anniversary, plus_days};

kinds! {
    /// A teaching competition took place.
    CompetitionHeld "competition_held" "赛教" { voidable: true, correctable: true, may_lie_ahead: false, credits: false } {
        /// The competition.
        comp_id: CompetitionId => NewCompetition,
        /// Its name.
        name: Text => Text,
        /// 级别
        level: Level => Value,
        /// 主办
        organiser: Option<Text> => Text,
        /// 第二届
        edition: Option<Text> => Text,
    }
    /// A teacher took part in a competition.
    EntryMade "entry_made" "参赛" { voidable: true, correctable: true, may_lie_ahead: false, credits: true } {
        /// The competition.
        comp_id: CompetitionId => Competition,
        /// The teacher.
        teacher_id: TeacherId => Subject,
    }
    /// A teacher won a prize.
    AwardGiven "award_given" "获奖" { voidable: true, correctable: true, may_lie_ahead: false, credits: true } {
        /// The competition.
        comp_id: CompetitionId => Competition,
        /// The teacher.
        teacher_id: TeacherId => Subject,
        /// 奖次
        award: Award => Value,
        /// Place within the prize, if ranked.
        rank_no: Option<u16> => Value,
        /// Own work, or as a guide of others.
        role: AwardRole => Value,
        /// The work or lesson that won.
        work_id: Option<WorkId> => Name,
    }
    /// A teacher is sent on to the next level.
    Recommended "recommended" "推荐" { voidable: true, correctable: true, may_lie_ahead: false, credits: true } {
        /// The teacher.
        teacher_id: TeacherId => Subject,
        /// From which competition.
        from_comp: Option<CompetitionId> => Competition,
        /// From which title: the event that conferred it.
        from_title: Option<EventId> => Title,
        /// To which level.
        to_level: Level => Value,
    }
    /// A teacher is named.
    TitleConferred "title_conferred" "命名" { voidable: true, correctable: true, may_lie_ahead: false, credits: true } {
        /// The teacher.
        teacher_id: TeacherId => Subject,
        /// 称号类别
        class: TitleClass => Value,
        /// 级别
        level: Level => Value,
        /// 发文字号
        doc_no: Option<Text> => Text,
        /// Last day it holds; by default five years on.
        valid_to: Option<Date> => Value,
    }
    /// A teacher is chosen to be developed towards a title that she does not hold yet.
    CandidateChosen "candidate_chosen" "确定培养对象" { voidable: true, correctable: true, may_lie_ahead: false, credits: true } {
        /// The teacher.
        teacher_id: TeacherId => Subject,
        /// 称号类别 of the title aimed at.
        class: TitleClass => Value,
        /// 级别 of the title aimed at.
        level: Level => Value,
        /// 发文字号
        doc_no: Option<Text> => Text,
        /// Last day of the development (培养期满); by default none is set.
        until: Option<Date> => Value,
    }
    /// A title holds longer, after the re-examination (五年复核).
    TitleRenewed "title_renewed" "复核续期" { voidable: true, correctable: true, may_lie_ahead: false, credits: true } {
        /// The teacher.
        teacher_id: TeacherId => Subject,
        /// The event that conferred the title.
        title_event: EventId => Title,
        /// 发文字号
        doc_no: Option<Text> => Text,
        /// The new last day; by default five years after the one before.
        valid_to: Option<Date> => Value,
    }
    /// A title is taken away. It holds no more from the event's last day on; what was conferred on it before stays.
    TitleWithdrawn "title_withdrawn" "取消称号" { voidable: true, correctable: true, may_lie_ahead: false, credits: true } {
        /// The teacher.
        teacher_id: TeacherId => Subject,
        /// The event that conferred the title.
        title_event: EventId => Title,
        /// Why.
        reason: Text => Text,
        /// 发文字号
        doc_no: Option<Text> => Text,
    }
}

impl TitleConferred {
    /// The last day that the title holds: the one stated, or the day before its fifth anniversary (DOMAIN §13a).
    pub(crate) fn last_day(&self, event: &Event) -> Date {
        self.valid_to.unwrap_or_else(|| default_valid_to(event.to))
    }
}

/// Last day of a title that is renewed without a date of its own: five years after its last day.
pub(crate) fn default_renewed_to(last_day: Date) -> Date {
    default_valid_to(plus_days(last_day, 1))
}

/// Last day of a title without a date of its own: conferred on 2024-03-01, it runs to 2029-02-28, and so it does
/// conferred on 2024-02-29.
fn default_valid_to(conferred_on: Date) -> Date {
    anniversary(conferred_on, 5).map_or(Date::MAX, |day| plus_days(day, -1))
}

impl Checked for CompetitionHeld {
    fn check(&self, _: &Event, _: &mut Found) {}
}

impl Checked for EntryMade {
    fn check(&self, _: &Event, _: &mut Found) {}
}

impl Checked for AwardGiven {
    fn check(&self, _: &Event, _: &mut Found) {}
}

impl Checked for Recommended {
    fn check(&self, _: &Event, found: &mut Found) {
        if self.from_comp.is_none() && self.from_title.is_none() {
            found.missing("from_comp");
        }
    }
}

impl Checked for TitleConferred {
    fn check(&self, event: &Event, found: &mut Found) {
        found.after("valid_to", self.valid_to, event.to);
    }
}

impl Checked for CandidateChosen {
    fn check(&self, event: &Event, found: &mut Found) {
        found.after("until", self.until, event.to);
    }
}

impl Checked for TitleRenewed {
    fn check(&self, event: &Event, found: &mut Found) {
        found.after("valid_to", self.valid_to, event.to);
    }
}

impl Checked for TitleWithdrawn {
    fn check(&self, _: &Event, _: &mut Found) {}
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_title_without_a_date_holds_to_the_day_before_its_fifth_anniversary() {
        assert_eq!(default_valid_to(date(2024, 2, 29)), date(2029, 2, 28));
        assert_eq!(default_valid_to(date(2024, 3, 1)), date(2029, 2, 28));
    }
}
