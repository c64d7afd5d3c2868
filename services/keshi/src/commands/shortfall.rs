//! `keshi shortfall`: who is short, and by how much.

use keshi_core::lang::Lang;
use keshi_proto::api;
use keshi_words::shortfall::{asked, beyond, gaps, is_whole, leaf, nothing_said};

use super::paper;
use super::shared::at;
use crate::Ctx;
use crate::cli::ShortfallArgs;
use crate::exit::{Exit, Failure, Outcome, say};
use crate::remote::Session;
use crate::show::json;
use crate::show::table::{Align, Table, Width};
use crate::texts::names::{amount, count, unit};

/// Rows in one answer of the server.
const PAGE: i32 = 1000;

pub(super) async fn run(ctx: &mut Ctx<'_>, args: ShortfallArgs) -> Outcome {
    let session = Session::open(ctx).await?;
    let result = ask(ctx, &session, args).await;
    result.and(session.close().await)
}

async fn ask(ctx: &mut Ctx<'_>, session: &Session, mut args: ShortfallArgs) -> Outcome {
    let xlsx = args.xlsx.take();
    let request = request(args);
    let of = asked(&request);
    let all = all_pages(session, request).await?;
    if let Some(path) = xlsx {
        paper::write(ctx, &path, &[leaf(&all, of)])?;
    }
    if ctx.globals.json {
        json::print(&all, &mut ctx.io.stdout)?;
    } else if (all.teachers > all.without_policy && !all.not_begun) || !all.shortfalls.is_empty() {
        ctx.print_text(&render(&all, ctx.lang, ctx.width()))?;
    }
    tell_gaps(ctx, &all)
}

/// Whom and what the list could not look at; failing where it says nothing for that reason.
fn tell_gaps(ctx: &mut Ctx<'_>, all: &api::ListShortfallsResponse) -> Outcome {
    if let Some(nothing) = nothing_said(all) {
        let failure = Failure::failed(nothing);
        return Err(if all.teachers > 0 {
            failure
        } else {
            failure.and(say(
                "请核对学校、学段、岗位和期间；学科研究员的令牌须写明学科（keshi token create --subjects，由管理员办理）",
                "check school, stage, post and period; a researcher's token needs its subjects (an admin makes it with keshi token \
                 create --subjects)",
            ))
        });
    }
    for gap in gaps(all) {
        ctx.note(&gap);
    }
    if is_whole(all) {
        Ok(())
    } else {
        Err(Failure::silent(Exit::Failed))
    }
}

/// The question of the first page.
fn request(args: ShortfallArgs) -> api::ListShortfallsRequest {
    api::ListShortfallsRequest {
        period: args.period.map_or_else(String::new, |period| period.0.to_string()),
        at: at(&args.at),
        requirement_id: args.requirement.unwrap_or_default(),
        school_id: args.school.unwrap_or_default(),
        group: args.group.unwrap_or_default(),
        page_size: PAGE,
        page_token: String::new(),
        purpose: args.purpose.unwrap_or_default(),
        stage: args.stage.map_or(0, |stage| stage.0.code()),
        subject: args.subject.unwrap_or_default(),
        post: args.post.map_or(0, |post| post.0.code()),
    }
}

/// All pages as one answer.
async fn all_pages(session: &Session, mut request: api::ListShortfallsRequest) -> Outcome<api::ListShortfallsResponse> {
    let mut all = api::ListShortfallsResponse::default();
    loop {
        let answer = session.ledger().list_shortfalls(session.call(request.clone())).await;
        let page = answer.map_err(|status| session.failed(&status))?.into_inner();
        all.shortfalls.extend(page.shortfalls);
        (all.size, all.total) = (page.size, page.total);
        (all.teachers, all.without_policy) = (page.teachers, page.without_policy);
        all.not_begun = page.not_begun;
        (all.without_policy_ids, all.without_calendar) = (page.without_policy_ids, page.without_calendar);
        if page.next_page_token.is_empty() {
            return Ok(all);
        }
        request.page_token = page.next_page_token;
    }
}

fn render(all: &api::ListShortfallsResponse, lang: Lang, width: Width) -> String {
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
    let mut too_large = String::new();
    for shortfall in &all.shortfalls {
        let Some(standing) = shortfall.standing.clone() else {
            too_large.push_str(&beyond(shortfall, lang));
            too_large.push('\n');
            continue;
        };
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
    if total > too_large.lines().count() {
        too_large.push_str(&table.render(width));
    }
    head + &too_large
}

#[cfg(test)]
mod tests {
    use keshi_sheets::cell::Cell;

    use super::*;

    fn all() -> api::ListShortfallsResponse {
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
        api::ListShortfallsResponse {
            shortfalls: vec![api::Shortfall {
                teacher_id: "T1".into(),
                name: "王芳".into(),
                policy_id: "p".into(),
                standing: Some(standing),
                school_names: vec!["城关小学".into()],
                subject: "语文".into(),
                ..api::Shortfall::default()
            }],
            size: 1200,
            ..api::ListShortfallsResponse::default()
        }
    }

    #[test]
    fn the_paper_names_school_and_subject_and_holds_numbers_that_can_be_added_up() {
        let leaf = leaf(&all(), "期间：2022".into());
        assert_eq!(leaf.rows[0].len(), leaf.headings.len());
        assert_eq!(leaf.rows[0][2], Cell::text_of("城关小学"));
        assert_eq!(leaf.rows[0][3], Cell::text_of("语文"));
        assert_eq!(leaf.rows[0][10], Cell::Number(28.0));
        assert!(leaf.notes.iter().any(|note| note == "期间：2022"), "{:?}", leaf.notes);
    }

    #[test]
    fn a_teacher_whose_amounts_cannot_be_counted_is_a_line_before_the_others() {
        let mut all = all();
        all.shortfalls.push(api::Shortfall {
            teacher_id: "T2".into(),
            too_large_at: Some(7),
            ..api::Shortfall::default()
        });
        let text = render(&all, Lang::En, Width::ANY);
        assert!(
            text.contains("teacher T2 go beyond what can be counted, at entry 7"),
            "{text}"
        );
        assert!(text.contains("T1"), "{text}");
    }

    #[test]
    fn each_shortfall_is_a_row() {
        let all = all();
        let text = render(&all, Lang::Zh, Width::ANY);
        assert!(text.starts_with("未达标 1 项  台账 1,200 条\n"), "{text}");
        assert!(text.contains("12/40    28  节"), "{text}");
        assert_eq!(
            render(&api::ListShortfallsResponse::default(), Lang::En, Width::ANY),
            "0 shortfalls  ledger of 0 entries\n"
        );
    }
}
