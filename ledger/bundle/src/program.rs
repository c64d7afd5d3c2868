//! The program `keshi-verify`: checks bundles, and says what they show. It reads the files that it is told, and nothing else.

use std::fs::File;
use std::io::{self, Read as _, Write};
use std::path::Path;

use keshi_core::lang::{Lang, Say, causes, say};

use crate::check::Checked;
use crate::compare::{Beside, compare};
use crate::failed::Failed;
use crate::format::{Bundle, Subject};
use crate::trust::TrustedKey;
use keshi_verify::key::NoKey;

/// The largest file that is read: a ledger of some twenty million entries.
pub const BUNDLE_BYTES_MAX: u64 = 4 << 30;

/// The largest file of keys.
const KEYS_BYTES_MAX: u64 = 64 * 1024;

/// Everything holds.
const HOLDS: u8 = 0;
/// A file cannot be read.
const FAILED: u8 = 1;
/// The command line is wrong.
const USAGE: u8 = 2;
/// Something does not verify.
const NOT_VERIFIED: u8 = 4;

/// How the program ends when it does not verify.
struct End {
    exit: u8,
    text: Say,
}

/// What the command line says.
struct Asked {
    keys: Vec<TrustedKey>,
    files: Vec<String>,
}

/// Runs the program with its arguments, without its own name; gives the exit code.
pub fn run(
    args: &[String],
    variable: impl Fn(&str) -> Option<String>,
    out: &mut impl Write,
    err: &mut impl Write,
) -> u8 {
    let flag = args
        .iter()
        .position(|arg| arg == "--lang")
        .and_then(|at| args.get(at + 1).cloned());
    let lang = Lang::chosen(flag, variable);
    if args.iter().any(|arg| arg == "--help" || arg == "-h") {
        let _ = out.write_all(usage().pick(lang).as_bytes());
        return HOLDS;
    }
    let mut tell = |text: &Say| writeln!(out, "{}", text.pick(lang));
    let ended = asked(args).and_then(|asked| verify(&asked, &mut tell));
    match ended {
        Ok(()) => HOLDS,
        Err(End { exit, text }) => {
            let _ = writeln!(err, "{}", text.pick(lang));
            exit
        }
    }
}

fn usage() -> Say {
    say(
        "keshi-verify --key 公钥 文件 [另一文件]\n\n\
         只凭公钥核对卷宗：签名、树根、每条条目、各人余额。给出两份卷宗时，再比较它们是否同一台账。\n\n  \
         --key 公钥   公钥，或存有公钥（每行一个）的文件；可给多次。已更换的公钥后加 @ 和更换时的条数\n  \
         --lang zh|en 屏幕语言\n\n\
         退出码：0 无误；1 文件无法读取；2 用法有误；4 核对不通过\n",
        "keshi-verify --key KEY FILE [OTHER]\n\n\
         Checks a bundle with nothing but the public key: signature, root, every entry, everybody's balance. Of two bundles it also says \
         whether they are of one ledger.\n\n  \
         --key KEY    a public key, or a file with one in each line; may be given several times. A key that was changed is followed by @ \
         and the size at which that was\n  \
         --lang zh|en language of the screen\n\n\
         Exit code: 0 it holds; 1 a file cannot be read; 2 wrong usage; 4 it does not verify\n",
    )
}

fn asked(args: &[String]) -> Result<Asked, End> {
    let wrong = |text: Say| End { exit: USAGE, text };
    let (mut keys, mut files) = (Vec::new(), Vec::new());
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--key" => {
                let key = args.next().ok_or_else(|| wrong(usage()))?;
                keys.extend(read_keys(key)?);
            }
            "--lang" => {
                args.next();
            }
            other if other.starts_with('-') && other.len() > 1 => return Err(wrong(usage())),
            file => files.push(file.to_owned()),
        }
    }
    if keys.is_empty() || files.is_empty() || files.len() > 2 {
        return Err(wrong(usage()));
    }
    Ok(Asked { keys, files })
}

/// The keys of an argument: a key itself, or a file of them.
fn read_keys(given: &str) -> Result<Vec<TrustedKey>, End> {
    let text = if Path::new(given).is_file() {
        String::from_utf8_lossy(&read(given, KEYS_BYTES_MAX)?).into_owned()
    } else {
        given.to_owned()
    };
    TrustedKey::parse_all(&text).map_err(|error| End {
        exit: USAGE,
        text: no_key(&error),
    })
}

/// That a key cannot be used, and where a good one is listed.
pub fn no_key(error: &NoKey) -> Say {
    say(
        format!("公钥不可用（{error}）：请照 keshi audit key 所列整行复制，或给出存有它的文件"),
        format!(
            "the public key cannot be used: {error}; copy the whole line that keshi audit key lists, or name a file with it"
        ),
    )
}

fn read(path: &str, most: u64) -> Result<Vec<u8>, End> {
    let failed = |text: Say| End { exit: FAILED, text };
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(most + 1).read_to_end(&mut bytes));
    read.map_err(|error: io::Error| {
        failed(say(format!("无法读取 {path}"), format!("{path} cannot be read")).because(&error))
    })?;
    if bytes.len() as u64 > most {
        return Err(failed(say(
            format!("{path} 超过 {most} 字节"),
            format!("{path} has more than {most} bytes"),
        )));
    }
    Ok(bytes)
}

