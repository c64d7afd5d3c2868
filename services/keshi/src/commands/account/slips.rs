//! Slips of paper with an account and its one-time code: a page to print and cut.

use keshi_core::time::Millis;
use keshi_proto::api;
use maud::{DOCTYPE, PreEscaped, html};

use super::Handed;

/// A slip. On paper it is Chinese, as all that Keshi prints.
pub(super) struct Slip<'a> {
    id: &'a str,
    code: &'a str,
    name: &'a str,
    school: &'a str,
    until: String,
}

/// Two columns of slips with lines to cut along; no slip goes over the edge of a page.
const STYLE: &str = "@page{size:A4;margin:10mm}\
*{box-sizing:border-box}\
body{margin:0;font:11pt/1.5 'Noto Sans CJK SC','Source Han Sans SC','Microsoft YaHei','SimSun',sans-serif;color:#000}\
main{display:grid;grid-template-columns:1fr 1fr}\
section{border:1px dashed #777;margin:-1px 0 0 -1px;padding:5mm;min-height:58mm;break-inside:avoid}\
h1{font-size:12pt;margin:0 0 2mm}\
dl{display:grid;grid-template-columns:auto 1fr;gap:0 3mm;margin:0}\
dt{color:#444}dd{margin:0;overflow-wrap:anywhere}\
.code{font:bold 14pt/1.4 'DejaVu Sans Mono','Consolas',monospace}\
p{margin:2mm 0 0;font-size:9pt}";

impl<'a> Slip<'a> {
    /// The slip of an account that was made or reset.
    pub(super) fn of(handed: &'a Handed) -> Option<Self> {
        let Handed { made, name, school } = handed;
        let account = made.account.as_ref()?;
        Some(Self {
            id: &account.id,
            code: &made.code,
            name,
            school,
            until: last_day(account),
        })
    }
}

/// The last whole day on which the code is good.
fn last_day(account: &api::Account) -> String {
    let expires = account.code_expires_at.as_ref().map(|at| Millis(at.seconds * 1_000));
    let day = expires.and_then(|at| at.local_date().yesterday().ok());
    day.map_or_else(String::new, |day| day.to_string())
}

/// The page.
pub(super) fn page(slips: &[Slip<'_>], url: Option<&str>) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="zh-CN" {
            head {
                meta charset="utf-8";
                title { "课时账号" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                main {
                    @for slip in slips {
                        section {
                            h1 { "课时账号" @if !slip.school.is_empty() { "　" (slip.school) } }
                            dl {
                                @if !slip.name.is_empty() { dt { "姓名" } dd { (slip.name) } }
                                dt { "账号" } dd.code { (slip.id) }
                                dt { "一次性代码" } dd.code { (slip.code) }
                                dt { "网址" } dd { (url.unwrap_or("＿＿＿＿＿＿＿＿＿＿＿＿")) }
                                @if !slip.until.is_empty() { dt { "有效至" } dd { (slip.until) } }
                            }
                            p { "首次登录：填账号，密码处填一次性代码，再设自己的密码（至少 10 个字符）。代码只能用一次，请勿转交他人。" }
                        }
                    }
                }
            }
        }
    };
    page.into_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_a_slip_for_each_and_takes_nothing_from_elsewhere() {
        let handed = |id: &str, name: &str| Handed {
            made: api::AccountWithCode {
                account: Some(api::Account {
                    id: id.into(),
                    code_expires_at: Some(prost_types::Timestamp {
                        // 2022-09-15 08:00 in China.
                        seconds: 1_663_200_000,
                        nanos: 0,
                    }),
                    ..api::Account::default()
                }),
                code: "abcd-efgh-2345-6789".into(),
            },
            name: name.into(),
            school: "柳坝 <小学>".into(),
        };
        let handed = [handed("lb-0001", "教师甲"), handed("lb-0002", "")];
        let slips: Vec<Slip<'_>> = handed.iter().filter_map(Slip::of).collect();
        let page = page(&slips, Some("https://keshi.example/"));
        assert_eq!(page.matches("<section>").count(), 2);
        assert_eq!(page.matches("<dt>姓名</dt>").count(), 1);
        assert!(
            page.contains("柳坝 &lt;小学&gt;") && page.contains("<dd>2022-09-14</dd>"),
            "{page}"
        );
        assert!(page.contains("https://keshi.example/") && page.contains("abcd-efgh-2345-6789"));
        for elsewhere in ["<link", "<script", "src=", "url("] {
            assert!(!page.contains(elsewhere), "{elsewhere}");
        }
    }
}
