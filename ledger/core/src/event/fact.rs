//! The sum of all kinds, and the questions that every kind answers.

use super::OrganisationKind;
use super::check::Found;
use super::kind::Checked as _;
use super::{Difference, Event, Field, Nature, See};
use crate::canonical::{Canonical, Sink};
use crate::ids::{BaseId, SchoolId, TeacherId};

macro_rules! facts {
    ($d:tt $($name:ident)*) => {
        /// Runs one expression on the fact of whatever kind: a question that every kind answers, by a trait of the
        /// asker's. A kind that does not answer does not compile.
        macro_rules! with_fact {
            ($d fact:expr, $d one:ident => $d ask:expr) => {
                match $d fact { $($crate::event::Fact::$name($d one) => $d ask,)* }
            };
        }
        pub(crate) use with_fact;

        /// The kinds in order, for their numbers in memory.
        #[derive(Clone, Copy)]
        #[repr(u8)]
        enum Ordinal { $($name,)* }

        /// What happened, by kind.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Fact { $(
            #[doc = concat!("[`super::", stringify!($name), "`]")]
            $name(super::$name),
        )* }

        impl Fact {
            /// All kinds, as `kind()` names them.
            pub const KINDS: &[&str] = &[$(super::$name::KIND,)*];

            /// The name on screen, in Chinese, of the kind that `kind()` names so.
            pub fn kind_in_zh(kind: &str) -> Option<&'static str> {
                let names = [$((super::$name::KIND, super::$name::KIND_ZH),)*];
                names.iter().find(|(name, _)| *name == kind).map(|(_, zh)| *zh)
            }

            /// The natures of all kinds, in the order of [`Self::KINDS`].
            pub(crate) const NATURES: &[Nature] = &[$(super::$name::NATURE,)*];

            /// The kind's name in snake case (DOMAIN §6).
            pub const fn kind(&self) -> &'static str {
                match self { $(Self::$name(_) => super::$name::KIND,)* }
            }

            /// The kind's place in [`Self::KINDS`]. Not stored anywhere.
            pub(crate) const fn ordinal(&self) -> u8 {
                match self { $(Self::$name(_) => Ordinal::$name as u8,)* }
            }

            /// The kind's name on screen, in Chinese.
            pub const fn kind_zh(&self) -> &'static str {
                match self { $(Self::$name(_) => super::$name::KIND_ZH,)* }
            }

            /// What holds for every event of the kind.
            pub const fn nature(&self) -> Nature {
                match self { $(Self::$name(_) => super::$name::NATURE,)* }
            }

            /// Shows every field that names something, in the order of the kind's statement.
            pub fn fields<'f>(&'f self, see: &mut See<'_, 'f>) {
                match self { $(Self::$name(fact) => fact.fields(see),)* }
            }

            /// Adds what is wrong with the fact of `event`.
            pub(super) fn check(&self, event: &Event, found: &mut Found) {
                match self { $(Self::$name(fact) => fact.check(event, found),)* }
            }

            pub(super) fn differing_field(&self, other: &Self) -> Option<&'static str> {
                match (self, other) {
                    $((Self::$name(one), Self::$name(two)) => one.differing_field(two),)*
                    _ => Some("kind"),
                }
            }
        }

        impl Fact {
            /// All fields in which two facts of one kind differ; `None` if they are of two kinds.
            pub fn differences(&self, other: &Self) -> Option<Vec<Difference>> {
                match (self, other) {
                    $((Self::$name(one), Self::$name(two)) => Some(one.differences(two)),)*
                    _ => None,
                }
            }

            /// Takes the value of a field from another fact of the same kind; nothing if it is of another.
            pub fn take(&mut self, other: &Self, field: &str) {
                match (self, other) {
                    $((Self::$name(one), Self::$name(two)) => one.take(two, field),)*
                    _ => {}
                }
            }
        }

        impl Canonical for Fact {
            fn put(&self, out: &mut dyn Sink) {
                self.kind().put(out);
                match self { $(Self::$name(fact) => fact.put(out),)* }
            }
        }

        $(impl From<super::$name> for Fact {
            fn from(fact: super::$name) -> Self {
                Self::$name(fact)
            }
        })*
    };
}

