//! What every page has to be, whatever it shows.

/// One heading of the first order, a title, a language, labels for what is filled in, headings for columns, nothing inline.
pub(crate) fn check(address: &str, page: &str) {
    let count = |part: &str| page.matches(part).count();
    assert_eq!(count("<h1>"), 1, "{address}: headings");
    let title = page
        .split_once("<title>")
        .and_then(|(_, rest)| rest.split_once("</title>"));
    assert!(
        title.is_some_and(|(title, _)| title.chars().count() > 8),
        "{address}: {title:?}"
    );
    assert!(page.contains("<html lang=\"en\">"), "{address}: language");
    assert!(
        tags(page).any(|tag| tag.starts_with("main ") && tag.contains("id=\"main\"")),
        "{address}: main"
    );
    let mut labels = 0;
    for tag in tags(page) {
        let name = tag.split([' ', '>']).next().unwrap_or_default();
        match name {
            "label" => labels += 1,
            "/label" => labels -= 1,
            "input" | "select" | "textarea" => {
                let is_hidden = tag.contains("type=\"hidden\"");
                assert!(labels > 0 || is_hidden, "{address}: no label for <{tag}");
            }
            "script" => assert!(tag.contains(" src=\"/assets/"), "{address}: an inline script"),
            "style" | "iframe" | "object" | "embed" | "base" => panic!("{address}: <{tag}"),
            "table" => assert!(page.contains("<caption>"), "{address}: a table without a caption"),
            "th" => assert!(tag.contains("scope="), "{address}: <{tag}"),
            "svg" => assert!(
                tag.contains("role=\"img\"") && tag.contains("aria-label=\""),
                "{address}: <{tag}"
            ),
            _ => {}
        }
        for attribute in attributes(tag) {
            let is_inline = attribute == "style" || attribute.starts_with("on") || attribute.starts_with("hx-on");
            assert!(!is_inline, "{address}: {attribute} in <{tag}");
        }
    }
    assert_eq!(labels, 0, "{address}: labels");
}

/// What stands between `<` and `>`: on a page that escapes its texts, tags alone.
pub(crate) fn tags(page: &str) -> impl Iterator<Item = &str> {
    page.split('<')
        .skip(1)
        .map(|rest| rest.split('>').next().unwrap_or_default())
}

/// The names of a tag's attributes: what stands outside of quotes before `=`.
fn attributes(tag: &str) -> Vec<&str> {
    let outside = tag.split('"').step_by(2);
    outside
        .flat_map(str::split_whitespace)
        .filter_map(|part| part.strip_suffix('='))
        .collect()
}
