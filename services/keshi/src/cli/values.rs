//! Values of the command line, turned into what they mean at once.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use keshi_core::codes::{Level, Post, Stage, TitleClass};
use keshi_core::hex;
use keshi_core::lang::Lang;
use keshi_core::period::Name;
use keshi_core::time::CHINA;
use keshi_core::title::{title_of, titles_zh};
use keshi_office::access::RoleName;
use keshi_proto::api;
use keshi_verify::checkpoint::read_hash;
use keshi_words::work;

/// The made-up counties there are.
pub(crate) const SAMPLES: &[&str] = &["liuba-2022"];

/// A server's address, as `host:port` or `https://host:port`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ServerArg {
    pub(crate) host_port: String,
    pub(crate) is_tls: bool,
}

/// A language of the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LangArg(pub(crate) Lang);

/// A length of time in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SecondsArg(pub(crate) Duration);

/// A ledger's root: 64 hexadecimal digits, or as it stands on a checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RootArg(pub(crate) [u8; 32]);

/// A period's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PeriodArg(pub(crate) Name);

/// A moment: RFC 3339, or a local date or time in China Standard Time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TimeArg(pub(crate) Timestamp);

/// 学段
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StageArg(pub(crate) Stage);

/// 县级教学能手, and so on
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TitleArg(pub(crate) TitleClass, pub(crate) Level);

/// 岗位
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PostArg(pub(crate) Post);

/// 级别
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LevelArg(pub(crate) Level);

/// What an entry says of a work: 发表, 成果获奖, 赛教获奖
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct WorkKindArg(pub(crate) api::WorkKind);

/// What a list is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FormatArg {
    Xlsx,
    Csv,
}

/// What an annual report is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReportFormatArg {
    Text,
    Json,
    Xlsx,
    Html,
    Pdf,
    Docx,
}

/// An adopted policy: its id, or one version as `id@version`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PolicyId {
    pub(crate) id: String,
    pub(crate) version: Option<u32>,
}

/// The name of a made-up county.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SampleName(pub(crate) &'static str);

/// A role that a token may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RoleArg(pub(crate) RoleName);

/// Which bus.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum BusArg {
    /// In this process.
    #[default]
    Embedded,
    /// NATS JetStream at these addresses.
    Nats(String),
}

/// Which parts of Keshi run in this process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RolesArg {
    pub(crate) intake: bool,
    pub(crate) ledger: bool,
    /// The pages and nothing else, over the services of another process.
    pub(crate) console: bool,
}

impl Default for RolesArg {
    fn default() -> Self {
        Self {
            intake: true,
            ledger: true,
            console: false,
        }
    }
}

/// Errors are in both languages, since a value is parsed before anyone can ask in which.
type Parsed<T> = Result<T, String>;

impl FromStr for ServerArg {
    type Err = String;

    fn from_str(text: &str) -> Parsed<Self> {
        let (is_tls, address) = match text.strip_prefix("https://") {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix("http://").unwrap_or(text)),
        };
        let address = address.trim_end_matches('/');
        let port = address.rsplit_once(':').and_then(|(_, port)| port.parse::<u16>().ok());
        match port {
            Some(_) if !address.contains("//") => Ok(Self {
                host_port: address.to_owned(),
                is_tls,
            }),
            _ => Err(
                "应为 主机:端口 或 https://主机:端口，例如 127.0.0.1:7610 / write host:port or https://host:port, such as \
                 127.0.0.1:7610"
                    .to_owned(),
            ),
        }
    }
}

impl ServerArg {
    /// A server that is reached in the clear, such as one on this machine.
    pub(crate) fn plain(host_port: impl Into<String>) -> Self {
        Self {
            host_port: host_port.into(),
            is_tls: false,
        }
    }

    /// Whether the address names this machine itself.
    pub(crate) fn is_loopback(&self) -> bool {
        let host = self.host_port.rsplit_once(':').map_or("", |(host, _)| host);
        let host = host.trim_start_matches('[').trim_end_matches(']');
        host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
    }
}

impl fmt::Display for ServerArg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", if self.is_tls { "https://" } else { "" }, self.host_port)
    }
}

impl FromStr for LangArg {
    type Err = String;

