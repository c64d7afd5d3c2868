//! The fonts: the first that has a character is the one that it is set in.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use krilla::text::{Font, GlyphId, KrillaGlyph};
use skrifa::instance::{LocationRef, Size};
use skrifa::string::StringId;
use skrifa::{FontRef, MetadataProvider as _};
use thiserror::Error;

/// Largest font that is read, in bytes: one of all Chinese characters in several weights has some twenty million.
const FONT_BYTES_MAX: u64 = 64 << 20;

/// Most faces looked at in a collection.
const FACES_MAX: u32 = 64;

/// Where fonts are looked for when none is named: what the package of an office brings, then those of Debian and its kin.
const PLACES: [&str; 7] = [
    "/usr/share/keshi/fonts",
    "/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc",
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/arphic/uming.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf",
];

/// Why there are no fonts.
#[derive(Debug, Error)]
pub enum NoFonts {
    /// None was named, and none is where they are looked for.
    #[error("no font with Chinese characters was found; name one with --font, or install fonts-noto-cjk")]
    None,
    /// A file cannot be read.
    #[error("{path} cannot be read")]
    Unreadable {
        /// The file or directory.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file is no font.
    #[error("{path} is no font (ttf, otf or ttc)")]
    NoFont {
        /// The file.
        path: PathBuf,
    },
}

/// Fonts, in the order in which they are asked. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Fonts(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    faces: Vec<Face>,
    /// What was looked up before: looking into a font costs more than a page has characters.
    known: Mutex<HashMap<char, Option<Known>>>,
}

/// A character in the fonts.
#[derive(Clone, Copy, Debug)]
struct Known {
    /// The place of its face.
    face: usize,
    glyph: GlyphId,
    /// Its width at a size of one.
    advance: f32,
}

#[derive(Debug)]
struct Face {
    font: Font,
    data: Arc<Vec<u8>>,
    index: u32,
    units_per_em: f32,
}

/// Glyphs of one face in a line.
pub(crate) struct Run {
    pub(crate) font: Font,
    pub(crate) text: String,
    pub(crate) glyphs: Vec<KrillaGlyph>,
    /// Its width at a size of one.
    pub(crate) width: f32,
}

impl Fonts {
    /// The fonts of these files and directories, in this order; without any, those that are found in the usual places.
    ///
    /// # Errors
    ///
    /// [`NoFonts`] if one cannot be read, or there is none.
    pub fn load(named: &[PathBuf]) -> Result<Self, NoFonts> {
        let mut faces = Vec::new();
        if named.is_empty() {
            for place in PLACES.iter().map(Path::new).filter(|place| place.exists()) {
                load(place, &mut faces)?;
            }
        }
        for path in named {
            load(path, &mut faces)?;
        }
        if faces.is_empty() {
            return Err(NoFonts::None);
        }
        let known = Mutex::default();
        Ok(Self(Arc::new(Inner { faces, known })))
    }

    /// The text in glyphs, and the first character that no font has.
    pub(crate) fn set(&self, text: &str) -> Result<Vec<Run>, char> {
        let mut runs: Vec<Run> = Vec::new();
        for character in text.chars() {
            let (face, glyph, advance) = self.glyph(character).ok_or(character)?;
            let font = &face.font;
            if runs.last().is_none_or(|run| run.font != *font) {
                runs.push(Run {
                    font: font.clone(),
                    text: String::new(),
                    glyphs: Vec::new(),
                    width: 0.0,
                });
            }
            if let Some(run) = runs.last_mut() {
                let start = run.text.len();
                run.text.push(character);
                let range = start..run.text.len();
                run.glyphs
                    .push(KrillaGlyph::new(glyph, advance, 0.0, 0.0, 0.0, range, None));
                run.width += advance;
            }
        }
        Ok(runs)
    }

    /// The width of a text at a size of one.
    pub(crate) fn width(&self, text: &str) -> f32 {
        let advances = text
            .chars()
            .filter_map(|character| self.glyph(character))
            .map(|(.., advance)| advance);
        advances.sum()
    }

    fn glyph(&self, character: char) -> Option<(&Face, GlyphId, f32)> {
        // Nothing that was looked up is half written, so a lock that a panic left behind is as good.
        let mut known = self.0.known.lock().unwrap_or_else(PoisonError::into_inner);
        let found = *known.entry(character).or_insert_with(|| self.look_up(character));
        let Known { face, glyph, advance } = found?;
        Some((self.0.faces.get(face)?, glyph, advance))
    }

    fn look_up(&self, character: char) -> Option<Known> {
        let faces = self.0.faces.iter().enumerate();
        faces.into_iter().find_map(|(place, face)| {
            let font = FontRef::from_index(&face.data, face.index).ok()?;
            let glyph = font.charmap().map(character)?;
            let metrics = font.glyph_metrics(Size::unscaled(), LocationRef::default());
            Some(Known {
                face: place,
                glyph: GlyphId::new(glyph.to_u32()),
                advance: metrics.advance_width(glyph)? / face.units_per_em,
            })
        })
    }
}

fn load(path: &Path, faces: &mut Vec<Face>) -> Result<(), NoFonts> {
    let unreadable = |source| NoFonts::Unreadable {
        path: path.to_owned(),
        source,
    };
    let about = fs::metadata(path).map_err(unreadable)?;
    if about.is_dir() {
        let entries = fs::read_dir(path).map_err(unreadable)?;
        let mut files = Vec::new();
        for entry in entries {
            files.push(entry.map_err(unreadable)?.path());
        }
        files.retain(|file| {
            let ending = file.extension().map(OsStr::to_ascii_lowercase);
            ending.is_some_and(|ending| ["ttf", "otf", "ttc", "otc"].iter().any(|known| ending == *known))
        });
        files.sort();
        return files.iter().try_for_each(|file| load(file, faces));
    }
    let no_font = || NoFonts::NoFont { path: path.to_owned() };
    if about.len() > FONT_BYTES_MAX {
        return Err(no_font());
    }
    let data = Arc::new(fs::read(path).map_err(unreadable)?);
    let index = simplified(&data);
    let font = Font::new(Arc::clone(&data).into(), index).ok_or_else(no_font)?;
    faces.push(Face {
        units_per_em: font.units_per_em(),
        font,
        data,
        index,
    });
    Ok(())
}

/// The face of a collection for simplified Chinese: the first that says so, or the first.
fn simplified(data: &[u8]) -> u32 {
    let says_so = |index: &u32| {
        let Ok(font) = FontRef::from_index(data, *index) else {
            return false;
        };
        let mut names = font.localized_strings(StringId::FAMILY_NAME);
        names.any(|name| name.to_string().ends_with(" SC"))
    };
    (0..FACES_MAX)
        .take_while(|index| FontRef::from_index(data, *index).is_ok())
        .find(says_so)
        .unwrap_or(0)
}
