//! The annual report as an answer.

use std::collections::BTreeMap;

use keshi_core::codes::Post;
use keshi_core::figures::{Figures, PersonYear, Value};
use keshi_core::ids::{FigureId, TeacherId};
use keshi_core::state::At;
use keshi_door::Call;
use keshi_office::access::Need;
use keshi_proto::api;

use super::closing::closing_to_api;
use super::{YearFigures, year_of};
use crate::Context;
use crate::counted::untold;
use crate::error::Error;
use crate::page::{ANSWER_BYTES_MAX, page_size_of, whole};
use crate::place::{blocking, one};
use crate::scope::Read;

/// Entries on a page when the caller does not say.
const PAGE_DEFAULT: usize = 1_000;

/// Most entries on a page.
const PAGE_MAX: usize = 10_000;

/// By what a report's tables are.
const TABLES: [&str; 4] = ["学校", "片区", "学段", "学科"];

impl Context {
    pub(crate) async fn get_year_report(
        &self,
        call: &Call,
        request: api::GetYearReportRequest,
    ) -> Result<api::YearReport, Error> {
        call.caller.may_read_all()?;
        let year = year_of(request.year)?;
        let size = self.place(request.at.as_ref(), call.deadline).await?;
        let asked = request.at.as_ref().and_then(|at| at.at.as_ref());
        let is_official = asked == Some(&api::at::At::OfficialYear(request.year));
        let closing = is_official
            .then(|| self.official(year, self.engine.head().size))
            .transpose()?;
        let _room = self.room_for(call, ANSWER_BYTES_MAX)?;
        let counted = self.figures(call, year, size).await?;
        let before = self.figures(call, year - 1, size).await?;
        let official = self
            .engine
            .query_at(self.engine.head().size, |at| at.official(year).cloned());
        let restatement_due = official.is_some_and(|official| official.figures != counted.hash);
        let researchers = self.researchers(call, &counted.figures, &request.purpose).await?;
        let closing = closing
            .map(|closing| closing_to_api(&self.engine, &closing))
            .transpose()?;
        let tables = self.engine.query_at(size, |at| tables(at, &counted.figures.people));
        whole(api::YearReport {
            researchers,
            tables,
            closing,
            restatement_due,
            statement: if request.with_statement {
                counted.figures.statement().into_bytes()
            } else {
                Vec::new()
            },
            ..report(&counted, &before, size)
        })
    }

    pub(crate) async fn list_figure_entries(
        &self,
        call: &Call,
        request: api::ListFigureEntriesRequest,
    ) -> Result<api::ListFigureEntriesResponse, Error> {
        call.caller.may_read_all()?;
        let year = year_of(request.year)?;
        let limit = page_size_of(request.page_size, PAGE_DEFAULT, PAGE_MAX)?;
        let parts = ["figure", &year.to_string(), &request.figure_id];
        let page = self
            .page(call, request.at.as_ref(), &request.page_token, &parts)
            .await?;
        let counted = self.figures(call, year, page.size).await?;
        let known = FigureId::new(&request.figure_id).ok();
        let known = known.filter(|id| counted.figures.figure(id).is_some());
        let id = known.ok_or_else(|| {
            let known = counted.figures.figures.iter().map(|figure| figure.id.to_string());
            let known = known.collect::<Vec<_>>().join("、");
            let (zh, en) = (
                format!("口径里没有这个指标；有：{known}"),
                format!("the definitions have no such figure; there are {known}"),
            );
            one("figure_id", &request.figure_id, zh, en)
        })?;
        let behind = blocking(move || counted.figures.behind(&id)).await?;
        let all = behind.len();
        let end = page.from.saturating_add(limit).min(all);
        let on_page = behind.get(page.from.min(end)..end).unwrap_or_default();
        let entries = self.engine.query_at(page.size, |at| {
            let entry = |index: &u64| api::FigureEntry {
                index: *index,
                event_id: at.event_id(*index).map_or_else(String::new, |id| id.to_string()),
            };
            on_page.iter().map(entry).collect()
        });
        Ok(api::ListFigureEntriesResponse {
            entries,
            next_page_token: page.next(on_page.len(), all),
            size: page.size,
            total: i64::try_from(all).unwrap_or(i64::MAX),
        })
    }

    /// The full-time researchers, each noted as read.
    async fn researchers(
        &self,
        call: &Call,
        figures: &Figures,
        purpose: &str,
    ) -> Result<Vec<api::ReportResearcher>, Error> {
        let own = figures
            .people
            .iter()
            .filter(|person| person.posts.contains(&Post::Researcher));
        let own: Vec<&PersonYear> = own.collect();
        for person in &own {
            let what = Read::of("report", &figures.year);
            self.note_read(&call.caller, Need::Record, person.teacher_id.as_str(), what, purpose)?;
        }
        let ids: Vec<TeacherId> = own.iter().map(|person| person.teacher_id).collect();
        let names = self.names(ids).await?;
        let told = own.into_iter().zip(names).map(|(person, name)| api::ReportResearcher {
            teacher_id: person.teacher_id.to_string(),
            name,
            meets: person.meets(),
            standings: person.standings.iter().map(standing).collect(),
        });
        Ok(told.collect())
    }
}

fn standing(standing: &keshi_core::figures::StandingYear) -> api::ReportStanding {
    api::ReportStanding {
        policy_id: standing.policy.0.to_string(),
        version: standing.policy.1,
        requirement_id: standing.requirement.to_string(),
        period: standing.period.to_string(),
        counted_centiamount: standing.counted.hundredths(),
        min_centiamount: standing.min.hundredths(),
        status: standing.status as i32,
    }
}

