//! Past years that are brought in under a load.

use keshi_tests::sheet::write;
use serde_json::Value;
use tempfile::tempdir;

use super::{furnished, import, keshi};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn loads_are_listed_with_their_period_whether_they_are_open_and_how_much_came_under_them() {
    let (_data, server, _caller) = furnished().await;
    let none = keshi(&server, &["load", "list"]);
    assert_eq!((none.code, none.out.as_str()), (Some(0), ""), "{none:?}");
    assert!(none.err.contains("keshi load open"), "{}", none.err);
    let opened = keshi(
        &server,
        &[
            "load",
            "open",
            "bulu-2021",
            "--period",
            "2021",
            "--reason",
            "建账前的记录",
        ],
    );
    assert_eq!(opened.code, Some(0), "{opened:?}");

    let folder = tempdir().expect("a directory");
    let path = folder.path().join("听课.xlsx");
    let headings = ["教师编号", "听课日期", "听课节数", "听课学校"];
    let rows = ["2021-03-05", "2021-03-06"].map(|day| ["T1", day, "2", "S1"].map(Into::into).to_vec());
    write(&path, &headings, &rows);
    let imported = import(&server, &path, &["--load", "bulu-2021"]);
    assert_eq!((imported.code, imported.of("recorded")), (Some(0), 2), "{imported:?}");

    let listed = keshi(&server, &["load", "list"]);
    let line = listed.out.lines().nth(1).expect("a line");
    for part in ["bulu-2021", "2021-01-01..2021-12-31", " open ", " 2 ", "建账前的记录"] {
        assert!(line.contains(part), "{part}: {line}");
    }
    assert_eq!(keshi(&server, &["load", "close", "bulu-2021"]).code, Some(0));
    let json = keshi(&server, &["load", "list", "--json"]);
    let json: Value = serde_json::from_str(&json.out).expect("one object");
    let load = &json["loads"][0];
    assert_eq!(load["loadId"], "bulu-2021");
    assert_eq!(load["entries"], "2");
    assert!(load["closed"]["poster"].is_string(), "{json}");
    assert!(keshi(&server, &["load", "list"]).out.contains(" closed "));
}
