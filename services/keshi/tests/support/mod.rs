//! Whole command lines over a ledger in a temporary directory; the services run in the process of the command.
#![allow(dead_code, reason = "shared by tests each of which uses a part")]

use std::collections::HashMap;
use std::ffi::OsString;
use std::io::{Cursor, Write};
use std::path::Path;
use std::sync::{Arc, Mutex};

use keshi::{Exit, Io, LogLevel};
use keshi_core::ids::OfficeCode;
use keshi_engine::{Engine, OpenOptions};
use keshi_office::layout::DataDir;
use tempfile::TempDir;
use uuid::Uuid;

/// A policy that ships with Keshi.
pub const POLICY: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../ledger/core/policies/dongxing-researcher-2020.toml"
);

/// A data directory with an empty ledger of office 610729.
pub struct Office(TempDir);

/// What a command said.
pub struct Said {
    pub exit: Exit,
    pub out: String,
    pub err: String,
}

#[derive(Clone, Default)]
struct Buffer(Arc<Mutex<Vec<u8>>>);

impl Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Buffer {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Office {
    pub fn new() -> Self {
        let dir = TempDir::new().unwrap();
        let office = DataDir::new(dir.path()).office("610729").unwrap();
        office.create().unwrap();
        let options = OpenOptions {
            office: OfficeCode::new("610729").unwrap(),
            new_ledger_id: Uuid::new_v4(),
        };
        Engine::open(office.ledger(), &options, |_| {}).unwrap().shut_down();
        // Made by hand: what is there is all that there was.
        std::fs::write(office.root.join("contents"), "").unwrap();
        Self(dir)
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn run(&self, line: &str) -> Said {
        self.run_with(line, "")
    }

    pub fn run_with(&self, line: &str, stdin: &str) -> Said {
        self.run_where(line, stdin, &[("LANG", "en_US.UTF-8")])
    }

    /// The same with these variables.
    pub fn run_where(&self, line: &str, stdin: &str, variables: &[(&str, &str)]) -> Said {
        run(&format!("{line} --data {}", self.0.path().display()), stdin, variables)
    }
}

pub fn run(line: &str, stdin: &str, variables: &[(&str, &str)]) -> Said {
    let (out, err) = (Buffer::default(), Buffer::default());
    let mut io = Io {
        stdin: Box::new(Cursor::new(stdin.to_owned().into_bytes())),
        stdout: Box::new(out.clone()),
        stderr: Box::new(err.clone()),
        stdout_is_terminal: false,
        columns: None,
        stderr_is_terminal: false,
        start_log: |_: LogLevel| {},
    };
    // Keys that leave no file about.
    let key = "5e".repeat(32);
    let mut all = HashMap::from([("KESHI_PEOPLE_KEY", key.as_str()), ("KESHI_SIGNING_KEY", key.as_str())]);
    all.extend(variables.iter().copied());
    let variables = all;
    let args = format!("keshi {line}");
    let args = args.split(' ').map(OsString::from);
    let exit = keshi::run(args, |name| variables.get(name).map(Into::into), &mut io);
    Said {
        exit,
        out: out.text(),
        err: err.text(),
    }
}

pub fn json(line: &str) -> serde_json::Value {
    serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))
}

pub fn school(id: &str, name: &str) -> String {
    let event_id = Uuid::new_v5(&Uuid::NAMESPACE_OID, id.as_bytes());
    format!(
        r#"{{"events":[{{"eventId":"{event_id}","occurredFrom":{{"year":2020,"month":9,"day":1}},"fact":{{"schoolRegistered":{{"schoolId":"{id}","name":"{name}","stage":"STAGE_PRIMARY"}}}}}}]}}"#
    )
}
