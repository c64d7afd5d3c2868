//! The pages there are, and which roles find them in their menu. Whether she may is decided by the services.

use keshi_core::lang::Lang;
use keshi_office::access::RoleName;

use crate::visitor::Visitor;

/// A page of the menu.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// Where it is.
    pub(crate) path: &'static str,
    zh: &'static str,
    en: &'static str,
    roles: &'static [RoleName],
}

use RoleName::{Admin, Auditor, Clerk, Dev, HeadTeacher, Lead, Researcher, Reviewer, Teacher};

/// The menu, in its order.
pub(crate) const PLACES: &[Place] = &[
    place(
        "/",
        "首页",
        "Home",
        &[
            Teacher,
            Clerk,
            HeadTeacher,
            Lead,
            Researcher,
            Reviewer,
            Auditor,
            Admin,
            Dev,
        ],
    ),
    place(
        "/me",
        "我的课时",
        "My hours",
        &[Teacher, Clerk, HeadTeacher, Lead, Researcher, Reviewer],
    ),
    place(
        "/claims",
        "申报",
        "Claims",
        &[Teacher, Clerk, HeadTeacher, Lead, Researcher, Reviewer],
    ),
    place("/reviews", "待审", "Reviews", &[Clerk, HeadTeacher, Reviewer, Dev]),
    place(
        "/publicity",
        "公示",
        "Publicity",
        &[
            Teacher,
            Clerk,
            HeadTeacher,
            Lead,
            Researcher,
            Reviewer,
            Auditor,
            Admin,
            Dev,
        ],
    ),
    place(
        "/sessions",
        "点名",
        "Attendance",
        &[Clerk, HeadTeacher, Lead, Researcher, Reviewer, Admin, Dev],
    ),
    place(
        "/post",
        "补录",
        "Post",
        &[Clerk, HeadTeacher, Lead, Researcher, Reviewer, Admin, Dev],
    ),
    place(
        "/import",
        "导入",
        "Import",
        &[Clerk, HeadTeacher, Researcher, Reviewer, Admin, Dev],
    ),
    place(
        "/school",
        "学校",
        "School",
        &[Clerk, HeadTeacher, Reviewer, Auditor, Admin, Dev],
    ),
    place(
        "/teachers",
        "教师",
        "Teachers",
        &[Clerk, HeadTeacher, Researcher, Reviewer, Auditor, Admin, Dev],
    ),
    place(
        "/shortfalls",
        "差额",
        "Shortfalls",
        &[Clerk, HeadTeacher, Researcher, Reviewer, Auditor, Admin, Dev],
    ),
    place(
        "/titles",
        "称号",
        "Titles",
        &[Clerk, HeadTeacher, Researcher, Reviewer, Auditor, Admin, Dev],
    ),
    place(
        "/policies",
        "规则",
        "Policies",
        &[
            Teacher,
            Clerk,
            HeadTeacher,
            Lead,
            Researcher,
            Reviewer,
            Auditor,
            Admin,
            Dev,
        ],
    ),
    place(
        "/certificates",
        "证书",
        "Certificates",
        &[Teacher, Clerk, HeadTeacher, Researcher, Reviewer, Auditor, Admin, Dev],
    ),
    place("/year", "年度", "Year", &[Reviewer, Auditor, Admin, Dev]),
    place("/entries", "台账", "Ledger", &[Reviewer, Auditor, Admin, Dev]),
    place("/audit", "审计", "Audit", &[Auditor, Admin, Dev]),
    place("/accounts", "账号", "Accounts", &[Admin]),
    place("/operations", "运维", "Operations", &[Admin, Dev]),
];

const fn place(path: &'static str, zh: &'static str, en: &'static str, roles: &'static [RoleName]) -> Place {
    Place { path, zh, en, roles }
}

impl Place {
    /// Its name.
    pub(crate) const fn name(self, lang: Lang) -> &'static str {
        match lang {
            Lang::Zh => self.zh,
            Lang::En => self.en,
        }
    }

    /// Whether this visitor finds it in her menu: what is her own only if she has a record, and accounts only where there are
    /// any, which is not so while roles are chosen for trying out.
    pub(crate) fn is_for(self, visitor: &Visitor) -> bool {
        let has_it = match self.path {
            "/me" | "/claims" => visitor.who.role.teacher_id().is_some(),
            "/accounts" => !visitor.console.0.is_dev,
            _ => true,
        };
        has_it && self.roles.contains(&visitor.role())
    }

    /// Whether the address `here` lies in it.
    pub(crate) fn has(self, here: &str) -> bool {
        let path = here.split('?').next().unwrap_or_default();
        match self.path {
            "/" => path == "/",
            own => path == own || path.strip_prefix(own).is_some_and(|rest| rest.starts_with('/')),
        }
    }
}
