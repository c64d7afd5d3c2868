//! `keshi policy show`: what is adopted, and one document.

use keshi_core::lang::Lang;
use keshi_proto::api;
use keshi_words::policy::{HEADINGS, cells};

use crate::Ctx;
use crate::cli::{AtArgs, PolicyId};
use crate::commands::shared::{at, each_page};
use crate::exit::{Failure, Outcome, say};
use crate::remote::Session;
use crate::show::json;
use crate::show::table::{Align, Table, Width};

pub(super) async fn run(ctx: &mut Ctx<'_>, session: &Session, wanted: Option<&PolicyId>, args: &AtArgs) -> Outcome {
    let mut all = api::ListPoliciesResponse::default();
    let ask = |page_token| async {
        let request = api::ListPoliciesRequest {
            at: at(args),
            page_token,
            ..api::ListPoliciesRequest::default()
        };
        session.ledger().list_policies(session.call(request)).await
    };
    let told = each_page(ask, |page| {
        all.policies.extend(page.policies);
        all.size = page.size;
        page.next_page_token
    });
    told.await.map_err(|status| session.failed(&status))?;
    if let Some(wanted) = wanted {
        all.policies.retain(|policy| wanted.is(policy));
        if all.policies.is_empty() {
            return Err(Failure::failed(say(
                format!("没有发布过规则 {wanted}：运行 keshi policy show 可列出全部"),
                format!("no policy {wanted} is adopted: keshi policy show lists all"),
            )));
        }
    }
    if ctx.globals.json {
        return json::print(&all, &mut ctx.io.stdout);
    }
    if wanted.is_some() {
        let newest = all.policies.iter().max_by_key(|policy| policy.version);
        return ctx.print(newest.map_or("", |policy| policy.document.trim_end()));
    }
    if all.policies.is_empty() {
        ctx.note(&say(
            "还没有发布规则：keshi policy adopt 文件",
            "no policy is adopted yet: keshi policy adopt FILE",
        ));
        return Ok(());
    }
    ctx.print_text(&listed(&all.policies, ctx.lang, ctx.width()))
}

fn listed(policies: &[api::AdoptedPolicy], lang: Lang, width: Width) -> String {
    let aligned = |(zh, en)| {
        let is_number = zh == HEADINGS[1].0 || zh == HEADINGS[4].0;
        (lang.pick(zh, en), if is_number { Align::Right } else { Align::Left })
    };
    let mut table = Table::new(HEADINGS.map(aligned));
    for policy in policies {
        table.row(cells(policy));
    }
    table.render(width)
}
