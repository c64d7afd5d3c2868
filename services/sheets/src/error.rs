//! What can go wrong with a whole file.

use std::path::PathBuf;

use keshi_core::lang::{Lang, Say, say};
use thiserror::Error;

/// Why a file was not read. [`FileError::text`] says it in either language.
#[derive(Debug, Error)]
pub enum FileError {
    /// The file could not be opened or read.
    #[error("{} cannot be read: {cause}; check the path, and close the file in Excel", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
    /// A folder, a device, a pipe.
    #[error("{name} is no file; name a spreadsheet")]
    NoFile {
        /// Its name.
        name: String,
    },
    /// No bytes, or no cells.
    #[error("{name} is empty; fill in the template and send that")]
    Empty {
        /// The file's name.
        name: String,
    },
    /// Larger than [`crate::read::FILE_BYTES_MAX`], or than [`crate::read::UNPACKED_BYTES_MAX`] when unpacked.
    #[error(
        "{name} has {bytes} bytes (unpacked, if it is a workbook); at most {max} are read, {unpacked} unpacked; split it",
        max = crate::read::FILE_BYTES_MAX, unpacked = crate::read::UNPACKED_BYTES_MAX
    )]
    TooLarge {
        /// The file's name.
        name: String,
        /// Its size.
        bytes: u64,
    },
    /// A cell larger than [`crate::read::CELL_BYTES_MAX`].
    #[error(
        "{name} has a cell{} larger than {max} bytes; empty or shorten it",
        if .cell.is_empty() { String::new() } else { format!(" ({cell})") },
        max = crate::read::CELL_BYTES_MAX
    )]
    CellTooLarge {
        /// The file's name.
        name: String,
        /// The cell, or its row, as the spreadsheet names it; empty if that is not known.
        cell: String,
    },
    /// More text than [`crate::read::TEXT_BYTES_MAX`] in all cells.
    #[error("{name} has more than {max} bytes of text; split it", max = crate::read::TEXT_BYTES_MAX)]
    TooMuchText {
        /// The file's name.
        name: String,
    },
    /// More rows than [`crate::read::ROWS_MAX`] in one sheet.
    #[error("sheet {sheet:?} of {name} has more than {max} rows; split it", max = crate::read::ROWS_MAX)]
    TooManyRows {
        /// The file's name.
        name: String,
        /// The sheet.
        sheet: String,
    },
    /// A line of a text table with more separators than [`crate::read::CSV_COLUMNS_MAX`].
    #[error("line {line} of {name} has more than {max} columns; it is no table, or was saved wrongly", max = crate::read::CSV_COLUMNS_MAX)]
    TooManyColumns {
        /// The file's name.
        name: String,
        /// The line of the file, from 1 on.
        line: usize,
    },
    /// Protected by a password.
    #[error("{name} is protected by a password; take the password off in Excel (File, Info) and save it again")]
    Encrypted {
        /// The file's name.
        name: String,
    },
    /// The binary format of Excel 97–2003, or another Office file.
    #[error("{name} is in the format of Excel 97-2003 (.xls); open it and save it as .xlsx")]
    OldExcel {
        /// The file's name.
        name: String,
    },
    /// Neither a workbook nor text, or a damaged workbook.
    #[error("{name} cannot be read as a spreadsheet: {}; open it in Excel and save it anew as .xlsx", .why.en)]
    Damaged {
        /// The file's name.
        name: String,
        /// What is wrong with it.
        why: Say,
    },
    /// A csv file in neither UTF-8 nor GB18030.
    #[error("{name} is text in neither UTF-8 nor GB18030; save it from Excel as .xlsx or as CSV UTF-8")]
    Encoding {
        /// The file's name.
        name: String,
    },
    /// A sheet that is nearly of a known kind.
    #[error(
        "sheet {sheet:?} of {name} looks like {kind}, but row {row} lacks the columns {missing}; found {found}{}; add the columns (keshi's template has them)",
        if *.merged { "; its header has merged cells: unmerge them so that each column has its own heading" } else { "" }
    )]
    MissingColumns {
        /// The file's name.
        name: String,
        /// The sheet.
        sheet: String,
        /// The row of the header.
        row: u32,
        /// The kind's name.
        kind: &'static str,
        /// Headings that are missing, joined.
        missing: String,
        /// Known headings that were found, joined.
        found: String,
        /// Whether cells of the header are merged.
        merged: bool,
    },
    /// One heading over several columns, without headings of their own.
    #[error(
        "the heading {heading} in row {row} of sheet {sheet:?} of {name} is merged over several columns; unmerge it so that each column has its own heading"
    )]
    MergedHeading {
        /// The file's name.
        name: String,
        /// The sheet.
        sheet: String,
        /// The row of the header.
        row: u32,
        /// The heading.
        heading: String,
    },
    /// Two columns with one heading.
    #[error("sheet {sheet:?} of {name} has the heading {heading} twice in row {row}; rename or remove one")]
    RepeatedColumn {
        /// The file's name.
        name: String,
        /// The sheet.
        sheet: String,
        /// The row of the header.
        row: u32,
        /// The heading.
        heading: String,
    },
    /// No sheet of a known kind.
    #[error("{name} has no sheet that is known: no row among the first {rows} of {sheets} has the headings of {kinds}", rows = crate::read::HEADER_ROWS)]
    NoKnownSheet {
        /// The file's name.
        name: String,
        /// The sheets, joined.
        sheets: String,
        /// The kinds known, joined.
        kinds: String,
    },
}

