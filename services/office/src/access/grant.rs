//! The caller and her rights.

use std::sync::Arc;

use thiserror::Error;

use super::rights::{self, Right};
use super::role::{Role, RoleName};
use keshi_core::lang::{Say, say};
use keshi_core::text::normalised;

/// Who is calling. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller(Arc<Grant>);

#[derive(Debug, PartialEq, Eq)]
struct Grant {
    id: String,
    office: String,
    role: Role,
    credential: Credential,
}

/// By what a caller is let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credential {
    /// A token, which bears her id; or nothing at all, with `--dev`.
    Token,
    /// A session of her account, by the SHA-256 of its secret.
    Session([u8; 32]),
}

/// What an event to be posted is for and about, as far as the poster's side knows it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Target<'a> {
    /// The school in whose books the event is: that of the person concerned, or the one that held it.
    pub school: Option<&'a str>,
    /// The base or studio that held it.
    pub unit: Option<&'a str>,
    /// The teacher it is about: the observer of an observed lesson, the visitor of a visit, the claimant of a claim.
    pub about: Option<&'a str>,
    /// The poster of the entry that the event acts on: the claim under review, the entry to be voided.
    pub posted_by: Option<&'a str>,
    /// The subject that it is of: that of a question of ordered research.
    pub subject: Option<&'a str>,
}

/// Which questions of ordered research (订单式教研) she may read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Questions<'c> {
    /// All of them.
    All,
    /// Those of these subjects.
    OfSubjects(&'c [String]),
    /// What this school asks.
    OfSchool(&'c str),
}

impl Questions<'_> {
    /// Whether those of this subject are among them, as far as that is said by the subject.
    pub fn have(self, subject: &str) -> bool {
        match self {
            Self::All | Self::OfSchool(_) => true,
            Self::OfSubjects(subjects) => is_among(subjects, subject),
        }
    }
}

/// Subjects alike after normalisation are one.
fn is_among(subjects: &[String], subject: &str) -> bool {
    subjects.iter().any(|own| normalised(own) == normalised(subject))
}

/// Whose balance is to be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Whose<'a> {
    /// The teacher.
    pub teacher_id: &'a str,
    /// The schools she is assigned to, on any date the answer covers.
    pub schools: &'a [&'a str],
    /// Her subject.
    pub subject: Option<&'a str>,
    /// The district groups of her schools.
    pub groups: &'a [&'a str],
}

/// What a permitted read asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Nothing: she reads herself.
    Nothing,
    /// It must be written to the read log.
    Record,
}

/// A right that the caller does not have.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{reason}; {remedy}")]
pub struct Denied {
    /// What she may not do.
    pub reason: Say,
    /// Who may, or what to change.
    pub remedy: Say,
}

// === impl Caller ===

impl Caller {
    /// A caller with the id of her token, her office and her role.
    pub(super) fn new(id: String, office: String, role: Role) -> Self {
        Self::by(Credential::Token, id, office, role)
    }

    /// One who signed in: a caller with the id of her account.
    pub(crate) fn of_session(session: [u8; 32], id: String, office: String, role: Role) -> Self {
        Self::by(Credential::Session(session), id, office, role)
    }

    fn by(credential: Credential, id: String, office: String, role: Role) -> Self {
        Self(Arc::new(Grant {
            id,
            office,
            role,
            credential,
        }))
    }

    /// The one caller of `--dev`, who may do everything in `office`. Her postings carry the id `dev`.
    pub fn dev(office: &str) -> Self {
        Self::dev_as(office, Role::Dev)
    }

    /// The caller of `--dev` in a role that was chosen for trying out.
    pub fn dev_as(office: &str, role: Role) -> Self {
        Self::new("dev".to_owned(), office.to_owned(), role)
    }

    /// As the write side tells the ledger of her, whom it has let in.
    pub fn told(poster_id: &str, office: &str, role: Role) -> Self {
        Self::new(poster_id.to_owned(), office.to_owned(), role)
    }

    /// By what she was let in.
    pub fn credential(&self) -> &Credential {
        &self.0.credential
    }

    /// The id that stands in the ledger beside what she posts: the id of her token or account.
    pub fn poster_id(&self) -> &str {
        &self.0.id
    }

