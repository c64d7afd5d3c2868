//! The made-up county `liuba-2022`: one year of one office, as the spreadsheets that its clerks would keep.
//!
//! Nobody in it exists: names are put together at random, ID numbers are of a region that does not exist (999999), and
//! no phone number begins with 100. It is the same on every machine: its own generator, a fixed seed, no clock.
//! Its totals are those of the office's annual report (DOMAIN §12), as far as this release's kinds of events reach.

mod contests;
mod county;
mod inspections;
mod lessons;
mod questions;
mod rng;
mod sheets;
mod training;
mod works;

use std::fs;
use std::path::Path;

use self::county::County;
use self::rng::{Rng, SEED};
use crate::WriteError;
use crate::write::{self, Table};

/// The sample's name.
pub const NAME: &str = "liuba-2022";

/// The code of its office.
pub const OFFICE: &str = "610729";

/// The policy that its researchers stand under.
pub const POLICY: &str = include_str!("../../../../ledger/core/policies/dongxing-researcher-2020.toml");

/// Its school calendar.
pub const CALENDAR: &str = include_str!("calendar.toml");

/// How a file of the sample is taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A school calendar: adopted.
    Calendar,
    /// A policy: adopted.
    Policy,
    /// A workbook: imported.
    Sheets,
}

/// One file of the sample.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its name in the sample's folder; the alphabet is the order of import.
    pub name: &'static str,
    /// How it is taken in.
    pub kind: FileKind,
}

/// A teacher worth asking about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Example {
    /// Her id.
    pub teacher_id: &'static str,
    /// Why, in Chinese.
    pub zh: &'static str,
    /// Why, in English.
    pub en: &'static str,
}

/// What the sample consists of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// The office's code.
    pub office: &'static str,
    /// The files, in the order of import.
    pub files: Vec<File>,
    /// Teachers worth asking about.
    pub examples: &'static [Example],
}

/// The researchers of the sample; what they miss in 2022 under [`POLICY`].
pub const EXAMPLES: &[Example] = &[
    Example {
        teacher_id: "LB-0001",
        zh: "专职教研员，2022 年四项要求全部达标",
        en: "researcher, meets all four requirements of 2022",
    },
    Example {
        teacher_id: "LB-0002",
        zh: "专职教研员，全部达标，授课为优",
        en: "researcher, meets all four and reaches the target of lessons given",
    },
    Example {
        teacher_id: "LB-0003",
        zh: "专职教研员，培训 72 课时，差 18",
        en: "researcher, 72 training hours, 18 short of 90",
    },
    Example {
        teacher_id: "LB-0004",
        zh: "专职教研员，2022-2023-1 学期听课 31 节，差 9",
        en: "researcher, 31 lessons observed in 2022-2023-1, 9 short of 40",
    },
    Example {
        teacher_id: "LB-0005",
        zh: "专职教研员，2021-2022 学年没有授课",
        en: "researcher, gave no lesson in 2021-2022",
    },
    Example {
        teacher_id: "LB-0006",
        zh: "专职教研员，2022 年 11 月没有到校",
        en: "researcher, visited no school in November 2022",
    },
];

/// A file's name and the sheets in it.
type Workbook = (&'static str, Vec<Table>);

/// The files that are not workbooks: name, kind, content.
const TEXTS: [(&str, FileKind, &str); 2] = [
    ("00-校历.toml", FileKind::Calendar, CALENDAR),
    ("00-规则-dongxing-researcher-2020.toml", FileKind::Policy, POLICY),
];

/// Writes the sample into `dir`, which is created if need be; files of the same names are overwritten.
///
/// # Errors
///
/// [`WriteError`] if the folder or a file cannot be written.
pub fn write(dir: &Path) -> Result<Manifest, WriteError> {
    let io = |path: &Path, cause| WriteError::Io {
        path: path.to_owned(),
        cause,
    };
    fs::create_dir_all(dir).map_err(|cause| io(dir, cause))?;
    let mut files = Vec::new();
    for (name, kind, content) in TEXTS {
        let path = dir.join(name);
        fs::write(&path, content).map_err(|cause| io(&path, cause))?;
        files.push(File { name, kind });
    }
    for (name, tables) in workbooks() {
        write::workbook(&dir.join(name), &tables)?;
        files.push(File {
            name,
            kind: FileKind::Sheets,
        });
    }
    files.sort_by_key(|file| file.name);
    let manifest = Manifest {
        office: OFFICE,
        files,
        examples: EXAMPLES,
    };
    let path = dir.join("说明.txt");
    fs::write(&path, manifest.text()).map_err(|cause| io(&path, cause))?;
    Ok(manifest)
}

fn workbooks() -> Vec<Workbook> {
    let mut rng = Rng::new(SEED);
    let county = County::new(&mut rng);
    let seasoned = county.of_schools(|teacher, _| teacher.hired.year() <= 2012 && teacher.hired.year() >= 1995);
    let skilled = rng.sample(&seasoned, 40);
    let part_time = rng.sample(&skilled, 8);
    vec![
        ("01-学校.xlsx", sheets::schools(&county)),
        ("02-教师.xlsx", sheets::teachers(&county, &part_time)),
        ("03-培训.xlsx", training::projects(&county, &mut rng)),
        ("04-学科基地.xlsx", training::bases(&county, &mut rng)),
        ("05-送教送培.xlsx", lessons::outreach(&county, &skilled, &mut rng)),
        ("06-授课.xlsx", lessons::given(&county, &skilled, &mut rng)),
        ("07-听课.xlsx", lessons::observed(&county, &part_time, &mut rng)),
        ("08-到校.xlsx", lessons::visits(&county, &mut rng)),
        ("09-赛教.xlsx", contests::contests(&county, &skilled, &mut rng)),
        ("10-培养与成果.xlsx", works::works(&county, &mut rng)),
        ("11-订单式教研.xlsx", questions::questions(&county)),
        ("12-教学视导.xlsx", inspections::inspections(&county)),
    ]
}

impl Manifest {
    /// The manifest as the sample's 说明.txt has it.
    pub fn text(&self) -> String {
        let mut lines = vec![
            format!("{NAME}：编造的县，用于试用课时台账；教研室代码 {OFFICE}。人名、证件号码、电话均属虚构。"),
            format!("{NAME}: a made-up county to try Keshi with; office {OFFICE}. Nobody in it exists."),
            String::new(),
            "按此顺序导入 / import in this order:".to_owned(),
        ];
        for file in &self.files {
            let how = match file.kind {
                FileKind::Calendar => "校历，发布 / calendar, adopt",
                FileKind::Policy => "规则，发布 / policy, adopt",
                FileKind::Sheets => "表格，导入 / spreadsheet, import",
            };
            lines.push(format!("  {}  （{how}）", file.name));
        }
        lines.push(String::new());
        lines.push("可查询的教师（期间 2022） / teachers worth asking about (period 2022):".to_owned());
        lines.extend(
            self.examples
                .iter()
                .map(|example| format!("  {}  {} / {}", example.teacher_id, example.zh, example.en)),
        );
        lines.join("\n") + "\n"
    }
}
