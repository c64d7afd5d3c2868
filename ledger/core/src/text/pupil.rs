//! Finds pupils called by their names: `学生王小明`, `李华同学`, `三（2）班张伟`. Children appear nowhere in the ledger (DOMAIN §14).
//!
//! A name is looked for only beside a word for a pupil or a class, and begins with a common surname; what is written there and is
//! no name (`许多同学`, `周末`) is known by its characters. A name that stands alone, or has a rare surname, is not found: the
//! forms say so where a text is typed.

use super::is_blank;

/// The surnames that most people have.
const SURNAMES: &str = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴\
    夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文庞樊兰殷施陶洪翟安颜倪严牛温芦季俞章鲁葛\
    伍韦申尤毕聂丛焦柳邢岳齐梅莫庄辛管祝左涂谷祁时舒耿牟卜詹苗凌费纪靳盛童欧甄项曲游阳裴席覃霍翁隋景鲍柏宁柯阮桂闵柴华";

/// Those of them that begin so many other words that they count only where a word for a pupil follows the name.
const DOUBTFUL: &str =
    "高马方文常万任于白江石金易程段时康华安何林黄夏田余唐宋苏许周张阳游景管席左雷毛温严洪季章申项曲童史";

/// What no given name has, and what is written before a word for a pupil without being one.
const NOT_IN_NAMES: &str = "的了个些每各位名有是在和与班级组们多等不给让把对那这几部年区围数全某所其余后前里中间同学生校什么怎样也都会就可以被从及其或者时记作业课";

/// Words behind which a name may stand.
const BEFORE: [&str; 6] = ["学生", "男生", "女生", "幼儿", "孩子", "班"];

/// Words before which a name may stand.
const BEHIND: [&str; 3] = ["同学", "小朋友", "小同学"];

/// What follows a name where a sentence goes on or ends.
const FOLLOWS: &str =
    "，。、；：！？,.;:!?（）()“”\"的在上总经常不没说写读做考是有和与老课作成家今昨最又还已因性对被把";

/// Whether the text calls a pupil by a name, as far as that can be told.
pub fn is_named(text: &str) -> bool {
    let chars: Vec<char> = text.chars().filter(|c| !is_blank(*c)).collect();
    (0..chars.len()).any(|at| before_word(&chars, at) || behind_word(&chars, at))
}

/// A name that ends before `at`, where a word for a pupil begins.
fn before_word(chars: &[char], at: usize) -> bool {
    let (before, rest) = chars.split_at(at);
    let is_word = BEHIND.iter().any(|word| starts(rest, word));
    is_word
        && [2, 3].into_iter().any(|length| {
            let name = before.len().checked_sub(length).and_then(|from| before.get(from..));
            name.is_some_and(is_name)
        })
}

/// A name that begins at `at`, behind a word for a pupil or a class.
fn behind_word(chars: &[char], at: usize) -> bool {
    let (before, rest) = chars.split_at(at);
    let is_behind = BEFORE.iter().any(|word| ends(before, word));
    is_behind
        && [2, 3].into_iter().any(|length| {
            let name = rest.get(..length).filter(|name| is_name(name));
            let surname = name.and_then(|name| name.first());
            let is_plain = surname.is_some_and(|surname| !DOUBTFUL.contains(*surname));
            let ends_there = rest.get(length).is_none_or(|next| FOLLOWS.contains(*next));
            is_plain && ends_there
        })
}

/// A surname and one or two characters such as names have.
fn is_name(chars: &[char]) -> bool {
    let Some((surname, given)) = chars.split_first() else {
        return false;
    };
    SURNAMES.contains(*surname) && given.iter().all(|c| is_han(*c) && !NOT_IN_NAMES.contains(*c))
}

const fn is_han(c: char) -> bool {
    matches!(c, '\u{4E00}'..='\u{9FFF}')
}

fn starts(chars: &[char], word: &str) -> bool {
    let mut chars = chars.iter();
    word.chars().all(|c| chars.next() == Some(&c))
}

fn ends(chars: &[char], word: &str) -> bool {
    let mut chars = chars.iter().rev();
    word.chars().rev().all(|c| chars.next() == Some(&c))
}

#[cfg(test)]
mod tests {
    use super::is_named;

    #[test]
    fn a_pupil_called_by_name_is_found() {
        for text in [
            "学生王小明上课走神怎么办",
            "学生李华的作业总是不交",
            "怎样帮助李华同学",
            "赵雨桐小朋友不肯午睡",
            "三（2）班刘子涵",
            "三（2）班刘子涵作业未批",
            "二年级一班陈思雨不会借位减法",
            "高子轩同学偏科",
            "王 小 明 同 学",
        ] {
            assert!(is_named(text), "{text}");
        }
    }

    #[test]
    fn what_is_asked_about_pupils_in_general_is_no_name() {
        for text in [
            "学生计算能力弱，口算总出错怎么办",
            "许多同学不愿举手，怎样提问",
            "学生周末作业怎样布置",
            "怎样让每个同学参与小组合作",
            "高年级同学写作无话可写",
            "班级人数多，分层作业怎样批改",
            "学生张口就读错多音字",
            "农村留守学生家庭作业无人辅导怎么办",
            "小班幼儿入园焦虑怎样安抚",
            "学生方言重，普通话怎样练",
            "全班同学水平差距大",
            "学生何时学习方程合适",
            "复式班教学怎样安排两个年级",
            "孩子安静不下来怎么办",
            "周围同学影响大",
        ] {
            assert!(!is_named(text), "{text}");
        }
    }
}
