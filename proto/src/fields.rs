//! Reading single fields: each wire type to each domain type, noting what is wrong under the field's path.

use jiff::civil::Date;
use keshi_core::check::DAYS;
use keshi_core::codes::{
    AssignmentNature, AttendanceResult, AttendanceRole, Award, AwardRole, Bound, ExpertPool, FindingOutcome,
    InspectionAspect, LessonType, Level, Mode, Post, SessionType, Stage, TitleClass, TopicCheck,
};
use keshi_core::event::{AdoptedVersion, Delivery};
use keshi_core::hours::Hours;
use keshi_core::ids::{
    BaseId, BatchId, CalendarId, ClaimId, CompetitionId, EventId, FigureId, FindingId, GroupId, InspectionId, LoadId,
    OutreachId, PolicyId, ProjectId, QuestionId, RuleId, SchoolId, SemesterId, SessionId, Sha256, TeacherId, TopicId,
    WorkId,
};
use keshi_core::text::Text;
use keshi_core::violation::{Problem, Violation};
use uuid::Uuid;

use crate::dates::{date_from_wire, date_to_wire};
use crate::event as pb;

/// Gathers violations under a path.
#[derive(Default)]
pub(crate) struct Checker {
    prefix: String,
    pub(crate) violations: Vec<Violation>,
}

impl Checker {
    /// A checker whose fields all lie under `prefix` (with its trailing dot, or empty).
    pub(crate) fn under(prefix: impl Into<String>) -> Self {
        Self {
            prefix: prefix.into(),
            violations: Vec::new(),
        }
    }

    pub(crate) fn note(&mut self, field: &str, value: &str, problem: Problem) {
        self.violations
            .push(Violation::new(format!("{}{field}", self.prefix), value, problem));
    }

    /// Notes bytes of a wrong length; of no length they are missing.
    fn note_bytes(&mut self, field: &str, length: usize, problem: Problem) {
        match length {
            0 => self.note(field, "", Problem::Missing),
            length => self.note(field, &format!("{length} bytes"), problem),
        }
    }

    /// Runs `read` with `more` added to the path.
    pub(crate) fn within<T>(&mut self, more: &str, read: impl FnOnce(&mut Self) -> T) -> T {
        let length = self.prefix.len();
        self.prefix.push_str(more);
        let value = read(self);
        self.prefix.truncate(length);
        value
    }
}

/// A domain value from a wire value `W`. `None` exactly if a violation was noted.
pub(crate) trait FromWire<W>: Sized {
    fn read(wire: W, field: &str, checker: &mut Checker) -> Option<Self>;
}

/// A wire value from a domain value; cannot fail.
pub(crate) trait ToWire<W> {
    fn to_wire(&self) -> W;
}

macro_rules! text_fields {
    ($($name:ident)*) => { $(
        impl FromWire<String> for $name {
            fn read(wire: String, field: &str, checker: &mut Checker) -> Option<Self> {
                if wire.is_empty() {
                    checker.note(field, "", Problem::Missing);
                    return None;
                }
                $name::new(&wire).map_err(|why| checker.note(field, &wire, Problem::BadId(why.to_string()))).ok()
            }
        }

        impl FromWire<String> for Option<$name> {
            fn read(wire: String, field: &str, checker: &mut Checker) -> Option<Self> {
                if wire.is_empty() { Some(None) } else { $name::read(wire, field, checker).map(Some) }
            }
        }

        impl ToWire<String> for $name {
            fn to_wire(&self) -> String {
                self.as_str().to_owned()
            }
        }

        impl ToWire<String> for Option<$name> {
            fn to_wire(&self) -> String {
                self.as_ref().map_or_else(String::new, |id| id.as_str().to_owned())
            }
        }
    )* };
}

text_fields! {
    BaseId BatchId CalendarId ClaimId CompetitionId FigureId FindingId GroupId InspectionId LoadId OutreachId PolicyId ProjectId QuestionId RuleId SchoolId SemesterId
    SessionId TeacherId TopicId WorkId
}

impl FromWire<String> for Text {
    fn read(wire: String, field: &str, checker: &mut Checker) -> Option<Self> {
        if wire.is_empty() {
            checker.note(field, "", Problem::Missing);
            return None;
        }
        Text::new(&wire)
            .map_err(|why| checker.note(field, &wire, Problem::BadText(why.to_string())))
            .ok()
    }
}

