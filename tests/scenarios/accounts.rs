//! People who sign in: from the first start to a closed account, and those who guess.

mod command;
mod guessing;
mod operations;
mod own;
mod rights;

use std::fs;
use std::path::{Path, PathBuf};

use keshi_proto::api;
use keshi_proto::api::account_service_client::AccountServiceClient;
use keshi_tests::caller::Caller;
use keshi_tests::process::Keshi;
use tempfile::{TempDir, tempdir};
use tonic::Status;
use tonic::transport::Channel;

const ARGUMENTS: [&str; 6] = ["--office", "610729", "--lang", "en", "--http", "127.0.0.1:0"];

const ADMINS: &str = "a horse in the rain";
const HERS: &str = "一匹马站在雨里等着人";

/// A running office with accounts, and its admin signed in.
struct Office {
    data: TempDir,
    keshi: Keshi,
    admin: Caller,
}

fn up(data: &Path) -> Keshi {
    Keshi::up(data, &ARGUMENTS).expect("it listens")
}

impl Office {
    /// A first start, after which the admin has set her password.
    async fn first() -> Self {
        let data = tempdir().expect("a directory");
        let keshi = up(data.path());
        let stranger = Caller::connect(&keshi.url()).await;
        let text = fs::read_to_string(first_code(data.path())).expect("left by the first start");
        let (id, code) = text.trim_end().split_once('\n').expect("two lines");
        assert_eq!(id, "admin");
        let session = set_password(&stranger, id, code, ADMINS).await;
        Self {
            admin: stranger.with(&session),
            data,
            keshi,
        }
    }

    /// Somebody who has neither token nor session.
    fn stranger(&self) -> Caller {
        self.admin.with("")
    }

    /// Makes an account, of which the holder sets her password, and signs in.
    async fn member(&self, id: &str, role: &str, scope: api::AccountScope) -> Caller {
        let code = self.create(id, role, scope).await;
        let session = set_password(&self.stranger(), id, &code, HERS).await;
        self.admin.with(&session)
    }

    /// Makes an account; its one-time code.
    async fn create(&self, id: &str, role: &str, scope: api::AccountScope) -> String {
        let request = self.admin.request(api::CreateAccountsRequest {
            accounts: vec![api::NewAccount {
                id: id.to_owned(),
                role: role.to_owned(),
                scope: Some(scope),
                note: String::new(),
            }],
        });
        let made = accounts(&self.admin).create_accounts(request).await.expect("made");
        made.into_inner().accounts.remove(0).code
    }
}

fn first_code(data: &Path) -> PathBuf {
    data.join("610729/first-code")
}

fn accounts(caller: &Caller) -> AccountServiceClient<Channel> {
    AccountServiceClient::new(caller.channel.clone())
}

fn of_school(school: &str) -> api::AccountScope {
    api::AccountScope {
        school_id: school.to_owned(),
        ..api::AccountScope::default()
    }
}

async fn sign_in(stranger: &Caller, request: api::SignInRequest) -> Result<api::SignInResponse, Status> {
    let answer = accounts(stranger).sign_in(stranger.request(request)).await;
    answer.map(tonic::Response::into_inner)
}

async fn by_password(stranger: &Caller, account: &str, password: &str) -> Result<api::SignInResponse, Status> {
    let request = api::SignInRequest {
        account: account.to_owned(),
        password: password.to_owned(),
        ..api::SignInRequest::default()
    };
    sign_in(stranger, request).await
}

/// Sets a first password with a one-time code; the session's secret.
async fn set_password(stranger: &Caller, account: &str, code: &str, password: &str) -> String {
    let request = api::SignInRequest {
        account: account.to_owned(),
        code: code.to_owned(),
        new_password: password.to_owned(),
        ..api::SignInRequest::default()
    };
    let answer = sign_in(stranger, request).await.expect("signed in");
    assert!(!answer.must_set_password && answer.session_secret.starts_with("kss_"));
    answer.session_secret
}

async fn who_am_i(caller: &Caller) -> Result<api::WhoAmIResponse, Status> {
    let answer = accounts(caller).who_am_i(caller.request(api::WhoAmIRequest {})).await;
    answer.map(tonic::Response::into_inner)
}
