//! `keshi cert pdf` and `keshi cert transcript`: papers to hand out.

use std::path::{Path, PathBuf};

use keshi_import::certificates::{all, numbered};
use keshi_papers::{Fonts, NoFonts, Unprinted};
use keshi_proto::api;
use keshi_words::time::{parts, today};

use super::asked;
use crate::Ctx;
use crate::cli::{AtArgs, CertPdfArgs, CertTranscriptArgs};
use crate::commands::shared::{at, teacher, teacher_or_self};
use crate::exit::{Failure, Outcome, say};
use crate::remote::Session;

pub(super) async fn certificates(ctx: &mut Ctx<'_>, session: &Session, args: &CertPdfArgs) -> Outcome {
    let fonts = fonts(&args.font)?;
    let mut found = Vec::new();
    for number in &args.numbers {
        let certificate = numbered(session, number, 0).await;
        found.push(certificate.map_err(|status| session.failed(&status))?);
    }
    if args.numbers.is_empty() {
        let mut request = asked(&args.filter, &AtArgs::default(), args.purpose.as_deref());
        if let Some(text) = &args.filter.teacher {
            request.teacher_id = teacher(session, (ctx.lang, ctx.width()), text, &request.purpose).await?;
        }
        let listed = all(session, &request).await.map_err(|status| session.failed(&status))?;
        // In the order of their numbers. What is void is no paper to hand out.
        found = listed.certificates;
        found.retain(|one| {
            matches!(
                one.state(),
                api::CertificateState::Valid | api::CertificateState::Reissued
            )
        });
        found.reverse();
    }
    let check = args.check.as_deref().unwrap_or_default();
    let bytes = keshi_papers::certificates(&fonts, &found, check);
    let count = found.len();
    written(&args.output, &bytes.map_err(|unprinted| unprintable(&unprinted))?)?;
    let shown = args.output.display();
    ctx.note(&say(
        format!("{shown}：{count} 张证书"),
        format!("{shown}: {count} certificates"),
    ));
    Ok(())
}

pub(super) async fn transcript(ctx: &mut Ctx<'_>, session: &Session, args: &CertTranscriptArgs) -> Outcome {
    let fonts = fonts(&args.font)?;
    let purpose = args.purpose.clone().unwrap_or_default();
    let screen = (ctx.lang, ctx.width());
    let teacher_id = teacher_or_self(session, screen, args.teacher.as_deref(), &purpose).await?;
    let request = session.call(api::GetBalanceRequest {
        teacher_id,
        period: args.period.map(|period| period.0.to_string()).unwrap_or_default(),
        at: at(&args.at),
        explain: true,
        purpose,
        ..api::GetBalanceRequest::default()
    });
    let balance = session.ledger().get_balance(request).await;
    let balance = balance.map_err(|status| session.failed(&status))?.into_inner();
    let issued = parts(today());
    let bytes = keshi_papers::transcript(&fonts, &balance, issued);
    written(&args.output, &bytes.map_err(|unprinted| unprintable(&unprinted))?)?;
    let shown = args.output.display();
    ctx.note(&say(format!("{shown}：学时证明"), format!("{shown}: the transcript")));
    Ok(())
}

pub(in crate::commands) fn fonts(named: &[PathBuf]) -> Outcome<Fonts> {
    Fonts::load(named).map_err(|error| {
        let text = match &error {
            NoFonts::None => say(
                "没有找到中文字体：用 --font 指明字体文件，或安装 fonts-noto-cjk",
                "no font with Chinese characters was found: name one with --font, or install fonts-noto-cjk",
            ),
            NoFonts::Unreadable { path, .. } => {
                let path = path.display();
                say(format!("无法读取 {path}"), format!("{path} cannot be read"))
            }
            NoFonts::NoFont { path } => {
                let path = path.display();
                say(
                    format!("{path} 不是字体（ttf、otf、ttc）"),
                    format!("{path} is no font (ttf, otf, ttc)"),
                )
            }
        };
        Failure::failed(text)
    })
}

pub(in crate::commands) fn unprintable(unprinted: &Unprinted) -> Failure {
    Failure::failed(unprinted.say())
}

pub(in crate::commands) fn written(path: &Path, bytes: &[u8]) -> Outcome {
    std::fs::write(path, bytes).map_err(|error| {
        let shown = path.display();
        Failure::failed(say(format!("无法写入 {shown}"), format!("{shown} cannot be written")).because(&error))
    })
}
