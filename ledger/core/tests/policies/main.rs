//! Policy documents: those that offices have adopted parse for ever, and broken ones are explained like by a good
//! compiler.

use std::fs;
use std::path::PathBuf;

use keshi_core::lang::Lang;
use keshi_core::policy::Policy;

fn documents(folder: &str) -> Vec<(String, String)> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(folder);
    let entries = fs::read_dir(&path).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
    let mut found: Vec<(String, String)> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .map(|path| {
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            (name, fs::read_to_string(&path).unwrap())
        })
        .collect();
    found.sort();
    found
}

#[test]
fn every_document_that_was_released_still_parses() {
    let released = documents("tests/policies/adopted");
    assert!(released.len() >= 5, "the released documents are kept here");
    for (name, text) in released {
        if let Err(problems) = Policy::parse(&text) {
            panic!("{name} parsed once and must for ever: {problems:#?}");
        }
    }
}

#[test]
fn every_document_that_is_shipped_parses_and_is_kept_as_released() {
    for (name, text) in documents("policies") {
        let policy = Policy::parse(&text).unwrap_or_else(|problems| panic!("{name}: {problems:#?}"));
        assert_eq!(policy.id.as_str(), name, "a file is named by its policy's id");
        let kept = documents("tests/policies/adopted");
        assert!(
            kept.iter().any(|(_, kept)| *kept == text),
            "keep a copy of {name} under tests/policies/adopted"
        );
    }
}

#[test]
fn all_problems_of_a_broken_document_are_explained_in_both_languages() {
    let broken = documents("tests/policies/broken");
    assert!(broken.len() >= 20);
    for (name, text) in broken {
        let problems = Policy::parse(&text).expect_err(&name);
        let lines = |lang| problems.iter().map(|p| p.text(lang)).collect::<Vec<_>>().join("\n");
        let shown = format!("{}\n\n{}\n", lines(Lang::Zh), lines(Lang::En));
        insta::with_settings!({ snapshot_path => "broken", prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(name, shown);
        });
    }
}

#[test]
fn a_document_of_ten_megabytes_is_refused_without_reading_it() {
    let text = "# 规则\n".repeat(1_200_000);
    let problems = Policy::parse(&text).unwrap_err();
    assert_eq!(problems.len(), 1);
    assert!(problems[0].en.contains("at most 262144"), "{problems:?}");
}
