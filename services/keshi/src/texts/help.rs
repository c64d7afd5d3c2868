//! The help of every command and argument, in both languages. One row each; a test walks the tree and finds each row.
//!
//! Keys: `keshi`; the path of a command, `policy adopt`; its argument, `policy adopt.file`; an option of every command,
//! `.server`.

use keshi_core::lang::Lang;

/// Key, 中文, English.
type Row = (&'static str, &'static str, &'static str);

const ROWS: &[Row] = &[
    ("help-flag", "显示帮助", "Show this help"),
    ("version-flag", "显示版本", "Show the version"),
    (
        "keshi",
        "课时：县级教研室的教师培训课时台账",
        "Keshi: the training-credit ledger of a county education research office",
    ),
    (
        ".server",
        "服务地址，TLS 写作 https://主机:端口（默认本机数据目录中正在运行的服务，其次 127.0.0.1:7610；环境变量 KESHI_SERVER）",
        "Address of the server, with https:// for TLS (default: the one that runs on the data directory, else 127.0.0.1:7610; \
         KESHI_SERVER)",
    ),
    (
        ".ca",
        "服务器证书的签发者证书（PEM），用于 https:// 地址（默认信任系统所信任的；环境变量 KESHI_CA）",
        "Certificates to trust at an https:// address (PEM; default: those that the system trusts; KESHI_CA)",
    ),
    (
        ".token",
        "令牌；- 表示从标准输入读取（直接写在命令行会出现在进程列表中；也可用 --token-file 或环境变量 KESHI_TOKEN）",
        "Token; - reads it from standard input (on the command line others can see it: --token-file or KESHI_TOKEN hide it)",
    ),
    (
        ".token_file",
        "令牌所在的文件（本机默认取机构目录中的 token 文件，只交给在该目录上运行的服务）",
        "File with the token (by default that in the office's directory, for the server that runs on it and no other)",
    ),
    (
        ".data",
        "数据目录（默认 $XDG_DATA_HOME/keshi）。没有服务在运行时，查询直接打开台账",
        "Data directory (default $XDG_DATA_HOME/keshi). Queries open the ledger in it while no server runs",
    ),
    (
        ".people_key",
        "人员档案密钥所在的文件，打开 --data 目录时用（默认取上次所在之处，首次启动在 $XDG_CONFIG_HOME/keshi/people 中建立；环境变量 \
         KESHI_PEOPLE_KEY_FILE，或以 KESHI_PEOPLE_KEY 直接给出密钥）",
        "File with the key of the people register, where the directory of --data is opened (default: where it was last; a first \
         start makes it in $XDG_CONFIG_HOME/keshi/people; KESHI_PEOPLE_KEY_FILE, or the key itself in KESHI_PEOPLE_KEY)",
    ),
    (
        ".signing_key",
        "检查点签名密钥所在的文件，打开 --data 目录时用（默认取上次所在之处，首次启动在 $XDG_CONFIG_HOME/keshi/signing 中建立；环境变量 \
         KESHI_SIGNING_KEY_FILE，或以 KESHI_SIGNING_KEY 直接给出密钥）",
        "File with the key that signs checkpoints, where the directory of --data is opened (default: where it was last; a first \
         start makes it in $XDG_CONFIG_HOME/keshi/signing; KESHI_SIGNING_KEY_FILE, or the key itself in KESHI_SIGNING_KEY)",
    ),
    ("people", "人员档案", "The people register"),
    (
        "people held",
        "列出所存的个人信息：内容、存放处、用途、期限，以及何人查阅过；供本人和教研室",
        "Print what is held about a person: what, where, what for, until when, and who read it; for herself and the office",
    ),
    (
        "people held.teacher",
        "教师编号或姓名（默认本人）",
        "Teacher id or name (default: yourself)",
    ),
    (
        "people held.purpose",
        "事由，记入查阅记录",
        "Purpose, kept in the log of reads",
    ),
    (
        "people erase",
        "删除一人的身份信息并销毁其密钥，无法恢复；台账条目和各项合计不变",
        "Erase a person's identity and destroy its key, for good; entries and totals stay",
    ),
    ("people erase.teacher", "教师编号或姓名", "Teacher id or name"),
    (
        "people erase.purpose",
        "事由，如“本人申请”，记入查阅记录",
        "Why, such as at her own request; kept in the log of reads",
    ),
    (
        "people readmit",
        "允许重新登记已删除的人（原信息不会恢复）",
        "Let somebody who was erased be registered again (what was erased stays so)",
    ),
    ("people readmit.teacher", "教师编号", "Teacher id"),
    (
        "people readmit.purpose",
        "事由，记入查阅记录",
        "Why; kept in the log of reads",
    ),
    (
        "people rotate-key",
        "更换人员档案的密钥（须先停止服务）；中断后再执行一次即可",
        "Change the key of the people register, while no keshi runs; one that was broken off is ended by asking again",
    ),
    (
        ".office",
        "机构编号，即行政区划代码，如 610729（数据目录中只有一个时可省略）",
        "Office code, the division code such as 610729 (not needed where the data directory has one)",
    ),
    (
        ".json",
        "按 protobuf 标准 JSON 格式输出",
        "Print the answer in the standard JSON form of protobuf",
    ),
    (".lang", "界面语言 zh 或 en", "Language of the screen, zh or en"),
    (
        ".timeout",
        "每次请求的时限，秒（默认 10）",
        "Time limit of each request, in seconds (default 10)",
    ),
    ("up", "启动服务", "Run the services"),
    (
        "up.bus",
        "总线：embedded（本进程内，默认）或 NATS 地址",
        "The bus: embedded (in this process, the default) or an address of NATS",
    ),
    (
        "up.roles",
        "本进程承担的角色（默认 intake,ledger；分开时须用 NATS）；console 只提供网页，服务在 --server",
        "What this process does (default intake,ledger; apart they need NATS); console serves the pages alone, over the services at \
         --server",
    ),
    (
        "up.sample",
        "装入样例县（liuba-2022）后运行；自动启用 --dev 和新的数据目录",
        "Load a made-up county (liuba-2022) and run; implies --dev and a fresh data directory",
    ),
    (
        "up.grpc",
        "gRPC 监听地址（默认 127.0.0.1:7610；端口 0 为任意空闲端口）",
        "Address to serve gRPC on (default 127.0.0.1:7610; port 0 takes a free one)",
    ),
    (
        "up.tls_cert",
        "TLS 证书文件（PEM：服务器证书，随后是签发者证书）；文件更换后自动换用",
        "Certificate to serve TLS with (PEM: the server's, then its issuers'); a file put in its place is taken by itself",
    ),
    (
        "up.tls_key",
        "TLS 私钥文件（PEM）",
        "The certificate's private key (PEM)",
    ),
    (
        "up.insecure_plaintext",
        "允许在其他机器可达的地址上不用 TLS（前面另有代理加密时）",
        "Serve without TLS where other machines can reach it (if a proxy before it does that)",
    ),
    (
        "up.http",
        "网页和 JSON 接口的监听地址，默认 127.0.0.1:7611；none 则都不提供。须启用 TLS 才能从其他机器访问",
        "Where pages and JSON over HTTP listen, 127.0.0.1:7611 unless told otherwise; none serves neither. From other machines \
         it needs TLS",
    ),
    (
        "up.proxy",
        "网页前面的反向代理的地址（如 127.0.0.1）：只信它转来的 X-Forwarded-For；代理须启用 TLS",
        "The address of the reverse proxy before the pages (such as 127.0.0.1): X-Forwarded-For is believed from it alone; it has to serve TLS",
    ),
    (
        "up.font",
        "打印证书和学时证明的字体文件或目录，可写多次，前面的先用（默认取 /usr/share/keshi/fonts 和系统的中文字体）",
        "Font for certificates and transcripts, a file or a directory; may be given several times, the first is asked first \
         (default: /usr/share/keshi/fonts and the Chinese fonts of the system)",
    ),
    (
        "up.cors",
        "其网页可凭令牌使用 JSON 接口的其他网站（如 https://oa.example.org），逗号分隔；默认没有",
        "Other sites whose pages may use JSON over HTTP, with a token (such as https://oa.example.org), with commas between; none \
         unless named",
    ),
    (
        "up.backups",
        "系统管理员在网页“运维”上备份时写入的目录，宜在另一块磁盘上；也可随时用 keshi backup 目录",
        "Where an admin's backup from the page of operations is written, best on another disk; keshi backup DIR does it too",
    ),
    (
        "up.scrub",
        "运行中反复重读台账两份副本的速度，每秒多少 KiB（默认 16：一千万条约一天读完一遍；0 为不读）",
        "At what pace both copies of the ledger are read over again while it runs, in KiB a second (default 16: 10,000,000 entries in \
         about a day; 0 reads nothing)",
    ),
    (
        "up.witness",
        "请这个见证会签检查点：地址 http://主机:端口 和其公钥；可写多次",
        "Ask this witness to cosign the checkpoints: her address, http://HOST:PORT, and her public key; may be given several times",
    ),
    (
        "up.metrics",
        "在该地址以 HTTP 提供 Prometheus 指标（/metrics）和就绪状态（/ready）；其中没有姓名和令牌",
        "Serve figures for Prometheus (/metrics) and readiness (/ready) over HTTP here; they hold no names and no tokens",
    ),
    (
        "up.access",
        "令牌所在的文件（默认 <数据目录>/<机构>/access.redb）",
        "File with the tokens (default <data>/<office>/access.redb)",
    ),
    (
        "up.dev",
        "试用：不带令牌的请求可做一切；只能监听本机地址",
        "For trying out: calls without a token may do everything; loopback only",
    ),
    (
        "up.primary",
        "主节点：发回执、答询问（默认）",
        "The primary: sends receipts and answers questions (default)",
    ),
    (
        "up.standby",
        "备节点：只跟随同一条流，不发回执、不答询问",
        "A standby: follows the same stream, sends no receipts and answers no questions",
    ),
    (
        "up.nats_creds",
        "NATS 凭证文件（.creds）",
        "Credentials file for NATS (.creds)",
    ),
    (
        "up.nats_ca",
        "NATS 服务器证书的签发者证书（PEM），并要求 TLS",
        "Certificates to trust at NATS (PEM); also demands TLS",
    ),
    (
        "up.nats_replicas",
        "新建流时的副本数（默认 1）",
        "On how many servers a new stream is kept (default 1)",
    ),
    (
        "sample",
        "写出一个虚构的县：表格、规则、校历、学校和教师名单",
        "Write a made-up county: spreadsheets, policy, calendar, lists of schools and teachers",
    ),
    ("sample.name", "样例名称：liuba-2022", "Name of the sample: liuba-2022"),
    (
        "sample.dir",
        "写到哪个目录（须为空或不存在）",
        "Directory to write to (empty, or not there yet)",
    ),
    (
        "template",
        "写出一种模板：表格（表头、示例、下拉选项和填写说明）、规则或校历；不写名称则列出各种",
        "Write a template: of a sheet (headings, an example, lists to choose from, what to fill in), a policy or a calendar; without a name, list them",
    ),
    (
        "template.name",
        "名称，如 培训、教师、规则-教师、校历",
        "Its name, such as 培训, 教师, 规则-教师 or 校历",
    ),
    (
        "template.file",
        "写到哪个文件（默认为当前目录中以名称命名的文件）",
        "File to write (default: one of that name in the current folder)",
    ),
    (
        "import",
        "导入表格（xlsx 或 csv）、规则或校历（toml）；先整体核对，再逐行入账",
        "Import spreadsheets (xlsx or csv), policies or calendars (toml); checked as a whole, then recorded row by row",
    ),
    (
        "import.files",
        "文件，或目录（按文件名顺序导入其中所有文件）",
        "Files, or directories (all files in them, in the order of their names)",
    ),
    ("import.dry_run", "只核对，不入账", "Only check, record nothing"),
    (
        "import.partial",
        "有错的行先放下，其余照常入账",
        "Leave the rows with mistakes and record the others",
    ),
    (
        "import.load",
        "历史补录批次编号（先用 keshi load open 开启）",
        "Id of the historical load that the rows belong to (keshi load open opens it)",
    ),
    (
        "import.org",
        "提交单位：学校编号（学校管理员可省略）",
        "The posting school's id (a school's clerk need not give it)",
    ),
    (
        "post",
        "提交 JSON 行：每行一个 SubmitRequest，每行答复一个 SubmitResponse",
        "Post JSON lines: one SubmitRequest a line, answered with one SubmitResponse a line",
    ),
    (
        "post.file",
        "文件，或 - 表示标准输入",
        "A file, or - for standard input",
    ),
    (
        "login",
        "登录：核对令牌后把服务地址和令牌存入用户配置目录，以后的命令自动使用（令牌由 --token-file、KESHI_TOKEN 或标准输入给出）",
        "Log in: keep the server and the token for the commands to come, once the server accepts it (the token comes from \
         --token-file, KESHI_TOKEN or standard input)",
    ),
    (
        "login.server",
        "服务地址，TLS 写作 https://主机:端口",
        "Address of the server, with https:// for TLS",
    ),
    (
        "logout",
        "退出：删除所存的服务地址和令牌",
        "Log out: remove the server and the token that were kept",
    ),
    ("balance", "查一位教师的课时", "Show a teacher's balance"),
    (
        "balance.teacher",
        "教师编号、姓名或姓名中的几个字（不写则查令牌对应的教师本人）",
        "The teacher's id, name or a part of it (default: the teacher whose token it is)",
    ),
    (
        "balance.period",
        "期间：2022、2022-2023、2022-2023-1、2022-09 或 2021..2025（默认本年）",
        "Period: 2022, 2022-2023, 2022-2023-1, 2022-09 or 2021..2025 (default: this year)",
    ),
    (
        "*.at_size",
        "按台账前 N 条时的情形",
        "As the ledger of N entries had it",
    ),
    (
        "*.as_of",
        "按当时已入账的情形（只写日期指当天结束时）",
        "As recorded up to this time (a bare date means the day's end)",
    ),
    (
        "*.official",
        "按某年封账（或最近一次重述）时的情形",
        "As the last closing or restatement of this year has it",
    ),
    (
        "*.min_size",
        "先等台账达到 N 条（读到自己刚提交的）",
        "Wait until the ledger has N entries (to read your own posting)",
    ),
    (
        "balance.until",
        "只计这一天（含）以前发生的，如 2022-06-30；与何时入账无关",
        "Count only what had happened by the end of this day, such as 2022-06-30, whenever it was recorded",
    ),
    (
        "balance.explain",
        "列出每一笔：申报、折算、封顶扣减、计入，未计的注明原因",
        "List every entry: what was asked, converted, cut by caps and counted, and why not",
    ),
    (
        "balance.diff_from",
        "与台账前 N 条时相比，列出有哪些变化及原因",
        "List what changed, and why, since the ledger had N entries",
    ),
    (
        "balance.diff_from_time",
        "与当时相比，列出有哪些变化及原因（只写日期指当天结束时）",
        "List what changed, and why, since this time (a bare date means the day's end)",
    ),
    (
        "balance.xlsx",
        "另存为可打印、可签字的表格（xlsx）；已有的同名文件被替换",
        "Write it to this xlsx file as well, ready to be printed and signed; a file of that name is replaced",
    ),
    (
        "balance.purpose",
        "查询事由，记入查阅记录",
        "Why you ask, for the log of reads",
    ),
    (
        "tier",
        "查一位教师的称号、每个下一步和还缺的条件，或谁已具备条件",
        "Show a teacher's titles, every next step and what is missing for it; or who fulfils one",
    ),
    (
        "tier.teacher",
        "教师编号、姓名或姓名中的几个字（不写则查令牌对应的教师本人）",
        "The teacher's id, name or a part of it (default: the teacher whose token it is)",
    ),
    (
        "tier.ready",
        "改为列出谁已具备下一步的条件，以及各级称号现有多少人",
        "List who fulfils a next step instead, and how many hold each title",
    ),
    (
        "tier.title",
        "只列这一称号，如 市级教学能手（与 --ready 同用）",
        "Only this title, such as 市级教学能手 (with --ready)",
    ),
    (
        "tier.school",
        "只看一所学校（与 --ready 同用）",
        "Only this school (with --ready)",
    ),
    ("tier.on", "按哪一天（默认今天）", "On which day (default: today)"),
    (
        "tier.xlsx",
        "另存为可打印、可签字的表格（xlsx）；已有的同名文件被替换",
        "Write it to this xlsx file as well, ready to be printed and signed; a file of that name is replaced",
    ),
    (
        "tier.purpose",
        "查询事由，记入查阅记录",
        "Why you ask, for the log of reads",
    ),
    (
        "shortfall",
        "列出谁还差多少，差得多的在前",
        "List who is short and by how much, most missing first",
    ),
    (
        "shortfall.period",
        "期间：2022、2022-2023、2022-2023-1、2022-09 或 2021..2025（默认本年）",
        "Period: 2022, 2022-2023, 2022-2023-1, 2022-09 or 2021..2025 (default: this year)",
    ),
    ("shortfall.school", "只看一所学校", "Only this school"),
    ("shortfall.group", "只看一个片区", "Only this group of schools"),
    (
        "shortfall.requirement",
        "只看一项要求，如 R1",
        "Only this requirement, such as R1",
    ),
    (
        "shortfall.stage",
        "只看一个学段，如 初中",
        "Only teachers of this stage, such as junior",
    ),
    (
        "shortfall.subject",
        "只看一个学科，如 小学语文",
        "Only teachers of this subject, as they are registered",
    ),
    (
        "shortfall.post",
        "只看一种岗位，如 专职教研员",
        "Only those who hold this post in the period, such as researcher",
    ),
    (
        "shortfall.xlsx",
        "另存为表格（xlsx），数字可求和；已有的同名文件被替换",
        "Write the list to this xlsx file as well, numbers as numbers; a file of that name is replaced",
    ),
    (
        "shortfall.purpose",
        "查询事由，记入查阅记录",
        "Why you ask, for the log of reads",
    ),
    (
        "log",
        "按顺序列出台账的条目：何时入账、谁、什么事、现在是否有效；--json 每行一个 JSON",
        "List the ledger's entries in order: when, who, what, and whether they stand; --json: one JSON object a line",
    ),
    ("log.late", "只列补登的", "Only entries posted late"),
    (
        "log.voided",
        "只列已作废或已更正的",
        "Only entries that were voided or corrected",
    ),
    (
        "log.refused",
        "只列不予入账或冲突的",
        "Only entries that were refused or in conflict",
    ),
    (
        "log.by",
        "只列某个令牌提交的（编号见 keshi token list）",
        "Only entries posted by this token (its id, as keshi token list shows it)",
    ),
    (
        "log.since",
        "只列这一天起入账的（北京时间）",
        "Only entries recorded on this day or later (China Standard Time)",
    ),
    (
        "log.from",
        "从第几条起（自 0 数起）",
        "Index of the first entry (counted from 0)",
    ),
    (
        "log.follow",
        "列完后继续等新的条目",
        "Go on with new entries as they are recorded",
    ),
    (
        "log.about",
        "只列与某位教师有关的（编号、姓名或姓名中的几个字）",
        "Only entries about this teacher (id, name or a part of it)",
    ),
    ("log.limit", "至多列多少条", "At most so many entries"),
    (
        "log.xlsx",
        "另存为可打印、可签字的表格（xlsx）；已有的同名文件被替换",
        "Write it to this xlsx file as well, ready to be printed and signed; a file of that name is replaced",
    ),
    (
        "log.purpose",
        "查询事由，记入查阅记录",
        "Why you ask, for the log of reads",
    ),
    (
        "reads",
        "列出查阅记录：谁在何时查了谁的什么、哪个期间、为什么（系统管理员、审计）",
        "List the log of reads: who read about whom, of which period, and why (admin and auditor)",
    ),
    (
        "reads.about",
        "只列查阅某位教师的（编号、姓名或姓名中的几个字）",
        "Only reads about this teacher (id, name or a part of it)",
    ),
    (
        "reads.by",
        "只列某个令牌的查阅（编号见 keshi token list）",
        "Only reads by this token (its id, as keshi token list shows it)",
    ),
    (
        "reads.since",
        "只列这一天起的（北京时间）",
        "Only reads on this day or later (China Standard Time)",
    ),
    (
        "reads.xlsx",
        "另存为可打印、可签字的表格（xlsx）；已有的同名文件被替换",
        "Write it to this xlsx file as well, ready to be printed and signed; a file of that name is replaced",
    ),
    (
        "reads.purpose",
        "查询事由，记入查阅记录",
        "Why you ask, for the log of reads",
    ),
    (
        "import.correct",
        "把上次导入后改过的行作为更正入账，并写明理由",
        "Record rows that were changed since they were imported as corrections, for this reason",
    ),
    (
        "import.from",
        "“教师”表是新学年名册：与台账不同的任职和档案自这一天起变动，名册中没有的教师列出",
        "The sheet 教师 is the new year's roster: posts and records that differ change from this day on, and who is missing in it is listed",
    ),
    (
        "correct",
        "更正一条记录：另记一条取而代之，原记录仍可查",
        "Correct an entry: another takes its place, and the original stays on record",
    ),
    (
        "correct.entry",
        "记录序号（导入结果和 keshi log 中可见）",
        "Index of the entry, as import and keshi log show it",
    ),
    (
        "correct.hours",
        "正确的课时数或节数",
        "The right number of hours or lessons",
    ),
    ("correct.from", "正确的开始日期", "The right first day"),
    ("correct.to", "正确的结束日期", "The right last day"),
    (
        "correct.set",
        "其他字段的正确值，字段名同 keshi log --json 的输出，可重复",
        "Another field and its right value, named as keshi log --json shows it; may be repeated",
    ),
    ("correct.reason", "更正的原因（不写个人信息）", "Why (no personal data)"),
    (
        "void",
        "作废一条记录：如同从未提交",
        "Void an entry, as though it had never been posted",
    ),
    ("void.entry", "记录序号", "Index of the entry"),
    ("void.reason", "作废的原因（不写个人信息）", "Why (no personal data)"),
    (
        "void.authorised_by",
        "批准作废的职务或文号",
        "Role or document that authorised it",
    ),
    (
        "void.with_corrections",
        "连同取代它的更正一并作废",
        "Void the corrections that took its place, too",
    ),
    (
        "load",
        "历史补录：列出、开启、结束（后两项由县级审核员办理）",
        "Historical loads: list, open, close (the county reviewer opens and closes)",
    ),
    (
        "load list",
        "列出历史补录批次：期间、是否结束、由谁开启、有效条数",
        "List the historical loads: period, whether closed, by whom opened, entries that have effect",
    ),
    (
        "load open",
        "为过去的期间开启补录批次；导入时用 --load 写明它，入账的行标为补录",
        "Open a load for a past period; rows imported with --load name it and are marked so",
    ),
    (
        "load open.id",
        "批次编号，自己起名，如 bulu-2021",
        "Id of the load, of your choice, such as load-2021",
    ),
    (
        "load open.period",
        "所补的期间：2022、2022-2023、2022-09 或 2018..2022；未结束的期间到今天为止",
        "The period it is for: 2022, 2022-2023, 2022-09 or 2018..2022; one under way ends today",
    ),
    ("load open.reason", "补录的原因", "Why it is needed"),
    (
        "load open.authorised_by",
        "批准依据，如发文字号",
        "What authorised it, such as a document's number",
    ),
    (
        "load close",
        "结束补录批次，此后不再接收",
        "Close a load; it takes nothing more",
    ),
    ("load close.id", "批次编号", "Id of the load"),
    (
        "cert",
        "证书：发证、补发、作废、登记簿、核验",
        "Certificates: issue, issue again, void, list, check",
    ),
    (
        "cert issue",
        "凭台账记录发证；编号由台账按年连续给出，同样的命令再运行一次不会重复发证",
        "Issue certificates on entries; the ledger numbers them without gaps, and the same command again issues nothing twice",
    ),
    (
        "cert issue.entries",
        "所依据的台账序号（keshi log 可查）；涉及几位教师的，每人一张",
        "Entries that they rest on (keshi log shows them); one certificate for each teacher that an entry is about",
    ),
    (
        "cert issue.teacher",
        "只给这位教师（编号、姓名或姓名中的几个字）",
        "Only for this teacher (id, name or a part of it)",
    ),
    (
        "cert issue.text",
        "证明事项（默认用记录的内容）",
        "What it attests (by default the entry in words)",
    ),
    ("cert issue.on", "发证日期（默认今天）", "Day of issue (default: today)"),
    (
        "cert issue.old_number",
        "统一编号以前的旧证书上的编号",
        "Number on an old paper, from before the office numbered them",
    ),
    (
        "cert reissue",
        "补发遗失的证书：编号不变，标明补几",
        "Issue a lost certificate again: the same number, with the count of copies",
    ),
    (
        "cert reissue.number",
        "证书编号，照纸面或 LJYZ-2022-0017-9",
        "Number of the certificate, as on paper or LJYZ-2022-0017-9",
    ),
    ("cert reissue.reason", "补发的原因", "Why it is issued again"),
    (
        "cert void",
        "作废证书；编号不再使用",
        "Void a certificate; its number is not given again",
    ),
    (
        "cert void.number",
        "证书编号，照纸面或 LJYZ-2022-0017-9",
        "Number of the certificate, as on paper or LJYZ-2022-0017-9",
    ),
    ("cert void.reason", "作废的原因", "Why it is void"),
    (
        "cert void.authorised_by",
        "批准依据，如发文字号",
        "What authorised it, such as a document's number",
    ),
    (
        "cert list",
        "列出证书登记簿：编号、姓名、种类、证明事项、日期、状态",
        "List the register of certificates: numbers, names, kinds, what they attest, days, states",
    ),
    (
        "cert list.teacher",
        "只列这位教师的（编号、姓名或姓名中的几个字）",
        "Only this teacher's (id, name or a part of it)",
    ),
    (
        "cert list.school",
        "只列发证当天在这所学校的教师的（学校编号）",
        "Only of teachers who stood at this school on the day of issue (its id)",
    ),
    ("cert list.year", "只列这一年发的", "Only those issued in this year"),
    (
        "cert list.state",
        "只列这种状态的：有效、有效（补发）、作废待回收、作废",
        "Only in this state: valid, reissued, to-be-recalled, void",
    ),
    (
        "cert list.purpose",
        "查询事由，记入查阅记录",
        "Why you ask, for the log of reads",
    ),
    (
        "cert pdf",
        "把证书打印成 PDF（PDF/A-2a，一个文件至多 1000 张），二维码通向核验页",
        "Print certificates as PDF (PDF/A-2a, at most 1,000 in one file), with a code that leads to the check",
    ),
    (
        "cert pdf.numbers",
        "证书编号，可写多个；不写则按条件打印全部有效的",
        "Numbers of the certificates; without any, all valid ones that the conditions name",
    ),
    (
        "cert pdf.teacher",
        "只打印这位教师的（编号、姓名或姓名中的几个字）",
        "Only this teacher's (id, name or a part of it)",
    ),
    (
        "cert pdf.school",
        "只打印发证当天在这所学校的教师的（学校编号）",
        "Only of teachers who stood at this school on the day of issue (its id)",
    ),
    ("cert pdf.year", "只打印这一年发的", "Only those issued in this year"),
    (
        "cert pdf.state",
        "只打印这种状态的：有效、有效（补发）",
        "Only in this state: valid, reissued",
    ),
    (
        "cert pdf.output",
        "写到这个文件；已有的同名文件被替换",
        "Write it to this file; a file of that name is replaced",
    ),
    (
        "cert pdf.check",
        "核验页的网址，如 https://主机/check/，印在二维码里；不写则二维码只含编号",
        "Address of the page of checks, such as https://HOST/check/, for the code; without it the code is the number alone",
    ),
    (
        "cert pdf.font",
        "字体文件或目录，可写多次，前面的先用（默认取 /usr/share/keshi/fonts 和系统的中文字体）",
        "Font, a file or a directory; may be given several times, the first is asked first (default: /usr/share/keshi/fonts and \
         the Chinese fonts of the system)",
    ),
    (
        "cert pdf.purpose",
        "打印事由，记入查阅记录",
        "Why it is printed, for the log of reads",
    ),
    (
        "cert transcript",
        "把一位教师的学时证明打印成 PDF：期间内计入的每一条",
        "Print a teacher's transcript as PDF: every entry that is counted in a period",
    ),
    (
        "cert transcript.teacher",
        "教师（编号、姓名或姓名中的几个字；默认为令牌所属的教师）",
        "The teacher (id, name or a part of it; default: whoever asks)",
    ),
    (
        "cert transcript.period",
        "期间：2022、2022-2023、2022-2023-1、2022-09 或 2021..2025（默认今年）",
        "The period: 2022, 2022-2023, 2022-2023-1, 2022-09 or 2021..2025 (default: this year)",
    ),
    (
        "cert transcript.output",
        "写到这个文件；已有的同名文件被替换",
        "Write it to this file; a file of that name is replaced",
    ),
    (
        "cert transcript.font",
        "字体文件或目录，可写多次，前面的先用",
        "Font, a file or a directory; may be given several times, the first is asked first",
    ),
    (
        "cert transcript.purpose",
        "打印事由，记入查阅记录",
        "Why it is printed, for the log of reads",
    ),
    (
        "cert check",
        "核验一个编号：是否有效、发证单位、日期、种类，姓名隐去中间的字；不需令牌",
        "Check one number: whether it is valid, issuer, day, kind, and the name with its middle masked; needs no token",
    ),
    (
        "cert check.number",
        "证书编号，照纸面或 LJYZ-2022-0017-9",
        "Number of the certificate, as on paper or LJYZ-2022-0017-9",
    ),
    (
        "review",
        "申报与审核：列出、提交、初审、审核、退回、公示、异议、入账",
        "Claims: list, submit, check, return, publish, object, credit",
    ),
    (
        "review list",
        "列出可以查看的申报，等候最久的在前",
        "List the claims that you may read, those that have waited longest first",
    ),
    (
        "review list.stage",
        "只列这一环节，可重复：submitted、school_checked、county_checked、publicity、credited、returned、rejected",
        "Only this stage, may be repeated: submitted, school_checked, county_checked, publicity, credited, returned, rejected",
    ),
    (
        "review list.school",
        "只列这所学校的教师",
        "Only teachers of this school",
    ),
    ("review list.teacher", "只列这位教师", "Only this teacher"),
    (
        "review list.kind",
        "只列含有这类记录的，如 lesson_given",
        "Only those with an event of this kind, such as lesson_given",
    ),
    (
        "review list.waiting",
        "只列在当前环节已等候这么多天的",
        "Only those that have stood so many days where they stand",
    ),
    (
        "review show",
        "一项申报：内容、经过、异议，以及您现在可以办理的步骤",
        "One claim: what is claimed, its history, objections, and the steps that you may take now",
    ),
    ("review show.claim", "申报编号", "Id of the claim"),
    (
        "review submit",
        "提交申报：文件为 SubmitClaimsRequest 的 JSON",
        "Submit claims: the file is a SubmitClaimsRequest as JSON",
    ),
    ("review submit.file", "JSON 文件", "The JSON file"),
    (
        "review submit.attach",
        "随申报附上的佐证材料（PDF 或图片，每份至多 10 MiB）；可写多次，只用于一项申报",
        "Evidence that goes with the claim (PDF or a picture, up to 10 MiB each); may be given several times, with one claim only",
    ),
    (
        "review evidence",
        "把一项申报的佐证材料存到目录里",
        "Save the evidence behind a claim in a directory",
    ),
    ("review evidence.claim", "申报编号", "Id of the claim"),
    (
        "review evidence.to",
        "存到哪个目录；不写为当前目录",
        "The directory; the current one if not said",
    ),
    (
        "review evidence.purpose",
        "查询事由，记入查阅记录",
        "Why you ask, for the log of reads",
    ),
    (
        "review list.purpose",
        "查询事由，记入查阅记录",
        "Why you ask, for the log of reads",
    ),
    (
        "review show.purpose",
        "查询事由，记入查阅记录",
        "Why you ask, for the log of reads",
    ),
    (
        "review check.by",
        "办理人的教师编号（只用于 --dev 的服务）",
        "Teacher id of who does it (only with a server run with --dev)",
    ),
    (
        "review return.by",
        "办理人的教师编号（只用于 --dev 的服务）",
        "Teacher id of who does it (only with a server run with --dev)",
    ),
    (
        "review reject.by",
        "办理人的教师编号（只用于 --dev 的服务）",
        "Teacher id of who does it (only with a server run with --dev)",
    ),
    (
        "review credit.by",
        "办理人的教师编号（只用于 --dev 的服务）",
        "Teacher id of who does it (only with a server run with --dev)",
    ),
    (
        "review publish.by",
        "办理人的教师编号（只用于 --dev 的服务）",
        "Teacher id of who does it (only with a server run with --dev)",
    ),
    (
        "review end.by",
        "办理人的教师编号（只用于 --dev 的服务）",
        "Teacher id of who does it (only with a server run with --dev)",
    ),
    (
        "review object.by",
        "办理人的教师编号（只用于 --dev 的服务）",
        "Teacher id of who does it (only with a server run with --dev)",
    ),
    (
        "review decide.by",
        "办理人的教师编号（只用于 --dev 的服务）",
        "Teacher id of who does it (only with a server run with --dev)",
    ),
    (
        "review check",
        "通过下一步审核：学校初审，或县级审核",
        "Approve the next check: the school's, or the county's",
    ),
    ("review check.claims", "申报编号，可多个", "Ids of claims"),
    ("review check.reason", "意见", "A remark"),
    (
        "review return",
        "退回修改，须写明原因",
        "Return to be mended, with the reason",
    ),
    ("review return.claims", "申报编号，可多个", "Ids of claims"),
    ("review return.reason", "要改什么", "What is to be mended"),
    (
        "review reject",
        "不通过，须写明原因；不能再提交",
        "Reject for good, with the reason",
    ),
    ("review reject.claims", "申报编号，可多个", "Ids of claims"),
    ("review reject.reason", "原因", "Why"),
    (
        "review credit",
        "公示期满后入账",
        "Credit after the publicity has ended",
    ),
    ("review credit.claims", "申报编号，可多个", "Ids of claims"),
    ("review credit.reason", "意见", "A remark"),
    (
        "review publish",
        "开始公示；不写截止日的，按规则的工作日数和校历推算",
        "Begin a publicity; without a last day, the earliest by the policy's working days and the calendar",
    ),
    (
        "review publish.batch",
        "批次编号，自己起名",
        "Id of the batch, of your choice",
    ),
    (
        "review publish.claims",
        "申报编号，至多 100 个",
        "Ids of claims, at most 100",
    ),
    (
        "review publish.from",
        "第一天（默认今天）",
        "First day (default: today)",
    ),
    ("review publish.to", "最后一天", "Last day"),
    (
        "review end",
        "办理公示期满（最后一天的次日起）",
        "End a publicity, from the day after its last",
    ),
    ("review end.batch", "批次编号", "Id of the batch"),
    (
        "review object",
        "对公示中的一项提出异议",
        "Object to one claim in publicity",
    ),
    ("review object.claim", "申报编号", "Id of the claim"),
    ("review object.reason", "异议内容", "What is objected"),
    ("review object.batch", "批次编号", "Id of the batch"),
    (
        "review object.from_outside",
        "记录外人向教研室反映的异议",
        "Note what somebody from outside told the office",
    ),
    (
        "review decide",
        "处理异议：成立或不成立",
        "Decide an objection: upheld or dismissed",
    ),
    ("review decide.claim", "申报编号", "Id of the claim"),
    (
        "review decide.objection",
        "异议编号（只有一项时可省略）",
        "Id of the objection (not needed if there is one)",
    ),
    (
        "review decide.upheld",
        "异议成立：该项须退回或不通过",
        "Upheld: the claim goes back or is rejected",
    ),
    ("review decide.dismissed", "异议不成立", "Dismissed"),
    ("review decide.reason", "核实情况", "What was found"),
    (
        "merge",
        "合并重复档案：列出、合并、撤销（由县级审核员办理，本人的除外）",
        "Persons who were registered twice: list, merge, reverse (for a county reviewer, not about herself)",
    ),
    (
        "merge list",
        "列出哪些编号并入了哪个编号",
        "List which ids stand merged into which",
    ),
    (
        "merge list.teacher",
        "只列这位教师的编号",
        "Only the ids of this teacher",
    ),
    ("merge list.all", "已撤销的合并也列出", "Also merges that were reversed"),
    (
        "merge list.purpose",
        "查询事由，记入查阅记录",
        "Why you ask, for the log of reads",
    ),
    (
        "merge into",
        "合并：从此以后，有关这些编号的记录都算在保留的编号上",
        "Merge: from here on whatever names these ids counts for the one that is kept",
    ),
    ("merge into.kept", "保留的编号", "The id that is kept"),
    (
        "merge into.dropped",
        "并入的编号，可多个",
        "The ids that are dropped for it",
    ),
    (
        "merge into.reason",
        "怎样查明是同一人",
        "How it was found that they are one",
    ),
    (
        "merge into.by",
        "办理人的教师编号（只用于 --dev 的服务）",
        "Teacher id of who does it (only with a server run with --dev)",
    ),
    (
        "merge reverse",
        "撤销合并：各编号恢复到各自的记录",
        "Reverse a merge: each id stands for itself again",
    ),
    ("merge reverse.kept", "保留的编号", "The id that was kept"),
    (
        "merge reverse.dropped",
        "曾并入的编号，可多个",
        "The ids that were dropped",
    ),
    ("merge reverse.reason", "为什么不是同一人", "Why they are not one"),
    (
        "merge reverse.by",
        "办理人的教师编号（只用于 --dev 的服务）",
        "Teacher id of who does it (only with a server run with --dev)",
    ),
    (
        "overlap",
        "重复待定：可能是同一次培训报了两遍的出勤，列出并核定（其中一条不对的，用 keshi void 作废）",
        "Attendance that may be one course posted twice: list, and decide (void what is wrong with keshi void)",
    ),
    (
        "overlap list",
        "列出日期重叠、机构相同或相近的成对出勤",
        "List pairs of attendance on the same days, of one provider or of names alike",
    ),
    ("overlap list.teacher", "只列这位教师", "Only this teacher"),
    ("overlap list.all", "已核定的也列出", "Also those that were decided"),
    (
        "overlap list.purpose",
        "查询事由，记入查阅记录",
        "Why you ask, for the log of reads",
    ),
    (
        "overlap accept",
        "核定两条都对，不再列为待定",
        "Say that both are right; they are listed no more",
    ),
    ("overlap accept.teacher", "教师编号", "Teacher id"),
    ("overlap accept.first", "一条的条目号", "Number of the one entry"),
    ("overlap accept.second", "另一条的条目号", "Number of the other entry"),
    ("overlap accept.reason", "核实情况", "What was found"),
    (
        "overlap accept.by",
        "办理人的教师编号（只用于 --dev 的服务）",
        "Teacher id of who does it (only with a server run with --dev)",
    ),
    (
        "organisations",
        "列出片区、学科基地、工作室、联系点和专家库：负责人、成员、学校、任期、期间场次",
        "List groups of schools, subject bases, studios, linked schools and expert pools: leads, members, schools, terms, sessions of a period",
    ),
    (
        "organisations.teacher",
        "只看这位教师所在的（编号或姓名）",
        "Only those of this teacher (id or name)",
    ),
    (
        "organisations.school",
        "只看这所学校所在的（编号）",
        "Only those of this school (id)",
    ),
    (
        "organisations.purpose",
        "查阅事由，记入查阅记录",
        "Why, for the log of reads",
    ),
    (
        "organisations.on",
        "按哪一天（默认今天）",
        "On which day (default: today)",
    ),
    (
        "organisations.period",
        "场次数按哪个期间，如 2022（默认当年）",
        "Of which period the sessions are counted, such as 2022 (default: the day's year)",
    ),
    (
        "rotation",
        "列出轮岗、交流、借调、支教：已满和最少月数、期满日、谁未满",
        "List rotation, exchange, secondment and support teaching: months done and due, and who ends early",
    ),
    (
        "rotation.teacher",
        "只看这位教师（编号或姓名）",
        "Only this teacher's (id or name)",
    ),
    (
        "rotation.school",
        "只看在这所学校的（编号）",
        "Only posts at this school (id)",
    ),
    ("rotation.early", "只看未满的", "Only those that end early"),
    ("rotation.on", "按哪一天（默认今天）", "On which day (default: today)"),
    (
        "rotation.purpose",
        "查阅事由，记入查阅记录",
        "Why, for the log of reads",
    ),
    (
        "topics",
        "列出课题：立项、开题、中期、结题，以及各年各级在研、逾期、结题数",
        "List research topics: approval, opening, mid-term check, conclusion, and how many by year and level",
    ),
    ("topics.year", "只看这一年立项的", "Only those approved in this year"),
    (
        "topics.overdue",
        "只看中期逾期的",
        "Only those overdue for the mid-term check",
    ),
    ("topics.on", "按哪一天（默认今天）", "On which day (default: today)"),
    ("topics.purpose", "查阅事由，记入查阅记录", "Why, for the log of reads"),
    (
        "works",
        "列出成果：同一成果的发表和各次获奖并列，哪一项计件、各人计入多少课时，以及各年各级一、二、三等奖件数",
        "List works: publications and prizes of one beside each other, which counts and what it brings whom, and how many won which \
         prize by year and level",
    ),
    (
        "works.year",
        "只看这一年发表或获奖的",
        "Only those published or won in this year",
    ),
    (
        "works.kind",
        "只看有这类记录的：成果获奖、赛教获奖、发表",
        "Only those with entries of this kind: prize for the work, prize in a competition, published",
    ),
    (
        "works.level",
        "只看这个级别的，如 地市级",
        "Only those of this level, such as city",
    ),
    (
        "works.teacher",
        "只看这位教师的（编号或姓名）",
        "Only this teacher's (id or name)",
    ),
    ("works.purpose", "查阅事由，记入查阅记录", "Why, for the log of reads"),
    (
        "export",
        "按全国教师管理信息系统（国内培训）的栏目和顺序导出一年的培训，含身份证件号码；学时学分取整，余数和未导出的人另列",
        "Export a year's training in the columns of the national teacher system (国内培训), with ID numbers; whole hours alone, what is \
         left over and who is left out in a list of their own",
    ),
    ("export.year", "培训年度，如 2022", "The year, such as 2022"),
    (
        "export.school",
        "只导出当年曾在该校任职的教师（编号）；学校管理员默认本校",
        "Only teachers who stood at this school in the year (id); a clerk's own by default",
    ),
    (
        "export.policy",
        "按这项规则计算（编号）；默认各人适用的规则",
        "As this policy counts (id); by default the one that each stands under",
    ),
    (
        "export.format",
        "xlsx（默认，余数在第二张表）或 csv（余数另写一个文件）；默认按文件名的结尾",
        "xlsx (default, with what is left over in a second sheet) or csv (with that in a second file); by default as the file's name ends",
    ),
    (
        "export.output",
        "写到这个文件，只有本人可读；已有的同名文件被替换",
        "Write it to this file, readable by you only; a file of that name is replaced",
    ),
    (
        "export.purpose",
        "事由，必填；导出的每个人都在查阅记录中记一行",
        "What for, needed: each person who is exported leaves a line in the log of reads",
    ),
    (
        "questions",
        "列出订单式教研的需求：问的学校数、安排的场次、评分、状态，问得最多的在前",
        "List questions of ordered research: how many schools ask, the planned session, ratings and stage, the most asked first",
    ),
    (
        "questions.semester",
        "只看这一学期的（写作 2022-2023-1）",
        "Only those of this semester (written as 2022-2023-1)",
    ),
    ("questions.subject", "只看这一学科的", "Only those of this subject"),
    (
        "questions.school",
        "只看这所学校问的（编号）",
        "Only what this school asks (id)",
    ),
    ("questions.on", "按哪一天（默认今天）", "On which day (default: today)"),
    (
        "questions.purpose",
        "查阅事由，记入查阅记录",
        "Why, for the log of reads",
    ),
    (
        "inspections",
        "列出教学视导：各校的发现、整改期限、复查和状态，最近的在前",
        "List teaching inspections: what was found at which school, until when it is to change, and whether it did, the latest first",
    ),
    ("inspections.year", "只看这一年的", "Only those of this year"),
    (
        "inspections.school",
        "只看这所学校的（编号）",
        "Only those at this school (id)",
    ),
    ("inspections.open", "只看还要整改的", "Only what is still to change"),
    (
        "inspections.on",
        "按哪一天（默认今天）",
        "On which day (default: today)",
    ),
    (
        "inspections.purpose",
        "查阅事由，记入查阅记录",
        "Why, for the log of reads",
    ),
    (
        "schools",
        "列出学校名录：编号、名称、学段、乡镇、片区、起止、并入哪所学校",
        "List the register of schools: ids, names, stages, townships, groups, days, and in which school one goes on",
    ),
    (
        "schools.name",
        "名称中的几个字（默认全部）",
        "A part of the name (default: all)",
    ),
    (
        "sessions",
        "列出场次，最近的在前：项目、类别、日期、学时、地点，是否改期或取消；--attendance 列出一场的出勤",
        "List sessions, the latest first: project, level, days, hours, place, whether moved or cancelled; --attendance lists \
         who was at one",
    ),
    (
        "sessions.text",
        "项目名称或编号中的几个字（默认全部）",
        "A part of the project's name, or of an id (default: all)",
    ),
    (
        "sessions.period",
        "期间：2022、2022-2023、2022-2023-1、2022-09 或 2021..2025（默认全部）",
        "Period: 2022, 2022-2023, 2022-2023-1, 2022-09 or 2021..2025 (default: all)",
    ),
    ("sessions.from", "从这一天起", "From this day on"),
    ("sessions.to", "到这一天为止", "Up to this day"),
    (
        "sessions.school",
        "只看这所学校提交的场次；与 --attendance 同用时，只看这所学校的教师",
        "Only sessions that this school posted; with --attendance, only this school's teachers",
    ),
    (
        "sessions.attendance",
        "这一场的出勤：姓名、学时、考核结果和条目",
        "Who was at this session: name, hours, result and entry",
    ),
    (
        "sessions.purpose",
        "查询事由，记入查阅记录",
        "Why you ask, for the log of reads",
    ),
    (
        "calendar",
        "校历：核对、比较、发布、列出",
        "School calendars: check, compare, adopt, list",
    ),
    (
        "calendar check",
        "核对校历文件，列出全部错误及其位置（不需要台账）",
        "Check a calendar file, and list all its mistakes with their places (no ledger needed)",
    ),
    ("calendar check.file", "校历文件（TOML）", "Calendar file (TOML)"),
    (
        "calendar diff",
        "比较：文件会改变台账中的哪些学期、牵涉多少条记录（不发布）",
        "Compare: which semesters of the ledger a file would change, and how many entries that touches (nothing is adopted)",
    ),
    ("calendar diff.file", "校历文件（TOML）", "Calendar file (TOML)"),
    (
        "calendar adopt",
        "发布校历；有学期变动的，先提醒牵涉多少条记录",
        "Adopt a calendar; where semesters move, it says first how many entries that touches",
    ),
    ("calendar adopt.file", "校历文件（TOML）", "Calendar file (TOML)"),
    (
        "calendar list",
        "列出已发布的校历：学年、学期、起止日期、教学周数",
        "List the calendars adopted: school year, semesters, first and last days, teaching weeks",
    ),
    ("policy", "规则：核对、发布、查看", "Policies: check, adopt, show"),
    (
        "policy check",
        "核对规则或校历文件，列出全部错误及其位置（不需要台账）",
        "Check a policy or calendar file, and list all its mistakes with their places (no ledger needed)",
    ),
    (
        "policy check.file",
        "规则或校历文件（TOML）",
        "Policy or calendar file (TOML)",
    ),
    ("policy adopt", "发布规则或校历", "Adopt a policy or a calendar"),
    (
        "policy adopt.file",
        "规则或校历文件（TOML）",
        "Policy or calendar file (TOML)",
    ),
    (
        "policy show",
        "列出已发布的规则；给出编号则打印其全文",
        "List the policies adopted; with an id, print its document",
    ),
    (
        "policy show.id",
        "规则编号，或 编号@版本（默认最新的一版）",
        "Id of the policy, or id@version (default: the newest version)",
    ),
    (
        "policy diff",
        "试算：换用另一规则或版本，谁会变为达标或未达标、差额增减多少（不发布）",
        "Try out: who would be met or short, and by how much, under another policy or version (nothing is adopted)",
    ),
    (
        "policy diff.before",
        "现行规则：编号、编号@版本，或规则文件",
        "The policy to compare with: an id, id@version, or a file",
    ),
    (
        "policy diff.after",
        "要试的规则：编号、编号@版本，或规则文件；单独一版视为在整个期间有效",
        "The policy to try: an id, id@version, or a file; one version is taken to be in force for the whole period",
    ),
    (
        "policy diff.period",
        "期间：2022、2022-2023、2022-2023-1、2022-09 或 2021..2025（默认本年）",
        "Period: 2022, 2022-2023, 2022-2023-1, 2022-09 or 2021..2025 (default: this year)",
    ),
    (
        "policy diff.xlsx",
        "把变化写成 Excel 文件，屏幕上只显示合计",
        "Write the changes to an Excel file, and only the counts to the screen",
    ),
    (
        "policy diff.purpose",
        "查询事由，记入查阅记录",
        "Why you ask, for the log of reads",
    ),
    (
        "year",
        "年度：现状、年度报告、封账、重述",
        "A year: how it stands, its report, closing and restating it",
    ),
    (
        "year show",
        "查看某年的封账情况、还没有办完的，以及封账后有变化的（待重述）",
        "Print how a year stands: closed or not, what is not done, and what is other than when it was closed",
    ),
    ("year show.year", "年度，如 2022", "The year, such as 2022"),
    (
        "year report",
        "年度报告：各项指标（精确值、表述、依据的条目数）、逐级推荐、教研员达标、分表、需要核对的地方",
        "The annual report: every figure exactly and in words with how many entries are behind it, funnels, researchers, tables, and what does not fit together",
    ),
    ("year report.year", "年度，如 2022", "The year, such as 2022"),
    (
        "year report.format",
        "格式：text（默认）、json、xlsx、html、pdf、docx；省略时按文件名",
        "Form: text (the default), json, xlsx, html, pdf or docx; by the file's name where it is not said",
    ),
    ("year report.output", "写入的文件", "File to write"),
    (
        "year report.font",
        "PDF 用的字体文件或目录，可写多次",
        "Font for the PDF, a file or a directory; may be given several times",
    ),
    (
        "year report.purpose",
        "事由，记入查阅记录（报告列出教研员姓名）",
        "Purpose, kept in the log of reads: the report names researchers",
    ),
    (
        "year entries",
        "列出一项指标所依据的条目",
        "List the entries behind a figure",
    ),
    ("year entries.year", "年度，如 2022", "The year, such as 2022"),
    (
        "year entries.figure",
        "指标编号，如 trained（keshi year report --format json 列出全部）",
        "The figure's id, such as trained (keshi year report --format json lists all)",
    ),
    (
        "year close",
        "封账：以台账现有内容为某年的官方数据；须先发布指标口径，年度须已过完",
        "Close a year at what the ledger has now; the year has to be over and definitions of figures adopted",
    ),
    ("year close.year", "年度，如 2022", "The year, such as 2022"),
    (
        "year restate",
        "重述：把已封账年度的官方数据改为现在的，并逐项列出旧值、新值和依据",
        "Make official what is known now of a closed year, and print old value, new value and the entries between",
    ),
    ("year restate.year", "年度，如 2022", "The year, such as 2022"),
    (
        "year restate.reason",
        "为什么重述，如“补报两所学校的送教”",
        "Why, such as two schools posted late",
    ),
    (
        "figures",
        "年度报告的指标口径：检查、发布、查看",
        "Definitions of the annual report's figures: check, adopt, show",
    ),
    (
        "figures check",
        "检查口径文件，不连接服务",
        "Check a document of definitions, without a server",
    ),
    (
        "figures check.file",
        "口径文件（TOML；keshi template 口径 可写出一份）",
        "Document of definitions (TOML; keshi template 口径 writes one)",
    ),
    ("figures adopt", "发布口径", "Adopt definitions"),
    ("figures adopt.file", "口径文件", "Document of definitions"),
    (
        "figures show",
        "列出已发布的口径，或打印其中一版",
        "List adopted definitions, or print one version",
    ),
    ("figures show.number", "版本号", "Version"),
    (
        "receipt",
        "存下回执：自己提交的每个事件在台账之中的证明，日后凭公钥即可核对",
        "Keep receipts: of each event that you posted the proof that it is in the ledger, which anybody checks later with the public key",
    ),
    (
        "receipt.events",
        "事件编号，或存有编号（每行一个）的文件",
        "Events' ids, or files with one in each line",
    ),
    ("receipt.output", "写入该目录", "Write them into this directory"),
    ("audit", "审计", "Audit"),
    (
        "audit replay",
        "从第 0 条起重算全部余额和树根，与台账所答的比较；不符则退出码为 4",
        "Recompute all balances and the root from entry 0 and compare them with what is served; exit code 4 if they differ",
    ),
    (
        "audit replay.expect",
        "重算的树根应为此值：检查点第三行，或 64 位十六进制数；不符则退出码为 4",
        "What root the replay is to come to, as it stands on a checkpoint or in hexadecimal digits; exit code 4 if it is another",
    ),
    (
        "audit growth",
        "台账逐月的条数和月末树根，由条目算出；与 keshi audit replay --at-size 所算的相同",
        "Month by month: how many entries there are and the root at its end, computed from the entries; the same that keshi audit replay --at-size finds",
    ),
    (
        "audit witness",
        "为别处的台账作见证：只会签由此前所签延续而来的检查点（C2SP tlog-witness），记录和密钥存于该目录",
        "Be a witness of somebody else's ledger: cosign only checkpoints that go on from those cosigned before (C2SP tlog-witness); what \
         was cosigned and the key are kept in the directory",
    ),
    (
        "audit witness.dir",
        "见证的目录（首次启动时建立），不得退回旧副本",
        "The witness's directory, made by the first start; it must never be put back to an older copy",
    ),
    (
        "audit witness.keys",
        "台账的公钥，或存有它的文件（对方的 keshi audit key）；可写多次",
        "The ledger's public key, or a file with it (their keshi audit key); may be given several times",
    ),
    (
        "audit witness.name",
        "密钥的名字，如 city.example/教研（首次启动时定下）",
        "The name of the key, such as city.example/witness; the first start settles it",
    ),
    (
        "audit witness.listen",
        "监听地址（默认 127.0.0.1:7620）",
        "Address to listen on (default 127.0.0.1:7620)",
    ),
    (
        "audit check.witnesses",
        "见证的公钥，或存有它的文件：检查点须有其会签；可写多次",
        "A witness's public key, or a file with it: the checkpoint has to bear her cosignature; may be given several times",
    ),
    (
        "audit checkpoint",
        "给出检查点：台账的条数和树根，由教研室签名；请存到别处，以后可证明台账由此延续",
        "Print a checkpoint: how many entries the ledger has and under which root, signed by the office; kept elsewhere it shows later \
         that the ledger went on from there",
    ),
    (
        "audit checkpoint.people",
        "连同各人条目的根（逐人的条数和哈希）；存下它，以后可证明个人卷宗没有遗漏",
        "With the root over what there is about each person; kept, it shows later that a person's bundle leaves nothing out",
    ),
    (
        "audit bundle",
        "写出卷宗：一年的全部条目和余额，或一人的条目和所依据的，连同签名和证明；只凭公钥用 keshi-verify 即可核对",
        "Write a bundle: all entries and balances of a year, or those of one person with what they rest on, signed and proved; keshi-verify \
         checks it with the public key alone",
    ),
    (
        "audit bundle.year",
        "余额所属年份：2022，或学年 2022-2023（个人卷宗默认今年）",
        "The year of the balances: 2022, or 2022-2023 for a school year (default for a person: this year)",
    ),
    (
        "audit bundle.teacher",
        "只要此人的条目：教师编号或姓名",
        "Only the entries about this person: teacher id or name",
    ),
    (
        "audit bundle.purpose",
        "查阅事由，记入查阅记录",
        "Why you read the entries; kept in the log of reads",
    ),
    ("audit bundle.output", "写入该文件", "Write it to this file"),
    (
        "audit sample",
        "随机抽取条目与学校的纸质材料比对：按公开的种子抽取，谁都能重抽，各附证明",
        "Draw entries at random, to be compared with the schools' paper: by a public seed, so that everybody can draw them again, each with \
         its proof",
    ),
    ("audit sample.count", "抽取条数", "How many entries"),
    (
        "audit sample.seed",
        "种子，任何文字，如存下检查点之后公布的号码（默认检查点的树根）",
        "The seed, any text, such as a number published after the checkpoint was kept (default: the checkpoint's root)",
    ),
    (
        "audit sample.purpose",
        "查阅事由，记入查阅记录",
        "Why you read the entries; kept in the log of reads",
    ),
    (
        "audit sample.output",
        "把各条的证明写入该目录",
        "Write the entries' proofs into this directory",
    ),
    (
        "audit checkpoint.output",
        "写入该文件（默认输出到屏幕）",
        "Write it to this file (default: print it)",
    ),
    (
        "audit prove",
        "证明一条在台账之中：给出条目、哈希路径和检查点，任何人凭公钥即可用 keshi audit check 核对",
        "Prove that an entry is in the ledger: the entry, the path of hashes and the checkpoint, which whoever has the public key checks \
         with keshi audit check",
    ),
    ("audit prove.entry", "条目序号", "Index of the entry"),
    (
        "audit prove.purpose",
        "查阅事由，记入查阅记录",
        "Why you read the entry; kept in the log of reads",
    ),
    (
        "audit prove.output",
        "写入该文件（默认输出到屏幕）",
        "Write it to this file (default: print it)",
    ),
    (
        "audit consistency",
        "证明台账由 OLD 条延续为 NEW 条，其间没有删改",
        "Prove that the ledger of OLD entries went on to NEW, with nothing taken out or changed",
    ),
    (
        "audit consistency.old",
        "较早的条数，即所存检查点的条数",
        "The older size, that of a checkpoint you kept",
    ),
    (
        "audit consistency.new",
        "较晚的条数（默认现有全部）",
        "The newer size (default: all there are)",
    ),
    (
        "audit consistency.output",
        "写入该文件（默认输出到屏幕）",
        "Write it to this file (default: print it)",
    ),
    (
        "audit check",
        "核对所存的检查点、证明、回执或卷宗：只凭公钥，不连服务；不符则退出码为 4",
        "Check a checkpoint, proof, receipt or bundle that was kept, with the public key alone and no server; exit code 4 if it does not verify",
    ),
    (
        "audit check.file",
        "检查点、证明、回执或卷宗所在的文件",
        "File with the checkpoint, proof, receipt or bundle",
    ),
    (
        "audit check.keys",
        "教研室的公钥，或存有它（每行一把）的文件；可给出几把，如更换前后的。已更换的后面加 @ 和更换时的条数",
        "The office's public key, or a file with one in each line; several may be given, such as that of before a change, which is followed by @ \
         and the size at which that was",
    ),
    (
        "audit check.earlier",
        "先前存下的检查点：核对台账是否由它延续而来",
        "A checkpoint that was kept before: check that the ledger goes on from it",
    ),
    (
        "audit key",
        "列出签署检查点的公钥，含已更换的",
        "List the public keys that sign checkpoints, also those of before",
    ),
    (
        "audit rotate-key",
        "更换签署检查点的密钥（先停止服务）；旧公钥仍列出",
        "Change the key that signs checkpoints (stop keshi first); the public key of before stays listed",
    ),
    (
        "token",
        "令牌：新建、列出、撤销（直接改本机的令牌，服务运行与否均可）",
        "Tokens: create, list, revoke (those on this machine, whether a server runs or not)",
    ),
    (
        "token create",
        "新建令牌并显示一次；文件中只存其 SHA-256",
        "Create a token and show it once; only its SHA-256 is kept",
    ),
    (
        "token create.role",
        "身份：teacher clerk head_teacher lead researcher reviewer auditor registry_reader admin",
        "Role: teacher clerk head_teacher lead researcher reviewer auditor registry_reader admin",
    ),
    (
        "token create.id",
        "令牌编号（a-z 0-9 -），记入台账；不写则自动生成。不得含个人信息",
        "Id of the token (a-z 0-9 -), which stands in the ledger; made up if not given. No personal data",
    ),
    (
        "rights.school",
        "学校编号（clerk、head_teacher 必填）",
        "School (a clerk and a head teacher need it)",
    ),
    (
        "rights.teacher",
        "本人的教师编号（teacher、researcher 必填）",
        "The holder's own teacher id (a teacher and a researcher need it)",
    ),
    ("rights.bases", "负责的学科基地", "Subject bases led"),
    ("rights.studios", "主持的工作室", "Studios led"),
    ("rights.subjects", "可查阅的学科", "Subjects whose teachers may be read"),
    (
        "rights.groups",
        "可查阅的片区",
        "Groups of schools whose teachers may be read",
    ),
    (
        "token create.expires",
        "有效期的最后一天",
        "Last day on which it is good",
    ),
    (
        "token create.access",
        "令牌所在的文件（默认 <数据目录>/<机构>/access.redb）",
        "File with the tokens (default <data>/<office>/access.redb)",
    ),
    ("token list", "列出令牌", "List the tokens"),
    (
        "token list.access",
        "令牌所在的文件（默认 <数据目录>/<机构>/access.redb）",
        "File with the tokens (default <data>/<office>/access.redb)",
    ),
    (
        "token revoke",
        "撤销令牌，正在运行的服务同时生效",
        "Revoke a token, with running servers too",
    ),
    ("token revoke.id", "令牌编号", "Id of the token"),
    (
        "token revoke.access",
        "令牌所在的文件（默认 <数据目录>/<机构>/access.redb）",
        "File with the tokens (default <data>/<office>/access.redb)",
    ),
    (
        "account",
        "账号：新建、列出、改权限、重置密码、停用、查登录（经服务办理，需系统管理员）",
        "Accounts: create, list, change, reset, close, sign-ins (through the services; an admin's)",
    ),
    (
        "account create",
        "新建账号，显示一次性代码；本人凭代码登录并设密码，14 天内有效",
        "Create an account and show its one-time code, with which its holder signs in and sets a password within 14 days",
    ),
    (
        "account create.id",
        "账号（a-z 0-9 -），登录用，也记入台账；不写则取教师编号的小写，或自动生成。不得含个人信息",
        "Id (a-z 0-9 -) to sign in with, which stands in the ledger; else the teacher's in small letters, or made up. No personal data",
    ),
    (
        "account create.for_school",
        "为该校现任教师每人建一个（身份 teacher）；已有账号的不再建",
        "One for each teacher now at this school (role teacher); who has one gets no other",
    ),
    (
        "account create.note",
        "备注，如所在科室；不得含个人信息",
        "A note, such as whose desk it is; no personal data",
    ),
    (
        "account create.role",
        "身份：teacher clerk head_teacher lead researcher reviewer auditor registry_reader admin",
        "Role: teacher clerk head_teacher lead researcher reviewer auditor registry_reader admin",
    ),
    ("account list", "列出账号", "List the accounts"),
    (
        "account change",
        "改身份和范围（须写全），立即生效",
        "Give another role and scope (whole), which counts at once",
    ),
    ("account change.id", "账号", "The account"),
    (
        "account change.role",
        "身份：teacher clerk head_teacher lead researcher reviewer auditor registry_reader admin",
        "Role: teacher clerk head_teacher lead researcher reviewer auditor registry_reader admin",
    ),
    (
        "account create.slips",
        "另写出一张可打印、裁开分发的 A4 网页（仅本用户可读）",
        "Also write an A4 page to print, cut and hand out (readable by you only)",
    ),
    (
        "account create.url",
        "写在纸条上的登录网址",
        "Address to sign in at, to stand on the slips",
    ),
    (
        "account reset",
        "重置密码：显示新的一次性代码，旧密码作废，已登录的全部退出",
        "Reset: show a new one-time code; the password is void, all sessions end",
    ),
    ("account reset.id", "账号", "The account"),
    (
        "account reset.slips",
        "另写出一张可打印、裁开分发的 A4 网页（仅本用户可读）",
        "Also write an A4 page to print, cut and hand out (readable by you only)",
    ),
    (
        "account reset.url",
        "写在纸条上的登录网址",
        "Address to sign in at, to stand on the slips",
    ),
    (
        "account close",
        "停用账号，已登录的立即退出；不能再启用",
        "Close an account for ever; its sessions end at once",
    ),
    ("account close.id", "账号", "The account"),
    (
        "account signins",
        "登录记录：谁在何时从哪里登录，谁没登上；不写账号则为全部",
        "Who signed in when and from where, and who failed to; without an account, all",
    ),
    ("account signins.id", "账号", "The account"),
    ("account signins.since", "从这一天起", "From this day on"),
    (
        "account changes",
        "账号变更记录：谁在何时建、改、重置、停用；不写账号则为全部",
        "What was changed about accounts, when and by whom; without an account, all",
    ),
    ("account changes.id", "账号", "The account"),
    (
        "compact",
        "停止服务后，由条目重新写出台账的全部文件，逐项比较无误再替换；用于换新格式或换一套新文件，一般不省空间",
        "While no keshi runs: put all files of the ledger together anew from its entries, compare everything, and exchange them; the way to \
         a new format and to files of one make, rarely to smaller ones",
    ),
    (
        "backup",
        "备份台账、人员登记、令牌和账号：台账只复制上次以来的新内容，逐条校验；keshi 运行时也可以",
        "Back up the ledger (only what is new), the people register, tokens and accounts, and verify every entry; also while keshi runs",
    ),
    (
        "backup.dir",
        "备份目录（空的、尚不存在的，或上次的）",
        "Directory of the backup (empty, not there yet, or that of the last one)",
    ),
    (
        "restore",
        "由备份恢复台账（须没有台账），逐条校验；没有的人员登记和令牌也一并恢复",
        "Make the ledger from a backup, where there is none, and people register, tokens and accounts if they are gone; every entry is verified",
    ),
    ("restore.dir", "备份目录", "Directory of the backup"),
    (
        "doctor",
        "检查数据目录、台账、令牌、时钟和 NATS",
        "Examine the data directory, the ledger, tokens and accounts, the clock and NATS",
    ),
    (
        "doctor.mark",
        "与保存在数据目录之外的标记比较，查出整个目录是否退回过；无误则改记现状",
        "Compare with a mark kept outside the data directory, which tells whether that was rolled back as a whole; if not, move the mark on",
    ),
    (
        "doctor.access",
        "令牌所在的文件（默认 <数据目录>/<机构>/access.redb）",
        "File with the tokens (default <data>/<office>/access.redb)",
    ),
    (
        "doctor.tls_cert",
        "检查该 TLS 证书：是否与私钥相符、是否到期",
        "Examine this TLS certificate: whether it fits its key, and how long it is good",
    ),
    ("doctor.tls_key", "该证书的私钥", "That certificate's private key"),
    ("doctor.bus", "检查这个 NATS", "Examine this NATS"),
    (
        "doctor.monitoring",
        "NATS 的监控地址，用于核对 sync_interval",
        "Monitoring address of NATS, to check sync_interval",
    ),
    (
        "doctor.nats_creds",
        "NATS 凭证文件（.creds）",
        "Credentials file for NATS (.creds)",
    ),
    (
        "doctor.nats_ca",
        "NATS 服务器证书的签发者证书（PEM），并要求 TLS",
        "Certificates to trust at NATS (PEM); also demands TLS",
    ),
    (
        "doctor.nats_replicas",
        "流应有的副本数（默认 1）",
        "On how many servers the stream should be kept (default 1)",
    ),
    (
        "bus",
        "总线：台账跟随哪一个，改接到另一个",
        "The bus: which one the ledger follows, and moving it to another",
    ),
    (
        "bus attach",
        "把停着的台账改接到另一条总线：新的流从台账末尾接起，旧的流不再跟随",
        "Move a stopped ledger to another bus: a new stream goes on where the ledger ends, the old one is left",
    ),
    (
        "bus attach.bus",
        "embedded（不再跟随流）或 NATS 地址",
        "embedded (follow no stream any more) or an address of NATS",
    ),
    (
        "bus attach.nats_creds",
        "NATS 凭证文件（.creds）",
        "Credentials file for NATS (.creds)",
    ),
    (
        "bus attach.nats_ca",
        "NATS 服务器证书的签发者证书（PEM），并要求 TLS",
        "Certificates to trust at NATS (PEM); also demands TLS",
    ),
    (
        "bus attach.nats_replicas",
        "新的流保存在几台服务器上（默认 1）",
        "On how many servers the new stream is kept (default 1)",
    ),
    (
        "bus show",
        "显示台账跟随哪一条总线",
        "Show which bus the ledger follows",
    ),
    (
        "completions",
        "输出命令补全脚本",
        "Print a completion script for a shell",
    ),
    (
        "completions.shell",
        "哪种 shell：bash、zsh、fish、elvish、powershell",
        "Shell: bash, zsh, fish, elvish or powershell",
    ),
    ("help", "显示命令的帮助", "Show the help of a command"),
    ("help.command", "命令", "The command"),
];

const AFTER: &[Row] = &[
    (
        "keshi",
        "先试一试：keshi up --sample liuba-2022\n退出码：0 完成，1 被拒或失败，2 用法有误，3 连不上服务，4 台账或证明校验不符，5 已接收、尚未入账",
        "To try it: keshi up --sample liuba-2022\n\
         Exit codes: 0 done, 1 refused or failed, 2 usage, 3 not reachable, 4 the ledger or a proof does not \
         verify, 5 accepted and not yet recorded",
    ),
    (
        "import",
        "同一文件再次导入，只会得到“重复”，台账不变。有错的表格旁会写出 <文件名>-核对.xlsx，注明每行的原因和办法。",
        "The same file again gives only duplicates and changes nothing. Beside a sheet with mistakes a copy \
         <name>-核对.xlsx is written, with the reason and remedy of each row.",
    ),
];

/// Arguments of many commands that mean the same in each: where in the log something is asked.
const SHARED: [&str; 4] = ["at_size", "as_of", "official", "min_size"];

/// What limits a role means the same for a token and an account.
const RIGHTS: [&str; 6] = ["school", "teacher", "bases", "studios", "subjects", "groups"];
const RIGHTS_OF: [&str; 3] = ["token create", "account create", "account change"];

/// The key of an argument.
pub(crate) fn key(path: &str, id: &str, is_global: bool) -> String {
    if is_global {
        format!(".{id}")
    } else if SHARED.contains(&id) {
        format!("*.{id}")
    } else if RIGHTS_OF.contains(&path) && RIGHTS.contains(&id) {
        format!("rights.{id}")
    } else {
        format!("{path}.{id}")
    }
}

/// The row of a key.
pub(crate) fn find(key: &str) -> Option<&'static Row> {
    ROWS.iter().find(|row| row.0 == key)
}

/// All keys.
#[cfg(test)]
pub(crate) fn keys() -> impl Iterator<Item = &'static str> {
    ROWS.iter().map(|row| row.0)
}

/// The text of a key; the key itself if it has none, which a test forbids.
pub(crate) fn text(key: &str, lang: Lang) -> String {
    find(key).map_or_else(|| key.to_owned(), |row| lang.pick(row.1, row.2).to_owned())
}

/// What follows the arguments of a command.
pub(crate) fn after(key: &str, lang: Lang) -> Option<&'static str> {
    AFTER.iter().find(|row| row.0 == key).map(|row| lang.pick(row.1, row.2))
}