    /// What she is, and for whom.
    pub fn role(&self) -> &Role {
        &self.0.role
    }

    /// The office her token is bound to.
    pub fn office(&self) -> &str {
        &self.0.office
    }

    /// Her own teacher record, where she has one.
    pub fn teacher_id(&self) -> Option<&str> {
        self.0.role.teacher_id()
    }

    /// Checks that her token is bound to `office`, and that there is anything behind the door for her role: a registry
    /// reader checks certificates and nothing else, which no service offers yet.
    ///
    /// # Errors
    ///
    /// [`Denied`] if it is bound to another, or there is nothing for her.
    pub fn may_enter(&self, office: &str) -> Result<(), Denied> {
        if self.office() == office {
            return match self.0.role {
                Role::RegistryReader => Err(denied(
                    "证书核验人只能核验证书",
                    "a registry reader checks certificates and nothing else",
                    "如需查询，请系统管理员另发令牌",
                    "to ask for more, let the admin make another token",
                )),
                _ => Ok(()),
            };
        }
        Err(denied(
            format!("此令牌只用于机构 {}，不能用于 {office}", self.office()),
            format!("this token is for office {}, not for {office}", self.office()),
            "请用 --office 选对机构，或向该机构申请令牌",
            "choose the office with --office, or ask that office for a token",
        ))
    }

    /// Checks that she may post an event of `kind` (in `snake_case`) for `target`. The rights are in [`rights::TABLE`].
    ///
    /// # Errors
    ///
    /// [`Denied`] if her role has no such right, it does not reach that far, or she would review herself.
    pub fn may_post(&self, kind: &str, target: Target<'_>) -> Result<(), Denied> {
        let Some(row) = rights::find(kind) else {
            return Err(denied(
                format!("没有“{kind}”这类事件"),
                format!("there is no kind of event `{kind}`"),
                "请核对种类名称；若程序版本不同，请升级",
                "check the name of the kind; if the programs differ in version, upgrade",
            ));
        };
        let role = self.0.role.name();
        let me = self.teacher_id();
        match row.right(role) {
            Right::No => Err(not_for_role(role, row)),
            _ if role == RoleName::Reviewer && target.about.is_some() && target.about == me => Err(about_herself()),
            Right::School if target.school.is_none() || target.school != self.0.role.school() => {
                Err(other_school(self.0.role.school(), target.school))
            }
            Right::Unit if !target.unit.is_some_and(|unit| self.leads(unit)) => Err(other_unit(target.unit)),
            Right::Subject if !target.subject.is_some_and(|subject| self.looks_after(subject)) => {
                Err(other_subject(target.subject))
            }
            Right::Herself if target.about.is_none() || target.about != me => Err(not_herself(kind)),
            Right::Posted if target.posted_by != Some(self.poster_id()) => Err(not_her_entry(kind)),
            _ if role != RoleName::Dev && rights::REVIEWS.contains(&kind) => self.may_review(target),
            _ => Ok(()),
        }
    }

    /// Nobody reviews an entry she posted, or one about herself.
    fn may_review(&self, target: Target<'_>) -> Result<(), Denied> {
        let about_herself = target.about.is_some() && target.about == self.teacher_id();
        let (zh, en) = if about_herself {
            ("不能审核与本人有关的申报", "you may not review a claim about yourself")
        } else if target.posted_by == Some(self.poster_id()) {
            ("不能审核自己填报的记录", "you may not review an entry that you posted")
        } else {
            return Ok(());
        };
        Err(denied(zh, en, "请由另一位审核人办理", "let another reviewer decide it"))
    }

    /// Checks that she may read the balance, tier and entries of one teacher, and says whether the read is to be logged.
    ///
    /// # Errors
    ///
    /// [`Denied`] if the teacher is neither herself nor within her scope.
    pub fn may_read_teacher(&self, whose: &Whose<'_>) -> Result<Need, Denied> {
        if self.teacher_id() == Some(whose.teacher_id) {
            return Ok(Need::Nothing);
        }
        let within = match &self.0.role {
            Role::Reviewer { .. } | Role::Auditor | Role::Admin | Role::Dev => true,
            Role::Clerk { school, .. } | Role::HeadTeacher { school, .. } => whose.schools.contains(&school.as_str()),
            Role::Researcher { subjects, groups, .. } => {
                let same_subject = |hers: &str| is_among(subjects, hers);
                whose.subject.is_some_and(same_subject) || groups.iter().any(|group| whose.groups.contains(&&**group))
            }
            Role::Teacher { .. } | Role::Lead { .. } | Role::RegistryReader => false,
        };
        if within {
            Ok(Need::Record)
        } else {
            Err(self.not_her_teacher(whose.teacher_id))
        }
    }

