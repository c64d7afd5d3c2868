//! Every entry is held twice, in sled and in the journal: what one loses the other gives back, what both lose is named,
//! and what is taken away under a running log is noticed.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use keshi_log::{CommitError, Damage, Identity, Log, OpenError, Repair};
use uuid::Uuid;

use crate::{
    child,
    support::{commit, contents, identity, scratch},
    trace,
};

type Harm = fn(&Path);

const LIMIT: Duration = Duration::from_mins(1);

/// Enough for two sealed segments and a live one.
fn entries() -> Vec<Vec<u8>> {
    let entry = |number: u32| number.to_be_bytes().repeat(100 + number as usize % 50);
    (0..22_000).map(entry).collect()
}

/// A closed log with these entries.
fn written(dir: &Path) -> Vec<Vec<u8>> {
    let entries = entries();
    let mut log = Log::create(dir, &identity()).unwrap();
    for (cursor, chunk) in (1..).zip(entries.chunks(100)) {
        commit(&mut log, chunk, cursor);
    }
    entries
}

fn files_of(dir: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(dir).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    files
}

/// All files below, with their bytes.
fn snapshot(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut all = BTreeMap::new();
    for path in files_of(dir) {
        if path.is_dir() {
            all.extend(snapshot(&path));
        } else {
            all.insert(path.clone(), fs::read(&path).unwrap());
        }
    }
    all
}

fn flip(path: &Path, at: usize) {
    let mut bytes = fs::read(path).unwrap();
    bytes[at] ^= 0x10;
    fs::write(path, bytes).unwrap();
}

/// Flips a byte of each place that holds this entry, at least one.
fn flip_all(path: &Path, entry: &[u8]) {
    let bytes = fs::read(path).unwrap();
    let places: Vec<usize> = (0..bytes.len()).filter(|&at| bytes[at..].starts_with(entry)).collect();
    assert!(!places.is_empty(), "the entry stands in {}", path.display());
    for at in places {
        flip(path, at);
    }
}

/// Opens, and answers the repairs, once all entries were found.
#[track_caller]
fn repairs(dir: &Path, entries: &[Vec<u8>]) -> Vec<Repair> {
    let mut seen = Vec::new();
    let log = Log::open_with(dir, |block| {
        seen.extend(block.entries().map(|(_, entry)| entry.to_vec()));
    })
    .unwrap();
    assert!(seen == entries, "what was handed over is not what was recorded");
    assert!(contents(&log) == entries, "what is served is not what was recorded");
    let repairs = log.repairs().to_vec();
    drop(log);
    assert_eq!(Log::open(dir).unwrap().repairs(), [], "it is whole afterwards");
    repairs
}

#[test]
fn damaged_blocks_are_put_together_again_from_the_journal_and_kept() {
    for file in ["db", "conf"] {
        let dir = scratch();
        let entries = written(dir.path());
        let path = dir.path().join("blocks").join(file);
        match file {
            // Not just anywhere: what sled wrote anew elsewhere is no damage.
            "db" => flip_all(&path, &entries[11_000]),
            _ => flip(&path, 40),
        }
        let repairs = repairs(dir.path(), &entries);
        assert!(
            matches!(&*repairs, [Repair::Blocks { kept, .. }] if kept.join(file).exists()),
            "{file}: {repairs:?}"
        );
    }
    let dir = scratch();
    let entries = written(dir.path());
    fs::remove_dir_all(dir.path().join("blocks")).unwrap();
    assert!(matches!(&*repairs(dir.path(), &entries), [Repair::Blocks { .. }]));
}

#[test]
fn blocks_of_yesterday_are_brought_up_to_date() {
    let (dir, aside) = (scratch(), scratch());
    let entries = written(dir.path());
    drop(Log::open_copy(dir.path(), aside.path().join("copy")).unwrap());
    let mut log = Log::open(dir.path()).unwrap();
    let more = vec![vec![7; 500]; 9_000];
    commit(&mut log, &more, 999);
    drop(log);
    fs::remove_dir_all(dir.path().join("blocks")).unwrap();
    fs::rename(aside.path().join("copy/blocks"), dir.path().join("blocks")).unwrap();
    let all = [entries, more].concat();
    assert!(matches!(&*repairs(dir.path(), &all), [Repair::Blocks { .. }]));
}

