//! One way to write values down, so that equal ones are written alike and others are not: what digests are made of.
//!
//! Nothing written so is stored; two releases may differ.

use jiff::civil::Date;

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
use crate::text::{Text, normalised};

/// What takes bytes.
pub(crate) trait Sink {
    fn take(&mut self, bytes: &[u8]);
}

/// A value that can be written down: with its length where that is open, so that no two run into each other.
pub(crate) trait Canonical {
    fn put(&self, out: &mut dyn Sink);
}

impl Sink for Vec<u8> {
    fn take(&mut self, bytes: &[u8]) {
        self.extend_from_slice(bytes);
    }
}

/// Four bytes that stand for a content: one that differs has others, but for one in four billion.
#[derive(Clone, Copy)]
pub(crate) struct Fingerprint(u64);

impl Fingerprint {
    /// That of an event's content.
    pub(crate) fn of(content: &impl Canonical) -> u32 {
        let mut print = Self(0);
        content.put(&mut print);
        print.finish()
    }

    /// Steps are invertible, so a single difference is never lost before the end.
    const fn mix(self, word: u64) -> Self {
        Self((self.0.rotate_left(23) ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15))
    }

    const fn finish(self) -> u32 {
        let mixed = Self(self.0 ^ (self.0 >> 32)).mix(0).0;
        (mixed >> 32) as u32
    }
}

impl Sink for Fingerprint {
    fn take(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            *self = self.mix(u64::from_le_bytes(*word));
        }
        if !rest.is_empty() {
            let mut word = [0; 8];
            word.iter_mut().zip(rest).for_each(|(to, byte)| *to = *byte);
            *self = self.mix(u64::from_le_bytes(word));
        }
    }
}

impl Canonical for str {
    fn put(&self, out: &mut dyn Sink) {
        (self.len() as u64).put(out);
        out.take(self.as_bytes());
    }
}

impl<T: Canonical + ?Sized> Canonical for &T {
    fn put(&self, out: &mut dyn Sink) {
        (**self).put(out);
    }
}

impl<T: Canonical> Canonical for Option<T> {
    fn put(&self, out: &mut dyn Sink) {
        self.is_some().put(out);
        if let Some(value) = self {
            value.put(out);
        }
    }
}

impl<T: Canonical> Canonical for [T] {
    fn put(&self, out: &mut dyn Sink) {
        (self.len() as u64).put(out);
        for value in self {
            value.put(out);
        }
    }
}

impl<T: Canonical> Canonical for Vec<T> {
    fn put(&self, out: &mut dyn Sink) {
        self.as_slice().put(out);
    }
}

impl<A: Canonical, B: Canonical> Canonical for (A, B) {
    fn put(&self, out: &mut dyn Sink) {
        self.0.put(out);
        self.1.put(out);
    }
}

impl Canonical for bool {
    fn put(&self, out: &mut dyn Sink) {
        out.take(&[u8::from(*self)]);
    }
}

impl Canonical for Date {
    fn put(&self, out: &mut dyn Sink) {
        out.take(&self.year().to_le_bytes());
        out.take(&self.month().to_le_bytes());
        out.take(&self.day().to_le_bytes());
    }
}

/// Compared by its normalised form, so written in it.
impl Canonical for Text {
    fn put(&self, out: &mut dyn Sink) {
        normalised(self.as_str()).as_str().put(out);
    }
}

impl Canonical for Hours {
    fn put(&self, out: &mut dyn Sink) {
        self.hundredths().put(out);
    }
}

impl Canonical for EventId {
    fn put(&self, out: &mut dyn Sink) {
        out.take(self.as_bytes());
    }
}

impl Canonical for Sha256 {
    fn put(&self, out: &mut dyn Sink) {
        out.take(&self.0);
    }
}

macro_rules! write_numbers {
    ($($number:ty)*) => { $(impl Canonical for $number {
        fn put(&self, out: &mut dyn Sink) {
            out.take(&self.to_le_bytes());
        }
    })* };
}
write_numbers! { u8 u16 u32 u64 i32 i64 }

macro_rules! write_codes {
    ($($code:ty)*) => { $(impl Canonical for $code {
        fn put(&self, out: &mut dyn Sink) {
            self.code().put(out);
        }
    })* };
}
write_codes! {
    AssignmentNature AttendanceResult AttendanceRole Award AwardRole Bound ExpertPool FindingOutcome InspectionAspect LessonType Level Mode Post SessionType Stage TitleClass TopicCheck
}

macro_rules! write_texts {
    ($($text:ty)*) => { $(impl Canonical for $text {
        fn put(&self, out: &mut dyn Sink) {
            self.as_str().put(out);
        }
    })* };
}
write_texts! {
    BaseId BatchId CalendarId ClaimId CompetitionId FigureId FindingId GroupId InspectionId LoadId OutreachId PolicyId ProjectId QuestionId RuleId SchoolId SemesterId
    SessionId TeacherId TopicId WorkId
}