    /// Checks that she may read everything of the office, such as the whole log or the county's shortfalls.
    ///
    /// # Errors
    ///
    /// [`Denied`] for roles that read a part only.
    pub fn may_read_all(&self) -> Result<(), Denied> {
        use RoleName::{Admin, Auditor, Dev, Reviewer};
        self.only(
            &[Reviewer, Auditor, Admin, Dev],
            "查看全部数据",
            "read the whole office's data",
        )
    }

    /// Checks that she may read the sessions of the whole county: whoever may post who was there, and who reads everything.
    ///
    /// # Errors
    ///
    /// [`Denied`] if not.
    pub fn may_read_sessions(&self) -> Result<(), Denied> {
        let posts = rights::find("attendance_recorded")
            .into_iter()
            .flat_map(rights::Row::roles);
        let roles: Vec<RoleName> = posts.chain([RoleName::Auditor, RoleName::Dev]).collect();
        self.only(&roles, "查看场次", "read sessions")
    }

    /// Checks that she may read questions of ordered research, of `subject` and of `school` where these are asked for, and says
    /// which she may read: a school what it asks, a researcher those of her subjects.
    ///
    /// # Errors
    ///
    /// [`Denied`] for roles that neither ask nor answer, and for another school or subject than her own.
    pub fn may_read_questions(&self, subject: Option<&str>, school: Option<&str>) -> Result<Questions<'_>, Denied> {
        use RoleName::{Admin, Auditor, Clerk, Dev, HeadTeacher, Researcher, Reviewer};
        self.only(
            &[Clerk, HeadTeacher, Researcher, Reviewer, Auditor, Admin, Dev],
            "查看教研需求",
            "read questions of ordered research",
        )?;
        match &self.0.role {
            Role::Clerk { school: own, .. } | Role::HeadTeacher { school: own, .. } => match school {
                Some(asked) if asked != own => Err(other_school_read(own, asked)),
                _ => Ok(Questions::OfSchool(own)),
            },
            Role::Researcher { subjects, .. } => match subject {
                Some(asked) if !is_among(subjects, asked) => Err(other_subject(Some(asked))),
                None if subjects.is_empty() => Err(other_subject(None)),
                _ => Ok(Questions::OfSubjects(subjects)),
            },
            _ => Ok(Questions::All),
        }
    }

    /// Checks that she may read inspections, of `school` where one is asked for, and says of which school alone: of her own, if she
    /// is bound to one.
    ///
    /// # Errors
    ///
    /// [`Denied`] for teachers and leads, and for another school than her own.
    pub fn may_read_inspections(&self, school: Option<&str>) -> Result<Option<&str>, Denied> {
        use RoleName::{Admin, Auditor, Clerk, Dev, HeadTeacher, Researcher, Reviewer};
        self.only(
            &[Clerk, HeadTeacher, Researcher, Reviewer, Auditor, Admin, Dev],
            "查看教学视导",
            "read inspections",
        )?;
        match (self.0.role.school(), school) {
            (Some(own), Some(asked)) if own != asked => Err(other_school_read(own, asked)),
            (own, _) => Ok(own),
        }
    }

    /// Checks that she may write and resolve identities in the people register: of `school`, or of anyone with `None`.
    ///
    /// # Errors
    ///
    /// [`Denied`] for other schools than her own, and for roles that do not keep the register.
    pub fn may_manage_people(&self, school: Option<&str>) -> Result<(), Denied> {
        use RoleName::{Admin, Clerk, Dev, HeadTeacher, Reviewer};
        self.only(
            &[Clerk, HeadTeacher, Reviewer, Admin, Dev],
            "维护人员信息",
            "keep the people register",
        )?;
        match self.0.role.school() {
            Some(own) if school != Some(own) => Err(other_school(Some(own), school)),
            _ => Ok(()),
        }
    }

    /// Checks that she may ask who somebody is whom she posts about, by name or document. How much of the office she is told
    /// of is decided where the question is answered: a school of its own, whoever leads or researches of whom she may read.
    ///
    /// # Errors
    ///
    /// [`Denied`] for roles that post about nobody.
    pub fn may_look_people_up(&self) -> Result<(), Denied> {
        use RoleName::{Admin, Clerk, Dev, HeadTeacher, Lead, Researcher, Reviewer};
        self.only(
            &[Clerk, HeadTeacher, Lead, Researcher, Reviewer, Admin, Dev],
            "按姓名或证件查找人员",
            "look people up by name or document",
        )
    }

    /// Checks that she may adopt policies, calendars and report definitions.
    ///
    /// # Errors
    ///
    /// [`Denied`] if not.
    pub fn may_adopt_policy(&self) -> Result<(), Denied> {
        self.may_post("policy_adopted", Target::default())
    }

    /// Checks that she may audit: checkpoints, proofs, bundles, replay.
    ///
    /// # Errors
    ///
    /// [`Denied`] if not.
    pub fn may_audit(&self) -> Result<(), Denied> {
        use RoleName::{Admin, Auditor, Dev};
        self.only(&[Auditor, Admin, Dev], "审计台账", "audit the ledger")
    }

    /// Checks that she may manage accounts: make, change, reset and close them.
    ///
    /// # Errors
    ///
    /// [`Denied`] if not.
    pub fn may_manage_accounts(&self) -> Result<(), Denied> {
        use RoleName::{Admin, Dev};
        self.only(&[Admin, Dev], "管理账号", "manage accounts")
    }

    /// Checks that she may see which accounts there are, what was changed about them, and who signed in.
    ///
    /// # Errors
    ///
    /// [`Denied`] if not. Her own account everybody may see.
    pub fn may_see_accounts(&self) -> Result<(), Denied> {
        use RoleName::{Admin, Auditor, Dev};
        self.only(&[Auditor, Admin, Dev], "查看他人账号", "see the accounts of others")
    }

    /// Checks that she may operate the service: see how it does, and make backups.
    ///
    /// # Errors
    ///
    /// [`Denied`] if not.
    pub fn may_operate(&self) -> Result<(), Denied> {
        use RoleName::{Admin, Dev};
        self.only(&[Admin, Dev], "运维此服务", "operate this service")
    }

    fn looks_after(&self, subject: &str) -> bool {
        matches!(&self.0.role, Role::Researcher { subjects, .. } if is_among(subjects, subject))
    }

    fn leads(&self, unit: &str) -> bool {
        matches!(&self.0.role, Role::Lead { bases, studios, .. } if bases.iter().chain(studios).any(|own| own == unit))
    }

    fn only(&self, roles: &[RoleName], zh: &str, en: &str) -> Result<(), Denied> {
        let role = self.0.role.name();
        if roles.contains(&role) {
            return Ok(());
        }
        let (who_zh, who_en) = list(roles.iter().copied().filter(|role| *role != RoleName::Dev));
        Err(denied(
            format!("{}不能{zh}", role.zh()),
            format!("a {} may not {en}", role.en()),
            format!("请交由{who_zh}办理"),
            format!("ask one of: {who_en}"),
        ))
    }

    fn not_her_teacher(&self, teacher_id: &str) -> Denied {
        let (zh, en) = match self.0.role.name() {
            RoleName::Teacher | RoleName::Lead => ("只能查看本人", "you may read yourself only"),
            RoleName::Clerk | RoleName::HeadTeacher => {
                ("只能查看本校教师", "you may read your own school's teachers only")
            }
            RoleName::Researcher => (
                "只能查看本学科或本片区教师",
                "you may read teachers of your own subject or group only",
            ),
            _ => ("不能查看教师数据", "you may not read teachers' data"),
        };
        denied(
            format!("{zh}，{teacher_id} 不在范围内"),
            format!("{en}, {teacher_id} is not among them"),
            "如范围有误，请系统管理员更改令牌",
            "if the scope of your token is wrong, ask the admin for another",
        )
    }
}

