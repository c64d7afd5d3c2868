//! After a failed write or sync nothing more is written, and whatever was answered is there when the log is opened again.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use keshi_log::{AppendError, CommitError, Log, OpenError};

use crate::{
    child,
    support::{commit, contents, identity, scratch},
    trace,
};

const LIMIT: Duration = Duration::from_mins(1);

#[test]
fn a_failed_sync_poisons_the_log_until_it_is_opened_again() {
    refuses_while("broken");
}

#[test]
fn a_full_disk_poisons_the_log_until_it_is_opened_again() {
    refuses_while("full");
}

fn refuses_while(trouble: &str) {
    for committed_before in [1, 40] {
        let (root, aside) = (scratch(), scratch());
        fs::write(aside.path().join("trouble"), trouble).unwrap();
        let ended = child::run("write_until_refused", root.path(), committed_before, LIMIT, |command| {
            trace::record(
                command,
                root.path(),
                &aside.path().join("trace"),
                &aside.path().join("flag"),
            );
        });
        assert_eq!(ended.code, Some(0), "{trouble}: {ended:#?}");
        assert_eq!(ended.reports, ["refused", "reopened"], "{trouble}: {ended:#?}");
    }
}

/// The child: commits, lets the disk fail, sees the log refuse, lets the disk recover, opens the log again.
pub fn write_until_refused(root: &Path, committed_before: u64) -> i32 {
    let flags = PathBuf::from(std::env::var_os("KESHI_RECORD_FLAGS").unwrap());
    let trouble = fs::read_to_string(flags.with_file_name("trouble")).unwrap();
    let flag = flags.with_extension(&trouble);
    let dir = root.join("log");
    let mut log = Log::create(&dir, &identity()).unwrap();
    let mut answered = Vec::new();
    for number in 0..committed_before {
        let entries = vec![vec![u8::try_from(number).unwrap(); 900]; 30];
        commit(&mut log, &entries, number);
        answered.extend(entries);
    }
    let reader = log.reader();
    fs::write(&flag, "").unwrap();
    log.append(b"never answered").unwrap();
    log.seal(committed_before);
    let error = log.commit().unwrap_err();
    match trouble.as_str() {
        "full" => assert!(matches!(error, CommitError::DiskFull(_)), "{error:?}"),
        _ => assert!(matches!(error, CommitError::Sync(_)), "{error:?}"),
    }
    assert!(matches!(log.append(b"more"), Err(AppendError::Poisoned { .. })));
    assert!(matches!(log.commit(), Err(CommitError::Poisoned { .. })));
    assert_eq!(
        reader.size(),
        answered.len() as u64,
        "readers go on with what was answered"
    );
    assert_eq!(reader.read(0).unwrap().unwrap(), answered[0]);
    drop((reader, log));
    if trouble == "full" {
        let error = Log::open(&dir).unwrap_err();
        assert!(
            matches!(error, OpenError::DiskFull { .. } | OpenError::Damaged { .. }),
            "{error:?}"
        );
        assert!(
            matches!(error, OpenError::DiskFull { .. }),
            "a full disk is no damage: {error:?}"
        );
    }
    fs::remove_file(&flag).unwrap();
    child::report("refused");
    let mut log = Log::open(&dir).unwrap();
    let mut found = contents(&log);
    assert!(found.starts_with(&answered), "an answered entry is gone");
    // The one that was under way may have made it or not.
    assert!(found.len() - answered.len() <= 1);
    commit(&mut log, &[b"goes on".to_vec()], 99);
    found.push(b"goes on".to_vec());
    assert_eq!(contents(&log), found);
    child::report("reopened");
    0
}
