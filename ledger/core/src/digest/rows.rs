//! Every row of the state, taken apart without `..`: a new field does not compile until it is folded here.

use std::num::NonZeroU32;

use jiff::civil::Date;

use super::words::Rows;
use crate::canonical::Canonical;
use crate::document::PartRow;
use crate::event::{EntryVoided, ObjectionDecided, PublicityEnded, TopicApproved};
use crate::ids::{TeacherId, TopicId};
use crate::intern::Table;
use crate::state::{
    Accepted, Assignment, AssignmentEnd, Batch, CalendarVersion, Certificate, Change, Claim, Claims, Closing,
    Competition, CompetitionDef, Detail, Exemption, FiguresVersion, Formed, Item, Load, Merge, NotedRow, Organisations,
    PolicyVersion, ProfileView, Project, ProjectDef, School, SchoolView, Session, SessionDef, State, Teacher, Tie,
    TiedTo, TopicAct, TopicDef, TopicStep, Unattributed, unshifted,
};
use crate::text::Text;

/// The keys of a table with their rows, sorted by key.
fn sorted<K: Clone + Ord + Eq + std::hash::Hash, V: Default>(table: &Table<K, V>) -> Vec<(K, &V)> {
    let mut rows: Vec<(K, &V)> = table.iter().collect();
    rows.sort_unstable_by(|one, two| one.0.cmp(&two.0));
    rows
}