    fn from_str(text: &str) -> Parsed<Self> {
        match text {
            "zh" => Ok(Self(Lang::Zh)),
            "en" => Ok(Self(Lang::En)),
            _ => Err("只有 zh 和 en / it is zh or en".to_owned()),
        }
    }
}

impl FromStr for SecondsArg {
    type Err = String;

    fn from_str(text: &str) -> Parsed<Self> {
        let seconds = text.strip_suffix('s').unwrap_or(text).parse::<f64>().ok();
        seconds
            .filter(|seconds| (0.001..=3600.0).contains(seconds))
            .map(|seconds| Self(Duration::from_secs_f64(seconds)))
            .ok_or_else(|| "应为 0.001 到 3600 的秒数 / seconds, from 0.001 to 3600".to_owned())
    }
}

impl FromStr for RootArg {
    type Err = String;

    fn from_str(text: &str) -> Parsed<Self> {
        let of_checkpoint = || read_hash(text).map(|root| root.0);
        hex::read(text).or_else(of_checkpoint).map(Self).ok_or_else(|| {
            "树根写作 64 位十六进制数，或照抄检查点第三行 / a root is 64 hexadecimal digits, or the third line of a checkpoint"
                .to_owned()
        })
    }
}

impl FromStr for PeriodArg {
    type Err = String;

    fn from_str(text: &str) -> Parsed<Self> {
        Name::parse(text).map(Self).ok_or_else(|| {
            "期间写作 2022、2022-2023、2022-2023-1、2022-09 或 2021..2025 / \
             a period is 2022, 2022-2023, 2022-2023-1, 2022-09 or 2021..2025"
                .to_owned()
        })
    }
}

impl FromStr for TimeArg {
    type Err = String;

    fn from_str(text: &str) -> Parsed<Self> {
        let local = |at: DateTime| CHINA.to_timestamp(at).ok();
        // A bare day means its end: what was known when the day was over.
        let end_of_day = |day: Date| local(day.tomorrow().ok()?.at(0, 0, 0, 0)).map(one_ms_before);
        let at = text.parse::<Timestamp>().ok();
        let at = at.or_else(|| {
            text.parse::<Date>()
                .ok()
                .filter(|_| text.len() <= 10)
                .and_then(end_of_day)
        });
        at.or_else(|| text.parse::<DateTime>().ok().and_then(local))
            .map(Self)
            .ok_or_else(|| {
                "时间写作 2022-12-31、2022-12-31T18:00 或 2022-12-31T10:00:00Z / \
                 a time is 2022-12-31, 2022-12-31T18:00 or 2022-12-31T10:00:00Z"
                    .to_owned()
            })
    }
}

fn one_ms_before(at: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(at.as_millisecond() - 1).unwrap_or(at)
}

impl FromStr for TitleArg {
    type Err = String;

    fn from_str(text: &str) -> Parsed<Self> {
        let known = titles_zh();
        let known = known.iter().map(|title| (title.as_str(), title.as_str()));
        title_of(text)
            .map(|(class, level)| Self(class, level))
            .ok_or_else(|| one_of("没有这个称号", "no such title", known))
    }
}

impl FromStr for StageArg {
    type Err = String;

    fn from_str(text: &str) -> Parsed<Self> {
        let known = Stage::ALL.iter().map(|stage| (stage.zh(), stage.en()));
        Stage::from_word(text)
            .map(Self)
            .ok_or_else(|| one_of("没有这个学段", "no such stage", known))
    }
}

impl FromStr for PostArg {
    type Err = String;

    fn from_str(text: &str) -> Parsed<Self> {
        let known = Post::ALL.iter().map(|post| (post.zh(), post.en()));
        Post::from_word(text)
            .map(Self)
            .ok_or_else(|| one_of("没有这个岗位", "no such post", known))
    }
}

impl FromStr for LevelArg {
    type Err = String;

    fn from_str(text: &str) -> Parsed<Self> {
        let known = Level::ALL.iter().map(|level| (level.zh(), level.en()));
        Level::from_word(text)
            .map(Self)
            .ok_or_else(|| one_of("没有这个级别", "no such level", known))
    }
}

impl FromStr for WorkKindArg {
    type Err = String;

