//! Which of the ledgers on a stream answers: the one that claimed it last.
//!
//! A ledger that starts as primary publishes a *claim* on the stream once it has caught up. Every ledger finds the
//! claim at the same place among the submissions, so all agree without clocks: what comes behind a claim is answered
//! by the claimant and nobody else. The sequence of the claim is the *epoch*. A primary that finds another's claim
//! behind its own stops answering and follows as a standby does; starting it again makes it claim anew.

use std::time::Duration;

use async_nats::HeaderMap;
use async_nats::header::NATS_MESSAGE_ID;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tokio::time::sleep;
use uuid::Uuid;

use crate::nats::config::NatsConfig;
use crate::nats::halt::ServeError;
use crate::nats::link::Link;

/// The pauses between two copies of one claim double from the first to the second of these; the server drops copies.
const CLAIM_PAUSE: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(2));

/// What a ledger is to be on its stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Consumes, claims the stream, then sends receipts and answers questions. Creates the stream if there is none.
    Primary,
    /// Consumes and keeps silent.
    Standby,
}

/// What a ledger may do on its stream now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Duty {
    /// Follow and keep silent.
    Standby,
    /// Follow, and claim the stream once caught up. Receipts wait until then.
    Claiming,
    /// Answer what comes behind `epoch`.
    Primary {
        /// The sequence of our claim.
        epoch: u64,
    },
    /// Follow and keep silent, though started as primary: another has claimed the stream since.
    Deposed {
        /// The sequence of its claim; what comes before is still ours to answer.
        epoch: u64,
        /// What it calls itself.
        by: String,
    },
}

/// What a claim on the stream says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Claim {
    /// Made up by each run.
    pub(crate) instance: Uuid,
    /// What the claimant calls itself, for people.
    pub(crate) name: String,
}

impl Duty {
    /// What becomes of it when a claim is found at `sequence`.
    pub(crate) fn after(&self, claim: &Claim, ours: Uuid, sequence: u64) -> Self {
        match self {
            Self::Standby => Self::Standby,
            _ if claim.instance == ours => Self::Primary { epoch: sequence },
            // An older primary's: ours comes behind it.
            Self::Claiming => Self::Claiming,
            Self::Primary { .. } => Self::Deposed {
                epoch: sequence,
                by: claim.name.clone(),
            },
            Self::Deposed { epoch, .. } => Self::Deposed {
                epoch: *epoch,
                by: claim.name.clone(),
            },
        }
    }

    /// Whether the receipt of the submission at `sequence` is to be sent. `None`: not known yet.
    pub(crate) fn answers(&self, sequence: u64) -> Option<bool> {
        match self {
            Self::Standby => Some(false),
            Self::Claiming => None,
            // What came before the claim was perhaps left unanswered by a primary that died.
            Self::Primary { .. } => Some(true),
            Self::Deposed { epoch, .. } => Some(sequence < *epoch),
        }
    }
}

/// Publishes the claim until it is found on the stream. Returns only if that is not allowed.
pub(crate) async fn claim(
    link: &Link,
    config: &NatsConfig,
    claim: &Claim,
    mut duty: watch::Receiver<Duty>,
) -> ServeError {
    let subject = config.claim_subject();
    let mut headers = HeaderMap::new();
    headers.insert(NATS_MESSAGE_ID, claim.instance.to_string().as_str());
    let payload = Bytes::from(serde_json::to_vec(claim).unwrap_or_default());
    let violations = link.violations();
    let claiming = async {
        let mut pause = CLAIM_PAUSE.0;
        while *duty.borrow_and_update() == Duty::Claiming {
            link.until_connected().await;
            // An error is that of a connection which just broke.
            drop(
                link.client
                    .publish_with_headers(subject.clone(), headers.clone(), payload.clone())
                    .await,
            );
            tokio::select! {
                _ = duty.changed() => {}
                () = sleep(pause) => pause = (pause * 2).min(CLAIM_PAUSE.1),
            }
        }
        std::future::pending::<()>().await;
    };
    tokio::select! {
        () = claiming => std::future::pending().await,
        reason = link.until_violation(&subject, violations) => ServeError::MayNotClaim { subject, reason },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_claim_on_the_stream_is_the_primarys() {
        let (ours, theirs) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let claim = |instance| Claim {
            instance,
            name: "other".into(),
        };
        let duty = Duty::Claiming.after(&claim(theirs), ours, 3);
        assert_eq!(duty, Duty::Claiming, "an older primary's claim");
        let duty = duty.after(&claim(ours), ours, 5);
        assert_eq!(duty, Duty::Primary { epoch: 5 });
        let duty = duty.after(&claim(theirs), ours, 9);
        let duty = duty.after(&claim(Uuid::from_u128(3)), ours, 20);
        assert_eq!((duty.answers(8), duty.answers(10)), (Some(true), Some(false)));
        // A late copy of our own claim counts for all alike.
        assert_eq!(duty.after(&claim(ours), ours, 12), Duty::Primary { epoch: 12 });
        assert_eq!(Duty::Standby.after(&claim(theirs), ours, 3), Duty::Standby);
    }
}
