//! The first page: what there is to do.

use keshi_proto::api::GetHeadRequest;
use keshi_words::names::count;
use keshi_words::time::moment;
use maud::html;

use crate::fault::Answer;
use crate::nav::PLACES;
use crate::page::page;
use crate::visitor::Visitor;

pub(crate) async fn show(visitor: Visitor) -> Answer {
    let asked = visitor
        .api
        .ledger()
        .get_head(visitor.api.call(GetHeadRequest::default()))
        .await;
    let head = asked.map_err(|status| visitor.unanswered(status))?.into_inner();
    let recorded = head.recorded_at.as_ref().map(moment).unwrap_or_default();
    let content = html! {
        ul.doors {
            @for place in PLACES.iter().skip(1).filter(|place| place.is_for(visitor.role())) {
                li { a href=(place.path) { (place.name(visitor.lang)) } }
            }
        }
        p.quiet {
            @if head.size == 0 {
                (visitor.say("台账还是空的", "the ledger is empty yet"))
            } @else {
                (visitor.lang.pick(
                    format!("台账 {} 条，最近入账 {recorded}", count(head.size)),
                    format!("ledger of {} entries, the last recorded {recorded}", count(head.size)),
                ))
            }
        }
    };
    Ok(page(&visitor, visitor.say("首页", "Home"), &content))
}
