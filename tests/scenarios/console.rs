//! Pages in a process of their own, over the services of another.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

use keshi_tests::client::PATIENCE;
use keshi_tests::process::{Keshi, command};
use tempfile::tempdir;

const PASSWORD: &str = "a horse in the rain";

/// Pages over the services at this address.
fn pages(server: SocketAddr) -> Keshi {
    let server = server.to_string();
    let args = ["up", "--roles", "console", "--server", &server, "--office", "610729"];
    let mut up = command(&args);
    up.args(["--http", "127.0.0.1:0", "--lang", "en"]);
    Keshi::spawn(up).expect("it listens")
}

/// What a browser is answered.
struct Answer {
    status: u16,
    head: String,
    page: String,
}

/// A browser with a cookie, or none yet.
struct Browser {
    pages: SocketAddr,
    cookie: String,
}

impl Browser {
    fn get(&self, path: &str) -> Answer {
        self.exchange(&format!("GET {path} HTTP/1.1\r\n"), "")
    }

    /// Sends a form, and keeps the cookie that comes with the answer.
    fn post(&mut self, path: &str, fields: &str) -> Answer {
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
        let Self { pages, cookie } = self;
        let rest = format!("Host: {pages}\r\nCookie: {cookie}\r\nAccept-Language: en\r\nConnection: close\r\n\r\n");
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

#[test]
fn pages_alone_sign_people_in_and_go_on_when_the_services_come_back() {
    let data = tempdir().expect("a directory");
    let office = ["--office", "610729", "--lang", "en"];
    let services = Keshi::up(data.path(), &office).expect("it listens");
    let address = services.address;
    let console = pages(address);
    assert!(!console.said().contains("does not answer"), "{}", console.said());
    let mut browser = Browser {
        pages: console.address,
        cookie: String::new(),
    };
    let kept = fs::read_to_string(data.path().join("610729/first-code")).expect("left by the first start");
    let (id, code) = kept.trim_end().split_once('\n').expect("two lines");
    let fields = format!("account={id}&code={code}&new_password={PASSWORD}&again={PASSWORD}").replace(' ', "+");
    let signed_in = browser.post("/signin", &fields);
    assert_eq!(signed_in.status, 303, "{}", signed_in.page);
    let shown = browser.get("/signins");
    assert_eq!(shown.status, 200, "{}", shown.page);
    // It is the visitor who signed in, not the pages.
    assert!(shown.page.contains("127.0.0.1"), "{}", shown.page);

    services.kill();
    let away = browser.get("/policies");
    assert_eq!(away.status, 503, "{}", away.page);
    assert!(away.page.contains("role=\"alert\""), "{}", away.page);
    let port = address.to_string();
    let args = [&["--grpc", &port][..], &office].concat();
    let _services = Keshi::up(data.path(), &args).expect("it listens again");
    let back = browser.get("/policies");
    assert_eq!(back.status, 200, "{}", back.page);
}

#[test]
fn pages_alone_start_before_the_services_and_say_so() {
    let nobody = SocketAddr::from(([127, 0, 0, 1], 1));
    let console = pages(nobody);
    console.wait_said("127.0.0.1:1 does not answer now");
    let browser = Browser {
        pages: console.address,
        cookie: "keshi-session=none".to_owned(),
    };
    let away = browser.get("/policies");
    assert_eq!(away.status, 503, "{}", away.page);
    assert_eq!(console.stop(), Some(0));
}

#[test]
fn pages_alone_need_the_services_address_and_nothing_of_a_ledger() {
    for (args, says) in [
        (&["--office", "610729"][..], "--server HOST:PORT"),
        (&["--server", "127.0.0.1:1"], "--office 610729"),
        (
            &["--server", "127.0.0.1:1", "--office", "610729", "--bus", "embedded"],
            "have no --bus",
        ),
        (
            &["--server", "keshi.example.org:1", "--office", "610729"],
            "in the clear",
        ),
        (
            &["--server", "127.0.0.1:1", "--office", "610729", "--http", "0.0.0.0:1"],
            "needs TLS",
        ),
    ] {
        let args = [&["up", "--roles", "console", "--lang", "en"], args].concat();
        let ended = keshi_tests::process::run(&args);
        assert_eq!(ended.code, Some(2), "{args:?}: {}", ended.err);
        assert!(ended.err.contains(says), "{args:?}: {}", ended.err);
    }
}
