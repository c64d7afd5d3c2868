//! What is adopted.

use keshi_door::Call;
use keshi_proto::{api, date_to_wire};

use crate::Context;
use crate::error::Error;
use crate::page::{ANSWER_BYTES_MAX, Cursor, fitting, question};

impl Context {
    /// The adopted versions with their documents, as many as fit into one answer.
    pub(crate) async fn list_policies(
        &self,
        call: &Call,
        request: api::ListPoliciesRequest,
    ) -> Result<api::ListPoliciesResponse, Error> {
        let api::ListPoliciesRequest { at, page_token } = request;
        let _room = self.room_for(call, ANSWER_BYTES_MAX)?;
        let question = question(&["policies"]);
        let cursor = Cursor::read(&page_token, question, self.engine.head().size)?;
        let size = match cursor {
            Some(cursor) => cursor.size,
            None => self.place(at.as_ref(), call.deadline).await?,
        };
        let from = cursor.map_or(0, |cursor| usize::try_from(cursor.position).unwrap_or(usize::MAX));
        let (policies, all) = self.engine.query_at(size, |at| {
            let adopted = at.policies().skip(from).map(|version| api::AdoptedPolicy {
                index: version.index.into(),
                policy_id: version.policy.id.to_string(),
                version: version.policy.version,
                name: version.policy.name.clone(),
                effective_from: Some(date_to_wire(version.policy.effective_from)),
                effective_to: version.policy.effective_to.map(date_to_wire),
                sha256: version.sha256.0.to_vec(),
                document: at.document(&version.sha256).unwrap_or_default(),
            });
            (fitting(adopted, ANSWER_BYTES_MAX), at.policies().count())
        });
        let position = from.saturating_add(policies.len());
        let next_page_token = if position < all {
            let position = position as u64;
            Cursor { size, position }.token(question)
        } else {
            String::new()
        };
        Ok(api::ListPoliciesResponse {
            policies,
            size,
            next_page_token,
        })
    }
}
