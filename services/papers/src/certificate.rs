//! Certificates: one page each, with the code that leads to its check.

use std::num::NonZeroU16;

use keshi_core::text::ERASED_NAME;
use keshi_proto::api::{Certificate, CertificateState};
use krilla::page::PageSettings;
use krilla::surface::Surface;
use krilla::tagging::{ContentTag, Node, Tag, TagGroup, TagTree};
use qrcode::{Color, EcLevel, QrCode};

use crate::layout::{Align, BLACK, GREY, Paper, RED, Style, bars, document, filled, finish, frame};
use crate::{BATCH_MAX, Fonts, Unprinted};

/// A4, lying.
const PAGE: (f32, f32) = (841.89, 595.28);

/// The middle of the page.
const MIDDLE: f32 = PAGE.0 / 2.0;

/// How wide the text is.
const WIDTH: f32 = 600.0;

/// The side of the code.
const CODE: f32 = 86.0;

/// The certificates as one file, a page each. `check` is the address of the page where they are checked, without the
/// number, such as `https://keshi.example.org/check/`; empty, where nobody can check from outside: then the code is the
/// number alone.
///
/// # Errors
///
/// [`Unprinted`]: nothing is printed where one of them cannot be.
pub fn certificates(fonts: &Fonts, certificates: &[Certificate], check: &str) -> Result<Vec<u8>, Unprinted> {
    if certificates.is_empty() || certificates.len() > BATCH_MAX {
        return Err(Unprinted::Batch(certificates.len()));
    }
    let mut document = document()?;
    let mut tree = TagTree::new().with_lang(Some("zh-CN".to_owned()));
    for certificate in certificates {
        if !matches!(
            certificate.state(),
            CertificateState::Valid | CertificateState::Reissued
        ) {
            return Err(Unprinted::NotValid(certificate.number.clone()));
        }
        if certificate.name == ERASED_NAME {
            return Err(Unprinted::Erased(certificate.number.clone()));
        }
        let settings = PageSettings::from_wh(PAGE.0, PAGE.1);
        let mut page = document.start_page_with(settings.unwrap_or_default());
        let mut surface = page.surface();
        let paper = Paper {
            fonts,
            whose: format!("{} {}", certificate.name, certificate.number),
        };
        let part = draw(&paper, &mut surface, certificate, check);
        surface.finish();
        page.finish();
        tree.push(part?);
    }
    let title = match certificates {
        [only] => format!("{} {}", only.kind_zh, only.number),
        all => format!("证书（{} 张）", all.len()),
    };
    let made = certificates.iter().filter_map(day).max().unwrap_or((2020, 1, 1));
    finish(document, &title, (made, tree))
}

fn day(certificate: &Certificate) -> Option<(u16, u8, u8)> {
    let day = certificate.issued_on.as_ref()?;
    Some((
        u16::try_from(day.year).ok()?,
        u8::try_from(day.month).ok()?,
        u8::try_from(day.day).ok()?,
    ))
}

