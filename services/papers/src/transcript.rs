//! The transcript (学时证明) of one teacher: what is counted of her in a period, line by line.

use keshi_core::lang::Lang;
use keshi_core::text::ERASED_NAME;
use keshi_proto::api::{Balance, Line, PolicyBalance};
use keshi_words::balance::{heading, totals};
use keshi_words::line::rule;
use keshi_words::names::{amount, count, meter};
use keshi_words::time::{date, dates};

use crate::layout::{Align, Paper, Style, document, finish};
use crate::sheet::{Column, MARGIN, PAGE, PLAIN, Part, SIZE, Sheet};
use crate::{Fonts, Unprinted};

/// The columns' names.
const HEADINGS: [&str; 5] = ["日期", "内容", "种类", "依据", "计入"];

/// Their places.
const COLUMNS: [Column; 5] = [
    (MARGIN, 116.0),
    (MARGIN + 120.0, 194.0),
    (MARGIN + 318.0, 56.0),
    (MARGIN + 378.0, 60.0),
    (PAGE.0 - MARGIN, 0.0),
];

/// What is counted of her in the period, with each line that counts. `issued` is the day of issue, as year, month, day.
///
/// # Errors
///
/// [`Unprinted`] if a character cannot be set.
pub fn transcript(fonts: &Fonts, balance: &Balance, issued: (u16, u8, u8)) -> Result<Vec<u8>, Unprinted> {
    if balance.name == ERASED_NAME {
        return Err(Unprinted::Erased(balance.teacher_id.clone()));
    }
    let paper = Paper {
        fonts,
        whose: format!("{} {}", balance.name, balance.teacher_id),
    };
    let mut sheet = Sheet::new(&paper, 92.0);
    let title = "教师培训学时证明";
    let part = sheet.begin(Part::Heading(1, title.to_owned()));
    let centred = Style {
        size: 22.0,
        align: Align::Centre,
        ..PLAIN
    };
    sheet.put((PAGE.0 / 2.0, 74.0), title.to_owned(), centred, part);
    sheet.y = 108.0;
    for text in about(balance) {
        sheet.paragraph(&text, 11.0);
    }
    for policy in &balance.policies {
        section(&mut sheet, policy);
    }
    let (year, month, day) = issued;
    sheet.room(90.0);
    sheet.y += 34.0;
    let signed = Style {
        size: 11.0,
        align: Align::Right,
        ..PLAIN
    };
    for text in [
        "出具单位（盖章）：　　　　　　　　".to_owned(),
        format!("{year}年{month}月{day}日"),
    ] {
        let part = sheet.begin(Part::Paragraph);
        let at = (PAGE.0 - MARGIN, sheet.y);
        sheet.put(at, text, signed, part);
        sheet.y += 22.0;
    }
    let mut document = document()?;
    let foot = format!("依据台账 {} 条（台账只增不改，可按此复核）", count(balance.size));
    let tree = sheet.draw(&mut document, &foot)?;
    let title = format!("{title} {} {} {}", balance.name, balance.teacher_id, balance.period);
    finish(document, &title, (issued, tree))
}

fn about(balance: &Balance) -> Vec<String> {
    let (from, to) = (date(balance.from.as_ref()), date(balance.to.as_ref()));
    let mut who = format!("姓名：{}　　教师编号：{}", balance.name, balance.teacher_id);
    if !balance.subject.is_empty() {
        who = format!("{who}　　学科：{}", balance.subject);
    }
    let mut said = vec![who];
    if !balance.school_names.is_empty() {
        said.push(format!("学校：{}", balance.school_names.join("、")));
    }
    said.push(format!("期间：{}（{from} 至 {to}）", balance.period));
    said
}

/// What one policy counts.
fn section(sheet: &mut Sheet<'_, '_>, policy: &PolicyBalance) {
    let name = heading(&policy.policy_id, policy.version, &policy.policy_name, Lang::Zh);
    sheet.heading(2, name.trim(), (11.0, 80.0));
    sheet.paragraph(totals(policy, Lang::Zh).trim(), 10.0);
    let headings = HEADINGS.map(|name| vec![name.to_owned()]);
    sheet.row(&COLUMNS, &headings, true);
    let counted = policy.lines.iter().filter(|line| line.counted_centiamount > 0);
    for line in counted {
        let cells = cells(sheet.paper(), policy, line);
        sheet.row_or_next_page(&COLUMNS, &headings, &cells);
    }
}

fn cells(paper: &Paper<'_>, policy: &PolicyBalance, line: &Line) -> [Vec<String>; 5] {
    let what = if line.what.is_empty() {
        &line.kind_zh
    } else {
        &line.what
    };
    let [_, (_, width), ..] = COLUMNS;
    let counted = format!(
        "{} {}",
        amount(line.counted_centiamount),
        meter_unit(policy, &line.meter)
    );
    [
        vec![dates(line.from.as_ref(), line.to.as_ref())],
        paper.wrapped(what, width, SIZE),
        vec![line.kind_zh.clone()],
        vec![rule(line, policy.version)],
        vec![counted],
    ]
}

/// The unit of a meter, as its total says it.
fn meter_unit(policy: &PolicyBalance, of: &str) -> String {
    let total = policy.meters.iter().find(|total| total.meter == of);
    total.map_or_else(|| meter(of, Lang::Zh), |total| total.unit.clone())
}
