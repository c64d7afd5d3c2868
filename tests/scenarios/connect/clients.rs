//! The programs of `ledger/docs/api.md`, as they stand there, and the clients of the protocol's own makers.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use keshi_tests::web::Web;

use super::{House, token_of};
use crate::python::python;
use crate::tls::Papers;

const API: &str = include_str!("../../../ledger/docs/api.md");

const NODE_CLIENT: &str = include_str!("connect.mjs");

/// What it needs, of versions that fit together.
const PACKAGES: [&str; 3] = [
    "@bufbuild/protobuf@2.17.0",
    "@connectrpc/connect@2.3.0",
    "@connectrpc/connect-node@2.3.0",
];

/// The program of the document in this language.
fn program(language: &str) -> &'static str {
    let (_, after) = API.split_once(&format!("```{language}\n")).expect("a program");
    after.split_once("```").expect("its end").0
}

/// Whether this machine has the program; one that is missing is said.
fn has(program: &str) -> bool {
    let there = Command::new(program).arg("--version").output().is_ok();
    if !there {
        println!("skipped: there is no {program} on this machine");
    }
    there
}

fn ran(command: &mut Command) -> Output {
    command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"))
}

/// The lines that a program prints.
#[track_caller]
fn lines(output: &Output) -> Vec<String> {
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    let out = String::from_utf8_lossy(&output.stdout);
    out.lines().map(ToOwned::to_owned).collect()
}

/// Runs the program of the document in this language, kept in this file, as a clerk of S1.
async fn documented(language: &str, interpreter: &str, file: &str) -> Option<Vec<String>> {
    if !has(interpreter) {
        return None;
    }
    let house = House::new().await;
    let clerk = house.holder(&["clerk", "--school", "S1"]).await;
    let file = house.data.path().join(file);
    fs::write(&file, program(language)).expect("it is written");
    let mut command = Command::new(interpreter);
    command.arg(&file).arg(house.keshi.pages_url()).arg(clerk.token());
    Some(lines(&ran(&mut command)))
}

const EXPECTED: [&str; 4] = [
    "VERDICT_RECORDED",
    "VERDICT_DUPLICATE",
    "lessons given: 2.0",
    "invalid_argument InvalidFields",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_python_program_of_the_documents_posts_and_reads_with_its_standard_library_alone() {
    if let Some(lines) = documented("python3", "python3", "post.py").await {
        assert_eq!(lines, EXPECTED);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_python_program_of_the_documents_speaks_tls_with_an_office_that_has_its_own_authority() {
    if !has("python3") {
        return;
    }
    let House { data, keshi, admin } = House::new().await;
    let clerk = token_of(data.path(), &["clerk", "--school", "S1"]);
    drop(admin);
    assert_eq!(keshi.stop(), Some(0));
    let papers = Papers::new();
    let keshi = papers.serve(data.path());
    assert!(keshi.pages_url().starts_with("https://"), "{}", keshi.said());
    let file = data.path().join("post.py");
    fs::write(&file, program("python3")).expect("it is written");
    let mut command = Command::new("python3");
    command.arg(&file).arg(keshi.pages_url()).arg(clerk);
    let untrusted = ran(&mut command);
    assert!(
        String::from_utf8_lossy(&untrusted.stderr).contains("CERTIFICATE_VERIFY_FAILED"),
        "{untrusted:?}"
    );
    assert_eq!(
        lines(&ran(command.env("SSL_CERT_FILE", papers.path("ca.pem")))),
        EXPECTED
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_php_program_of_the_documents_posts_and_reads() {
    if let Some(lines) = documented("php", "php", "post.php").await {
        assert_eq!(lines, EXPECTED);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_curl_commands_of_the_documents_post_and_read() {
    if !has("curl") {
        return;
    }
    if let Some(lines) = documented("sh", "sh", "post.sh").await {
        let parts = [
            "VERDICT_RECORDED",
            "VERDICT_DUPLICATE",
            "lessons_given",
            "InvalidFields",
        ];
        assert_all_in(&lines, &parts);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_java_program_of_the_documents_posts_and_reads() {
    if let Some(lines) = documented("java", "java", "Post.java").await {
        let parts = [
            "\"verdict\":\"VERDICT_RECORDED\"",
            "VERDICT_DUPLICATE",
            "200 {\"teacherId\":\"T1\"",
            "400 {\"code\":\"invalid_argument\"",
        ];
        assert_all_in(&lines, &parts);
    }
}

#[track_caller]
fn assert_all_in(lines: &[String], parts: &[&str]) {
    assert_eq!(lines.len(), parts.len(), "{lines:?}");
    for (line, part) in lines.iter().zip(parts) {
        assert!(line.contains(part), "{part}: {line}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_document_of_the_api_is_openapi_and_is_shown_to_everybody() {
    let house = House::new().await;
    let web = Web::of(&house.keshi);
    let document = web.got("/openapi.json").await;
    assert_eq!(document.0, 200);
    let Some(python) = python() else {
        println!("skipped: python3 here has no venv (install python3-venv)");
        return;
    };
    let file = house.data.path().join("openapi.json");
    fs::write(&file, &document.1).expect("it is written");
    let ran = ran(Command::new(python).args(["-m", "openapi_spec_validator"]).arg(&file));
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stdout));
    let (status, page) = web.got("/api/LedgerService/GetBalance").await;
    assert_eq!(status, 200);
    for part in [
        "/keshi.v1.LedgerService/GetBalance",
        "teacherId",
        "With the entries behind it.",
    ] {
        assert!(page.contains(part), "{part}");
    }
}

/// A folder with the protocol's own client, kept in the build folder; `None` if this machine has no node or no npm.
fn node_folder() -> Option<PathBuf> {
    if !has("node") || !has("npm") {
        return None;
    }
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../target"),
        PathBuf::from,
    );
    let folder = target.join("node-client");
    if !folder.join("node_modules/@connectrpc/connect-node").exists() {
        fs::create_dir_all(&folder).expect("a folder");
        let mut install = Command::new("npm");
        install
            .args(["install", "--no-audit", "--no-fund", "--prefix"])
            .arg(&folder)
            .args(PACKAGES);
        let fetched = ran(&mut install);
        assert!(fetched.status.success(), "{}", String::from_utf8_lossy(&fetched.stderr));
    }
    fs::write(folder.join("connect.mjs"), NODE_CLIENT).expect("it is written");
    Some(folder)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_protocols_own_client_posts_reads_watches_and_understands_what_is_refused() {
    let Some(folder) = node_folder() else { return };
    let house = House::new().await;
    let descriptors = house.data.path().join("keshi.bin");
    fs::write(&descriptors, keshi_proto::DESCRIPTORS).expect("it is written");
    let mut client = Command::new("node");
    client.arg(folder.join("connect.mjs")).arg(house.keshi.pages_url());
    client.arg(house.admin.token()).arg(&descriptors);
    let lines = lines(&ran(&mut client));
    let expected = [
        "head 610729 32",
        "posted 1",
        "given 200n",
        "period InvalidArgument InvalidFields",
        "teacher NotFound UnknownTeacher",
        "late DeadlineExceeded",
        "watched true",
    ];
    let forms: Vec<_> = lines.chunks(expected.len() + 1).collect();
    assert_eq!(forms.len(), 5, "{lines:?}");
    for form in forms {
        assert_eq!(form[..expected.len()], expected, "{lines:?}");
    }
    // Over HTTP/1.1 the client itself knows that it cannot; over HTTP/2 the server says so.
    assert_eq!(lines.last().expect("lines"), "streams Unimplemented OnlyGrpc");
}