fn draw(
    paper: &Paper<'_>,
    surface: &mut Surface<'_>,
    certificate: &Certificate,
    check: &str,
) -> Result<TagGroup, Unprinted> {
    let mut edges = frame((28.0, 28.0, PAGE.0 - 56.0, PAGE.1 - 56.0), 3.0).to_vec();
    edges.extend(frame((36.0, 36.0, PAGE.0 - 72.0, PAGE.1 - 72.0), 0.8));
    bars(surface, &edges, RED);
    let left = MIDDLE - WIDTH / 2.0;
    let mut whole = TagGroup::new(Tag::Div);
    let title = Style {
        size: 42.0,
        colour: RED,
        align: Align::Centre,
    };
    let id = paper.line(surface, (MIDDLE, 132.0), &spaced(&certificate.kind_zh), title)?;
    let level = NonZeroU16::MIN;
    let mut heading = TagGroup::new(Tag::Hn(level, Some(certificate.kind_zh.clone())));
    heading.push(id);
    whole.push(heading);
    let plain = Style {
        size: 20.0,
        colour: BLACK,
        align: Align::Left,
    };
    let of_school = certificate.school_names.join("、");
    let mut y = 200.0;
    let mut paragraph = TagGroup::new(Tag::P);
    for line in paper.wrapped(&format!("{of_school}{}老师：", certificate.name), WIDTH, plain.size) {
        paragraph.push(paper.line(surface, (left, y), &line, plain)?);
        y += 36.0;
    }
    whole.push(paragraph);
    let mut paragraph = TagGroup::new(Tag::P);
    let attests = certificate.attests.trim_end_matches('。');
    for line in paper.wrapped(&format!("　　{attests}。"), WIDTH, plain.size) {
        paragraph.push(paper.line(surface, (left, y), &line, plain)?);
        y += 36.0;
    }
    whole.push(paragraph);
    let mut paragraph = TagGroup::new(Tag::P);
    paragraph.push(paper.line(surface, (left, y), "　　特发此证。", plain)?);
    whole.push(paragraph);
    let right = Style {
        size: 18.0,
        align: Align::Right,
        ..plain
    };
    let mut signed = TagGroup::new(Tag::P);
    let issuer = if certificate.issuer.is_empty() {
        "（发证单位盖章）"
    } else {
        &certificate.issuer
    };
    signed.push(paper.line(surface, (left + WIDTH, 470.0), issuer, right)?);
    signed.push(paper.line(surface, (left + WIDTH, 500.0), &written(certificate), right)?);
    whole.push(signed);
    let small = Style {
        size: 12.0,
        colour: GREY,
        align: Align::Left,
    };
    let mut number = TagGroup::new(Tag::P);
    let beside = left + CODE + 14.0;
    number.push(paper.line(
        surface,
        (beside, 462.0),
        &format!("编号：{}", certificate.number),
        small,
    )?);
    number.push(paper.line(surface, (beside, 482.0), &certificate.code, small)?);
    let how = if check.is_empty() {
        "凭编号向发证单位核验".to_owned()
    } else {
        "扫码或凭编号核验".to_owned()
    };
    number.push(paper.line(surface, (beside, 502.0), &how, small)?);
    if !certificate.old_number.is_empty() {
        let old = format!("原编号：{}", certificate.old_number);
        number.push(paper.line(surface, (beside, 522.0), &old, small)?);
    }
    whole.push(number);
    let leads = format!("{check}{}", certificate.code);
    whole.push(code(surface, (left, 446.0), &leads)?);
    Ok(whole)
}

/// The code, with its text for those who do not see it.
fn code(surface: &mut Surface<'_>, (left, top): (f32, f32), text: &str) -> Result<Node, Unprinted> {
    let (side_dots, dots) = dots(text)?;
    let side = CODE / f32::from(side_dots);
    // A hair wider than its place, so that no light shines between two.
    let dot = |(x, y): (u16, u16)| {
        let (x, y) = (f32::from(x), f32::from(y));
        (left + x * side, top + y * side, side * 1.02, side * 1.02)
    };
    let dark: Vec<_> = dots.into_iter().map(dot).collect();
    let id = surface.start_tagged(ContentTag::Other);
    filled(surface, &dark, BLACK);
    surface.end_tagged();
    let mut figure = TagGroup::new(Tag::Figure(Some(format!("二维码：{text}"))));
    figure.push(id);
    Ok(figure.into())
}

/// How many dots the code has a side, and its dark ones.
fn dots(text: &str) -> Result<(u16, Vec<(u16, u16)>), Unprinted> {
    let code =
        QrCode::with_error_correction_level(text, EcLevel::M).map_err(|error| Unprinted::Defect(error.to_string()))?;
    // At most 177.
    let side = u16::try_from(code.width()).unwrap_or(u16::MAX);
    let places = (0..side).flat_map(|y| (0..side).map(move |x| (x, y)));
    let dark = places
        .zip(code.to_colors())
        .filter(|(_, colour)| *colour == Color::Dark);
    Ok((side, dark.map(|(place, _)| place).collect()))
}

/// A title with air between its few characters.
fn spaced(title: &str) -> String {
    let letters: Vec<String> = title.chars().map(String::from).collect();
    letters.join(" ")
}

/// 2022年12月30日
fn written(certificate: &Certificate) -> String {
    certificate
        .issued_on
        .as_ref()
        .map_or_else(String::new, |day| format!("{}年{}月{}日", day.year, day.month, day.day))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_leads_to_the_check_of_the_certificate() {
        let leads = "https://keshi.example.org/check/LJYZ-2022-0017-9";
        let (side, dark) = dots(leads).unwrap();
        // Four points a dot, with the light around it that readers want.
        let (zoom, light) = (4_usize, 4_usize);
        let whole = (usize::from(side) + 2 * light) * zoom;
        let is_dark = |x: usize, y: usize| {
            let at = |n: usize| u16::try_from((n / zoom).checked_sub(light)?).ok();
            at(x).zip(at(y)).is_some_and(|place| dark.contains(&place))
        };
        let mut picture = rqrr::PreparedImage::prepare_from_bitmap(whole, whole, is_dark);
        let grids = picture.detect_grids();
        let [grid] = grids.as_slice() else { panic!("one code") };
        assert_eq!(grid.decode().unwrap().1, leads);
    }
}
