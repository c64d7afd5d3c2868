//! Who is short, for people: what the list could not look at, and the paper of it.

use keshi_core::codes::{Post, Stage};
use keshi_core::lang::{Lang, Say, say};
use keshi_proto::api;
use keshi_sheets::cell::Cell;
use keshi_sheets::paper::Leaf;

use crate::names::{count, unit};
use crate::paper;

/// Why the list says nothing of anybody; `None` if it does.
pub fn nothing_said(all: &api::ListShortfallsResponse) -> Option<Say> {
    if all.teachers == 0 {
        return Some(say(
            "没有可查的教师：所选范围内没有人，或您的令牌不能查看他们",
            "there is nobody to look at: no teacher is in that range, or your token may not read about them",
        ));
    }
    all.not_begun.then(|| {
        say(
            "这一期间尚未开始，还谈不上差额",
            "the period has not begun, so nobody can be short of it yet",
        )
    })
}

/// Whom the list could not look at, and what; a line each.
pub fn gaps(all: &api::ListShortfallsResponse) -> Vec<Say> {
    without_policy(all).into_iter().chain(without_calendar(all)).collect()
}

/// Who stands under no policy; `None` if nobody.
pub fn without_policy(all: &api::ListShortfallsResponse) -> Option<Say> {
    let (teachers, without) = (all.teachers, all.without_policy);
    if without == 0 {
        return None;
    }
    let (ids, ids_en) = (all.without_policy_ids.join("、"), all.without_policy_ids.join(", "));
    let more = if i64::try_from(all.without_policy_ids.len()).is_ok_and(|shown| shown < without) {
        " …"
    } else {
        ""
    };
    Some(say(
        format!("核对教师 {teachers} 人，其中 {without} 人在此期间没有适用的规则，未计：{ids}{more}"),
        format!("looked at {teachers} teachers; {without} of them stand under no policy in the period: {ids_en}{more}"),
    ))
}

/// Which requirements are missing because no calendar gives a semester; `None` if none is.
pub fn without_calendar(all: &api::ListShortfallsResponse) -> Option<Say> {
    if all.without_calendar.is_empty() {
        return None;
    }
    let (ids, ids_en) = (all.without_calendar.join("、"), all.without_calendar.join(", "));
    Some(say(
        format!("此期间没有校历，按学期的要求 {ids} 未列入；请教研室先发布校历"),
        format!(
            "no calendar gives a semester of the period, so the requirements {ids_en} are missing here; the office has to adopt \
             one"
        ),
    ))
}

/// Whether the list is about everybody and everything asked: nobody of whom it says nothing is short.
pub fn is_whole(all: &api::ListShortfallsResponse) -> bool {
    nothing_said(all).is_none()
        && (all.without_policy == 0 || all.without_policy < all.teachers)
        && all.without_calendar.is_empty()
}

/// The list as a paper.
pub fn leaf(all: &api::ListShortfallsResponse, of: String) -> Leaf {
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
            Cell::text_of(&beyond.unwrap_or_default()),
        ]
    });
    let notes = vec![
        of,
        format!("未达标 {} 项　台账 {} 条", all.shortfalls.len(), count(all.size)),
    ];
    paper::leaf("未达标教师名单", notes, &headings, rows.collect())
}

/// What was asked, for the paper.
pub fn asked(request: &api::ListShortfallsRequest) -> String {
    let stage = Stage::from_code(request.stage).map_or("", Stage::zh);
    let post = Post::from_code(request.post).map_or("", Post::zh);
    let parts = [
        ("期间", request.period.as_str()),
        ("学校", &request.school_id),
        ("片区", &request.group),
        ("学段", stage),
        ("学科", &request.subject),
        ("岗位", post),
        ("要求", &request.requirement_id),
    ];
    let told = parts.into_iter().filter(|(_, value)| !value.is_empty());
    let told: Vec<String> = told.map(|(name, value)| format!("{name}：{value}")).collect();
    told.join("　")
}

/// A teacher whose amounts cannot be counted, and what to do.
pub fn beyond(shortfall: &api::Shortfall, lang: Lang) -> String {
    let (id, index) = (&shortfall.teacher_id, shortfall.too_large_at.unwrap_or_default());
    lang.pick(
        format!("教师 {id} 的数额在第 {index} 条处超出可计范围，未列入；请核对所依据的规则，发布改正系数的新版本后再查"),
        format!(
            "the amounts of teacher {id} go beyond what can be counted, at entry {index}, and are not listed; look at the \
             policy that credits it, adopt a version with the right factors, then ask again"
        ),
    )
}
