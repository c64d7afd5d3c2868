//! Headings and words as they are compared: people type full-width brackets, spaces, stars and traditional characters.

use std::sync::LazyLock;

use keshi_core::text::normalised;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};

/// Traditional characters (and variants) that occur in headings and coded words, each with its simplified form.
const SIMPLIFIED: &[(char, char)] = &[
    ('師', '师'),
    ('訓', '训'),
    ('項', '项'),
    ('類', '类'),
    ('別', '别'),
    ('機', '机'),
    ('構', '构'),
    ('獲', '获'),
    ('穫', '获'),
    ('學', '学'),
    ('時', '时'),
    ('開', '开'),
    ('結', '结'),
    ('員', '员'),
    ('號', '号'),
    ('碼', '码'),
    ('證', '证'),
    ('稱', '称'),
    ('編', '编'),
    ('課', '课'),
    ('節', '节'),
    ('數', '数'),
    ('場', '场'),
    ('講', '讲'),
    ('聽', '听'),
    ('評', '评'),
    ('級', '级'),
    ('縣', '县'),
    ('區', '区'),
    ('鄉', '乡'),
    ('鎮', '镇'),
    ('職', '职'),
    ('務', '务'),
    ('齡', '龄'),
    ('齢', '龄'),
    ('單', '单'),
    ('達', '达'),
    ('駐', '驻'),
    ('點', '点'),
    ('視', '视'),
    ('導', '导'),
    ('競', '竞'),
    ('賽', '赛'),
    ('獎', '奖'),
    ('奬', '奖'),
    ('薦', '荐'),
    ('選', '选'),
    ('題', '题'),
    ('應', '应'),
    ('屆', '届'),
    ('辦', '办'),
    ('參', '参'),
    ('與', '与'),
    ('電', '电'),
    ('話', '话'),
    ('連', '连'),
    ('絡', '络'),
    ('網', '网'),
    ('線', '线'),
    ('專', '专'),
    ('業', '业'),
    ('國', '国'),
    ('際', '际'),
    ('後', '后'),
    ('發', '发'),
    ('書', '书'),
    ('記', '记'),
    ('錄', '录'),
    ('録', '录'),
    ('冊', '册'),
    ('註', '注'),
    ('備', '备'),
    ('園', '园'),
    ('歲', '岁'),
    ('圍', '围'),
    ('長', '长'),
    ('體', '体'),
    ('驗', '验'),
    ('為', '为'),
    ('爲', '为'),
    ('個', '个'),
    ('計', '计'),
    ('劃', '划'),
    ('標', '标'),
    ('準', '准'),
    ('質', '质'),
    ('優', '优'),
    ('異', '异'),
    ('製', '制'),
    ('裏', '里'),
    ('鬥', '斗'),
    ('實', '实'),
    ('習', '习'),
    ('語', '语'),
    ('歷', '历'),
    ('曆', '历'),
    ('術', '术'),
    ('樂', '乐'),
    ('藝', '艺'),
    ('資', '资'),
    ('檔', '档'),
    ('監', '监'),
    ('測', '测'),
    ('組', '组'),
    ('織', '织'),
    ('請', '请'),
    ('進', '进'),
    ('來', '来'),
    ('預', '预'),
    ('約', '约'),
    ('動', '动'),
    ('團', '团'),
    ('隊', '队'),
    ('軍', '军'),
    ('黨', '党'),
    ('養', '养'),
    ('護', '护'),
];

/// Full-width characters as half-width, without white space.
pub fn squeezed(text: &str) -> String {
    let visible = |c: &char| !c.is_whitespace();
    if is_nfkc_quick(text.chars()) == IsNormalized::Yes {
        return text.chars().filter(visible).collect();
    }
    text.nfkc().filter(visible).collect()
}

/// A text as it goes into keys: NFKC, no white space, lower case, simplified characters.
pub fn key_form(text: &str) -> String {
    // Ids, days and numbers: most parts of keys, and nothing in them to compose or to translate.
    if text.is_ascii() {
        return text
            .chars()
            .filter(|c| !c.is_whitespace())
            .map(|c| c.to_ascii_lowercase())
            .collect();
    }
    if is_nfkc_quick(text.chars()) == IsNormalized::Yes {
        let visible = text.chars().filter(|c| !c.is_whitespace());
        return visible.flat_map(char::to_lowercase).map(simplified).collect();
    }
    normalised(text).chars().map(simplified).collect()
}

/// [`SIMPLIFIED`] in the order of its characters, to be searched by halves.
static BY_CHARACTER: LazyLock<Vec<(char, char)>> = LazyLock::new(|| {
    let mut pairs = SIMPLIFIED.to_vec();
    pairs.sort_unstable();
    pairs
});

/// `c`, or the simplified character that it stands for.
fn simplified(c: char) -> char {
    if c.is_ascii() {
        return c;
    }
    let at = BY_CHARACTER.binary_search_by_key(&c, |(traditional, _)| *traditional);
    at.ok()
        .and_then(|at| BY_CHARACTER.get(at))
        .map_or(c, |(_, simple)| *simple)
}

/// A heading as it is compared: as [`key_form`], without stars, colons, and what stands in brackets behind it.
///
/// `＊培訓獲得學時（課時）` and `培训获得学时` are one.
pub fn heading_form(text: &str) -> String {
    let text: String = text.nfkc().collect();
    let open = text.find(['(', '[', '【', '〔']).filter(|&at| at > 0);
    let kept = open.map_or(text.as_str(), |at| text.get(..at).unwrap_or_default());
    let kept = key_form(kept);
    kept.chars()
        .filter(|c| !matches!(c, '*' | ':' | '★' | '※' | '、' | ',' | '.' | '_' | '-'))
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_heading_is_one_however_it_is_dressed() {
        for text in [
            "培训获得学时",
            "＊培訓獲得學時（課時）",
            "培 训 获 得 学 时",
            "培训获得\n学时*",
            "培训获得学时：",
        ] {
            assert_eq!(heading_form(text), "培训获得学时", "{text:?}");
        }
        assert_ne!(heading_form("培训获得学分"), heading_form("培训获得学时"));
    }

    proptest! {
        #[test]
        fn the_short_ways_to_a_key_lead_where_the_long_one_does(text in "[ a-zA-Z0-9\\-]{0,20}|[培訓師德Ａ１（） a-z]{0,12}|\\PC{0,12}") {
            let long: String = normalised(&text).chars().map(simplified).collect();
            prop_assert_eq!(key_form(&text), long);
        }
    }

    #[test]
    fn each_traditional_character_stands_for_one_that_is_not_traditional_itself() {
        for (_, simple) in SIMPLIFIED {
            assert_eq!(simplified(*simple), *simple);
        }
    }
}
