//! What a workbook's parts say besides values, read before the values are: what is hidden, which formulas were never
//! calculated, and what is larger than it may be.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::io::{BufReader, Cursor, Read};

use zip::ZipArchive;
use zip::read::ZipFile;

use super::walk::{Tag, Trouble, walk};
use keshi_core::lang::{Say, say};

use crate::FileError;
use crate::read::{CELL_BYTES_MAX, TEXT_BYTES_MAX, UNPACKED_BYTES_MAX};

/// What is said of one sheet.
#[derive(Clone, Debug, Default)]
pub(super) struct Marks {
    /// Rows that are hidden or filtered out, from 1 on.
    pub(super) hidden_rows: BTreeSet<u32>,
    /// First and last of columns that are hidden, from 0 on.
    pub(super) hidden_columns: Vec<(usize, usize)>,
    /// Row and column, from 0 on, of formulas without a result.
    pub(super) uncalculated: HashSet<(u32, u32)>,
}

/// The marks of each sheet, in the order of the workbook; of a sheet whose part is not found, none.
pub(super) fn marks(name: &str, bytes: &[u8]) -> Result<Vec<Marks>, FileError> {
    within(name, bytes, (UNPACKED_BYTES_MAX, TEXT_BYTES_MAX))
}

/// As [`marks`], of a workbook that unpacks to so many bytes at most, and so many of text.
fn within(name: &str, bytes: &[u8], (unpacked_max, text_max): (u64, u64)) -> Result<Vec<Marks>, FileError> {
    let damaged = |why: Say| FileError::Damaged {
        name: name.to_owned(),
        why,
    };
    let mut zip = ZipArchive::new(Cursor::new(bytes)).map_err(|why| damaged(Say::same(why)))?;
    // What the directory says comes first. There may be more than it says.
    let mut announced = 0_u64;
    for at in 0..zip.len() {
        let file = zip.by_index_raw(at).map_err(|why| damaged(Say::same(why)))?;
        announced = announced.saturating_add(file.size());
    }
    if announced > unpacked_max {
        return Err(FileError::TooLarge {
            name: name.to_owned(),
            bytes: announced,
        });
    }
    let mut seen = Seen::default();
    let mut found: HashMap<String, Marks> = HashMap::new();
    let mut passed_over: Vec<String> = Vec::new();
    for at in 0..zip.len() {
        let file = zip.by_index(at).map_err(|why| damaged(Say::same(why)))?;
        let part = file.name().map_err(|why| damaged(Say::same(why)))?;
        let part = plain(&part);
        let Some(xml) = xml(file, &part).map_err(|why| damaged(Say::same(why)))? else {
            passed_over.push(part);
            continue;
        };
        let mut reader = Reading::default();
        let left = unpacked_max - seen.bytes;
        let read = walk(BufReader::with_capacity(1 << 16, xml), left, |tag| {
            seen.text += tag.text_before as u64;
            if seen.text > text_max {
                return Err(Trouble::TooMuchText);
            }
            reader.take(tag, &mut seen)
        });
        let of_part = match read {
            Ok(of_part) => of_part,
            Err(Trouble::Io(why)) => return Err(damaged(Say::same(why))),
            Err(Trouble::TooLarge) => {
                return Err(FileError::CellTooLarge {
                    name: name.to_owned(),
                    cell: reader.cell,
                });
            }
            Err(Trouble::TooMuchText) => return Err(FileError::TooMuchText { name: name.to_owned() }),
            Err(Trouble::TooLong) => {
                return Err(FileError::TooLarge {
                    name: name.to_owned(),
                    // So many at least.
                    bytes: unpacked_max.saturating_add(1),
                });
            }
        };
        // The reader makes room for as many texts as are announced.
        if reader.announced > of_part {
            return Err(damaged(say(
                "声明的文字条数多于实有条数",
                "it announces more texts than it has",
            )));
        }
        seen.bytes += of_part;
        found.insert(part, reader.marks);
    }
    if seen.leads_to(&passed_over) {
        return Err(damaged(say("工作表的内容不是 XML", "the part of a sheet is no XML")));
    }
    Ok(seen.in_order(&mut found))
}