    fn from_str(text: &str) -> Parsed<Self> {
        let names = |kind| (work::kind(kind, Lang::Zh), work::kind(kind, Lang::En));
        let kind = work::KINDS.into_iter().find(|kind| {
            let (zh, en) = names(*kind);
            zh == text || en == text
        });
        kind.map(Self)
            .ok_or_else(|| one_of("没有这类成果记录", "no such kind", work::KINDS.into_iter().map(names)))
    }
}

impl FromStr for ReportFormatArg {
    type Err = String;

    fn from_str(text: &str) -> Parsed<Self> {
        let all = [
            ("text", Self::Text),
            ("json", Self::Json),
            ("xlsx", Self::Xlsx),
            ("html", Self::Html),
            ("pdf", Self::Pdf),
            ("docx", Self::Docx),
        ];
        let found = all.iter().find(|(word, _)| *word == text).map(|(_, format)| *format);
        found.ok_or_else(|| {
            one_of(
                "没有这种格式",
                "no such format",
                all.iter().map(|(word, _)| (*word, *word)),
            )
        })
    }
}

impl FromStr for FormatArg {
    type Err = String;

    fn from_str(text: &str) -> Parsed<Self> {
        match text {
            "xlsx" => Ok(Self::Xlsx),
            "csv" => Ok(Self::Csv),
            _ => Err(one_of(
                "没有这种格式",
                "no such format",
                [("xlsx", "xlsx"), ("csv", "csv")].into_iter(),
            )),
        }
    }
}

fn one_of<'k>(zh: &str, en: &str, known: impl Iterator<Item = (&'k str, &'k str)>) -> String {
    let (all_zh, all_en): (Vec<_>, Vec<_>) = known.unzip();
    format!(
        "{zh}，有：{} / {en}, there is: {}",
        all_zh.join("、"),
        all_en.join(", ")
    )
}

impl FromStr for PolicyId {
    type Err = String;

    fn from_str(text: &str) -> Parsed<Self> {
        let (id, version) = text
            .split_once('@')
            .map_or((text, None), |(id, version)| (id, Some(version)));
        let number = version.map(|version| version.parse().ok().filter(|&version: &u32| version > 0));
        let known = keshi_core::ids::PolicyId::new(id).is_ok() && number != Some(None);
        known
            .then(|| Self {
                id: id.to_owned(),
                version: number.flatten(),
            })
            .ok_or_else(|| {
                "规则写作 编号 或 编号@版本，如 sample-360@2 / a policy is an id or id@version, such as sample-360@2"
                    .to_owned()
            })
    }
}

impl fmt::Display for PolicyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.version {
            Some(version) => write!(f, "{}@{version}", self.id),
            None => f.write_str(&self.id),
        }
    }
}

impl PolicyId {
    /// Whether this adopted version is meant.
    pub(crate) fn is(&self, policy: &api::AdoptedPolicy) -> bool {
        policy.policy_id == self.id && self.version.is_none_or(|version| version == policy.version)
    }
}

impl FromStr for SampleName {
    type Err = String;

    fn from_str(text: &str) -> Parsed<Self> {
        let known = SAMPLES.iter().find(|name| **name == text).copied();
        known.map(Self).ok_or_else(|| {
            let all = SAMPLES.join(", ");
            format!("没有这个样例，有：{all} / no such sample, there is: {all}")
        })
    }
}

impl FromStr for RoleArg {
    type Err = String;

    fn from_str(text: &str) -> Parsed<Self> {
        let role: Result<RoleName, _> = text.parse();
        role.map(Self).map_err(|error| {
            let all: Vec<_> = RoleName::GRANTED
                .iter()
                .map(|role| format!("{} {}", role.as_str(), role.zh()))
                .collect();
            format!("没有这个身份，有：{} / {error}", all.join("、"))
        })
    }
}

impl FromStr for BusArg {
    type Err = String;

    fn from_str(text: &str) -> Parsed<Self> {
        match text {
            "embedded" => Ok(Self::Embedded),
            _ if text.starts_with("nats://") || text.starts_with("tls://") => Ok(Self::Nats(text.to_owned())),
            _ => Err("应为 embedded 或 nats://主机:端口 / it is embedded or nats://host:port".to_owned()),
        }
    }
}

