//! What follows from the rows for one teacher: balances under every adopted version, titles, posts.

use jiff::civil::Date;

use super::words::Rows;
use crate::balance::{
    Adjustment, AdjustmentKind, Assessor, Balance, Cut, Exempted, Holding, Line, Section, Standing, Status, TooLarge,
    Why,
};
use crate::canonical::{Canonical, Sink};
use crate::ids::TeacherId;
use crate::period::Period;
use crate::state::Teacher;
use crate::tier::Title;

impl Rows<'_> {
    /// The balance over all her time, each line under the version in force on its day; titles, recommendations, posts.
    pub(super) fn answers_about(&mut self, assessor: &Assessor<'_>, id: TeacherId, hasher: &mut sha2::Sha256) {
        let (state, size) = (self.state, self.size);
        // What counts of an id that was merged, the one that stands for it says.
        let Some(person) = state.person(&id, size).filter(|_| state.kept_id(id, size) == id) else {
            return;
        };
        let teacher = &*person;
        if let Some(all_time) = span(teacher, size) {
            match assessor.balance(&id, all_time) {
                Ok(balance) => balance.iter().for_each(|balance| self.balance(balance)),
                // Which of her entries went too far depends on the order of adding; that one did is said.
                Err(TooLarge { .. }) => self.bare("too large", &[]),
            }
        }
        for title in state.titles(teacher, size) {
            let Title {
                index: _,
                event_id,
                class,
                level,
                conferred_on,
                valid_to,
                waits_for,
                // Told by the last day, and by the rows.
                renewals: _,
                withdrawn: _,
            } = title;
            let says: &[&dyn Canonical] = &[&event_id, &class, &level, &conferred_on, &valid_to];
            self.bare(if waits_for.is_empty() { "titled" } else { "waiting" }, says);
        }
        for (on, event_id, level) in state.recommendations_with_effect(teacher, size) {
            self.bare("recommended", &[&on, &event_id, &level]);
        }
        for holding in state.at(size).holdings(&id) {
            let Holding {
                index: _,
                school,
                unit,
                post,
                share_hundredths,
                from,
                to,
                nature,
            } = holding;
            self.bare(
                "holds",
                &[&school, &unit, &post, &share_hundredths, &from, &to, &nature],
            );
        }
        self.hash("answers", &id, hasher);
    }

    fn balance(&mut self, balance: &Balance) {
        let Balance {
            teacher_id: _,
            period: _,
            size: _,
            sections,
        } = balance;
        for section in sections {
            let Section {
                policy,
                meters,
                pending,
                standings,
                lines,
            } = section;
            let policy = policy.as_ref().map(|(id, ..)| id);
            for (meter, counted) in meters {
                self.bare("meter", &[&policy, meter, counted]);
            }
            for (meter, waits) in pending {
                self.bare("pending", &[&policy, meter, waits]);
            }
            for standing in standings {
                self.standing(&policy, standing);
            }
            for line in lines {
                self.line(&policy, line);
            }
        }
    }

    fn standing(&mut self, policy: &dyn Canonical, standing: &Standing) {
        let Standing {
            requirement,
            version,
            period,
            min,
            target,
            prorated,
            exempted,
            counted,
            adjustments,
            // They are the section's, each folded there.
            lines: _,
            missing,
            status,
        } = standing;
        self.bare(
            "standing",
            &[
                policy,
                &requirement.id,
                version,
                period,
                min,
                target,
                prorated,
                exempted,
                counted,
                adjustments,
                missing,
                status,
            ],
        );
    }

    fn line(&mut self, policy: &dyn Canonical, line: &Line) {
        let Line {
            index: _,
            event_id,
            from,
            to,
            on,
            kind,
            // The name of its project, competition or work, which is folded there.
            what: _,
            // Its session's, which is folded there.
            project: _,
            meter,
            asked,
            converted,
            cuts,
            counted,
            rule,
            version,
            lesson_type,
            level,
            result,
            overlaps,
            why,
        } = line;
        let event = |index: u64| self.state.event_at(index);
        let (word, other) = match why {
            Why::Counted => ("counted", None),
            Why::Void { .. } => ("void", None),
            Why::Corrected { by } => ("corrected", event(*by)),
            Why::UnderReview { .. } => ("under review", None),
            Why::Cancelled { .. } => ("cancelled", None),
            Why::WaitingFor { field, .. } => (*field, None),
            Why::NotInForce => ("not in force", None),
            Why::NotCredited => ("not credited", None),
            Why::RoundsToNothing => ("rounds to nothing", None),
            Why::BelowPresence { .. } => ("below presence", None),
            Why::NotPassed => ("not passed", None),
            Why::NotInTable => ("not in table", None),
            Why::Incomplete => ("incomplete", None),
            Why::OtherOfSession { index } => ("other of session", event(*index)),
            Why::BestOnly { index } => ("best only", event(*index)),
        };
        let overlaps = overlaps.and_then(event);
        self.bare(
            "line",
            &[
                policy,
                event_id,
                from,
                to,
                on,
                kind,
                meter,
                asked,
                converted,
                cuts,
                counted,
                rule,
                version,
                lesson_type,
                level,
                result,
                &overlaps,
                &word,
                &other,
            ],
        );
    }
}

/// From the first to the last day that anything about her names, below `size`.
fn span(teacher: &Teacher, size: u64) -> Option<Period> {
    let below = |index: u32| u64::from(index) < size;
    let items = teacher.items.iter().filter(|row| below(row.index));
    let posts = teacher.assignments.iter().filter(|row| below(row.index));
    let exemptions = teacher.exemptions.iter().filter(|row| below(row.index));
    let days = items.flat_map(|row| [row.from, row.to]);
    let days = days
        .chain(posts.map(|row| row.from))
        .chain(exemptions.map(|row| row.to));
    let (from, to) = days.fold((Date::MAX, Date::MIN), |(from, to), day| (from.min(day), to.max(day)));
    (from <= to).then(|| Period::span(from, to))
}

impl Canonical for Status {
    fn put(&self, out: &mut dyn Sink) {
        out.take(&[*self as u8]);
    }
}

impl Canonical for Exempted {
    fn put(&self, out: &mut dyn Sink) {
        let Self { index: _, reduce_by } = self;
        reduce_by.put(out);
    }
}

impl Canonical for Cut {
    fn put(&self, out: &mut dyn Sink) {
        let Self { rule, amount } = self;
        rule.put(out);
        amount.put(out);
    }
}

impl Canonical for Adjustment {
    fn put(&self, out: &mut dyn Sink) {
        let Self { kind, amount } = self;
        match kind {
            AdjustmentKind::CarriedIn { from } => ("carried in", from).put(out),
            AdjustmentKind::SubstitutedFrom { requirement } => ("from", requirement).put(out),
            AdjustmentKind::SubstitutedTo { requirement } => ("to", requirement).put(out),
            AdjustmentKind::Probation => "probation".put(out),
            AdjustmentKind::GraceIn => "grace in".put(out),
            AdjustmentKind::GraceOut => "grace out".put(out),
        }
        amount.put(out);
    }
}
