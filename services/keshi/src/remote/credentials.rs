//! What the user gives for a connection: a token, and whose certificates are trusted.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use tonic::metadata::{Ascii, MetadataValue};
use tonic::transport::{Certificate, ClientTlsConfig};

use crate::Ctx;
use crate::exit::{Failure, Outcome, say};

/// The token of a call: given by the user, or found on this machine.
pub(super) struct Token {
    pub(super) text: String,
    pub(super) is_given: bool,
}

impl Token {
    pub(super) fn given(text: String) -> Self {
        Self { text, is_given: true }
    }

    pub(super) fn found(text: String) -> Self {
        Self { text, is_given: false }
    }

    pub(super) fn header(&self) -> Outcome<MetadataValue<Ascii>> {
        format!("Bearer {}", self.text).parse().map_err(|_| {
            Failure::usage(say(
                "令牌中有不能发送的字符，请重新复制",
                "the token has characters that cannot be sent: copy it again",
            ))
        })
    }
}

/// Whose certificates are trusted: those of `--ca` or `KESHI_CA`, else what the system trusts.
pub(super) fn trusted(ctx: &Ctx<'_>) -> Outcome<ClientTlsConfig> {
    let config = ClientTlsConfig::new();
    let Some(file) = ca(ctx) else {
        return Ok(config.with_native_roots());
    };
    let shown = file.display();
    let pem = std::fs::read(&file).map_err(|error| {
        let what = say(
            format!("证书文件 {shown} 无法读取"),
            format!("the certificates {shown} cannot be read"),
        );
        Failure::usage(what.because(&error))
    })?;
    Ok(config.ca_certificate(Certificate::from_pem(pem)))
}

pub(super) fn ca(ctx: &Ctx<'_>) -> Option<PathBuf> {
    let variable = || (ctx.env)("KESHI_CA").filter(|path| !path.is_empty()).map(PathBuf::from);
    ctx.globals.ca.clone().or_else(variable)
}

/// The token that the user gave: `--token-file`, `--token`, or the variable.
pub(super) fn given_token(ctx: &mut Ctx<'_>, variable: Option<String>) -> Outcome<Option<Token>> {
    let text = match (&ctx.globals.token_file, ctx.globals.token.as_deref()) {
        (Some(file), _) => Some(token_of(file)?),
        (None, Some("-")) => Some(token_from(&mut ctx.io.stdin)?),
        (None, Some(text)) => {
            let text = text.to_owned();
            ctx.note(&say(
                "注意：--token 中的令牌会出现在进程列表和命令历史中，请改用 --token-file、--token -（标准输入）或 KESHI_TOKEN",
                "warning: a token given with --token stands in the process list and the shell's history: use --token-file, \
                 --token - (standard input) or KESHI_TOKEN",
            ));
            Some(text)
        }
        (None, None) => variable,
    };
    Ok(text.map(Token::given))
}

fn token_of(file: &Path) -> Outcome<String> {
    let opened = File::open(file).map_err(|error| {
        let what = say(
            format!("令牌文件 {} 无法读取", file.display()),
            format!("the token file {} cannot be read", file.display()),
        );
        Failure::usage(what.because(&error))
    })?;
    token_from(&mut BufReader::new(opened))
}

pub(super) fn token_from(from: &mut dyn BufRead) -> Outcome<String> {
    let mut line = String::new();
    from.read_line(&mut line)?;
    match line.trim() {
        "" => Err(Failure::usage(say("没有读到令牌", "no token was read"))),
        token => Ok(token.to_owned()),
    }
}
