//! Puts the tree of commands into the user's language.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, Command};
use keshi_core::lang::Lang;

use crate::Env;
use crate::texts::{examples, help};

/// The language of the screen: `--lang`, else what the environment says, else Chinese.
///
/// Asked before the command line is read, because its errors and its help are to be in this language.
pub(crate) fn language(args: &[OsString], env: &Env<'_>) -> Lang {
    let texts: Vec<_> = args.iter().map(|arg| arg.to_string_lossy()).collect();
    let flag = texts.iter().enumerate().find_map(|(i, arg)| match arg.as_ref() {
        "--lang" => texts.get(i + 1).map(ToString::to_string),
        arg => arg.strip_prefix("--lang=").map(str::to_owned),
    });
    Lang::chosen(flag, |name| {
        env(name).map(|value: OsString| value.to_string_lossy().into_owned())
    })
}

/// The tree with its texts in `lang`.
pub(crate) fn localize(command: Command, lang: Lang) -> Command {
    let help = Arg::new("help")
        .short('h')
        .long("help")
        .action(ArgAction::Help)
        .global(true)
        .help(help::text("help-flag", lang));
    let version = Arg::new("version")
        .short('V')
        .long("version")
        .action(ArgAction::Version)
        .help(help::text("version-flag", lang));
    let command = command
        .disable_help_flag(true)
        .disable_version_flag(true)
        .arg(help)
        .arg(version);
    localize_below(command, "", lang)
}

fn localize_below(command: Command, path: &str, lang: Lang) -> Command {
    let about = match path {
        "" => "keshi",
        path => path,
    };
    let options = lang.pick("选项", "Options");
    let general = lang.pick("通用选项", "Options of every command");
    let mut command = command
        .about(help::text(about, lang))
        .subcommand_help_heading(lang.pick("命令", "Commands"))
        .subcommand_value_name(lang.pick("命令", "COMMAND"))
        .help_template(lang.pick(
            "{about-with-newline}\n用法：{usage}\n\n{all-args}{after-help}",
            "{about-with-newline}\nUsage: {usage}\n\n{all-args}{after-help}",
        ));
    let mut after = help::after(about, lang).map_or_else(String::new, |after| format!("{after}\n\n"));
    after.push_str(lang.pick("示例：", "Examples:"));
    for example in examples::of(path) {
        after = after + "\n  " + example;
    }
    command = command.after_help(after);
    command = command.mut_args(|arg| {
        let is_general = arg.is_global_set() || arg.get_id() == "version";
        let is_placed = arg.is_positional();
        let heading = if is_general { general } else { options };
        let heading = if is_placed {
            lang.pick("参数", "Arguments")
        } else {
            heading
        };
        let arg = arg.help_heading(heading);
        match arg.get_id().as_str() {
            "help" | "version" => arg,
            id => {
                let key = help::key(path, id, arg.is_global_set());
                arg.help(help::text(&key, lang))
            }
        }
    });
    command.mut_subcommands(|sub| {
        let below = match path {
            "" => sub.get_name().to_owned(),
            path => format!("{path} {}", sub.get_name()),
        };
        localize_below(sub, &below, lang)
    })
}

