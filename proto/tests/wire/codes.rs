//! Names and numbers agree between the core and the .proto files.

use std::collections::BTreeMap;

use keshi_core::codes::{
    AssignmentNature, AttendanceResult, AttendanceRole, Award, AwardRole, ExpertPool, FindingOutcome, InspectionAspect,
    LessonType, Level, Mode, Post, SessionType, Stage, TitleClass, TopicCheck,
};
use keshi_core::entry::Verdict;
use keshi_core::event::Fact;
use prost::Message;
use prost_types::{DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorSet};

pub fn descriptors() -> FileDescriptorSet {
    FileDescriptorSet::decode(keshi_proto::DESCRIPTORS).unwrap()
}

pub fn message(package: &str, name: &str) -> DescriptorProto {
    let files = descriptors().file.into_iter().filter(|file| file.package() == package);
    let mut messages = files.flat_map(|file| file.message_type);
    messages.find(|message| message.name() == name).unwrap()
}

/// The numbers of an enum's values, without the unspecified one, by name without the enum's prefix.
fn numbers(package: &str, name: &str) -> BTreeMap<String, i32> {
    let files = descriptors().file.into_iter().filter(|file| file.package() == package);
    let mut enums = files.flat_map(|file| file.enum_type);
    let found: EnumDescriptorProto = enums.find(|found| found.name() == name).unwrap();
    let values = found
        .value
        .iter()
        .map(|value| (value.name().to_owned(), value.number()));
    let (unspecified, values): (Vec<_>, Vec<_>) = values.partition(|(_, number)| *number == 0);
    assert!(
        unspecified.len() == 1 && unspecified[0].0.ends_with("_UNSPECIFIED"),
        "{name}"
    );
    values.into_iter().collect()
}

#[test]
fn the_numbers_of_codes_are_those_of_the_proto_enums() {
    macro_rules! check {
        ($($code:ident)*) => { $({
            let mut expected: Vec<i32> = numbers("keshi.event.v1", stringify!($code)).into_values().collect();
            let mut found: Vec<i32> = $code::ALL.iter().map(|code| code.code()).collect();
            expected.sort_unstable();
            found.sort_unstable();
            assert_eq!(found, expected, stringify!($code));
            for &code in $code::ALL {
                assert_eq!($code::from_code(code.code()), Some(code));
            }
        })* };
    }
    check! {
        AssignmentNature AttendanceResult AttendanceRole Award AwardRole ExpertPool FindingOutcome InspectionAspect LessonType Level Mode Post SessionType Stage TitleClass TopicCheck
    }
}

#[test]
fn the_values_of_codes_have_the_names_of_the_proto_enums() {
    let levels = numbers("keshi.event.v1", "Level");
    for (name, level) in [
        ("NATIONAL", Level::National),
        ("CITY", Level::City),
        ("DISTRICT_GROUP", Level::DistrictGroup),
    ] {
        assert_eq!(levels.get(&format!("LEVEL_{name}")), Some(&level.code()));
    }
    let posts = numbers("keshi.event.v1", "Post");
    assert_eq!(posts.get("POST_RESEARCHER"), Some(&Post::Researcher.code()));
    assert_eq!(
        posts.get("POST_PART_TIME_RESEARCHER"),
        Some(&Post::PartTimeResearcher.code())
    );
    let results = numbers("keshi.event.v1", "AttendanceResult");
    assert_eq!(
        results.get("ATTENDANCE_RESULT_FAILED"),
        Some(&AttendanceResult::Failed.code())
    );
}

#[test]
fn verdicts_have_one_number_in_the_core_the_log_and_the_api() {
    let (log, mut api) = (numbers("keshi.log.v1", "Verdict"), numbers("keshi.v1", "Verdict"));
    // Of what the ledger was never asked, so that it stands in none; its number is kept free there.
    let mistaken = api.remove("VERDICT_MISTAKEN").unwrap();
    assert_eq!(Verdict::from_code(mistaken), None);
    assert_eq!(log, api);
    assert_eq!(log.len(), 5);
    for (name, number) in log {
        let verdict = Verdict::from_code(number).unwrap();
        assert_eq!(name, format!("VERDICT_{}", verdict.en().to_uppercase()));
    }
}

#[test]
fn the_kinds_are_the_cases_of_the_one_fact() {
    let fields = message("keshi.event.v1", "Fact").field;
    let mut names: Vec<&str> = fields.iter().map(FieldDescriptorProto::name).collect();
    names.sort_unstable();
    let mut known = Fact::KINDS.to_vec();
    known.sort_unstable();
    assert_eq!(names, known);
    for package in ["keshi.event.v1", "keshi.v1"] {
        let fields = message(package, "Event").field;
        let fact = fields.iter().find(|field| field.name() == "fact").unwrap();
        assert_eq!(fact.type_name(), ".keshi.event.v1.Fact", "{package}");
    }
}

#[test]
fn the_fields_of_the_event_s_head_are_the_same_in_store_and_api() {
    let head = |package, name| -> Vec<(String, i32)> {
        let fields = message(package, name).field;
        let common = fields.into_iter().filter(|field| field.name() != "fact");
        common.map(|field| (field.name().to_owned(), field.number())).collect()
    };
    assert_eq!(head("keshi.event.v1", "Event"), head("keshi.v1", "Event"));
    assert_eq!(head("keshi.v1", "EventHead"), head("keshi.v1", "Event"));
}