// === the texts of refusals ===

fn not_for_role(role: RoleName, row: &rights::Row) -> Denied {
    let (zh, en) = list(row.roles());
    denied(
        format!("{}不能填报“{}”", role.zh(), row.kind),
        format!("a {} may not post `{}`", role.en(), row.kind),
        format!("请交由{zh}填报"),
        format!("ask one of: {en}"),
    )
}

fn other_school(own: Option<&str>, given: Option<&str>) -> Denied {
    let own = own.unwrap_or("-");
    match given {
        Some(given) => denied(
            format!("只能填报本校（{own}），这一条属于 {given}"),
            format!("you act for your own school ({own}) only, this is for {given}"),
            "请由该校管理员填报，或交由县级审核员",
            "let that school's clerk do it, or a county reviewer",
        ),
        None => denied(
            format!("只能填报本校（{own}），这一条没有写明学校"),
            format!("you act for your own school ({own}) only, this names no school"),
            "请写明学校，或交由县级审核员",
            "name the school, or ask a county reviewer",
        ),
    }
}

fn other_unit(given: Option<&str>) -> Denied {
    let given = given.unwrap_or("-");
    denied(
        format!("只能填报本人负责的基地或工作室，这一条属于 {given}"),
        format!("you post for the bases and studios you lead only, this is for {given}"),
        "请写明基地或工作室，或交由县级审核员",
        "name the base or studio, or ask a county reviewer",
    )
}

