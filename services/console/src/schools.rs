//! The schools to choose from.

use std::collections::BTreeSet;

use keshi_proto::api;
use tonic::Status;

use crate::visitor::Visitor;

/// Most schools that a form lists; with more, their ids are typed.
const LISTED_MAX: usize = 400;

/// Schools and groups for a form.
#[derive(Default)]
pub(crate) struct Schools {
    /// Id and name; empty if there are none or too many.
    pub(crate) schools: Vec<(String, String)>,
    /// Ids of groups.
    pub(crate) groups: Vec<String>,
}

impl Schools {
    /// The schools registered, as many as one answer has.
    ///
    /// # Errors
    ///
    /// As the services answer.
    pub(crate) async fn ask(visitor: &Visitor) -> Result<Self, Status> {
        let request = visitor.api.call(api::ListSchoolsRequest::default());
        let answer = visitor.api.ledger().list_schools(request).await?.into_inner();
        let groups: BTreeSet<&str> = answer.schools.iter().map(|school| school.group.as_str()).collect();
        let groups = groups.into_iter().filter(|group| !group.is_empty());
        let is_listed = answer.next_page_token.is_empty() && answer.schools.len() <= LISTED_MAX;
        let schools = answer.schools.iter().filter(|_| is_listed);
        Ok(Self {
            groups: groups.map(ToOwned::to_owned).collect(),
            schools: schools
                .map(|school| {
                    (
                        school.school_id.clone(),
                        format!("{} {}", school.name, school.school_id),
                    )
                })
                .collect(),
        })
    }

    /// The name of the school of this id, as listed; else the id.
    pub(crate) fn name(&self, school_id: &str) -> String {
        let named = self.schools.iter().find(|(id, _)| id == school_id);
        named.map_or(school_id, |(_, name)| name).to_owned()
    }
}
