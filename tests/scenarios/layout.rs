//! What may depend on what (README, invariant 9 and the arrows of the code map).

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace")
}

/// The crates of the workspace, apart from these tests: name and directory.
fn crates() -> Vec<(String, PathBuf)> {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).expect("the workspace's manifest");
    let members = manifest.split_once("members = [").expect("members").1;
    let members = members.split_once(']').expect("their end").0;
    let dirs = members.split('"').skip(1).step_by(2).filter(|dir| *dir != "tests");
    let named = dirs.map(|dir| {
        let manifest = fs::read_to_string(root().join(dir).join("Cargo.toml")).expect("a manifest");
        let name = manifest.split('"').nth(1).expect("a name").to_owned();
        (name, root().join(dir))
    });
    named.collect()
}

/// What the crate is built with, tests aside.
fn dependencies(dir: &Path) -> Vec<String> {
    let manifest = fs::read_to_string(dir.join("Cargo.toml")).expect("a manifest");
    let section = manifest
        .split("\n[")
        .find_map(|section| section.strip_prefix("dependencies]\n"));
    let lines = section.unwrap_or_default().lines();
    lines
        .filter_map(|line| line.split(['.', ' ', '=']).next())
        .filter(|name| !name.is_empty() && !name.starts_with('#'))
        .map(str::to_owned)
        .collect()
}

/// The crates that are built with `dependency`.
fn built_with(dependency: &str) -> Vec<String> {
    let all = crates().into_iter();
    all.filter(|(_, dir)| dependencies(dir).iter().any(|name| name == dependency))
        .map(|(name, _)| name)
        .collect()
}

fn sources(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir)
        .expect("a directory")
        .map(|entry| entry.expect("an entry").path());
    entries
        .flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] })
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect()
}

#[test]
fn only_the_log_is_built_with_sled_and_only_the_bus_with_nats() {
    assert_eq!(built_with("sled"), ["keshi-log"]);
    assert_eq!(built_with("async-nats"), ["keshi-bus"]);
}

#[test]
fn the_core_and_the_verifier_have_no_runtime_no_transport_and_no_store() {
    for dependency in ["tokio", "tonic", "sled", "async-nats", "redb"] {
        let users = built_with(dependency);
        let pure = ["keshi-core", "keshi-verify"];
        assert!(
            !users.iter().any(|user| pure.contains(&user.as_str())),
            "{dependency}: {users:?}"
        );
    }
    assert!(!built_with("prost").contains(&"keshi-core".to_owned()));
}

#[test]
fn the_core_has_no_clock_no_input_or_output_no_randomness_and_no_floats() {
    let core = root().join("ledger/core/src");
    let forbidden = [
        "SystemTime",
        "Instant::now",
        "Timestamp::now",
        "std::fs",
        "std::net",
        "std::env",
        "rand::",
        "f32",
        "f64",
    ];
    let mut read = 0;
    for path in sources(&core) {
        read += 1;
        let text = fs::read_to_string(&path).expect("a source");
        for line in text.lines().filter(|line| !line.trim_start().starts_with("//")) {
            for word in forbidden {
                assert!(!line.contains(word), "{}: {line}", path.display());
            }
        }
    }
    assert!(read > 50, "{read} sources");
}

/// The modules of the core, from what everything rests on to what is asked. A module uses its own layer and those above
/// it in this list.
const CORE: [&[&str]; 4] = [
    // Facts: what may be said, and its words.
    &[
        "canonical",
        "certificate",
        "codes",
        "entry",
        "event",
        "hex",
        "hours",
        "ids",
        "intern",
        "lang",
        "period",
        "reason",
        "review",
        "submission",
        "text",
        "time",
        "title",
        "violation",
    ],
    // Rules: documents that the office adopts.
    &["calendar", "definitions", "document", "policy"],
    // State: rows, and how an entry changes them.
    &["state"],
    // Answers, and beside them what becomes of a submission.
    &[
        "balance", "decide", "digest", "figures", "record", "registry", "tier", "works",
    ],
];

#[test]
fn in_the_core_facts_know_no_rules_rules_no_state_and_the_state_no_answers() {
    let core = root().join("ledger/core/src");
    let layer = |module: &str| CORE.iter().position(|layer| layer.contains(&module));
    for path in sources(&core) {
        let within = path.strip_prefix(&core).expect("in the core").with_extension("");
        let module = within.iter().next().and_then(|name| name.to_str()).expect("a module");
        if module == "lib" {
            continue;
        }
        let own = layer(module).unwrap_or_else(|| panic!("{module} has no layer: give it one"));
        let text = fs::read_to_string(&path).expect("a source");
        let statements = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        for line in statements {
            for used in line.split("crate::").skip(1) {
                let used = used.split(|c: char| !c.is_alphanumeric() && c != '_').next();
                let used = used.and_then(layer).unwrap_or(own);
                assert!(used <= own, "{}: {line}", path.display());
            }
        }
    }
}
