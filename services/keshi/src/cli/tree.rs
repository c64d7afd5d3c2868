//! The tree of commands. What each command and argument means stands in `texts::help`, in both languages.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;
use jiff::civil::Date;
use keshi_console::Site;

use super::account::{AccountCommand, ScopeArgs};
use super::cert::CertCommand;
use super::merge::{MergeCommand, OverlapCommand};
use super::review::ReviewCommand;
use super::values::{
    BusArg, FormatArg, LangArg, LevelArg, PeriodArg, PolicyId, PostArg, RoleArg, RolesArg, RootArg, SampleName,
    SecondsArg, ServerArg, StageArg, TimeArg, TitleArg, WorkKindArg,
};
use super::year::{FiguresCommand, YearCommand};

#[derive(Debug, Parser)]
#[command(name = "keshi", version, disable_help_subcommand = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) globals: Globals,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Globals {
    #[arg(long, global = true, value_name = "[https://]HOST:PORT")]
    pub(crate) server: Option<ServerArg>,
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) ca: Option<PathBuf>,
    #[arg(long, global = true, value_name = "TOKEN|-")]
    pub(crate) token: Option<String>,
    #[arg(long, global = true, value_name = "FILE", conflicts_with = "token")]
    pub(crate) token_file: Option<PathBuf>,
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) people_key: Option<PathBuf>,
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) signing_key: Option<PathBuf>,
    #[arg(long, global = true, value_name = "CODE")]
    pub(crate) office: Option<String>,
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[arg(long, global = true, value_name = "zh|en")]
    pub(crate) lang: Option<LangArg>,
    #[arg(long, global = true, value_name = "SECONDS")]
    pub(crate) timeout: Option<SecondsArg>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Up(Box<UpArgs>),
    Sample {
        #[arg(value_name = "NAME")]
        name: SampleName,
        #[arg(value_name = "DIR")]
        dir: PathBuf,
    },
    Template {
        #[arg(value_name = "NAME")]
        name: Option<String>,
        #[arg(value_name = "FILE")]
        file: Option<PathBuf>,
    },
    Import(ImportArgs),
    Post {
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    Receipt {
        #[arg(value_name = "EVENT|FILE", required = true)]
        events: Vec<String>,
        #[arg(short, long, value_name = "DIR")]
        output: PathBuf,
    },
    Correct(CorrectArgs),
    Void(VoidArgs),
    Balance(BalanceArgs),
    Tier(TierArgs),
    Shortfall(ShortfallArgs),
    Log(LogArgs),
    Reads(ReadsArgs),
    Schools(SchoolsArgs),
    Organisations(OrganisationsArgs),
    Rotation(RotationArgs),
    Topics(TopicsArgs),
    Works(WorksArgs),
    Export(ExportArgs),
    Questions(QuestionsArgs),
    Inspections(InspectionsArgs),
    Sessions(SessionsArgs),
    Login {
        #[arg(value_name = "[https://]HOST:PORT")]
        server: ServerArg,
    },
    Logout,
    Load {
        #[command(subcommand)]
        command: LoadCommand,
    },
    Review {
        #[command(subcommand)]
        command: ReviewCommand,
    },
    Merge {
        #[command(subcommand)]
        command: MergeCommand,
    },
    Overlap {
        #[command(subcommand)]
        command: OverlapCommand,
    },
    Policy {
        #[command(subcommand)]
        command: PolicyCommand,
    },
    Year {
        #[command(subcommand)]
        command: YearCommand,
    },
    Figures {
        #[command(subcommand)]
        command: FiguresCommand,
    },
    Calendar {
        #[command(subcommand)]
        command: CalendarCommand,
    },
    Cert {
        #[command(subcommand)]
        command: CertCommand,
    },
    People {
        #[command(subcommand)]
        command: PeopleCommand,
    },
    Audit {
        #[command(subcommand)]
        command: AuditCommand,
    },
    Token {
        #[command(subcommand)]
        command: TokenCommand,
    },
    Account {
        #[command(subcommand)]
        command: AccountCommand,
    },
    Compact,
    Backup {
        #[arg(value_name = "DIR")]
        dir: PathBuf,
    },
    Restore {
        #[arg(value_name = "DIR")]
        dir: PathBuf,
    },
    Doctor(DoctorArgs),
    Bus {
        #[command(subcommand)]
        command: BusCommand,
    },
    Completions {
        #[arg(value_name = "SHELL")]
        shell: Shell,
    },
    Help {
        #[arg(value_name = "COMMAND")]
        command: Vec<String>,
    },
}

