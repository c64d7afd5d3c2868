//! What signs checkpoints: whether its key is there and out of reach, and whether the ledger has all that was given out.

use keshi_bus::nats::{Finding, fine, warning};
use keshi_office::keyring::{KeyOf, KeyPlaces};
use keshi_office::layout::OfficeDir;
use keshi_office::signing::{Examined, Short, examine};
use keshi_verify::Hash;

use super::failed;
use super::people::about_key_file;
use crate::exit::say;
use crate::texts::names::count;
use crate::up::{short_failure, signing_failure};

/// How many entries the largest checkpoint that was given out is of.
pub(super) fn given_size(dir: &OfficeDir, keys: &KeyPlaces) -> Option<u64> {
    let examined = examine(&dir.signed(), keys).ok()??;
    examined.given.map(|(given, _)| given.size)
}

/// What signs for the ledger, of which its size and the root at the size of the largest checkpoint given out are known, or nothing is;
/// nothing before its first start.
pub(super) fn about_signing(dir: &OfficeDir, keys: &KeyPlaces, ledger: Option<(u64, Option<Hash>)>) -> Vec<Finding> {
    let examined = match examine(&dir.signed(), keys) {
        Ok(Some(examined)) => examined,
        Ok(None) => return Vec::new(),
        Err(error) => return vec![failed("signing", signing_failure(&error))],
    };
    let Examined {
        keys,
        key_file,
        is_changing,
        given,
    } = examined;
    let mut findings = Vec::new();
    if let (Some((size, root)), Some((given, file))) = (ledger, &given) {
        let file = file.clone();
        if given.size > size {
            let given = given.size;
            findings.push(failed(
                "signing-behind",
                short_failure(&Short::Behind { given, size, file }),
            ));
        } else if root.is_some_and(|root| root != given.root) {
            let given = given.size;
            findings.push(failed("signing-parted", short_failure(&Short::Parted { given, file })));
        }
    }
    findings.extend(
        key_file
            .iter()
            .flat_map(|file| about_key_file(dir, file, KeyOf::Checkpoints)),
    );
    if is_changing {
        findings.push(warning(
            "signing-key-changing",
            say(
                "更换检查点的签名密钥时中断过，旧密钥还在",
                "a change of the key that signs checkpoints was broken off: the old key is still there",
            ),
            say(
                "停止服务后再执行一次 keshi audit rotate-key",
                "stop keshi and ask for it again: keshi audit rotate-key",
            ),
        ));
    }
    if findings.is_empty() {
        let (keys, given) = (count(keys.len() as u64), given.map_or(0, |(given, _)| given.size));
        let given = count(given);
        findings.push(fine(
            "signing",
            say(
                format!("检查点的签名密钥在，公钥 {keys} 把；给出过的最大检查点 {given} 条"),
                format!("the key that signs checkpoints is there, {keys} public keys; the largest checkpoint given out is of {given} entries"),
            ),
        ));
    }
    findings
}
