//! Which files are meant, and what is in them.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use keshi_core::lang::Lang;
use keshi_import::passed_over;
use keshi_sheets::read::{Workbook, open};
use keshi_sheets::report::is_copy;

use super::Job;
use crate::Ctx;
use crate::commands::shared::read_text;
use crate::exit::{Exit, Failure, Outcome, say};

/// What the files hold.
pub(super) struct Sources {
    /// Policies and calendars, in order.
    pub(super) documents: Vec<(PathBuf, String)>,
    /// Workbooks, in order.
    pub(super) books: Vec<Workbook>,
    /// The file of each workbook.
    pub(super) paths: Vec<PathBuf>,
}

/// Reads all files; all that cannot be read are named together.
pub(super) fn gather(ctx: &mut Ctx<'_>, job: &Job) -> Outcome<Sources> {
    let mut sources = Sources {
        documents: Vec::new(),
        books: Vec::new(),
        paths: Vec::new(),
    };
    let mut problems = Vec::new();
    for path in files(&job.paths)? {
        if has_extension(&path, &["toml"]) {
            let text = read_text(&path)?;
            sources.documents.push((path, text));
            continue;
        }
        match open(&path) {
            Ok(book) => {
                for said in passed_over(&book) {
                    ctx.note(&said);
                }
                sources.books.push(book);
                sources.paths.push(path);
            }
            Err(error) => problems.push(say(error.text(Lang::Zh), error.text(Lang::En))),
        }
    }
    if problems.is_empty() || (job.partial && !sources.books.is_empty()) {
        for problem in &problems {
            ctx.note(problem);
        }
        return Ok(sources);
    }
    Err(Failure {
        exit: Exit::Failed,
        lines: problems,
    })
}

/// The files named, and those in the directories named, in the order of their names.
fn files(paths: &[PathBuf]) -> Outcome<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in paths {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let listed = fs::read_dir(path).and_then(|entries| {
            entries
                .map(|entry| entry.map(|entry| entry.path()))
                .collect::<Result<Vec<_>, _>>()
        });
        let mut inside = listed.map_err(|error| {
            let zh = format!("目录 {} 无法读取：请核对路径和权限", path.display());
            let en = format!(
                "directory {} cannot be read: check the path and its mode",
                path.display()
            );
            Failure::failed(say(zh, en).because(&error))
        })?;
        inside.retain(|file| file.is_file() && is_import(file));
        inside.sort();
        if inside.is_empty() {
            return Err(Failure::failed(say(
                format!("目录 {} 中没有可导入的文件（xlsx、csv、toml）", path.display()),
                format!("directory {} has no file to import (xlsx, csv, toml)", path.display()),
            )));
        }
        files.extend(inside);
    }
    Ok(files)
}

/// Whether a file in a directory is meant: no lock file of Excel, no checked copy of an earlier import.
fn is_import(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    has_extension(path, &["xlsx", "csv", "toml"]) && !name.starts_with(['.', '~']) && !is_copy(path)
}

fn has_extension(path: &Path, extensions: &[&str]) -> bool {
    let extension = path.extension().and_then(OsStr::to_str).unwrap_or_default();
    extensions.iter().any(|known| extension.eq_ignore_ascii_case(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_gives_its_files_in_the_order_of_their_names_without_lock_files_and_checked_copies() {
        let dir = tempfile::tempdir().unwrap();
        for name in [
            "02-b.csv",
            "01-a.XLSX",
            "00-c.toml",
            "~$01-a.xlsx",
            ".x.csv",
            "01-a-核对.xlsx",
            "01-a-核对2.xlsx",
            "说明.txt",
        ] {
            fs::write(dir.path().join(name), "").unwrap();
        }
        let files = files(&[dir.path().to_owned()]).unwrap();
        let names: Vec<_> = files
            .iter()
            .map(|path| path.file_name().unwrap().to_str().unwrap())
            .collect();
        assert_eq!(names, ["00-c.toml", "01-a.XLSX", "02-b.csv"]);
    }

    #[test]
    fn a_directory_with_nothing_to_import_is_said_to_be_so() {
        let dir = tempfile::tempdir().unwrap();
        assert!(files(&[dir.path().to_owned()]).is_err());
        // A file that is named is opened whatever it is called: reading it says what is wrong.
        assert_eq!(files(&["x.dat".into()]).unwrap(), [PathBuf::from("x.dat")]);
    }
}
