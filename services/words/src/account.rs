//! Accounts, who signed in, and what was changed, for people; and the slip that hands an account to its holder.

use keshi_core::lang::Lang;
use keshi_core::time::Millis;
use keshi_office::access::RoleName;
use keshi_proto::api;
use maud::{Markup, html};

use crate::time::moment;

/// The columns of a list of accounts, in Chinese and English.
pub const ACCOUNTS: [(&str, &str); 7] = [
    ("账号", "account"),
    ("身份", "role"),
    ("范围", "scope"),
    ("状态", "state"),
    ("自（北京）", "since (Beijing)"),
    ("建账号者", "made by"),
    ("备注", "note"),
];

/// An account, under [`ACCOUNTS`].
pub fn account_cells(account: &api::Account, lang: Lang) -> [String; 7] {
    let (state, since) = state(account, lang);
    [
        account.id.clone(),
        role(&account.role, lang),
        scope(account.scope.as_ref(), lang),
        state.to_owned(),
        since.map_or_else(String::new, moment),
        account.created_by.clone(),
        account.note.clone(),
    ]
}

/// In which state an account is, and since when.
fn state(account: &api::Account, lang: Lang) -> (&'static str, Option<&prost_types::Timestamp>) {
    match account.state() {
        api::AccountState::MustSetPassword => (lang.pick("待设密码", "to set password"), account.created_at.as_ref()),
        api::AccountState::Active => (lang.pick("正常", "active"), account.password_set_at.as_ref()),
        api::AccountState::Closed => (lang.pick("已停用", "closed"), account.closed_at.as_ref()),
        api::AccountState::Unspecified => ("-", None),
    }
}

/// A role by its name in the API.
pub fn role(name: &str, lang: Lang) -> String {
    match name.parse::<RoleName>() {
        Ok(role) => lang.pick(role.zh(), role.as_str()).to_owned(),
        Err(_) => name.to_owned(),
    }
}

/// For whom, in one line.
pub fn scope(scope: Option<&api::AccountScope>, lang: Lang) -> String {
    let Some(scope) = scope else { return String::new() };
    let one = [&scope.school_id, &scope.teacher_id].into_iter();
    let lists = [&scope.base_ids, &scope.studio_ids, &scope.subjects, &scope.group_ids];
    let all = one.chain(lists.into_iter().flatten());
    let all: Vec<&str> = all.map(String::as_str).filter(|part| !part.is_empty()).collect();
    all.join(lang.pick("、", ", "))
}

/// The columns of who signed in.
pub const SIGN_INS: [(&str, &str); 5] = [
    ("时间（北京）", "time (Beijing)"),
    ("账号", "account"),
    ("结果", "result"),
    ("地址", "address"),
    ("次数", "times"),
];

/// Who signed in, or failed to, under [`SIGN_INS`].
pub fn sign_in_cells(line: &api::SignIn, lang: Lang) -> [String; 5] {
    let or = |text: &str, none: &str| if text.is_empty() { none } else { text }.to_owned();
    let result = if line.is_success {
        lang.pick("登录", "signed in")
    } else {
        lang.pick("未通过", "failed")
    };
    [
        line.at.as_ref().map_or_else(String::new, moment),
        or(
            &line.account,
            lang.pick("（多个或不存在）", "(several, or none that is)"),
        ),
        result.to_owned(),
        or(&line.address, lang.pick("（多处）", "(several)")),
        line.count.to_string(),
    ]
}

/// The columns of what was changed about accounts.
pub const CHANGES: [(&str, &str); 6] = [
    ("时间（北京）", "time (Beijing)"),
    ("办理者", "by"),
    ("账号", "account"),
    ("变更", "what"),
    ("原身份和范围", "was"),
    ("身份和范围", "is"),
];

/// What was changed about an account, under [`CHANGES`].
pub fn change_cells(change: &api::AccountChange, lang: Lang) -> [String; 6] {
    let rights = |name: &str, of: Option<&api::AccountScope>| {
        let text = format!("{} {}", role(name, lang), scope(of, lang));
        text.trim().to_owned()
    };
    [
        change.at.as_ref().map_or_else(String::new, moment),
        change.by.clone(),
        change.account.clone(),
        what(&change.what, lang).to_owned(),
        rights(&change.role_before, change.scope_before.as_ref()),
        rights(&change.role, change.scope.as_ref()),
    ]
}

