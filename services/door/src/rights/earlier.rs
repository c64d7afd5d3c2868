//! What came earlier on the same stream, which the ledger may not have recorded yet when the next submission is looked at.

use std::collections::{HashMap, HashSet};

use keshi_core::codes::Level;
use keshi_core::event::{FindingMade, InspectionHeld, ProjectOpened, SessionHeld};
use keshi_core::ids::{FindingId, InspectionId, ProjectId, SessionId, TeacherId};

use super::is_schools;

/// Most sessions, projects, inspections and findings remembered of one stream: more than a county holds in a year. Beyond, it begins anew, and
/// what acts on those before waits for the ledger.
const EARLIER_MAX: usize = 50_000;

/// What others act on and a caller was found to be allowed to post. It counts only as long as the ledger knows nothing
/// of them.
#[derive(Debug, Default)]
pub struct Earlier {
    sessions: HashMap<SessionId, Session>,
    /// Those of levels that a school opens.
    projects: HashSet<ProjectId>,
    /// With who inspected.
    inspections: HashMap<InspectionId, Vec<TeacherId>>,
    /// Of which inspections they are.
    findings: HashMap<FindingId, InspectionId>,
}

#[derive(Debug)]
struct Session {
    base: Option<String>,
    project: ProjectId,
}

impl Earlier {
    pub(super) fn hold(&mut self, session: &SessionHeld) {
        let (base, project) = (session.base.map(|base| base.to_string()), session.project_id);
        self.sessions.insert(session.session_id, Session { base, project });
    }

    pub(super) fn open(&mut self, project: &ProjectOpened) {
        let level: Level = project.level;
        if is_schools(level.code()) {
            self.projects.insert(project.project_id);
        }
    }

    pub(super) fn inspect(&mut self, inspection: &InspectionHeld) {
        let inspectors = inspection.inspector_ids.clone();
        self.inspections.insert(inspection.inspection_id, inspectors);
    }

    pub(super) fn find(&mut self, finding: &FindingMade) {
        self.findings.insert(finding.finding_id, finding.inspection_id);
    }

    /// Who inspected.
    pub(super) fn inspectors(&self, inspection: InspectionId) -> Option<&[TeacherId]> {
        self.inspections.get(&inspection).map(Vec::as_slice)
    }

    /// Who carried out the inspection that the finding is of.
    pub(super) fn inspectors_of(&self, finding: FindingId) -> Option<&[TeacherId]> {
        self.inspectors(*self.findings.get(&finding)?)
    }

    pub(super) fn has(&self, session: SessionId) -> bool {
        self.sessions.contains_key(&session)
    }

    /// The base that holds the session.
    pub(super) fn base(&self, session: SessionId) -> Option<&str> {
        self.sessions.get(&session)?.base.as_deref()
    }

    /// The project of the session.
    pub(super) fn project(&self, session: SessionId) -> Option<ProjectId> {
        Some(self.sessions.get(&session)?.project)
    }

    /// Whether the project came here, and is one of those that schools open.
    pub(super) fn is_schools(&self, project: ProjectId) -> bool {
        self.projects.contains(&project)
    }

    /// Adds what came now.
    pub(super) fn add(&mut self, now: Self) {
        let remembered = self.sessions.len() + self.projects.len() + self.inspections.len() + self.findings.len();
        if remembered > EARLIER_MAX {
            *self = Self::default();
        }
        self.sessions.extend(now.sessions);
        self.projects.extend(now.projects);
        self.inspections.extend(now.inspections);
        self.findings.extend(now.findings);
    }
}
