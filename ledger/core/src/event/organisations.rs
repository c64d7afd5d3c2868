//! The office's own organisations: groups of schools, subject bases, studios; schools that researchers look after, pools
//! of experts (DOMAIN §2, §3, §6).
//!
//! Formed again under its id, one changes from that day on: its name, lead or members. It ends by the last day that the
//! newest forming states.

use jiff::civil::Date;

use super::Event;
use super::kind::{Checked, Found, kinds};
use crate::codes::{ExpertPool, Level, TitleClass};
use crate::ids::{BaseId, GroupId, SchoolId, TeacherId};
use crate::text::Text;
use crate::violation::Problem;

/// What an organisation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OrganisationKind {
    /// 片区
    Group,
    /// 学科基地
    Base,
    /// 名师工作室, 学科带头人工作坊, 教学能手工作站
    Studio,
}

/// Most schools of one group.
const SCHOOLS_MAX: usize = 60;

kinds! {
    /// Neighbouring schools do research together.
    GroupFormed "group_formed" "片区组建" { voidable: true, correctable: true, may_lie_ahead: false, credits: false } {
        /// The group, as schools name it.
        group_id: GroupId => Name,
        /// Its name.
        name: Text => Text,
        /// 成员校
        member_schools: Vec<SchoolId> => School,
        /// 牵头人, or the researcher who supervises it.
        lead_id: Option<TeacherId> => Teacher,
        /// Last day, if it has one.
        until: Option<Date> => Value,
    }
    /// A subject base with its core team, or a research base.
    BaseFormed "base_formed" "学科基地成立" { voidable: true, correctable: true, may_lie_ahead: false, credits: false } {
        /// The base, as sessions name it.
        base_id: BaseId => Name,
        /// Its name.
        name: Text => Text,
        /// 学科
        subject: Option<Text> => Text,
        /// The school where it is.
        school_id: Option<SchoolId> => School,
        /// 负责人
        lead_id: TeacherId => Teacher,
        /// 核心团队
        member_ids: Vec<TeacherId> => Teacher,
        /// Last day, if it has one.
        until: Option<Date> => Value,
        /// 教研基地: a base for research of all subjects, and none of one.
        research: bool => Value,
    }
    /// A studio of a titled teacher: 名师工作室, 学科带头人工作坊 or 教学能手工作站 by her class.
    StudioFormed "studio_formed" "工作室成立" { voidable: true, correctable: true, may_lie_ahead: false, credits: false } {
        /// The studio, as sessions name it.
        studio_id: BaseId => Name,
        /// Its name.
        name: Text => Text,
        /// 称号类别 of its host.
        class: TitleClass => Value,
        /// 级别
        level: Level => Value,
        /// 学科
        subject: Option<Text> => Text,
        /// 主持人
        host_id: TeacherId => Teacher,
        /// 成员
        member_ids: Vec<TeacherId> => Teacher,
        /// Last day, if it has one.
        until: Option<Date> => Value,
    }
    /// A school becomes one that a researcher looks after (DOMAIN §3), from the event's first day on.
    SchoolLinked "school_linked" "联系点" { voidable: true, correctable: true, may_lie_ahead: false, credits: false } {
        /// The researcher.
        researcher_id: TeacherId => Subject,
        /// The school.
        school_id: SchoolId => School,
        /// Last day, inclusive, when known.
        until: Option<Date> => Value,
    }
    /// Somebody becomes one of the office's experts for a term, from the event's first day on.
    ExpertPooled "expert_pooled" "专家入库" { voidable: true, correctable: true, may_lie_ahead: false, credits: false } {
        /// The expert.
        teacher_id: TeacherId => Subject,
        /// 专家库
        pool: ExpertPool => Value,
        /// 学科; of a policy expert her field.
        subject: Option<Text> => Text,
        /// 文号
        doc_no: Option<Text> => Text,
        /// Last day of the term, inclusive, when known.
        until: Option<Date> => Value,
    }
}

impl Checked for GroupFormed {
    fn check(&self, event: &Event, found: &mut Found) {
        found.after("until", self.until, event.to);
        let schools = &self.member_schools;
        if schools.is_empty() {
            found.missing("member_schools");
        }
        if schools.len() > SCHOOLS_MAX {
            found.add("member_schools", schools.len(), Problem::TooMany { max: SCHOOLS_MAX });
        }
        let mut seen = Vec::new();
        for school in schools {
            if seen.contains(&school) {
                found.add("member_schools", school, Problem::Repeated);
            }
            seen.push(school);
        }
    }
}

impl Checked for BaseFormed {
    fn check(&self, event: &Event, found: &mut Found) {
        found.after("until", self.until, event.to);
        found.people(("lead_id", &[self.lead_id]), &self.member_ids);
    }
}

impl Checked for StudioFormed {
    fn check(&self, event: &Event, found: &mut Found) {
        found.after("until", self.until, event.to);
        found.people(("host_id", &[self.host_id]), &self.member_ids);
    }
}

impl Checked for SchoolLinked {
    fn check(&self, event: &Event, found: &mut Found) {
        found.after("until", self.until, event.from);
    }
}

impl Checked for ExpertPooled {
    fn check(&self, event: &Event, found: &mut Found) {
        found.after("until", self.until, event.from);
        if self.pool == ExpertPool::Subject && self.subject.is_none() {
            found.missing("subject");
        }
    }
}