/// What became of an account.
fn what(word: &str, lang: Lang) -> &str {
    let (zh, en) = match word {
        "created" => ("新建", "created"),
        "rights_changed" => ("改权限", "rights changed"),
        "reset" => ("重置密码", "reset"),
        "password_set" => ("设密码", "password set"),
        "second_factor_set" => ("启用动态口令", "second factor set"),
        "second_factor_removed" => ("停用动态口令", "second factor removed"),
        "closed" => ("停用", "closed"),
        other => (other, other),
    };
    lang.pick(zh, en)
}

/// An account that was made or reset, and whose it is, as far as is known.
#[derive(Clone, Debug, Default)]
pub struct Handed {
    /// The account with its one-time code.
    pub made: api::AccountWithCode,
    /// Its holder's name; may be empty.
    pub name: String,
    /// The name of her school; may be empty.
    pub school: String,
}

/// The slip of paper that hands an account to its holder, who signs in at `url`. On paper it is Chinese, as all that Keshi prints.
pub fn slip(handed: &Handed, url: Option<&str>) -> Markup {
    let account = handed.made.account.clone().unwrap_or_default();
    let until = last_day(&account);
    html! {
        section {
            h2 { "课时账号" @if !handed.school.is_empty() { "　" (handed.school) } }
            dl {
                @if !handed.name.is_empty() { dt { "姓名" } dd { (handed.name) } }
                dt { "账号" } dd.code { (account.id) }
                dt { "一次性代码" } dd.code { (handed.made.code) }
                dt { "网址" } dd { (url.unwrap_or("＿＿＿＿＿＿＿＿＿＿＿＿")) }
                @if !until.is_empty() { dt { "有效至" } dd { (until) } }
            }
            p { "首次登录：填账号，密码处填一次性代码，再设自己的密码（至少 10 个字符）。代码只能用一次，请勿转交他人。" }
        }
    }
}

/// The last whole day on which the code is good.
fn last_day(account: &api::Account) -> String {
    let expires = account.code_expires_at.as_ref().map(|at| Millis(at.seconds * 1_000));
    let day = expires.and_then(|at| at.local_date().yesterday().ok());
    day.map_or_else(String::new, |day| day.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: Option<prost_types::Timestamp> = Some(prost_types::Timestamp {
        seconds: 1_646_409_600,
        nanos: 0,
    });

    #[test]
    fn a_list_says_who_is_what_for_whom_and_in_which_state() {
        let mut clerk = api::Account {
            id: "clerk-1".into(),
            role: "clerk".into(),
            scope: Some(api::AccountScope {
                school_id: "S1".into(),
                ..api::AccountScope::default()
            }),
            created_by: "admin".into(),
            password_set_at: AT,
            ..api::Account::default()
        };
        clerk.set_state(api::AccountState::Active);
        let cells = account_cells(&clerk, Lang::Zh);
        assert_eq!(
            cells,
            ["clerk-1", "学校管理员", "S1", "正常", "2022-03-05 00:00", "admin", ""]
        );
    }

    #[test]
    fn what_was_only_counted_is_told_with_its_number() {
        let counted = api::SignIn {
            at: AT,
            count: 99,
            ..api::SignIn::default()
        };
        let cells = sign_in_cells(&counted, Lang::En);
        assert_eq!(cells[1..], ["(several, or none that is)", "failed", "(several)", "99"]);
    }

    #[test]
    fn a_slip_says_until_which_whole_day_its_code_is_good() {
        let handed = Handed {
            made: api::AccountWithCode {
                account: Some(api::Account {
                    id: "lb-0001".into(),
                    // 2022-09-15 08:00 in China.
                    code_expires_at: Some(prost_types::Timestamp {
                        seconds: 1_663_200_000,
                        nanos: 0,
                    }),
                    ..api::Account::default()
                }),
                code: "abcd-efgh-2345-6789".into(),
            },
            name: "教师甲".into(),
            school: "柳坝 <小学>".into(),
        };
        let text = slip(&handed, Some("https://keshi.example/")).into_string();
        for part in [
            "柳坝 &lt;小学&gt;",
            "<dd>2022-09-14</dd>",
            "https://keshi.example/",
            "abcd-efgh",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }
}