fn verify(asked: &Asked, tell: &mut impl FnMut(&Say) -> io::Result<()>) -> Result<(), End> {
    let not_written = |error: io::Error| End {
        exit: FAILED,
        text: Say::same(causes(&error)),
    };
    let files = asked.files.iter().map(|path| Ok((path, read(path, BUNDLE_BYTES_MAX)?)));
    let files = files.collect::<Result<Vec<_>, End>>()?;
    let mut bundles = Vec::new();
    for (path, bytes) in &files {
        let checked = Bundle::parse(bytes).and_then(|bundle| {
            let checked = bundle.check(&asked.keys)?;
            Ok((bundle, checked))
        });
        let (bundle, checked) = checked.map_err(|failed| End {
            exit: NOT_VERIFIED,
            text: not_verified(Path::new(path), &failed),
        })?;
        for text in said(&bundle, &checked) {
            tell(&text).map_err(not_written)?;
        }
        bundles.push(bundle);
    }
    if let [one, other] = bundles.as_slice() {
        let beside = compare(one, other).map_err(|failed| {
            let text = not_verified(Path::new(&asked.files.join(" ≠ ")), &failed);
            let remedy = say(
                "同一台账不会有两个样子，两份都有签名：请保存这两份文件，它们合在一起就是证据",
                "one ledger cannot be two things, and both are signed: keep both files, together they are the evidence",
            );
            End {
                exit: NOT_VERIFIED,
                text: text.then(&remedy),
            }
        })?;
        tell(&said_beside(beside)).map_err(not_written)?;
    }
    Ok(())
}

/// That a file does not verify, and why.
pub fn not_verified(path: &Path, failed: &Failed) -> Say {
    let (path, text) = (path.display(), failed.say());
    say(
        format!("{path} 核对不通过：{}", text.zh),
        format!("{path} does not verify: {}", text.en),
    )
}

/// What a bundle has shown, and what it cannot show.
pub fn said(bundle: &Bundle<'_>, checked: &Checked) -> Vec<Say> {
    let Checked {
        checkpoint,
        signed_by,
        entries,
        balances,
        about,
    } = checked;
    let (origin, size, year) = (&checkpoint.origin, checkpoint.size, bundle.year.name);
    let key = format!("{:08x}", signed_by.id());
    match &bundle.subject {
        Subject::Everybody => vec![
            say(
                format!(
                    "核对无误：台账 {origin} 的全部 {size} 条，树根 {}，公钥 {key} 签名",
                    checkpoint.root
                ),
                format!(
                    "it holds: all {size} entries of the ledger {origin}, root {}, signed with key {key}",
                    checkpoint.root
                ),
            ),
            say(
                format!("{year} 年 {balances} 人的余额由这些条目重新算得，逐行一致"),
                format!(
                    "the balances of {balances} persons in {year} were reckoned from these entries again, and agree line by line"
                ),
            ),
            if let Some(people) = checkpoint.people {
                say(
                    format!("各人条目的根也一致：{} 人", people.count),
                    format!(
                        "so does the root over what there is about each of {} persons",
                        people.count
                    ),
                )
            } else {
                say(
                    "检查点没有说各人的条目",
                    "the checkpoint says nothing of what there is about each person",
                )
            },
            say(
                "它不能表明：条目所说属实；台账之外另有一本；此后没有再改。可与别处留存的检查点或卷宗比较",
                "it cannot show that the entries are true, that there is no other ledger, or what came after: compare it with checkpoints and \
                 bundles that were kept elsewhere",
            ),
        ],
        Subject::Person(id) => vec![
            say(
                format!(
                    "核对无误：台账 {origin} 的 {size} 条之中，关于 {id} 的 {about} 条都在，一条不缺；连同所依据的共 {entries} 条，公钥 {key} 签名"
                ),
                format!(
                    "it holds: of the {size} entries of the ledger {origin} the {about} about {id} are all here, none left out; with what they rest \
                     on {entries}, signed with key {key}"
                ),
            ),
            say(
                format!("{year} 年的余额由这些条目重新算得，逐行一致"),
                format!("the balance in {year} was reckoned from these entries again, and agrees line by line"),
            ),
            say(
                "它不能表明：条目所说属实；规则、场次、学校等不以个人为对象的条目没有遗漏（年度卷宗才能表明）；各人条目的根确是全台账的（由持有年度卷宗的人重算）",
                "it cannot show that the entries are true; that no entry about nobody, of policies, sessions or schools, is left out (a year's \
                 bundle shows that); or that the root over all persons is the ledger's (whoever has a year's bundle reckons it again)",
            ),
        ],
    }
}

fn said_beside(beside: Beside) -> Say {
    match beside {
        Beside::Same => say("两份卷宗是同一台账", "the two bundles are of one ledger"),
        Beside::GoesOn { from, to } => say(
            format!("{to} 条的台账以 {from} 条的开头，一条不少，一字未改"),
            format!("the ledger of {to} entries begins with that of {from}, none taken out and none changed"),
        ),
        Beside::Unknown => say(
            "两份卷宗大小不同，且不都是年度卷宗：共有的条目一致，其余无从比较",
            "the two bundles are of two sizes, and not both of a year: what both have is the same, more cannot be told",
        ),
    }
}
