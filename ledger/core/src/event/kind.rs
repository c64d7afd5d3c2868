//! How a kind is stated: its names, its nature, its fields with what each names, and its checks.
//!
//! [`kinds!`] makes the struct and all answers from one statement. Nothing has a default, so a kind that leaves an
//! answer out, or a field whose meaning nobody gave, does not compile.

use jiff::civil::Date;

pub(super) use super::check::Found;
use super::{AdoptedVersion, Delivery, Event};
use crate::codes::{
    AssignmentNature, AttendanceResult, AttendanceRole, Award, AwardRole, Bound, ExpertPool, FindingOutcome,
    InspectionAspect, LessonType, Level, Mode, Post, SessionType, Stage, TitleClass, TopicCheck,
};
use crate::hours::Hours;
use crate::ids::{
    BaseId, BatchId, CalendarId, ClaimId, CompetitionId, EventId, FigureId, FindingId, GroupId, InspectionId, LoadId,
    OutreachId, PolicyId, ProjectId, QuestionId, RuleId, SchoolId, SemesterId, SessionId, Sha256, TeacherId, TopicId,
    WorkId,
};
use crate::text::Text;

/// What holds for every event of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "four answers that do not depend on one another"
)]
pub struct Nature {
    /// Whether it may be voided: others stand on what may not.
    pub voidable: bool,
    /// Whether another event may take its place: not that of a void, a load, a document or what adopts one.
    pub correctable: bool,
    /// Whether it may name days to come: a session moves to a later day, and leave goes on.
    pub may_lie_ahead: bool,
    /// Whether it credits or names a teacher, so that a late posting is marked 补登 (DOMAIN §9).
    pub credits: bool,
}

/// A field in which two facts of one kind differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The field's name.
    pub field: &'static str,
    /// What the one says, as people write it; empty if nothing.
    pub one: String,
    /// What the other says.
    pub other: String,
}

