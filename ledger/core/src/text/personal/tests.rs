use jiff::civil::date;
use proptest::prelude::*;

use super::*;
use crate::text::resident::check_character;

/// A made-up number of a region that does not exist (999999), so that no test names a real person.
fn made_up(birth_date: Date, sequence: u16) -> String {
    let first = format!("999999{}{:03}", birth_date.strftime("%Y%m%d"), sequence % 1000);
    let check = check_character(&first);
    format!("{first}{check}")
}

fn full_width(text: &str) -> String {
    let wide = |c: char| char::from_u32(u32::from(c) - 0x21 + 0xFF01).unwrap();
    text.chars().map(wide).collect()
}

fn with_digits(text: &str, digits: &str) -> String {
    let digits: Vec<char> = digits.chars().collect();
    let digit = |c: char| c.to_digit(10).map_or(c, |n| digits[n as usize]);
    text.chars().map(digit).collect()
}

fn parted(text: &str, lengths: &[usize], by: &str) -> String {
    let (mut parts, mut rest) = (Vec::new(), text);
    for length in lengths {
        let (part, behind) = rest.split_at((*length).min(rest.len()));
        parts.push(part);
        rest = behind;
    }
    parts.push(rest);
    parts.retain(|part| !part.is_empty());
    parts.join(by)
}

/// Ways to write a number that begins with a part of `first` digits, each a disguise.
fn disguises(number: &str, lengths: &[usize]) -> Vec<String> {
    let mut all = vec![
        number.to_owned(),
        number.to_lowercase(),
        full_width(number),
        with_digits(number, "٠١٢٣٤٥٦٧٨٩"),
        with_digits(number, "۰۱۲۳۴۵۶۷۸۹"),
        with_digits(number, "०१२३४५६७८९"),
        with_digits(number, "〇一二三四五六七八九"),
        with_digits(number, "零壹贰叁肆伍陆柒捌玖"),
        with_digits(number, "⓪①②③④⑤⑥⑦⑧⑨"),
        number.replace('0', "O"),
        number.replace('0', "o"),
        number.replace('1', "l"),
        number.replace(['0'], "О"),
        format!("请联系{number}。"),
        format!("2022-09-01 {number}"),
        format!("（{number}）"),
        format!("a{number}"),
    ];
    let separators = [
        " ", "  ", "\u{3000}", "\u{A0}", "-", "–", "—", ".", "。", ",", "，", "、", "·", "_", "/", "\\", "*", "~", ";",
        "；", ":", "：", "|-|", ", ", "\u{200B}", "\u{FEFF}",
    ];
    for by in separators {
        all.push(parted(number, lengths, by));
        all.push(parted(number, &[1; 20], by));
    }
    for (open, close) in [("(", ")"), ("（", "）"), ("[", "]"), ("【", "】"), ("〔", "〕")] {
        let (first, rest) = number.split_at(lengths[0]);
        all.push(format!("{open}{first}{close}{rest}"));
        all.push(format!("{open}{first}{close} {rest}"));
    }
    all
}

#[test]
fn id_numbers_are_found_in_every_disguise() {
    let numbers = [
        made_up(date(1985, 10, 14), 107),
        (0..1000)
            .map(|n| made_up(date(1970, 1, 1), n))
            .find(|id| id.ends_with('X'))
            .unwrap(),
    ];
    for number in numbers {
        let disguises = disguises(&number, &[6, 8]);
        assert!(disguises.len() > 50);
        for text in disguises {
            assert_eq!(in_text(&text), Some(Found::IdNumber), "{text}");
        }
        let apart = format!("{} {}", &number[..17], &number[17..]);
        assert_eq!(in_text(&apart), Some(Found::IdNumber), "{apart}");
    }
    // Of the old form: no check character, so only as people write it.
    for text in [
        "110105491231002",
        "１１０１０５４９１２３１００２",
        "一一〇一〇五四九一二三一〇〇二",
        "110105 491231 002",
        "110105-491231-002",
        "110105，491231，002",
        "110 105 491 231 002",
        "身份证：110105491231002",
    ] {
        assert_eq!(in_text(text), Some(Found::IdNumber), "{text}");
    }
}

#[test]
fn phones_are_found_in_every_disguise() {
    let disguises = disguises("19900100010", &[3, 4]);
    assert!(disguises.len() > 50);
    for text in disguises {
        assert_eq!(in_text(&text), Some(Found::PhoneNumber), "{text}");
    }
    for text in [
        "tel19900000000",
        "No19900000000",
        "19900000000xiaoming",
        "第一19900000000",
        "+86 19900000000",
        "+8619900000000",
        "+86-199-0000-0000",
        "(+86) 199 0000 0000",
        "（86）19900000000",
        "008619900000000",
        "0086 199 0000 0000",
        "1990000 0000",
        "199 000 00000",
        "0916-2223334",
        "(0916)2223334",
        "（0916） 222 3334",
        "09162223334",
        "0916 2223334",
        "010-66660000",
        "010 6666 0000",
        "+86 916 2223334",
        "零九一六-二二二三三三四",
    ] {
        assert_eq!(in_text(text), Some(Found::PhoneNumber), "{text}");
    }
}

