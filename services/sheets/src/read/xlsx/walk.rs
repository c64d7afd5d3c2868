//! Walking through XML piece by piece, with no more of it in memory than one tag: what is too large is found before any reader
//! takes it in.

use std::io::{self, BufRead};

use crate::read::CELL_BYTES_MAX;

/// Why a part was left.
#[derive(Debug)]
pub(super) enum Trouble {
    /// It could not be unpacked.
    Io(io::Error),
    /// A tag, or the text between two, is larger than [`CELL_BYTES_MAX`].
    TooLarge,
    /// The part has more than the bytes that it may have.
    TooLong,
    /// All parts have more text than they may have.
    TooMuchText,
}

/// One tag, without its angle brackets.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tag<'b> {
    text: &'b str,
    /// Bytes of text since the tag before.
    pub(super) text_before: usize,
}

/// Calls `on_tag` for each tag, and says how many bytes there were, at most `bytes_max`.
pub(super) fn walk<B: BufRead>(
    mut part: B,
    bytes_max: u64,
    mut on_tag: impl FnMut(Tag<'_>) -> Result<(), Trouble>,
) -> Result<u64, Trouble> {
    let mut bytes = 0_u64;
    let mut tag: Vec<u8> = Vec::new();
    let mut text_before = 0_usize;
    let mut within = false;
    // The quote in which the tag stands: a `>` there ends nothing.
    let mut quote = None;
    loop {
        let piece = part.fill_buf().map_err(Trouble::Io)?;
        if piece.is_empty() {
            return Ok(bytes);
        }
        bytes += piece.len() as u64;
        if bytes > bytes_max {
            return Err(Trouble::TooLong);
        }
        let mut rest = piece;
        while !rest.is_empty() {
            if !within {
                let opens = rest.iter().position(|&byte| byte == b'<');
                text_before += opens.unwrap_or(rest.len());
                if text_before > CELL_BYTES_MAX {
                    return Err(Trouble::TooLarge);
                }
                let Some(at) = opens else { break };
                rest = rest.get(at + 1..).unwrap_or_default();
                (within, quote) = (true, None);
                tag.clear();
                continue;
            }
            let Some((&byte, after)) = rest.split_first() else {
                break;
            };
            rest = after;
            match (byte, quote) {
                (b'>', None) if is_whole(&tag) => {
                    within = false;
                    let is_text = tag.starts_with(b"![CDATA[");
                    if is_text {
                        // No longer than a tag may be.
                        text_before += tag.len();
                    } else if !tag.starts_with(b"!--") {
                        let text = String::from_utf8_lossy(&tag);
                        let text = &*text;
                        on_tag(Tag { text, text_before })?;
                        text_before = 0;
                    }
                    continue;
                }
                (b'"' | b'\'', None) if !tag.starts_with(b"!") => quote = Some(byte),
                (byte, Some(open)) if byte == open => quote = None,
                _ => {}
            }
            tag.push(byte);
            if tag.len() > CELL_BYTES_MAX {
                return Err(Trouble::TooLarge);
            }
        }
        let taken = piece.len();
        part.consume(taken);
    }
}

/// Whether a `>` ends what was read of the tag: within a comment or CDATA not each does.
fn is_whole(tag: &[u8]) -> bool {
    if tag.starts_with(b"!--") {
        tag.len() >= 5 && tag.ends_with(b"--")
    } else if tag.starts_with(b"![CDATA[") {
        tag.ends_with(b"]]")
    } else {
        true
    }
}

impl<'b> Tag<'b> {
    /// Its name without prefix, and whether it ends an element.
    pub(super) fn name(self) -> (&'b str, bool) {
        let ends = self.text.starts_with('/');
        let name = self.text.trim_start_matches('/');
        let name = name.split(|c: char| c.is_ascii_whitespace() || c == '/').next();
        let name = name.unwrap_or_default();
        (name.rsplit(':').next().unwrap_or(name), ends)
    }

    /// How many bytes it has.
    pub(super) const fn len(self) -> usize {
        self.text.len()
    }

    /// Whether the element ends where it begins.
    pub(super) fn is_empty(self) -> bool {
        self.text.ends_with('/')
    }

    /// The attribute of this name, prefix included, as written.
    pub(super) fn attribute(self, name: &str) -> Option<&'b str> {
        let mut rest = self.text;
        while let Some((before, after)) = rest.split_once('=') {
            let found = before
                .rsplit(|c: char| c.is_ascii_whitespace())
                .find(|word| !word.is_empty());
            let after = after.trim_start();
            let quote = after.chars().next()?;
            let (value, next) = after.get(1..)?.split_once(quote)?;
            if found == Some(name) {
                return Some(value);
            }
            rest = next;
        }
        None
    }

    /// The first attribute of this name under any prefix.
    pub(super) fn prefixed(self, name: &str) -> Option<&'b str> {
        let words = self.text.split(|c: char| c.is_ascii_whitespace());
        let names = words.filter_map(|word| word.split_once('=').map(|(found, _)| found));
        let mut found = names.filter(|found| found.split_once(':').is_some_and(|(_, local)| local == name));
        self.attribute(found.next()?)
    }

    /// Whether the attribute is there and true.
    pub(super) fn is(self, name: &str) -> bool {
        matches!(self.attribute(name), Some("1" | "true"))
    }

    /// The attribute as a number.
    pub(super) fn number(self, name: &str) -> Option<u32> {
        self.attribute(name)?.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::*;

    fn tags(text: &str, capacity: usize) -> Vec<(String, usize)> {
        let mut seen = Vec::new();
        let part = BufReader::with_capacity(capacity, text.as_bytes());
        let read = walk(part, 1 << 20, |tag| {
            seen.push((tag.text.to_owned(), tag.text_before));
            Ok(())
        });
        assert_eq!(read.unwrap(), text.len() as u64);
        seen
    }

    #[test]
    fn tags_are_found_however_the_text_is_cut_and_what_is_quoted_or_no_element_ends_none() {
        let text = "<a x=\"1>2\" y='\"'>12<!-- <b> --><![CDATA[<c>]]></a>";
        let whole = tags(text, 4_096);
        assert_eq!(whole.len(), 2, "{whole:?}");
        assert_eq!(whole[0].0, "a x=\"1>2\" y='\"'");
        assert_eq!((whole[1].0.as_str(), whole[1].1), ("/a", 2 + "![CDATA[<c>]]".len()));
        for capacity in 1..8 {
            assert_eq!(tags(text, capacity), whole);
        }
    }

    #[test]
    fn names_and_attributes_are_read_as_they_stand() {
        let tag = Tag {
            text: "x:row r = \"5\" hidden='true' spans=\"1:3\"/",
            text_before: 0,
        };
        assert_eq!(tag.name(), ("row", false));
        assert!(tag.is_empty() && tag.is("hidden") && !tag.is("r"));
        assert_eq!((tag.number("r"), tag.attribute("span")), (Some(5), None));
    }

    #[test]
    fn what_is_too_large_or_too_long_is_left_where_that_shows() {
        let large = "x".repeat(CELL_BYTES_MAX + 1);
        for text in [format!("<a>{large}</a>"), format!("<a b=\"{large}\">")] {
            let read = walk(text.as_bytes(), u64::MAX, |_| Ok(()));
            assert!(matches!(read, Err(Trouble::TooLarge)));
        }
        assert!(matches!(
            walk(&b"<a>12345</a>"[..], 5, |_| Ok(())),
            Err(Trouble::TooLong)
        ));
    }
}
