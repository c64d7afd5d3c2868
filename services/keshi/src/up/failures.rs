//! Why a ledger cannot be opened or followed, in words an operator can act on, with the exit code.

use keshi_bus::nats::ServeError;
use keshi_bus::{FollowsError, Parted};
use keshi_engine::EngineError;
use keshi_log::OpenError;
use keshi_office::StoreError;
use keshi_office::contents::ContentsError;
use keshi_office::keyring::{KeyError, KeyOf};
use keshi_office::people::OpenError as OpenPeopleError;
use keshi_office::reads::ReadLogError;
use keshi_office::signing::{Short, SigningError};

use crate::exit::{Failure, causes, say};

/// A ledger that cannot be opened.
pub(crate) fn engine_failure(error: &EngineError) -> Failure {
    let en = causes(error);
    match error {
        EngineError::Log(error) => log_failure(error),
        EngineError::Entry { dir, index, .. } => Failure::not_verified(say(
            format!("台账 {} 的第 {index} 条无法解读：请改用写入它的版本", dir.display()),
            en,
        )),
        EngineError::NewerRules { dir, found, known } => Failure::failed(say(
            format!(
                "台账 {} 由更新的版本写入（规则版本 {found}，本版本为 {known}）：请改用新版本",
                dir.display()
            ),
            en,
        )),
        EngineError::Thread(cause) => Failure::failed(say(format!("无法启动线程（{cause}）"), en)),
    }
}

fn log_failure(error: &OpenError) -> Failure {
    let en = causes(error);
    match error {
        OpenError::NotFound { dir } => Failure::failed(say(
            format!("{} 中没有台账：请核对 --data 和 --office", dir.display()),
            en,
        )),
        OpenError::AlreadyExists { dir } => {
            Failure::failed(say(format!("{} 不是空目录：请换一个目录", dir.display()), en))
        }
        OpenError::OtherOffice { dir, found, expected } => Failure::failed(say(
            format!(
                "{} 是机构 {found} 的台账，不是 {expected} 的：请核对 --data 和 --office",
                dir.display()
            ),
            en,
        )),
        OpenError::BadOffice { office, .. } => Failure::usage(say(format!("机构编号“{office}”不可用"), en)),
        OpenError::InUse { dir } => Failure::failed(say(
            format!(
                "台账 {} 正由另一个 keshi 使用：请先停止它，或用 --server 连接它",
                dir.display()
            ),
            en,
        )),
        OpenError::NetworkFileSystem { dir, kind } => Failure::failed(say(
            format!("{} 在 {kind} 上，断电时数据不可靠：请改用本机磁盘", dir.display()),
            en,
        )),
        OpenError::ReadOnly { dir, source } => Failure::failed(say(
            format!(
                "{} 不可写（{source}）：请检查目录权限和挂载方式；只读检查请用 keshi doctor",
                dir.display()
            ),
            en,
        )),
        OpenError::DiskFull { dir, .. } => Failure::failed(say(
            format!("{} 所在磁盘已满：请腾出空间后再启动，数据没有丢失", dir.display()),
            en,
        )),
        OpenError::NewerFormat { file, found, known } => Failure::failed(say(
            format!("{file} 的格式是 {found}，本版本只认到 {known}：请改用写入它的新版本"),
            en,
        )),
        OpenError::Damaged {
            dir,
            first_missing_index,
            cause,
        } => Failure::not_verified(say(
            format!(
                "台账 {} 已损坏：第 {first_missing_index} 条起无法提供（{}）",
                dir.display(),
                causes(cause)
            ),
            en,
        ))
        .and(say(
            "不要再次启动或改动该目录；先整体复制保存，再从消息流、备节点或备份恢复。keshi doctor 可在副本上检查",
            "do not start it again or change the directory; copy it away as it is, then restore from the stream, a \
             standby or a backup. keshi doctor examines a copy",
        )),
        OpenError::Io { path, source, .. } => {
            Failure::failed(say(format!("{} 无法使用（{source}）", path.display()), en))
        }
    }
}

/// A people register or store of tokens that cannot be opened or changed.
pub(crate) fn store_failure(error: &StoreError) -> Failure {
    let en = causes(error);
    match error {
        StoreError::Missing { path } => {
            Failure::failed(say(format!("没有 {}：请核对目录，或从备份恢复", path.display()), en))
        }
        StoreError::Removed { path } => Failure::not_verified(say(
            format!(
                "{} 在使用中被移走或替换：请停止服务，放回原文件后再启动",
                path.display()
            ),
            en,
        )),
        StoreError::InUse { path } => {
            Failure::failed(say(format!("{} 正由另一个 keshi 使用：请先停止它", path.display()), en))
        }
        StoreError::Format { path, found } => Failure::failed(say(
            format!("{} 的格式是 {found}，本版本不认识：请升级", path.display()),
            en,
        )),
        StoreError::Damaged { path, what } => Failure::not_verified(say(
            format!("{} 已损坏（{what}）：请先另存一份，再从备份恢复", path.display()),
            en,
        )),
        StoreError::Change { path, cause } => {
            Failure::failed(say(format!("{} 出错（{cause}）：请检查磁盘后重试", path.display()), en))
        }
        StoreError::Io { path, cause } => Failure::failed(say(
            format!("{} 无法使用（{cause}）：请检查属主和磁盘", path.display()),
            en,
        )),
    }
}