/// The part, if it is XML or is read as such: by its name, whatever it begins with, or by how it begins.
fn xml<'z, R: Read + ?Sized + 'z>(
    mut file: ZipFile<'z, R>,
    part: &str,
) -> std::io::Result<Option<impl Read + use<'z, R>>> {
    let mut first = [0];
    let read = file.read(&mut first)?;
    // A mark of its encoding may stand before it.
    let begins = first[0] == b'<' || first[0] >= 0x80 || first[0].is_ascii_whitespace();
    let is_xml = read == 1 && (begins || [".xml", ".rels"].iter().any(|end| part.ends_with(end)));
    Ok(is_xml.then(|| Cursor::new(first).chain(file)))
}

/// A part's name as it is compared: readers take either slash, and either case.
fn plain(part: &str) -> String {
    part.replace('\\', "/").trim_start_matches('/').to_ascii_lowercase()
}

/// What all parts together say.
#[derive(Default)]
struct Seen {
    bytes: u64,
    text: u64,
    /// Ids of the sheets' relationships, in the workbook's order.
    sheets: Vec<String>,
    /// Where relationships lead.
    targets: HashMap<String, String>,
}

/// Whether a relationship's target is this part: it is told from the root, or from the workbook's folder.
fn is_target(target: &str, part: &str) -> bool {
    part == target || part.strip_suffix(target).is_some_and(|folder| folder.ends_with('/'))
}

impl Seen {
    /// Whether one of these parts is a sheet's: unread, it would be taken in unseen.
    fn leads_to(&self, parts: &[String]) -> bool {
        let targets: Vec<String> = self.targets.values().map(|target| plain(target)).collect();
        let mut pairs = parts
            .iter()
            .flat_map(|part| targets.iter().map(move |target| (target, part)));
        pairs.any(|(target, part)| is_target(target, part))
    }

    fn in_order(&self, found: &mut HashMap<String, Marks>) -> Vec<Marks> {
        let of = |id: &String| {
            let target = plain(self.targets.get(id)?);
            let part = found.keys().find(|part| is_target(&target, part))?;
            Some(part.clone())
        };
        let parts: Vec<_> = self.sheets.iter().map(of).collect();
        let parts = parts.into_iter();
        parts
            .map(|part| part.and_then(|part| found.remove(&part)).unwrap_or_default())
            .collect()
    }
}

/// One part being read.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "each was seen of the cell, or not")]
struct Reading {
    marks: Marks,
    /// The row, from 1 on, and the column, from 0 on, of the next cell that does not say where it stands.
    row: u32,
    column: u32,
    /// Where the cell stands that is being read, as it says itself.
    cell: String,
    /// Bytes of the cell, or of the shared text, that is being read.
    size: Option<usize>,
    is_text: bool,
    has_formula: bool,
    has_value: bool,
    within_value: bool,
    /// Shared texts announced.
    announced: u64,
}

