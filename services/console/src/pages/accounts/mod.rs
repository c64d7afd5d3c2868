//! Accounts: making them singly or for a whole school, changing what they may, slips with one-time codes, and who did what.

mod create;
mod list;
mod slips;

use axum::Router;
use axum::routing::{get, post};
use keshi_office::access::RoleName;
use keshi_proto::api;
use maud::{Markup, html};
use serde::Deserialize;

use crate::Console;
use crate::form::{choice, field};
use crate::visitor::Visitor;

pub(super) fn router() -> Router<Console> {
    Router::new()
        .route("/accounts", get(list::show))
        .route("/accounts/new", get(create::show).post(create::one))
        .route("/accounts/school", post(create::school))
        .route("/accounts/{id}", get(list::one))
        .route("/accounts/{id}/change", post(list::change))
        .route("/accounts/{id}/reset", post(list::reset))
        .route("/accounts/{id}/close", post(list::close))
        .route("/signins", get(list::sign_ins))
}

/// A role and for whom, as a form has them.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct Rights {
    role: String,
    school: String,
    teacher: String,
    subjects: String,
    groups: String,
    bases: String,
    studios: String,
}

impl Rights {
    fn of(account: &api::Account) -> Self {
        let scope = account.scope.clone().unwrap_or_default();
        Self {
            role: account.role.clone(),
            school: scope.school_id,
            teacher: scope.teacher_id,
            subjects: scope.subjects.join("、"),
            groups: scope.group_ids.join("、"),
            bases: scope.base_ids.join("、"),
            studios: scope.studio_ids.join("、"),
        }
    }

    fn scope(&self) -> api::AccountScope {
        let list = |text: &str| {
            let parts = text.split(['、', ',', '，', ';', '；']).map(str::trim);
            parts.filter(|part| !part.is_empty()).map(ToOwned::to_owned).collect()
        };
        api::AccountScope {
            school_id: self.school.trim().to_owned(),
            teacher_id: self.teacher.trim().to_owned(),
            subjects: list(&self.subjects),
            group_ids: list(&self.groups),
            base_ids: list(&self.bases),
            studio_ids: list(&self.studios),
        }
    }

    fn fields(&self, visitor: &Visitor) -> Markup {
        let lang = visitor.lang;
        let roles: Vec<_> = RoleName::GRANTED
            .into_iter()
            .map(|role| (role.as_str().to_owned(), lang.pick(role.zh(), role.en()).to_owned()))
            .collect();
        let chosen = if self.role.is_empty() { "teacher" } else { &self.role };
        let line = |zh, en, name: &str, value: &str| {
            field(
                lang.pick(zh, en),
                &html! { input name=(name) value=(value) maxlength="200"; },
            )
        };
        html! {
            (field(lang.pick("身份", "role"), &choice("role", &roles, chosen)))
            (line("学校编号（学校管理员、校长必填）", "school id (a clerk and a head teacher need it)", "school", &self.school))
            (line("本人教师编号（教师、教研员必填）", "her own teacher id (a teacher and a researcher need it)", "teacher", &self.teacher))
            (line("学科（教研员，用顿号分开）", "subjects (researcher, with commas between)", "subjects", &self.subjects))
            (line("片区编号（教研员）", "group ids (researcher)", "groups", &self.groups))
            (line("基地编号（基地负责人）", "base ids (lead)", "bases", &self.bases))
            (line("工作室编号（主持人）", "studio ids (lead)", "studios", &self.studios))
        }
    }
}