#[derive(Clone, Debug, Default, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option")]
pub(crate) struct UpArgs {
    #[arg(long, value_name = "embedded|nats://HOST:PORT")]
    pub(crate) bus: Option<BusArg>,
    #[arg(long, value_name = "intake,ledger|console")]
    pub(crate) roles: Option<RolesArg>,
    #[arg(long, value_name = "NAME")]
    pub(crate) sample: Option<SampleName>,
    #[arg(long, value_name = "HOST:PORT")]
    pub(crate) grpc: Option<String>,
    #[arg(long, value_name = "HOST:PORT|none")]
    pub(crate) http: Option<String>,
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) proxy: Option<std::net::IpAddr>,
    #[arg(long, value_name = "SITE", value_delimiter = ',')]
    pub(crate) cors: Vec<Site>,
    #[arg(long, value_name = "FILE")]
    pub(crate) font: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) tls: TlsArgs,
    #[arg(long)]
    pub(crate) insecure_plaintext: bool,
    #[arg(long, value_name = "HOST:PORT")]
    pub(crate) metrics: Option<String>,
    #[arg(long, value_name = "DIR")]
    pub(crate) backups: Option<PathBuf>,
    #[arg(long, value_name = "KIB", value_parser = clap::value_parser!(u32).range(0..=1_048_576))]
    pub(crate) scrub: Option<u32>,
    #[arg(long, num_args = 2, value_names = ["URL", "KEY"])]
    pub(crate) witness: Vec<String>,
    #[arg(long, value_name = "FILE")]
    pub(crate) access: Option<PathBuf>,
    #[arg(long)]
    pub(crate) dev: bool,
    #[arg(long, conflicts_with = "standby")]
    pub(crate) primary: bool,
    #[arg(long)]
    pub(crate) standby: bool,
    #[command(flatten)]
    pub(crate) nats: NatsArgs,
}

#[derive(Clone, Debug, Default, Args)]
pub(crate) struct TlsArgs {
    #[arg(long, value_name = "FILE")]
    pub(crate) tls_cert: Option<PathBuf>,
    #[arg(long, value_name = "FILE")]
    pub(crate) tls_key: Option<PathBuf>,
}