#[test]
fn mail_addresses_are_found() {
    for text in [
        "wang@example.cn",
        "wang.fang@mail.example.com",
        "邮箱wang@example.cn。",
        "wang ＠ example．cn",
        "wang @example.cn",
    ] {
        assert_eq!(in_text(text), Some(Found::Email), "{text}");
    }
}

#[test]
fn ordinary_texts_pass() {
    let wrong_check = made_up(date(1985, 3, 4), 17).replace("19850304", "19850305");
    for text in [
        "",
        "听课 2 节，评课 1 次",
        "留教研发〔2022〕6号",
        "留教研发〔2022〕6号，2022-09-01 至 2022-12-31",
        "陕教师办〔2020〕9 号 余教体字〔2019〕134 号",
        "2022-09-01 08:00 2022-09-01 11:30",
        "2022年9月1日 8:00—11:30，14:00—17:30",
        "2022.09.01-2022.09.30",
        "20220901-20220930",
        "20220901 20220930 20221001",
        "LB-0001、LB-0002、LB-0003、LB-0004",
        "第一、二、三、四、五、六、七、八、九、十小学",
        "一、二、三年级，四五六年级",
        "二〇二二年九月一日至二〇二二年十二月三十一日",
        "2022061000123",
        "项目编号 2022061000123",
        "项目编号 20220901000000000000000123",
        "12345678901",
        "99000000000",
        "199000000001",
        "6107290001 6107290002",
        "参训150，2021-2022学年",
        "参训 150 2021 2022",
        "第150 20220901",
        "17XL 2x3 5X 1990000000x",
        "1990 00 00 00 0",
        "课时 6.5、12.25、130.00",
        "成绩 98 97 96 95 94 93 92 91",
        "GB/T 2260-2007",
        "ISBN 978-7-5041-1234-5",
        "https://www.example.cn/a?id=20220901",
        "@全体教师 请按时参加",
        "语文@三年级",
        &wrong_check,
        &format!("1{}", made_up(date(1985, 3, 4), 17)),
    ] {
        assert_eq!(in_text(text), None, "{text}");
    }
}

#[test]
fn ids_that_look_like_an_id_number_or_a_phone_are_found_and_others_pass() {
    let number = made_up(date(1985, 10, 14), 107);
    let dashed = format!("{}-{}-{}", &number[..6], &number[6..14], &number[14..]);
    for (id, found) in [
        (number.as_str(), Found::IdNumber),
        (&format!("T-{number}"), Found::IdNumber),
        (&format!("T{number}"), Found::IdNumber),
        (&format!("{number}-2"), Found::IdNumber),
        (&dashed, Found::IdNumber),
        ("11010519491231002x", Found::IdNumber),
        ("110105491231002", Found::IdNumber),
        ("19900000000", Found::PhoneNumber),
        ("tel19900000000", Found::PhoneNumber),
        ("LB-19900000000", Found::PhoneNumber),
        ("199-0000-0000", Found::PhoneNumber),
        ("8619900000000", Found::PhoneNumber),
        ("0916-2223334", Found::PhoneNumber),
    ] {
        assert_eq!(in_id(id), Some(found), "{id}");
    }
    for id in [
        "LB-0001",
        "610729",
        "2022061000123",
        "T20220901001",
        "S-20220901-0830",
        "2022-2023-1",
        "gp-2022-09-01-2022-12-31",
        "p-19900000000ab1234567",
        "p-ab19900000000c123456",
        "x-00916222333400000001",
        "610729-20220901-001",
        "0001-20220901",
        "12345678901",
    ] {
        assert_eq!(in_id(id), None, "{id}");
    }
}

proptest! {
    #[test]
    fn an_id_number_is_found_wherever_it_stands(before in "[^\\p{N}\\p{Han}a-zA-Z|○]{0,12}", days in 0..40_000_i32, n in 0..1000_u16, after in "[^\\p{N}]{0,12}") {
        let id = made_up(date(1900, 1, 1).checked_add(jiff::Span::new().days(days)).unwrap(), n);
        let text = format!("{before}{id}{after}");
        prop_assume!(!text.contains('@'));
        prop_assert_eq!(in_text(&text), Some(Found::IdNumber));
    }

    #[test]
    fn no_text_makes_the_search_panic(text in "[0-9０-９Xx .\\-\u{200B}@Ol一〇]{0,60}", other in "\\PC{0,60}") {
        let _ = (in_text(&text), in_text(&other), in_id(&text));
    }

    #[test]
    fn hashes_in_ids_pass(hash in "[0-9a-f]{20}") {
        prop_assert_eq!(in_id(&format!("p-{hash}")), None);
    }
}
