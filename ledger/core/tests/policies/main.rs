//! Policy documents: those that offices have adopted parse for ever, and broken ones are explained like by a good
//! compiler.

use std::fs;
use std::path::PathBuf;

use keshi_core::document::{LIST_MAX, TEXT_CHARS_MAX};
use keshi_core::lang::Lang;
use keshi_core::policy::{Policy, size};

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
    assert!(
        problems[0]
            .what
            .en
            .contains(&format!("at most {}", size::POLICY_BYTES_MAX)),
        "{problems:?}"
    );
}

const HEAD: &str =
    "language = 1\nid = \"p\"\nversion = 1\nname = \"n\"\neffective_from = 2022-01-01\n[scope]\npost = [\"教师\"]\n";

/// A policy with so many tables, each of these lines with its number for `#`.
fn with(count: usize, table: &str) -> String {
    let tables = (0..count).map(|number| table.replace('#', &number.to_string()));
    HEAD.to_owned() + &tables.collect::<String>()
}

/// What is wrong with a document, in English.
fn problem(text: &str) -> String {
    let problems = Policy::parse(text).expect_err("it is too large");
    problems.iter().map(|problem| problem.text(Lang::En)).collect()
}

#[test]
fn a_policy_with_more_of_anything_than_its_limit_is_refused_and_one_at_the_limit_is_not() {
    let requirement = "[[requirement]]\nid = \"R#\"\nmeter = \"hours\"\nperiod = \"month\"\nmin = 1\n";
    let conversion = "[[conversion]]\nid = \"V#\"\nkind = \"award_given\"\nhours = \"1\"\n";
    let cap = "[[cap]]\nid = \"C#\"\nperiod = \"month\"\nmax = 1\n";
    for (key, max, table) in [
        ("requirement", size::REQUIREMENTS_MAX, requirement),
        ("conversion", size::CONVERSIONS_MAX, conversion),
        ("cap", size::CAPS_MAX, cap),
    ] {
        assert!(Policy::parse(&with(max, table)).is_ok(), "{key}");
        let wrong = problem(&with(max + 1, table));
        assert!(wrong.contains(&format!("[[{key}]], at most {max}")), "{wrong}");
    }
    let carrying = requirement.to_owned() + "carry = {share = \"1\"}\n";
    assert!(Policy::parse(&with(size::CARRIES_MAX, &carrying)).is_ok());
    assert!(problem(&with(size::CARRIES_MAX + 1, &carrying)).contains("may have carry"));
    let between = "[[substitution]]\nid = \"S#\"\nfrom = \"R0\"\nto = \"R1\"\n";
    let many = with(2, requirement) + &with(size::SUBSTITUTIONS_MAX + 1, between)[HEAD.len()..];
    assert!(problem(&many).contains("[[substitution]], at most"));
    let choice = "[[one_of]]\nid = \"O#\"\nrequirements = [\"R0\", \"R1\"]\n";
    let many = with(2, requirement) + &with(size::ONE_OF_MAX + 1, choice)[HEAD.len()..];
    assert!(problem(&many).contains("[[one_of]], at most"));
}

#[test]
fn a_policy_of_two_thousand_requirements_is_refused_by_its_bytes_before_it_is_read() {
    let requirement = "[[requirement]]\nid = \"R#\"\nmeter = \"hours\"\nperiod = \"month\"\nmin = 1\n";
    let wrong = problem(&with(2_300, requirement));
    assert!(wrong.starts_with("1:1: the document has"), "{wrong}");
    assert!(
        wrong.contains(&format!("at most {}", size::POLICY_BYTES_MAX)),
        "{wrong}"
    );
}

#[test]
fn texts_lists_days_and_cycles_of_a_policy_have_limits_too() {
    let requirement = "[[requirement]]\nid = \"R#\"\nmeter = \"hours\"\nperiod = \"month\"\nmin = 1\n";
    let text = |chars: usize| with(1, requirement) + &format!("text = \"{}\"", "课".repeat(chars));
    assert!(Policy::parse(&text(TEXT_CHARS_MAX)).is_ok());
    assert!(problem(&text(TEXT_CHARS_MAX + 1)).contains("characters, at most"));
    let list = |count: usize| with(1, requirement) + &format!("where = {{topic = [{}]}}", "\"x\",".repeat(count));
    assert!(Policy::parse(&list(LIST_MAX)).is_ok());
    assert!(problem(&list(LIST_MAX + 1)).contains("values, at most"));
    let from = |day: &str| with(1, requirement).replace("2022-01-01", day);
    assert!(Policy::parse(&from("1950-01-01")).is_ok());
    assert!(problem(&from("0001-01-01")).contains("must lie between 1950 and 2150"));
    let cycle = |days: u32| with(1, requirement) + &format!("[cycle]\nfrom = 2022-01-01\ndays = {days}");
    assert!(Policy::parse(&cycle(size::CYCLE_DAYS_MIN)).is_ok());
    assert!(problem(&cycle(1)).contains("days must lie between 90 and"));
}