#[test]
fn a_sealed_segment_that_is_missing_flipped_or_doubled_is_sealed_again() {
    let harms: [(&str, Harm); 3] = [
        ("missing", |path| fs::remove_file(path).unwrap()),
        ("flipped", |path| flip(path, 5_000)),
        ("flipped in its header", |path| flip(path, 30)),
    ];
    for (name, harm) in harms {
        let dir = scratch();
        let entries = written(dir.path());
        let sealed = files_of(&dir.path().join("sealed"));
        assert!(sealed.len() > 1, "several segments are sealed: {sealed:?}");
        harm(&sealed[0]);
        let repairs = repairs(dir.path(), &entries);
        assert!(
            matches!(&*repairs, [Repair::Journal { from: 0, .. }]),
            "{name}: {repairs:?}"
        );
    }
    let dir = scratch();
    let entries = written(dir.path());
    let sealed = files_of(&dir.path().join("sealed"));
    let name = sealed[0].file_name().unwrap().to_str().unwrap();
    let doubled = name.replace(name.split('-').next().unwrap(), "00000000000000000001");
    fs::copy(&sealed[0], dir.path().join("sealed").join(doubled)).unwrap();
    assert_eq!(
        repairs(dir.path(), &entries),
        [],
        "the copy under another name is set aside"
    );
}

#[test]
fn a_flip_amid_the_live_segment_is_healed_from_the_blocks_and_one_in_its_last_record_is_named() {
    let dir = scratch();
    let entries = written(dir.path());
    let live = files_of(&dir.path().join("journal")).into_iter().next().unwrap();
    flip(&live, 4_096 + 300);
    let repairs = repairs(dir.path(), &entries);
    assert!(matches!(&*repairs, [Repair::Journal { .. }]), "{repairs:?}");

    let live = files_of(&dir.path().join("journal"));
    let mut log = Log::open(dir.path()).unwrap();
    commit(&mut log, &[b"the last".to_vec()], 1_000);
    drop(log);
    let last = live.iter().rfind(|path| path.file_name().unwrap() != "spare").unwrap();
    let used = fs::read(last).unwrap().iter().rposition(|byte| *byte != 0).unwrap();
    let before = snapshot(dir.path());
    flip(last, used - 6);
    let error = Log::open(dir.path()).unwrap_err();
    assert!(
        matches!(
            error,
            OpenError::Damaged {
                first_missing_index: 22_000,
                cause: Damage::Record { .. },
                ..
            }
        ),
        "{error:?}"
    );
    flip(last, used - 6);
    assert_eq!(snapshot(dir.path()), before, "nothing was written");
    assert_eq!(Log::open(dir.path()).unwrap().size(), 22_001);
}

#[test]
fn what_both_copies_lost_is_named_and_nothing_is_written() {
    let dir = scratch();
    let entries = written(dir.path());
    let sealed = files_of(&dir.path().join("sealed"));
    let db = dir.path().join("blocks/db");
    let whole = fs::read(&db).unwrap();
    let sealed_bytes = fs::read(&sealed[0]).unwrap();
    // Where sled put an entry of that segment is its affair: it is damaged wherever it stands.
    let lost = &entries[1_000];
    let stands = whole.windows(lost.len()).enumerate().filter(|(_, bytes)| bytes == lost);
    let stands: Vec<usize> = stands.map(|(at, _)| at).collect();
    assert!(!stands.is_empty());
    for at in stands {
        flip(&db, at + 7);
    }
    flip(&sealed[0], 5_000);
    let before = snapshot(dir.path());
    let error = Log::open(dir.path()).map(|log| log.size()).unwrap_err();
    assert!(matches!(error, OpenError::Damaged { .. }), "{error:?}");
    assert_eq!(snapshot(dir.path()), before, "nothing was written");
    fs::write(&db, whole).unwrap();
    fs::write(&sealed[0], sealed_bytes).unwrap();
    assert_eq!(repairs(dir.path(), &entries), []);
}

