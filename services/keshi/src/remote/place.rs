//! What a command finds on this machine: the data directory and the token that `keshi up` left there.

use std::fs;
use std::path::{Path, PathBuf};

use keshi_office::keyring::{KeyOf, KeyPlaces};
use keshi_office::layout::{DataDir, OfficeDir};
use keshi_office::write_atomically;

use crate::Ctx;
use crate::exit::{Failure, Outcome, causes, say};

/// The data directory, and whether the user named it.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) data: DataDir,
    pub(crate) is_named: bool,
}

impl Place {
    /// `--data`, else the user's own.
    pub(crate) fn of(ctx: &Ctx<'_>) -> Outcome<Self> {
        if let Some(dir) = &ctx.globals.data {
            let data = DataDir::new(dir);
            return Ok(Self { data, is_named: true });
        }
        let data = DataDir::default_for(|name| (ctx.env)(name)).map_err(|error| {
            let zh = "XDG_DATA_HOME 和 HOME 都没有给出绝对路径：请用 --data 指定数据目录";
            Failure::usage(say(zh, error.to_string()))
        })?;
        Ok(Self { data, is_named: false })
    }

    /// The token that the first start of `office` left, if it is there.
    pub(crate) fn token(&self, office: &OfficeDir) -> Option<String> {
        first_line(&office.token()).or_else(|| {
            // An earlier form of keshi kept that of all offices in one place, so it was that of the last.
            let is_only = self.data.offices().is_ok_and(|all| all.len() == 1);
            is_only.then(|| first_line(&self.data.root.join("token"))).flatten()
        })
    }

    /// The office: `--office`, else the only one in the data directory.
    pub(crate) fn office(&self, asked: Option<&str>) -> Outcome<OfficeDir> {
        let root = self.data.root.display();
        let code = match asked {
            Some(code) => code.to_owned(),
            None => match self.data.offices().map_err(|error| layout_failure(&error))?.as_slice() {
                [one] => one.clone(),
                [] => {
                    return Err(Failure::usage(say(
                        format!("数据目录 {root} 中还没有台账：请用 --data 指定目录，或先运行 keshi up --office 编号"),
                        format!(
                            "{root} holds no ledger yet: name the directory with --data, or run keshi up --office CODE"
                        ),
                    )));
                }
                several => {
                    return Err(Failure::usage(say(
                        format!(
                            "数据目录 {root} 中有几个机构：{}；请用 --office 选一个",
                            several.join("、")
                        ),
                        format!(
                            "{root} has several offices: {}; choose one with --office",
                            several.join(", ")
                        ),
                    )));
                }
            },
        };
        self.data.office(&code).map_err(|error| layout_failure(&error))
    }
}

/// Where the office's keys are looked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct OfficeKeys {
    pub(crate) people: KeyPlaces,
    pub(crate) signing: KeyPlaces,
}

/// Where the office's keys are looked for by a command.
pub(crate) fn office_keys(ctx: &Ctx<'_>) -> OfficeKeys {
    OfficeKeys {
        people: key_places(ctx),
        signing: places_of(ctx, KeyOf::Checkpoints, ctx.globals.signing_key.clone()),
    }
}

/// Where the key of a people register is looked for.
pub(crate) fn key_places(ctx: &Ctx<'_>) -> KeyPlaces {
    places_of(ctx, KeyOf::People, ctx.globals.people_key.clone())
}

/// The file that an option has `named`, else the key or the file that a variable gives, else the directory of the user's
/// configuration.
fn places_of(ctx: &Ctx<'_>, of: KeyOf, named: Option<PathBuf>) -> KeyPlaces {
    let variable = |name: &str| (ctx.env)(name).filter(|value| !value.is_empty());
    let absolute = |name: &str| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let given = || variable(of.variable()).and_then(|key| key.into_string().ok());
    KeyPlaces {
        given: if named.is_none() { given().map(Into::into) } else { None },
        file: named.or_else(|| variable(&format!("{}_FILE", of.variable())).map(PathBuf::from)),
        dir: config_dir(&absolute).map(|config| config.join(of.dir())),
    }
}