#[derive(Clone, Debug, Default, Args)]
#[expect(clippy::struct_field_names, reason = "the names of the options")]
pub(crate) struct NatsArgs {
    #[arg(long, value_name = "FILE")]
    pub(crate) nats_creds: Option<PathBuf>,
    #[arg(long, value_name = "FILE")]
    pub(crate) nats_ca: Option<PathBuf>,
    #[arg(long, value_name = "1|3|5")]
    pub(crate) nats_replicas: Option<usize>,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct ImportArgs {
    #[arg(value_name = "FILE|DIR", required = true)]
    pub(crate) files: Vec<PathBuf>,
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[arg(long)]
    pub(crate) partial: bool,
    #[arg(long, value_name = "ID")]
    pub(crate) load: Option<String>,
    #[arg(long, value_name = "SCHOOL")]
    pub(crate) org: Option<String>,
    #[arg(long, value_name = "REASON")]
    pub(crate) correct: Option<String>,
    #[arg(long, value_name = "DATE")]
    pub(crate) from: Option<Date>,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct CorrectArgs {
    #[arg(value_name = "ENTRY")]
    pub(crate) entry: u64,
    #[arg(long, value_name = "HOURS")]
    pub(crate) hours: Option<String>,
    #[arg(long, value_name = "DATE")]
    pub(crate) from: Option<Date>,
    #[arg(long, value_name = "DATE")]
    pub(crate) to: Option<Date>,
    #[arg(long, value_name = "FIELD=VALUE")]
    pub(crate) set: Vec<String>,
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct VoidArgs {
    #[arg(value_name = "ENTRY")]
    pub(crate) entry: u64,
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
    #[arg(long, value_name = "TEXT")]
    pub(crate) authorised_by: Option<String>,
    #[arg(long)]
    pub(crate) with_corrections: bool,
}

#[derive(Clone, Debug, Default, Args)]
pub(crate) struct AtArgs {
    #[arg(long, value_name = "N", conflicts_with = "as_of")]
    pub(crate) at_size: Option<u64>,
    #[arg(long, value_name = "TIME")]
    pub(crate) as_of: Option<TimeArg>,
    #[arg(long, value_name = "YEAR", conflicts_with_all = ["at_size", "as_of"])]
    pub(crate) official: Option<i16>,
    #[arg(long, value_name = "N")]
    pub(crate) min_size: Option<u64>,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct BalanceArgs {
    #[arg(value_name = "TEACHER")]
    pub(crate) teacher: Option<String>,
    #[arg(long, value_name = "PERIOD")]
    pub(crate) period: Option<PeriodArg>,
    #[command(flatten)]
    pub(crate) at: AtArgs,
    #[arg(long, value_name = "DATE", conflicts_with_all = ["diff_from", "diff_from_time"])]
    pub(crate) until: Option<Date>,
    #[arg(long)]
    pub(crate) explain: bool,
    #[arg(long, value_name = "N", conflicts_with_all = ["diff_from_time", "explain"])]
    pub(crate) diff_from: Option<u64>,
    #[arg(long, value_name = "TIME", conflicts_with = "explain")]
    pub(crate) diff_from_time: Option<TimeArg>,
    #[arg(long, value_name = "FILE", conflicts_with_all = ["diff_from", "diff_from_time"])]
    pub(crate) xlsx: Option<PathBuf>,
    #[arg(long, value_name = "TEXT")]
    pub(crate) purpose: Option<String>,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct TierArgs {
    #[arg(value_name = "TEACHER", conflicts_with = "ready")]
    pub(crate) teacher: Option<String>,
    #[arg(long)]
    pub(crate) ready: bool,
    #[arg(long, value_name = "TITLE", requires = "ready")]
    pub(crate) title: Option<TitleArg>,
    #[arg(long, value_name = "SCHOOL", requires = "ready")]
    pub(crate) school: Option<String>,
    #[arg(long, value_name = "DATE")]
    pub(crate) on: Option<Date>,
    #[command(flatten)]
    pub(crate) at: AtArgs,
    #[arg(long, value_name = "FILE")]
    pub(crate) xlsx: Option<PathBuf>,
    #[arg(long, value_name = "TEXT")]
    pub(crate) purpose: Option<String>,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct ShortfallArgs {
    #[arg(long, value_name = "PERIOD")]
    pub(crate) period: Option<PeriodArg>,
    #[arg(long, value_name = "SCHOOL")]
    pub(crate) school: Option<String>,
    #[arg(long, value_name = "GROUP")]
    pub(crate) group: Option<String>,
    #[arg(long, value_name = "ID")]
    pub(crate) requirement: Option<String>,
    #[arg(long, value_name = "STAGE")]
    pub(crate) stage: Option<StageArg>,
    #[arg(long, value_name = "SUBJECT")]
    pub(crate) subject: Option<String>,
    #[arg(long, value_name = "POST")]
    pub(crate) post: Option<PostArg>,
    #[arg(long, value_name = "FILE")]
    pub(crate) xlsx: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) at: AtArgs,
    #[arg(long, value_name = "TEXT")]
    pub(crate) purpose: Option<String>,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct OrganisationsArgs {
    #[arg(value_name = "TEACHER")]
    pub(crate) teacher: Option<String>,
    #[arg(long, value_name = "SCHOOL")]
    pub(crate) school: Option<String>,
    #[arg(long, value_name = "DATE")]
    pub(crate) on: Option<Date>,
    #[arg(long, value_name = "PERIOD")]
    pub(crate) period: Option<PeriodArg>,
    #[command(flatten)]
    pub(crate) at: AtArgs,
    #[arg(long, value_name = "TEXT")]
    pub(crate) purpose: Option<String>,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct RotationArgs {
    #[arg(value_name = "TEACHER")]
    pub(crate) teacher: Option<String>,
    #[arg(long, value_name = "SCHOOL")]
    pub(crate) school: Option<String>,
    #[arg(long)]
    pub(crate) early: bool,
    #[arg(long, value_name = "DATE")]
    pub(crate) on: Option<Date>,
    #[command(flatten)]
    pub(crate) at: AtArgs,
    #[arg(long, value_name = "TEXT")]
    pub(crate) purpose: Option<String>,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct TopicsArgs {
    #[arg(long, value_name = "YEAR")]
    pub(crate) year: Option<i16>,
    #[arg(long)]
    pub(crate) overdue: bool,
    #[arg(long, value_name = "DATE")]
    pub(crate) on: Option<Date>,
    #[command(flatten)]
    pub(crate) at: AtArgs,
    #[arg(long, value_name = "TEXT")]
    pub(crate) purpose: Option<String>,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct WorksArgs {
    #[arg(long, value_name = "YEAR")]
    pub(crate) year: Option<i16>,
    #[arg(long, value_name = "KIND")]
    pub(crate) kind: Option<WorkKindArg>,
    #[arg(long, value_name = "LEVEL")]
    pub(crate) level: Option<LevelArg>,
    #[arg(long, value_name = "TEACHER")]
    pub(crate) teacher: Option<String>,
    #[command(flatten)]
    pub(crate) at: AtArgs,
    #[arg(long, value_name = "TEXT")]
    pub(crate) purpose: Option<String>,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct QuestionsArgs {
    #[arg(long, value_name = "SEMESTER")]
    pub(crate) semester: Option<String>,
    #[arg(long, value_name = "SUBJECT")]
    pub(crate) subject: Option<String>,
    #[arg(long, value_name = "SCHOOL")]
    pub(crate) school: Option<String>,
    #[arg(long, value_name = "DATE")]
    pub(crate) on: Option<Date>,
    #[command(flatten)]
    pub(crate) at: AtArgs,
    #[arg(long, value_name = "TEXT")]
    pub(crate) purpose: Option<String>,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct ExportArgs {
    #[arg(long, value_name = "YEAR")]
    pub(crate) year: i16,
    #[arg(long, value_name = "SCHOOL")]
    pub(crate) school: Option<String>,
    #[arg(long, value_name = "ID")]
    pub(crate) policy: Option<String>,
    #[arg(long, value_name = "xlsx|csv")]
    pub(crate) format: Option<FormatArg>,
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: PathBuf,
    #[command(flatten)]
    pub(crate) at: AtArgs,
    #[arg(long, value_name = "TEXT")]
    pub(crate) purpose: String,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct InspectionsArgs {
    #[arg(long, value_name = "YEAR")]
    pub(crate) year: Option<i16>,
    #[arg(long, value_name = "SCHOOL")]
    pub(crate) school: Option<String>,
    #[arg(long)]
    pub(crate) open: bool,
    #[arg(long, value_name = "DATE")]
    pub(crate) on: Option<Date>,
    #[command(flatten)]
    pub(crate) at: AtArgs,
    #[arg(long, value_name = "TEXT")]
    pub(crate) purpose: Option<String>,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct SchoolsArgs {
    #[arg(value_name = "NAME")]
    pub(crate) name: Option<String>,
    #[command(flatten)]
    pub(crate) at: AtArgs,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct SessionsArgs {
    #[arg(value_name = "TEXT")]
    pub(crate) text: Option<String>,
    #[arg(long, value_name = "PERIOD", conflicts_with_all = ["from", "to"])]
    pub(crate) period: Option<PeriodArg>,
    #[arg(long, value_name = "DATE")]
    pub(crate) from: Option<Date>,
    #[arg(long, value_name = "DATE")]
    pub(crate) to: Option<Date>,
    #[arg(long, value_name = "SCHOOL")]
    pub(crate) school: Option<String>,
    #[arg(long, value_name = "SESSION", conflicts_with_all = ["text", "period", "from", "to"])]
    pub(crate) attendance: Option<String>,
    #[command(flatten)]
    pub(crate) at: AtArgs,
    #[arg(long, value_name = "TEXT", requires = "attendance")]
    pub(crate) purpose: Option<String>,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct ReadsArgs {
    #[arg(long, value_name = "TEACHER")]
    pub(crate) about: Option<String>,
    #[arg(long, value_name = "TOKEN")]
    pub(crate) by: Option<String>,
    #[arg(long, value_name = "DATE")]
    pub(crate) since: Option<Date>,
    #[arg(long, value_name = "FILE")]
    pub(crate) xlsx: Option<PathBuf>,
    #[arg(long, value_name = "TEXT")]
    pub(crate) purpose: Option<String>,
}

#[derive(Clone, Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "one for each option that is there or not")]
pub(crate) struct LogArgs {
    #[arg(long, value_name = "INDEX", default_value_t = 0)]
    pub(crate) from: u64,
    #[arg(long)]
    pub(crate) follow: bool,
    #[arg(long, value_name = "TEACHER")]
    pub(crate) about: Option<String>,
    #[arg(long, value_name = "N")]
    pub(crate) limit: Option<u64>,
    #[arg(long)]
    pub(crate) late: bool,
    #[arg(long)]
    pub(crate) voided: bool,
    #[arg(long)]
    pub(crate) refused: bool,
    #[arg(long, value_name = "POSTER")]
    pub(crate) by: Option<String>,
    #[arg(long, value_name = "DATE")]
    pub(crate) since: Option<Date>,
    #[arg(long, value_name = "FILE", conflicts_with = "follow")]
    pub(crate) xlsx: Option<PathBuf>,
    #[arg(long, value_name = "TEXT")]
    pub(crate) purpose: Option<String>,
}

#[derive(Clone, Debug, Subcommand)]
pub(crate) enum LoadCommand {
    List {
        #[command(flatten)]
        at: AtArgs,
    },
    Open(LoadOpenArgs),
    Close {
        #[arg(value_name = "LOAD")]
        id: String,
    },
}

#[derive(Clone, Debug, Args)]
pub(crate) struct LoadOpenArgs {
    #[arg(value_name = "LOAD")]
    pub(crate) id: String,
    #[arg(long, value_name = "PERIOD")]
    pub(crate) period: PeriodArg,
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
    #[arg(long, value_name = "TEXT")]
    pub(crate) authorised_by: Option<String>,
}

#[derive(Clone, Debug, Subcommand)]
pub(crate) enum PolicyCommand {
    Check {
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    Adopt {
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    Show {
        #[arg(value_name = "ID[@VERSION]")]
        id: Option<PolicyId>,
        #[command(flatten)]
        at: AtArgs,
    },
    Diff(Box<PolicyDiffArgs>),
}

#[derive(Clone, Debug, Subcommand)]
pub(crate) enum CalendarCommand {
    Check {
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    Diff {
        #[arg(value_name = "FILE")]
        file: PathBuf,
        #[command(flatten)]
        at: AtArgs,
    },
    Adopt {
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    List {
        #[command(flatten)]
        at: AtArgs,
    },
}

#[derive(Clone, Debug, Args)]
pub(crate) struct PolicyDiffArgs {
    #[arg(value_name = "A")]
    pub(crate) before: String,
    #[arg(value_name = "B")]
    pub(crate) after: String,
    #[arg(long, value_name = "PERIOD")]
    pub(crate) period: Option<PeriodArg>,
    #[command(flatten)]
    pub(crate) at: AtArgs,
    #[arg(long, value_name = "FILE", conflicts_with = "json")]
    pub(crate) xlsx: Option<PathBuf>,
    #[arg(long, value_name = "TEXT")]
    pub(crate) purpose: Option<String>,
}

#[derive(Clone, Debug, Subcommand)]
pub(crate) enum PeopleCommand {
    Held {
        #[arg(value_name = "TEACHER")]
        teacher: Option<String>,
        #[arg(long, value_name = "TEXT")]
        purpose: Option<String>,
    },
    Erase {
        #[arg(value_name = "TEACHER")]
        teacher: String,
        #[arg(long, value_name = "TEXT")]
        purpose: String,
    },
    Readmit {
        #[arg(value_name = "TEACHER")]
        teacher: String,
        #[arg(long, value_name = "TEXT")]
        purpose: String,
    },
    RotateKey,
}

#[derive(Clone, Debug, Subcommand)]
pub(crate) enum AuditCommand {
    Replay {
        #[arg(long, value_name = "N")]
        at_size: Option<u64>,
        #[arg(long, value_name = "ROOT")]
        expect: Option<RootArg>,
    },
    Growth {
        #[command(flatten)]
        at: AtArgs,
    },
    Checkpoint {
        #[command(flatten)]
        at: AtArgs,
        #[arg(long)]
        people: bool,
        #[arg(short, long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    Bundle {
        #[arg(long, value_name = "YEAR", required_unless_present = "teacher")]
        year: Option<String>,
        #[arg(long, value_name = "TEACHER")]
        teacher: Option<String>,
        #[command(flatten)]
        at: AtArgs,
        #[arg(long, value_name = "TEXT")]
        purpose: Option<String>,
        #[arg(short, long, value_name = "FILE")]
        output: PathBuf,
    },
    Sample {
        #[arg(value_name = "COUNT")]
        count: usize,
        #[arg(long, value_name = "TEXT")]
        seed: Option<String>,
        #[command(flatten)]
        at: AtArgs,
        #[arg(long, value_name = "TEXT")]
        purpose: Option<String>,
        #[arg(short, long, value_name = "DIR")]
        output: Option<PathBuf>,
    },
    Prove {
        #[arg(value_name = "ENTRY")]
        entry: u64,
        #[command(flatten)]
        at: AtArgs,
        #[arg(long, value_name = "TEXT")]
        purpose: Option<String>,
        #[arg(short, long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    Consistency {
        #[arg(value_name = "OLD")]
        old: u64,
        #[arg(value_name = "NEW")]
        new: Option<u64>,
        #[arg(short, long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    Check {
        #[arg(value_name = "FILE")]
        file: PathBuf,
        #[arg(long = "key", value_name = "KEY|FILE", required = true)]
        keys: Vec<String>,
        #[arg(long, value_name = "FILE")]
        earlier: Option<PathBuf>,
        #[arg(long = "witness", value_name = "KEY|FILE")]
        witnesses: Vec<String>,
    },
    Key,
    RotateKey,
    Witness(WitnessArgs),
}

#[derive(Clone, Debug, Args)]
pub(crate) struct WitnessArgs {
    #[arg(value_name = "DIR")]
    pub(crate) dir: PathBuf,
    #[arg(long = "for", value_name = "KEY|FILE", required = true)]
    pub(crate) keys: Vec<String>,
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    #[arg(long, value_name = "HOST:PORT")]
    pub(crate) listen: Option<String>,
}

#[derive(Clone, Debug, Subcommand)]
pub(crate) enum BusCommand {
    Attach {
        #[arg(value_name = "embedded|nats://HOST:PORT")]
        bus: BusArg,
        #[command(flatten)]
        nats: NatsArgs,
    },
    Show,
}

#[derive(Clone, Debug, Subcommand)]
pub(crate) enum TokenCommand {
    Create(Box<TokenCreateArgs>),
    List {
        #[arg(long, value_name = "FILE")]
        access: Option<PathBuf>,
    },
    Revoke {
        #[arg(value_name = "ID")]
        id: String,
        #[arg(long, value_name = "FILE")]
        access: Option<PathBuf>,
    },
}

#[derive(Clone, Debug, Args)]
pub(crate) struct TokenCreateArgs {
    #[arg(value_name = "ROLE")]
    pub(crate) role: RoleArg,
    #[arg(long, value_name = "ID")]
    pub(crate) id: Option<String>,
    #[command(flatten)]
    pub(crate) scope: ScopeArgs,
    #[arg(long, value_name = "DATE")]
    pub(crate) expires: Option<Date>,
    #[arg(long, value_name = "FILE")]
    pub(crate) access: Option<PathBuf>,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct DoctorArgs {
    #[arg(long, value_name = "FILE")]
    pub(crate) mark: Option<PathBuf>,
    #[arg(long, value_name = "FILE")]
    pub(crate) access: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) tls: TlsArgs,
    #[arg(long, value_name = "nats://HOST:PORT")]
    pub(crate) bus: Option<BusArg>,
    #[arg(long, value_name = "HOST:PORT")]
    pub(crate) monitoring: Option<String>,
    #[command(flatten)]
    pub(crate) nats: NatsArgs,
}
