//! What closed a year, what is still open, and what has become other since.

use keshi_core::figures::{Definition, FigureDifference, Figures, Value, differences};
use keshi_core::ids::FigureId;
use keshi_core::period::{Name, Period};
use keshi_core::state::Closing;
use keshi_door::Call;
use keshi_engine::Engine;
use keshi_proto::api;
use keshi_proto::api_convert::millis_to_api;

use super::report::definitions;
use super::{YearFigures, year_of};
use crate::Context;
use crate::error::Error;
use crate::page::{ANSWER_BYTES_MAX, whole};
use crate::place::dates;
use crate::shortfalls::without_calendar;

/// Most entries and teachers that are listed of each.
const LISTED_MAX: usize = 200;

/// Most restatements whose changes are counted anew for one answer; of older ones it says that there were some.
const RESTATEMENTS_MAX: usize = 3;

impl Context {
    pub(crate) async fn get_year(&self, call: &Call, request: api::GetYearRequest) -> Result<api::Year, Error> {
        call.caller.may_read_all()?;
        let year = year_of(request.year)?;
        let size = self.place(request.at.as_ref(), call.deadline).await?;
        let _room = self.room_for(call, ANSWER_BYTES_MAX)?;
        let (closings, closed_years) = self.engine.query_at(size, |at| {
            let closings: Vec<Closing> = at.closings(year).cloned().collect();
            (closings, at.closed_years())
        });
        let now = self.figures(call, year, size).await?;
        let mut answer = api::Year {
            year: year.into(),
            size,
            is_over: jiff::civil::date(year, 12, 31) < self.today(),
            figures_hash: now.hash.0.to_vec(),
            definitions: Some(definitions(&now)),
            open: self.open(year, size, &now)?,
            closed_years: closed_years.into_iter().map(i32::from).collect(),
            ..api::Year::default()
        };
        if let Some(official) = closings.last() {
            let before = self.figures(call, year, official.position).await?;
            let (changed, people) = differences(&before.figures, &now.figures);
            answer.changed = changed
                .iter()
                .map(|one| changed_to_api((&before.figures, &now.figures), one))
                .collect();
            answer.changed_teachers_total = i64::try_from(people.len()).unwrap_or(i64::MAX);
            answer.changed_teachers = people.iter().take(LISTED_MAX).map(ToString::to_string).collect();
        }
        let pairs = closings.iter().zip(closings.iter().skip(1));
        let shown = closings.len().saturating_sub(1).saturating_sub(RESTATEMENTS_MAX);
        for (before, after) in pairs.skip(shown) {
            let old = self.figures(call, year, before.position).await?;
            let new = self.figures(call, year, after.position).await?;
            let (changed, people) = differences(&old.figures, &new.figures);
            answer.restatements.push(api::Restatement {
                index: after.index,
                changed: changed
                    .iter()
                    .map(|one| changed_to_api((&old.figures, &new.figures), one))
                    .collect(),
                changed_teachers_total: i64::try_from(people.len()).unwrap_or(i64::MAX),
            });
        }
        for closing in &closings {
            answer.closings.push(closing_to_api(&self.engine, closing)?);
        }
        whole(answer)
    }

    pub(crate) async fn list_figures(
        &self,
        call: &Call,
        request: api::ListFiguresRequest,
    ) -> Result<api::ListFiguresResponse, Error> {
        let size = self.place(request.at.as_ref(), call.deadline).await?;
        let figures = self.engine.query_at(size, |at| {
            let adopted = at.figures_versions().map(|version| api::AdoptedFigures {
                index: version.index.into(),
                version: i32::try_from(version.definitions.version).unwrap_or(i32::MAX),
                name: version.definitions.name.clone(),
                from_year: version.definitions.from_year.into(),
                sha256: version.sha256.0.to_vec(),
                document: at.document(&version.sha256).unwrap_or_default(),
            });
            adopted.collect()
        });
        whole(api::ListFiguresResponse {
            figures,
            size,
            usual_document: keshi_core::figures::Definitions::USUAL_TEXT.to_owned(),
        })
    }

