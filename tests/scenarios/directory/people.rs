//! The people register on a disk that forgets a bit: what it answers is true or an error that names the teacher.

use std::fs;
use std::path::Path;

use keshi_proto::api;
use keshi_proto::api::registry_service_client::RegistryServiceClient;
use keshi_tests::process::{Keshi, run};
use tempfile::tempdir;

use super::damage::places;
use super::flip;

const DEV: [&str; 3] = ["--dev", "--office", "610729"];

fn named(name: &str) -> api::PersonQuery {
    api::PersonQuery {
        name: name.to_owned(),
        ..api::PersonQuery::default()
    }
}

async fn registry(keshi: &Keshi) -> RegistryServiceClient<tonic::transport::Channel> {
    RegistryServiceClient::connect(keshi.url()).await.expect("it serves")
}

fn doctor(data: &Path) -> keshi_tests::process::Ran {
    let data = data.to_str().expect("a plain path");
    run(&["doctor", "--data", data, "--lang", "en"])
}

#[track_caller]
fn two_people_verify(data: &Path) {
    let ran = doctor(data);
    let all_verify = ran.out.contains("2 people, every record verifies");
    assert!(all_verify, "{}{}", ran.out, ran.err);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flipped_byte_in_one_persons_record_is_named_and_spoils_no_other_line() {
    let data = tempdir().expect("a directory");
    let keshi = Keshi::up(data.path(), &DEV).expect("it listens");
    let identity = |id: &str, name: &str| api::Identity {
        teacher_id: id.to_owned(),
        name: name.to_owned(),
        ..api::Identity::default()
    };
    let identities = vec![identity("T-1", "试样甲"), identity("T-2", "试样乙")];
    let request = api::PutIdentitiesRequest { identities };
    registry(&keshi).await.put_identities(request).await.expect("it is put");
    assert_eq!(keshi.stop(), Some(0));
    two_people_verify(data.path());

    let register = data.path().join("610729/people.redb");
    let bytes = fs::read(&register).expect("it can be read");
    // As a record begins: length of key, key, and that it is sealed.
    for at in places(&bytes, &[&[3], b"T-2".as_slice(), &[1]].concat()) {
        flip(&register, at + 12);
    }
    let ran = doctor(data.path());
    assert_eq!(ran.code, Some(4), "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("the records of T-2 are damaged"), "{}", ran.out);

    let keshi = Keshi::up(data.path(), &DEV).expect("it listens");
    let queries = vec![
        api::PersonQuery {
            teacher_id: "T-1".to_owned(),
            ..api::PersonQuery::default()
        },
        named("试样乙"),
    ];
    let answer = registry(&keshi)
        .await
        .resolve_people(api::ResolvePeopleRequest {
            queries,
            ..Default::default()
        })
        .await;
    let matches = answer.expect("an answer").into_inner().matches;
    assert_eq!(matches[0].people[0].name, "试样甲");
    assert!(matches[1].people.is_empty());
    assert_eq!(matches[1].unreadable_ids, ["T-2"]);
    // Put again, it is whole again.
    let identities = vec![identity("T-2", "试样乙")];
    let request = api::PutIdentitiesRequest { identities };
    registry(&keshi).await.put_identities(request).await.expect("it is put");
    assert_eq!(keshi.stop(), Some(0));
    two_people_verify(data.path());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_directory_has_lost_stops_the_start_and_the_remedy_is_said() {
    let (data, before) = super::furnished().await;
    for part in [
        "ledger",
        "people.redb",
        "people.keys",
        "reads",
        "access.redb",
        "signed",
        "contents",
    ] {
        let copy = tempdir().expect("a directory");
        keshi_tests::disk::copy(data.path(), copy.path());
        let office = copy.path().join("610729");
        let path = office.join(part);
        fs::remove_dir_all(&path)
            .or_else(|_| fs::remove_file(&path))
            .expect("it is removed");
        for _ in 0..2 {
            let ended = super::refused(copy.path());
            assert_eq!(ended.code, Some(4), "{part}: {}", ended.said);
            assert!(
                ended.said.contains(part) && ended.said.contains("backup"),
                "{part}: {}",
                ended.said
            );
            assert_eq!(doctor(copy.path()).code, Some(4), "{part}");
            assert!(part == "contents" || !path.exists(), "{part} was made anew");
        }
        if part == "people.keys" {
            // Without the keys nobody is known: the register goes with them.
            fs::remove_file(office.join("people.redb")).expect("it is removed");
        }
        // On purpose it goes on with what is there.
        fs::write(office.join("contents"), "").expect("it is emptied");
        let keshi = super::up(copy.path()).expect("it listens");
        assert_eq!(keshi.stop(), Some(0));
        if part != "ledger" {
            super::assert_intact(copy.path(), before).await;
        }
    }
}
