//! `keshi sample`: writes the made-up county.

use std::path::Path;

use keshi_sheets::sample;

use crate::Ctx;
use crate::cli::SampleName;
use crate::exit::{Failure, Outcome, say};

pub(super) fn run(ctx: &mut Ctx<'_>, name: SampleName, dir: &Path) -> Outcome {
    let SampleName(name) = name;
    let shown = dir.display();
    // Files of the same names would be overwritten, and they might be somebody's own.
    if dir.read_dir().is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(Failure::failed(say(
            format!("{shown} 不是空目录：请换一个目录"),
            format!("{shown} is not empty: choose another directory"),
        )));
    }
    let manifest = sample::write(dir).map_err(|error| Failure::failed(error.say()))?;
    for file in &manifest.files {
        ctx.print(dir.join(file.name).display().to_string())?;
    }
    let office = manifest.office;
    ctx.note(&say(
        format!(
            "{name} 已写出。导入：keshi up --dev --office {office}，另开一个终端：keshi import {shown}\n\
             或直接试用：keshi up --sample {name}"
        ),
        format!(
            "{name} is written. To import it: keshi up --dev --office {office}, and in another terminal: keshi import {shown}\n\
             or try it at once: keshi up --sample {name}"
        ),
    ));
    Ok(())
}
