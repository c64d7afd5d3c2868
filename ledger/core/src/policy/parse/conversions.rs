//! Reading `[[conversion]]`.

use super::requirements::period;
use super::values::{
    amounts_by_award, amounts_by_level, awards, by_word, filter, fraction, id, levels, own_words, share,
};
use crate::codes::{AttendanceResult, AttendanceRole, Award, AwardRole, Level, Post, SessionType};
use crate::document::{Reader, TableReader};
use crate::hours::Hours;
use crate::ids::RuleId;
use crate::period;
use crate::policy::size::CONVERSIONS_MAX;
use crate::policy::{Base, Conversion, Fraction, Kind, Meter, Per, Role, Share, Word};

pub(super) fn read<'t>(reader: &mut Reader<'t>, table: &mut TableReader<'t>, has_cycle: bool) -> Vec<Conversion> {
    let mut conversions: Vec<Conversion> = Vec::new();
    for mut row in reader.tables_at_most(table, "conversion", CONVERSIONS_MAX) {
        let at = row.at();
        let conversion = conversion(reader, &mut row, has_cycle);
        reader.done(row);
        let Some(conversion) = conversion else { continue };
        if conversions.iter().any(|other| other.id == conversion.id) {
            let id = conversion.id;
            reader.report(
                at,
                format!("折算 {id} 出现两次"),
                format!("conversion {id} stands twice"),
            );
        }
        conversions.push(conversion);
    }
    conversions
}

fn conversion<'t>(reader: &mut Reader<'t>, row: &mut TableReader<'t>, has_cycle: bool) -> Option<Conversion> {
    let at = row.at();
    let id = id(reader, row, "id", RuleId::new);
    let kind = reader
        .needed_string(row, "kind")
        .and_then(|(text, at)| reader.word("kind", &text, at, Kind::WORDS, Kind::from_word));
    let Some(kind) = kind else {
        // What else stands here depends on the kind; the rest is not judged.
        row.forget();
        return None;
    };
    let meter = meter(reader, row, kind);
    let roles = roles(reader, row, kind);
    let session_words: Vec<&str> = SessionType::ALL.iter().map(|kind| kind.zh()).collect();
    let events = match kind {
        Kind::Attendance => reader.words(row, "event", &session_words, SessionType::from_word),
        _ => None,
    };
    let is_award = matches!(kind, Kind::Award | Kind::WorkAwarded);
    let award_words = if is_award {
        reader.words(row, "award", &awards(), Award::from_word)
    } else {
        None
    };
    let work_kinds = match kind {
        Kind::WorkPublished => own_words(reader, row, "work_kind"),
        _ => None,
    };
    let post_words: Vec<&str> = Post::ALL.iter().map(|post| post.zh()).collect();
    let posts = reader.words(row, "post", &post_words, Post::from_word);
    let filter = filter(reader, row, "where");
    if filter.conversion.is_some() {
        reader.report(
            at,
            "折算自己的 where 不能写 conversion",
            "a conversion's own where has no conversion",
        );
    }
    let base = base(reader, row, kind, is_award);
    let factor = fraction(reader, row, "factor").unwrap_or(Fraction::ONE);
    let factor_by_level = by_word(reader, row, "factor_by_level", (&levels(), Level::from_word), fraction);
    let per = per(reader, row, base.as_ref());
    let if_result = if_result(reader, row, kind);
    let (lead_share, member_share) = shares(reader, row, kind);
    let min_presence = match kind {
        Kind::Attendance => share(reader, row, "min_presence"),
        _ => None,
    };
    let per_day_max = reader.amount(row, "per_day_max").map(|(max, _): (Hours, _)| max);
    let best_only_per = best_only_per(reader, row, has_cycle);
    let counts_as_level = reader
        .number_text(row, "counts_as_level")
        .and_then(|(text, at)| reader.word("counts_as_level", &text, at, &levels(), Level::from_word));
    let counts_as_category = reader
        .string(row, "counts_as_category")
        .map(|(text, _)| Word::new(&text));
    Some(Conversion {
        id: id?,
        kind,
        meter: meter?,
        roles,
        events: events.unwrap_or_default(),
        awards: award_words.unwrap_or_default(),
        work_kinds: work_kinds.unwrap_or_default(),
        posts: posts.unwrap_or_default(),
        filter,
        base: base?,
        factor,
        factor_by_level: factor_by_level.unwrap_or_default(),
        per,
        if_result,
        lead_share,
        member_share,
        min_presence,
        per_day_max,
        best_only_per,
        counts_as_level,
        counts_as_category,
    })
}