impl FileError {
    /// What is wrong and what to do, in a sentence.
    pub fn text(&self, lang: Lang) -> String {
        match lang {
            Lang::En => self.to_string(),
            Lang::Zh => self.zh(),
        }
    }

    fn zh(&self) -> String {
        match self {
            Self::Io { path, cause } => {
                format!(
                    "无法读取 {}（{cause}）；请核对路径，并在 Excel 中关闭该文件",
                    path.display()
                )
            }
            Self::NoFile { name } => format!("{name} 不是文件；请指定电子表格"),
            Self::Empty { name } => format!("{name} 是空文件；请填写模板后再导入"),
            Self::TooLarge { name, bytes } => format!(
                "{name} 有 {bytes} 字节（工作簿按解压后计），至多 {} 字节、解压后 {} 字节；请拆分",
                crate::read::FILE_BYTES_MAX,
                crate::read::UNPACKED_BYTES_MAX
            ),
            Self::CellTooLarge { name, cell } => {
                let place = if cell.is_empty() {
                    String::new()
                } else {
                    format!("（{cell}）")
                };
                format!(
                    "{name} 有一个单元格{place}超过 {} 字节；请清空或缩短它",
                    crate::read::CELL_BYTES_MAX
                )
            }
            Self::TooMuchText { name } => {
                format!("{name} 的文字超过 {} 字节；请拆分", crate::read::TEXT_BYTES_MAX)
            }
            Self::TooManyRows { name, sheet } => {
                format!("{name} 的工作表“{sheet}”超过 {} 行；请拆分", crate::read::ROWS_MAX)
            }
            Self::TooManyColumns { name, line } => format!(
                "{name} 第 {line} 行超过 {} 列，不是表格，或保存有误；请核对文件",
                crate::read::CSV_COLUMNS_MAX
            ),
            Self::Encrypted { name } => format!("{name} 有密码保护；请在 Excel 中取消密码（文件—信息）后另存"),
            Self::OldExcel { name } => format!("{name} 是 Excel 97-2003 格式（.xls）；请打开后另存为 .xlsx"),
            Self::Damaged { name, why } => {
                format!("{name} 不是可读的电子表格（{}）；请用 Excel 打开后另存为 .xlsx", why.zh)
            }
            Self::Encoding { name } => {
                format!("{name} 的文字编码既不是 UTF-8 也不是 GB18030；请在 Excel 中另存为 .xlsx 或 CSV UTF-8")
            }
            Self::MissingColumns {
                name,
                sheet,
                row,
                kind,
                missing,
                found,
                merged,
            } => {
                let merged = if *merged {
                    "表头有合并单元格，请取消合并，使每列各有列名；"
                } else {
                    ""
                };
                format!(
                    "{name} 的工作表“{sheet}”像是“{kind}”表，但第 {row} 行缺少列：{missing}；已认出的列：{found}；{merged}请补上缺少的列（可用模板）"
                )
            }
            Self::MergedHeading {
                name,
                sheet,
                row,
                heading,
            } => format!("{name} 的工作表“{sheet}”第 {row} 行的列名“{heading}”合并了几列；请取消合并，使每列各有列名"),
            Self::RepeatedColumn {
                name,
                sheet,
                row,
                heading,
            } => {
                format!("{name} 的工作表“{sheet}”第 {row} 行有两列都叫“{heading}”；请改名或删去一列")
            }
            Self::NoKnownSheet { name, sheets, kinds } => format!(
                "{name} 中没有认得的工作表：{sheets} 的前 {} 行里找不到表头；可导入的表：{kinds}",
                crate::read::HEADER_ROWS
            ),
        }
    }
}

/// Why a file was not written.
#[derive(Debug, Error)]
pub enum WriteError {
    /// A workbook could not be written.
    #[error("{} cannot be written: {cause}; close it in Excel, and check the folder and the disk", .path.display())]
    Workbook {
        /// The file.
        path: PathBuf,
        /// What went wrong.
        cause: rust_xlsxwriter::XlsxError,
    },
    /// A text file or folder could not be written.
    #[error("{} cannot be written: {cause}; check the folder and the disk", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
}

impl WriteError {
    /// What could not be written, why, and what to do, in both languages.
    pub fn say(&self) -> Say {
        let (path, why) = match self {
            Self::Workbook { path, cause } => (path, cause.to_string()),
            Self::Io { path, cause } => (path, cause.to_string()),
        };
        let shown = path.display();
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        if let Some(missing) = folder.filter(|folder| !folder.is_dir()) {
            let missing = missing.display();
            return say(
                format!("{shown} 无法写出：没有目录 {missing}；请先建立该目录"),
                format!("{shown} was not written: there is no folder {missing}; make it first"),
            );
        }
        say(
            format!("{shown} 无法写出（{why}）；请在表格软件中关闭该文件，核对目录权限和磁盘空间"),
            format!(
                "{shown} was not written ({why}); close it in the spreadsheet program, check the folder and the disk"
            ),
        )
    }
}
