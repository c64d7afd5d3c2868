//! The annual report (年度报告) as headings, paragraphs, tables and bars: what every form of it says, whatever it is printed on.

use keshi_core::lang::Lang;
use keshi_proto::api::{ReportFigure, ReportResearcher, ReportTable, UsedDefinitions, YearReport, figure_value};

use crate::names::{amount, count, status};

/// A report to be set.
#[derive(Clone, Debug, PartialEq)]
pub struct Paper {
    /// Its title.
    pub title: String,
    /// Where the figures come from.
    pub about: String,
    /// Its parts.
    pub blocks: Vec<Block>,
}

/// A part of a report.
#[derive(Clone, Debug, PartialEq)]
pub enum Block {
    /// A heading: a chapter's, or one within a chapter.
    Heading(u8, String),
    /// A paragraph.
    Paragraph(String),
    /// A table.
    Table(Grid),
    /// A funnel, drawn.
    Bars(Bars),
}

/// A table.
#[derive(Clone, Debug, PartialEq)]
pub struct Grid {
    /// What it is.
    pub caption: String,
    /// The columns' names, and whether they hold numbers.
    pub columns: Vec<(String, bool)>,
    /// The rows, each with as many cells as there are columns.
    pub rows: Vec<Vec<String>>,
    /// Of the figures' table, the id of each row's figure.
    pub figures: Vec<String>,
}

/// A funnel: names with numbers, and how they are said.
#[derive(Clone, Debug, PartialEq)]
pub struct Bars {
    /// What it is called.
    pub name: String,
    /// From the widest on: name, length, what stands beside.
    pub bars: Vec<(String, i64, String)>,
}

impl Grid {
    fn new<const N: usize>(caption: &str, columns: [(&str, bool); N]) -> Self {
        Self {
            caption: caption.to_owned(),
            columns: columns.map(|(name, is_number)| (name.to_owned(), is_number)).to_vec(),
            rows: Vec::new(),
            figures: Vec::new(),
        }
    }
}

/// The sentences alone, with their headings: what an office pastes into its report.
pub fn sentences(report: &YearReport) -> String {
    let paragraphs = report
        .paragraphs
        .iter()
        .map(|one| format!("{}\n{}\n", one.heading, one.text));
    paragraphs.collect()
}

/// By which definitions it was counted.
pub fn definitions(used: Option<&UsedDefinitions>, lang: Lang) -> String {
    let Some(used) = used else { return String::new() };
    let (name, version) = (&used.name, used.version);
    if used.adopted {
        return lang.pick(
            format!("口径：{name} 第 {version} 版"),
            format!("definitions: {name}, version {version}"),
        );
    }
    lang.pick(
        format!("口径：{name}（本室尚未发布口径，按程序自带的计算）"),
        format!("definitions: {name} (those that come with the program; the office has adopted none)"),
    )
}

/// The whole report.
pub fn paper(report: &YearReport, lang: Lang) -> Paper {
    let year = report.year;
    let mut blocks = Vec::new();
    for paragraph in &report.paragraphs {
        blocks.push(Block::Heading(1, paragraph.heading.clone()));
        blocks.push(Block::Paragraph(paragraph.text.clone()));
    }
    blocks.push(Block::Heading(1, lang.pick("附：数据表", "The figures").to_owned()));
    blocks.push(Block::Table(figures(report, lang)));
    let funnels = report
        .funnels
        .iter()
        .map(|funnel| bars(report, &funnel.name, &funnel.figure_ids));
    let funnels: Vec<Bars> = funnels
        .filter(|bars| bars.bars.iter().any(|(_, length, _)| *length > 0))
        .collect();
    if !funnels.is_empty() {
        blocks.push(Block::Heading(2, lang.pick("逐级推荐", "Step by step").to_owned()));
        blocks.extend(funnels.into_iter().map(Block::Bars));
    }
    if !report.researchers.is_empty() {
        blocks.push(Block::Heading(
            2,
            lang.pick("专职教研员达标情况", "Full-time researchers").to_owned(),
        ));
        blocks.push(Block::Table(researchers(&report.researchers, lang)));
    }
    for table in &report.tables {
        blocks.push(Block::Heading(
            2,
            lang.pick(format!("按{}", table.by), by(&table.by).to_owned()),
        ));
        blocks.push(Block::Table(people(table, lang)));
    }
    remarks(report, lang, &mut blocks);
    Paper {
        title: lang.pick(format!("{year} 年度报告"), format!("Annual report {year}")),
        about: about(report, lang),
        blocks,
    }
}

