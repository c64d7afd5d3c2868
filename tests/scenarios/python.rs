//! The client of `ledger/docs/api.md`, as it stands there, against a server with tokens.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use keshi_core::reason::ReasonCode;
use keshi_tests::caller::Caller;
use keshi_tests::process::{Keshi, run};
use tempfile::tempdir;

use crate::tls::Papers;

const API: &str = include_str!("../../ledger/docs/api.md");

/// What the client needs, as `api.md` says, and what reads OpenAPI; of versions that fit together.
const PACKAGES: [&str; 4] = [
    "grpcio==1.76.0",
    "grpcio-reflection==1.76.0",
    "grpcio-status==1.76.0",
    "openapi-spec-validator==0.9.0",
];

fn ran(command: &mut Command) -> Output {
    command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"))
}

/// A Python with these packages, kept in the build folder; `None` if this machine's Python makes no such folder.
pub(crate) fn python() -> Option<PathBuf> {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../target"),
        PathBuf::from,
    );
    let folder = target.join("python-client");
    let python = folder.join("bin/python");
    let has_venv = Command::new("python3").args(["-c", "import venv, ensurepip"]).output();
    if !has_venv.is_ok_and(|ran| ran.status.success()) {
        return None;
    }
    let is_there = || {
        ran(Command::new(&python).args([
            "-c",
            "import grpc, grpc_reflection, grpc_status, openapi_spec_validator",
        ]))
    };
    if !python.exists() || !is_there().status.success() {
        let made = ran(Command::new("python3").args(["-m", "venv"]).arg(&folder));
        assert!(made.status.success(), "{made:?}");
        let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
        let fetched = ran(Command::new(&python).args(install).args(PACKAGES));
        assert!(fetched.status.success(), "{}", String::from_utf8_lossy(&fetched.stderr));
    }
    Some(python)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_python_client_of_the_documents_posts_corrects_and_reads_in_the_clear_and_over_tls() {
    let Some(python) = python() else {
        println!("skipped: python3 here has no venv (install python3-venv)");
        return;
    };
    client_runs(&python, None).await;
    client_runs(&python, Some(&Papers::new())).await;
}

/// Runs it against a server, over TLS if there are papers for that.
async fn client_runs(python: &Path, papers: Option<&Papers>) {
    let data = tempdir().expect("a directory");
    let mut keshi = Keshi::up(data.path(), &["--office", "610729"]).expect("it listens");
    let admin = fs::read_to_string(data.path().join("610729/token")).expect("kept");
    Caller::connect(&keshi.url()).await.with(admin.trim()).furnish().await;
    let place = data.path().to_str().expect("a plain path");
    let clerk = run(&["token", "create", "clerk", "--school", "S1", "--data", place]);
    assert_eq!(clerk.code, Some(0), "{}", clerk.err);

    let authority = papers.map(|papers| papers.path("ca.pem"));
    if let Some(papers) = papers {
        assert_eq!(keshi.stop(), Some(0));
        keshi = papers.serve(data.path());
    }
    let (_, client) = API.split_once("```python\n").expect("a client");
    let (client, _) = client.split_once("```").expect("its end");
    let file = data.path().join("client.py");
    fs::write(&file, client).expect("it is written");
    let address = keshi.url().replace("http://", "");
    let mut client = Command::new(python);
    client.arg(&file).args([&address, clerk.out.trim()]).args(authority);
    let ran = ran(&mut client);
    let (out, err) = (
        String::from_utf8_lossy(&ran.stdout),
        String::from_utf8_lossy(&ran.stderr),
    );
    let lines: Vec<&str> = out.lines().map(str::trim).collect();
    let expected = [
        "VERDICT_RECORDED",
        "VERDICT_DUPLICATE",
        "lessons given: 2.0",
        "VERDICT_RECORDED",
        "lessons given: 1.0",
        "VERDICT_WAITING WaitingFor",
        "INVALID_ARGUMENT InvalidFields",
    ];
    assert_eq!(lines, expected, "{err}");
    assert_eq!(keshi.stop(), Some(0));
}

#[test]
fn the_document_of_the_api_names_every_reason_of_a_verdict() {
    for code in ReasonCode::ALL {
        let row = format!("| `{}` |", code.name());
        assert!(API.contains(&row), "{row} is missing in ledger/docs/api.md");
    }
}
