//! What lies on disk tells nobody's name: the data directory, the stream and a backup are read byte by byte.

use std::fs;
use std::path::Path;

use keshi_bus::testing::NatsServer;
use keshi_core::ids::Sha256;
use keshi_core::text::resident::check_character;
use keshi_office::keyring::KeyPlaces;
use keshi_office::people::{Called, Register};
use keshi_proto::api::certificate_service_client::CertificateServiceClient;
use keshi_proto::api::claim_service_client::ClaimServiceClient;
use keshi_proto::api::registry_service_client::RegistryServiceClient;
use keshi_proto::api::review_service_client::ReviewServiceClient;
use keshi_proto::event::fact::Fact;
use keshi_proto::{api, event as pb};
use keshi_tests::caller::{Caller, attendance, day, event, new_id};
use keshi_tests::process::{Keshi, PEOPLE_KEY, Ran, run};
use keshi_tests::{disk, ledger};
use tempfile::tempdir;

/// Teachers whose names and numbers stand nowhere else: id, 姓名, phone, day of birth.
const PEOPLE: [(&str, &str, &str, &str); 2] = [
    ("T1", "犇鱻麤", "19900004711", "19791231"),
    ("T2", "龘靐齉", "19900008153", "19840229"),
];

/// What stands in the ledger in clear, so that the search is seen to find what is there.
const KNOWN: &str = "privacy-known-note";

fn card((_, _, _, born): (&str, &str, &str, &str)) -> String {
    let first = format!("999999{born}471");
    format!("{first}{}", check_character(&first))
}

/// Everything that must be nowhere.
fn secrets() -> Vec<String> {
    let of = |person: (&str, &str, &str, &str)| [person.1.to_owned(), person.2.to_owned(), card(person)];
    PEOPLE.into_iter().flat_map(of).collect()
}

/// Every file below with its bytes, and with what is packed in it.
fn bytes_below(dir: &Path, found: &mut Vec<(String, Vec<u8>)>) {
    for entry in fs::read_dir(dir).expect("a directory").map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            bytes_below(&path, found);
        } else if entry.file_type().expect("a type").is_file() {
            let mut bytes = fs::read(&path).expect("its bytes");
            let packed: Vec<u8> = unpacked(&bytes);
            bytes.extend(packed);
            found.push((path.display().to_string(), bytes));
        }
    }
}

