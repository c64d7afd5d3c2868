//! The primary's answers to questions that travel beside the stream.

use std::convert::Infallible;
use std::sync::Arc;

use async_nats::{HeaderMap, Subject};
use bytes::Bytes;
use futures::StreamExt as _;
use tokio::task::JoinSet;
use tracing::warn;

use crate::Ledger;
use crate::nats::config::NatsConfig;
use crate::nats::heads::{ROOTS_TOPIC, answer_roots};
use crate::nats::link::Link;
use crate::nats::receipts::is_inbox;

/// Marks an answer as a refusal; its payload is the reason.
pub(crate) const REFUSED_HEADER: &str = "Keshi-Refused";

/// How many questions are answered at a time; further ones wait in the subscription.
///
/// Questions read the register or run a dry check; a handful per core keeps the ledger responsive.
const QUESTIONS_AT_ONCE_MAX: usize = 64;

/// Answers questions for as long as it is polled.
pub(crate) async fn answer(link: &Link, config: &NatsConfig, ledger: &Arc<dyn Ledger>) -> Infallible {
    let all = config.ask_subject("*");
    let prefix = config.ask_subject("");
    let mut questions = match link.client.subscribe(all.clone()).await {
        Ok(questions) => questions,
        Err(error) => {
            warn!(subject = all, %error, "questions cannot be heard");
            return std::future::pending().await;
        }
    };
    let mut running = JoinSet::new();
    while let Some(message) = questions.next().await {
        while running.try_join_next().is_some() {}
        if running.len() >= QUESTIONS_AT_ONCE_MAX {
            running.join_next().await;
        }
        let Some(topic) = message.subject.strip_prefix(&prefix).map(str::to_owned) else {
            continue;
        };
        let Some(inbox) = message.reply.filter(|inbox| may_hear(config, &topic, inbox)) else {
            continue; // Nobody could hear the answer.
        };
        let (link, ledger) = (link.clone(), Arc::clone(ledger));
        running.spawn(async move { answer_one(&link, &ledger, topic, message.payload, inbox).await });
    }
    std::future::pending().await
}

/// Posters ask from their inboxes, other ledgers for roots from theirs.
fn may_hear(config: &NatsConfig, topic: &str, inbox: &str) -> bool {
    is_inbox(&config.inboxes(), inbox)
        || topic == ROOTS_TOPIC && is_inbox(&format!("{}.", config.ledger_inbox()), inbox)
}

async fn answer_one(link: &Link, ledger: &Arc<dyn Ledger>, topic: String, question: Bytes, inbox: Subject) {
    let bytes_max = link.client.max_payload();
    let answer = match topic.as_str() {
        ROOTS_TOPIC => answer_roots(ledger, &question).await,
        _ => ledger.answer(topic, question).await,
    };
    let answer = match answer {
        Ok(answer) if answer.len() > bytes_max => Err(format!(
            "the answer has {} bytes, the bus carries at most {bytes_max}: ask in parts",
            answer.len()
        )),
        answer => answer,
    };
    let sent = match answer {
        Ok(answer) => link.client.publish(inbox, answer).await,
        Err(reason) => {
            let mut headers = HeaderMap::new();
            headers.insert(REFUSED_HEADER, "1");
            link.client
                .publish_with_headers(inbox, headers, Bytes::from(reason))
                .await
        }
    };
    if let Err(error) = sent {
        warn!(%error, "an answer could not be sent");
    }
}
