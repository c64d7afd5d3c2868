//! Papers for a browser, as PDF.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use axum::response::Response;
use keshi_papers::{Fonts, NoFonts, Unprinted};
use tonic::Status;

use crate::download::{self, made};
use crate::visitor::Visitor;

/// The fonts of papers, read when the first is printed.
#[derive(Debug, Default)]
pub(crate) struct Printer {
    named: Vec<PathBuf>,
    fonts: Mutex<Option<Fonts>>,
}

impl Printer {
    /// A printer with the fonts of these files and directories, or those that are found.
    pub(crate) fn new(named: Vec<PathBuf>) -> Self {
        Self {
            named,
            fonts: Mutex::default(),
        }
    }

    /// The fonts. Those that are not there yet are looked for again the next time.
    fn fonts(&self) -> Result<Fonts, NoFonts> {
        // What is in it is whole or nothing, so a lock that a panic left behind is as good.
        let mut fonts = self.fonts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(fonts) = &*fonts {
            return Ok(fonts.clone());
        }
        let loaded = Fonts::load(&self.named)?;
        Ok(fonts.insert(loaded).clone())
    }
}

/// A paper as `print` makes it: `ascii` and `name` are what it is called, without ending, the first for browsers of old.
///
/// # Errors
///
/// `FAILED_PRECONDITION` if it cannot be printed, with the reason; `RESOURCE_EXHAUSTED` while others are made.
pub(crate) async fn printed(
    visitor: &Visitor,
    (ascii, name): (&str, &str),
    print: impl FnOnce(&Fonts) -> Result<Vec<u8>, Unprinted> + Send + 'static,
) -> Result<Response, Status> {
    let console = visitor.console.clone();
    let bytes = made(visitor, move || -> Result<_, Status> {
        let fonts = console.0.printer.fonts().map_err(|error| {
            tracing::error!(cause = &error as &dyn std::error::Error, "no fonts for papers");
            Status::failed_precondition("")
        })?;
        Ok(print(&fonts))
    })
    .await?;
    let bytes = bytes.map_err(|_| {
        Status::failed_precondition(visitor.say(
            "服务器没有中文字体，不能打印；请管理员安装 fonts-noto-cjk，或启动时用 --font 指明字体文件",
            "the server has no font of Chinese characters and cannot print: ask IT to install fonts-noto-cjk, or to name a font with --font",
        ))
    })?;
    match bytes {
        Ok(bytes) => Ok(download::pdf(name, ascii, bytes)),
        Err(unprinted) => Err(Status::failed_precondition(unprinted.say().pick(visitor.lang))),
    }
}
