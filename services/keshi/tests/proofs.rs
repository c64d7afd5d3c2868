//! `keshi audit checkpoint`, `prove`, `consistency`, `check`, `key` and `rotate-key`: what is taken away proves itself, and a ledger
//! that lacks what was given out is noticed.

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use keshi::Exit;
use tempfile::TempDir;

use crate::support::{Office, Said, json, run, school};

/// An office of a few entries whose signing key lies in a file, and a folder of an auditor's own.
struct Audited {
    office: Office,
    kept: TempDir,
    key_file: String,
}

impl Audited {
    fn new() -> Self {
        let kept = TempDir::new().unwrap();
        let audited = Self {
            office: Office::new(),
            key_file: kept.path().join("apart/signing.key").display().to_string(),
            kept,
        };
        audited.post(0..9);
        audited
    }

    fn post(&self, numbers: std::ops::Range<u32>) {
        let lines: Vec<_> = numbers
            .map(|n| school(&format!("S{n}"), &format!("第{n}小学")))
            .collect();
        let posted = self.office.run_where("post -", &lines.join("\n"), &self.variables());
        assert_eq!(posted.exit, Exit::Done, "{}", posted.err);
    }

    fn file(&self, name: &str) -> String {
        self.kept.path().join(name).display().to_string()
    }

    fn variables(&self) -> [(&str, &str); 3] {
        [
            ("LANG", "en_US.UTF-8"),
            ("KESHI_SIGNING_KEY", ""),
            ("KESHI_SIGNING_KEY_FILE", &self.key_file),
        ]
    }

    fn run(&self, line: &str) -> Said {
        self.office.run_where(line, "", &self.variables())
    }

    fn done(&self, line: &str) -> String {
        let said = self.run(line);
        assert_eq!(said.exit, Exit::Done, "{line}: {}{}", said.out, said.err);
        said.out
    }

    fn key(&self) -> String {
        self.done("audit key").trim().to_owned()
    }
}

/// A check on another machine: no data directory, no server.
fn check(line: &str) -> Said {
    run(&format!("audit check {line}"), "", &[("LANG", "en_US.UTF-8")])
}

#[test]
fn what_was_saved_is_checked_elsewhere_with_the_public_key_alone() {
    let audited = Audited::new();
    let (key, [saved, entry, went_on]) = (
        audited.key(),
        ["a.txt", "b.tlog-proof", "c.txt"].map(|name| audited.file(name)),
    );
    assert!(key.starts_with("keshi/610729/"), "{key}");
    let said = audited.run(&format!("audit checkpoint -o {saved}"));
    assert!(
        said.out.is_empty() && said.err.contains("the checkpoint of 9 entries, root"),
        "{}",
        said.err
    );
    let printed = audited.done("audit checkpoint --at-size 9");
    assert_eq!(printed, fs::read_to_string(&saved).unwrap(), "byte for byte");
    audited.post(9..12);
    audited.done(&format!("audit prove 10 -o {entry}"));
    audited.done(&format!("audit consistency 9 -o {went_on}"));

    let checked = check(&format!("{saved} --key {key}"));
    assert!(
        checked.out.contains("had 9 entries, root"),
        "{}{}",
        checked.out,
        checked.err
    );
    let checked = check(&format!("{entry} --key {key}"));
    assert!(
        checked.out.contains("proved: entry 10 is one of the 12"),
        "{}{}",
        checked.out,
        checked.err
    );
    let checked = check(&format!("{went_on} --key {key} --earlier {saved}"));
    assert!(
        checked.out.contains("the 12 entries") && checked.out.contains("begin with the 9 of before"),
        "{}{}",
        checked.out,
        checked.err
    );
    // The key may lie in a file, and an answer be for a program.
    let key_file = audited.file("key.txt");
    fs::write(&key_file, format!("{key}\n")).unwrap();
    let checked = json(&check(&format!("{entry} --key {key_file} --json")).out);
    assert_eq!(
        (&checked["index"], &checked["checkpoint"]["size"]),
        (&"10".into(), &"12".into())
    );
}

#[test]
fn what_does_not_verify_ends_with_four_and_says_why() {
    let audited = Audited::new();
    let (key, saved, went_on) = (audited.key(), audited.file("a.txt"), audited.file("c.txt"));
    audited.done(&format!("audit checkpoint -o {saved}"));
    audited.post(9..12);
    audited.done(&format!("audit consistency 9 -o {went_on}"));
    let other = Audited::new();
    let (other_key, other_saved) = (other.key(), other.file("a.txt"));
    other.done(&format!("audit checkpoint -o {other_saved}"));

    let refused = check(&format!("{saved} --key {other_key}"));
    assert_eq!(refused.exit, Exit::NotVerified);
    assert!(
        refused.err.contains("not signed with the key that was given"),
        "{}",
        refused.err
    );
    let changed = audited.file("changed.txt");
    fs::write(&changed, fs::read_to_string(&saved).unwrap().replace("\n9\n", "\n8\n")).unwrap();
    let refused = check(&format!("{changed} --key {key}"));
    assert_eq!(refused.exit, Exit::NotVerified);
    assert!(refused.err.contains("this is not what was signed"), "{}", refused.err);
    // Two ledgers, each signed: one does not go on from the other.
    let refused = check(&format!(
        "{went_on} --key {key} --key {other_key} --earlier {other_saved}"
    ));
    assert_eq!(refused.exit, Exit::Usage, "{}", refused.err);
    let no_key = check(&format!("{saved} --key nonsense"));
    assert_eq!(no_key.exit, Exit::Usage);
    assert!(no_key.err.contains("the public key cannot be used"), "{}", no_key.err);
    fs::write(&changed, "hello\n").unwrap();
    assert_eq!(check(&format!("{changed} --key {key}")).exit, Exit::Failed);
    assert_eq!(audited.run("audit prove 12").exit, Exit::Failed);
    assert_eq!(audited.run("audit consistency 0").exit, Exit::Failed);
}

