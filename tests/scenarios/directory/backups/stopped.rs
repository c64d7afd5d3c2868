//! What stops a backup: a full disk, a kill, another ledger. What the directory held is there afterwards.

use std::fs;
use std::process::Stdio;

use keshi_tests::disk::{self, Disk};
use keshi_tests::process::{Keshi, Ran, command, run};
use keshi_tests::{client, county};
use tempfile::tempdir;

use super::super::{ARGUMENTS, furnished, post, up};
use super::{Proved, assert_restores, backup, bulky, plain, restore, root_at};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_on_a_full_disk_says_so_keeps_the_last_one_and_is_made_whole_on_a_larger_one() {
    let data = tempdir().expect("a directory");
    let to = tempdir().expect("a directory");
    // Room for the register, not for what is posted after it.
    let small = Disk::of_size(to.path(), 3 << 20);
    let on_small = || {
        let mut command = small.command(&["backup", plain(to.path()), "--data", plain(data.path()), "--lang", "en"]);
        let output = command.output().expect("it runs");
        Ran {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).expect("UTF-8"),
            err: String::from_utf8(output.stderr).expect("UTF-8"),
        }
    };
    let keshi = up(data.path()).expect("it listens");
    post(&keshi, &county::register_of(1_000, 13), 1).await;
    let first = Proved::in_words(&on_small());
    for number in 2..22 {
        let events: Vec<_> = (number * 500..(number + 1) * 500).map(bulky).collect();
        post(&keshi, &events, number).await;
    }
    for _ in 0..2 {
        let full = on_small();
        assert_eq!(full.code, Some(1), "{}{}", full.out, full.err);
        for words in [
            format!("could not copy to {}", to.path().display()),
            "No space left".to_owned(),
        ] {
            assert!(full.err.contains(&words), "{}", full.err);
        }
        let left = |part: &str| fs::read_dir(small.outside().join(part)).expect("it can be read");
        let names = left("sealed")
            .chain(left("journal"))
            .map(|file| file.expect("a file").file_name());
        assert!(
            !names.into_iter().any(|name| name == "new"),
            "a half-written file keeps room"
        );
    }
    // What the full disk holds is still a backup, no shorter than the last that was made.
    let larger = tempdir().expect("a directory");
    disk::copy(&small.outside(), larger.path());
    let elsewhere = tempdir().expect("a directory");
    let held = Proved::in_words(&restore(larger.path(), &elsewhere.path().join("data")));
    assert!(held.size >= first.size, "{held:?}, before {first:?}");
    assert_eq!(held.root, root_at(&keshi.url(), held.size).await);
    let whole = Proved::in_words(&backup(data.path(), larger.path()));
    assert_eq!(
        whole.root,
        root_at(&keshi.url(), client::head(&keshi.url(), 0).await.size).await
    );
    assert_restores(larger.path(), &whole);
    assert_eq!(keshi.stop(), Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_that_is_killed_leaves_no_less_than_there_was_and_the_next_one_completes_it() {
    let data = tempdir().expect("a directory");
    let to = tempdir().expect("a directory");
    let keshi = up(data.path()).expect("it listens");
    post(&keshi, &county::register_of(1_000, 13), 1).await;
    let mut held = Proved::in_words(&backup(data.path(), to.path()));
    for number in 2..8 {
        for part in 0..4 {
            let number = number * 4 + part;
            let events: Vec<_> = (number * 500..(number + 1) * 500).map(bulky).collect();
            post(&keshi, &events, number).await;
        }
        let mut cut = command(&["backup", plain(to.path()), "--data", plain(data.path())])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts");
        // Killed as soon as it has begun to write, or when it is through, whichever the machine brings.
        let is_writing = || {
            ["sealed/new", "journal/new"]
                .iter()
                .any(|new| to.path().join(new).exists())
        };
        while !is_writing() && cut.try_wait().expect("its status").is_none() {
            std::thread::yield_now();
        }
        cut.kill().expect("killed");
        cut.wait().expect("its status");
        let elsewhere = tempdir().expect("a directory");
        let left = Proved::in_words(&restore(to.path(), &elsewhere.path().join("data")));
        assert!(left.size >= held.size, "{left:?}, before {held:?}");
        assert_eq!(left.root, root_at(&keshi.url(), left.size).await);
        let whole = Proved::in_words(&backup(data.path(), to.path()));
        assert_eq!(whole.size, client::head(&keshi.url(), 0).await.size);
        println!(
            "{} entries before, {} when killed, {} after",
            held.size, left.size, whole.size
        );
        held = whole;
    }
    assert_restores(to.path(), &held);
    assert_eq!(keshi.stop(), Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_directory_with_another_offices_backup_is_left_as_it_is_and_restores_to_that_office_only() {
    let (data, _) = furnished().await;
    let to = tempdir().expect("a directory");
    let first = Proved::in_words(&backup(data.path(), to.path()));
    // The other one is longer: nothing but whose it is speaks against it.
    let others = tempdir().expect("a directory");
    let keshi = Keshi::up(others.path(), &["--dev", "--office", "610730"]).expect("it listens");
    post(&keshi, &county::register_of(500, 13), 1).await;
    for (office, data) in [
        ("610730", others.path()),
        ("610729", tempdir().expect("a directory").path()),
    ] {
        if office == "610729" {
            // The same office, begun anew.
            let again = up(data).expect("it listens");
            post(&again, &county::register_of(500, 13), 1).await;
            assert_eq!(again.stop(), Some(0));
        }
        let refused = backup(data, to.path());
        assert_eq!(refused.code, Some(1), "{}{}", refused.out, refused.err);
        let words = "of office 610729, this is ledger";
        assert!(refused.err.contains(words), "{}", refused.err);
        assert!(
            refused
                .err
                .contains(&format!("of office {office}: name a directory of its own")),
            "{}",
            refused.err
        );
        assert_restores(to.path(), &first);
    }
    let mut wrong = vec![
        "restore",
        plain(to.path()),
        "--data",
        plain(others.path()),
        "--lang",
        "en",
    ];
    wrong.extend(["--office", "610730"]);
    let wrong = run(&wrong);
    assert_eq!(wrong.code, Some(2), "{}{}", wrong.out, wrong.err);
    assert!(
        wrong.err.contains("the backup is that of office 610729"),
        "{}",
        wrong.err
    );
    assert!(!others.path().join("610729").exists());
    assert_eq!(keshi.stop(), Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ledger_restored_from_an_older_backup_does_not_overwrite_the_newer_one() {
    let (data, _) = furnished().await;
    let to = tempdir().expect("a directory");
    let (monday, tuesday) = (to.path().join("monday"), to.path().join("tuesday"));
    Proved::in_words(&backup(data.path(), &monday));
    let keshi = up(data.path()).expect("it listens");
    post(&keshi, &[county::attendance(100)], 3).await;
    let newer = Proved::in_words(&backup(data.path(), &tuesday));
    // Over the newer ledger, running or not, nothing is restored.
    for _ in 0..2 {
        let there = restore(&monday, data.path());
        assert_eq!(there.code, Some(1), "{}{}", there.out, there.err);
        assert!(there.err.contains("move it aside first"), "{}", there.err);
    }
    post(&keshi, &[county::attendance(101)], 4).await;
    assert_eq!(keshi.stop(), Some(0));

    let elsewhere = tempdir().expect("a directory");
    Proved::in_words(&restore(&monday, elsewhere.path()));
    let behind = backup(elsewhere.path(), &tuesday);
    assert_eq!(behind.code, Some(4), "{}{}", behind.out, behind.err);
    assert!(behind.err.contains("do not overwrite it"), "{}", behind.err);
    let mut again = Keshi::up(elsewhere.path(), &ARGUMENTS).expect("it listens");
    for number in 5..8 {
        post(&again, &[county::attendance(100 + number)], number).await;
    }
    assert_eq!(again.stop(), Some(0));
    let parted = backup(elsewhere.path(), &tuesday);
    assert_eq!(parted.code, Some(4), "{}{}", parted.out, parted.err);
    let words = format!("holds other entries from {} on than the ledger", newer.size - 1);
    assert!(parted.err.contains(&words), "{}", parted.err);
    assert_restores(&tuesday, &newer);
    // Monday's goes on with either.
    Proved::in_words(&backup(elsewhere.path(), &monday));
    again = Keshi::up(elsewhere.path(), &ARGUMENTS).expect("it listens");
    assert_eq!(again.stop(), Some(0));
}
