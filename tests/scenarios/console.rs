//! Pages in a process of their own, over the services of another.

use std::fs;
use std::net::SocketAddr;

use keshi_tests::process::{Keshi, command};
use keshi_tests::site::Visitor;
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

#[test]
fn pages_alone_sign_people_in_and_go_on_when_the_services_come_back() {
    let data = tempdir().expect("a directory");
    let office = ["--office", "610729", "--lang", "en"];
    let services = Keshi::up(data.path(), &office).expect("it listens");
    let address = services.address;
    let console = pages(address);
    assert!(!console.said().contains("does not answer"), "{}", console.said());
    let mut browser = Visitor::of(console.address);
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
    let browser = Visitor::with(&console.address.to_string(), "keshi-session=none");
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