fn meter<'t>(reader: &mut Reader<'t>, row: &mut TableReader<'t>, kind: Kind) -> Option<Meter> {
    let Some((text, at)) = reader.string(row, "meter") else {
        return Some(Meter::TrainingHours);
    };
    let meter = reader.word("meter", &text, at, Meter::WORDS, Meter::from_word)?;
    let own = match kind {
        Kind::LessonObserved => Some(Meter::LessonsObserved),
        Kind::LessonGiven => Some(Meter::LessonsGiven),
        Kind::SchoolVisit => Some(Meter::SchoolVisits),
        Kind::Outreach => Some(Meter::Talks),
        _ => None,
    };
    if own == Some(meter) {
        let (kind, meter) = (kind.word(), meter.word());
        reader.report(
            at,
            format!("{kind} 本身已计入 {meter}，不能再折算一次"),
            format!("{kind} counts on {meter} by itself and would count twice"),
        );
        return None;
    }
    Some(meter)
}

fn roles<'t>(reader: &mut Reader<'t>, row: &mut TableReader<'t>, kind: Kind) -> Vec<Role> {
    let attendance: Vec<&str> = AttendanceRole::ALL.iter().map(|role| role.zh()).collect();
    let given = match kind {
        Kind::Attendance => reader.words(row, "role", &attendance, |word| {
            AttendanceRole::from_word(word).map(Role::Attendance)
        }),
        Kind::Award => {
            let words: Vec<&str> = AwardRole::ALL.iter().map(|role| role.zh()).collect();
            let roles = reader.words(row, "role", &words, |word| AwardRole::from_word(word).map(Role::Award));
            // A guided pupil's prize is not the teacher's own (DOMAIN §13.7).
            Some(roles.unwrap_or_else(|| vec![Role::Award(AwardRole::Oneself)]))
        }
        Kind::TopicConcluded | Kind::WorkPublished | Kind::WorkAwarded => {
            reader.words(row, "role", &["负责人", "成员"], |word| match word {
                "负责人" => Some(Role::Lead),
                "成员" => Some(Role::Member),
                _ => None,
            })
        }
        _ => None,
    };
    given.unwrap_or_default()
}

/// The base: the amount in the event, a fixed one, or a table.
fn base<'t>(reader: &mut Reader<'t>, row: &mut TableReader<'t>, kind: Kind, is_award: bool) -> Option<Base> {
    let at = row.at();
    let before = reader.count();
    let mut bases = Vec::new();
    if let Some((text, at)) = reader.number_text(row, "hours") {
        bases.extend(hours(reader, kind, &text, at));
    }
    if kind == Kind::Outreach
        && let Some((text, at)) = reader.string(row, "count")
    {
        bases.extend(
            reader.word("count", &text, at, &["lessons", "talks"], |word| match word {
                "lessons" => Some(Base::Amount),
                "talks" => Some(Base::Talks),
                _ => None,
            }),
        );
    }
    bases.extend(amounts_by_level(reader, row, "hours_by_level").map(Base::ByLevel));
    if is_award {
        bases.extend(amounts_by_award(reader, row, "hours_by_award").map(Base::ByAward));
        let known = (&*levels(), Level::from_word);
        let table = by_word(reader, row, "hours_by_level_award", known, amounts_by_award);
        bases.extend(table.map(Base::ByLevelAward));
    }
    let base = bases.pop();
    if (base.is_none() && reader.count() == before) || !bases.is_empty() {
        let amount = match kind {
            Kind::Attendance => "hours = \"hours_present\"",
            Kind::Outreach => "count = \"lessons\"",
            Kind::LessonGiven | Kind::LessonObserved => "hours = \"periods\"",
            _ => "hours = \"15\"",
        };
        reader.report(
            at,
            format!("折算须写一个且只写一个基数：{amount}、固定的 hours，或 hours_by_level 等表"),
            format!(
                "a conversion needs one base and only one: {amount}, a fixed hours, or a table like hours_by_level"
            ),
        );
    }
    base
}

