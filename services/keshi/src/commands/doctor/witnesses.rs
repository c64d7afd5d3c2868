//! What the witnesses say who are asked to cosign the checkpoints.

use keshi_bus::nats::{Finding, Level, fine, warning, wrong};

use crate::exit::say;
use crate::texts::names::count;
use crate::up::{Answer, Refused, Witnessed};

pub(super) fn about_witness(witness: &Witnessed) -> Finding {
    let Witnessed { name, url, answer } = witness;
    match answer {
        Answer::NotYet => fine(
            "witness",
            say(
                format!("见证 {name}（{url}）：启动后还没有问过"),
                format!("witness {name} ({url}): not asked yet since the start"),
            ),
        ),
        Answer::Cosigned { size } => {
            let size = count(*size);
            fine(
                "witness",
                say(
                    format!("见证 {name}（{url}）已会签到 {size} 条"),
                    format!("witness {name} ({url}) has cosigned {size} entries"),
                ),
            )
        }
        Answer::Silent { why } => warning(
            "witness-silent",
            say(
                format!("见证 {name}（{url}）没有会签：{why}"),
                format!("witness {name} ({url}) does not cosign: {why}"),
            ),
            say(
                "请核对地址，并请对方查看其 keshi audit witness 是否在运行",
                "check the address, and have her look whether her keshi audit witness runs",
            ),
        ),
        Answer::Unknown => wrong(
            "witness-unknown",
            say(
                format!("见证 {name}（{url}）不认识本台账的公钥"),
                format!("witness {name} ({url}) does not know this ledger's public key"),
            ),
            say(
                "把 keshi audit key 列出的公钥交给对方，由其以 --for 启动",
                "give her the public key that keshi audit key lists, for her --for",
            ),
        ),
        Answer::Refused(refused) => {
            let what = match refused {
                Refused::Larger { size } => {
                    let size = count(*size);
                    say(
                        format!("见证 {name}（{url}）会签过 {size} 条的台账，本台账没有这么多：数据目录退回到了旧副本"),
                        format!(
                            "witness {name} ({url}) has cosigned a ledger of {size} entries, which this one lacks: it was put back to an \
                             older copy"
                        ),
                    )
                }
                Refused::Parted { size } => {
                    let size = count(*size);
                    say(
                        format!("见证 {name}（{url}）拒绝会签：本台账不是由其会签过的 {size} 条延续而来"),
                        format!(
                            "witness {name} ({url}) refuses: this ledger does not go on from the {size} entries that she cosigned"
                        ),
                    )
                }
            };
            let remedy = say(
                "先停止提交，保留数据目录的副本和见证的文件，再用较新的备份恢复（keshi restore）",
                "take nothing in, keep a copy of the data directory and of the witness's files, then restore a newer backup (keshi restore)",
            );
            Finding {
                level: Level::Damage,
                ..wrong("witness-refuses", what, remedy)
            }
        }
    }
}
