//! Accounts for many: everybody of a school, and making them in as many requests as it takes.

use std::collections::{BTreeMap, BTreeSet};

use keshi_client::{Client, each_page, schools};
use keshi_office::access::RoleName;
use keshi_proto::api;
use keshi_words::account::Handed;
use tonic::Status;

/// Accounts made in one request, and listed in one answer.
const AT_ONCE: usize = 1_000;

/// An account to be made, and whose it is, as far as is known.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// The account.
    pub account: api::NewAccount,
    /// Its holder's name; may be empty.
    pub name: String,
    /// The name of her school; may be empty.
    pub school: String,
}

/// The teachers of a school, and those of them who have no account.
#[derive(Debug)]
pub struct Staff {
    /// The school's name.
    pub school: String,
    /// How many hold a post there now.
    pub all: usize,
    /// Accounts for those who have none.
    pub wanted: Vec<Wanted>,
}

/// Looks for the teachers who hold a post at `school` now, and wants an account for each who has none: a teacher's, who sees
/// herself. `None` if there is no such school.
///
/// # Errors
///
/// As the services answer.
pub async fn staff(client: &Client, school: &str, note: &str) -> Result<Option<Staff>, Status> {
    let registered = schools(client, "", None).await?.schools;
    let Some(registered) = registered.into_iter().find(|known| known.school_id == school) else {
        return Ok(None);
    };
    let request = client.call(api::ListPostsRequest {
        school_ids: vec![school.to_owned()],
        purpose: "开通账号".to_owned(),
        ..api::ListPostsRequest::default()
    });
    let posts = client.ledger().list_posts(request).await?.into_inner().posts;
    // She may hold two posts there.
    let teachers: BTreeMap<String, String> = posts
        .into_iter()
        .map(|post| (post.teacher_id, post.teacher_name))
        .collect();
    let open = all(client)
        .await?
        .into_iter()
        .filter(|account| account.state() != api::AccountState::Closed);
    let have: BTreeSet<String> = open.filter_map(|account| Some(account.scope?.teacher_id)).collect();
    let wanted = |(teacher_id, name)| Wanted {
        account: api::NewAccount {
            id: String::new(),
            role: RoleName::Teacher.to_string(),
            scope: Some(api::AccountScope {
                teacher_id,
                ..api::AccountScope::default()
            }),
            note: note.to_owned(),
        },
        name,
        school: registered.name.clone(),
    };
    Ok(Some(Staff {
        all: teachers.len(),
        wanted: teachers
            .into_iter()
            .filter(|(id, _)| !have.contains(id))
            .map(wanted)
            .collect(),
        school: registered.name,
    }))
}

/// All accounts.
///
/// # Errors
///
/// As the services answer.
pub async fn all(client: &Client) -> Result<Vec<api::Account>, Status> {
    let mut accounts = Vec::new();
    let ask = |page_token| async {
        let request = api::ListAccountsRequest {
            page_size: i32::try_from(AT_ONCE).unwrap_or(0),
            page_token,
        };
        client.accounts().list_accounts(client.call(request)).await
    };
    let add = |page: api::ListAccountsResponse| {
        accounts.extend(page.accounts);
        page.next_page_token
    };
    each_page(ask, add).await?;
    Ok(accounts)
}

/// Makes accounts: those that were made, whose codes are known this once, and why no more were.
pub async fn create(client: &Client, wanted: Vec<Wanted>) -> (Vec<Handed>, Result<(), Status>) {
    let mut handed = Vec::with_capacity(wanted.len());
    for part in wanted.chunks(AT_ONCE) {
        let accounts = part.iter().map(|wanted| wanted.account.clone()).collect();
        let request = client.call(api::CreateAccountsRequest { accounts });
        let made = match client.accounts().create_accounts(request).await {
            Ok(made) => made.into_inner().accounts,
            Err(status) => return (handed, Err(status)),
        };
        handed.extend(made.into_iter().zip(part).map(|(made, wanted)| Handed {
            made,
            name: wanted.name.clone(),
            school: wanted.school.clone(),
        }));
    }
    (handed, Ok(()))
}
