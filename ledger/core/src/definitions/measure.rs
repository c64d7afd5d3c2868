//! What a figure can count: the vocabulary of `counts` in a document of definitions.

use crate::codes::{Award, Level, Post, SessionType, TitleClass};
use crate::event::OrganisationKind;
use crate::ids::FigureId;
use crate::policy::Word;

/// What of training received is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trained {
    /// 人次: distinct teachers and projects with credited attendance.
    PersonTimes,
    /// 人: distinct teachers of these.
    Persons,
    /// 课时: the hours credited for it.
    Hours,
}

/// What of outreach is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carried {
    /// 送课, 节
    Lessons,
    /// 微讲座, 场
    Talks,
    /// 送教, 次
    Times,
}

/// Whether the year is meant, or all that was until its end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Span {
    /// 当年
    #[default]
    Year,
    /// 建成以来
    SinceFounding,
}

/// Which topics are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topics {
    /// 新立项
    Approved,
    /// 结题
    Concluded,
    /// 在研, on the last day
    Running,
}

/// Which of the staff are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Staff {
    /// In post on the last day.
    All,
    /// Of these, whoever meets every requirement of the year.
    Meeting,
}

/// What a figure counts. A filter that is empty lets everything pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Counts {
    /// Training received, by the level of the project.
    Trained {
        /// What of it.
        of: Trained,
        /// Levels of the projects.
        level: Vec<Level>,
    },
    /// Outreach, what is known only as a count included.
    Outreach(Carried),
    /// Sessions held.
    Sessions {
        /// Those of subject bases alone.
        of_bases: bool,
        /// 场次类型
        kinds: Vec<SessionType>,
        /// Since when.
        since: Span,
    },
    /// Learners at such sessions: distinct teachers and sessions.
    Present {
        /// Those of subject bases alone.
        of_bases: bool,
        /// 场次类型
        kinds: Vec<SessionType>,
        /// Since when.
        since: Span,
    },
    /// Organisations that there are on the last day.
    Organisations {
        /// Of what kind.
        kind: OrganisationKind,
        /// Of bases: those for research, or those for subjects.
        research: Option<bool>,
        /// Of studios: the class.
        class: Vec<TitleClass>,
    },
    /// Teachers under development towards a title on the last day (培养对象).
    Candidates {
        /// 称号类别
        class: Vec<TitleClass>,
        /// 级别
        level: Vec<Level>,
    },
    /// Titles conferred in the year.
    Titles {
        /// 称号类别
        class: Vec<TitleClass>,
        /// 级别
        level: Vec<Level>,
    },
    /// Teachers recommended to a higher level in the year.
    Recommended {
        /// To which level.
        to_level: Vec<Level>,
        /// From which competition, by its name.
        competition: Vec<Word>,
        /// From a title of this class.
        class: Vec<TitleClass>,
    },
    /// Teachers who entered a competition in the year.
    Entrants {
        /// By its name.
        competition: Vec<Word>,
        /// By its level.
        level: Vec<Level>,
    },
    /// Schools of such entrants.
    EntrantSchools {
        /// By its name.
        competition: Vec<Word>,
        /// By its level.
        level: Vec<Level>,
    },
    /// Teachers who won in a competition in the year, for themselves.
    Winners {
        /// By its name.
        competition: Vec<Word>,
        /// By its level.
        level: Vec<Level>,
        /// 奖次
        award: Vec<Award>,
    },
    /// Papers and results that won a prize in the year, each once, at its highest.
    Works {
        /// 级别
        level: Vec<Level>,
        /// 奖次
        award: Vec<Award>,
    },
    /// Papers and results published in the year, each once.
    Published {
        /// 级别
        level: Vec<Level>,
    },
    /// Research topics.
    Topics {
        /// Which.
        of: Topics,
        /// 级别
        level: Vec<Level>,
    },
    /// People in these posts on the last day.
    Staff {
        /// Which of them.
        of: Staff,
        /// 岗位
        post: Vec<Post>,
    },
    /// Schools registered and not closed on the last day.
    Schools,
    /// What was typed in for the figure's own id.
    Noted,
    /// Other figures together.
    Sum(Vec<FigureId>),
    /// One figure of another.
    Share(FigureId, FigureId),
}

impl Counts {
    /// The figures that it is made of; none of what is counted from entries.
    pub fn made_of(&self) -> Vec<FigureId> {
        if let Self::Sum(of) = self {
            of.clone()
        } else if let Self::Share(part, whole) = self {
            vec![*part, *whole]
        } else {
            Vec::new()
        }
    }

    /// The word for it in a document, in the order of what it is.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Trained { of, .. } => match of {
                Trained::PersonTimes => "training_person_times",
                Trained::Persons => "training_persons",
                Trained::Hours => "training_hours",
            },
            Self::Outreach(of) => match of {
                Carried::Lessons => "outreach_lessons",
                Carried::Talks => "outreach_talks",
                Carried::Times => "outreach_times",
            },
            Self::Sessions { .. } => "sessions",
            Self::Present { .. } => "session_person_times",
            Self::Organisations { .. } => "organisations",
            Self::Candidates { .. } => "candidates",
            Self::Titles { .. } => "titles",
            Self::Recommended { .. } => "recommended",
            Self::Entrants { .. } => "entrants",
            Self::EntrantSchools { .. } => "entrant_schools",
            Self::Winners { .. } => "winners",
            Self::Works { .. } => "works_awarded",
            Self::Published { .. } => "works_published",
            Self::Topics { of, .. } => match of {
                Topics::Approved => "topics_approved",
                Topics::Concluded => "topics_concluded",
                Topics::Running => "topics_running",
            },
            Self::Staff { of, .. } => match of {
                Staff::All => "staff",
                Staff::Meeting => "staff_meeting",
            },
            Self::Schools => "schools",
            Self::Noted => "noted",
            Self::Sum(_) => "sum",
            Self::Share(..) => "share",
        }
    }
}

/// Whether the filter lets it pass.
pub(crate) fn passes<T: PartialEq>(filter: &[T], value: &T) -> bool {
    filter.is_empty() || filter.contains(value)
}
