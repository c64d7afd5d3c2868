//! The county `liuba-2022`, counted from its files.

use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use jiff::civil::date;
use keshi_core::balance::Status;
use keshi_core::codes::{AttendanceRole, Award, Level, Post, Stage, TitleClass};
use keshi_core::entry::Verdict;
use keshi_core::event::{Event, Fact};
use keshi_core::figures::{Definitions, Figures};
use keshi_core::ids::{FigureId, TeacherId};
use keshi_core::period::Name;
use keshi_core::review::Step;
use keshi_proto::store::encode_event;
use keshi_sheets::plan::{Found, Options, People, Plan, Rows};
use keshi_sheets::read;
use keshi_sheets::sample::{self, Act, FileKind, Manifest};

use crate::support::{Ledger, folder, options};

struct Sample {
    manifest: Manifest,
    rows: Rows,
    plan: Plan,
}

/// Written, read back and planned once for all tests.
fn liuba() -> &'static Sample {
    static SAMPLE: OnceLock<Sample> = OnceLock::new();
    SAMPLE.get_or_init(|| {
        let dir = folder();
        let manifest = sample::write(dir.path()).unwrap();
        let rows = Rows::new(open_all(&manifest, dir.path()));
        let plan = rows.plan(&People::default(), &options());
        Sample { manifest, rows, plan }
    })
}

fn open_all(manifest: &Manifest, dir: &Path) -> Vec<read::Workbook> {
    let sheets = manifest.files.iter().filter(|file| file.kind == FileKind::Sheets);
    sheets.map(|file| read::open(&dir.join(file.name)).unwrap()).collect()
}

fn facts() -> impl Iterator<Item = (&'static Event, &'static Fact)> {
    liuba().plan.events.iter().map(|event| (event, &event.fact))
}

