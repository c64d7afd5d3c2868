//! Slips of paper with accounts and their one-time codes: a page to print and cut, which needs nothing besides.

use keshi_words::account::{Handed, slip};
use maud::{DOCTYPE, PreEscaped, html};

/// Two columns of slips with lines to cut along; no slip goes over the edge of a page.
const STYLE: &str = "@page{size:A4;margin:10mm}\
*{box-sizing:border-box}\
body{margin:0;font:11pt/1.5 'Noto Sans CJK SC','Source Han Sans SC','Microsoft YaHei','SimSun',sans-serif;color:#000}\
main{display:grid;grid-template-columns:1fr 1fr}\
section{border:1px dashed #777;margin:-1px 0 0 -1px;padding:5mm;min-height:58mm;break-inside:avoid}\
h2{font-size:12pt;margin:0 0 2mm}\
dl{display:grid;grid-template-columns:auto 1fr;gap:0 3mm;margin:0}\
dt{color:#444}dd{margin:0;overflow-wrap:anywhere}\
.code{font:bold 14pt/1.4 'DejaVu Sans Mono','Consolas',monospace}\
p{margin:2mm 0 0;font-size:9pt}";

/// The page.
pub(super) fn page(handed: &[Handed], url: Option<&str>) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="zh-CN" {
            head {
                meta charset="utf-8";
                title { "课时账号" }
                style { (PreEscaped(STYLE)) }
            }
            body { main { @for handed in handed { (slip(handed, url)) } } }
        }
    };
    page.into_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_a_slip_for_each_and_takes_nothing_from_elsewhere() {
        let page = page(&[Handed::default(), Handed::default()], None);
        assert_eq!(page.matches("<section>").count(), 2);
        for elsewhere in ["<link", "<script", "src=", "url("] {
            assert!(!page.contains(elsewhere), "{elsewhere}");
        }
    }
}
