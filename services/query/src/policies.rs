//! What is adopted.

use keshi_core::ids::PolicyId;
use keshi_door::Call;
use keshi_proto::{api, date_to_wire};

use crate::Context;
use crate::error::Error;
use crate::page::{ANSWER_BYTES_MAX, fitting};
use crate::place::one;

impl Context {
    /// The adopted versions with their documents, as many as fit into one answer.
    pub(crate) async fn list_policies(
        &self,
        call: &Call,
        request: api::ListPoliciesRequest,
    ) -> Result<api::ListPoliciesResponse, Error> {
        let api::ListPoliciesRequest {
            at,
            page_token,
            policy_id,
            version,
        } = request;
        let _room = self.room_for(call, ANSWER_BYTES_MAX)?;
        let parts = ["policies", &policy_id, &version.to_string()];
        let page = self.page(call, at.as_ref(), &page_token, &parts).await?;
        let is_wanted = |adopted: &PolicyId, number: u32| {
            (policy_id.is_empty() || adopted.as_str() == policy_id) && (version == 0 || number == version)
        };
        let (policies, all) = self.engine.query_at(page.size, |at| {
            let wanted = || {
                let all = at.policies();
                all.filter(|version| is_wanted(&version.policy.id, version.policy.version))
            };
            let adopted = wanted().skip(page.from).map(|version| api::AdoptedPolicy {
                index: version.index.into(),
                policy_id: version.policy.id.to_string(),
                version: version.policy.version,
                name: version.policy.name.clone(),
                effective_from: Some(date_to_wire(version.policy.effective_from)),
                effective_to: version.policy.effective_to.map(date_to_wire),
                sha256: version.sha256.0.to_vec(),
                document: at.document(&version.sha256).unwrap_or_default(),
            });
            (fitting(adopted, ANSWER_BYTES_MAX), wanted().count())
        });
        if all == 0 && !policy_id.is_empty() {
            let id = PolicyId::new(&policy_id).map_err(|why| {
                let zh = format!("“{policy_id}” 不是规则编号，请核对");
                one(
                    "policy_id",
                    &policy_id,
                    zh,
                    format!("it is no policy's id, check it: {why}"),
                )
            })?;
            let (version, size) = (Some(version).filter(|version| *version > 0), page.size);
            return Err(Error::UnknownPolicy { id, version, size });
        }
        Ok(api::ListPoliciesResponse {
            next_page_token: page.next(policies.len(), all),
            policies,
            size: page.size,
        })
    }
}