/// What is wrong with a command line, and where to look further.
pub(super) fn explain(error: &clap::Error, lang: Lang) -> String {
    let of = |kind| {
        error.get(kind).map(|value| match value {
            ContextValue::Strings(all) => all.join(lang.pick("、", ", ")),
            value => value.to_string(),
        })
    };
    let arg = of(ContextKind::InvalidArg).unwrap_or_default();
    let value = of(ContextKind::InvalidValue).unwrap_or_default();
    let sub = of(ContextKind::InvalidSubcommand).unwrap_or_default();
    let why = std::error::Error::source(error).map(|why| in_words(&value, &why.to_string(), lang));
    let why = why.map(|why| format!("：{why}")).unwrap_or_default();
    let zh = match error.kind() {
        ErrorKind::InvalidValue if value.is_empty() => format!("{arg} 需要一个值"),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => format!("{arg} 的值 “{value}” 不对{why}"),
        ErrorKind::UnknownArgument => format!("没有 {arg} 这个选项"),
        ErrorKind::InvalidSubcommand => format!("没有 {sub} 这个命令"),
        ErrorKind::MissingRequiredArgument => format!("缺少 {arg}"),
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => "缺少命令".to_owned(),
        ErrorKind::ArgumentConflict => {
            let other = of(ContextKind::PriorArg).unwrap_or_default();
            format!("{arg} 与 {other} 不能同时使用")
        }
        _ => error.kind().to_string(),
    };
    let en = match error.kind() {
        ErrorKind::InvalidValue if value.is_empty() => format!("{arg} needs a value"),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            format!("{arg} cannot be {value:?}{}", why.replace('：', ": "))
        }
        ErrorKind::UnknownArgument => format!("there is no option {arg}"),
        ErrorKind::InvalidSubcommand => format!("there is no command {sub}"),
        ErrorKind::MissingRequiredArgument => format!("{arg} is missing"),
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            "a command is missing".to_owned()
        }
        ErrorKind::ArgumentConflict => {
            let other = of(ContextKind::PriorArg).unwrap_or_default();
            format!("{arg} and {other} do not go together")
        }
        _ => error.kind().to_string(),
    };
    let near = of(ContextKind::SuggestedArg).or_else(|| of(ContextKind::SuggestedSubcommand));
    let near = near.map(|near| lang.pick(format!("；是不是 {near}？"), format!("; did you mean {near}?")));
    let mut text = format!("{}{}", lang.pick(zh, en), near.unwrap_or_default());
    if let Some(ContextValue::StyledStr(usage)) = error.get(ContextKind::Usage) {
        let usage = usage.to_string();
        let usage = usage.trim().trim_start_matches("Usage:").trim().replace('\n', "\n  ");
        text = format!("{text}\n  {}{usage}", lang.pick("用法：", "usage: "));
    }
    format!("{text}\n  {}", lang.pick("详见 keshi help", "see keshi help"))
}