impl Rows<'_> {
    /// Schools, projects, sessions, competitions, loads, documents, policies, calendars and voids.
    pub(super) fn of_no_teacher(&mut self, hasher: &mut sha2::Sha256) {
        let State {
            // Each row names its event; those that bring none follow.
            events,
            // The clock is not what was posted.
            recorded_at: _,
            // Folded one by one.
            teachers: _,
            schools,
            projects,
            sessions,
            competitions,
            // A row for each key that facts name, and nothing in it: the facts name the keys.
            works: _,
            topics: _,
            semesters_named: _,
            words: _,
            referred: _,
            loads,
            effects,
            claims,
            documents,
            policies,
            calendars,
            clock_corrections,
            certificates,
            organisations,
            ties,
            topic_steps,
            questions,
            inspections,
            findings,
            merges,
            figures,
            closings,
            noted,
            unattributed,
        } = self.state;
        let rowless = |kind: &str| {
            let kinds = [
                TopicApproved::KIND,
                EntryVoided::KIND,
                ObjectionDecided::KIND,
                PublicityEnded::KIND,
            ];
            kinds.contains(&kind)
        };
        for &(index, _) in clock_corrections {
            self.row("clock", index, &[]);
        }
        for index in events.of_kinds(rowless) {
            self.row("event", index, &[]);
        }
        self.hash("events", &"", hasher);
        for (id, school) in sorted(schools) {
            self.school(school);
            self.hash("school", &id, hasher);
        }
        for (id, project) in sorted(projects) {
            self.project(project);
            self.hash("project", &id, hasher);
        }
        for (id, session) in sorted(sessions) {
            self.session(session);
            self.hash("session", &id, hasher);
        }
        for (id, Competition { definitions }) in sorted(competitions) {
            for CompetitionDef { index, name, level } in definitions {
                self.row("held", *index, &[name, level]);
            }
            self.hash("competition", &id, hasher);
        }
        for (id, load) in loads {
            let Load {
                index,
                from,
                to,
                closings,
                entries,
            } = load;
            self.row("opened", *index, &[from, to]);
            for &index in closings {
                self.row("closed", index, &[]);
            }
            for &index in entries {
                self.row("under", index, &[]);
            }
            self.hash("load", id, hasher);
        }
        self.organisations(organisations, hasher);
        self.ties(ties, hasher);
        self.topics(topic_steps, hasher);
        self.questions(questions, hasher);
        self.inspections(inspections, findings, hasher);
        self.claims(claims, hasher);
        for (id, of_one) in &merges.of {
            for Merge { index, kept, reversed } in of_one {
                let by = reversed.filter(|&by| u64::from(by) < self.size);
                let by = by.and_then(|by| self.state.events.content(by));
                self.row("merged", *index, &[kept, &by]);
            }
            self.hash("merges", id, hasher);
        }
        for row in &documents.rows {
            let PartRow {
                index,
                sha256,
                part,
                parts,
                body_sha256,
            } = row;
            self.row("part", *index, &[sha256, part, parts, body_sha256]);
        }
        self.hash("documents", &"", hasher);
        for PolicyVersion { index, policy, sha256 } in policies {
            self.row("adopted", *index, &[&policy.id, &policy.version, sha256]);
        }
        self.hash("policies", &"", hasher);
        self.years((figures, closings), (noted, unattributed), hasher);
        for version in calendars {
            let CalendarVersion {
                index,
                calendar,
                sha256,
            } = version;
            self.row("adopted", *index, &[&calendar.id, sha256]);
        }
        self.hash("calendars", &"", hasher);
        self.certificates(&certificates.rows);
        for &(index, issued, change) in &certificates.changes {
            let word = if change == Change::Voided { "voided" } else { "again" };
            self.row(word, index, &[&self.state.events.id(issued)]);
        }
        self.hash("certificates", &"", hasher);
        // A void may come before its target; which of the two it was is no matter.
        let settled = effects
            .voids
            .iter()
            .map(|(&target, &void)| (self.state.events.id(target), void));
        let ahead = effects.voids_ahead.iter().map(|(&target, &void)| (Some(target), void));
        for (target, void) in settled.chain(ahead).collect::<Vec<_>>() {
            if u64::from(void) < self.size {
                self.bare("void", &[&target]);
            }
        }
        self.hash("voids", &"", hasher);
    }

    fn years(
        &mut self,
        (figures, closings): (&[FiguresVersion], &[Closing]),
        (noted, unattributed): (&[NotedRow], &[Unattributed]),
        hasher: &mut sha2::Sha256,
    ) {
        for FiguresVersion {
            index,
            definitions,
            sha256,
        } in figures
        {
            self.row("adopted", *index, &[&definitions.version, sha256]);
        }
        for closing in closings {
            let Closing {
                index,
                year,
                position,
                root,
                figures,
                policies,
                restated,
            } = closing;
            // The state has fewer than four billion entries.
            let index = u32::try_from(*index).unwrap_or(u32::MAX);
            let year = u32::try_from(*year).unwrap_or(0);
            self.row("closed", index, &[&year, position, root, figures, policies, restated]);
        }
        for row in noted {
            let NotedRow {
                index,
                period,
                figure_id,
                value,
                bound,
                unit,
            } = row;
            let period = period.to_string();
            self.row("noted", *index, &[&period.as_str(), figure_id, value, bound, unit]);
        }
        for row in unattributed {
            let Unattributed {
                index,
                year,
                lessons,
                talks,
            } = row;
            let year = u32::try_from(*year).unwrap_or(0);
            self.row("unattributed", *index, &[&year, lessons, talks]);
        }
        self.hash("years", &"", hasher);
    }

    /// Certificates as issued. The number is what the entry says, so it is folded too, though another order of arrival
    /// gives others.
    fn certificates(&mut self, certificates: &[Certificate]) {
        for certificate in certificates {
            let Certificate {
                index,
                teacher_id,
                basis_event,
                on,
                number,
            } = certificate;
            let number = number.map(NonZeroU32::get);
            self.row("issued", *index, &[teacher_id, basis_event, on, &number]);
        }
    }

    fn organisations(&mut self, organisations: &Organisations, hasher: &mut sha2::Sha256) {
        for ((kind, id), formings) in organisations {
            for formed in formings {
                let Formed {
                    index,
                    on,
                    until,
                    name,
                    subject,
                    research,
                    of,
                    lead,
                    members,
                    schools,
                } = formed;
                let (class, level) = of.unzip();
                let says: &[&dyn Canonical] = &[
                    on, until, name, subject, research, &class, &level, lead, members, schools,
                ];
                self.row("formed", *index, says);
            }
            self.hash(&format!("{kind:?}"), &&**id, hasher);
        }
    }

    fn ties(&mut self, ties: &[Tie], hasher: &mut sha2::Sha256) {
        for tie in ties {
            let Tie {
                index,
                teacher_id,
                from,
                until,
                to,
            } = tie;
            match to {
                TiedTo::School(school) => self.row("linked", *index, &[teacher_id, from, until, school]),
                TiedTo::Pool(pool, subject) => self.row("pooled", *index, &[teacher_id, from, until, pool, subject]),
            }
        }
        self.hash("ties", &"", hasher);
    }

    fn topics(&mut self, steps: &[TopicStep], hasher: &mut sha2::Sha256) {
        for step in steps {
            let TopicStep {
                index,
                topic_id,
                on,
                act,
            } = step;
            match act {
                TopicAct::Approved(def) => self.topic_def("approved", (*index, topic_id, *on), def, None),
                TopicAct::Opened => self.row("opened", *index, &[topic_id, on]),
                TopicAct::Checked(result) => self.row("checked", *index, &[topic_id, on, result]),
                TopicAct::Concluded(def, result) => {
                    self.topic_def("concluded", (*index, topic_id, *on), def, result.as_ref());
                }
            }
        }
        self.hash("topics", &"", hasher);
    }

    fn topic_def(
        &mut self,
        name: &str,
        (index, topic_id, on): (u32, &TopicId, Date),
        def: &TopicDef,
        result: Option<&Text>,
    ) {
        let TopicDef {
            name: called,
            level,
            leads,
            members,
        } = def;
        let result = result.cloned();
        self.row(name, index, &[topic_id, &on, called, level, leads, members, &result]);
    }

    fn claims(&mut self, claims: &Claims, hasher: &mut sha2::Sha256) {
        let Claims {
            rows,
            // Follow from the rows.
            standings: _,
            batches,
            under,
        } = claims;
        for (id, claim) in rows {
            let Claim {
                submissions,
                acts,
                objections,
                // Follows from the order of arrival.
                place: _,
            } = claim;
            for row in submissions {
                self.row("submitted", row.index, &[&row.teacher_id, &row.submitted_by, &row.what]);
            }
            for act in acts {
                self.row("act", act.index, &[&act.step.code(), &act.by, &act.batch]);
            }
            for row in objections {
                self.row("objected", row.index, &[&row.batch_id, &row.raised_by, &row.reason]);
                if let Some(decided) = &row.decision {
                    self.row("decided", decided.index, &[&decided.upheld, &decided.by]);
                }
            }
            self.hash("claim", id, hasher);
        }
        for (id, batch) in batches {
            let Batch {
                index,
                from,
                to,
                claims,
                reviewer,
                ended,
            } = batch;
            self.row("publicity", *index, &[from, to, claims, reviewer]);
            if let Some((index, by)) = ended {
                self.row("ended", *index, &[by]);
            }
            self.hash("batch", id, hasher);
        }
        for (&index, claim) in under {
            self.row("claimed", index, &[claim]);
        }
        // A ledger without claims has the digest that it always had.
        if !under.is_empty() {
            self.hash("claimed", &"", hasher);
        }
    }

    fn school(&mut self, school: &School) {
        let School { profiles, closings } = school;
        for profile in profiles {
            let SchoolView {
                index,
                on,
                name,
                stage,
                township,
                group,
            } = profile;
            self.row("registered", *index, &[on, name, stage, township, group]);
        }
        for (index, last_day, successor) in closings {
            self.row("closed", *index, &[last_day, successor]);
        }
    }

    fn project(&mut self, project: &Project) {
        let Project { definitions } = project;
        for definition in definitions {
            let ProjectDef {
                index,
                name,
                provider,
                level,
                mode,
                category,
                topic,
            } = definition;
            self.row("opened", *index, &[name, provider, level, mode, category, topic]);
        }
    }

    fn session(&mut self, session: &Session) {
        let Session {
            definitions,
            cancellations,
            moves,
        } = session;
        for definition in definitions {
            let SessionDef {
                index,
                from,
                to,
                project,
                session_type,
                hours,
                base,
            } = definition;
            let project = self.state.projects.key(*project);
            self.row("held", *index, &[from, to, &project, session_type, hours, base]);
        }
        for &index in cancellations {
            self.row("cancelled", index, &[]);
        }
        for (index, from, to) in moves {
            self.row("moved", *index, &[from, to]);
        }
    }

    /// All that is kept of one person.
    pub(super) fn of_teacher(&mut self, id: TeacherId, hasher: &mut sha2::Sha256) {
        let Some(teacher) = self.state.teachers.get(&id) else {
            return;
        };
        let Teacher {
            profiles,
            assignments,
            ends,
            items,
            exemptions,
            accepted,
            named,
        } = teacher;
        for profile in profiles {
            let ProfileView {
                index,
                on,
                stage,
                subject,
                hired_on,
                career_from,
                rank,
            } = profile;
            self.row("registered", *index, &[on, stage, subject, hired_on, career_from, rank]);
        }
        for assignment in assignments {
            let Assignment {
                index,
                // The row names it.
                event_id: _,
                school,
                unit,
                post,
                share_hundredths,
                from,
                until,
                nature,
            } = assignment;
            let says: &[&dyn Canonical] = &[school, unit, post, share_hundredths, from, until, nature];
            self.row("assigned", *index, says);
        }
        for end in ends {
            let AssignmentEnd {
                index,
                started_event,
                last_day,
            } = end;
            self.row("left", *index, &[started_event, last_day]);
        }
        for exemption in exemptions {
            let Exemption {
                index,
                rule_id,
                policy_id,
                to,
                reduce_by,
            } = exemption;
            self.row("exempted", *index, &[rule_id, policy_id, to, reduce_by]);
        }
        for Accepted { index, pair } in accepted {
            self.row("both right", *index, &[&pair.0, &pair.1]);
        }
        for index in named {
            self.row("named", *index, &[]);
        }
        for item in items {
            self.item(item);
        }
        self.hash("teacher", &id, hasher);
    }

    fn item(&mut self, item: &Item) {
        let Item {
            index,
            from,
            to,
            detail,
        } = item;
        let (state, index) = (self.state, *index);
        match detail {
            Detail::Attendance {
                session,
                centihours,
                role,
                result,
            } => {
                let session = state.sessions.key(*session);
                self.row("attended", index, &[from, to, &session, centihours, role, result]);
            }
            Detail::Outreach {
                lessons,
                talks,
                to_school,
            } => {
                let school = state.schools.key(*to_school);
                self.row("outreach", index, &[from, to, lessons, talks, &school]);
            }
            Detail::LessonGiven {
                periods,
                lesson_type,
                level,
                session,
            } => {
                let session = session.map(|slot| state.sessions.key(unshifted(slot)));
                self.row("gave", index, &[from, to, periods, lesson_type, level, &session]);
            }
            Detail::LessonObserved { periods, school } => {
                let school = state.schools.key(*school);
                self.row("observed", index, &[from, to, periods, &school]);
            }
            Detail::SchoolVisit { school } => {
                let school = state.schools.key(*school);
                self.row("visited", index, &[from, to, &school]);
            }
            Detail::CompetitionEntry { competition } => {
                let competition = state.competitions.key(*competition);
                self.row("entered", index, &[from, to, &competition]);
            }
            Detail::Award {
                competition,
                award,
                role,
                work,
            } => {
                let competition = state.competitions.key(*competition);
                let work = work.map(|slot| state.works.key(unshifted(slot)));
                self.row("won", index, &[from, to, &competition, award, role, &work]);
            }
            Detail::SchoolBasedTerm { complete, semester } => {
                let semester = state.semesters_named.key(*semester);
                self.row("term", index, &[from, to, complete, &semester]);
            }
            Detail::TopicConcluded {
                topic,
                level,
                lead,
                leads,
                members,
                result,
            } => {
                let topic = state.topics.key(*topic);
                let result = result.and_then(|number| state.word(number));
                let says: &[&dyn Canonical] = &[from, to, &topic, level, lead, leads, members, &result];
                self.row("concluded", index, says);
            }
            Detail::WorkPublished {
                work,
                work_kind,
                level,
                lead,
                authors,
            } => {
                let (work, kind) = (state.works.key(*work), state.word(*work_kind));
                self.row("published", index, &[from, to, &work, &kind, level, lead, authors]);
            }
            Detail::WorkAwarded {
                work,
                level,
                award,
                lead,
                authors,
            } => {
                let work = state.works.key(*work);
                self.row("work won", index, &[from, to, &work, level, award, lead, authors]);
            }
            Detail::Recommended {
                to_level,
                from_comp,
                from_title,
            } => {
                let competition = from_comp.map(|slot| state.competitions.key(unshifted(slot)));
                let title = from_title.and_then(|slot| state.referred.key(unshifted(slot)));
                self.row("recommended", index, &[from, to, to_level, &competition, &title]);
            }
            Detail::Title { class, level, valid_to } => {
                self.row("named", index, &[from, to, class, level, valid_to]);
            }
            Detail::Candidate { class, level, until } => {
                self.row("candidate", index, &[from, to, class, level, until]);
            }
            Detail::Renewed { title, valid_to } => {
                self.row("renewed", index, &[from, to, &state.referred.key(*title), valid_to]);
            }
            Detail::Withdrawn { title } => {
                self.row("withdrawn", index, &[from, to, &state.referred.key(*title)]);
            }
        }
    }
}