/// A people register that cannot be opened: its file, its keys, or the office's key.
pub(crate) fn people_failure(error: &OpenPeopleError) -> Failure {
    let en = causes(error);
    match error {
        OpenPeopleError::Store(error) => store_failure(error),
        OpenPeopleError::Key(error) => key_failure(error),
        OpenPeopleError::KeysMissing { path } => Failure::not_verified(say(
            format!(
                "缺少 {}，没有它谁也读不出 people.redb：请从备份把两者一并恢复；若确要从没有姓名的档案重新开始，请把 people.redb 也移开，并把 contents 清空",
                path.display()
            ),
            en,
        )),
        OpenPeopleError::KeysDamaged { path } => Failure::not_verified(say(
            format!("{} 已损坏：请先另存一份，再从备份恢复", path.display()),
            en,
        )),
    }
}

/// What a key is for, in Chinese.
fn of_zh(of: KeyOf) -> &'static str {
    match of {
        KeyOf::People => "人员档案",
        KeyOf::Checkpoints => "检查点",
    }
}

fn key_failure(error: &KeyError) -> Failure {
    let en = causes(error);
    match error {
        KeyError::Missing { of, looked } => {
            let all: Vec<String> = looked.iter().map(|path| path.display().to_string()).collect();
            let without = match of {
                KeyOf::People => "没有它谁也读不出姓名",
                KeyOf::Checkpoints => "持有本台账检查点的人只认这把密钥，不会另造一把",
            };
            Failure::not_verified(say(
                format!(
                    "{}的密钥不在原处（{}）：请把密钥文件放回，或用 {} 指明；{without}",
                    of_zh(*of),
                    all.join("、"),
                    of.option()
                ),
                en,
            ))
        }
        KeyError::Differs { of, from, wanted } => {
            let files = match of {
                KeyOf::People => "people.redb 和 people.keys",
                KeyOf::Checkpoints => "signed 文件",
            };
            Failure::not_verified(say(
                format!(
                    "{from} 中不是{}的密钥（应为 {wanted}）：请用 {} 指明正确的文件，或从与密钥同一时期的备份恢复 {files}",
                    of_zh(*of),
                    of.option()
                ),
                en,
            ))
        }
        KeyError::Malformed { from } => Failure::failed(say(
            format!("{from} 中没有密钥：应为 64 位十六进制数，即首次启动时 keshi up 所写"),
            en,
        )),
        KeyError::Io { of, path, cause } => Failure::failed(say(
            format!(
                "{}的密钥 {} 无法使用（{cause}）：请检查属主和权限",
                of_zh(*of),
                path.display()
            ),
            en,
        )),
        KeyError::NoPlace { of } => Failure::usage(say(
            format!(
                "无处存放{}的密钥：XDG_CONFIG_HOME 和 HOME 都没有给出目录；请用 {} 指定文件",
                of_zh(*of),
                of.option()
            ),
            en,
        )),
        KeyError::Given { of } => Failure::usage(say(
            format!(
                "密钥由环境变量 {} 给出：请在其中写“新密钥,现密钥”，再执行一次",
                of.variable()
            ),
            en,
        )),
        KeyError::NoChance => Failure::failed(say("系统给不出随机数，无法建立密钥和加密", en)),
    }
}

/// What signs checkpoints cannot be opened or used, or the ledger is not what it signed for.
pub(crate) fn signing_failure(error: &SigningError) -> Failure {
    let en = causes(error);
    match error {
        SigningError::Key(error) => key_failure(error),
        SigningError::Damaged { path } => Failure::not_verified(say(
            format!("{} 已损坏：请先另存一份，再从备份恢复", path.display()),
            en,
        )),
        SigningError::OtherLedger { path, origin } => Failure::not_verified(say(
            format!("{} 不是本台账（{origin}）的：请从备份恢复正确的文件", path.display()),
            en,
        )),
        SigningError::OtherGiven { path, .. } => Failure::not_verified(say(
            format!(
                "{} 中不是本台账的检查点：请放回原在密钥旁的文件；若确要不计它所记，请把它清空",
                path.display()
            ),
            en,
        )),
        SigningError::Short(short) => short_failure(short),
        SigningError::Io { path, cause } => Failure::failed(say(
            format!("{} 无法使用（{cause}）：请检查属主和磁盘", path.display()),
            en,
        )),
    }
}

