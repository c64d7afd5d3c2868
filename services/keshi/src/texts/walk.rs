//! Every command and option that a text of the program names exists.

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Command, CommandFactory as _};

use crate::cli::Cli;

/// Words that follow the program's name where it is no command but the program that is spoken of.
const PROSE: &[&str] = &[
    "is", "starts", "serves", "runs", "did", "first", "as", "on", "and", "with", "has", "ledger", "contents", "ratio",
    "answers", "signed", "signing",
];

/// A command named in a text: its words as far as they are commands, and the options behind them.
struct Named {
    place: String,
    words: Vec<String>,
    options: Vec<String>,
}

/// The sources whose texts are shown: not tests, whose command lines may be wrong on purpose.
fn sources(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap().map(Result::unwrap) {
        let (path, name) = (entry.path(), entry.file_name());
        let name = name.to_string_lossy();
        if path.is_dir() && !["tests", "target", "benches", "examples"].contains(&&*name) {
            sources(&path, found);
        } else if name.ends_with(".rs") && !name.ends_with("_tests.rs") && name != "walk.rs" {
            found.push(path);
        }
    }
}

/// The pages for readers.
fn pages(root: &Path) -> Vec<PathBuf> {
    let named = ["README.md", "README.zh-CN.md", "services/sheets/README.md"];
    let docs = fs::read_dir(root.join("ledger/docs"))
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let docs = docs.filter(|path| path.extension().is_some_and(|ext| ext == "md"));
    named.iter().map(|page| root.join(page)).chain(docs).collect()
}

/// What a page says as code: blocks and spans.
fn code(page: &str) -> Vec<String> {
    page.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// The string literals of a source above its tests, lines that go on joined.
fn literals(source: &str) -> Vec<String> {
    let code = source.split("#[cfg(test)]").next().unwrap_or_default();
    let code: String = code
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .flat_map(|line| [line, "\n"])
        .collect();
    let mut all = Vec::new();
    let mut literal: Option<String> = None;
    let mut chars = code.chars().peekable();
    while let Some(c) = chars.next() {
        match (&mut literal, c) {
            (None, '\'') => {
                // A character, perhaps a quote.
                if chars.peek() == Some(&'"') {
                    chars.next();
                }
            }
            (None, '"') => literal = Some(String::new()),
            (None, _) => {}
            (Some(text), '\\') => match chars.next() {
                Some('\n') => while chars.next_if(|c| c.is_whitespace()).is_some() {},
                Some('n') => text.push('\n'),
                Some(other) => text.push(other),
                None => {}
            },
            (Some(_), '"') => all.extend(literal.take()),
            (Some(text), c) => text.push(c),
        }
    }
    all
}

fn named(place: &str, text: &str) -> Vec<Named> {
    let mut all = Vec::new();
    for (at, _) in text.match_indices("keshi ") {
        let starts_a_word = !text[..at].ends_with(|c: char| c.is_ascii_alphanumeric() || c == '-' || c == '/');
        let rest = &text[at + "keshi ".len()..];
        // Up to the end of the phrase that is a command line.
        let line = rest
            .split(['，', '。', '；', '）', '：', '、', ',', ';', ')', '\n', '`', '“', '”'])
            .next()
            .unwrap_or_default();
        let words: Vec<&str> = line.split_whitespace().collect();
        let is_word = |word: &&str| word.chars().all(|c| c.is_ascii_lowercase() || c == '-') && !word.starts_with('-');
        let commands: Vec<String> = words
            .iter()
            .take_while(|w| is_word(w))
            .map(|w| (*w).to_owned())
            .collect();
        if !starts_a_word || commands.first().is_none_or(|first| PROSE.contains(&first.as_str())) {
            continue;
        }
        let options = words.iter().filter(|word| word.starts_with("--") && word.len() > 2);
        let options = options.map(|word| {
            word.trim_start_matches('-')
                .split('=')
                .next()
                .unwrap_or_default()
                .to_owned()
        });
        all.push(Named {
            place: format!("{place}: keshi {line}"),
            words: commands,
            options: options.collect(),
        });
    }
    all
}

/// What is wrong with a named command; `None` if it exists with its options.
fn fault(cli: &Command, named: &Named) -> Option<String> {
    let mut command = cli;
    let mut depth = 0;
    while let Some(next) = named.words.get(depth).and_then(|word| command.find_subcommand(word)) {
        command = next;
        depth += 1;
    }
    if depth == 0 {
        return Some(format!("{}: no such command", named.place));
    }
    if command.has_subcommands() && named.words.len() > depth && !named.options.is_empty() {
        return Some(format!("{}: no such command below it", named.place));
    }
    let has = |of: &Command, option: &String| of.get_arguments().any(|arg| arg.get_long() == Some(option));
    let missing = named
        .options
        .iter()
        .find(|option| !has(command, option) && !has(cli, option));
    missing.map(|option| format!("{}: no option --{option}", named.place))
}

#[test]
fn every_command_and_option_that_a_text_names_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut files = Vec::new();
    for dir in ["services", "ledger"] {
        sources(&root.join(dir), &mut files);
    }
    assert!(files.len() > 200, "only {} sources", files.len());
    let cli = Cli::command();
    let mut checked = 0;
    let mut faults = Vec::new();
    files.extend(pages(&root));
    for path in files {
        let source = fs::read_to_string(&path).unwrap();
        let place = path.strip_prefix(&root).unwrap().display().to_string();
        let is_page = path.extension().is_some_and(|ext| ext == "md");
        for text in if is_page { code(&source) } else { literals(&source) } {
            for one in named(&place, &text) {
                checked += 1;
                faults.extend(fault(&cli, &one));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(checked > 100, "only {checked} commands named in texts were found");
}

#[test]
fn a_command_or_option_that_does_not_exist_is_found() {
    let cli = Cli::command();
    for (text, is_wrong) in [
        ("请用 keshi bus attach nats://a 改接", false),
        ("run keshi import FILE --dry-run, then", false),
        ("keshi correct {index} --hours 4 --reason …", false),
        ("请用 keshi claims 查看", true),
        ("keshi import FILE --dryrun", true),
        ("keshi bus atach --bus x", true),
    ] {
        let found: Vec<Named> = named("here", text);
        assert_eq!(found.len(), 1, "{text}");
        assert_eq!(fault(&cli, &found[0]).is_some(), is_wrong, "{text}");
    }
}
