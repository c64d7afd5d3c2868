//! Persons who were registered twice, for people.

use keshi_core::lang::Lang;
use keshi_proto::api::Merge;

/// The columns' names.
pub const HEADINGS: [(&str, &str); 4] = [
    ("保留的编号", "kept id"),
    ("并入的编号", "dropped id"),
    ("合并（第几条）", "merged by entry"),
    ("撤销（第几条）", "reversed by entry"),
];

/// An id with its name.
pub fn person(name: &str, id: &str) -> String {
    format!("{name} {id}").trim().to_owned()
}

/// The cells of one, in the order of [`HEADINGS`].
pub fn row(merge: &Merge) -> [String; 4] {
    [
        person(&merge.kept_name, &merge.kept_id),
        person(&merge.dropped_name, &merge.dropped_id),
        merge.index.to_string(),
        merge.reversed_by.map_or_else(String::new, |by| by.to_string()),
    ]
}

/// What a merge that stands means for who asks about this id.
pub fn told(merge: &Merge, asked: &str, lang: Lang) -> String {
    let (kept, dropped) = (
        person(&merge.kept_name, &merge.kept_id),
        person(&merge.dropped_name, &merge.dropped_id),
    );
    if merge.dropped_id == asked {
        lang.pick(format!("已并入 {kept}"), format!("merged into {kept}"))
    } else {
        lang.pick(format!("{dropped} 已并入"), format!("{dropped} is merged into her"))
    }
}