fn by(zh: &str) -> &'static str {
    match zh {
        "学校" => "By school",
        "片区" => "By group",
        "学段" => "By stage",
        _ => "By subject",
    }
}

fn about(report: &YearReport, lang: Lang) -> String {
    let size = count(report.size);
    let from = lang.pick(format!("按台账 {size} 条计算"), format!("counted from {size} entries"));
    let standing = match &report.closing {
        Some(closing) if closing.reason.is_empty() => lang.pick("，封账数据".to_owned(), ", as closed".to_owned()),
        Some(closing) => lang.pick(
            format!("，重述数据（{}）", closing.reason),
            format!(", as restated ({})", closing.reason),
        ),
        None => String::new(),
    };
    let due = if report.restatement_due {
        lang.pick(
            "；与封账数据不同，待重述",
            "; other than when the year was closed, to be restated",
        )
    } else {
        ""
    };
    let hash = keshi_core::hex::show(report.figures_hash.get(..8).unwrap_or_default());
    let definitions = definitions(report.definitions.as_ref(), lang);
    lang.pick(
        format!("{from}{standing}{due}。{definitions}。数据校验 {hash}"),
        format!("{from}{standing}{due}; {definitions}; hash {hash}"),
    )
}

fn figures(report: &YearReport, lang: Lang) -> Grid {
    let mut grid = Grid::new(
        lang.pick("指标", "figures"),
        [
            (lang.pick("指标", "figure"), false),
            (lang.pick("表述", "in words"), true),
            (lang.pick("精确值", "exactly"), true),
            (lang.pick("上一年", "the year before"), true),
            (lang.pick("依据（条）", "entries"), true),
        ],
    );
    for figure in &report.figures {
        grid.rows.push(vec![
            figure.name.clone(),
            figure.worded.clone(),
            figure.exact.clone(),
            or_dash(&figure.year_before),
            // Made of others, whose entries are behind those.
            match figure.counts.as_str() {
                "sum" | "share" => "—".to_owned(),
                _ => count(figure.entries.unsigned_abs()),
            },
        ]);
        grid.figures.push(figure.id.clone());
    }
    grid
}

fn or_dash(text: &str) -> String {
    if text.is_empty() {
        "—".to_owned()
    } else {
        text.to_owned()
    }
}

fn bars(report: &YearReport, name: &str, ids: &[String]) -> Bars {
    let figure = |id: &String| report.figures.iter().find(|figure| figure.id == *id);
    let length = |figure: &ReportFigure| match figure.value.as_ref().and_then(|value| value.value.as_ref()) {
        Some(figure_value::Value::Centiamount(centi)) => centi / 100,
        Some(figure_value::Value::Share(_)) | None => 0,
    };
    let bars = ids.iter().filter_map(figure);
    Bars {
        name: name.to_owned(),
        bars: bars
            .map(|figure| (figure.name.clone(), length(figure), figure.exact.clone()))
            .collect(),
    }
}