#[test]
fn a_lost_head_is_written_again_from_the_journal() {
    for harm in [
        |head: &Path| fs::remove_file(head).unwrap(),
        |head: &Path| fs::write(head, "nothing").unwrap(),
    ] {
        let dir = scratch();
        let entries = written(dir.path());
        harm(&dir.path().join("head"));
        assert_eq!(repairs(dir.path(), &entries), [Repair::Head]);
    }
}

#[test]
fn a_journal_that_is_missing_of_yesterday_or_of_another_log_is_named() {
    let (dir, aside) = (scratch(), scratch());
    written(dir.path());
    let journal = dir.path().join("journal");
    let mut log = Log::open(dir.path()).unwrap();
    let (old, new) = (aside.path().join("old"), aside.path().join("new"));
    copy_dir(&journal, &old);
    commit(&mut log, &[b"one more".to_vec()], 998);
    drop(log);
    fs::rename(&journal, &new).unwrap();

    let cause = |place: &Path| match Log::open(place).unwrap_err() {
        OpenError::Damaged { cause, .. } => cause,
        other => panic!("{other:?}"),
    };
    assert!(matches!(cause(dir.path()), Damage::FileMissing { file: "journal" }));
    fs::rename(&old, &journal).unwrap();
    assert!(matches!(
        cause(dir.path()),
        Damage::Shorter {
            expected: 22_001,
            found: 22_000
        }
    ));

    let other = Identity {
        ledger_id: Uuid::from_u128(1),
        office: "610729".to_owned(),
    };
    drop(Log::create(aside.path().join("other"), &other).unwrap());
    fs::remove_dir_all(&journal).unwrap();
    fs::rename(aside.path().join("other/journal"), &journal).unwrap();
    assert!(matches!(cause(dir.path()), Damage::Foreign { .. }));

    fs::remove_dir_all(&journal).unwrap();
    fs::rename(&new, &journal).unwrap();
    assert_eq!(
        Log::open(dir.path()).unwrap().size(),
        22_001,
        "nothing else was touched"
    );
}

fn copy_dir(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for file in files_of(from) {
        fs::copy(&file, to.join(file.file_name().unwrap())).unwrap();
    }
}

#[test]
fn a_commit_notices_that_its_files_were_removed() {
    for removed in ["journal", "head", "blocks", ""] {
        let dir = scratch();
        let path = dir.path().join("log");
        let mut log = Log::create(&path, &identity()).unwrap();
        commit(&mut log, &[b"answered".to_vec()], 1);
        let target = path.join(removed);
        if target.is_dir() {
            fs::remove_dir_all(&target).unwrap();
        } else {
            fs::remove_file(&target).unwrap();
        }
        log.append(b"never answered").unwrap();
        log.seal(2);
        let error = log.commit().unwrap_err();
        assert!(matches!(error, CommitError::Removed { .. }), "{removed}: {error:?}");
    }
}

#[test]
fn one_read_that_fails_while_opening_harms_nothing() {
    let sample = scratch();
    let all = written(sample.path());
    let intact = {
        let log = Log::open(sample.path()).unwrap();
        format!("intact {} {}", log.size(), log.root())
    };
    let step = if std::env::var_os("KESHI_TEST_LONG").is_some() {
        1
    } else {
        7
    };
    let mut failed = 0;
    for number in (1..).step_by(step) {
        let dir = scratch();
        let path = dir.path().join("log");
        for (file, bytes) in snapshot(sample.path()) {
            let to = path.join(file.strip_prefix(sample.path()).unwrap());
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            fs::write(to, bytes).unwrap();
        }
        fs::create_dir_all(path.join("blocks/blobs")).unwrap();
        let mut reached = true;
        let ended = child::run("look", &path, 0, LIMIT, |command| {
            trace::fail_read(command, dir.path(), number);
        });
        if ended.code == Some(0) {
            assert_eq!(ended.reports, [&*intact], "read {number}");
            reached = number < 60;
        } else {
            failed += 1;
        }
        let log = Log::open(&path).unwrap();
        assert_eq!(log.size(), all.len() as u64, "after the failed read {number}");
        assert_eq!(format!("intact {} {}", log.size(), log.root()), intact);
        if !reached {
            break;
        }
    }
    assert!(failed > 0, "no read failed");
}