fn other_school_read(own: &str, asked: &str) -> Denied {
    denied(
        format!("只能查看本校（{own}）的，不能查看 {asked} 的"),
        format!("you may read of your own school ({own}) only, not of {asked}"),
        "学校留空，或请教研员或县级审核员查看",
        "leave the school out, or ask a researcher or a county reviewer",
    )
}

fn other_subject(given: Option<&str>) -> Denied {
    let given = given.unwrap_or("-");
    denied(
        format!("只能办理和查看本人学科的教研需求，{given} 不在范围内"),
        format!("you act on and read questions of your own subjects only, {given} is not among them"),
        "请由该学科教研员或县级审核员办理；如范围有误，请系统管理员更改账号或令牌",
        "let that subject's researcher or a county reviewer do it; if your scope is wrong, ask the admin to change it",
    )
}

fn not_herself(kind: &str) -> Denied {
    if matches!(kind, "inspection_held" | "finding_made" | "finding_checked") {
        return denied(
            "只能登记和复查本人参加的视导",
            "you post and look again at inspections that you carry out yourself only",
            "请由参加视导的教研员或县级审核员登记",
            "let a researcher who inspected do it, or a county reviewer",
        );
    }
    denied(
        format!("“{kind}”只能填报本人的"),
        format!("you may post `{kind}` about yourself only"),
        "请由本人填报，或交由县级审核员",
        "let the person concerned post it, or a county reviewer",
    )
}

fn about_herself() -> Denied {
    denied(
        "不能填报、减免或作废与本人有关的记录",
        "you may not post, exempt or void anything about yourself",
        "请由另一位县级审核员办理",
        "let another county reviewer do it",
    )
}

fn not_her_entry(kind: &str) -> Denied {
    if kind == "attendance_recorded" {
        return denied(
            "只能填报本人所提交场次的出勤",
            "you may post attendance only at sessions that you posted",
            "请先提交场次，或由其举办方、教师所在学校或县级审核员填报",
            "post the session first, or let its host, the teacher's school or a county reviewer post it",
        );
    }
    denied(
        "只能作废或更正自己填报的记录",
        "you may void or amend only what you posted",
        "请交由县级审核员办理",
        "ask a county reviewer",
    )
}

fn list(roles: impl Iterator<Item = RoleName>) -> (String, String) {
    let (zh, en): (Vec<_>, Vec<_>) = roles.map(|role| (role.zh(), role.en())).unzip();
    (zh.join("、"), en.join(", "))
}

fn denied(
    reason_zh: impl Into<String>,
    reason_en: impl Into<String>,
    remedy_zh: impl Into<String>,
    remedy_en: impl Into<String>,
) -> Denied {
    Denied {
        reason: say(reason_zh, reason_en),
        remedy: say(remedy_zh, remedy_en),
    }
}

#[cfg(test)]
#[path = "grant_tests.rs"]
mod tests;
