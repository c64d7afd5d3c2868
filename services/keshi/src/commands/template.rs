//! `keshi template`: an empty sheet of a kind, with its headings, an example, lists to choose from and what to fill in; or a
//! policy or a calendar to be made one's own.

use std::path::{Path, PathBuf};

use keshi_import::document::{TEMPLATES, Template as Document};
use keshi_sheets::WriteError;
use keshi_sheets::columns::{Kind, template};

use crate::Ctx;
use crate::exit::{Failure, Outcome, say};

/// What a document says before anything else.
fn to_change(command: &str) -> String {
    format!(
        "# 模板：按本单位的文件逐条核改，编号（id）改为本县的，再核对、发布：\n\
         #   keshi {command} check 本文件\n\
         #   keshi {command} adopt 本文件\n\n"
    )
}

/// What a name stands for.
enum Template {
    Sheet(Kind),
    Document(&'static Document),
}

impl Template {
    fn named(name: &str) -> Option<Self> {
        let document = || {
            TEMPLATES
                .iter()
                .find(|document| [document.zh, document.en].contains(&name))
        };
        Kind::from_word(name)
            .map(Self::Sheet)
            .or_else(|| document().map(Self::Document))
    }

    const fn names(&self) -> (&'static str, &'static str) {
        match self {
            Self::Sheet(kind) => (kind.zh(), kind.en()),
            Self::Document(document) => (document.zh, document.en),
        }
    }

    const fn extension(&self) -> &'static str {
        match self {
            Self::Sheet(_) => "xlsx",
            Self::Document(_) => "toml",
        }
    }
}

pub(super) fn run(ctx: &mut Ctx<'_>, name: Option<&str>, file: Option<PathBuf>) -> Outcome {
    let sheets = Kind::ALL.iter().map(|kind| (kind.zh(), kind.en()));
    let documents = TEMPLATES.iter().map(|document| (document.zh, document.en));
    let all = sheets.chain(documents);
    let Some(name) = name else {
        for (zh, en) in all {
            ctx.print(format!("{zh}  {en}"))?;
        }
        ctx.note(&say(
            "写出其中一种：keshi template 培训",
            "to write one of them: keshi template 培训",
        ));
        return Ok(());
    };
    let wanted = Template::named(name).ok_or_else(|| {
        let all: Vec<&str> = all.map(|(zh, _)| zh).collect();
        let all = all.join("、");
        Failure::usage(say(
            format!("没有“{name}”这种模板；有：{all}"),
            format!("there is no template {name}; there are {all}"),
        ))
    })?;
    let (zh, en) = wanted.names();
    let path = file.unwrap_or_else(|| PathBuf::from(format!("{zh}.{}", wanted.extension())));
    let shown = path.display();
    // It may be filled in already.
    if path.symlink_metadata().is_ok() {
        return Err(Failure::failed(say(
            format!("{shown} 已存在，未作改动；请换一个文件名：keshi template {name} 文件"),
            format!("{shown} is there and was left alone; give another name: keshi template {name} FILE"),
        )));
    }
    match wanted {
        Template::Sheet(kind) => template(kind, &path),
        Template::Document(document) => write_new(&path, &(to_change(document.command) + document.text)),
    }
    .map_err(|error| Failure::failed(error.say()))?;
    ctx.print(shown.to_string())?;
    ctx.note(&match wanted {
        Template::Sheet(_) => say(
            format!("“{zh}”模板已写出。填好后：keshi import {shown} --dry-run"),
            format!("the template of {en} is written. Once filled in: keshi import {shown} --dry-run"),
        ),
        Template::Document(Document { command, .. }) => say(
            format!("“{zh}”模板已写出。改好后：keshi {command} check {shown}"),
            format!("the template of a {en} is written. Once it is yours: keshi {command} check {shown}"),
        ),
    });
    Ok(())
}

fn write_new(path: &Path, text: &str) -> Result<(), WriteError> {
    std::fs::write(path, text).map_err(|cause| WriteError::Io {
        path: path.to_path_buf(),
        cause,
    })
}
