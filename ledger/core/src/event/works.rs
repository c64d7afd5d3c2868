//! Topics and works.

use super::Event;
use super::kind::{Checked, Found, kinds};
use crate::codes::{Award, Level};
use crate::ids::{TeacherId, TopicId, WorkId};
use crate::text::Text;

kinds! {
    /// A research topic is approved.
    TopicApproved "topic_approved" "立项" { voidable: true, correctable: true, may_lie_ahead: false, credits: false } {
        /// The topic.
        topic_id: TopicId => Name,
        /// Its name.
        name: Option<Text> => Text,
        /// 级别
        level: Level => Value,
        /// 主持人
        lead_ids: Vec<TeacherId> => Subject,
        /// 成员
        member_ids: Vec<TeacherId> => Subject,
    }
    /// A research topic is concluded.
    TopicConcluded "topic_concluded" "结题" { voidable: true, correctable: true, may_lie_ahead: false, credits: true } {
        /// The topic.
        topic_id: TopicId => Name,
        /// Its name.
        name: Option<Text> => Text,
        /// 级别
        level: Level => Value,
        /// 主持人
        lead_ids: Vec<TeacherId> => Subject,
        /// 成员
        member_ids: Vec<TeacherId> => Subject,
        /// 结题结果
        result: Option<Text> => Text,
    }
    /// A work is published.
    WorkPublished "work_published" "发表" { voidable: true, correctable: true, may_lie_ahead: false, credits: true } {
        /// The work.
        work_id: WorkId => Name,
        /// 论文, 著作, …: the office's own word.
        work_kind: Text => Text,
        /// 级别
        level: Level => Value,
        /// Its title.
        title: Option<Text> => Text,
        /// Its authors, the first one leading.
        author_ids: Vec<TeacherId> => Subject,
    }
    /// A work wins a prize.
    WorkAwarded "work_awarded" "论文/成果获奖" { voidable: true, correctable: true, may_lie_ahead: false, credits: true } {
        /// The work.
        work_id: WorkId => Name,
        /// Its title.
        title: Option<Text> => Text,
        /// 级别
        level: Level => Value,
        /// 奖次
        award: Award => Value,
        /// Its authors, the first one leading.
        author_ids: Vec<TeacherId> => Subject,
        /// 评选名称
        contest: Option<Text> => Text,
    }
}

impl Checked for TopicApproved {
    fn check(&self, _: &Event, found: &mut Found) {
        found.people(("lead_ids", &self.lead_ids), &self.member_ids);
    }
}

impl Checked for TopicConcluded {
    fn check(&self, _: &Event, found: &mut Found) {
        found.people(("lead_ids", &self.lead_ids), &self.member_ids);
    }
}

impl Checked for WorkPublished {
    fn check(&self, _: &Event, found: &mut Found) {
        found.people(("author_ids", &self.author_ids), &[]);
    }
}

impl Checked for WorkAwarded {
    fn check(&self, _: &Event, found: &mut Found) {
        found.people(("author_ids", &self.author_ids), &[]);
    }
}
