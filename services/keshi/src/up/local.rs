//! The same services in this process, for one command, while no server runs.

use std::path::Path;
use std::sync::Arc;

use indicatif::ProgressBar;
use jiff::Timestamp;
use keshi_core::ids::OfficeCode;
use keshi_door::account::Counter;
use keshi_door::{Guard, system_clock};
use keshi_office::access::{Access, Request, Role};
use keshi_office::accounts::Accounts;
use keshi_office::layout::OfficeDir;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use tonic::service::RoutesBuilder;
use uuid::Uuid;

use super::access::accounts_failure;
use super::bus::embedded_or_reading;
use super::connections::Doors;
use super::failures::contents_failure;
use super::ledger::{LedgerError, OpenLedger};
use super::metrics::Calls;
use super::server::{Running, bind, serve};
use super::tending::Tending;
use crate::commands::open_failure;
use crate::exit::{Exit, Failure, Outcome, say};
use crate::remote::OfficeKeys;

/// The id under which a command on the machine itself posts and reads.
const LOCAL_ID: &str = "local";

/// The services of one office in this process.
pub(crate) struct Local {
    ledger: OpenLedger,
    running: Running,
    tending: Tending,
    token: String,
    /// The tokens of this command alone.
    _access: TempDir,
}

impl Local {
    /// Opens the ledger in `dir` and serves it on a loopback port of its own.
    ///
    /// The port asks for a token that only this process knows: other users of the machine can reach a loopback port.
    pub(crate) async fn open(dir: &OfficeDir, code: &str, keys: &OfficeKeys) -> Result<Self, LedgerError> {
        let office = there(dir, code).map_err(LedgerError::Failed)?;
        let ledger = OpenLedger::open(dir, office, Uuid::new_v4(), (keys, &ProgressBar::hidden())).await?;
        Self::serve(dir, ledger, office).await.map_err(LedgerError::Failed)
    }

    async fn serve(dir: &OfficeDir, ledger: OpenLedger, office: OfficeCode) -> Outcome<Self> {
        let (access_dir, access, token) = own_access(office)?;
        let shutdown = CancellationToken::new();
        let guard = Guard::new(Arc::clone(&access), office, system_clock());
        let (query, over_engine) = ledger.services(guard.clone(), shutdown.clone());
        let bus = embedded_or_reading(dir, over_engine)?;
        let intake = keshi_intake::Context::until(shutdown.clone(), bus, guard.clone());
        let mut routes = RoutesBuilder::default();
        let tending = Tending::begin(&Counter::new(guard, own_accounts(dir, &access)?), &mut routes);
        keshi_intake::add_services(&intake, &mut routes);
        keshi_query::add_services(&query, &mut routes);
        let listener = bind(([127, 0, 0, 1], 0).into()).await?;
        let running = serve(Doors::tcp(listener), routes, shutdown, Calls::new()).await?;
        Ok(Self {
            ledger,
            running,
            tending,
            token,
            _access: access_dir,
        })
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> String {
        self.running.address().to_string()
    }

    /// The token that it asks for.
    pub(crate) fn token(&self) -> String {
        self.token.clone()
    }

    /// Ends the services and closes the ledger.
    pub(crate) async fn close(self) -> Outcome {
        let Self {
            ledger,
            running,
            tending,
            ..
        } = self;
        running.drain().await;
        tending.ended().await;
        ledger.close().await
    }
}

/// The office of this code, whose ledger is in `dir`: a command must not make a ledger where there is none.
pub(super) fn there(dir: &OfficeDir, code: &str) -> Outcome<OfficeCode> {
    dir.check().map_err(|error| contents_failure(&error))?;
    if dir.ledger().exists() {
        return OfficeCode::new(code)
            .map_err(|error| Failure::usage(say(format!("“{code}”不是机构编号"), error.to_string())));
    }
    let dir = dir.ledger();
    Err(Failure::failed(say(
        format!("{} 中没有台账：请核对 --data 和 --office", dir.display()),
        format!("there is no ledger in {}: check --data and --office", dir.display()),
    )))
}

/// The office's tokens, whose ids are taken, and its accounts. One that has none yet makes none for a query: then it is as with
/// this command's own token.
fn own_accounts(dir: &OfficeDir, own: &Arc<Access>) -> Outcome<Arc<Access>> {
    if !dir.accounts().exists() {
        return Ok(Arc::clone(own));
    }
    let access = Access::open(dir.access()).map_err(|error| open_failure(&error))?;
    let accounts = Accounts::open_or_create(&dir.access()).map_err(|error| accounts_failure(&error))?;
    Ok(Arc::new(access.with_accounts(Arc::new(accounts))))
}

/// A store with one token, in a directory that goes with it.
fn own_access(office: OfficeCode) -> Outcome<(TempDir, Arc<Access>, String)> {
    let failed = |error: &dyn std::error::Error| Failure {
        exit: Exit::Failed,
        lines: vec![say("无法建立临时令牌", "no token for this command could be made").because(error)],
    };
    let dir = tempfile::Builder::new()
        .prefix("keshi-")
        .tempdir()
        .map_err(|error| failed(&error))?;
    let access = Access::open_or_create(Path::new(dir.path()).join("access.redb")).map_err(|error| failed(&error))?;
    let request = Request {
        id: Some(LOCAL_ID.to_owned()),
        office: office.to_string(),
        role: Role::Admin,
        expires_on: None,
    };
    let new = access
        .create(&request, Timestamp::now())
        .map_err(|error| failed(&error))?;
    Ok((dir, Arc::new(access), new.secret.reveal().to_owned()))
}
