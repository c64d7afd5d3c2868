//! `keshi policy check`: all mistakes of a document, without a ledger.

use std::path::Path;

use keshi_core::document::Problem;
use keshi_core::lang::Lang;
use serde::Serialize;

use super::Document;
use super::source::{Read, count, shown};
use crate::Ctx;
use crate::commands::shared::read_text;
use crate::exit::{Failure, Outcome};
use crate::show::add;
use crate::texts::names::amount;

/// What `--json` prints.
#[derive(Debug, Serialize)]
struct Checked<'c> {
    file: String,
    good: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<u32>,
    problems: Vec<Found<'c>>,
}

#[derive(Debug, Serialize)]
struct Found<'c> {
    line: usize,
    column: usize,
    text_zh: &'c str,
    text_en: &'c str,
}

/// Checks the file that `read` reads.
pub(in crate::commands) fn run(ctx: &mut Ctx<'_>, path: &Path, read: Read) -> Outcome {
    let text = read_text(path)?;
    let read = read(&text);
    if ctx.globals.json {
        let line = serde_json::to_string(&checked(path, &read)).map_err(std::io::Error::from)?;
        ctx.print(line)?;
    }
    match read {
        Ok(_) if ctx.globals.json => Ok(()),
        Ok(document) => ctx.print_text(&describe(&document, ctx.lang)),
        Err(_) if ctx.globals.json => Err(Failure::silent(crate::Exit::Failed)),
        Err(problems) => {
            for problem in shown(path, &text, &problems) {
                ctx.note(&problem);
            }
            Err(Failure::failed(count(path, &problems)))
        }
    }
}

fn checked<'c>(path: &Path, read: &'c Result<Document, Vec<Problem>>) -> Checked<'c> {
    let (kind, id, version) = match read {
        Ok(Document::Policy(policy)) => (Some("policy"), Some(policy.id.to_string()), Some(policy.version)),
        Ok(Document::Calendar(calendar)) => (Some("calendar"), Some(calendar.id.to_string()), None),
        Ok(Document::Figures(definitions)) => (Some("figures"), None, Some(definitions.version)),
        Err(_) => (None, None, None),
    };
    let problems = read.as_ref().err().into_iter().flatten();
    Checked {
        file: path.display().to_string(),
        good: read.is_ok(),
        kind,
        id,
        version,
        problems: problems
            .map(|problem| Found {
                line: problem.line,
                column: problem.column,
                text_zh: &problem.what.zh,
                text_en: &problem.what.en,
            })
            .collect(),
    }
}

/// What a good document says.
fn describe(document: &Document, lang: Lang) -> String {
    match document {
        Document::Policy(policy) => {
            let until = policy
                .effective_to
                .map(|day| lang.pick(format!("，至 {day}"), format!(" to {day}")));
            let until = until.unwrap_or_default();
            let mut text = lang.pick(
                format!(
                    "规则 {} 第 {} 版  {}\n  自 {} 起生效{until}\n",
                    policy.id, policy.version, policy.name, policy.effective_from
                ),
                format!(
                    "policy {} version {}  {}\n  in force from {}{until}\n",
                    policy.id, policy.version, policy.name, policy.effective_from
                ),
            );
            for requirement in &policy.requirements {
                let min = amount(requirement.min.hundredths());
                let (id, unit, words) = (requirement.id, &requirement.unit, &requirement.text);
                add(&mut text, format!("  {id}  ≥ {min} {unit}  {words}\n"));
            }
            text
        }
        Document::Figures(definitions) => {
            let (version, year, name) = (definitions.version, definitions.from_year, &definitions.name);
            let mut text = lang.pick(
                format!("指标口径第 {version} 版  {name}\n  自 {year} 年起\n"),
                format!("definitions of figures, version {version}  {name}\n  from {year} on\n"),
            );
            for figure in &definitions.figures {
                let (id, name, unit, counts) = (&figure.id, &figure.name, &figure.unit, figure.counts.word());
                add(&mut text, format!("  {id}  {name}（{unit}） {counts}\n"));
            }
            text
        }
        Document::Calendar(calendar) => {
            let mut text = lang.pick(format!("校历 {}\n", calendar.id), format!("calendar {}\n", calendar.id));
            for semester in &calendar.semesters {
                add(
                    &mut text,
                    format!(
                        "  {}  {} … {}  {} {}\n",
                        semester.id,
                        semester.from,
                        semester.to,
                        semester.teaching_weeks,
                        lang.pick("周", "weeks")
                    ),
                );
            }
            text
        }
    }
}
