//! `keshi shortfall`: who is short, and by how much.

use keshi_core::lang::Lang;
use keshi_proto::api;

use super::shared::at;
use crate::Ctx;
use crate::cli::ShortfallArgs;
use crate::exit::Outcome;
use crate::remote::Session;
use crate::show::json;
use crate::show::table::{Align, Table};
use crate::texts::names::{amount, count, unit};

/// Rows in one answer of the server.
const PAGE: i32 = 1000;

pub(super) async fn run(ctx: &mut Ctx<'_>, args: ShortfallArgs) -> Outcome {
    let session = Session::open(ctx).await?;
    let result = ask(ctx, &session, args).await;
    result.and(session.close().await)
}

async fn ask(ctx: &mut Ctx<'_>, session: &Session, args: ShortfallArgs) -> Outcome {
    let all = all_pages(session, args).await?;
    if ctx.globals.json {
        return json::print(&all, &mut ctx.io.stdout);
    }
    ctx.print(render(&all, ctx.lang).trim_end())
}

/// All pages as one answer.
async fn all_pages(session: &Session, args: ShortfallArgs) -> Outcome<api::ListShortfallsResponse> {
    let mut request = api::ListShortfallsRequest {
        period: args.period.map_or_else(String::new, |period| period.0.to_string()),
        at: at(&args.at),
        requirement_id: args.requirement.unwrap_or_default(),
        school_id: args.school.unwrap_or_default(),
        group: args.group.unwrap_or_default(),
        page_size: PAGE,
        page_token: String::new(),
        purpose: args.purpose.unwrap_or_default(),
        stage: args.stage.map_or(0, |stage| stage.0.code()),
        post: args.post.map_or(0, |post| post.0.code()),
    };
    let mut all = api::ListShortfallsResponse::default();
    loop {
        let answer = session.ledger().list_shortfalls(session.call(request.clone())).await;
        let page = answer.map_err(|status| session.failed(&status))?.into_inner();
        all.shortfalls.extend(page.shortfalls);
        (all.size, all.total) = (page.size, page.total);
        if page.next_page_token.is_empty() {
            return Ok(all);
        }
        request.page_token = page.next_page_token;
    }
}

fn render(all: &api::ListShortfallsResponse, lang: Lang) -> String {
    let size = count(all.size);
    let total = all.shortfalls.len();
    let head = lang.pick(
        format!("未达标 {total} 项  台账 {size} 条\n"),
        format!("{total} shortfalls  ledger of {size} entries\n"),
    );
    if all.shortfalls.is_empty() {
        return head;
    }
    let mut table = Table::new([
        (lang.pick("教师编号", "teacher id"), Align::Left),
        (lang.pick("姓名", "name"), Align::Left),
        (lang.pick("规则", "policy"), Align::Left),
        (lang.pick("编号", "id"), Align::Left),
        (lang.pick("期间", "period"), Align::Left),
        (lang.pick("已计/最低", "counted/min"), Align::Right),
        (lang.pick("差额", "missing"), Align::Right),
        (lang.pick("单位", "unit"), Align::Left),
        (lang.pick("剩余周", "weeks left"), Align::Right),
    ]);
    for shortfall in &all.shortfalls {
        let standing = shortfall.standing.clone().unwrap_or_default();
        table.row([
            shortfall.teacher_id.clone(),
            shortfall.name.clone(),
            shortfall.policy_id.clone(),
            standing.requirement_id.clone(),
            standing.period.clone(),
            format!(
                "{}/{}",
                amount(standing.counted_centiamount),
                amount(standing.min_centiamount)
            ),
            amount(standing.missing_centiamount),
            unit(&standing.unit, &standing.meter, lang),
            standing.weeks_left.to_string(),
        ]);
    }
    head + &table.render()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_shortfall_is_a_row() {
        let standing = api::Standing {
            requirement_id: "R2".into(),
            meter: "lessons_observed".into(),
            period: "2021-2022-2".into(),
            min_centiamount: 4000,
            counted_centiamount: 1200,
            missing_centiamount: 2800,
            unit: "节".into(),
            ..api::Standing::default()
        };
        let all = api::ListShortfallsResponse {
            shortfalls: vec![api::Shortfall {
                teacher_id: "T1".into(),
                name: "王芳".into(),
                policy_id: "p".into(),
                standing: Some(standing),
            }],
            size: 1200,
            ..api::ListShortfallsResponse::default()
        };
        let text = render(&all, Lang::Zh);
        assert!(text.starts_with("未达标 1 项  台账 1,200 条\n"), "{text}");
        assert!(text.contains("12/40    28  节"), "{text}");
        assert_eq!(
            render(&api::ListShortfallsResponse::default(), Lang::En),
            "0 shortfalls  ledger of 0 entries\n"
        );
    }
}