// The order is that of the samples and of the numbers in memory; nothing stored rests on it.
facts! {
    $
    SchoolRegistered SchoolClosed SchoolsMerged PersonRegistered AssignmentStarted AssignmentEnded CalendarAdopted
    ProjectOpened SessionHeld SessionMoved SessionCancelled AttendanceRecorded OutreachDelivered LessonGiven
    LessonObserved SchoolVisit CompetitionHeld EntryMade AwardGiven Recommended TitleConferred EntryVoided
    PolicyAdopted DocumentPart HistoricalLoadOpened HistoricalLoadClosed SchoolBasedTerm TopicApproved TopicConcluded
    WorkPublished WorkAwarded ExemptionGranted FigureNoted Mentoring ClockCorrected
    CandidateChosen TitleRenewed TitleWithdrawn
    CertificateIssued CertificateReissued CertificateVoided
    ClaimSubmitted ClaimSchoolChecked ClaimCountyChecked ClaimReturned ClaimRejected ClaimCredited PublicityOpened
    ObjectionRaised ObjectionDecided PublicityEnded
    GroupFormed BaseFormed StudioFormed
    PersonsMerged MergeReversed OverlapAccepted
    SchoolLinked ExpertPooled TopicOpened TopicChecked
    QuestionSent QuestionsJoined QuestionPlanned AnswerRated
    InspectionHeld FindingMade FindingChecked
    FiguresAdopted YearClosed YearRestated
}

impl Fact {
    /// Whom it is about: who gets the credit, the post, the title or the record. Each once, in the order given.
    pub fn subjects(&self) -> Vec<&TeacherId> {
        let mut found = Vec::new();
        self.fields(&mut |_, field| {
            if let Field::Subject(id) | Field::NewTeacher(id) = field
                && !found.contains(&id)
            {
                found.push(id);
            }
        });
        found
    }

    /// Where the post is or the term was done, for the kinds that belong to one school.
    pub fn home(&self) -> Option<&SchoolId> {
        self.find(|field| if let Field::Home(id) = field { Some(id) } else { None })
    }

    /// The school where it happened, for the kinds that say so.
    pub fn place(&self) -> Option<&SchoolId> {
        self.find(|field| {
            if let Field::Home(id) | Field::Place(id) = field {
                Some(id)
            } else {
                None
            }
        })
    }

    /// The unit or base that holds the session.
    pub fn unit(&self) -> Option<&BaseId> {
        self.find(|field| if let Field::Unit(id) = field { Some(id) } else { None })
    }

    /// The organisation that it forms.
    pub(crate) fn organisation(&self) -> Option<(OrganisationKind, &str)> {
        if let Self::GroupFormed(fact) = self {
            Some((OrganisationKind::Group, fact.group_id.as_str()))
        } else if let Self::BaseFormed(fact) = self {
            Some((OrganisationKind::Base, fact.base_id.as_str()))
        } else if let Self::StudioFormed(fact) = self {
            Some((OrganisationKind::Studio, fact.studio_id.as_str()))
        } else {
            None
        }
    }

    /// The school that it registers.
    pub fn new_school(&self) -> Option<&SchoolId> {
        self.find(|field| {
            if let Field::NewSchool(id) = field {
                Some(id)
            } else {
                None
            }
        })
    }

    /// The person that it registers.
    pub fn new_teacher(&self) -> Option<&TeacherId> {
        self.find(|field| {
            if let Field::NewTeacher(id) = field {
                Some(id)
            } else {
                None
            }
        })
    }

    /// The first field in which `ask` finds what it looks for.
    fn find<'f, T>(&'f self, ask: impl Fn(Field<'f>) -> Option<T>) -> Option<T> {
        let mut found = None;
        self.fields(&mut |_, field| found = found.take().or_else(|| ask(field)));
        found
    }
}
