//! What the page for auditors names exists.

use std::fs;
use std::path::{Path, PathBuf};

fn sources(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn every_test_that_the_page_names_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let page = fs::read_to_string(root.join("ledger/docs/audit.md")).unwrap();
    let rows = page
        .lines()
        .filter(|line| line.starts_with("| ") && line.ends_with("` |"));
    let mut found = Vec::new();
    for tests in [
        "ledger/bundle/tests",
        "ledger/core/tests",
        "services/query/tests",
        "services/keshi/tests",
    ] {
        sources(&root.join(tests), &mut found);
    }
    let tests: String = found.iter().map(|path| fs::read_to_string(path).unwrap()).collect();
    let mut count = 0;
    for row in rows {
        let (_, last) = row.trim_end_matches(" |").rsplit_once("| ").unwrap();
        for name in last.split('`').skip(1).step_by(2) {
            assert!(tests.contains(&format!("fn {name}(")), "{name}");
            count += 1;
        }
    }
    assert!(count > 12, "{count}");
}
