//! A year's training in the national columns (国内培训), all of it.

use keshi_client::Client;
use keshi_proto::api;
use keshi_words::national::Exported;
use tonic::Status;

/// Persons asked for at a time.
const PART: i32 = 200;

/// All pages as one, from the ledger as it is at the first; `None` if they are more than `rows_max` rows and rests.
///
/// # Errors
///
/// As the services answer.
pub async fn all(
    client: &Client,
    request: &api::ListNationalRecordsRequest,
    rows_max: usize,
) -> Result<Option<Exported>, Status> {
    let mut request = api::ListNationalRecordsRequest {
        page_size: PART,
        page_token: String::new(),
        ..request.clone()
    };
    let mut all = Exported {
        year: request.year,
        school_id: request.school_id.clone(),
        policy_id: request.policy_id.clone(),
        ..Exported::default()
    };
    let mut rows = 0;
    loop {
        let answer = client
            .ledger()
            .list_national_records(client.call(request.clone()))
            .await?;
        let page = answer.into_inner();
        rows += page
            .records
            .iter()
            .map(|record| record.rows.len() + record.rests.len() + 1)
            .sum::<usize>();
        if rows > rows_max {
            return Ok(None);
        }
        all.size = page.size;
        all.without_hours += page.without_hours;
        all.not_under += page.not_under;
        all.records.extend(page.records);
        if page.next_page_token.is_empty() {
            return Ok(Some(all));
        }
        request.page_token = page.next_page_token;
    }
}
