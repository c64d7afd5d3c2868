//! Credits as lines that a reader can follow.

use super::credit::Credit;
use super::person::Person;
use super::{Assessor, Course, Line};
use crate::intern::Slot;
use crate::policy::Kind;
use crate::text::Text;

/// The lines of credits under a policy.
pub(super) fn explained(assessor: &Assessor<'_>, person: &Person<'_>, credits: Vec<Credit<'_>>) -> Vec<Line> {
    let overlaps = overlaps(assessor, person, &credits);
    let lines = credits.into_iter().zip(overlaps);
    lines
        .map(|(credit, overlaps)| line(assessor, credit, overlaps))
        .collect()
}

/// The lines of credits under no policy: no rule credits them.
pub(super) fn plain(assessor: &Assessor<'_>, person: &Person<'_>, credits: Vec<Credit<'_>>) -> Vec<Line> {
    let mut lines = explained(assessor, person, credits);
    for line in &mut lines {
        (line.rule, line.version) = (None, None);
    }
    lines
}

fn line(assessor: &Assessor<'_>, credit: Credit<'_>, overlaps: Option<u64>) -> Line {
    let what = what(assessor, &credit);
    let project = credit.traits.project.as_ref();
    let project = project.and_then(|project| assessor.state.projects.key(project.slot));
    Line {
        index: credit.index.into(),
        event_id: credit.event_id,
        from: credit.from,
        to: credit.to,
        on: credit.on,
        kind: credit.kind.word(),
        what,
        project,
        meter: credit.meter,
        asked: credit.asked,
        converted: credit.converted,
        cuts: credit.cuts,
        counted: credit.counted,
        rule: credit.conversion.map(|conversion| conversion.id),
        version: credit
            .policy
            .filter(|_| credit.conversion.is_some())
            .map(|policy| policy.version),
        lesson_type: credit.traits.lesson_type(),
        level: credit.traits.level,
        result: credit.traits.result,
        overlaps,
        why: credit.why,
    }
}

/// What it was, in words.
fn what(assessor: &Assessor<'_>, credit: &Credit<'_>) -> Option<Text> {
    let (state, size, source) = (assessor.state, assessor.size, credit.source);
    let name = source.session.and_then(|slot| state.project_name(slot, size));
    let contest = || {
        let definition = state.competition_def(source.competition?, size);
        definition.map(|definition| definition.name.clone())
    };
    let id = || {
        let work = source.work.and_then(|slot| state.works.key(slot));
        let topic = source.topic.and_then(|slot| state.topics.key(slot));
        let id = work.map(|id| id.to_string()).or(topic.map(|id| id.to_string()))?;
        Text::new(&id).ok()
    };
    name.or_else(contest).or_else(id)
}

/// For each credit an earlier one of another session of the same provider on the same days, both counted: perhaps one
/// course posted twice (DOMAIN §13.3), and nobody has said that both are right. Flagged for review, never dropped.
fn overlaps(assessor: &Assessor<'_>, person: &Person<'_>, credits: &[Credit<'_>]) -> Vec<Option<u64>> {
    let (state, size) = (assessor.state, assessor.size);
    let provider = |session: Option<Slot>| state.provider(session?, size);
    let course = |credit: &Credit<'_>| Course {
        session: credit.source.session,
        provider: provider(credit.source.session),
        days: (credit.from, credit.to),
    };
    let is_course = |credit: &&Credit<'_>| credit.kind == Kind::Attendance && credit.is_counted();
    let mut found = vec![None; credits.len()];
    for (place, (credit, found)) in credits.iter().zip(&mut found).enumerate() {
        if !is_course(&credit) {
            continue;
        }
        let earlier = credits.get(..place).unwrap_or_default().iter().rev();
        // Ordered by the day of attribution: none before this one's first day can share a day with it.
        let near = earlier.take_while(|other| other.on >= credit.from || other.to >= credit.from);
        let ours = course(credit);
        let alike = near.filter(is_course).find(|other| {
            let pair = (credit.index, other.index);
            other.meter == credit.meter
                && other.index != credit.index
                && ours.may_be_one_with(&course(other))
                && state.accepted(person.teacher, pair, size).is_none()
        });
        *found = alike.map(|other| other.index.into());
    }
    found
}
