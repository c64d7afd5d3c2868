//! Files to be saved.

use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, HeaderValue};
use axum::response::{IntoResponse, Response};

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// A workbook to be saved under this name. Browsers take the second form of the name, older ones the first.
pub(crate) fn attachment(name: &str, bytes: Vec<u8>) -> Response {
    let mut response = ([(CONTENT_TYPE, XLSX)], bytes).into_response();
    if let Ok(value) = HeaderValue::try_from(disposition(name)) {
        response.headers_mut().insert(CONTENT_DISPOSITION, value);
    }
    response
}

/// A `Content-Disposition` as RFC 6266 wants it.
fn disposition(name: &str) -> String {
    let extension = name.rsplit_once('.').map_or("xlsx", |(_, extension)| extension);
    let plain: String = extension.chars().filter(char::is_ascii_alphanumeric).collect();
    let encoded: String = name
        .bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' | b'_' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect();
    format!("attachment; filename=\"keshi.{plain}\"; filename*=UTF-8''{encoded}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_end_its_header_and_keeps_its_characters() {
        assert_eq!(
            disposition("培训-核对.xlsx"),
            "attachment; filename=\"keshi.xlsx\"; filename*=UTF-8''%E5%9F%B9%E8%AE%AD-%E6%A0%B8%E5%AF%B9.xlsx"
        );
        let evil = disposition("a\"\r\nSet-Cookie: x=1.xl\"sx");
        assert!(!evil.contains(['\r', '\n']) && evil.matches('"').count() == 2, "{evil}");
    }
}