/// What a field of an event names.
#[derive(Clone, Copy)]
pub enum Field<'f> {
    /// Free text.
    Text(&'f Text),
    /// Whom the event is about. Must be registered.
    Subject(&'f TeacherId),
    /// Somebody else who was there. Must be registered.
    Teacher(&'f TeacherId),
    /// The person that the event registers.
    NewTeacher(&'f TeacherId),
    /// The school whose matter it is: where the post is or the term was done. Must be registered.
    Home(&'f SchoolId),
    /// The school where it happened. Must be registered.
    Place(&'f SchoolId),
    /// Another school. Must be registered.
    School(&'f SchoolId),
    /// Who posts or sends: a registered school, or the office under its own code.
    Sender(&'f SchoolId),
    /// The school that the event registers.
    NewSchool(&'f SchoolId),
    /// A project, awaited if it has not arrived.
    Project(&'f ProjectId),
    /// The project that the event opens.
    NewProject(&'f ProjectId),
    /// A session, awaited if it has not arrived.
    Session(&'f SessionId),
    /// The session that the event holds.
    NewSession(&'f SessionId),
    /// A competition, awaited if it has not arrived.
    Competition(&'f CompetitionId),
    /// The competition that the event holds.
    NewCompetition(&'f CompetitionId),
    /// The start of an assignment of the same person, awaited if it has not arrived.
    Assignment(&'f EventId),
    /// The naming of the same person, awaited while it has not arrived or is void.
    Title(&'f EventId),
    /// Any entry, awaited if it has not arrived.
    Entry(&'f EventId),
    /// The event whose place this one takes, awaited if it has not arrived.
    Original(&'f EventId),
    /// A historical load. Must be open.
    Load(&'f LoadId),
    /// The historical load that the event opens.
    NewLoad(&'f LoadId),
    /// A claim, which the review's own rules look up.
    Claim(&'f ClaimId),
    /// A batch of claims, which the review's own rules look up.
    Batch(&'f BatchId),
    /// An event of a claim, which the review's own rules look up.
    Claimed(&'f EventId),
    /// A question of ordered research, which its kinds' own rules look up.
    Question(&'f QuestionId),
    /// An inspection, which its kinds' own rules look up.
    Inspection(&'f InspectionId),
    /// Something that an inspection found, looked up likewise.
    Finding(&'f FindingId),
    /// The unit of the office or base that holds the session.
    Unit(&'f BaseId),
    /// An id that the ledger looks up nowhere.
    Name(&'f dyn AsRef<str>),
}

impl<'f> Field<'f> {
    /// The text of an id that people make up; `None` for free text and for events' ids.
    pub fn id(self) -> Option<&'f str> {
        match self {
            Self::Subject(id) | Self::Teacher(id) | Self::NewTeacher(id) => Some(id.as_str()),
            Self::Home(id) | Self::Place(id) | Self::School(id) | Self::Sender(id) | Self::NewSchool(id) => {
                Some(id.as_str())
            }
            Self::Project(id) | Self::NewProject(id) => Some(id.as_str()),
            Self::Session(id) | Self::NewSession(id) => Some(id.as_str()),
            Self::Competition(id) | Self::NewCompetition(id) => Some(id.as_str()),
            Self::Load(id) | Self::NewLoad(id) => Some(id.as_str()),
            Self::Claim(id) => Some(id.as_str()),
            Self::Batch(id) => Some(id.as_str()),
            Self::Question(id) => Some(id.as_str()),
            Self::Inspection(id) => Some(id.as_str()),
            Self::Finding(id) => Some(id.as_str()),
            Self::Unit(id) => Some(id.as_str()),
            Self::Name(id) => Some(id.as_ref()),
            Self::Text(_)
            | Self::Assignment(_)
            | Self::Title(_)
            | Self::Entry(_)
            | Self::Claimed(_)
            | Self::Original(_) => None,
        }
    }
}

/// Takes each field of an event, by its name.
pub type See<'s, 'f> = dyn FnMut(&'static str, Field<'f>) + 's;

/// The checks that only a kind knows to make, and that no single field's type can (DOMAIN §13.18).
pub(super) trait Checked {
    /// Adds what is wrong with the fact of `event`, each under the field's name.
    fn check(&self, event: &Event, found: &mut Found);
}

/// A field that names things: one, perhaps one, or several.
pub(super) trait Names {
    type Thing;
    fn each<'f>(&'f self, see: &mut dyn FnMut(&'f Self::Thing));
}

/// A field that names nothing.
pub(super) trait Value {}

macro_rules! names_itself {
    ($($name:ident)*) => { $(
        impl Names for $name {
            type Thing = Self;
            fn each<'f>(&'f self, see: &mut dyn FnMut(&'f Self)) {
                see(self);
            }
        }
    )* };
}

names_itself! {
    Text BaseId BatchId CalendarId ClaimId CompetitionId EventId FigureId FindingId GroupId InspectionId LoadId OutreachId PolicyId ProjectId QuestionId RuleId SchoolId
    SemesterId SessionId TeacherId TopicId WorkId
}

impl<N: Names> Names for Option<N> {
    type Thing = N::Thing;
    fn each<'f>(&'f self, see: &mut dyn FnMut(&'f N::Thing)) {
        if let Some(one) = self {
            one.each(see);
        }
    }
}

impl<N: Names> Names for Vec<N> {
    type Thing = N::Thing;
    fn each<'f>(&'f self, see: &mut dyn FnMut(&'f N::Thing)) {
        for one in self {
            one.each(see);
        }
    }
}

impl Names for Delivery {
    type Thing = TeacherId;
    fn each<'f>(&'f self, see: &mut dyn FnMut(&'f TeacherId)) {
        see(&self.teacher_id);
    }
}

macro_rules! values {
    ($($name:ident)*) => { $(impl Value for $name {})* };
}

values! {
    AssignmentNature AttendanceResult AttendanceRole Award AwardRole Bound ExpertPool FindingOutcome InspectionAspect LessonType Level Mode Post SessionType Stage TitleClass TopicCheck Hours
    Date Sha256 AdoptedVersion bool u8 u16 u32 u64
}

impl<V: Value> Value for Option<V> {}
impl<V: Value> Value for Vec<V> {}

/// Passes over a field that names nothing.
pub(super) const fn pass(_: &impl Value) {}

/// A field's value as people write it, in Chinese; empty if there is none.
pub(super) trait Said {
    fn said(&self) -> String;
}

macro_rules! said {
    ($($name:ident)* => $said:expr) => { $(
        impl Said for $name {
            fn said(&self) -> String {
                let said: fn(&Self) -> String = $said;
                said(self)
            }
        }
    )* };
}

said! {
    Text BaseId BatchId CalendarId ClaimId CompetitionId EventId FigureId FindingId GroupId InspectionId LoadId OutreachId PolicyId ProjectId QuestionId RuleId SchoolId
    SemesterId SessionId TeacherId TopicId WorkId Hours Date Sha256 u8 u16 u32 u64 => |value| value.to_string()
}
said! { AssignmentNature AttendanceResult AttendanceRole Award AwardRole ExpertPool FindingOutcome InspectionAspect LessonType Level Mode Post SessionType Stage TitleClass TopicCheck Bound => |value| value.zh().to_owned() }
said! { bool => |value| if *value { "是" } else { "否" }.to_owned() }
said! { AdoptedVersion => |value| format!("{}@{}", value.policy_id, value.version) }
said! { Delivery => |value| format!("{}：{} 节 {} 讲", value.teacher_id, value.lessons, value.talks) }

impl<S: Said> Said for Option<S> {
    fn said(&self) -> String {
        self.as_ref().map_or_else(String::new, Said::said)
    }
}

impl<S: Said> Said for Vec<S> {
    fn said(&self) -> String {
        self.iter().map(Said::said).collect::<Vec<_>>().join("、")
    }
}

macro_rules! kinds {
    ($(
        $(#[$doc:meta])*
        $name:ident $kind:literal $zh:literal { $($nature:tt)* } {
            $($(#[$fdoc:meta])* $field:ident: $ty:ty => $meaning:ident $($path:literal)?,)*
        }
    )*) => { $(
        $(#[$doc])*
        #[doc = $zh]
        #[derive(Clone, Debug, PartialEq)]
        pub struct $name { $($(#[$fdoc])* pub $field: $ty,)* }

        impl $name {
            pub(crate) const KIND: &str = $kind;
            pub(super) const KIND_ZH: &str = $zh;
            pub(super) const NATURE: $crate::event::Nature = $crate::event::Nature { $($nature)* };

            pub(super) fn differing_field(&self, other: &Self) -> Option<&'static str> {
                $(if self.$field != other.$field { return Some(stringify!($field)); })*
                None
            }

            pub(super) fn differences(&self, other: &Self) -> Vec<$crate::event::Difference> {
                let mut found = Vec::new();
                $(if self.$field != other.$field {
                    found.push($crate::event::Difference {
                        field: stringify!($field),
                        one: $crate::event::kind::Said::said(&self.$field),
                        other: $crate::event::kind::Said::said(&other.$field),
                    });
                })*
                found
            }

            pub(super) fn take(&mut self, other: &Self, field: &str) {
                $(if field == stringify!($field) {
                    self.$field = other.$field.clone();
                })*
            }

            pub(super) fn put(&self, out: &mut dyn $crate::canonical::Sink) {
                $($crate::canonical::Canonical::put(&self.$field, out);)*
            }

            #[allow(unused_variables, reason = "some kinds have only values")]
            pub(super) fn fields<'f>(&'f self, see: &mut $crate::event::See<'_, 'f>) {
                $($crate::event::kind::kinds!(@field self see $field $meaning $($path)?);)*
            }
        }
    )* };
    (@field $fact:ident $see:ident $field:ident Value) => {
        $crate::event::kind::pass(&$fact.$field)
    };
    (@field $fact:ident $see:ident $field:ident $meaning:ident) => {
        $crate::event::kind::Names::each(&$fact.$field, &mut |thing| {
            $see(stringify!($field), $crate::event::Field::$meaning(thing));
        })
    };
    (@field $fact:ident $see:ident $field:ident $meaning:ident $path:literal) => {
        $crate::event::kind::Names::each(&$fact.$field, &mut |thing| {
            $see($path, $crate::event::Field::$meaning(thing));
        })
    };
}

pub(super) use kinds;
