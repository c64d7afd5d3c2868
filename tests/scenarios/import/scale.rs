//! A file of as many rows as a county has in years.

use std::time::Instant;

use keshi_tests::caller::person;
use keshi_tests::sheet::{TRAINING, training, write};
use tempfile::tempdir;

use super::{furnished, import};
use crate::is_long;

/// Teachers of the file.
const PEOPLE: usize = 100;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_of_very_many_rows_is_imported_whole_and_again_gives_only_duplicates() {
    let count: usize = if is_long() { 100_000 } else { 5_000 };
    let (_data, server, caller) = furnished().await;
    let teacher = |number: usize| format!("M{:03}", number % PEOPLE);
    caller
        .record((0..PEOPLE).map(|number| person(&teacher(number))).collect())
        .await;
    let rows: Vec<_> = (0..count)
        .map(|number| {
            let project = format!("培训项目{}", number / PEOPLE);
            let month = u8::try_from(number / PEOPLE % 12).expect("small") + 1;
            training(&teacher(number), &project, 1.5, month, 9)
        })
        .collect();
    let folder = tempdir().expect("a directory");
    let path = folder.path().join("培训.xlsx");
    write(&path, &TRAINING, &rows);
    let began = Instant::now();
    let first = import(&server, &path, &[]);
    assert_eq!(
        (first.code, first.of("recorded")),
        (Some(0), count as u64),
        "{}",
        first.err
    );
    println!("{count} rows in {:?}", began.elapsed());
    let hours = i64::try_from(count / PEOPLE).expect("small") * 150;
    assert_eq!(caller.centihours(&teacher(7)).await, hours);
    let head = caller.head().await;
    let again = import(&server, &path, &[]);
    assert_eq!(
        (again.code, again.of("duplicate")),
        (Some(0), count as u64),
        "{}",
        again.err
    );
    assert_eq!(caller.head().await, head);
}