/// Distinct values that `of` finds in the facts.
fn distinct<T: Ord>(of: impl Fn(&'static Fact) -> Option<T>) -> BTreeSet<T> {
    facts().filter_map(|(_, fact)| of(fact)).collect()
}

fn contest_id(name: &str) -> keshi_core::ids::CompetitionId {
    let held = facts().find_map(|(_, fact)| match fact {
        Fact::CompetitionHeld(f) if f.name.as_str() == name => Some(f.comp_id),
        _ => None,
    });
    held.unwrap_or_else(|| panic!("no competition {name}"))
}

/// Who entered, won and was sent on from a competition.
fn funnel(name: &str) -> (usize, usize, usize) {
    let id = contest_id(name);
    let entered = distinct(|fact| match fact {
        Fact::EntryMade(f) if f.comp_id == id => Some(f.teacher_id),
        _ => None,
    });
    let won = distinct(|fact| match fact {
        Fact::AwardGiven(f) if f.comp_id == id => Some(f.teacher_id),
        _ => None,
    });
    let sent = distinct(|fact| match fact {
        Fact::Recommended(f) if f.from_comp == Some(id) => Some(f.teacher_id),
        _ => None,
    });
    assert!(sent.is_subset(&entered), "{name}: whoever is sent on took part");
    (entered.len(), won.len(), sent.len())
}

#[test]
fn no_row_has_a_problem_and_none_is_said_twice() {
    let Sample { rows, plan, .. } = liuba();
    let problems: Vec<_> = plan
        .rows
        .iter()
        .flat_map(|row| &row.problems)
        .map(ToString::to_string)
        .collect();
    assert_eq!(problems, Vec::<String>::new());
    assert!(plan.people.is_empty() && rows.people().is_empty());
    let same: Vec<_> = plan
        .rows
        .iter()
        .filter(|row| row.same_as.is_some())
        .map(|row| row.place)
        .collect();
    assert_eq!(same, Vec::new());
    assert_eq!(plan.identities.len(), liuba().rows.books()[1].sheets[0].rows.len());
}

#[test]
fn the_county_has_its_schools_groups_bases_and_people() {
    let schools = distinct(|fact| match fact {
        Fact::SchoolRegistered(f) => Some(f.school_id),
        _ => None,
    });
    let groups = distinct(|fact| match fact {
        Fact::SchoolRegistered(f) => f.group,
        _ => None,
    });
    let teachers = distinct(|fact| match fact {
        Fact::PersonRegistered(f) => Some(f.teacher_id),
        _ => None,
    });
    let office = distinct(|fact| match fact {
        Fact::AssignmentStarted(f) if matches!(f.post, Post::Researcher | Post::OfficeStaff) => Some(f.teacher_id),
        _ => None,
    });
    let researchers = facts().filter(|(event, fact)| {
        matches!(fact, Fact::AssignmentStarted(f) if f.post == Post::Researcher) && event.from < date(2020, 1, 1)
    });
    assert_eq!(
        (schools.len(), groups.len(), office.len(), researchers.count()),
        (27, 6, 10, 6)
    );
    assert_eq!(teachers.len(), 1_060);
    let numbers: BTreeSet<_> = liuba()
        .plan
        .identities
        .iter()
        .map(|identity| &identity.id_doc_no)
        .collect();
    assert_eq!(numbers.len(), teachers.len(), "every ID number is another");
    assert!(numbers.iter().all(|number| number.starts_with("999999")));
}

#[test]
fn trained_person_times_are_1342() {
    let sessions = distinct(|fact| match fact {
        Fact::SessionHeld(f) => Some((f.session_id, f.project_id)),
        _ => None,
    });
    let project = |session| {
        sessions
            .iter()
            .find(|(id, _)| *id == session)
            .map(|(_, project)| *project)
    };
    let trained = distinct(|fact| match fact {
        Fact::AttendanceRecorded(f) if f.role == AttendanceRole::Learner => {
            Some((f.teacher_id, project(f.session_id)?))
        }
        _ => None,
    });
    assert_eq!(trained.len(), 1_342);
}

#[test]
fn outreach_carries_96_lessons_and_63_talks() {
    let mut carried = (0, 0);
    for (_, fact) in facts() {
        if let Fact::OutreachDelivered(f) = fact {
            carried.0 += f
                .deliveries
                .iter()
                .map(|delivery| u32::from(delivery.lessons))
                .sum::<u32>();
            carried.1 += f
                .deliveries
                .iter()
                .map(|delivery| u32::from(delivery.talks))
                .sum::<u32>();
        }
    }
    assert_eq!(carried, (96, 63));
}

#[test]
fn fourteen_bases_held_196_sessions_with_1536_person_times() {
    let held = distinct(|fact| match fact {
        Fact::SessionHeld(f) => f.base.map(|base| (base, f.session_id)),
        _ => None,
    });
    let bases: BTreeSet<_> = held.iter().map(|(base, _)| *base).collect();
    let sessions: BTreeSet<_> = held.iter().map(|(_, session)| *session).collect();
    let present = facts().filter(|(_, fact)| {
        matches!(fact, Fact::AttendanceRecorded(f) if f.role == AttendanceRole::Learner && sessions.contains(&f.session_id))
    });
    assert_eq!((bases.len(), sessions.len(), present.count()), (14, 196, 1_536));
}

#[test]
fn ten_county_experts_became_six_sent_on_and_three_of_the_city() {
    let titled = |level: Level| {
        facts()
            .filter_map(|(event, fact)| match fact {
                Fact::TitleConferred(f) if f.class == TitleClass::ExpertTeacher && f.level == level => {
                    Some((f.teacher_id, event.event_id))
                }
                _ => None,
            })
            .collect::<BTreeSet<_>>()
    };
    let (county, city) = (titled(Level::County), titled(Level::City));
    let sent = distinct(|fact| match fact {
        Fact::Recommended(f) => f.from_title.map(|title| (f.teacher_id, title)),
        _ => None,
    });
    assert_eq!((county.len(), sent.len(), city.len()), (10, 6, 3));
    assert!(sent.is_subset(&county), "each was sent on from the county's title");
    let who = |titles: &BTreeSet<(TeacherId, _)>| titles.iter().map(|(who, _)| *who).collect::<BTreeSet<_>>();
    assert!(who(&city).is_subset(&who(&sent)));
}

#[test]
fn the_competitions_narrow_as_the_report_says() {
    assert_eq!(funnel("思政课教师教学竞赛"), (3, 3, 3));
    let (entered, _, sent) = funnel("课堂教学创新大赛");
    let (in_city, prizes, _) = funnel("全市课堂教学创新大赛");
    assert_eq!((entered, sent, in_city, prizes), (14, 4, 4, 3));
    let (entered, _, sent) = funnel("保育员技能大赛");
    assert_eq!((entered, sent), (11, 1));
    assert_eq!(funnel("基础教育精品课例遴选").2, 1);
    let carers = contest_id("保育员技能大赛");
    let entrants = distinct(|fact| match fact {
        Fact::EntryMade(f) if f.comp_id == carers => Some(f.teacher_id),
        _ => None,
    });
    let kindergartens = distinct(|fact| match fact {
        Fact::SchoolRegistered(f) if f.stage == Stage::Kindergarten => Some(f.school_id),
        _ => None,
    });
    let theirs = distinct(|fact| match fact {
        Fact::AssignmentStarted(f) if entrants.contains(&f.teacher_id) => f.school_id,
        _ => None,
    });
    assert_eq!((theirs.len(), theirs.is_subset(&kindergartens)), (8, true));
}

#[test]
fn sixty_six_are_developed_towards_a_title() {
    let chosen = distinct(|fact| match fact {
        Fact::CandidateChosen(f) => Some(f.teacher_id),
        _ => None,
    });
    assert_eq!(chosen.len(), 66);
}

#[test]
fn topics_of_the_year_are_as_the_report_says() {
    let approved = distinct(|fact| match fact {
        Fact::TopicApproved(f) => Some((f.level, f.topic_id)),
        _ => None,
    });
    let concluded = distinct(|fact| match fact {
        Fact::TopicConcluded(f) => Some((f.level, f.topic_id)),
        _ => None,
    });
    let new: BTreeSet<_> = facts()
        .filter_map(|(event, fact)| match fact {
            Fact::TopicApproved(f) if event.from.year() == 2022 => Some((f.level, f.topic_id)),
            _ => None,
        })
        .collect();
    let of = |topics: &BTreeSet<(Level, _)>, level| topics.iter().filter(|(of, _)| *of == level).count();
    assert!(concluded.is_subset(&approved));
    assert_eq!((of(&concluded, Level::City), of(&concluded, Level::County)), (6, 37));
    assert_eq!((of(&new, Level::City), of(&new, Level::County)), (6, 16));
    let running: BTreeSet<_> = approved.difference(&concluded).copied().collect();
    assert_eq!(of(&running, Level::Province), 1);
    assert_eq!(running.len(), 1 + new.len());
}

#[test]
fn twenty_eight_papers_won_six_first_six_second_and_sixteen_third_prizes() {
    let won = distinct(|fact| match fact {
        Fact::WorkAwarded(f) => Some((f.award, f.work_id)),
        _ => None,
    });
    let of = |award| won.iter().filter(|(of, _)| *of == award).count();
    let works: BTreeSet<_> = won.iter().map(|(_, work)| work).collect();
    assert_eq!((of(Award::First), of(Award::Second), of(Award::Third)), (6, 6, 16));
    assert_eq!(works.len(), 28);
}

#[test]
fn six_groups_fourteen_bases_three_for_research_and_two_stations_are_formed_as_schools_and_sessions_name_them() {
    let groups = distinct(|fact| match fact {
        Fact::GroupFormed(f) => Some((f.group_id, f.member_schools.clone())),
        _ => None,
    });
    for (group, members) in &groups {
        let own: Vec<_> = facts()
            .filter_map(|(_, fact)| match fact {
                Fact::SchoolRegistered(f) if f.group == Some(*group) => Some(f.school_id),
                _ => None,
            })
            .collect();
        assert_eq!(own.iter().collect::<BTreeSet<_>>(), members.iter().collect(), "{group}");
    }
    let bases = distinct(|fact| match fact {
        Fact::BaseFormed(f) if !f.research => Some(f.base_id),
        _ => None,
    });
    let for_research = distinct(|fact| match fact {
        Fact::BaseFormed(f) if f.research => Some((f.base_id, f.school_id)),
        _ => None,
    });
    let seats: BTreeSet<_> = for_research.iter().filter_map(|(_, school)| *school).collect();
    assert_eq!((for_research.len(), seats.len()), (3, 3), "教研基地 3");
    let with_sessions = distinct(|fact| match fact {
        Fact::SessionHeld(f) => f.base,
        _ => None,
    });
    assert_eq!(bases, with_sessions);
    let stations =
        facts().filter(|(_, fact)| matches!(fact, Fact::StudioFormed(f) if f.class == TitleClass::ExpertTeacher));
    assert_eq!((groups.len(), bases.len(), stations.count()), (6, 14, 2));
}

#[test]
fn twenty_four_questions_are_put_together_and_three_answered_by_sessions_of_the_bases() {
    let sent = distinct(|fact| match fact {
        Fact::QuestionSent(f) => Some((f.question_id, f.school_id)),
        _ => None,
    });
    let schools: BTreeSet<_> = sent.iter().map(|(_, school)| school).collect();
    let joined = distinct(|fact| match fact {
        Fact::QuestionsJoined(f) => f.question_ids.first().copied(),
        _ => None,
    });
    let planned = distinct(|fact| match fact {
        Fact::QuestionPlanned(f) => Some(f.session_id),
        _ => None,
    });
    let held = distinct(|fact| match fact {
        Fact::SessionHeld(f) => f.base.map(|_| f.session_id),
        _ => None,
    });
    let rated = distinct(|fact| match fact {
        Fact::AnswerRated(f) => Some((f.question_id, f.school_id)),
        _ => None,
    });
    assert!(planned.is_subset(&held) && schools.len() >= 8);
    assert_eq!((sent.len(), joined.len(), planned.len(), rated.len()), (24, 13, 3, 5));
}

#[test]
fn one_round_of_inspections_found_eight_things_at_three_schools_of_which_six_were_to_change() {
    let held = distinct(|fact| match fact {
        Fact::InspectionHeld(f) => Some((f.inspection_id, f.school_id)),
        _ => None,
    });
    let made = distinct(|fact| match fact {
        Fact::FindingMade(f) => Some((f.finding_id, f.change_requested)),
        _ => None,
    });
    let looked = distinct(|fact| match fact {
        Fact::FindingChecked(f) => Some(f.finding_id),
        _ => None,
    });
    let to_change = made.iter().filter(|(_, requested)| *requested);
    assert_eq!((held.len(), made.len(), to_change.count(), looked.len()), (3, 8, 6, 5));
}

#[test]
fn nothing_happened_after_2022() {
    assert!(facts().all(|(event, _)| event.to <= date(2022, 12, 31)));
}

#[test]
fn no_name_number_or_phone_is_in_any_event() {
    let stored = liuba().plan.events.iter().map(encode_event);
    let events: Vec<char> = stored
        .flat_map(|bytes| String::from_utf8_lossy(&bytes).chars().collect::<Vec<_>>())
        .collect();
    let windows = |width| {
        events
            .windows(width)
            .map(String::from_iter)
            .collect::<HashSet<String>>()
    };
    let (names, phones, numbers) = (windows(3), windows(11), windows(18));
    for identity in &liuba().plan.identities {
        let found = numbers.contains(&identity.id_doc_no) || phones.contains(&identity.phone);
        // Names of two characters may be parts of other words; those of three may not occur.
        assert!(!found && !names.contains(&identity.name), "{}", identity.teacher_id);
    }
}

#[test]
fn each_file_imported_by_itself_gives_the_same_events_as_all_together() {
    let Sample { rows, plan, .. } = liuba();
    let known = |key: &keshi_sheets::plan::PersonKey| {
        let identity = plan
            .identities
            .iter()
            .find(|identity| identity.id_doc_no == key.id_no || identity.teacher_id == key.teacher_id);
        TeacherId::new(&identity.unwrap().teacher_id).unwrap()
    };
    let mut options: Options = options();
    for (_, fact) in facts() {
        if let Fact::SchoolRegistered(f) = fact {
            options.schools.add(f.school_id, f.name.as_str());
        }
    }
    let mut alone = Vec::new();
    for book in rows.books() {
        let one = Rows::new(vec![book.clone()]);
        let mut people = People::default();
        for person in one.people() {
            people.set(person.key.clone(), Found::One(known(&person.key)));
        }
        alone.extend(one.plan(&people, &options).events);
    }
    alone.sort_by_key(|event| event.event_id);
    let mut together = plan.events.clone();
    together.sort_by_key(|event| event.event_id);
    assert_eq!(alone.len(), together.len());
    assert!(
        alone
            .iter()
            .zip(&together)
            .all(|(one, two)| one.differing_field(two).is_none())
    );
}

#[test]
fn every_row_is_recorded_and_a_second_import_changes_nothing() {
    let mut ledger = Ledger::default();
    ledger.adopt_calendar("liuba-2022", sample::CALENDAR);
    let first = ledger.import(&liuba().plan);
    assert!(
        first.iter().all(|verdict| verdict.verdict == Verdict::Recorded),
        "{:?}",
        first.iter().find(|v| v.verdict != Verdict::Recorded)
    );
    let size = ledger.state.size();
    let second = ledger.import(&liuba().plan);
    assert!(second.iter().all(|verdict| verdict.verdict == Verdict::Duplicate));
    assert_eq!(ledger.state.size(), size);
}

#[test]
fn one_researcher_meets_the_policy_and_each_of_the_others_misses_what_the_manifest_says() {
    let mut ledger = Ledger::default();
    ledger.adopt_policy(sample::POLICY);
    ledger.adopt_calendar("liuba-2022", sample::CALENDAR);
    ledger.import(&liuba().plan);
    let state = &ledger.state;
    let year = Name::Year(2022).resolve(&[]).unwrap();
    let misses = |id: &str| {
        let teacher = TeacherId::new(id).unwrap();
        let balance = state.at(state.size()).balance(&teacher, year).unwrap().unwrap();
        let [section] = &balance.sections[..] else {
            panic!("{id}: one policy")
        };
        let standings = section.standings.iter();
        assert_eq!(standings.clone().count(), 1 + 2 + 1 + 9, "{id}");
        standings
            .filter(|standing| standing.status == Status::Short)
            .map(|standing| {
                format!(
                    "{} {} {}",
                    standing.requirement.id, standing.period.name, standing.missing
                )
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(misses("LB-0001"), Vec::<String>::new());
    assert_eq!(misses("LB-0002"), Vec::<String>::new());
    assert_eq!(misses("LB-0003"), ["R1 2022 18"]);
    assert_eq!(misses("LB-0004"), ["R2 2022-2023-1 9"]);
    assert_eq!(misses("LB-0005"), ["R3 2021-2022 1"]);
    assert_eq!(misses("LB-0006"), ["R4 2022-11 1"]);
}

#[test]
fn the_annual_report_of_the_county_says_every_line_of_the_acceptance_table() {
    let mut ledger = Ledger::default();
    ledger.adopt_policy(sample::POLICY);
    ledger.adopt_calendar("liuba-2022", sample::CALENDAR);
    ledger.import(&liuba().plan);
    let at = ledger.state.at(ledger.state.size());
    let figures = Figures::of(at, Definitions::usual(), 2022);
    let said = figures.definitions.figures.iter().zip(&figures.figures);
    let said: Vec<String> = said
        .map(|(definition, figure)| {
            let (worded, exact) = (definition.worded(figure.value), definition.exact(figure.value));
            format!("{} {worded} = {exact}", definition.name)
        })
        .collect();
    // DOMAIN §12, in the order of the table.
    let table = [
        "培训教师 1300余人次 = 1342人次",
        "送课 90余节 = 96节",
        "微讲座 60余场 = 63场",
        "学科基地 14个 = 14个",
        "基地活动（建成以来） 近200场次 = 196场次",
        "基地活动参与（建成以来） 1500余人次 = 1536人次",
        "培养对象 66人 = 66人",
        "县级教学能手 10人 = 10人",
        "推荐参评市级教学能手 6人 = 6人",
        "市级教学能手 3人 = 3人",
        "思政课教师教学竞赛参赛 3人 = 3人",
        "思政课教师教学竞赛推荐上一级 3人 = 3人",
        "课堂教学创新大赛参赛 14人 = 14人",
        "课堂教学创新大赛推荐上一级 4人 = 4人",
        "全市课堂教学创新大赛获奖 3人 = 3人",
        "保育员技能大赛参赛幼儿园 8所 = 8所",
        "保育员技能大赛参赛 11人 = 11人",
        "保育员技能大赛推荐上一级 1人 = 1人",
        "精品课例推荐上一级 1人 = 1人",
        "一课三研 近12节 = 11节",
        "论文获奖 28件 = 28件",
        "论文一等奖 6件 = 6件",
        "论文二等奖 6件 = 6件",
        "论文三等奖 16件 = 16件",
        "市级课题结题 6项 = 6项",
        "县级课题结题 37项 = 37项",
        "省级课题在研 1项 = 1项",
        "市级课题新立项 6项 = 6项",
        "县级课题新立项 16项 = 16项",
        "教学能手工作站 2个 = 2个",
        "教研基地 3个 = 3个",
        "教研室人员 10人 = 10人",
    ];
    for line in table {
        assert!(said.contains(&line.to_owned()), "{line} is not in {said:#?}");
    }
    assert_eq!(
        figures
            .figure(&FigureId::new("trained-persons").unwrap())
            .unwrap()
            .people
            .len(),
        790
    );
    assert_eq!(figures.contradictions, []);
    assert_eq!(Figures::of(at, Definitions::usual(), 2022).hash(), figures.hash());
}

/// Whose each claim is, and what was done to it in words.
fn claimed() -> Vec<(String, TeacherId, Vec<String>)> {
    let claims = sample::claims().into_iter();
    let told = claims.map(|claim| {
        let acts = claim.acts.iter().map(|act| match act {
            Act::Submit { .. } => "submit".to_owned(),
            Act::Review(step, by, _) => format!("{step:?} by {by}"),
            Act::Publish(by) => format!("Publish by {by}"),
        });
        (
            claim.id.clone(),
            TeacherId::new(&claim.teacher_id).unwrap(),
            acts.collect(),
        )
    });
    told.collect()
}

#[test]
fn claims_stand_in_every_stage_before_the_last_and_nobody_reviews_her_own() {
    let claims = claimed();
    let known = distinct(|fact| match fact {
        Fact::PersonRegistered(f) => Some(f.teacher_id),
        _ => None,
    });
    let owners: BTreeSet<_> = claims.iter().map(|(_, owner, _)| *owner).collect();
    assert_eq!((claims.len(), owners.len()), (14, 14));
    assert!(owners.is_subset(&known));
    // Each act follows from the one before, as the review's own table has it.
    let mut stages = BTreeSet::new();
    for claim in sample::claims() {
        let mut stage = None;
        for act in &claim.acts {
            let step = match act {
                Act::Submit { .. } => Step::Submit,
                Act::Review(step, by, why) => {
                    assert_ne!(*by, claim.teacher_id, "{}", claim.id);
                    let needs = matches!(step, Step::Return | Step::Reject);
                    assert_eq!(needs, !why.is_empty(), "{}: {step:?}", claim.id);
                    *step
                }
                Act::Publish(_) => Step::Publish,
            };
            let next = keshi_core::review::next(stage, step);
            assert!(next.is_some(), "{}: {step:?} from {stage:?}", claim.id);
            stage = next;
        }
        stages.insert(stage.unwrap());
    }
    let mut missing: Vec<_> = keshi_core::review::Stage::ALL
        .iter()
        .filter(|stage| !stages.contains(stage))
        .collect();
    assert_eq!(
        missing.pop(),
        Some(&keshi_core::review::Stage::Credited),
        "that takes working days"
    );
    assert!(missing.is_empty(), "{missing:?}");
    let history = |id: &str| claims.iter().find(|(of, ..)| of == id).unwrap().2.len();
    assert_eq!(history("SB-LB-07"), 4, "returned, mended, checked");
}

#[test]
fn the_sample_is_the_same_however_often_it_is_written() {
    let (one, two) = (folder(), folder());
    let manifest = sample::write(one.path()).unwrap();
    assert_eq!(manifest, sample::write(two.path()).unwrap());
    assert_eq!(manifest, liuba().manifest);
    for file in &manifest.files {
        let (one, two) = (
            fs::read(one.path().join(file.name)).unwrap(),
            fs::read(two.path().join(file.name)).unwrap(),
        );
        assert!(one == two, "{}", file.name);
    }
    let names: Vec<_> = manifest.files.iter().map(|file| file.name).collect();
    assert!(names.is_sorted(), "the alphabet is the order of import: {names:?}");
}
