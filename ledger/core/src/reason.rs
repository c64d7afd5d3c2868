//! Why an event was not simply recorded, in words a clerk would use, with the remedy.
//!
//! Codes are stored in entries for ever: never renumber, never reuse.

use crate::lang::Lang;

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident = $code:literal {
        zh: $zh:literal, $zh_remedy:literal,
        en: $en:literal, $en_remedy:literal,
    })*) => {
        /// The reason's kind.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum ReasonCode { $($(#[$doc])* $name = $code,)* }

        impl ReasonCode {
            /// All codes.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The stored number.
            pub const fn code(self) -> i32 {
                self as u8 as i32
            }

            /// The reason with this number.
            pub const fn from_code(code: i32) -> Option<Self> {
                match code {
                    $($code => Some(Self::$name),)*
                    _ => None,
                }
            }

            /// The name for machines (`google.rpc.ErrorInfo.reason`, `--json`).
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)* }
            }

            const fn texts(self, lang: Lang) -> (&'static str, &'static str) {
                match (self, lang) {
                    $((Self::$name, Lang::Zh) => ($zh, $zh_remedy),
                      (Self::$name, Lang::En) => ($en, $en_remedy),)*
                }
            }
        }
    };
}

reasons! {
    /// No person of this id is registered.
    UnknownTeacher = 1 {
        zh: "教师 {value} 未建档", "由其学校或教研室先为该教师建档（或改正教师编号），再重新提交本行",
        en: "teacher {value} is not registered", "let her school or the office register the teacher (or correct the id), then send this row again",
    }
    /// No school of this id is registered.
    UnknownSchool = 2 {
        zh: "学校 {value} 不在本县学校名录中", "由教研室先登记该学校（或改正学校编号），再重新提交本行",
        en: "school {value} is not in the county's register", "let the office register the school (or correct the id), then send this row again",
    }
    /// It has not happened yet.
    FutureDate = 3 {
        zh: "日期 {value} 晚于今天", "改正日期；尚未发生的活动请在结束后提交",
        en: "the date {value} lies in the future", "correct the date, or send it once it has happened",
    }
    /// The historical load was never opened.
    UnknownLoad = 4 {
        zh: "历史补录 {value} 未开启", "请县级审核员先开启该补录批次，再重新提交",
        en: "historical load {value} has not been opened", "ask the county reviewer to open it, then send this again",
    }
    /// The historical load is closed.
    LoadClosed = 5 {
        zh: "历史补录 {value} 已结束", "请县级审核员开启新的补录批次",
        en: "historical load {value} is closed", "ask the county reviewer to open a new load",
    }
    /// The date lies outside the historical load.
    OutsideLoad = 6 {
        zh: "日期 {value} 不在补录批次的期间内", "改正日期，或换用包含该日期的补录批次",
        en: "the date {value} lies outside the historical load's period", "correct the date, or name a load that contains it",
    }
    /// Another event of the atomic submission was refused.
    AtomicOther = 7 {
        zh: "同一批（整批提交）中有其他行不予入账", "改正那些行，然后整批重新提交",
        en: "another event of this atomic submission was refused", "correct that one, then send the whole submission again",
    }
    /// The message or event does not decode.
    Unreadable = 8 {
        zh: "内容无法解读（SHA-256 {value}）", "检查发送程序的版本，重新生成后再提交",
        en: "it cannot be read as an event (SHA-256 {value})", "check the sending program's version and send it anew",
    }
    /// A field's value is not allowed.
    InvalidField = 9 {
        zh: "{field} 的值 {value} 不合要求", "改正该字段后重新提交",
        en: "{field} may not be {value}", "correct the field, then send it again",
    }
    /// A void was to be voided.
    VoidOfVoid = 10 {
        zh: "{value} 本身是作废记录，不能再作废", "如需恢复，请以新的事件编号重新提交原内容",
        en: "{value} is itself a void and cannot be voided", "to bring the content back, post it anew under a new event id",
    }
    /// This kind of event carries others and cannot be voided.
    NotVoidable = 11 {
        zh: "{value} 是建档、学校、文件、证书或补录类记录，不能这样作废", "教师离任请登记离任；学校撤并、规则新版本、证书作废由教研室登记",
        en: "{value} is a registration, document, certificate or load and cannot be voided so", "end an assignment instead; closing a school, a new version of a policy and voiding a certificate are for the office",
    }
    /// It is voided already, by another event.
    AlreadyVoided = 12 {
        zh: "{value} 已作废", "无需再次作废",
        en: "{value} is voided already", "nothing more is needed",
    }
    /// The document's parts are not all in the same submission, or do not match the hash.
    DocumentMissing = 13 {
        zh: "文件 {value} 的内容不全或校验不符", "用 keshi policy adopt 重新提交整个文件",
        en: "the document {value} is incomplete or does not match its hash", "send the whole document again, with keshi policy adopt",
    }
    /// The document does not say what it should.
    DocumentInvalid = 14 {
        zh: "文件有误：{value}", "按提示修改文件后重新提交",
        en: "the document has a mistake: {value}", "mend the document, then adopt it again",
    }
    /// The policy version exists already.
    VersionTaken = 15 {
        zh: "规则版本 {value} 已发布", "把版本号加一后再发布",
        en: "policy version {value} is adopted already", "raise the version number, then adopt it",
    }
    /// The policy version begins in the past.
    Backdated = 16 {
        zh: "新版本自 {value} 起生效，早于今天", "生效日期改为今天或以后；确需追溯的，在文件中写明 retroactive = true",
        en: "the version would take effect on {value}, which is past", "let it begin today or later, or say retroactive = true in the document",
    }
    /// What it refers to has not arrived.
    WaitingFor = 17 {
        zh: "{field} {value} 尚未登记，登记后自动生效", "由举办单位或教研室提交该{field}；无需重新提交本行",
        en: "waiting for {field} {value}, and takes effect when it arrives", "whoever held it, or the office, posts that; this row need not be sent again",
    }
    /// The id is taken by another content.
    ContentDiffers = 18 {
        zh: "同一事件编号已有不同内容：{field} 不同（原记录第 {index} 条）", "若是更正，请提交更正（keshi correct {index}，或导入时加 --correct 理由）；若是误用编号，请换新编号",
        en: "the event id is taken by other content: {field} differs from entry {index}", "if it is a correction, post it as one (keshi correct {index}, or import with --correct REASON); if the id was reused by mistake, use a new one",
    }
    /// The event is larger than 4 KiB encoded.
    TooLarge = 19 {
        zh: "内容 {value} 字节，超过 4096 字节", "缩短备注或拆成几条提交",
        en: "the event has {value} bytes, at most 4096 are allowed", "shorten its texts or split it",
    }
    /// It refers to a record of another kind, or to another teacher's.
    WrongTarget = 20 {
        zh: "{field} {value} 不是所需类别的记录，或属于其他教师", "核对编号后重新提交",
        en: "{field} {value} is a record of another kind or of another teacher", "check the id, then send it again",
    }
    /// The same atomic submission holds the id twice, with other content.
    RepeatedOtherwise = 21 {
        zh: "同一批中事件编号 {value} 出现两次，内容不同：{field} 不同", "保留正确的一条（或换用新编号），然后整批重新提交",
        en: "the event id {value} stands twice in this submission, and {field} differs", "keep the right one (or use a new id), then send the whole submission again",
    }
    /// The historical load was opened before.
    LoadTaken = 22 {
        zh: "历史补录 {value} 已开启过", "换用新的补录编号",
        en: "historical load {value} was opened before", "use a new load id",
    }
    /// The person is registered already, with other data.
    RegisteredOtherwise = 23 {
        zh: "教师 {value} 已建档{at}，内容不同", "核对教师编号；编号无误而原记录有误的，提交更正（keshi correct {index}，或导入时加 --correct 理由）",
        en: "teacher {value} is registered already, with other data{at}", "check the id; if it is right and the record is wrong, post a correction (keshi correct {index}, or import with --correct REASON)",
    }
    /// The post would end before it began.
    EndsBeforeStart = 24 {
        zh: "离任日期 {value} 早于到任日期{at}", "改正离任日期后重新提交；如到任日期有误，请先作废原任职",
        en: "the last day {value} lies before the first day in post{at}", "correct the last day, then send it again; if the first day is wrong, void that assignment first",
    }
    /// The post has ended already.
    EndedAlready = 25 {
        zh: "该任职已于 {value} 结束{at}", "日期无误则无需再提交；如需更正，请先作废原离任，再提交新的离任",
        en: "the post has ended already, on {value}{at}", "nothing more is needed, or void that end first and then post the right end",
    }
    /// The schools would follow one another in a circle.
    SuccessionInCircle = 26 {
        zh: "承接学校 {value} 本身已并入本次撤并的学校，前后成环", "核对承接学校；原撤并登记有误的，请先作废",
        en: "school {value} was itself followed by a school that ends here: they would follow one another in a circle", "check the successor; if the earlier closing is wrong, void that first",
    }
    /// No adopted policy has the requirement.
    RuleNotAdopted = 27 {
        zh: "已发布的规则中没有要求 {value}，含有它的规则发布后自动生效", "核对要求编号；规则由教研室发布，编号无误则无需重新提交本行",
        en: "no adopted policy has the requirement {value}; it takes effect when one is adopted", "check the requirement's id; the office adopts policies, so if the id is right this row need not be sent again",
    }
    /// The clock that stamped the submission cannot be right.
    ClockNotCredible = 40 {
        zh: "收到时服务器时钟为 {value}，与台账的时间相差过远", "请管理员校正服务器时钟（keshi doctor 可检查），再重新提交",
        en: "the server's clock said {value}, too far from the ledger's own time", "ask IT to set the server's clock right (keshi doctor checks it), then send this again",
    }
    /// It must be the only event of its submission.
    NotAlone = 41 {
        zh: "这类记录必须单独提交", "单独提交这一条，再提交其他各条",
        en: "it must be posted by itself", "post it alone, then the others",
    }
    /// The ledger's time is not ahead of the clock.
    ClockNotAhead = 42 {
        zh: "台账的时间并不晚于服务器时钟（{value}），无需校时", "无需再做什么；时钟不对的，请管理员先校正服务器时钟",
        en: "the ledger's time is not ahead of the server's clock ({value})", "nothing needs correcting; if the clock is wrong, ask IT to set it right first",
    }
    /// Another event cannot take its place.
    NotCorrectable = 43 {
        zh: "这类记录不能更正", "规则和校历请发布新版本；作废、补录、校时请另行提交",
        en: "this kind of entry cannot be corrected", "adopt a new version of a policy or calendar; post voids, loads and corrections of the clock anew",
    }
    /// What is to be corrected is void.
    CorrectsVoid = 44 {
        zh: "要更正的 {value} 已作废{at}", "如需恢复，请以新的事件编号重新提交，不写 supersedes",
        en: "{value}, which this would correct, is void{at}", "to bring it back, post it anew under a new event id, without supersedes",
    }
    /// Another event has taken the place of what is to be corrected.
    CorrectedAlready = 45 {
        zh: "要更正的 {value} 已由第 {index} 条更正", "如仍有误，请更正第 {index} 条",
        en: "{value}, which this would correct, was corrected by entry {index}", "if that is wrong too, correct entry {index}",
    }
    /// What is to be voided was corrected.
    CorrectionFirst = 46 {
        zh: "{value} 已由第 {index} 条更正，现以该条为准", "先作废第 {index} 条，它所更正的随即恢复，再作废之",
        en: "{value} was corrected by entry {index}, which stands in its place", "void entry {index} first, which brings back what it corrected, then void that",
    }
    /// It was recorded before, and voided since.
    VoidedSince = 47 {
        zh: "此前已入账，后由第 {index} 条作废", "无需再提交；确要恢复的，请以新的事件编号重新提交",
        en: "it was recorded before, and voided since by entry {index}", "nothing more is needed; to bring it back on purpose, post it anew under a new event id",
    }
    /// It was recorded before, and corrected since.
    CorrectedSince = 48 {
        zh: "此前已入账，后来更正，现以第 {index} 条为准", "无需再提交；更正有误的，请更正第 {index} 条",
        en: "it was recorded before, and corrected since: entry {index} stands in its place", "nothing more is needed; if the correction is wrong, correct entry {index}",
    }
    /// Its original would be itself.
    CorrectsItself = 49 {
        zh: "{value} 更正的就是本条，不能循环", "更正时请写明原记录的事件编号",
        en: "{value} corrects this very event: corrections do not go in a circle", "name the event that was wrong",
    }
    /// Corrections upon corrections without end.
    CorrectedTooOften = 50 {
        zh: "{value} 已反复更正多次，不再接受更正", "请作废最后一次更正，再以新的事件编号重新提交",
        en: "{value} was corrected again and again, and no more is taken", "void the last correction, then post it anew under a new event id",
    }
    /// No claim of this id was submitted.
    UnknownClaim = 70 {
        zh: "没有申报 {value}", "核对申报编号；申报提交之后再办理",
        en: "no claim {value} was submitted", "check the claim's id; a step follows once it is submitted",
    }
    /// It counts once its claim is credited.
    UnderReview = 71 {
        zh: "属于申报 {value}，审核入账后计入", "无需再提交；办理情况见该申报",
        en: "it is part of claim {value}, and counts once that is credited", "nothing more is needed; the claim shows how far it is",
    }
    /// The claim is being looked at, or is decided.
    ClaimUnderReview = 72 {
        zh: "申报 {value} 正在审核或已办结{at}，不能再增改", "被退回之后可以修改；其他活动请另行申报",
        en: "claim {value} is under review or decided{at}, and nothing is added to it", "it can be mended when it is returned; claim other things anew",
    }
    /// The step does not follow where the claim stands.
    StepOutOfOrder = 73 {
        zh: "申报 {value} 目前所处环节不能办理这一步{at}", "刷新后按当前环节办理（keshi review show {value}）",
        en: "claim {value} does not stand where this step may be taken{at}", "look at it again and take a step that follows (keshi review show {value})",
    }
    /// Another took this step.
    ReviewedAlready = 74 {
        zh: "这一步已由 {value} 办理（第 {index} 条）", "无需再办理；如有不同意见，请退回或与其商议",
        en: "this was done already, by {value} (entry {index})", "nothing more is needed; return the claim, or talk to her, if you disagree",
    }
    /// The claim was submitted again since.
    ClaimChanged = 75 {
        zh: "申报 {value} 已重新提交{at}，内容可能已变", "请查看最新内容后再办理",
        en: "claim {value} was submitted again{at}, and may say other things", "look at it as it is now, then decide",
    }
    /// Nobody reviews her own.
    OwnReview = 76 {
        zh: "申报 {value} 由审核人本人提交、与其本人有关或由其提出异议", "请由另一位审核人办理",
        en: "claim {value} was submitted by the reviewer, is about her, or was objected to by her", "let another reviewer decide it",
    }
    /// Something that is claimed is not there, or stands no more.
    ClaimIncomplete = 77 {
        zh: "申报的记录 {value} 尚未入账、已作废或已更正", "请退回，由申报人补齐后重新提交",
        en: "the claimed event {value} is not there, is void, or was corrected", "return the claim, to be mended and submitted again",
    }
    /// The publicity is not over.
    PublicityRunning = 78 {
        zh: "公示到 {value} 为止，尚未期满", "期满的次日起办理期满，再入账",
        en: "the publicity runs to {value} and is not ended", "end it from the next day on, then credit",
    }
    /// An objection stops the line.
    ObjectionOpen = 79 {
        zh: "申报 {value} 有异议（第 {index} 条）未处理，或异议成立", "先处理异议；异议成立的，退回或不通过",
        en: "an objection to claim {value} (entry {index}) is open, or was upheld", "decide it first; where it is upheld, return or reject the claim",
    }
    /// The publicity was over when it was raised.
    ObjectionTooLate = 80 {
        zh: "公示已于 {value} 期满", "期满后的问题请向教研室反映，由其更正或作废",
        en: "the publicity was over with {value}", "tell the office, which corrects or voids what was credited",
    }
    /// The batch was opened before.
    BatchTaken = 81 {
        zh: "公示批次 {value} 已开启{at}", "换用新的批次编号",
        en: "batch {value} was opened before{at}", "use a new batch id",
    }
    /// The batch was ended before.
    BatchEnded = 82 {
        zh: "公示批次 {value} 已办理期满{at}", "无需再办理",
        en: "batch {value} was ended before{at}", "nothing more is needed",
    }
    /// No batch of this id was opened.
    UnknownBatch = 83 {
        zh: "没有公示批次 {value}", "核对批次编号",
        en: "there is no batch {value}", "check the batch's id",
    }
    /// The claim is not in that batch.
    NotInBatch = 84 {
        zh: "申报 {value} 不在这一公示批次中", "核对申报编号和批次编号",
        en: "claim {value} is not in that batch", "check the ids of claim and batch",
    }
    /// The publicity has too few working days.
    PublicityTooShort = 85 {
        zh: "公示的工作日不足，至少到 {value}", "把最后一天改为 {value} 或以后",
        en: "the publicity has too few working days: it lasts to {value} at least", "let its last day be {value} or later",
    }
    /// No calendar says which days of the year are worked.
    CalendarYearMissing = 86 {
        zh: "校历中没有 {value} 年的工作日安排", "先发布含 [[working_days]] year = {value} 的校历（keshi calendar adopt）",
        en: "no calendar gives the working days of {value}", "adopt a calendar with [[working_days]] year = {value} first (keshi calendar adopt)",
    }
    /// It is not under that claim.
    NotUnderClaim = 87 {
        zh: "{value} 不在这一申报之下", "申报只列写明本申报编号的记录",
        en: "{value} is not under that claim", "a claim lists events that name it, and corrects only its own",
    }
    /// The publicity would have begun already.
    PublicityBackdated = 88 {
        zh: "公示第一天 {value} 早于今天", "从今天或以后开始公示",
        en: "the publicity would begin on {value}, which is past", "let it begin today or later",
    }
    /// There is no such objection.
    UnknownObjection = 89 {
        zh: "没有异议 {value}", "核对异议编号",
        en: "there is no objection {value}", "check the objection's id",
    }
    /// Posted late, where such postings are reviewed.
    LateNeedsReview = 90 {
        zh: "{value} 的活动已过报送期限（补登），本机构须经审核", "由教师本人或其学校申报，经县级审核员审核；成批的请县级审核员开启历史补录",
        en: "what ended on {value} is posted late, and this office reviews such postings", "let the teacher or her school claim it, for the county reviewer to check; for many, the county reviewer opens a historical load",
    }
    /// What would take the place of something claimed that is not credited, and is not under that claim.
    CorrectsClaimed = 95 {
        zh: "{value} 是尚未入账的申报内容（第 {index} 条），不能在申报之外更正", "申报提交后未经初审或被退回时，在该申报之下更正；或作废后另行登记",
        en: "{value} is part of a claim that is not credited (entry {index}), and is not corrected beside it", "correct it under that claim while it awaits the school or is returned, or void it and post it anew",
    }
    /// A claim was submitted, or objected to, without end.
    ClaimTooOften = 96 {
        zh: "申报 {value} 的提交或异议次数过多，不再接受", "请另行申报；异议请并入已提出的异议",
        en: "claim {value} was submitted or objected to again and again, and no more is taken", "claim it anew under a new id; add to an objection that was raised",
    }
    /// A term names a semester that begins after it.
    SemesterAhead = 30 {
        zh: "学期 {value} 在该日期之后才开始", "改正学期，或改正日期后重新提交",
        en: "the semester {value} begins only after this date", "correct the semester or the date, then send it again",
    }
    /// A renewal or withdrawal of a title that does not hold on the day.
    TitleNotInForce = 100 {
        zh: "该称号在 {value} 不在有效期内", "核对日期；更早的复核续期补交后自动生效，称号已过期的由教研室重新命名",
        en: "the title does not hold on {value}", "check the date; it takes effect by itself once an earlier renewal arrives, and a title that has expired is conferred anew by the office",
    }
    /// A certificate's basis is not in the ledger.
    NoSuchBasis = 110 {
        zh: "台账中没有证书所依据的记录 {value}", "先登记该记录（或改正依据的事件编号），再发证",
        en: "the ledger has no event {value} for the certificate to rest on", "post that first (or correct the id), then issue the certificate",
    }
    /// A certificate's basis credits nobody.
    BasisNotCrediting = 111 {
        zh: "{value} 不是可以发证的记录", "证书须依据培训、授课、获奖、称号、课题、论文等计入个人的记录；改正依据的事件编号后重新发证",
        en: "no certificate can rest on {value}", "name an event that credits the teacher: training, lessons, an award, a title, a topic or a paper",
    }
    /// A certificate's basis is about others.
    BasisOfAnother = 112 {
        zh: "{value} 不是该教师的记录", "核对教师编号和依据的事件编号后重新发证",
        en: "{value} is a record of others than this teacher", "check the teacher and the basis, then issue it again",
    }
    /// A certificate's basis has no effect any more.
    BasisVoid = 113 {
        zh: "证书所依据的 {value} 已作废、取消或撤销{at}", "不能据此发证或补发；确需发证的，先重新登记该记录；已发的证书请作废并收回",
        en: "{value}, on which the certificate rests, is void, cancelled or withdrawn{at}", "nothing can be issued on it; post the record anew if it is right, and void a certificate that was issued",
    }
    /// A certificate's basis waits for something.
    BasisWaiting = 114 {
        zh: "证书所依据的 {value} 尚未生效", "等它生效（所需的场次、项目、竞赛或前置称号登记）后再发证",
        en: "{value}, on which the certificate would rest, has no effect yet", "issue the certificate once what that waits for has arrived",
    }
    /// A certificate was issued on the same basis.
    CertifiedAlready = 115 {
        zh: "该教师已凭 {value} 领取证书{at}", "遗失的请补发；内容有误的，先作废原证书，再重新发证",
        en: "the teacher has a certificate on {value} already{at}", "issue it again if it was lost; if it is wrong, void it first and then issue a new one",
    }
    /// No such certificate was issued to the teacher.
    NoSuchCertificate = 116 {
        zh: "没有向该教师发过证书 {value}", "核对教师编号和证书（发证的事件编号）后重新提交",
        en: "no certificate {value} was issued to this teacher", "check the teacher and the certificate (the event that issued it), then send it again",
    }
    /// The certificate is void.
    CertificateVoid = 117 {
        zh: "证书 {value} 已作废{at}", "作废的证书不能补发或再次作废；确需证书的，请重新发证",
        en: "the certificate {value} is void{at}", "a void certificate is not issued again nor voided twice; issue a new one if one is due",
    }
    /// A paper of its own number, of a day when the office numbered papers itself.
    OldNumberLate = 118 {
        zh: "原编号 {value} 只用于统一编号以前的证书", "去掉原编号，由台账编号；确为早年证书的，改正发证日期",
        en: "an old number ({value}) is only for papers from before the office numbered them", "leave it out: the ledger gives a number; or correct the day of issue",
    }
    /// The id that would be dropped is merged into another already.
    MergedAlready = 130 {
        zh: "该编号已并入 {value}{at}", "并入无误则无需再做什么；并错了的，先撤销那次合并，再重新合并",
        en: "this id is merged into {value} already{at}", "nothing is needed if that is right; else reverse that merge first, then merge anew",
    }
    /// The id that would be kept was merged into another.
    MergesIntoMerged = 131 {
        zh: "要保留的编号已并入 {value}{at}", "请直接并入 {value}",
        en: "the id to be kept is itself merged into {value}{at}", "merge into {value} instead",
    }
    /// The two are merged the other way round.
    MergedTheOtherWay = 132 {
        zh: "要保留的编号已并入 {value}{at}，两者已是一人", "无需再做什么；要改为保留另一编号的，先撤销那次合并，再反向合并",
        en: "the id to be kept is merged into {value}{at}: the two are one already", "nothing is needed; to keep the other id, reverse that merge first, then merge the other way",
    }
    /// No merge of these two stands.
    NotMerged = 133 {
        zh: "{value} 现在没有并入该编号，没有可撤销的合并", "在教师页上核对她并入了哪个编号，再撤销那次合并",
        en: "{value} is not merged into this id now: there is nothing to reverse", "look on her page into which id she is merged, then reverse that merge",
    }
    /// The reviewer is one of them.
    OwnMerge = 134 {
        zh: "{value} 是办理人本人的编号", "本人的档案请由另一位县级审核员办理",
        en: "{value} is the reviewer's own id", "let another reviewer of the county decide about your own record",
    }
    /// The paper would be older than what it attests.
    CertificateBeforeBasis = 139 {
        zh: "发证日期早于所依据事项的日期 {value}{at}", "改正发证日期，不早于该事项的最后一天",
        en: "the certificate would be older than what it attests, of {value}{at}", "correct the day of issue: not before the last day of that",
    }
    /// The publicity has not begun.
    ObjectionTooEarly = 140 {
        zh: "公示自 {value} 起，尚未开始", "公示开始后再提出异议",
        en: "the publicity begins on {value}", "object once it has begun",
    }
    /// The two entries are not flagged as perhaps one.
    NoOverlap = 136 {
        zh: "{value} 与另一条没有被列为可能重复", "在“重复待定”中核对这两条；已作废或更正的无需再核",
        en: "{value} and the other entry are not flagged as perhaps one", "look at both on the page of overlaps; what is void or corrected needs no decision",
    }
    /// Whose entries they are would decide of them herself.
    OwnOverlap = 137 {
        zh: "{value} 是办理人本人的编号", "与本人有关的重复请由另一位县级审核员核定",
        en: "{value} is the reviewer's own id", "let another reviewer of the county decide about your own entries",
    }
    /// It was said before that both are right.
    OverlapAccepted = 138 {
        zh: "这两条已核定为都对{at}", "无需再核；核错了的，作废那条核定",
        en: "it is decided already that both are right{at}", "nothing is needed; if that was wrong, void that decision",
    }
    /// More ids of one person, or more merges of one id, than anybody has.
    MergedTooOften = 135 {
        zh: "{value} 的合并已过多：一人最多 16 个编号，一个编号最多合并 32 次", "核对编号；确需合并的，先撤销其中并错的",
        en: "{value} was merged too often: one person has at most 16 ids, and one id is merged at most 32 times", "check the ids; reverse those of the merges that were wrong first",
    }
    /// Who leads the topic is not among those whom the step names.
    LeadLeftOut = 150 {
        zh: "立项{at}的主持人 {value} 没有写上", "写上立项时的全部主持人；本人主持的课题请由另一位审核员办理",
        en: "{value}, who leads the topic by its approval{at}, is not named", "name all leads of the approval; of a topic of your own, let another reviewer decide",
    }
    /// A question, inspection or finding of this id is not in the ledger.
    NotThere = 151 {
        zh: "台账中没有{field} {value}", "核对编号；由教研室或提出的学校先登记，再重新提交本行",
        en: "there is no {field} {value} in the ledger", "check the id; let the office or the school that asked post it first, then send this again",
    }
    /// Another question, inspection or finding has the id.
    IdTaken = 152 {
        zh: "{field} {value} 已登记{at}", "换用新的编号；要改已登记的，提交更正",
        en: "{field} {value} is taken{at}", "use a new id; to change what was posted, post a correction",
    }
    /// No calendar has the semester.
    UnknownSemester = 153 {
        zh: "已发布的校历中没有学期 {value}", "改正学期（写作 2022-2023-1）；学期无误的，先由教研室发布含该学期的校历",
        en: "no adopted calendar has the semester {value}", "correct the semester (written as 2022-2023-1), or let the office adopt a calendar that has it first",
    }
    /// Questions of two subjects or semesters would be put together.
    JoinsAcross = 154 {
        zh: "教研需求 {value} 与合并到的需求不是同一学科、同一学期", "只合并同一学科、同一学期的需求",
        en: "question {value} is of another subject or semester than the one it would go into", "put together questions of one subject and semester only",
    }
    /// The question goes into another already.
    JoinedAlready = 155 {
        zh: "该需求已并入 {value}{at}", "请改用 {value}；并错了的，先作废那条合并",
        en: "the question goes into {value} already{at}", "name {value} instead; if that was wrong, void that joining first",
    }
    /// The questions would go into one another in a circle.
    JoinsInCircle = 156 {
        zh: "教研需求 {value} 已并入本次要并入的需求，前后成环", "两者已是一个需求，无需再合并；要反过来合并的，先作废原合并",
        en: "question {value} goes into one that would now go into it: they would go in a circle", "the two are one already; to join them the other way, void the first joining",
    }
    /// More questions in one than anybody looks through.
    JoinedTooMany = 157 {
        zh: "并入 {value} 的需求过多：一个需求至多合并 200 条", "另选一条需求，把其余的合并到那一条",
        en: "too many questions would go into {value}: at most 200 are put together", "keep another question and put the rest together there",
    }
    /// The question is planned already.
    PlannedAlready = 158 {
        zh: "教研需求 {value} 已列入计划{at}", "改场次的，更正第 {index} 条；撤出计划的，作废第 {index} 条",
        en: "question {value} is planned already{at}", "correct entry {index} for another session, or void it to take the question out of the plan",
    }
    /// The session for which it would be planned is cancelled.
    PlansCancelled = 159 {
        zh: "场次 {value} 已取消", "换一个场次；取消有误的，先作废那条取消",
        en: "session {value} is cancelled", "plan another session; if it was cancelled by mistake, void that first",
    }
    /// It would be rated before it is answered.
    NotAnswered = 160 {
        zh: "教研需求 {value} 在这一天还没有得到答复", "答复它的场次结束之后再评价；场次未登记的，请教研员先登记",
        en: "question {value} is not answered on that day", "rate it once its session is over; if that is not posted yet, the researcher posts it first",
    }
    /// The school did not ask the question.
    NotAsked = 161 {
        zh: "学校 {value} 没有提出过这一需求", "只有提出需求的学校（含并入的）可以评价；核对需求编号和学校",
        en: "school {value} did not ask this question", "only schools that asked it, by themselves or put together, rate the answer: check question and school",
    }
    /// The school rated the answer before.
    RatedAlready = 162 {
        zh: "学校 {value} 已评价过{at}", "一所学校评价一次；要改的，更正第 {index} 条",
        en: "school {value} has rated it already{at}", "a school rates an answer once: to change that, correct entry {index}",
    }
    /// Nothing was to change, so nothing is looked at again.
    NoChangeRequested = 163 {
        zh: "视导发现 {value} 没有要求整改{at}", "无需复查；应当整改的，先更正第 {index} 条",
        en: "finding {value} asks for no change{at}", "nothing is to be looked at; if something is to change, correct entry {index} first",
    }
    /// Somebody would judge the school where she is in post.
    OwnSchool = 164 {
        zh: "教师 {value} 当日任职于该校，不能视导或复查本校", "请由其他学校或教研室的视导人员办理",
        en: "teacher {value} is in post at that school on that day, and nobody inspects her own school", "let somebody of another school or of the office do it",
    }
    /// Something was found, or looked at again, before it could be.
    BeforeFound = 165 {
        zh: "日期早于所依据的视导或发现的日期 {value}{at}", "改正日期，不早于 {value}",
        en: "the day lies before that of what it is about, {value}{at}", "correct the day: not before {value}",
    }
    /// A year would be closed before it is over.
    YearNotOver = 166 {
        zh: "{value} 年还没有过完", "过了 12 月 31 日再封账",
        en: "the year {value} is not over", "close it once its 31 December is past",
    }
    /// The year was closed before.
    YearIsClosed = 167 {
        zh: "{value} 年已封账{at}", "有迟报或更正的，用重述（keshi year restate {value}）",
        en: "the year {value} is closed{at}", "what came late or was corrected goes into a restatement (keshi year restate {value})",
    }
    /// The year would be restated and was never closed.
    YearIsOpen = 168 {
        zh: "{value} 年还没有封账", "先封账（keshi year close {value}）；没有封账的年度，数据随时按现有记录计算",
        en: "the year {value} is not closed", "close it first (keshi year close {value}); an open year is counted from what is there",
    }
    /// Nothing is other than at the last closing or restatement.
    NothingToRestate = 169 {
        zh: "{value} 年的数据与最近一次封账或重述相同{at}", "无需重述；有人刚刚重述过的，先查看那一次",
        en: "the figures of {value} are those of the last closing or restatement{at}", "there is nothing to restate; if somebody just did, look at that one",
    }
    /// It counts from entries that are not there.
    PositionAhead = 170 {
        zh: "台账还没有 {value} 条", "请重新封账或重述：位置由台账给出，不要手写",
        en: "the ledger has no {value} entries", "close or restate again: the ledger gives the place, nobody writes it",
    }
    /// No definitions are adopted for the year.
    NoDefinitions = 171 {
        zh: "{value} 年没有已发布的指标口径", "先发布口径（keshi figures adopt）",
        en: "no definitions of figures are adopted for {value}", "adopt some first (keshi figures adopt)",
    }
    /// The policies named are not those adopted at that place.
    OtherVersions = 172 {
        zh: "所列规则版本与台账 {value} 条时发布的不一致", "请重新封账或重述：规则版本由台账给出，不要手写",
        en: "the versions named are not those adopted at {value} entries", "close or restate again: the ledger gives them, nobody writes them",
    }
}

