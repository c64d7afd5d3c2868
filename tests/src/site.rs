//! The pages as a browser asks for them, over a bare connection: for tests of what is answered, not of how it looks.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

use crate::client::PATIENCE;

/// What a visitor is answered.
#[derive(Debug)]
pub struct Answer {
    /// The code of HTTP.
    pub status: u16,
    /// The headers.
    pub head: String,
    /// The body.
    pub page: String,
}

/// Somebody with a browser that speaks English, with a cookie or none yet.
#[derive(Clone, Debug)]
pub struct Visitor {
    pages: SocketAddr,
    cookie: String,
    /// For whom a proxy says that it asks.
    forwarded_for: Option<String>,
}

impl Visitor {
    /// A visitor of the pages there, without a cookie.
    pub fn of(pages: SocketAddr) -> Self {
        Self {
            pages,
            cookie: String::new(),
            forwarded_for: None,
        }
    }

    /// A visitor with this cookie, of the pages at this address, such as `http://127.0.0.1:7611`.
    ///
    /// # Panics
    ///
    /// If that is no such address.
    pub fn with(url: &str, cookie: &str) -> Self {
        let address = url.trim_start_matches("http://");
        Self {
            pages: address.parse().expect("an address"),
            cookie: cookie.to_owned(),
            forwarded_for: None,
        }
    }

    /// The same, behind a proxy that says that she asks from there.
    #[must_use]
    pub fn from(mut self, address: &str) -> Self {
        self.forwarded_for = Some(address.to_owned());
        self
    }

    /// Asks for a page.
    ///
    /// # Panics
    ///
    /// If nothing is answered.
    pub fn get(&self, path: &str) -> Answer {
        self.exchange(&format!("GET {path} HTTP/1.1\r\n"), "")
    }

    /// Sends a form, and keeps the cookie that comes with the answer.
    ///
    /// # Panics
    ///
    /// If nothing is answered.
    pub fn post(&mut self, path: &str, fields: &str) -> Answer {
        let kind = "Content-Type: application/x-www-form-urlencoded\r\n";
        let origin = format!("Origin: http://{}\r\n", self.pages);
        let length = format!("Content-Length: {}\r\n", fields.len());
        let answer = self.exchange(&format!("POST {path} HTTP/1.1\r\n{kind}{origin}{length}"), fields);
        let set = answer.head.lines().find_map(|line| line.strip_prefix("set-cookie: "));
        if let Some(cookie) = set.and_then(|set| set.split(';').next()) {
            cookie.clone_into(&mut self.cookie);
        }
        answer
    }

    fn exchange(&self, head: &str, body: &str) -> Answer {
        let mut stream = TcpStream::connect(self.pages).expect("connected");
        stream.set_read_timeout(Some(PATIENCE)).expect("set");
        let Self {
            pages,
            cookie,
            forwarded_for,
        } = self;
        let forwarded = forwarded_for
            .as_ref()
            .map(|address| format!("X-Forwarded-For: {address}\r\n"));
        let forwarded = forwarded.unwrap_or_default();
        let rest =
            format!("Host: {pages}\r\nCookie: {cookie}\r\nAccept-Language: en\r\n{forwarded}Connection: close\r\n\r\n");
        stream
            .write_all(format!("{head}{rest}{body}").as_bytes())
            .expect("written");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("answered");
        let (head, page) = answer.split_once("\r\n\r\n").expect("a page");
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        Answer {
            status: status.expect("a status"),
            head: head.to_owned(),
            page: page.to_owned(),
        }
    }
}