/// What every zstd frame in these bytes holds.
fn unpacked(bytes: &[u8]) -> Vec<u8> {
    const FRAME: [u8; 4] = [0x28, 0xB5, 0x2F, 0xFD];
    let frames = (0..bytes.len()).filter(|&at| bytes[at..].starts_with(&FRAME));
    let mut all = Vec::new();
    for at in frames {
        let mut decoder = zstd::stream::read::Decoder::new(&bytes[at..])
            .expect("a decoder")
            .single_frame();
        // What only looks like a frame ends in an error, after what could be read.
        let _ = std::io::copy(&mut decoder, &mut all);
    }
    all
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

/// Looks for all secrets, and for what has to be found.
fn tells_nobody(dir: &Path, what: &str) {
    let mut files = Vec::new();
    bytes_below(dir, &mut files);
    for secret in secrets() {
        for (path, bytes) in &files {
            assert!(!holds(bytes, &secret), "{what}: {secret} stands in {path}");
        }
    }
    let finds = files.iter().any(|(_, bytes)| holds(bytes, KNOWN));
    assert!(
        finds,
        "{what}: the search finds what is there, in {} files",
        files.len()
    );
}

fn keshi(data: &Path, line: &[&str]) -> Ran {
    let data = data.to_str().expect("a plain path");
    let ran = run(&[line, &["--data", data, "--lang", "en"]].concat());
    assert_eq!(ran.code, Some(0), "{line:?}: {}{}", ran.out, ran.err);
    ran
}

/// Registers, imports, certifies and claims, as an office does.
async fn work(url: &str, data: &Path, folder: &Path) {
    let caller = Caller::connect(url).await;
    caller.furnish().await;
    let mut registry = RegistryServiceClient::new(caller.channel.clone());
    let identities = PEOPLE.map(|person| api::Identity {
        teacher_id: person.0.to_owned(),
        name: person.1.to_owned(),
        id_doc_type: "居民身份证".to_owned(),
        id_doc_no: card(person),
        phone: person.2.to_owned(),
        birth_date: None,
    });
    let request = api::PutIdentitiesRequest {
        identities: identities.into(),
    };
    registry.put_identities(request).await.expect("they are put");
    // A sheet with names and numbers.
    let mut sheet = "姓名,身份证件类型,身份证件号码,培训年度,培训类别,培训项目名称,培训机构名称,培训方式,培训获得学时,培训开始日期,培训结束日期\n".to_owned();
    for person in PEOPLE {
        let row = format!(
            "{},居民身份证,{},2022,县级,{KNOWN},教研室,短期面授,6,2022-03-05,2022-03-05\n",
            person.1,
            card(person)
        );
        sheet.push_str(&row);
    }
    let path = folder.join("培训.csv");
    fs::write(&path, sheet).expect("it is written");
    let ran = keshi(data, &["import", path.to_str().expect("a plain path")]);
    assert!(
        ran.err.contains("2 rows") || ran.out.contains("recorded 2"),
        "{}{}",
        ran.out,
        ran.err
    );
    // A certificate.
    let mut basis = attendance("X1", "T1", 600);
    basis.event_id = new_id();
    let basis_event = basis.event_id.clone();
    caller.record(vec![basis]).await;
    let fact = pb::CertificateIssued {
        teacher_id: "T1".to_owned(),
        basis_event,
        attests: "参加培训，考核合格".to_owned(),
        ..pb::CertificateIssued::default()
    };
    let item = api::issue_certificates_request::Item {
        head: Some(api::EventHead {
            event_id: new_id(),
            occurred_from: day(2022, 12, 30),
            occurred_to: day(2022, 12, 30),
            ..api::EventHead::default()
        }),
        fact: Some(fact),
    };
    let request = api::IssueCertificatesRequest {
        items: vec![item],
        ..api::IssueCertificatesRequest::default()
    };
    let mut certificates = CertificateServiceClient::new(caller.channel.clone());
    let issued = certificates
        .issue_certificates(request)
        .await
        .expect("an answer")
        .into_inner();
    let verdict = issued.receipt.expect("recorded").verdicts.remove(0);
    assert_eq!(verdict.number, 1, "{verdict:?}");
    // A claim, with a file that tells her name in itself and in what it is called.
    let paper = format!("%PDF-1.7 {} {}", PEOPLE[1].1, card(PEOPLE[1])).into_bytes();
    let sha256 = Sha256::of(&paper).to_string();
    let request = api::PutEvidenceRequest {
        teacher_id: "T2".to_owned(),
        name: format!("{}的证书.pdf", PEOPLE[1].1),
        sha256: sha256.clone(),
        size: i64::try_from(paper.len()).expect("small"),
        offset: 0,
        piece: paper,
        occurred_to: day(2022, 3, 5),
    };
    let mut claims = ClaimServiceClient::new(caller.channel.clone());
    let kept = claims.put_evidence(request).await.expect("it is kept").into_inner();
    assert!(kept.file.is_some_and(|file| file.name.contains(PEOPLE[1].1)));
    let lesson = pb::LessonGiven {
        teacher_id: "T2".to_owned(),
        r#type: 2,
        level: 40,
        periods: 2,
        ..pb::LessonGiven::default()
    };
    let item = api::submit_claims_request::Item {
        claim_id: "C-1".to_owned(),
        teacher_id: "T2".to_owned(),
        events: vec![api::Event {
            evidence: vec![sha256],
            ..event(Fact::LessonGiven(lesson))
        }],
        ..api::submit_claims_request::Item::default()
    };
    let request = api::SubmitClaimsRequest {
        items: vec![item],
        by: "T2".to_owned(),
        ..api::SubmitClaimsRequest::default()
    };
    let mut reviews = ReviewServiceClient::new(caller.channel.clone());
    reviews.submit_claims(request).await.expect("it is submitted");
    // Looked up by name, with a purpose.
    let ran = keshi(data, &["balance", PEOPLE[0].1, "--period", "2022", "--purpose", "核对"]);
    assert!(ran.out.contains(PEOPLE[0].1), "{}", ran.out);
}

/// A file goes with a claim and comes back as it was, once.
fn claims_with_files_by_the_command_line(data: &Path, folder: &Path) {
    let plain = |path: &Path| path.to_str().expect("a plain path").to_owned();
    let (claim, paper, saved) = (folder.join("claim.json"), folder.join("听课.pdf"), folder.join("saved"));
    fs::write(&paper, "%PDF-1.7 another scan").expect("it is written");
    fs::create_dir(&saved).expect("a directory");
    let lesson = r#"{"occurredFrom":{"year":2022,"month":4,"day":1},"occurredTo":{"year":2022,"month":4,"day":1},
        "fact":{"lessonGiven":{"teacherId":"T2","type":2,"level":40,"periods":1}}}"#;
    let item = format!(r#"{{"items":[{{"claimId":"C-2","teacherId":"T2","events":[{lesson}]}}],"by":"T2"}}"#);
    fs::write(&claim, item).expect("it is written");
    keshi(data, &["review", "submit", &plain(&claim), "--attach", &plain(&paper)]);
    let save = ["review", "evidence", "C-2", "--to", &plain(&saved)];
    let told = keshi(data, &save).out;
    let path = told.trim();
    assert!(path.ends_with("-听课.pdf"), "{told}");
    let (read, sent) = (
        fs::read(path).expect("it is there"),
        fs::read(&paper).expect("its bytes"),
    );
    assert_eq!(read, sent);
    let again = run(&[&save[..], &["--data", &plain(data), "--lang", "en"]].concat());
    assert_eq!(again.code, Some(1), "{}{}", again.out, again.err);
    assert!(again.err.contains("move it away"), "{}", again.err);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn neither_data_directory_nor_stream_nor_backup_tells_a_name_and_who_is_erased_is_gone_from_all_copies() {
    let mut nats = NatsServer::start().await;
    let (data, folder) = (tempdir().expect("a directory"), tempdir().expect("a directory"));
    let url = nats.url();
    let up = || Keshi::up(data.path(), &["--dev", "--office", "610729", "--bus", &url]).expect("it listens");
    let server = up();
    work(&server.url(), data.path(), folder.path()).await;
    claims_with_files_by_the_command_line(data.path(), folder.path());
    let backup = folder.path().join("backup");
    keshi(data.path(), &["backup", backup.to_str().expect("a plain path")]);
    tells_nobody(data.path(), "the data directory of a running office");
    tells_nobody(&backup, "its backup");

    // What is held can be printed, with who read it.
    let held = keshi(data.path(), &["people", "held", "T2", "--purpose", "本人查询"]);
    assert!(
        held.out.contains("的证书.pdf") && held.out.contains("2030-12-31"),
        "{}",
        held.out
    );
    let held = keshi(data.path(), &["people", "held", "T1", "--purpose", "本人查询"]);
    for told in [PEOPLE[0].1, PEOPLE[0].2, &card(PEOPLE[0]), "核对", "本人查询"] {
        assert!(held.out.contains(told), "{told}: {}", held.out);
    }

    let before = Caller::connect(&server.url()).await.head().await;
    keshi(data.path(), &["people", "erase", "T1", "--purpose", "本人申请"]);
    // The ledger is as it was, and so are its sums; she is shown as erased.
    assert_eq!(Caller::connect(&server.url()).await.head().await, before);
    let balance = Caller::connect(&server.url())
        .await
        .balance("T1")
        .await
        .expect("an answer");
    assert_eq!(balance.name, "（已删除）");
    let replay = keshi(data.path(), &["audit", "replay"]);
    assert!(
        replay.out.contains("agrees") && !replay.out.contains("differs"),
        "{}",
        replay.out
    );
    let held = keshi(data.path(), &["people", "held", "T1", "--purpose", "核对删除"]);
    assert!(
        held.out.contains("erased") && held.out.contains("本人申请"),
        "{}",
        held.out
    );
    assert!(!held.out.contains(PEOPLE[0].1), "{}", held.out);
    // An old list does not bring her back.
    let mut registry = RegistryServiceClient::new(Caller::connect(&server.url()).await.channel);
    let again = api::PutIdentitiesRequest {
        identities: vec![api::Identity {
            teacher_id: "T1".to_owned(),
            name: PEOPLE[0].1.to_owned(),
            ..api::Identity::default()
        }],
    };
    let refused = registry.put_identities(again).await.expect_err("it is refused");
    assert_eq!(keshi_tests::caller::refusal(&refused).reason, "IdentityErased");
    // A number in a purpose would stay in the log of reads.
    let purpose = ["people", "held", "T2", "--purpose", PEOPLE[1].2, "--data"];
    let refused = run(&[&purpose[..], &[data.path().to_str().expect("a plain path")]].concat());
    assert_eq!(refused.code, Some(1), "{}{}", refused.out, refused.err);
    tells_nobody(data.path(), "after the erasure");
    assert_eq!(server.stop(), Some(0));
    nats.kill();
    tells_nobody(&nats.store(), "the store of the stream");
    let doctor = |data: &Path| run(&["doctor", "--data", data.to_str().expect("plain"), "--lang", "en"]).out;
    let told = doctor(data.path());
    assert!(told.contains("2 files of evidence, each verified"), "{told}");
    let evidence = ledger::dir(data.path()).with_file_name("evidence");
    disk::copy(&backup.join("office/evidence"), &folder.path().join("from-backup"));
    for entry in fs::read_dir(&evidence).expect("a directory").map(Result::unwrap) {
        let copied = folder.path().join("from-backup").join(entry.file_name());
        assert_eq!(
            fs::read(copied).expect("the backup has it"),
            fs::read(entry.path()).expect("its bytes")
        );
        fs::remove_file(entry.path()).expect("it is removed");
    }
    let told = doctor(data.path());
    assert!(
        told.contains("2 files that the ledger names as evidence are not here"),
        "{told}"
    );

    // The register of the backup, from before, with the keys of now: the other is there, she is not.
    let copy = tempdir().expect("a directory");
    fs::copy(backup.join("office/people.redb"), copy.path().join("people.redb")).expect("it is copied");
    fs::copy(
        ledger::dir(data.path()).with_file_name("people.keys"),
        copy.path().join("people.keys"),
    )
    .expect("it is copied");
    let places = KeyPlaces {
        given: Some(PEOPLE_KEY.to_owned().into()),
        ..KeyPlaces::default()
    };
    let register = Register::open(copy.path().join("people.redb"), &places).expect("it opens");
    let names = register.names(&["T1", "T2"]).expect("it answers");
    assert!(matches!(names[0], Ok(Called::Erased(_))), "{names:?}");
    assert_eq!(names[1], Ok(Called::Name(PEOPLE[1].1.to_owned())));
    drop(register);

    // The key changed, no backup of before is opened by it.
    let (old, new) = (PEOPLE_KEY, "7c".repeat(32));
    let both = format!("{new},{old}");
    let rotate =
        keshi_tests::process::command(&["people", "rotate-key", "--data", data.path().to_str().expect("plain")])
            .env("KESHI_PEOPLE_KEY", both)
            .output()
            .expect("it runs");
    assert!(rotate.status.success(), "{}", String::from_utf8_lossy(&rotate.stderr));
    let restored = tempdir().expect("a directory");
    disk::copy(&backup.join("office"), restored.path());
    let places = KeyPlaces {
        given: Some(new.into()),
        ..KeyPlaces::default()
    };
    let refused = Register::open(restored.path().join("people.redb"), &places);
    assert!(refused.is_err(), "{refused:?}");
}