/// `$XDG_CONFIG_HOME/keshi`, or `$HOME/.config/keshi`; `absolute` looks up a variable that is to be an absolute path.
pub(crate) fn config_dir(absolute: &dyn Fn(&str) -> Option<PathBuf>) -> Option<PathBuf> {
    let config = absolute("XDG_CONFIG_HOME").or_else(|| absolute("HOME").map(|home| home.join(".config")))?;
    Some(config.join("keshi"))
}

/// A place that cannot be named or made.
pub(crate) fn layout_failure(error: &keshi_office::layout::LayoutError) -> Failure {
    use keshi_office::layout::LayoutError;
    let en = causes(error);
    match error {
        LayoutError::OfficeCode { code } => Failure::usage(say(
            format!("“{code}”不是机构编号：应为六位行政区划代码，如 610729"),
            en,
        )),
        LayoutError::NoHome => Failure::usage(say("找不到用户目录：请用 --data 指定数据目录", en)),
        LayoutError::Io { path, cause } => Failure::failed(say(
            format!(
                "目录 {} 无法使用（{cause}）：请检查上级目录是否存在、是否属于本用户",
                path.display()
            ),
            en,
        )),
    }
}

/// Writes a small file for its owner only, whole or not at all.
pub(crate) fn write_private(path: &Path, text: &str) -> Outcome {
    write_atomically(path, text.as_bytes()).map_err(|error| {
        let what = say(
            format!("无法写入 {}：请检查磁盘和目录权限", path.display()),
            format!(
                "{} could not be written: check the disk and the directory's mode",
                path.display()
            ),
        );
        Failure::failed(what.because(&error))
    })
}

fn first_line(path: &Path) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let line = text.lines().next()?.trim();
    (!line.is_empty()).then(|| line.to_owned())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn place(dir: &Path) -> Place {
        Place {
            data: DataDir::new(dir),
            is_named: true,
        }
    }

    #[test]
    fn the_only_office_need_not_be_named() {
        let dir = tempfile::tempdir().unwrap();
        let place = place(dir.path());
        assert_eq!(place.office(None).unwrap_err().exit, crate::Exit::Usage);
        place.data.office("610729").unwrap().create().unwrap();
        assert_eq!(place.office(None).unwrap().root, dir.path().join("610729"));
        place.data.office("610730").unwrap().create().unwrap();
        let failure = place.office(None).unwrap_err();
        assert!(failure.lines[0].en.contains("610729, 610730"), "{failure:?}");
        assert_eq!(place.office(Some("610730")).unwrap().root, dir.path().join("610730"));
        assert_eq!(place.office(Some("../x")).unwrap_err().exit, crate::Exit::Usage);
    }

    #[test]
    fn the_token_file_is_for_its_owner_only() {
        let dir = tempfile::tempdir().unwrap();
        let place = place(dir.path());
        let office = place.data.office("610729").unwrap();
        office.create().unwrap();
        assert_eq!(place.token(&office), None);
        write_private(&office.token(), "ks_x\n").unwrap();
        assert_eq!(place.token(&office).as_deref(), Some("ks_x"));
        let mode = fs::metadata(office.token()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_token_in_the_old_place_is_that_of_the_only_office_and_of_none_among_several() {
        let dir = tempfile::tempdir().unwrap();
        let place = place(dir.path());
        let office = place.data.office("610729").unwrap();
        office.create().unwrap();
        write_private(&dir.path().join("token"), "ks_old\n").unwrap();
        assert_eq!(place.token(&office).as_deref(), Some("ks_old"));
        place.data.office("610730").unwrap().create().unwrap();
        assert_eq!(place.token(&office), None);
    }
}
