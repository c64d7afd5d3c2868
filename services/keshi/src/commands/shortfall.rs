//! `keshi shortfall`: who is short, and by how much.

use keshi_core::lang::Lang;
use keshi_proto::api;
use keshi_sheets::cell::Cell;
use keshi_sheets::paper::Leaf;

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
    let of = asked(&args);
    let all = all_pages(session, args).await?;
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
    let (teachers, without) = (all.teachers, all.without_policy);
    if teachers == 0 {
        return Err(Failure::failed(say(
            "没有可查的教师：所选范围内没有人，或您的令牌不能查看他们",
            "there is nobody to look at: no teacher is in that range, or your token may not read about them",
        ))
        .and(say(
            "请核对学校、学段、岗位和期间；学科研究员的令牌须写明学科（keshi token create --subjects，由管理员办理）",
            "check school, stage, post and period; a researcher's token needs its subjects (an admin makes it with keshi token \
             create --subjects)",
        )));
    }
    if all.not_begun {
        return Err(Failure::failed(say(
            "这一期间尚未开始，还谈不上差额",
            "the period has not begun, so nobody can be short of it yet",
        )));
    }
    let mut is_whole = true;
    if without > 0 {
        let (ids, ids_en) = (all.without_policy_ids.join("、"), all.without_policy_ids.join(", "));
        let more = if i64::try_from(all.without_policy_ids.len()).is_ok_and(|shown| shown < without) {
            " …"
        } else {
            ""
        };
        ctx.note(&say(
            format!("核对教师 {teachers} 人，其中 {without} 人在此期间没有适用的规则，未计：{ids}{more}"),
            format!(
                "looked at {teachers} teachers; {without} of them stand under no policy in the period: {ids_en}{more}"
            ),
        ));
        is_whole = without < teachers;
    }
    if !all.without_calendar.is_empty() {
        let (ids, ids_en) = (all.without_calendar.join("、"), all.without_calendar.join(", "));
        ctx.note(&say(
            format!("此期间没有校历，按学期的要求 {ids} 未列入；请教研室先导入校历（keshi import 校历.toml）"),
            format!(
                "no calendar gives a semester of the period, so the requirements {ids_en} are missing here; the office adopts one \
                 with keshi import CALENDAR.toml"
            ),
        ));
        is_whole = false;
    }
    if is_whole {
        Ok(())
    } else {
        Err(Failure::silent(Exit::Failed))
    }
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
        subject: args.subject.unwrap_or_default(),
        post: args.post.map_or(0, |post| post.0.code()),
    };
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

/// The list as a paper.
fn leaf(all: &api::ListShortfallsResponse, of: String) -> Leaf {
    let headings = [
        "教师编号",
        "姓名",
        "学校",
        "学科",
        "规则",
        "要求编号",
        "要求",
        "期间",
        "已计",
        "最低",
        "差额",
        "单位",
        "剩余周",
        "说明",
    ];
    let rows = all.shortfalls.iter().map(|shortfall| {
        let standing = shortfall.standing.clone().unwrap_or_default();
        let beyond = shortfall.too_large_at.map(|_| beyond(shortfall, Lang::Zh));
        vec![
            Cell::text_of(&shortfall.teacher_id),
            Cell::text_of(&shortfall.name),
            Cell::text_of(&shortfall.school_names.join("、")),
            Cell::text_of(&shortfall.subject),
            Cell::text_of(&shortfall.policy_id),
            Cell::text_of(&standing.requirement_id),
            Cell::text_of(&standing.text),
            Cell::text_of(&standing.period),
            Cell::hundredths(standing.counted_centiamount),
            Cell::hundredths(standing.min_centiamount),
            Cell::hundredths(standing.missing_centiamount),
            Cell::text_of(&unit(&standing.unit, &standing.meter, Lang::Zh)),
            Cell::hundredths(standing.weeks_left.saturating_mul(100)),
            Cell::text_of(beyond.unwrap_or_default().trim_end()),
        ]
    });
    let notes = vec![
        of,
        format!("未达标 {} 项　台账 {} 条", all.shortfalls.len(), count(all.size)),
    ];
    paper::leaf("未达标教师名单", notes, &headings, rows.collect())
}

/// What was asked, for the paper.
fn asked(args: &ShortfallArgs) -> String {
    let mut of = Vec::new();
    of.extend(args.period.as_ref().map(|period| format!("期间：{}", period.0)));
    of.extend(args.school.as_ref().map(|school| format!("学校：{school}")));
    of.extend(args.group.as_ref().map(|group| format!("片区：{group}")));
    of.extend(args.stage.as_ref().map(|stage| format!("学段：{}", stage.0.zh())));
    of.extend(args.subject.as_ref().map(|subject| format!("学科：{subject}")));
    of.extend(args.post.as_ref().map(|post| format!("岗位：{}", post.0.zh())));
    of.extend(args.requirement.as_ref().map(|id| format!("要求：{id}")));
    of.join("　")
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

/// A teacher whose amounts cannot be counted, and what to do.
fn beyond(shortfall: &api::Shortfall, lang: Lang) -> String {
    let (id, index) = (&shortfall.teacher_id, shortfall.too_large_at.unwrap_or_default());
    lang.pick(
        format!("教师 {id} 的数额在第 {index} 条处超出可计范围，未列入；请核对所依据的规则，发布改正系数的新版本后再查\n"),
        format!(
            "the amounts of teacher {id} go beyond what can be counted, at entry {index}, and are not listed; look at the \
             policy that credits it, adopt a version with the right factors, then ask again\n"
        ),
    )
}

#[cfg(test)]
mod tests {
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