#[test]
fn a_ledger_whose_key_is_gone_is_not_served_and_gets_no_other() {
    let audited = Audited::new();
    let key = PathBuf::from(&audited.key_file);
    let aside = key.with_extension("aside");
    fs::rename(&key, &aside).unwrap();
    for _ in 0..2 {
        let refused = audited.run("audit key");
        assert_eq!(refused.exit, Exit::NotVerified, "{}", refused.err);
        assert!(
            refused.err.contains("the key of the checkpoints is not there"),
            "{}",
            refused.err
        );
        assert!(
            refused.err.contains("--signing-key") && !key.exists(),
            "{}",
            refused.err
        );
    }
    let named = audited.office.run_where(
        &format!("audit key --signing-key {}", aside.display()),
        "",
        &[("LANG", "en_US.UTF-8"), ("KESHI_SIGNING_KEY", "")],
    );
    assert_eq!(named.exit, Exit::Done, "{}", named.err);
}

#[test]
fn a_key_is_changed_and_what_was_signed_before_is_still_checked_with_the_one_of_before() {
    let audited = Audited::new();
    let (before, saved, went_on) = (audited.key(), audited.file("a.txt"), audited.file("c.txt"));
    audited.done(&format!("audit checkpoint -o {saved}"));
    let said = audited.done("audit rotate-key");
    assert!(
        said.contains("from 9 entries on checkpoints are signed with a new key"),
        "{said}"
    );
    let after = said.rsplit(' ').next().unwrap().trim().to_owned();
    let listed = audited.done("audit key");
    assert!(listed.contains(&before) && listed.contains(&after), "{listed}");
    let listed = json(&audited.done("audit key --json"));
    assert_eq!(
        (&listed["keys"][0]["untilSize"], &listed["keys"][1]["key"]),
        (&"9".into(), &after.clone().into())
    );
    audited.post(9..12);
    audited.done(&format!("audit consistency 9 -o {went_on}"));
    assert_eq!(check(&format!("{saved} --key {before}")).exit, Exit::Done);
    assert_eq!(check(&format!("{went_on} --key {before}")).exit, Exit::NotVerified);
    let both = check(&format!("{went_on} --key {before} --key {after} --earlier {saved}"));
    assert_eq!(both.exit, Exit::Done, "{}", both.err);
}

#[test]
fn a_ledger_put_back_to_an_older_copy_is_noticed_by_the_checkpoint_that_was_given_out() {
    let audited = Audited::new();
    let (ledger, older) = (
        audited.office.path().join("610729/ledger"),
        audited.kept.path().join("older"),
    );
    copy(&ledger, &older);
    audited.post(9..12);
    audited.done("audit checkpoint");
    let newer = audited.kept.path().join("newer");
    fs::rename(&ledger, &newer).unwrap();
    copy(&older, &ledger);
    let refused = audited.run("audit growth");
    assert_eq!(refused.exit, Exit::NotVerified, "{}", refused.err);
    assert!(
        refused
            .err
            .contains("a checkpoint of 12 entries was given out, and the ledger has 9"),
        "{}",
        refused.err
    );
    let found = audited.run("doctor").out;
    assert!(found.contains("a checkpoint of 12 entries was given out"), "{found}");
    // Whoever accepts the loss says so, by hand; then it went on from there, another way.
    let given = format!("{}.given", audited.key_file);
    let kept = fs::read(&given).unwrap();
    fs::write(&given, "").unwrap();
    audited.post(20..25);
    fs::write(&given, kept).unwrap();
    let refused = audited.run("audit growth");
    assert_eq!(refused.exit, Exit::NotVerified, "{}", refused.err);
    assert!(
        refused.err.contains("is of other entries than the ledger's"),
        "{}",
        refused.err
    );
    let found = audited.run("doctor").out;
    assert!(found.contains("is of other entries than the ledger's"), "{found}");
    fs::remove_dir_all(&ledger).unwrap();
    fs::rename(&newer, &ledger).unwrap();
    audited.done("audit growth");
}