/// What is wrong with a value; of whole numbers the standard library says it in English only.
fn in_words(value: &str, why: &str, lang: Lang) -> String {
    let no_digit = "x".parse::<u64>().map_err(|error| error.to_string());
    if no_digit.is_err_and(|no_digit| no_digit == why) {
        return lang.pick("不是整数", "it is no whole number").to_owned();
    }
    if why.is_ascii() && value.parse::<i128>().is_ok() {
        return lang
            .pick("这个数太大或太小", "the number is too large or too small")
            .to_owned();
    }
    why.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli;

    fn lang(args: &[&str], variables: &[(&str, &str)]) -> Lang {
        let args: Vec<OsString> = args.iter().map(Into::into).collect();
        language(&args, &|name| {
            variables
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| value.into())
        })
    }

    #[test]
    fn the_language_is_the_flags_then_the_environments_then_chinese() {
        assert_eq!(lang(&["keshi"], &[]), Lang::Zh);
        assert_eq!(lang(&["keshi"], &[("LANG", "C.UTF-8")]), Lang::Zh);
        assert_eq!(lang(&["keshi"], &[("LANG", "en_GB.UTF-8")]), Lang::En);
        assert_eq!(
            lang(&["keshi"], &[("LC_ALL", "zh_CN.UTF-8"), ("LANG", "en_US")]),
            Lang::Zh
        );
        assert_eq!(lang(&["keshi"], &[("LC_ALL", ""), ("LANG", "en_US")]), Lang::En);
        assert_eq!(lang(&["keshi", "log", "--lang=en"], &[("LANG", "zh_CN")]), Lang::En);
        assert_eq!(lang(&["keshi", "--lang", "zh"], &[("LANG", "en_US")]), Lang::Zh);
    }

    fn visit(command: &Command, path: &str, seen: &mut Vec<String>) {
        seen.push(if path.is_empty() {
            "keshi".to_owned()
        } else {
            path.to_owned()
        });
        for arg in command.get_arguments() {
            let id = arg.get_id().as_str();
            if !matches!(id, "help" | "version") {
                seen.push(help::key(path, id, arg.is_global_set()));
            }
        }
        for sub in command.get_subcommands() {
            let below = if path.is_empty() {
                sub.get_name().to_owned()
            } else {
                format!("{path} {}", sub.get_name())
            };
            visit(sub, &below, seen);
        }
    }

    #[test]
    fn every_command_and_argument_has_a_help_in_both_languages_and_none_is_left_over() {
        let mut seen = vec!["help-flag".to_owned(), "version-flag".to_owned()];
        visit(&cli::whole(Lang::En), "", &mut seen);
        seen.sort();
        seen.dedup();
        let missing: Vec<_> = seen.iter().filter(|key| help::find(key).is_none()).collect();
        assert!(missing.is_empty(), "without help: {missing:#?}");
        let left: Vec<_> = help::keys()
            .filter(|key| !seen.iter().any(|seen| seen == key))
            .collect();
        assert!(left.is_empty(), "help for nothing: {left:#?}");
        for key in &seen {
            let zh = help::text(key, Lang::Zh);
            let en = help::text(key, Lang::En);
            assert!(!zh.is_ascii(), "{key}: {zh}");
            assert!(!en.is_empty() && en != zh, "{key}: {en}");
        }
    }

    #[test]
    fn the_tree_is_sound() {
        cli::whole(Lang::Zh).debug_assert();
    }

    fn error(line: &str, lang: Lang) -> (crate::Exit, String) {
        let args: Vec<OsString> = line.split(' ').map(Into::into).collect();
        let failure = cli::parse(&args, lang).err().expect(line);
        (failure.exit, failure.text(lang))
    }

    #[test]
    fn a_wrong_command_line_is_explained_in_both_languages_and_is_a_usage_error() {
        for line in [
            "keshi blance T1",
            "keshi void",
            "keshi balance T1 --perid 2022",
            "keshi balance T1 --period 22",
            "keshi balance T1 --at-size 3 --as-of 2022-01-01",
            "keshi policy",
            "keshi log --from",
            "keshi up --roles pages",
        ] {
            let (exit, zh) = error(line, Lang::Zh);
            let (_, en) = error(line, Lang::En);
            assert_eq!(exit, crate::Exit::Usage, "{line}");
            assert!(zh.starts_with("错误：") && zh.contains("keshi help"), "{line}: {zh}");
            assert!(en.starts_with("error: ") && en.contains("keshi help"), "{line}: {en}");
        }
        assert!(error("keshi blance T1", Lang::En).1.contains("balance"));
        assert!(error("keshi void", Lang::En).1.contains("ENTRY"));
        for (line, what) in [
            ("keshi topics --year abc", "不是整数"),
            ("keshi topics --year 70000", "这个数太大或太小"),
            ("keshi log --from 1.5", "不是整数"),
        ] {
            let zh = error(line, Lang::Zh).1;
            let said = zh.lines().next().unwrap_or_default();
            assert!(said.contains(what), "{line}: {zh}");
        }
    }

    #[test]
    fn help_is_all_in_the_language_asked_for() {
        for line in ["keshi", "keshi --help", "keshi up --help", "keshi policy adopt -h"] {
            let args: Vec<OsString> = line.split(' ').map(Into::into).collect();
            let Ok(cli::Asked::Text(text)) = cli::parse(&args, Lang::Zh) else {
                panic!("{line}");
            };
            assert!(
                text.contains("用法：") && !text.contains("Usage") && !text.to_lowercase().contains("options"),
                "{text}"
            );
            assert!(!text.contains("Print help"), "{text}");
        }
    }
}