impl Reading {
    fn take(&mut self, tag: Tag<'_>, seen: &mut Seen) -> Result<(), Trouble> {
        if let Some(size) = &mut self.size {
            *size += tag.text_before + tag.len();
            if *size > CELL_BYTES_MAX {
                return Err(Trouble::TooLarge);
            }
        }
        match tag.name() {
            ("row", false) => {
                self.row = tag.number("r").unwrap_or(self.row + 1);
                self.column = 0;
                if tag.is("hidden") {
                    self.marks.hidden_rows.insert(self.row);
                }
            }
            ("col", false) if tag.is("hidden") => {
                if let (Some(first), Some(last)) = (tag.number("min"), tag.number("max")) {
                    let place = |column: u32| column.saturating_sub(1) as usize;
                    self.marks.hidden_columns.push((place(first), place(last)));
                }
            }
            ("c", false) => self.begin(tag),
            ("c", true) => self.end(),
            ("f", false) => self.has_formula = true,
            ("v", false) => {
                self.within_value = !tag.is_empty();
                // A text may be calculated to be empty.
                self.has_value |= self.is_text;
            }
            ("v", true) => {
                self.has_value |= self.within_value && tag.text_before > 0;
                self.within_value = false;
            }
            ("is", false) => self.has_value = true,
            ("si", false) => self.size = (!tag.is_empty()).then_some(0),
            ("si", true) => self.size = None,
            ("sst", false) => {
                self.announced = tag
                    .attribute("uniqueCount")
                    .and_then(|count| count.parse().ok())
                    .unwrap_or(0);
            }
            ("sheet", false) => {
                seen.sheets.push(tag.prefixed("id").unwrap_or_default().to_owned());
            }
            ("Relationship", false) => {
                if let (Some(id), Some(target)) = (tag.attribute("Id"), tag.attribute("Target")) {
                    // Of several parts with relationships, the sheets' stand with the workbook.
                    if tag.attribute("Type").is_some_and(|of| of.ends_with("/worksheet")) {
                        seen.targets.insert(id.to_owned(), target.to_owned());
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn begin(&mut self, tag: Tag<'_>) {
        tag.attribute("r").unwrap_or_default().clone_into(&mut self.cell);
        if let Some(column) = column(&self.cell) {
            self.column = column;
        }
        self.is_text = tag.attribute("t") == Some("str");
        (self.has_formula, self.has_value, self.within_value) = (false, false, false);
        if tag.is_empty() {
            self.column += 1;
        } else {
            self.size = Some(0);
        }
    }

    fn end(&mut self) {
        if self.has_formula && !self.has_value {
            self.marks
                .uncalculated
                .insert((self.row.saturating_sub(1), self.column));
        }
        self.column += 1;
        self.size = None;
    }
}

/// The column of a cell's name, from 0 on: `AB7` is 27.
fn column(cell: &str) -> Option<u32> {
    let letters = cell.bytes().take_while(u8::is_ascii_alphabetic);
    let number = letters.fold(0_u32, |number, letter| {
        number
            .saturating_mul(26)
            .saturating_add(u32::from(letter.to_ascii_uppercase() - b'A') + 1)
    });
    number.checked_sub(1)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;

    #[test]
    fn columns_are_counted_as_spreadsheets_name_them() {
        assert_eq!(
            ["A1", "Z9", "AB7", "7", ""].map(column),
            [Some(0), Some(25), Some(27), None, None]
        );
    }

    /// A zip file of these parts, whose directory and headers say that the first has `says` bytes.
    fn zipped(parts: &[(&str, &str)], says: Option<u32>) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, text) in parts {
            zip.start_file(*name, SimpleFileOptions::default()).unwrap();
            zip.write_all(text.as_bytes()).unwrap();
        }
        let mut bytes = zip.finish().unwrap().into_inner();
        let entry = bytes.windows(4).position(|window| window == b"PK\x01\x02").unwrap();
        if let Some(says) = says {
            bytes[entry + 24..entry + 28].copy_from_slice(&says.to_le_bytes());
        }
        bytes
    }

    #[test]
    fn what_unpacks_to_more_than_it_may_is_refused_whatever_its_directory_says() {
        let texts = format!("<sst>{}</sst>", "<si><t>0123456789</t></si>".repeat(1_000));
        let parts = [("xl/sharedStrings.xml", texts.as_str())];
        let too_large = |says, max| matches!(within("x", &zipped(&parts, says), max), Err(FileError::TooLarge { .. }));
        assert!(!too_large(None, (100_000, 100_000)));
        assert!(too_large(None, (20_000, 100_000)), "the directory says it");
        let lies = within("x", &zipped(&parts, Some(10)), (20_000, 100_000));
        assert!(lies.is_err(), "there is more than the directory says: {lies:?}");
        let text = within("x", &zipped(&parts, None), (100_000, 9_000));
        assert!(matches!(text, Err(FileError::TooMuchText { .. })), "{text:?}");
    }

    #[test]
    fn what_will_be_read_as_xml_is_measured_whatever_it_begins_with() {
        let texts = format!("x<sst>{}</sst>", "<si><t>0123456789</t></si>".repeat(1_000));
        let read = within(
            "x",
            &zipped(&[("xl/SharedStrings.XML", &texts)], None),
            (100_000, 9_000),
        );
        assert!(matches!(read, Err(FileError::TooMuchText { .. })), "{read:?}");
        let read = within(
            "x",
            &zipped(&[("xl/sharedStrings.xml", "x<sst uniqueCount='99'/>")], None),
            (100, 100),
        );
        assert!(matches!(read, Err(FileError::Damaged { .. })), "{read:?}");
        let leads = "<Relationship Id='r1' Type='x/worksheet' Target='sheets/one.bin'/>";
        let parts = [
            ("xl/sheets/one.bin", "x<worksheet/>"),
            ("xl/_rels/workbook.xml.rels", leads),
        ];
        let read = within("x", &zipped(&parts, None), (1_000, 1_000));
        assert!(matches!(read, Err(FileError::Damaged { .. })), "{read:?}");
    }

    #[test]
    fn what_is_no_xml_is_not_unpacked() {
        let picture = "\u{1}".repeat(1_000);
        let bytes = zipped(&[("xl/media/image1.png", &picture)], Some(10));
        assert!(within("x", &bytes, (100, 100)).is_ok());
    }
}
