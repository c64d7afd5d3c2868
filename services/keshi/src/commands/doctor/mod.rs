//! `keshi doctor`: what an operator should know, without changing anything.
//!
//! The ledger is examined on a copy: opening the original would let the store repair a damage away. While a server has it
//! open it is not copied; then the server's own replay (`keshi audit replay`) is the examination.

mod backups;
mod evidence;
mod files;
mod ledger;
mod mark;
mod people;
mod running;
mod scrub;
mod signing;
mod witnesses;

use std::io;

use jiff::Timestamp;
use keshi_bus::nats::{self, Finding, Level, warning, wrong};
use keshi_office::layout::OfficeDir;
use serde::Serialize;
use uuid::Uuid;

use self::backups::about_backups;
use self::evidence::about_evidence;
use self::files::{
    about_access, about_accounts, about_clock, about_contents, about_data, about_owner, about_space, about_tls,
    about_token,
};
use self::ledger::about_ledger;
use self::people::about_people;
pub(crate) use self::running::{Around, about_running};
use self::signing::{about_signing, given_size};
use crate::Ctx;
use crate::cli::{BusArg, DoctorArgs};
use crate::exit::{Exit, Failure, Outcome, Say, causes, say};
use crate::remote::{Place, key_places, office_keys};
use crate::tls::Files;
use crate::up::{nats_config, refuse_old_access};

#[derive(Serialize)]
struct Shown<'a> {
    level: &'a str,
    code: &'a str,
    zh: &'a str,
    en: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy_zh: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy_en: Option<&'a str>,
}

pub(super) async fn run(ctx: &mut Ctx<'_>, args: DoctorArgs) -> Outcome {
    let place = Place::of(ctx)?;
    let mut findings = about_data(&place.data);
    if let Err(failure) = refuse_old_access(&place.data) {
        findings.push(failed("access-old", failure));
    }
    findings.extend(args.access.as_deref().map(about_access));
    findings.extend(args.access.as_deref().and_then(about_accounts));
    let mut ledger_id = None;
    if place.data.root.is_dir() {
        findings.extend(about_space(&place.data.root));
        findings.extend(about_owner(&place.data));
        match offices(ctx, &place) {
            Ok(dirs) if dirs.is_empty() => findings.push(warning(
                "ledger-none",
                say("数据目录中还没有台账", "the data directory holds no ledger yet"),
                say(
                    "首次启动：keshi up --office 机构编号",
                    "start it once: keshi up --office CODE",
                ),
            )),
            Ok(dirs) => {
                for dir in dirs {
                    let signing_key = office_keys(ctx).signing;
                    findings.push(about_contents(&dir));
                    findings.extend(about_left(&dir));
                    findings.extend(about_token(&dir));
                    if args.access.is_none() {
                        findings.push(about_access(&dir.access()));
                        findings.extend(about_accounts(&dir.access()));
                    }
                    let about = about_ledger(
                        dir.clone(),
                        args.mark.clone(),
                        given_size(&dir, &signing_key),
                        &mut findings,
                    )
                    .await;
                    findings.extend(about_people(
                        &dir,
                        &key_places(ctx),
                        about.as_ref().and_then(|about| about.persons.as_ref()),
                    ));
                    let named = about.as_ref().map(|about| &about.evidence);
                    findings.extend(about_evidence(&dir, &key_places(ctx), named));
                    findings.extend(about_signing(
                        &dir,
                        &signing_key,
                        about.as_ref().map(|about| (about.size, about.root)),
                    ));
                    findings.push(about_backups(
                        &dir,
                        about.as_ref().map(|about| about.size),
                        Timestamp::now(),
                    ));
                    ledger_id = about.map(|about| about.id).or(ledger_id);
                }
            }
            Err(failure) => findings.push(failed("ledger-office", failure)),
        }
    }
    findings.extend(served(&args)?.as_ref().map(about_tls));
    findings.push(about_clock());
    if let Some(BusArg::Nats(url)) = &args.bus {
        let office = ctx.globals.office.clone().or_else(|| only_office(&place));
        findings.extend(about_nats(ctx, url, office, &args, ledger_id).await);
    }
    show(ctx, &findings)
}

