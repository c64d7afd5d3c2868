//! Lines of text on pages, with what assistive programs are told of them.

use krilla::Document;
use krilla::color::rgb;
use krilla::configure::{Archival, ConfigurationBuilder};
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::{DateTime, Metadata};
use krilla::paint::Fill;
use krilla::surface::Surface;
use krilla::tagging::{ArtifactType, ContentTag, Identifier, SpanTag, TagTree};
use krilla::{SerializeSettings, tagging::Artifact};

use crate::{Fonts, Unprinted};

/// Black, and a red as of seals.
pub(crate) const BLACK: (u8, u8, u8) = (0, 0, 0);
pub(crate) const RED: (u8, u8, u8) = (160, 28, 28);
pub(crate) const GREY: (u8, u8, u8) = (90, 90, 90);

/// Where a line stands to the place that it is given.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Align {
    Left,
    Centre,
    Right,
}

/// How a line is set.
#[derive(Clone, Copy)]
pub(crate) struct Style {
    pub(crate) size: f32,
    pub(crate) colour: (u8, u8, u8),
    pub(crate) align: Align,
}

/// A paper that is being made.
pub(crate) struct Paper<'f> {
    pub(crate) fonts: &'f Fonts,
    /// Whose the page is, to be named where it cannot be set.
    pub(crate) whose: String,
}

/// A new file that keeps PDF/A-2a.
pub(crate) fn document() -> Result<Document, Unprinted> {
    let configuration = ConfigurationBuilder::new()
        .with_archival_validator(Archival::A2_A)
        .finish()
        .map_err(|error| Unprinted::Defect(format!("{error:?}")))?;
    Ok(Document::new_with(SerializeSettings {
        configuration,
        enable_tagging: true,
        ..SerializeSettings::default()
    }))
}

/// The file's bytes.
pub(crate) fn finish(
    mut document: Document,
    title: &str,
    (made, tree): ((u16, u8, u8), TagTree),
) -> Result<Vec<u8>, Unprinted> {
    let (year, month, day) = made;
    let metadata = Metadata::new()
        .title(title.to_owned())
        .language("zh-CN".to_owned())
        .creator("Keshi 课时".to_owned())
        .creation_date(
            DateTime::new(year)
                .month(month)
                .day(day)
                .hour(0)
                .minute(0)
                .second(0)
                .utc_offset_hour(8)
                .utc_offset_minute(0),
        );
    document.set_metadata(metadata);
    document.set_tag_tree(tree);
    document
        .finish()
        .map_err(|error| Unprinted::Defect(format!("{error:?}")))
}

impl Paper<'_> {
    /// One line at this place, as a part that is read.
    pub(crate) fn line(
        &self,
        surface: &mut Surface<'_>,
        (x, y): (f32, f32),
        text: &str,
        style: Style,
    ) -> Result<Identifier, Unprinted> {
        let id = surface.start_tagged(ContentTag::Span(SpanTag::empty().with_lang(Some("zh-CN"))));
        let drawn = self.draw(surface, (x, y), text, style);
        surface.end_tagged();
        drawn.map(|()| id)
    }

    /// One line that is no part of what is read, such as the foot of a page.
    pub(crate) fn aside(
        &self,
        surface: &mut Surface<'_>,
        place: (f32, f32),
        text: &str,
        style: Style,
    ) -> Result<(), Unprinted> {
        surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::Other)));
        let drawn = self.draw(surface, place, text, style);
        surface.end_tagged();
        drawn
    }

    fn draw(&self, surface: &mut Surface<'_>, (x, y): (f32, f32), text: &str, style: Style) -> Result<(), Unprinted> {
        let runs = self.fonts.set(text).map_err(|character| Unprinted::NoGlyph {
            whose: self.whose.clone(),
            character,
        })?;
        let width: f32 = runs.iter().map(|run| run.width).sum::<f32>() * style.size;
        let mut at = match style.align {
            Align::Left => x,
            Align::Centre => x - width / 2.0,
            Align::Right => x - width,
        };
        surface.set_fill(Some(fill(style.colour)));
        surface.set_stroke(None);
        for run in runs {
            let point = Point::from_xy(at, y);
            surface.draw_glyphs(point, &run.glyphs, run.font.clone(), &run.text, style.size, false);
            at += run.width * style.size;
        }
        Ok(())
    }

    /// The text in lines of at most this width. A line begins with no closing mark and ends with no opening one.
    pub(crate) fn wrapped(&self, text: &str, width: f32, size: f32) -> Vec<String> {
        let mut lines = vec![String::new()];
        let mut filled = 0.0;
        for character in text.chars() {
            let advance = self.fonts.width(character.encode_utf8(&mut [0; 4])) * size;
            let is_full = filled + advance > width && !is_closing(character);
            if is_full {
                let last = lines.last_mut().and_then(Line::pop_if_opening);
                let next: String = last.into_iter().collect();
                filled = self.fonts.width(&next) * size;
                lines.push(next);
            }
            if let Some(line) = lines.last_mut() {
                line.push(character);
                filled += advance;
            }
        }
        lines
    }
}

/// A line that may end with an opening mark.
trait Line {
    /// That mark, taken away.
    fn pop_if_opening(&mut self) -> Option<char>;
}

impl Line for String {
    fn pop_if_opening(&mut self) -> Option<char> {
        let last = self.chars().next_back().filter(|last| "（〔【《“‘([".contains(*last));
        last.and_then(|_| self.pop())
    }
}

fn is_closing(character: char) -> bool {
    "。，、；：！？）〕】》”’)]},.;:!?".contains(character)
}

pub(crate) fn fill((red, green, blue): (u8, u8, u8)) -> Fill {
    Fill {
        paint: rgb::Color::new(red, green, blue).into(),
        ..Fill::default()
    }
}

/// Bars that are no part of what is read: left, top, width, height.
pub(crate) fn bars(surface: &mut Surface<'_>, bars: &[(f32, f32, f32, f32)], colour: (u8, u8, u8)) {
    surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::Other)));
    filled(surface, bars, colour);
    surface.end_tagged();
}

/// The bars alone, for whoever has said what they are.
pub(crate) fn filled(surface: &mut Surface<'_>, bars: &[(f32, f32, f32, f32)], colour: (u8, u8, u8)) {
    let mut path = PathBuilder::new();
    for (left, top, width, height) in bars {
        if let Some(rect) = Rect::from_xywh(*left, *top, *width, *height) {
            path.push_rect(rect);
        }
    }
    surface.set_fill(Some(fill(colour)));
    surface.set_stroke(None);
    if let Some(path) = path.finish() {
        surface.draw_path(&path);
    }
}

/// The four sides of a frame.
pub(crate) fn frame((left, top, width, height): (f32, f32, f32, f32), thick: f32) -> [(f32, f32, f32, f32); 4] {
    [
        (left, top, width, thick),
        (left, top + height - thick, width, thick),
        (left, top, thick, height),
        (left + width - thick, top, thick, height),
    ]
}