impl FromWire<String> for Option<Text> {
    fn read(wire: String, field: &str, checker: &mut Checker) -> Option<Self> {
        if wire.is_empty() {
            Some(None)
        } else {
            Text::read(wire, field, checker).map(Some)
        }
    }
}

impl ToWire<String> for Text {
    fn to_wire(&self) -> String {
        self.as_str().to_owned()
    }
}

impl ToWire<String> for Option<Text> {
    fn to_wire(&self) -> String {
        self.as_ref().map_or_else(String::new, |text| text.as_str().to_owned())
    }
}

macro_rules! code_fields {
    ($($name:ident)*) => { $(
        impl FromWire<i32> for $name {
            fn read(wire: i32, field: &str, checker: &mut Checker) -> Option<Self> {
                let value = $name::from_code(wire);
                if value.is_none() {
                    match wire {
                        0 => checker.note(field, "", Problem::Missing),
                        wire => checker.note(field, &wire.to_string(), Problem::UnknownCode),
                    }
                }
                value
            }
        }

        impl FromWire<i32> for Option<$name> {
            fn read(wire: i32, field: &str, checker: &mut Checker) -> Option<Self> {
                if wire == 0 { Some(None) } else { $name::read(wire, field, checker).map(Some) }
            }
        }

        impl ToWire<i32> for $name {
            fn to_wire(&self) -> i32 {
                self.code()
            }
        }

        impl ToWire<i32> for Option<$name> {
            fn to_wire(&self) -> i32 {
                self.map_or(0, $name::code)
            }
        }
    )* };
}

code_fields! {
    AssignmentNature AttendanceResult AttendanceRole Award AwardRole Bound ExpertPool FindingOutcome InspectionAspect LessonType Level Mode Post SessionType Stage TitleClass TopicCheck
}

macro_rules! count_fields {
    ($($name:ty)*) => { $(
        impl FromWire<i32> for $name {
            fn read(wire: i32, field: &str, checker: &mut Checker) -> Option<Self> {
                let value = <$name>::try_from(wire).ok();
                if value.is_none() {
                    let problem = Problem::OutOfRange { min: "0".into(), max: <$name>::MAX.to_string() };
                    checker.note(field, &wire.to_string(), problem);
                }
                value
            }
        }
    )* };
}

count_fields! { u8 u16 u32 }

impl FromWire<u64> for u64 {
    fn read(wire: u64, _: &str, _: &mut Checker) -> Option<Self> {
        Some(wire)
    }
}

impl ToWire<u64> for u64 {
    fn to_wire(&self) -> u64 {
        *self
    }
}

impl ToWire<i32> for u8 {
    fn to_wire(&self) -> i32 {
        i32::from(*self)
    }
}

impl ToWire<i32> for u16 {
    fn to_wire(&self) -> i32 {
        i32::from(*self)
    }
}

impl ToWire<i32> for u32 {
    fn to_wire(&self) -> i32 {
        i32::try_from(*self).unwrap_or(i32::MAX)
    }
}

impl FromWire<i32> for Option<u16> {
    fn read(wire: i32, field: &str, checker: &mut Checker) -> Option<Self> {
        if wire == 0 {
            Some(None)
        } else {
            u16::read(wire, field, checker).map(Some)
        }
    }
}

impl ToWire<i32> for Option<u16> {
    fn to_wire(&self) -> i32 {
        self.map_or(0, i32::from)
    }
}

impl FromWire<i64> for Hours {
    fn read(wire: i64, _: &str, _: &mut Checker) -> Option<Self> {
        Some(Hours::from_hundredths(wire))
    }
}

impl FromWire<i64> for Option<Hours> {
    fn read(wire: i64, _: &str, _: &mut Checker) -> Option<Self> {
        Some(Some(Hours::from_hundredths(wire)).filter(|hours| *hours != Hours::ZERO))
    }
}

impl ToWire<i64> for Option<Hours> {
    fn to_wire(&self) -> i64 {
        self.map_or(0, Hours::hundredths)
    }
}