/// Longest [`Reason::value`], in characters: an entry must stay within its block.
pub const VALUE_LEN_MAX: usize = 200;

/// A reason with its particulars.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// Its kind.
    pub code: ReasonCode,
    /// The field that it is about; may be empty.
    pub field: String,
    /// The offending value or missing id; may be empty.
    pub value: String,
    /// The entry that stands in the way, if it stands in the ledger.
    pub index: Option<u64>,
}

impl Reason {
    /// A reason about `value`, of which the first [`VALUE_LEN_MAX`] characters are kept.
    #[allow(
        clippy::needless_pass_by_value,
        reason = "ids and dates are small and given as they are"
    )]
    pub fn about(code: ReasonCode, field: &str, value: impl ToString) -> Self {
        let mut value = value.to_string();
        if let Some((end, _)) = value.char_indices().nth(VALUE_LEN_MAX) {
            value.truncate(end);
        }
        Self {
            code,
            field: field.to_owned(),
            value,
            index: None,
        }
    }

    /// What is wrong, in a sentence without a full stop.
    pub fn text(&self, lang: Lang) -> String {
        self.fill(self.code.texts(lang).0, lang)
    }

    /// What to do about it.
    pub fn remedy(&self, lang: Lang) -> String {
        self.fill(self.code.texts(lang).1, lang)
    }

    fn fill(&self, template: &str, lang: Lang) -> String {
        let index = self.index.map_or_else(String::new, |index| index.to_string());
        let at = match (self.index, lang) {
            (None, _) => String::new(),
            (Some(index), Lang::Zh) => format!("（第 {index} 条）"),
            (Some(index), Lang::En) => format!(" (entry {index})"),
        };
        let field = lang.pick(field_zh(&self.field), &self.field);
        template
            .replace("{field}", field)
            .replace("{value}", &self.value)
            .replace("{index}", &index)
            .replace("{at}", &at)
    }
}

