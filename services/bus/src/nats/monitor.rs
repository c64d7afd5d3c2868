//! Reads the server's monitoring pages: one small HTTP GET, enough for JSON on a loopback address.

use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// How long one page may take.
const PAGE_LIMIT: Duration = Duration::from_secs(5);

/// The largest page that is read, in bytes. `/jsz` without details has a few thousand.
const PAGE_BYTES_MAX: u64 = 1024 * 1024;

/// The port where a NATS server offers monitoring unless told otherwise.
const PORT: u16 = 8222;

/// Fetches `base` + `path` as JSON. The error says in words what is wrong.
pub(crate) async fn page(base: &str, path: &str) -> Result<Value, String> {
    let Some(host) = base.strip_prefix("http://") else {
        return Err(format!(
            "{base} is no http:// address; monitoring is read over plain HTTP on a loopback address"
        ));
    };
    let host = host.trim_end_matches('/');
    let has_port = host
        .rsplit_once(':')
        .is_some_and(|(_, port)| port.parse::<u16>().is_ok());
    let address = if has_port {
        host.to_owned()
    } else {
        format!("{host}:{PORT}")
    };
    let answer = timeout(PAGE_LIMIT, fetch(&address, path)).await;
    let answer = answer.map_err(|_elapsed| format!("{address} does not answer"))?;
    read_answer(&answer.map_err(|error| format!("{address} cannot be read: {error}"))?)
        .ok_or_else(|| format!("{address}{path} is no page of a NATS server"))
}

async fn fetch(address: &str, path: &str) -> std::io::Result<Vec<u8>> {
    let mut connection = TcpStream::connect(address).await?;
    // HTTP/1.0: the answer ends with the connection and is never chunked.
    let request = format!("GET {path} HTTP/1.0\r\nHost: {address}\r\nAccept: application/json\r\n\r\n");
    connection.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    connection.take(PAGE_BYTES_MAX).read_to_end(&mut answer).await?;
    Ok(answer)
}

fn read_answer(answer: &[u8]) -> Option<Value> {
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n")?;
    let (head, body) = (answer.get(..end)?, answer.get(end + 4..)?);
    let status = head.split(|byte| *byte == b' ').nth(1)?;
    if status != b"200" {
        return None;
    }
    serde_json::from_slice(body).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_good_answer_with_json_is_read() {
        let answer = b"HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n{\"config\":{\"sync_always\":true}}";
        assert_eq!(read_answer(answer).unwrap()["config"]["sync_always"], true);
        for bad in [
            "HTTP/1.0 404 Not Found\r\n\r\n{}",
            "HTTP/1.0 200 OK\r\n\r\n<html>",
            "SSH-2.0-OpenSSH\r\n",
            "",
        ] {
            assert_eq!(read_answer(bad.as_bytes()), None, "{bad:?}");
        }
    }

    #[tokio::test]
    async fn an_address_that_cannot_be_read_is_named() {
        assert!(page("https://h:1", "/jsz").await.unwrap_err().contains("https://h:1"));
        assert!(
            page("http://127.0.0.1:1", "/jsz")
                .await
                .unwrap_err()
                .contains("127.0.0.1:1")
        );
    }
}