fn hours(reader: &mut Reader<'_>, kind: Kind, text: &str, at: usize) -> Option<Base> {
    let word = match kind {
        Kind::Attendance => Some("hours_present"),
        Kind::LessonGiven | Kind::LessonObserved => Some("periods"),
        _ => None,
    };
    if word == Some(text) {
        return Some(Base::Amount);
    }
    match Hours::parse(text) {
        Ok(amount) if amount >= Hours::ZERO => Some(Base::Fixed(amount)),
        _ => {
            let or_zh = word.map_or_else(String::new, |word| format!("，或 \"{word}\""));
            let or_en = word.map_or_else(String::new, |word| format!(", or \"{word}\""));
            reader.report(
                at,
                format!("hours “{text}” 应为不小于 0 的数（至多两位小数）{or_zh}"),
                format!("hours {text:?} must be a number of at most two decimals, not below 0{or_en}"),
            );
            None
        }
    }
}

fn per<'t>(reader: &mut Reader<'t>, row: &mut TableReader<'t>, base: Option<&Base>) -> Per {
    let at = row.at();
    let words = &[("day", Per::Day), ("half_day", Per::Day), ("semester", Per::Semester)];
    let per = super::one_of(reader, row, "per", words);
    if per == Some(Per::Day) && matches!(base, Some(Base::Amount | Base::Talks)) {
        reader.report(
            at,
            "per 只用于固定的 hours",
            "per goes with a fixed hours, not with the amount of the event",
        );
    }
    per.unwrap_or(Per::Event)
}

/// 考核结果 of attendance; of a topic the office's own words.
fn if_result<'t>(reader: &mut Reader<'t>, row: &mut TableReader<'t>, kind: Kind) -> Vec<(Word, Fraction)> {
    let results: Vec<&str> = AttendanceResult::ALL.iter().map(|result| result.zh()).collect();
    let known = |word: &str| AttendanceResult::from_word(word).map(|result| Word::of_result(result).clone());
    let table = match kind {
        Kind::Attendance => by_word(reader, row, "if_result", (&results, known), fraction),
        Kind::TopicConcluded => by_word(reader, row, "if_result", (&[], |word| Some(Word::new(word))), fraction),
        _ => None,
    };
    table.unwrap_or_default()
}

fn shares<'t>(reader: &mut Reader<'t>, row: &mut TableReader<'t>, kind: Kind) -> (Share, Share) {
    let whole = Share::Each(Fraction::ONE);
    if !matches!(kind, Kind::TopicConcluded | Kind::WorkPublished | Kind::WorkAwarded) {
        return (whole, whole);
    }
    let at = row.at();
    let mut one = |key: &str| -> Option<Share> {
        let (text, at) = reader.number_text(row, key)?;
        if text == "equal" {
            return Some(Share::EqualInRole);
        }
        super::values::parse_fraction(reader, key, &text, at).map(Share::Each)
    };
    let (lead, member) = (one("lead_share"), one("member_share"));
    let all = super::one_of(reader, row, "shares", &[("equal", Share::EqualAmongAll)]);
    if all.is_some() && (lead.is_some() || member.is_some()) {
        reader.report(
            at,
            "shares 与 lead_share、member_share 只能写一种",
            "write either shares or lead_share and member_share",
        );
    }
    all.map_or((lead.unwrap_or(whole), member.unwrap_or(whole)), |all| (all, all))
}

fn best_only_per<'t>(reader: &mut Reader<'t>, row: &mut TableReader<'t>, has_cycle: bool) -> Option<period::Kind> {
    if !row.has("best_only_per") {
        return None;
    }
    let at = row.at();
    let kind = period(reader, row, "best_only_per", has_cycle)?;
    if kind == period::Kind::ProbationYear {
        reader.report(
            at,
            "best_only_per 不能为 probation_year",
            "best_only_per cannot be probation_year",
        );
    }
    Some(kind)
}