/// A field's name on screen, in Chinese; the name itself where there is none. Of a path only the last part counts.
pub fn field_zh(field: &str) -> &str {
    let last = field.rsplit('.').next().unwrap_or(field);
    match last.split('[').next().unwrap_or(last) {
        "kind" => "事件类型",
        "fact" => "事件内容",
        "event_id" => "事件编号",
        "occurred_from" => "开始日期",
        "occurred_to" => "结束日期",
        "org" => "提交单位",
        "source" => "来源",
        "note" => "备注",
        "evidence" => "佐证材料",
        "supersedes" => "所更正的事件",
        "load_id" => "历史补录批次",
        "claim_id" | "claim_ids" => "申报",
        "batch_id" => "公示批次",
        "submitted_by" => "申报人",
        "kept_id" => "保留的编号",
        "dropped_id" => "并入的编号",
        "submitted_event" => "申报记录",
        "what" => "申报的记录",
        "asked_hours" | "asked_centihours" => "申报课时",
        "statement" => "说明",
        "reviewer" => "审核人",
        "raised_by" | "asked_by" => "提出人",
        "objection_event" => "异议",
        "upheld" => "异议是否成立",
        "session_id" => "场次",
        "project_id" => "培训项目",
        "comp_id" | "from_comp" => "竞赛",
        "teacher_id" | "observer_id" | "researcher_id" => "教师",
        "school_id" | "school_ids" | "to_school" | "from_org" | "successor_id" => "学校",
        "mentor_id" => "师傅",
        "apprentice_id" => "徒弟",
        "goal" => "目标",
        "outreach_id" => "送教活动",
        "topic_id" => "课题",
        "question_id" | "question_ids" => "教研需求",
        "inspection_id" => "视导",
        "finding_id" => "视导发现",
        "inspector_ids" => "视导人员",
        "aspect" => "方面",
        "change_requested" => "要求整改",
        "due" => "整改期限",
        "outcome" => "复查结果",
        "checked_by" => "复查人",
        "into_id" => "合并到的需求",
        "text" => "内容",
        "rating" => "评分",
        "figure_id" => "手填数据",
        "semester" => "学期",
        "lead_ids" => "主持人",
        "member_ids" => "成员",
        "research" => "是否教研基地",
        "author_ids" => "作者",
        "work_kind" => "作品类别",
        "contest" => "评选名称",
        "rule_id" => "要求",
        "reduce_by" | "reduce_by_centiamount" => "减免量",
        "period" => "期间",
        "value" | "value_centiamount" => "数值",
        "bound" => "约数",
        "unattributed_lessons" => "不记名节数",
        "unattributed_talks" => "不记名场数",
        "work_id" => "作品",
        "policy_id" => "规则",
        "calendar_id" => "校历",
        "sha256" => "文件",
        "role" => "身份",
        "hours_present" | "present_centihours" => "出勤课时",
        "hours" | "centihours" => "课时",
        "planned_hours" | "planned_centihours" => "计划课时",
        "result" => "考核结果",
        "target_event" => "作废的事件",
        "basis_event" => "依据",
        "certificate_event" => "证书",
        "attests" => "证明事项",
        "old_number" => "原编号",
        "from_title" => "称号",
        "started_event" => "任职记录",
        // A reason names the missing title so; on a path it is what a work is called.
        "title" if field.contains('.') => "题名",
        "title" => "前置称号",
        "class" => "称号类别",
        "award" => "奖次",
        "rank_no" => "名次",
        "deliveries" => "送教明细",
        "lessons" | "periods" => "节数",
        "talks" => "场数",
        "listeners" => "听课人数",
        "name" => "名称",
        "level" | "to_level" => "级别",
        "mode" => "培训方式",
        "category" => "培训性质",
        "topic" => "主题",
        "provider" => "培训机构",
        "type" | "session_type" | "lesson_type" => "类型",
        "place" => "地点",
        "subject" => "学科",
        "stage" => "学段",
        "township" => "乡镇",
        "group" => "片区",
        "base" => "学科基地",
        "doc_no" => "发文字号",
        "post" => "岗位",
        "unit" if field.contains("figure") => "单位",
        "unit" => "科室",
        "share_hundredths" => "岗位比例",
        "until" if field.contains("assignment") => "任职截止日期",
        "until" => "截止日期",
        "pool" => "专家库",
        "nature" => "任职性质",
        "remark" => "意见",
        "valid_to" => "有效期至",
        "title_event" => "命名条目",
        "hired_on" => "入职日期",
        "career_from" => "教龄起",
        "rank" => "职称",
        "version" => "规则版本",
        "effective_from" => "生效日期",
        "effective_to" => "失效日期",
        "reason" => "原因",
        "purpose" => "目的",
        "authorised_by" => "批准依据",
        _ => field,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_s_name_on_screen_is_that_of_its_last_part_and_the_kind_tells_like_ones_apart() {
        for (field, zh) in [
            ("events[3].topic_concluded.lead_ids[1]", "主持人"),
            ("items[0].exemption.reduce_by_centiamount", "减免量"),
            ("events[0].work_awarded.title", "题名"),
            ("title", "前置称号"),
            ("items[0].figure.unit", "单位"),
            ("events[0].assignment_started.unit", "科室"),
        ] {
            assert_eq!(field_zh(field), zh, "{field}");
        }
    }

    #[test]
    fn every_reason_has_a_text_and_a_remedy_without_unfilled_places() {
        for &code in ReasonCode::ALL {
            let reason = Reason {
                code,
                field: "session_id".into(),
                value: "S1".into(),
                index: Some(7),
            };
            for lang in [Lang::Zh, Lang::En] {
                for text in [reason.text(lang), reason.remedy(lang)] {
                    assert!(!text.is_empty() && !text.contains('{'), "{code:?}: {text}");
                }
            }
            assert_eq!(ReasonCode::from_code(code.code()), Some(code));
        }
    }
}