/// A ledger that lacks what a checkpoint was given out of.
pub(crate) fn short_failure(short: &Short) -> Failure {
    let en = causes(short);
    let zh = match short {
        Short::Behind { given, size, file } => format!(
            "曾给出 {given} 条的检查点，台账现在只有 {size} 条：它被退回到较旧的副本。请恢复较新的备份，或跟随消息流；所缺确已永久丢失时，请清空 {}，并告知持有检查点的人",
            file.display()
        ),
        Short::Parted { given, file } => format!(
            "曾给出的 {given} 条的检查点与台账的内容不符：台账曾退回到较旧的副本，又由此续写。请恢复此前的备份；没有的话，请清空 {}，并告知持有检查点的人",
            file.display()
        ),
    };
    Failure::not_verified(say(zh, en))
}

/// A data directory that is not what it was.
pub(crate) fn contents_failure(error: &ContentsError) -> Failure {
    let en = causes(error);
    match error {
        ContentsError::Lost { dir, missing } => Failure::not_verified(say(
            format!(
                "{} 缺少 {}：请从备份恢复；若确要重新开始，请把 {} 清空",
                dir.display(),
                missing.join("、"),
                dir.join("contents").display()
            ),
            en,
        )),
        ContentsError::Unlisted { dir, there } => Failure::not_verified(say(
            format!(
                "{} 有 {}，却没有清单：请从备份恢复 {}；若现有内容就是全部，请建一个空的同名文件",
                dir.display(),
                there.join("、"),
                dir.join("contents").display()
            ),
            en,
        )),
        ContentsError::Damaged { path } => Failure::not_verified(say(
            format!(
                "{} 已损坏：请从备份恢复；若现有内容就是全部，请把它清空",
                path.display()
            ),
            en,
        )),
        ContentsError::Io { path, cause } => Failure::failed(say(
            format!("{} 无法使用（{cause}）：请检查属主和磁盘", path.display()),
            en,
        )),
    }
}

/// A read log that cannot be opened.
pub(crate) fn reads_failure(error: &ReadLogError) -> Failure {
    let ReadLogError { path, cause } = error;
    Failure::failed(say(
        format!("查阅记录 {} 无法使用（{cause}）：请检查目录属主和磁盘", path.display()),
        causes(error),
    ))
}

/// What the data directory remembers of its bus cannot be used.
pub(crate) fn follows_failure(error: &FollowsError) -> Failure {
    match error {
        FollowsError::Io { .. } => Failure::failed(error.say()),
        FollowsError::Damaged { .. } => Failure::not_verified(error.say()),
    }
}

/// A ledger that was started with another bus than the one it follows.
pub(crate) fn parted_failure(error: &Parted) -> Failure {
    match error {
        Parted::Memory(error) => follows_failure(error),
        _ => Failure::failed(error.say()),
    }
}

/// Whether the ledger goes on answering questions though its stream cannot be followed: what it holds is still true.
pub(super) fn goes_on_reading(error: &ServeError) -> bool {
    match error {
        ServeError::JetStreamOff { .. }
        | ServeError::StreamMissing { .. }
        | ServeError::SettingsDiffer { .. }
        | ServeError::StreamBehind { .. }
        | ServeError::StreamDiffers { .. }
        | ServeError::Gap { .. } => true,
        // Started wrongly, or one of two ledgers is not what was recorded, or there is nothing to read from.
        ServeError::Config(_)
        | ServeError::CannotCreate { .. }
        | ServeError::LedgerIdDiffers { .. }
        | ServeError::Parted(_)
        | ServeError::BeginsLater { .. }
        | ServeError::ContinuesAnother { .. }
        | ServeError::RootDiffers { .. }
        | ServeError::MayNotClaim { .. }
        | ServeError::LedgerClosed => false,
    }
}

/// A stream that the ledger cannot follow any further.
pub(super) fn serve_failure(error: &ServeError) -> Failure {
    let text = say(serve_zh(error), causes(error));
    match error {
        ServeError::LedgerIdDiffers { .. } => Failure::not_verified(text).and(say(
            "若本台账还是空的，可删去其 ledger 目录并清空旁边的 contents 文件后重新启动，它会跟随该流重建",
            "if this ledger is still empty, delete its directory `ledger`, empty the file `contents` beside it and start again: it \
             is then rebuilt from the stream",
        )),
        // The stream cannot be the one that the log was written from: one of the two is not what it should be.
        ServeError::StreamMissing { .. }
        | ServeError::StreamBehind { .. }
        | ServeError::StreamDiffers { .. }
        | ServeError::ContinuesAnother { .. }
        | ServeError::RootDiffers { .. }
        | ServeError::Gap { .. } => Failure::not_verified(text),
        ServeError::Parted(error) => parted_failure(error),
        ServeError::Config(_)
        | ServeError::JetStreamOff { .. }
        | ServeError::CannotCreate { .. }
        | ServeError::SettingsDiffer { .. }
        | ServeError::BeginsLater { .. }
        | ServeError::MayNotClaim { .. }
        | ServeError::LedgerClosed => Failure::failed(text),
    }
}

