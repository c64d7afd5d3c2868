//! Roots as text: 64 lower-case hexadecimal digits.

use std::fmt::Write as _;

pub(crate) fn show(root: &[u8; 32]) -> String {
    root.iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// `None` for anything but 64 digits.
pub(crate) fn read(text: &str) -> Option<[u8; 32]> {
    let mut root = [0; 32];
    if text.len() != 64 || !text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    for (at, byte) in root.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(at * 2..at * 2 + 2)?, 16).ok()?;
    }
    Some(root)
}