    /// What somebody who closes the year should know is not done.
    fn open(&self, year: i16, size: u64, counted: &YearFigures) -> Result<Vec<api::OpenItem>, Error> {
        let figures = &counted.figures;
        let without: Vec<String> = self.engine.query_at(size, |at| {
            let period: Period = dates(Name::Year(year), at)?;
            Ok::<_, Error>(without_calendar(at, &period))
        })?;
        let mut open = Vec::new();
        let mut add = |kind: api::OpenKind, count: usize, entries: &[u64], zh: &str, en: &str| {
            if count > 0 {
                open.push(api::OpenItem {
                    kind: kind.into(),
                    count: i64::try_from(count).unwrap_or(i64::MAX),
                    entries: entries.iter().take(LISTED_MAX).copied().collect(),
                    text_zh: zh.to_owned(),
                    text_en: en.to_owned(),
                });
            }
        };
        add(
            api::OpenKind::Claim,
            figures.under_review.len(),
            &figures.under_review,
            "条申报还在审核，通过之前不计入",
            "entries are claimed and not credited yet: they are in no figure until they are",
        );
        add(
            api::OpenKind::Waiting,
            figures.waiting.len(),
            &figures.waiting,
            "条还在等待所依据的场次、项目或比赛，到齐之前不计入",
            "entries name a session, project or competition that has not arrived: they are in no figure until it does",
        );
        add(
            api::OpenKind::Calendar,
            without.len(),
            &[],
            "项按学期的要求没有校历可依，未计入达标",
            "requirements go by the semester and no calendar gives one: they are not looked at",
        );
        add(
            api::OpenKind::Contradiction,
            figures.contradictions.len(),
            &[],
            "处数据互相矛盾，见年度报告",
            "things do not fit together: see the annual report",
        );
        add(
            api::OpenKind::Definitions,
            usize::from(!counted.adopted),
            &[],
            "项：本室还没有发布指标口径；封账前须先发布（keshi figures adopt）",
            "thing: the office has adopted no definitions of figures, and has to before it closes (keshi figures adopt)",
        );
        Ok(open)
    }
}

/// A closing with who recorded it and when.
pub(super) fn closing_to_api(engine: &Engine, closing: &Closing) -> Result<api::YearClosing, Error> {
    let stored = engine.entry(closing.index)?;
    let entry = stored.map(|stored| stored.entry);
    Ok(api::YearClosing {
        index: closing.index,
        position: closing.position,
        root: closing.root.0.to_vec(),
        figures_hash: closing.figures.0.to_vec(),
        reason: closing.restated.as_ref().map(ToString::to_string).unwrap_or_default(),
        recorded_at: entry.as_ref().map(|entry| millis_to_api(entry.recorded_at)),
        poster: entry.map_or_else(String::new, |entry| entry.poster.as_str().to_owned()),
        policies: closing
            .policies
            .iter()
            .map(|one| format!("{}@{}", one.policy_id, one.version))
            .collect(),
    })
}

fn changed_to_api((before, after): (&Figures, &Figures), one: &FigureDifference) -> api::ChangedFigure {
    let of = |figures: &Figures, id: &FigureId| figures.definitions.definition(id).cloned();
    let (old, new) = (of(before, &one.id), of(after, &one.id));
    let exact = |definition: Option<&Definition>, value: Option<Value>| {
        definition
            .zip(value)
            .map_or_else(String::new, |(definition, value)| definition.exact(value))
    };
    let listed = |entries: &[u64]| entries.iter().take(LISTED_MAX).copied().collect();
    let total = |entries: &[u64]| i64::try_from(entries.len()).unwrap_or(i64::MAX);
    api::ChangedFigure {
        id: one.id.to_string(),
        name: new
            .as_ref()
            .or(old.as_ref())
            .map_or_else(String::new, |definition| definition.name.clone()),
        before: exact(old.as_ref(), one.before),
        after: exact(new.as_ref(), one.after),
        came: listed(&one.came),
        came_total: total(&one.came),
        went: listed(&one.went),
        went_total: total(&one.went),
    }
}