#[test]
fn a_verifier_that_shares_no_code_agrees() {
    let audited = Audited::new();
    let key = audited.key();
    let names = ["checkpoint", "prove 3", "consistency 5"].map(|what| {
        let file = audited.file(&format!("{}.json", what.split(' ').next().unwrap()));
        audited.done(&format!("audit {what} --json -o {file}"));
        file
    });
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/proofs.py");
    let checked = |files: &[String]| {
        let mut command = Command::new("python3");
        command.arg(script).arg(&key).args(files);
        command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"))
    };
    let ran = checked(&names);
    let (out, err) = (
        String::from_utf8_lossy(&ran.stdout),
        String::from_utf8_lossy(&ran.stderr),
    );
    assert!(ran.status.success(), "{err}");
    for line in ["checkpoint of 9", "entry 3 of 9", "5 went on to 9"] {
        assert!(out.contains(line), "{out}");
    }
    // ... and finds an entry that was changed.
    let mut proof = json(&fs::read_to_string(&names[1]).unwrap());
    proof["entry"] = json(&fs::read_to_string(&names[1]).unwrap())["checkpoint"]["root"].clone();
    fs::write(&names[1], proof.to_string()).unwrap();
    let ran = checked(&names);
    assert!(
        String::from_utf8_lossy(&ran.stderr).contains("the entry is not in the ledger"),
        "{ran:?}"
    );
    assert!(!ran.status.success());
}

/// What a Python program without our code says of a bundle.
fn python(key: &str, bundle: &str) -> std::process::Output {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/bundle.py");
    let mut command = Command::new("python3");
    command.arg(script).args([key, bundle]);
    command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"))
}

#[test]
fn a_bundle_is_checked_by_three_who_agree_and_a_changed_one_by_none() {
    let audited = Audited::new();
    let (key, bundle) = (audited.key(), audited.file("2022.bundle"));
    audited.done(&format!("audit bundle --year 2022 -o {bundle}"));
    let said = check(&format!("{bundle} --key {key}"));
    assert_eq!(said.exit, Exit::Done, "{}", said.err);
    assert!(said.out.contains("all 9 entries"), "{}", said.out);
    let verified = |file: &str| {
        let args = ["--key", &key, file, "--lang", "en"].map(str::to_owned);
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let exit = keshi_bundle::program::run(&args, |_| None, &mut out, &mut err);
        (exit, String::from_utf8([out, err].concat()).unwrap())
    };
    assert_eq!(verified(&bundle).0, 0, "{}", verified(&bundle).1);
    let ran = python(&key, &bundle);
    assert!(
        ran.status.success() && String::from_utf8_lossy(&ran.stdout).contains("9 of 9 entries"),
        "{ran:?}"
    );

    let mut bytes = fs::read(&bundle).unwrap();
    let name = "第3小".as_bytes();
    let place = bytes.windows(name.len()).position(|window| window == name);
    bytes[place.unwrap() + 3] = b'8';
    let changed = audited.file("changed.bundle");
    fs::write(&changed, bytes).unwrap();
    let said = check(&format!("{changed} --key {key}"));
    assert_eq!(said.exit, Exit::NotVerified);
    assert!(
        said.err.contains("root at the ledger of 9 entries: expected root "),
        "{}",
        said.err
    );
    let (exit, text) = verified(&changed);
    assert!(exit == 4 && text.contains("root at the ledger of 9 entries"), "{text}");
    assert!(!python(&key, &changed).status.success());
    assert_eq!(verified(&audited.file("nothing.bundle")).0, 1);
    assert_eq!(
        keshi_bundle::program::run(&[bundle], |_| None, &mut Vec::new(), &mut Vec::new()),
        2
    );
}

#[test]
fn receipts_and_samples_are_kept_as_proofs_and_drawn_alike_by_everybody() {
    let audited = Audited::new();
    let key = audited.key();
    let event = |id: &str| uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_OID, id.as_bytes());
    let list = audited.file("ids.txt");
    fs::write(&list, format!("{}\n{}\n", event("S1"), event("S2"))).unwrap();
    let kept = audited.file("receipts");
    audited.done(&format!("receipt {} {list} -o {kept}", event("S3")));
    for id in ["S1", "S2", "S3"] {
        let said = check(&format!("{kept}/{}.tlog-proof --key {key}", event(id)));
        assert_eq!(said.exit, Exit::Done, "{}", said.err);
    }
    let said = audited.run(&format!("receipt {} -o {kept}", event("never")));
    assert_eq!(said.exit, Exit::Failed);
    assert_eq!(audited.run("receipt S1 -o x").exit, Exit::Usage);

    let drawn = audited.file("drawn");
    let out = audited.done(&format!("audit sample 4 --seed 20221231 -o {drawn}"));
    // Drawn again by the definition: Python has the same.
    let expected = keshi_verify::sample::draw("20221231", 9, 4);
    for index in expected {
        assert!(out.contains(&index.to_string()), "{out}");
        let said = check(&format!("{drawn}/{index}.tlog-proof --key {key}"));
        assert_eq!(said.exit, Exit::Done, "{}", said.err);
    }
    assert_eq!(audited.run("audit sample 0").exit, Exit::Usage);
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
