//! As a page that stands alone: nothing is fetched, and funnels are drawn as SVG in the text.

use std::fmt::Write as _;

use keshi_words::report::{Bars, Block, Grid, Paper as Report};

/// What a page looks like, on screen and on paper.
const STYLE: &str = "body{font:16px/1.7 \"Noto Serif CJK SC\",\"Songti SC\",SimSun,serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#111}\
h1{text-align:center}.about{color:#555;font-size:.85rem}table{border-collapse:collapse;width:100%;margin:.5rem 0 1.2rem;font-size:.9rem}\
caption{text-align:left;color:#555}th,td{border-bottom:1px solid #ccc;padding:.25rem .6rem;text-align:left}\
td.n,th.n{text-align:right}svg{max-width:100%;height:auto}@media print{body{margin:0}h2,h3{break-after:avoid}tr,svg{break-inside:avoid}}";

/// How long a bar is at most, how high, and how far apart.
const BAR: (i64, i64, i64) = (360, 18, 26);

/// Where bars begin.
const BAR_LEFT: i64 = 260;

/// The report as a page of its own.
pub fn html(report: &Report, language: &str) -> String {
    let title = escaped(&report.title);
    let about = escaped(&report.about);
    let mut text = format!(
        "<!doctype html>\n<html lang=\"{language}\">\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n\
         <title>{title}</title>\n<style>{STYLE}</style>\n<h1>{title}</h1>\n<p class=\"about\">{about}</p>\n"
    );
    for block in &report.blocks {
        // Writing to a String does not fail.
        let _ = match block {
            Block::Heading(1, heading) => writeln!(text, "<h2>{}</h2>", escaped(heading)),
            Block::Heading(_, heading) => writeln!(text, "<h3>{}</h3>", escaped(heading)),
            Block::Paragraph(paragraph) => writeln!(text, "<p>{}</p>", escaped(paragraph)),
            Block::Table(grid) => table(&mut text, grid),
            Block::Bars(bars) => writeln!(text, "{}", funnel(bars)),
        };
    }
    text + "</html>\n"
}

fn table(text: &mut String, grid: &Grid) -> std::fmt::Result {
    let class = |place: usize| {
        let is_number = grid.columns.get(place).is_some_and(|(_, number)| *number);
        if is_number { " class=\"n\"" } else { "" }
    };
    write!(text, "<table><caption>{}</caption><thead><tr>", escaped(&grid.caption))?;
    for (place, (name, _)) in grid.columns.iter().enumerate() {
        write!(text, "<th scope=\"col\"{}>{}</th>", class(place), escaped(name))?;
    }
    write!(text, "</tr></thead><tbody>")?;
    for row in &grid.rows {
        write!(text, "<tr>")?;
        for (place, cell) in row.iter().enumerate() {
            write!(text, "<td{}>{}</td>", class(place), escaped(cell))?;
        }
        write!(text, "</tr>")?;
    }
    writeln!(text, "</tbody></table>")
}

/// A funnel as a drawing (SVG) with its name, to stand in a page.
pub fn funnel(bars: &Bars) -> String {
    let (long, high, step) = BAR;
    let widest = bars.bars.iter().map(|(_, length, _)| *length).max().unwrap_or(0).max(1);
    let height = step * i64::try_from(bars.bars.len()).unwrap_or(0) + 8;
    let name = escaped(&bars.name);
    let told: Vec<String> = bars
        .bars
        .iter()
        .map(|(name, _, said)| format!("{name} {said}"))
        .collect();
    let told = escaped(&told.join("，"));
    let mut text = format!(
        "<figure><figcaption>{name}</figcaption><svg role=\"img\" aria-label=\"{name}：{told}\" viewBox=\"0 0 720 {height}\" width=\"720\" height=\"{height}\" font-size=\"14\">"
    );
    for (place, (name, length, said)) in (0_i64..).zip(&bars.bars) {
        let (y, width) = (place * step + 4, (length * long / widest).max(1));
        let baseline = y + high - 4;
        let _ = write!(
            text,
            "<text x=\"{}\" y=\"{baseline}\" text-anchor=\"end\">{}</text><rect x=\"{BAR_LEFT}\" y=\"{y}\" width=\"{width}\" height=\"{high}\" fill=\"#8c2f2f\"/><text x=\"{}\" y=\"{baseline}\">{}</text>",
            BAR_LEFT - 8,
            escaped(name),
            BAR_LEFT + width + 8,
            escaped(said),
        );
    }
    text + "</svg></figure>"
}

fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}