fn show(ctx: &mut Ctx<'_>, findings: &[Finding]) -> Outcome {
    for finding in findings {
        let line = if ctx.globals.json {
            let shown = Shown {
                level: level_word(finding.level),
                code: finding.code,
                zh: &finding.what.zh,
                en: &finding.what.en,
                remedy_zh: finding.remedy.as_ref().map(|remedy| remedy.zh.as_str()),
                remedy_en: finding.remedy.as_ref().map(|remedy| remedy.en.as_str()),
            };
            ctx.print(serde_json::to_string(&shown).map_err(io::Error::from)?)?;
            continue;
        } else {
            let mark = match finding.level {
                Level::Ok => ctx.lang.pick("正常", "ok     "),
                Level::Warning => ctx.lang.pick("注意", "warning"),
                Level::Error | Level::Damage => ctx.lang.pick("有误", "error  "),
            };
            let remedy = finding
                .remedy
                .as_ref()
                .map(|remedy| format!("\n      {}", remedy.pick(ctx.lang)));
            format!("{mark}  {}{}", finding.what.pick(ctx.lang), remedy.unwrap_or_default())
        };
        ctx.print_text(&line)?;
    }
    match findings.iter().map(|finding| finding.level).max() {
        Some(Level::Damage) => Err(Failure::silent(Exit::NotVerified)),
        Some(Level::Error) => Err(Failure::silent(Exit::Failed)),
        Some(Level::Ok | Level::Warning) | None => Ok(()),
    }
}

fn level_word(level: Level) -> &'static str {
    match level {
        Level::Ok => "ok",
        Level::Warning => "warning",
        Level::Error | Level::Damage => "error",
    }
}

/// The certificate of `--tls-cert`, if one is named.
fn served(args: &DoctorArgs) -> Outcome<Option<Files>> {
    let mut problems = Vec::new();
    let files = args.tls.files(&mut problems);
    match problems.pop() {
        Some(problem) => Err(Failure::usage(problem)),
        None => Ok(files),
    }
}

// === findings ===

/// A failure as a finding: its first line, and the others as the remedy.
fn failed(code: &'static str, failure: Failure) -> Finding {
    let mut lines = failure.lines.into_iter();
    let what = lines.next().unwrap_or_else(|| Say::same(code));
    Finding {
        level: if failure.exit == Exit::NotVerified {
            Level::Damage
        } else {
            Level::Error
        },
        code,
        what,
        remedy: lines.reduce(|a, b| a.then(&b)),
    }
}

/// What is left of a compaction that was cut short.
fn about_left(dir: &OfficeDir) -> Option<Finding> {
    let left = keshi_log::beside(&dir.ledger());
    let shown = left.display();
    let what = say(
        format!("{shown} 是一次正在进行或未做完的 keshi compact 的目录；台账本身不受影响"),
        format!("{shown} is of a keshi compact that goes on, or was cut short; the ledger itself is whole"),
    );
    let remedy = say(
        "若没有在整理：停止服务后再执行一次 keshi compact，做完即清除",
        "if none goes on: stop keshi and run keshi compact again, which clears it away",
    );
    left.exists().then(|| warning("compact-left", what, remedy))
}

fn offices(ctx: &Ctx<'_>, place: &Place) -> Outcome<Vec<OfficeDir>> {
    if let Some(code) = &ctx.globals.office {
        return place.office(Some(code)).map(|dir| vec![dir]);
    }
    let codes = place
        .data
        .offices()
        .map_err(|error| Failure::failed(Say::same(causes(&error))))?;
    codes.iter().map(|code| place.office(Some(code))).collect()
}

fn only_office(place: &Place) -> Option<String> {
    let mut codes = place.data.offices().ok()?;
    if codes.len() == 1 { codes.pop() } else { None }
}

async fn about_nats(
    ctx: &Ctx<'_>,
    url: &str,
    office: Option<String>,
    args: &DoctorArgs,
    ledger_id: Option<Uuid>,
) -> Vec<Finding> {
    let Some(office) = office else {
        let what = say(
            "不知道检查哪个机构的流",
            "it is not known which office's stream to examine",
        );
        return vec![wrong(
            "bus-office",
            what,
            say("请用 --office 写明", "name it with --office"),
        )];
    };
    let config = nats_config(ctx.env, url, &office, &args.nats);
    let monitoring = args.monitoring.as_deref().map(|address| {
        if address.contains("://") {
            address.to_owned()
        } else {
            format!("http://{address}")
        }
    });
    nats::diagnose(&config, monitoring.as_deref(), ledger_id).await
}
