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