impl FromStr for RolesArg {
    type Err = String;

    fn from_str(text: &str) -> Parsed<Self> {
        let mut roles = Self {
            intake: false,
            ledger: false,
            console: false,
        };
        for role in text.split(',') {
            match role.trim() {
                "intake" => roles.intake = true,
                "ledger" => roles.ledger = true,
                "console" => roles.console = true,
                _ => {
                    return Err("只有 intake、ledger 和 console / they are intake, ledger and console".to_owned());
                }
            }
        }
        if roles.console && (roles.intake || roles.ledger) {
            return Err(
                "console 单独运行；同一进程的网页用 --http / console goes alone; for pages of the same process give --http"
                    .to_owned(),
            );
        }
        Ok(roles)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> String {
        text.parse::<TimeArg>().unwrap().0.to_string()
    }

    #[test]
    fn a_bare_day_means_its_end_in_china() {
        assert_eq!(at("2022-12-31"), "2022-12-31T15:59:59.999Z");
        assert_eq!(at("2022-12-31T18:00"), "2022-12-31T10:00:00Z");
        assert_eq!(at("2022-12-31T18:00:00+08:00"), "2022-12-31T10:00:00Z");
        assert!("yesterday".parse::<TimeArg>().is_err());
    }

    #[test]
    fn a_policy_is_an_id_and_perhaps_a_version() {
        let version = |text: &str| text.parse::<PolicyId>().map(|policy| policy.version);
        assert_eq!(version("sample-360"), Ok(None));
        assert_eq!(version("sample-360@12"), Ok(Some(12)));
        for bad in ["", "@1", "sample-360@", "sample-360@0", "a@1@2"] {
            assert!(version(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_stage_and_a_post_are_known_by_their_words_and_others_are_answered_with_the_list() {
        assert_eq!("初中".parse(), Ok(StageArg(Stage::Junior)));
        assert_eq!("junior".parse(), Ok(StageArg(Stage::Junior)));
        assert_eq!("专职教研员".parse(), Ok(PostArg(Post::Researcher)));
        let error = "诗人".parse::<PostArg>().unwrap_err();
        assert!(error.contains("班主任") && error.contains("class teacher"), "{error}");
    }

    #[test]
    fn an_address_has_a_port_and_says_whether_it_is_tls() {
        assert_eq!("http://localhost:7610/".parse(), Ok(ServerArg::plain("localhost:7610")));
        assert_eq!("[::1]:7610".parse(), Ok(ServerArg::plain("[::1]:7610")));
        let tls = "https://keshi.example.org:7610/".parse::<ServerArg>().unwrap();
        assert_eq!(
            (tls.is_tls, tls.to_string().as_str()),
            (true, "https://keshi.example.org:7610")
        );
        for (address, is_own) in [
            ("127.0.0.1:1", true),
            ("localhost:1", true),
            ("[::1]:7610", true),
            ("10.0.0.5:7610", false),
            ("localhost.example.org:1", false),
            ("[2001:db8::1]:7610", false),
        ] {
            assert_eq!(ServerArg::plain(address).is_loopback(), is_own, "{address}");
        }
        for bad in [
            "localhost",
            "ftp://localhost:7610",
            "https://localhost",
            "localhost:port",
            "",
        ] {
            assert!(bad.parse::<ServerArg>().is_err(), "{bad}");
        }
    }

    #[test]
    fn roles_are_a_list() {
        let both: RolesArg = "ledger, intake".parse().unwrap();
        assert_eq!(both, RolesArg::default());
        assert!(!"intake".parse::<RolesArg>().unwrap().ledger);
        assert!("console".parse::<RolesArg>().unwrap().console);
        assert!("console,ledger".parse::<RolesArg>().is_err());
        assert!("pages".parse::<RolesArg>().is_err());
        assert!("".parse::<RolesArg>().is_err());
    }

    #[test]
    fn a_bus_is_embedded_or_an_address() {
        assert_eq!("embedded".parse(), Ok(BusArg::Embedded));
        assert_eq!("nats://h:4222".parse(), Ok(BusArg::Nats("nats://h:4222".into())));
        assert!("kafka://h".parse::<BusArg>().is_err());
    }
}