impl ToWire<i64> for Hours {
    fn to_wire(&self) -> i64 {
        self.hundredths()
    }
}

impl FromWire<bool> for bool {
    fn read(wire: bool, _: &str, _: &mut Checker) -> Option<Self> {
        Some(wire)
    }
}

impl ToWire<bool> for bool {
    fn to_wire(&self) -> bool {
        *self
    }
}

impl FromWire<Option<pb::Date>> for Option<Date> {
    fn read(wire: Option<pb::Date>, field: &str, checker: &mut Checker) -> Option<Self> {
        let Some(wire) = wire else {
            return Some(None);
        };
        let date = date_from_wire(&wire).filter(|date| (DAYS.0..=DAYS.1).contains(date));
        if date.is_none() {
            let pb::Date { year, month, day } = wire;
            checker.note(field, &format!("{year}-{month}-{day}"), Problem::BadDate);
        }
        date.map(Some)
    }
}

impl FromWire<Option<pb::Date>> for Date {
    fn read(wire: Option<pb::Date>, field: &str, checker: &mut Checker) -> Option<Self> {
        let date = Option::<Date>::read(wire, field, checker)?;
        if date.is_none() {
            checker.note(field, "", Problem::Missing);
        }
        date
    }
}

impl ToWire<Option<pb::Date>> for Date {
    fn to_wire(&self) -> Option<pb::Date> {
        Some(date_to_wire(*self))
    }
}

impl ToWire<Option<pb::Date>> for Option<Date> {
    fn to_wire(&self) -> Option<pb::Date> {
        self.map(date_to_wire)
    }
}

/// Event ids as text, within facts and in the API.
impl FromWire<String> for EventId {
    fn read(wire: String, field: &str, checker: &mut Checker) -> Option<Self> {
        if wire.is_empty() {
            checker.note(field, "", Problem::Missing);
            return None;
        }
        let id = Uuid::try_parse(&wire).ok().filter(|id| !id.is_nil());
        if id.is_none() {
            checker.note(field, &wire, Problem::BadUuid);
        }
        id.map(EventId::new)
    }
}

impl FromWire<String> for Option<EventId> {
    fn read(wire: String, field: &str, checker: &mut Checker) -> Option<Self> {
        if wire.is_empty() {
            Some(None)
        } else {
            EventId::read(wire, field, checker).map(Some)
        }
    }
}

impl ToWire<String> for EventId {
    fn to_wire(&self) -> String {
        self.to_string()
    }
}

impl ToWire<String> for Option<EventId> {
    fn to_wire(&self) -> String {
        self.map_or_else(String::new, |id| id.to_string())
    }
}

impl ToWire<Vec<u8>> for EventId {
    fn to_wire(&self) -> Vec<u8> {
        self.as_bytes().to_vec()
    }
}

impl ToWire<Vec<u8>> for Option<EventId> {
    fn to_wire(&self) -> Vec<u8> {
        self.map_or_else(Vec::new, |id| id.as_bytes().to_vec())
    }
}

impl FromWire<Vec<u8>> for Sha256 {
    fn read(wire: Vec<u8>, field: &str, checker: &mut Checker) -> Option<Self> {
        let hash = <[u8; 32]>::try_from(wire.as_slice()).ok();
        if hash.is_none() {
            checker.note_bytes(field, wire.len(), Problem::BadHash);
        }
        hash.map(Sha256)
    }
}

impl ToWire<Vec<u8>> for Sha256 {
    fn to_wire(&self) -> Vec<u8> {
        self.0.to_vec()
    }
}

/// Hashes as hexadecimal text, in the API.
impl FromWire<String> for Sha256 {
    fn read(wire: String, field: &str, checker: &mut Checker) -> Option<Self> {
        let hash = keshi_core::hex::read(&wire);
        if hash.is_none() {
            let problem = if wire.is_empty() {
                Problem::Missing
            } else {
                Problem::BadHash
            };
            checker.note(field, &wire, problem);
        }
        hash.map(Sha256)
    }
}

impl ToWire<String> for Sha256 {
    fn to_wire(&self) -> String {
        self.to_string()
    }
}

/// The body of a document part.
impl FromWire<Vec<u8>> for Vec<u8> {
    fn read(wire: Vec<u8>, _: &str, _: &mut Checker) -> Option<Self> {
        Some(wire)
    }
}

