//! People: their records, posts and exemptions.

use jiff::civil::Date;

use super::kind::{Checked, Found, kinds};
use super::{Event, LEAST};
use crate::codes::{AssignmentNature, Post, Stage};
use crate::hours::Hours;
use crate::ids::{EventId, PolicyId, RuleId, SchoolId, TeacherId};
use crate::text::Text;

kinds! {
    /// A person gets a teacher record. No personal data: that is in the people register.
    PersonRegistered "person_registered" "建档" { voidable: false, correctable: true, may_lie_ahead: false, credits: false } {
        /// The person.
        teacher_id: TeacherId => NewTeacher,
        /// 学段
        stage: Stage => Value,
        /// 学科
        subject: Option<Text> => Text,
        /// First day in the county's service.
        hired_on: Option<Date> => Value,
        /// 教龄起
        career_from: Option<Date> => Value,
        /// 职称
        rank: Option<Text> => Text,
    }
    /// A person takes a post, from the event's first day on.
    AssignmentStarted "assignment_started" "任职" { voidable: true, correctable: true, may_lie_ahead: false, credits: false } {
        /// The person.
        teacher_id: TeacherId => Subject,
        /// The school, unless it is a unit of the office.
        school_id: Option<SchoolId> => Home,
        /// The unit of the office (小学组 …).
        unit: Option<Text> => Text,
        /// 岗位
        post: Post => Value,
        /// Hundredths of a full post, 1 to 100.
        share_hundredths: u8 => Value,
        /// Last day in post, inclusive, when known.
        until: Option<Date> => Value,
        /// 轮岗, 交流, 借调, 支教: away from her own school, for a least time.
        nature: Option<AssignmentNature> => Value,
    }
    /// A person leaves a post; the event's last day is the last day in post.
    AssignmentEnded "assignment_ended" "离任" { voidable: true, correctable: true, may_lie_ahead: false, credits: false } {
        /// The person.
        teacher_id: TeacherId => Subject,
        /// The event that started the assignment.
        started_event: EventId => Assignment,
    }
    /// A person was registered twice: from here on whatever names the id that is dropped counts for the one that is kept.
    PersonsMerged "persons_merged" "合并重复档案" { voidable: false, correctable: false, may_lie_ahead: false, credits: false } {
        /// The id that stands for her.
        kept_id: TeacherId => Subject,
        /// The id that was hers too.
        dropped_id: TeacherId => Subject,
        /// The reviewer's person.
        reviewer: TeacherId => Teacher,
        /// How it was found that they are one.
        reason: Text => Text,
    }
    /// They were two after all: from here on each id stands for itself again.
    MergeReversed "merge_reversed" "撤销合并" { voidable: false, correctable: false, may_lie_ahead: false, credits: false } {
        /// The id that stood for both.
        kept_id: TeacherId => Subject,
        /// The id that was dropped.
        dropped_id: TeacherId => Subject,
        /// The reviewer's person.
        reviewer: TeacherId => Teacher,
        /// Why they are two.
        reason: Text => Text,
    }
    /// A requirement is reduced for a person; the reduction falls into the period that holds the event's last day.
    ExemptionGranted "exemption_granted" "减免" { voidable: true, correctable: true, may_lie_ahead: true, credits: false } {
        /// The person.
        teacher_id: TeacherId => Subject,
        /// The requirement.
        rule_id: RuleId => Name,
        /// The policy that states it; none: every policy with such a requirement.
        policy_id: Option<PolicyId> => Name,
        /// By how much, in the requirement's unit.
        reduce_by: Hours => Value,
        /// 病假, 产假, …
        reason: Text => Text,
    }
}

impl Checked for PersonRegistered {
    fn check(&self, _: &Event, _: &mut Found) {}
}

impl Checked for AssignmentStarted {
    fn check(&self, event: &Event, found: &mut Found) {
        found.after("until", self.until, event.from);
        found.range("share_hundredths", self.share_hundredths, 1, 100);
    }
}

impl Checked for AssignmentEnded {
    fn check(&self, _: &Event, _: &mut Found) {}
}

impl Checked for PersonsMerged {
    fn check(&self, _: &Event, found: &mut Found) {
        found.two_persons(&self.kept_id, &self.dropped_id);
    }
}

impl Checked for MergeReversed {
    fn check(&self, _: &Event, found: &mut Found) {
        found.two_persons(&self.kept_id, &self.dropped_id);
    }
}

impl Checked for ExemptionGranted {
    fn check(&self, _: &Event, found: &mut Found) {
        found.range("reduce_by", self.reduce_by, LEAST, Hours::whole(100_000));
    }
}
