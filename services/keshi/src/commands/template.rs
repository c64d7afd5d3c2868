//! `keshi template`: an empty sheet of a kind, with its headings, an example, lists to choose from and what to fill in.

use std::path::PathBuf;

use keshi_sheets::columns::{Kind, template};

use crate::Ctx;
use crate::exit::{Failure, Outcome, say};

pub(super) fn run(ctx: &mut Ctx<'_>, name: Option<&str>, file: Option<PathBuf>) -> Outcome {
    let Some(name) = name else {
        for kind in Kind::ALL {
            ctx.print(format!("{}  {}", kind.zh(), kind.en()))?;
        }
        ctx.note(&say(
            "写出其中一种：keshi template 培训",
            "to write one of them: keshi template 培训",
        ));
        return Ok(());
    };
    let kind = Kind::from_word(name).ok_or_else(|| {
        let all: Vec<&str> = Kind::ALL.iter().map(|kind| kind.zh()).collect();
        let all = all.join("、");
        Failure::usage(say(
            format!("没有“{name}”这种表；有：{all}"),
            format!("there is no sheet {name}; there are {all}"),
        ))
    })?;
    let path = file.unwrap_or_else(|| PathBuf::from(format!("{}.xlsx", kind.zh())));
    let shown = path.display();
    // It may be filled in already.
    if path.symlink_metadata().is_ok() {
        return Err(Failure::failed(say(
            format!("{shown} 已存在，未作改动；请换一个文件名：keshi template {name} 文件"),
            format!("{shown} is there and was left alone; give another name: keshi template {name} FILE"),
        )));
    }
    template(kind, &path).map_err(|error| Failure::failed(error.say()))?;
    ctx.print(shown.to_string())?;
    ctx.note(&say(
        format!("“{}”模板已写出。填好后：keshi import {shown} --dry-run", kind.zh()),
        format!(
            "the template of {} is written. Once filled in: keshi import {shown} --dry-run",
            kind.en()
        ),
    ));
    Ok(())
}
