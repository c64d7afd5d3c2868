//! Coded values: one number in storage, one word on screen in each language (DOMAIN §2, §6).

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $code:literal $zh:literal $en:literal,)* })*) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum $name {
            $($(#[$vdoc])* #[doc = $zh] $variant = $code,)*
        }

        impl $name {
            /// All values, in the order of their codes.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The stored number.
            pub const fn code(self) -> i32 {
                self as u8 as i32
            }

            /// The value with this number.
            pub const fn from_code(code: i32) -> Option<Self> {
                match code {
                    $($code => Some(Self::$variant),)*
                    _ => None,
                }
            }

            /// 中文
            pub const fn zh(self) -> &'static str {
                match self { $(Self::$variant => $zh,)* }
            }

            /// English
            pub const fn en(self) -> &'static str {
                match self { $(Self::$variant => $en,)* }
            }

            /// The value with this word on screen (either language) or this number as text.
            pub fn from_word(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| {
                    value.zh() == word || value.en() == word || word.parse() == Ok(value.code())
                })
            }
        }
    )* };
}
pub(crate) use codes;

codes! {
    /// 学段
    Stage {
        Kindergarten = 1 "幼儿园" "kindergarten",
        Primary = 2 "小学" "primary",
        Junior = 3 "初中" "junior",
        Senior = 4 "高中" "senior",
        NineYear = 5 "九年一贯制" "nine-year",
        CompleteSecondary = 6 "完全中学" "complete secondary",
        Other = 9 "其他" "other",
    }
    /// 岗位
    Post {
        Teacher = 1 "教师" "teacher",
        ClassTeacher = 2 "班主任" "class teacher",
        Researcher = 3 "专职教研员" "researcher",
        PartTimeResearcher = 4 "兼职教研员" "part-time researcher",
        HeadTeacher = 5 "校长" "head teacher",
        OfficeStaff = 6 "教研室工作人员" "office staff",
    }
    /// 培训类别: the national teacher system's codes; 50 is ours.
    Level {
        National = 10 "国家级" "national",
        Province = 20 "省级" "province",
        City = 30 "地市级" "city",
        County = 40 "县级" "county",
        DistrictGroup = 50 "片区" "district group",
        School = 60 "校级" "school",
        Other = 99 "其他" "other",
    }
    /// 培训方式
    Mode {
        LongFullTime = 1 "长期脱产" "long full-time",
        FaceToFace = 2 "短期面授" "face-to-face",
        Online = 3 "网络研修" "online",
        Blended = 4 "混合" "blended",
        Other = 9 "其他" "other",
    }
    /// 场次类型
    SessionType {
        Training = 1 "培训" "training",
        OpenLesson = 2 "公开课" "open lesson",
        DemonstrationLesson = 3 "示范课" "demonstration lesson",
        Talk = 4 "讲座" "talk",
        ResearchActivity = 5 "教研活动" "research activity",
        Ordered = 6 "订单式教研" "ordered session",
        SameLesson = 7 "同课异构" "same lesson",
        LessonPolish = 8 "磨课" "lesson polish",
        Other = 99 "其他" "other",
    }
    /// 签到身份
    AttendanceRole {
        Learner = 1 "学员" "learner",
        Listener = 2 "听课" "listener",
        Speaker = 3 "主讲" "speaker",
        Judge = 4 "评委" "judge",
        Organiser = 5 "组织" "organiser",
    }
    /// 考核结果
    AttendanceResult {
        Passed = 1 "合格" "passed",
        Failed = 2 "不合格" "failed",
        Excellent = 3 "优秀" "excellent",
    }
    /// 课型
    LessonType {
        Demonstration = 1 "示范课" "demonstration lesson",
        Open = 2 "公开课" "open lesson",
        Research = 3 "研究课" "research lesson",
        Seminar = 4 "研讨课" "seminar lesson",
        Viewing = 5 "观摩课" "viewing lesson",
        Offered = 6 "献课" "offered lesson",
        SameLesson = 7 "同课异构" "same lesson",
    }
    /// 奖次
    Award {
        First = 1 "一等" "first",
        Second = 2 "二等" "second",
        Third = 3 "三等" "third",
        Excellent = 4 "优秀" "excellent",
    }
    /// 获奖身份
    AwardRole {
        Oneself = 1 "本人" "self",
        Guide = 2 "指导教师" "guide",
    }
    /// How near a noted figure is (DOMAIN §13.24).
    Bound {
        Exact = 1 "整" "exactly",
        AtLeast = 2 "余" "at least",
        AtMost = 3 "近" "at most",
    }
    /// 称号类别, lowest first (DOMAIN §7).
    TitleClass {
        RisingTeacher = 1 "教学新秀" "rising teacher",
        ExpertTeacher = 2 "教学能手" "expert teacher",
        SubjectLeader = 3 "学科带头人" "subject leader",
        MasterTeacher = 4 "教学名师" "master teacher",
    }
    /// 任职性质: what a post away from one's own school is, where it is one.
    AssignmentNature {
        Rotation = 1 "轮岗" "rotation",
        Exchange = 2 "交流" "exchange",
        Secondment = 3 "借调" "secondment",
        Support = 4 "支教" "support teaching",
    }
    /// 中期检查结果
    TopicCheck {
        Passed = 1 "通过" "passed",
        ToMend = 2 "整改" "to be mended",
        Stopped = 3 "终止" "stopped",
    }
    /// 视导方面
    InspectionAspect {
        Routine = 1 "教学常规" "teaching routine",
        Classroom = 2 "课堂教学" "classroom teaching",
        Homework = 3 "作业与评价" "homework and assessment",
        SchoolResearch = 4 "校本教研" "school-based research",
        Curriculum = 5 "课程实施" "curriculum",
        Management = 6 "教学管理" "management of teaching",
        Other = 9 "其他" "other",
    }
    /// 复查结果
    FindingOutcome {
        Done = 1 "已整改" "changed",
        Partly = 2 "部分整改" "partly changed",
        NotDone = 3 "未整改" "not changed",
    }
    /// 专家库
    ExpertPool {
        Subject = 1 "学科专家库" "subject experts",
        Policy = 2 "政策专家库" "policy experts",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_is_found_by_code_and_by_either_word() {
        for word in ["40", "县级", "county"] {
            assert_eq!(Level::from_word(word), Some(Level::County));
        }
        assert_eq!(Level::from_word("县"), None);
        assert_eq!(Level::from_code(41), None);
    }
}