pub(super) fn definitions(counted: &YearFigures) -> api::UsedDefinitions {
    let Figures {
        definitions, sha256, ..
    } = &counted.figures;
    api::UsedDefinitions {
        version: i32::try_from(definitions.version).unwrap_or(i32::MAX),
        name: definitions.name.clone(),
        adopted: counted.adopted,
        sha256: sha256.0.to_vec(),
    }
}

/// What the figures alone say.
fn report(counted: &YearFigures, before: &YearFigures, size: u64) -> api::YearReport {
    let figures = &counted.figures;
    let has_before = !before.figures.people.is_empty();
    let rows = figures.definitions.figures.iter().zip(&figures.figures);
    let rows = rows.map(|(definition, figure)| {
        let earlier = before.figures.figure(&figure.id).filter(|_| has_before);
        api::ReportFigure {
            id: figure.id.to_string(),
            name: definition.name.clone(),
            unit: definition.unit.clone(),
            value: value(figure.value),
            worded: definition.worded(figure.value),
            exact: definition.exact(figure.value),
            entries: i64::try_from(figure.entries.len()).unwrap_or(i64::MAX),
            year_before: earlier.map_or_else(String::new, |earlier| definition.exact(earlier.value)),
            counts: definition.counts.word().to_owned(),
        }
    });
    let paragraphs = figures.paragraphs().into_iter();
    let funnels = figures.definitions.funnels.iter().map(|funnel| api::ReportFunnel {
        name: funnel.name.clone(),
        figure_ids: funnel.steps.iter().map(ToString::to_string).collect(),
    });
    let contradictions = figures.contradictions.iter().map(|found| {
        let said = figures.say(found);
        api::ReportRemark {
            text_zh: said.zh,
            text_en: said.en,
            figure_id: found.figure().map_or_else(String::new, |id| id.to_string()),
            entries: found.entries(),
        }
    });
    let noted = figures.noted.iter().map(|noted| api::NotedFigure {
        index: noted.index,
        figure_id: noted.figure_id.to_string(),
        centiamount: noted.value.hundredths(),
        bound: noted.bound.code(),
        unit: noted.unit.as_ref().map(ToString::to_string).unwrap_or_default(),
    });
    let unattributed = figures
        .unattributed
        .iter()
        .map(|&(index, lessons, talks)| api::UnattributedOutreach {
            index,
            lessons: lessons.into(),
            talks: talks.into(),
        });
    api::YearReport {
        year: figures.year.into(),
        size,
        definitions: Some(definitions(counted)),
        figures_hash: counted.hash.0.to_vec(),
        figures: rows.collect(),
        paragraphs: paragraphs
            .map(|(heading, text)| api::ReportParagraph { heading, text })
            .collect(),
        funnels: funnels.collect(),
        contradictions: contradictions.collect(),
        noted: noted.collect(),
        unattributed: unattributed.collect(),
        ..api::YearReport::default()
    }
}

fn value(value: Value) -> Option<api::FigureValue> {
    let value = match value {
        Value::Number(number) => api::figure_value::Value::Centiamount(number.hundredths()),
        Value::Share { part, whole } => api::figure_value::Value::Share(api::FigureShare { part, whole }),
        Value::Undefined => return None,
    };
    Some(api::FigureValue { value: Some(value) })
}

/// Everybody in service by school, group, stage and subject.
fn tables(at: At<'_>, people: &[PersonYear]) -> Vec<api::ReportTable> {
    let school = |person: &PersonYear| {
        let school = person.place.school.and_then(|id| at.school(&id));
        school.map_or_else(|| "教研室".to_owned(), |school| school.name.to_string())
    };
    let group = |person: &PersonYear| {
        person
            .place
            .group
            .map_or_else(|| "不属片区".to_owned(), |group| group.to_string())
    };
    let stage = |person: &PersonYear| person.place.stage.map_or("", |stage| stage.zh()).to_owned();
    let subject = |person: &PersonYear| {
        let subject = person.place.subject.as_ref();
        subject.map_or_else(|| "未填学科".to_owned(), ToString::to_string)
    };
    let by: [&dyn Fn(&PersonYear) -> String; 4] = [&school, &group, &stage, &subject];
    let tables = TABLES.iter().zip(by).map(|(by, key)| api::ReportTable {
        by: (*by).to_owned(),
        rows: rows(people, key),
    });
    tables.collect()
}

/// One row for each value of `key`; of few people no more than how many there are (DOMAIN §14).
fn rows(people: &[PersonYear], key: &dyn Fn(&PersonYear) -> String) -> Vec<api::ReportRow> {
    let mut rows: BTreeMap<String, api::ReportRow> = BTreeMap::new();
    let number = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    for person in people {
        let name = key(person);
        let row = rows.entry(name.clone()).or_insert_with(|| api::ReportRow {
            name,
            ..api::ReportRow::default()
        });
        row.teachers += 1;
        row.trained += i64::from(person.projects > 0);
        row.person_times += number(person.projects);
        row.centihours = row.centihours.saturating_add(person.hours.hundredths());
        row.meeting += i64::from(person.meets() == Some(true));
        row.short += i64::from(person.meets() == Some(false));
    }
    let places: Vec<(i64, usize)> = rows.values().map(|row| row.teachers).zip(0..).collect();
    let untold = untold(places, number(people.len()));
    let told = rows.into_values().enumerate().map(|(place, row)| {
        if untold.contains(&place) {
            api::ReportRow {
                name: row.name,
                teachers: row.teachers,
                few: true,
                ..api::ReportRow::default()
            }
        } else {
            row
        }
    });
    told.collect()
}