fn researchers(all: &[ReportResearcher], lang: Lang) -> Grid {
    let mut grid = Grid::new(
        lang.pick("专职教研员", "full-time researchers"),
        [
            (lang.pick("教研员", "researcher"), false),
            (lang.pick("要求", "requirement"), false),
            (lang.pick("周期", "period"), false),
            (lang.pick("计入", "counted"), true),
            (lang.pick("应达", "due"), true),
            (lang.pick("结论", "stands"), false),
        ],
    );
    for one in all {
        let who = if one.name.is_empty() {
            &one.teacher_id
        } else {
            &one.name
        };
        let stands = match one.meets {
            Some(true) => lang.pick("全部达标", "meets everything"),
            Some(false) => lang.pick("未全部达标", "misses something"),
            None => lang.pick("没有适用规则", "no policy"),
        };
        let mut first = Some(who.clone());
        if one.standings.is_empty() {
            grid.rows.push(vec![
                who.clone(),
                String::new(),
                String::new(),
                String::new(),
                String::new(),
                stands.to_owned(),
            ]);
        }
        for standing in &one.standings {
            let status = keshi_proto::api::Status::try_from(standing.status).unwrap_or_default();
            grid.rows.push(vec![
                first
                    .take()
                    .map_or_else(String::new, |who| format!("{who}（{stands}）")),
                standing.requirement_id.clone(),
                standing.period.clone(),
                amount(standing.counted_centiamount),
                amount(standing.min_centiamount),
                self::status(status, lang).to_owned(),
            ]);
        }
    }
    grid
}

fn people(table: &ReportTable, lang: Lang) -> Grid {
    let mut grid = Grid::new(
        &table.by,
        [
            (
                lang.pick(table.by.as_str(), by(&table.by).trim_start_matches("By ")),
                false,
            ),
            (lang.pick("在岗", "in service"), true),
            (lang.pick("参训（人）", "trained"), true),
            (lang.pick("参训（人次）", "person-times"), true),
            (lang.pick("课时", "hours"), true),
            (lang.pick("达标（人）", "meet"), true),
            (lang.pick("未达标（人）", "short"), true),
        ],
    );
    let number = |number: i64| count(number.unsigned_abs());
    for row in &table.rows {
        let teachers = if row.few && row.teachers < 3 {
            "<3".to_owned()
        } else {
            number(row.teachers)
        };
        let told = [
            number(row.trained),
            number(row.person_times),
            amount(row.centihours),
            number(row.meeting),
            number(row.short),
        ];
        let told = told.map(|text| if row.few { "—".to_owned() } else { text });
        grid.rows
            .push([row.name.clone(), teachers].into_iter().chain(told).collect());
    }
    grid
}

/// Contradictions, what was typed in, and outreach of which nobody knows who gave it: reported, never repaired.
fn remarks(report: &YearReport, lang: Lang, blocks: &mut Vec<Block>) {
    blocks.push(Block::Heading(
        2,
        lang.pick("需要核对的地方", "To be looked at").to_owned(),
    ));
    let before = blocks.len();
    for remark in &report.contradictions {
        blocks.push(Block::Paragraph(lang.pick(&remark.text_zh, &remark.text_en).clone()));
    }
    for noted in &report.noted {
        let bound =
            keshi_core::codes::Bound::from_code(noted.bound).map_or("", |bound| lang.pick(bound.zh(), bound.en()));
        let (index, id, value, unit) = (noted.index, &noted.figure_id, amount(noted.centiamount), &noted.unit);
        blocks.push(Block::Paragraph(lang.pick(
            format!("手填数据：{id} {value}{unit}（{bound}，第 {index} 条），不计入上面的数据"),
            format!("typed in: {id} {bound} {value} {unit} (entry {index}), in no figure above"),
        )));
    }
    for outreach in &report.unattributed {
        let (index, lessons, talks) = (outreach.index, outreach.lessons, outreach.talks);
        blocks.push(Block::Paragraph(lang.pick(
            format!("第 {index} 条送教只有总数（{lessons} 节、{talks} 场），没有授课人：计入总数，不计入任何人"),
            format!("entry {index} gives outreach as a count alone ({lessons} lessons, {talks} talks): in the total, in nobody's balance"),
        )));
    }
    if blocks.len() == before {
        blocks.push(Block::Paragraph(
            lang.pick(
                "没有互相矛盾的数据，没有手填数据。",
                "Nothing contradicts anything, and nothing was typed in.",
            )
            .to_owned(),
        ));
    }
}
