//! What is wrong with a text of JSON, in both languages.

use keshi_core::lang::{Say, say};

/// What is wrong with a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mistake {
    /// The field, as `events[3].fact.lesson_given.period`; empty where it is no field's.
    pub(super) field: String,
    pub(super) text: Say,
    /// Whether the text is larger than it may be.
    pub(super) is_too_large: bool,
}

/// A text that is no JSON, or not of this message.
pub(super) fn unreadable(error: &serde_json::Error) -> Mistake {
    let (line, column) = (error.line(), error.column());
    let told = error.to_string();
    let what = told.split(" at line ").next().unwrap_or_default();
    let what_zh = in_chinese(what);
    Mistake {
        field: String::new(),
        text: say(
            format!("第 {line} 行第 {column} 个字符处的 JSON 无法解读：{what_zh}；请改正后重新发送"),
            format!("the JSON cannot be read at line {line}, column {column}: {what}; mend it and send it again"),
        ),
        is_too_large: false,
    }
}

/// The reader's own words, of which there are few, in Chinese. What it quotes stays.
fn in_chinese(what: &str) -> String {
    const WORDS: [(&str, &str); 12] = [
        ("EOF while parsing", "内容不完整"),
        ("trailing characters", "结尾有多余内容"),
        ("trailing comma", "多了一个逗号"),
        ("recursion limit exceeded", "嵌套过深（至多 127 层）"),
        ("key must be a string", "字段名须加双引号"),
        ("control character", "文字中有未转义的控制字符"),
        ("invalid escape", "转义写法有误"),
        ("unrecognized enum value", "没有这个取值"),
        ("multiple fields provided for oneof", "只能填其中一项"),
        ("invalid base64", "base64 写法有误"),
        ("invalid type", "类型不对"),
        ("expected", "写法有误"),
    ];
    let known = WORDS.iter().find(|(english, _)| what.starts_with(english));
    match known {
        Some((english, chinese)) => {
            let quoted = what[english.len()..]
                .split_once('\'')
                .and_then(|(_, rest)| rest.split_once('\''));
            quoted.map_or_else(|| (*chinese).to_owned(), |(name, _)| format!("{chinese}：{name}"))
        }
        None => "取值或写法有误".to_owned(),
    }
}
