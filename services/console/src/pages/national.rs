//! A year's training in the columns of the national teacher system (国内培训), as a file with ID numbers.

use jiff::Timestamp;
use keshi_core::time::Millis;
use keshi_import::national::all;
use keshi_office::access::RoleName;
use keshi_proto::api;
use keshi_sheets::write::lists_bytes;
use maud::{Markup, html};
use serde::Deserialize;
use tonic::{Code, Status};

use crate::ask::{Wrong, all_or, options};
use crate::download::{ROWS_MAX, attachment, made};
use crate::extract::Filled;
use crate::fault::{Answer, Unanswered};
use crate::page::page;
use crate::schools::Schools;
use crate::visitor::Visitor;

/// What is typed. It is sent as a form: what is read with ID numbers has no place in an address.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Typed {
    year: String,
    school_id: String,
    policy_id: String,
    purpose: String,
}

/// Whether the visitor's role exports. Whether she may is decided when she does.
pub(crate) fn exports(visitor: &Visitor) -> bool {
    use RoleName::{Admin, Clerk, Dev, HeadTeacher, Reviewer};
    matches!(visitor.role(), Clerk | HeadTeacher | Reviewer | Admin | Dev)
}

impl Typed {
    fn request(&self, visitor: &Visitor) -> Result<api::ListNationalRecordsRequest, Wrong> {
        let wrong = || Wrong::field("year", visitor.say("年度写作 2022", "write the year as 2022"));
        Ok(api::ListNationalRecordsRequest {
            year: self.year.trim().parse().map_err(|_| wrong())?,
            school_id: self.school_id.trim().to_owned(),
            policy_id: self.policy_id.trim().to_owned(),
            purpose: self.purpose.trim().to_owned(),
            ..api::ListNationalRecordsRequest::default()
        })
    }
}

fn title(visitor: &Visitor) -> &'static str {
    match visitor.lang {
        keshi_core::lang::Lang::Zh => "国内培训导出",
        keshi_core::lang::Lang::En => "Export for the national system",
    }
}

pub(crate) async fn show(visitor: Visitor) -> Answer {
    // A question without a purpose reads nothing; who may not ask at all is told so.
    let request = api::ListNationalRecordsRequest::default();
    let answer = visitor
        .api
        .ledger()
        .list_national_records(visitor.api.call(request))
        .await;
    if let Err(status) = answer
        && status.code() != Code::InvalidArgument
    {
        let wrong = Wrong::of(status);
        return visitor.again(title(&visitor), &wrong, &html! {});
    }
    let last_year = Millis(Timestamp::now().as_millisecond()).local_date().year() - 1;
    let typed = Typed {
        year: last_year.to_string(),
        ..Typed::default()
    };
    let form = form(&visitor, &typed, &Wrong::default()).await?;
    Ok(page(&visitor, title(&visitor), &form))
}

pub(crate) async fn export(visitor: Visitor, Filled(typed): Filled<Typed>) -> Answer {
    let wrong = match typed.request(&visitor) {
        Ok(request) => match exported(&visitor, &request).await {
            Ok(answer) => return Ok(answer),
            Err(status) => Wrong::of(status),
        },
        Err(wrong) => wrong,
    };
    let form = form(&visitor, &typed, &wrong).await?;
    visitor.again(title(&visitor), &wrong, &form)
}

async fn exported(
    visitor: &Visitor,
    request: &api::ListNationalRecordsRequest,
) -> Result<axum::response::Response, Status> {
    let all = all(&visitor.api, request, ROWS_MAX).await?.ok_or_else(|| {
        Status::invalid_argument(visitor.lang.pick(
            format!("超过 {ROWS_MAX} 行，网页不生成这么长的表格；请分校导出，或用 keshi export"),
            format!("there are more than {ROWS_MAX} rows, more than a page puts into a spreadsheet: export school by school, or use keshi export"),
        ))
    })?;
    let name = format!("国内培训{}", all.year);
    let shown = name.clone();
    let bytes = made(visitor, move || {
        lists_bytes(&shown, vec![all.rows(), all.rests(), all.explained()])
    });
    let bytes = bytes.await?.map_err(|cause| {
        tracing::error!(%cause, "an export was not made");
        Status::internal(visitor.say("表格没有生成，请重试", "the spreadsheet was not made: try again"))
    })?;
    Ok(attachment(&format!("{name}.xlsx"), "national", bytes))
}

async fn form(visitor: &Visitor, typed: &Typed, wrong: &Wrong) -> Result<Markup, Unanswered> {
    let own = visitor.who.role.school();
    let schools = match own {
        Some(_) => Ok(Schools::default()),
        None => Schools::ask(visitor).await,
    };
    let schools = schools.map_err(|status| visitor.unanswered(status))?;
    let policies = policies(visitor).await.map_err(|status| visitor.unanswered(status))?;
    let of_schools = all_or(visitor.lang, &schools.schools.iter().collect::<Vec<_>>(), Clone::clone);
    let mut of_policies = vec![(
        String::new(),
        visitor
            .say("各人适用的规则", "the one that each stands under")
            .to_owned(),
    )];
    of_policies.extend(policies.into_iter().map(|id| (id.clone(), id)));
    Ok(html! {
        p { (visitor.say(
            "按全国教师管理信息系统（国内培训）的栏目和顺序导出一年的培训，每人每个项目一行；学时、学分按计入的数额取整，余数和没有导出的人及原因在第二张表“余数”，合计在第三张表“说明”。",
            "A year's training in the columns of the national teacher system (国内培训), a row for each person and project; whole hours and credits as they count, what is left over and who is left out and why in the second sheet, the sums in the third.",
        )) }
        p.gap { (visitor.say(
            "文件中有姓名和身份证件号码；每导出一人，查阅记录中记一行。用后请删除，不要通过微信、QQ 传送。",
            "There are names and numbers of identity documents in the file; each person leaves a line in the log of reads. Remove it after use, and send it by no messenger.",
        )) }
        form.row.noprint method="post" action="/national" {
            (wrong.text(visitor.say("培训年度", "year"), "year", &typed.year, 6))
            @if own.is_none() {
                @if schools.schools.is_empty() { (wrong.text(visitor.say("学校编号", "school id"), "school_id", &typed.school_id, 12)) }
                @else { (options(visitor.say("学校", "school"), "school_id", &of_schools, &typed.school_id)) }
            }
            (options(visitor.say("计算规则", "policy"), "policy_id", &of_policies, &typed.policy_id))
            (wrong.text(visitor.say("事由（必填，记入查阅记录）", "purpose (needed, noted in the log of reads)"), "purpose", &typed.purpose, 24))
            button { (visitor.say("下载（xlsx）", "download (xlsx)")) }
        }
    })
}

/// The ids of the policies adopted.
async fn policies(visitor: &Visitor) -> Result<Vec<String>, Status> {
    let request = visitor.api.call(api::ListPoliciesRequest::default());
    let answer = visitor.api.ledger().list_policies(request).await?.into_inner();
    let mut ids: Vec<String> = answer.policies.into_iter().map(|policy| policy.policy_id).collect();
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}
