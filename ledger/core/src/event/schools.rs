//! Schools: how they come, close and merge.

use super::Event;
use super::kind::{Checked, Found, kinds};
use crate::codes::Stage;
use crate::ids::{GroupId, SchoolId};
use crate::text::Text;
use crate::violation::Problem;

kinds! {
    /// A school enters the county's register.
    SchoolRegistered "school_registered" "建校" { voidable: false, correctable: true, may_lie_ahead: false, credits: false } {
        /// The school.
        school_id: SchoolId => NewSchool,
        /// Its full name.
        name: Text => Text,
        /// 学段
        stage: Stage => Value,
        /// 乡镇
        township: Option<Text> => Text,
        /// 片区
        group: Option<GroupId> => Name,
    }
    /// A school closes; its history stays under its name.
    SchoolClosed "school_closed" "撤点" { voidable: true, correctable: true, may_lie_ahead: false, credits: false } {
        /// The school.
        school_id: SchoolId => School,
        /// Where its teachers went.
        successor_id: Option<SchoolId> => School,
    }
    /// Several schools become one.
    SchoolsMerged "schools_merged" "并校" { voidable: true, correctable: true, may_lie_ahead: false, credits: false } {
        /// The schools that end.
        school_ids: Vec<SchoolId> => School,
        /// The school that goes on.
        successor_id: SchoolId => School,
    }
}

impl Checked for SchoolRegistered {
    fn check(&self, _: &Event, _: &mut Found) {}
}

impl Checked for SchoolClosed {
    fn check(&self, _: &Event, found: &mut Found) {
        if self.successor_id == Some(self.school_id) {
            found.add("successor_id", self.school_id, Problem::SucceedsItself);
        }
    }
}

impl Checked for SchoolsMerged {
    fn check(&self, _: &Event, found: &mut Found) {
        if self.school_ids.is_empty() {
            found.missing("school_ids");
        }
        if self.school_ids.contains(&self.successor_id) {
            found.add("successor_id", self.successor_id, Problem::SucceedsItself);
        }
    }
}
