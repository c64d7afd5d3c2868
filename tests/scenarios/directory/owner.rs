//! Root at work in the directory of another user, as on every server.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, lchown};
use std::path::{Path, PathBuf};

use keshi_tests::process::run;

use super::furnished;

/// Nobody, on most systems; it need not exist.
const OWNER: u32 = 65_534;

/// All below a directory that is not its owner's.
fn foreign(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).expect("it can be read") {
        let path = entry.expect("it can be read").path();
        let metadata = path.symlink_metadata().expect("it is there");
        if metadata.uid() != OWNER {
            found.push(path.clone());
        }
        if metadata.is_dir() {
            found.extend(foreign(&path));
        }
    }
    found
}

fn give(dir: &Path) {
    lchown(dir, Some(OWNER), Some(OWNER)).expect("given");
    for path in foreign(dir) {
        lchown(path, Some(OWNER), Some(OWNER)).expect("given");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_root_makes_in_anothers_directory_is_the_others_and_what_is_not_is_found_by_doctor() {
    if fs::metadata("/proc/self").expect("a process").uid() != 0 {
        println!("not root: nobody's files can be given away");
        return;
    }
    let (data, _) = furnished().await;
    // Nothing is there yet that a question or a token makes.
    for made in ["reads", "access.redb"] {
        let path = data.path().join("610729").join(made);
        assert!(path.exists(), "{made}");
    }
    for reads in fs::read_dir(data.path().join("610729/reads")).expect("there").flatten() {
        fs::remove_file(reads.path()).expect("removed");
    }
    give(data.path());
    let path = data.path().to_str().expect("a plain path");
    for args in [
        &["token", "create", "auditor"][..],
        &["balance", "T1", "--period", "2022"],
        &["log"],
        &["audit", "replay"],
        &["doctor"],
    ] {
        let ran = run(&[args, &["--data", path, "--office", "610729", "--lang", "en"]].concat());
        assert!(matches!(ran.code, Some(0 | 1)), "{args:?}: {}", ran.err);
        let foreign = foreign(data.path());
        assert!(foreign.is_empty(), "{args:?}: {foreign:?}");
    }
    let reads = fs::read_dir(data.path().join("610729/reads")).expect("there");
    assert!(reads.count() > 0, "a question made a file");

    // What got there in another way is told, with the command that mends it.
    lchown(data.path().join("610729/contents"), Some(12_345), None).expect("given");
    let doctor = run(&["doctor", "--data", path, "--lang", "en"]);
    assert_eq!(doctor.code, Some(1), "{}", doctor.out);
    assert!(
        doctor.out.contains("contents does not belong") && doctor.out.contains("chown -R --reference="),
        "{}",
        doctor.out
    );
}
