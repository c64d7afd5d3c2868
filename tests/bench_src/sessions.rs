//! What a thousand people who have signed in take of main memory.

use std::fs;

use futures::stream::{self, StreamExt as _};
use keshi_proto::api;
use keshi_proto::api::account_service_client::AccountServiceClient;
use keshi_proto::api::operations_service_client::OperationsServiceClient;
use keshi_tests::caller::{Caller, refusal};
use keshi_tests::process::Keshi;
use tokio::time::{Duration, sleep};

/// Accounts, each signed in so often.
const ACCOUNTS: usize = 64;
const EACH: usize = 16;

const PASSWORD: &str = "a horse in the rain";

pub async fn run() {
    let data = tempfile::tempdir_in("target").expect("a directory");
    let keshi = Keshi::up(data.path(), &["--office", "610729"]).expect("it listens");
    let stranger = Caller::connect(&keshi.url()).await;
    let token = fs::read_to_string(data.path().join("610729/token")).expect("left by the first start");
    let admin = stranger.with(token.trim());
    let one = |number| api::NewAccount {
        id: format!("a-{number}"),
        role: "auditor".to_owned(),
        ..api::NewAccount::default()
    };
    let request = admin.request(api::CreateAccountsRequest {
        accounts: (0..ACCOUNTS).map(one).collect(),
    });
    let made = AccountServiceClient::new(admin.channel.clone())
        .create_accounts(request)
        .await;
    let made = made.expect("made").into_inner().accounts;
    let mut requests = Vec::new();
    for made in &made {
        let account = made.account.clone().expect("told").id;
        let code = made.code.clone();
        let first = api::SignInRequest {
            account: account.clone(),
            code,
            new_password: PASSWORD.to_owned(),
            ..api::SignInRequest::default()
        };
        sign_in(&stranger, first).await;
        let again = api::SignInRequest {
            account,
            password: PASSWORD.to_owned(),
            ..api::SignInRequest::default()
        };
        requests.extend(std::iter::repeat_n(again, EACH - 1));
    }
    let few = resident(&admin).await;
    let signed_in = requests.into_iter().map(|request| sign_in(&stranger, request));
    stream::iter(signed_in).buffer_unordered(2).count().await;
    let many = resident(&admin).await;
    let what = format!("memory with {} sessions", ACCOUNTS * EACH);
    println!("{what:<34} {:>10} MiB {:>10} MiB", few >> 20, many >> 20);
}

/// Signs in; when others are before her, a little later.
async fn sign_in(stranger: &Caller, request: api::SignInRequest) {
    let mut accounts = AccountServiceClient::new(stranger.channel.clone());
    while let Err(status) = accounts.sign_in(stranger.request(request.clone())).await {
        assert_eq!(refusal(&status).reason, "SignInBusy", "{status:?}");
        sleep(Duration::from_millis(100)).await;
    }
}

async fn resident(admin: &Caller) -> u64 {
    let mut operations = OperationsServiceClient::new(admin.channel.clone());
    let status = operations.get_status(admin.request(api::GetStatusRequest {})).await;
    status.expect("an answer").into_inner().resident_bytes
}
