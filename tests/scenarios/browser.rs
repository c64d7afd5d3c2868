//! Pages in a real browser, as their users have them.

mod claims;
mod clerk;
mod everywhere;
mod office;
mod roll;
mod screens;
mod years;

use std::env;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use fantoccini::elements::Element;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use keshi_tests::process::Keshi;
use serde_json::{Value, json};

/// How long anything on a page is waited for.
const PATIENCE: Duration = Duration::from_secs(30);

/// A browser, and the program that drives it. Both end with it.
struct Browser {
    client: Client,
    driver: Child,
}

/// How a browser is set up.
#[derive(Clone, Copy, Default)]
struct Set {
    /// A screen of so many pixels across, as a telephone has it.
    narrow: Option<u32>,
    /// Whether scripts are blocked.
    no_script: bool,
    /// Whether texts are asked for in English.
    english: bool,
    /// How tall a telephone's screen is, if not as tall as telephones are.
    tall: Option<u32>,
}

impl Browser {
    /// Starts one; `None`, and a line that says so, where there is none on this machine (`tests/browser`).
    async fn start(set: Set) -> Option<Self> {
        let (Some(driver), Some(chromium)) = (env::var_os("KESHI_CHROMEDRIVER"), env::var_os("KESHI_CHROMIUM")) else {
            println!("skipped: no browser here (tests/browser says what is missing)");
            return None;
        };
        let mut driver = Command::new(driver)
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver starts");
        let port = port_of(&mut driver);
        let mut args = vec![
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--window-size=1366,900",
        ];
        args.push(if set.english { "--lang=en" } else { "--lang=zh-CN" });
        args.push(if set.english {
            "--accept-lang=en"
        } else {
            "--accept-lang=zh-CN"
        });
        let mut options = json!({ "args": args, "binary": chromium.to_string_lossy() });
        if let Some(width) = set.narrow {
            options["mobileEmulation"] =
                json!({ "deviceMetrics": { "width": width, "height": set.tall.unwrap_or(800), "pixelRatio": 1.0 } });
        }
        if set.no_script {
            options["prefs"] = json!({ "profile.managed_default_content_settings.javascript": 2 });
        }
        let Value::Object(capabilities) = json!({ "goog:chromeOptions": options }) else {
            unreachable!("an object")
        };
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities(capabilities);
        let client = builder
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .expect("a browser");
        Some(Self { client, driver })
    }

    async fn goto(&self, pages: &Pages, path: &str) {
        self.client.goto(&format!("{}{path}", pages.url)).await.expect("a page");
    }

    /// Becomes somebody of this role, as one does with `--dev`.
    async fn become_(&self, pages: &Pages, role: &str, of: &[(&str, &str)]) {
        self.goto(pages, "/signin").await;
        let option = format!("select[name=role] option[value={role}]");
        self.find(&option).await.click().await.expect("chosen");
        for (name, value) in of {
            self.write(name, value).await;
        }
        self.press("main form button").await;
    }

    /// The first element that fits, once it is there.
    async fn find(&self, css: &str) -> Element {
        let found = self
            .client
            .wait()
            .at_most(PATIENCE)
            .for_element(Locator::Css(css))
            .await;
        match found {
            Ok(element) => element,
            Err(error) => panic!("{css}: {error}\n{}", self.text().await),
        }
    }

    /// What stands in the field of this name from now on.
    async fn write(&self, name: &str, value: &str) {
        let field = self.find(&format!("main [name={name}]")).await;
        field.clear().await.expect("cleared");
        field.send_keys(value).await.expect("written");
    }

    /// Presses a button, and waits for the page that it leads to.
    async fn press(&self, css: &str) {
        let page = self.find("html").await;
        self.find(css).await.click().await.expect("pressed");
        // The old page is gone, whatever the address of the new one.
        let is_gone = async || page.tag_name().await.is_err();
        let deadline = tokio::time::Instant::now() + PATIENCE;
        while !is_gone().await {
            assert!(tokio::time::Instant::now() < deadline, "{css} leads nowhere");
            tokio::task::yield_now().await;
        }
        self.find("main h1").await;
    }

    /// The text of the page.
    async fn text(&self) -> String {
        let main = self.client.find(Locator::Css("main")).await;
        match main {
            Ok(main) => main.text().await.unwrap_or_default(),
            Err(_) => self.client.source().await.unwrap_or_default(),
        }
    }

    /// Waits until the page says this, and gives all that it says.
    async fn says(&self, part: &str) -> String {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            let text = self.text().await;
            if text.contains(part) {
                return text;
            }
            assert!(tokio::time::Instant::now() < deadline, "{part} is not in:\n{text}");
            tokio::task::yield_now().await;
        }
    }

    /// What a script of this test finds on the page.
    async fn ask(&self, script: &str) -> Value {
        self.client.execute(script, Vec::new()).await.expect("a script of ours")
    }

    async fn close(mut self) {
        self.client.clone().close().await.expect("closed");
        self.driver.kill().expect("ended");
        self.driver.wait().expect("ended");
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // A test that failed leaves no browser behind either.
        let _ended = self.driver.kill();
        let _waited = self.driver.wait();
    }
}

/// The port that chromedriver says it listens on. What it says after that is read and passed over.
fn port_of(driver: &mut Child) -> u16 {
    let mut said = BufReader::new(driver.stdout.take().expect("piped"))
        .lines()
        .map_while(Result::ok);
    let port = said.by_ref().find_map(|line| {
        let digits = line.split(" on port ").nth(1)?;
        // It begins by saying that it starts on port 0.
        digits.trim_end_matches('.').parse().ok().filter(|port| *port != 0)
    });
    thread::spawn(move || said.for_each(drop));
    port.expect("a port")
}

/// A keshi that serves pages.
struct Pages {
    keshi: Keshi,
    url: String,
}

impl Pages {
    /// The sample county, with a role to be chosen.
    fn sample(data: &Path) -> Self {
        Self::up(data, &["--sample", "liuba-2022", "--http", "127.0.0.1:0"], "Ctrl-C")
    }

    fn up(data: &Path, args: &[&str], ready: &str) -> Self {
        let keshi = Keshi::up(data, args).expect("it serves");
        keshi.wait_said(ready);
        let said = keshi.said();
        let url = said
            .split("pages ")
            .nth(1)
            .and_then(|rest| rest.split_whitespace().next());
        Self {
            url: url.expect("pages").to_owned(),
            keshi,
        }
    }

    fn stop(self) {
        assert_eq!(self.keshi.stop(), Some(0));
    }
}
