//! The register of schools (学校名录).

use keshi_core::ids::SchoolId;
use keshi_core::state::{At, SchoolView};
use keshi_core::text::name_form;
use keshi_door::Call;
use keshi_proto::{api, date_to_wire};

use crate::Context;
use crate::error::Error;
use crate::page::{ANSWER_BYTES_MAX, fitting};

impl Context {
    /// The schools whose name has this part, as many as fit into one answer.
    pub(crate) async fn list_schools(
        &self,
        call: &Call,
        request: api::ListSchoolsRequest,
    ) -> Result<api::ListSchoolsResponse, Error> {
        let api::ListSchoolsRequest { at, name, page_token } = request;
        let _room = self.room_for(call, ANSWER_BYTES_MAX)?;
        let page = self.page(call, at.as_ref(), &page_token, &["schools", &name]).await?;
        let part = name_form(&name);
        let (schools, all) = self.engine.query_at(page.size, |at| {
            let mut named = at.schools();
            named.retain(|(_, school)| name_form(school.name.as_str()).contains(&part));
            let told = named.iter().skip(page.from).map(|(id, school)| to_api(at, id, school));
            (fitting(told, ANSWER_BYTES_MAX), named.len())
        });
        Ok(api::ListSchoolsResponse {
            next_page_token: page.next(schools.len(), all),
            schools,
            size: page.size,
        })
    }
}

fn to_api(at: At<'_>, id: &SchoolId, school: &SchoolView) -> api::RegisteredSchool {
    let closing = at.closing(id);
    api::RegisteredSchool {
        index: school.index.into(),
        school_id: id.to_string(),
        name: school.name.to_string(),
        stage: school.stage.code(),
        township: school.township.as_ref().map(ToString::to_string).unwrap_or_default(),
        group: school.group.map(|group| group.to_string()).unwrap_or_default(),
        since: Some(date_to_wire(school.on)),
        last_day: closing.map(|(last, _)| date_to_wire(last)),
        successor_id: closing
            .and_then(|(_, successor)| successor)
            .map(|id| id.to_string())
            .unwrap_or_default(),
    }
}