impl ToWire<Vec<u8>> for Vec<u8> {
    fn to_wire(&self) -> Vec<u8> {
        self.clone()
    }
}

fn read_all<W, T: FromWire<W>>(wire: Vec<W>, field: &str, checker: &mut Checker) -> Option<Vec<T>> {
    let items: Vec<Option<T>> = wire
        .into_iter()
        .enumerate()
        .map(|(place, item)| T::read(item, &format!("{field}[{place}]"), checker))
        .collect();
    items.into_iter().collect()
}

macro_rules! lists_of_ids {
    ($($name:ident)*) => { $(
        impl FromWire<Vec<String>> for Vec<$name> {
            fn read(wire: Vec<String>, field: &str, checker: &mut Checker) -> Option<Self> {
                read_all(wire, field, checker)
            }
        }

        impl ToWire<Vec<String>> for Vec<$name> {
            fn to_wire(&self) -> Vec<String> {
                self.iter().map(ToWire::to_wire).collect()
            }
        }
    )* };
}

lists_of_ids! { ClaimId EventId QuestionId SchoolId TeacherId }

impl<W> FromWire<Vec<W>> for Vec<Sha256>
where
    Sha256: FromWire<W>,
{
    fn read(wire: Vec<W>, field: &str, checker: &mut Checker) -> Option<Self> {
        read_all(wire, field, checker)
    }
}

impl<W> ToWire<Vec<W>> for Vec<Sha256>
where
    Sha256: ToWire<W>,
{
    fn to_wire(&self) -> Vec<W> {
        self.iter().map(ToWire::to_wire).collect()
    }
}

impl FromWire<Vec<pb::Delivery>> for Vec<Delivery> {
    fn read(wire: Vec<pb::Delivery>, field: &str, checker: &mut Checker) -> Option<Self> {
        let read_one = |(
            place,
            pb::Delivery {
                teacher_id,
                lessons,
                talks,
            },
        ): (usize, pb::Delivery)| {
            checker.within(&format!("{field}[{place}]."), |checker| {
                let teacher_id = TeacherId::read(teacher_id, "teacher_id", checker);
                let lessons = u16::read(lessons, "lessons", checker);
                let talks = u16::read(talks, "talks", checker);
                Some(Delivery {
                    teacher_id: teacher_id?,
                    lessons: lessons?,
                    talks: talks?,
                })
            })
        };
        let all: Vec<Option<Delivery>> = wire.into_iter().enumerate().map(read_one).collect();
        all.into_iter().collect()
    }
}

impl ToWire<Vec<pb::Delivery>> for Vec<Delivery> {
    fn to_wire(&self) -> Vec<pb::Delivery> {
        let to_wire = |delivery: &Delivery| pb::Delivery {
            teacher_id: delivery.teacher_id.to_wire(),
            lessons: delivery.lessons.into(),
            talks: delivery.talks.into(),
        };
        self.iter().map(to_wire).collect()
    }
}

impl FromWire<Vec<pb::AdoptedVersion>> for Vec<AdoptedVersion> {
    fn read(wire: Vec<pb::AdoptedVersion>, field: &str, checker: &mut Checker) -> Option<Self> {
        let read_one = |(place, pb::AdoptedVersion { policy_id, version }): (usize, pb::AdoptedVersion)| {
            checker.within(&format!("{field}[{place}]."), |checker| {
                let policy_id = PolicyId::read(policy_id, "policy_id", checker);
                let version = u32::read(version, "version", checker);
                Some(AdoptedVersion {
                    policy_id: policy_id?,
                    version: version?,
                })
            })
        };
        let all: Vec<Option<AdoptedVersion>> = wire.into_iter().enumerate().map(read_one).collect();
        all.into_iter().collect()
    }
}

impl ToWire<Vec<pb::AdoptedVersion>> for Vec<AdoptedVersion> {
    fn to_wire(&self) -> Vec<pb::AdoptedVersion> {
        let to_wire = |one: &AdoptedVersion| pb::AdoptedVersion {
            policy_id: one.policy_id.to_wire(),
            version: one.version.to_wire(),
        };
        self.iter().map(to_wire).collect()
    }
}
