//! Topics and works.

use super::Event;
use super::kind::{Checked, Found, kinds};
use crate::codes::{Award, Level, TopicCheck};
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
    /// The plan of a research topic is defended, and work begins.
    TopicOpened "topic_opened" "开题" { voidable: true, correctable: true, may_lie_ahead: false, credits: false } {
        /// The topic.
        topic_id: TopicId => Name,
        /// 主持人
        lead_ids: Vec<TeacherId> => Subject,
        /// 论证意见
        remark: Option<Text> => Text,
    }
    /// A research topic is looked at half way.
    TopicChecked "topic_checked" "中期检查" { voidable: true, correctable: true, may_lie_ahead: false, credits: false } {
        /// The topic.
        topic_id: TopicId => Name,
        /// 主持人
        lead_ids: Vec<TeacherId> => Subject,
        /// 检查结果
        result: TopicCheck => Value,
        /// 意见
        remark: Option<Text> => Text,
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

impl Checked for TopicOpened {
    fn check(&self, _: &Event, found: &mut Found) {
        found.people(("lead_ids", &self.lead_ids), &[]);
    }
}

impl Checked for TopicChecked {
    fn check(&self, _: &Event, found: &mut Found) {
        found.people(("lead_ids", &self.lead_ids), &[]);
        if self.result != TopicCheck::Passed && self.remark.is_none() {
            found.missing("remark");
        }
    }
}