fn serve_zh(error: &ServeError) -> String {
    match error {
        ServeError::Config(cause) => format!("NATS 设置不可用：{cause}"),
        ServeError::JetStreamOff { .. } => "NATS 没有启用 JetStream：请在 nats.conf 中启用后再启动".to_owned(),
        ServeError::CannotCreate { stream, reason } => format!("无法建立流 {stream}：{reason}"),
        ServeError::StreamMissing { stream, cursor } => {
            format!("流 {stream} 不存在，而台账已收到其第 {cursor} 号：请恢复该流，或用 keshi bus attach 改接新流")
        }
        ServeError::SettingsDiffer { stream, differences } => {
            format!("流 {stream} 的设置不对：{}；请改正后再启动", differences.join("；"))
        }
        ServeError::LedgerIdDiffers {
            stream,
            expected,
            found,
        } => format!("流 {stream} 属于台账 {found}，本台账是 {expected}：请核对 --data 和 NATS 地址"),
        ServeError::StreamBehind {
            stream,
            last_sequence,
            cursor,
        } => format!(
            "流 {stream} 只到第 {last_sequence} 号，而台账已收到第 {cursor} 号：它被重建或由旧副本恢复；请用 keshi bus attach 改接新流"
        ),
        ServeError::StreamDiffers { stream, sequence } => format!(
            "流 {stream} 第 {sequence} 号的内容与台账所收不同：它由旧副本恢复后又有增长；请用 keshi bus attach 改接新流"
        ),
        ServeError::Gap {
            stream,
            expected,
            found,
        } => {
            format!("流 {stream} 缺第 {expected} 号，下一号是 {found}：请恢复该流，或从备节点重建")
        }
        ServeError::Parted(error) => error.say().zh,
        ServeError::BeginsLater { stream, begins, size } => {
            format!("流 {stream} 从第 {begins} 条之后接起，而本台账只有 {size} 条：请先用含有全部条目的副本建立")
        }
        ServeError::ContinuesAnother { stream, begins } => format!(
            "流 {stream} 所接的台账在 {begins} 条处的树根与本台账不同，二者必有一误：请分别用 keshi audit replay 校验，再由正确的副本重建"
        ),
        ServeError::RootDiffers {
            size,
            is_exact,
            compared_at,
            ours,
            theirs,
        } => format!(
            "本台账与主节点{}第 {} 条起不同（前 {compared_at} 条本台账树根 {ours}，主节点 {theirs}），二者必有一误：\
             请分别用 keshi audit replay 校验，再由流或正确的副本重建",
            if *is_exact { "自" } else { "至迟自" },
            size.saturating_sub(1)
        ),
        ServeError::MayNotClaim { subject, reason } => {
            format!("该用户不能成为主节点（{reason}）：请在 nats.conf 中允许其发布 {subject}，或以 --standby 启动")
        }
        ServeError::LedgerClosed => "台账已关闭".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use keshi_log::Damage;

    use super::*;
    use crate::Exit;

    #[test]
    fn damage_is_exit_code_four_and_names_the_first_entry_lost() {
        let error = EngineError::Log(OpenError::Damaged {
            dir: "/d".into(),
            first_missing_index: 812,
            cause: Damage::Shorter {
                expected: 900,
                found: 812,
            },
        });
        let failure = engine_failure(&error);
        assert_eq!(failure.exit, Exit::NotVerified);
        for lang in [keshi_core::lang::Lang::Zh, keshi_core::lang::Lang::En] {
            let text = failure.text(lang);
            assert!(text.contains("812") && text.contains("/d"), "{text}");
        }
    }

    #[test]
    fn a_ledger_in_use_is_no_damage() {
        let error = EngineError::Log(OpenError::InUse { dir: "/d".into() });
        assert_eq!(engine_failure(&error).exit, Exit::Failed);
    }

    #[test]
    fn a_stream_that_lost_a_message_is_exit_code_four() {
        let gap = ServeError::Gap {
            stream: "KESHI_610729".into(),
            expected: 7,
            found: 9,
        };
        assert_eq!(serve_failure(&gap).exit, Exit::NotVerified);
        let off = ServeError::JetStreamOff { reason: "no".into() };
        assert_eq!(serve_failure(&off).exit, Exit::Failed);
    }
}
