//! Questions of the write side that no write side would ask.

use bytes::Bytes;
use keshi_bus::Ledger as _;
use keshi_door::topics;
use keshi_proto::log::{CheckFrom, CheckQuestion, KnownQuestion, PutQuestion, check_question::Step};
use prost::Message as _;
use rand::rngs::StdRng;
use rand::{Rng as _, RngCore as _, SeedableRng as _};

use crate::support::Office;

const TOPICS: [&str; 7] = [
    topics::STATUS,
    topics::KNOWN,
    topics::CHECK,
    topics::PEOPLE_PUT,
    topics::PEOPLE_ERASE,
    topics::PEOPLE_READMIT,
    topics::PEOPLE_RESOLVE,
];

#[tokio::test]
async fn no_bytes_make_the_ledger_do_anything_but_answer_or_refuse() {
    let (office, _) = Office::furnished().await;
    let end = keshi_query::LedgerEnd::new(&office.query);
    let seed: u64 = rand::random();
    println!("seed {seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let whole = [
        CheckQuestion {
            check_id: Bytes::from_static(&[1; 16]),
            step: Some(Step::Submission(Bytes::from_static(b"no submission"))),
        }
        .encode_to_vec(),
        CheckQuestion {
            check_id: Bytes::from_static(&[1; 16]),
            step: Some(Step::From(CheckFrom {
                position: u64::MAX,
                event: u64::MAX,
            })),
        }
        .encode_to_vec(),
        KnownQuestion {
            event_ids: vec![Bytes::from_static(&[2; 5])],
            session_ids: vec!["学校".to_owned()],
            teacher_ids: vec![String::new(), "T1".to_owned()],
            project_ids: vec!["项目".to_owned()],
            school: "S1".to_owned(),
            today: Some(keshi_proto::event::Date {
                year: 70_000,
                month: 13,
                day: 0,
            }),
            claim_ids: vec!["申报".to_owned()],
            publicity_from: Some(keshi_proto::event::Date {
                year: 9_999,
                month: 12,
                day: 31,
            }),
            caller_id: String::new(),
            merging: vec!["T1".to_owned()],
            question_ids: vec!["需求".to_owned()],
            inspection_ids: vec!["视导".to_owned()],
            finding_ids: vec!["发现".to_owned()],
        }
        .encode_to_vec(),
        PutQuestion {
            asker: None,
            identities: vec![keshi_proto::api::Identity::default()],
        }
        .encode_to_vec(),
    ];
    for _ in 0..200 {
        for topic in TOPICS {
            let mut question = whole[random.random_range(0..whole.len())].clone();
            match random.random_range(0..3) {
                0 => {}
                1 => question.truncate(random.random_range(0..=question.len())),
                _ => random.fill_bytes(&mut question),
            }
            // Whatever it says: it comes back.
            drop(end.answer(topic.to_owned(), question.into()).await);
        }
    }
    let refusal = end.answer("nothing".to_owned(), Bytes::new()).await.unwrap_err();
    assert!(refusal.contains("there is no topic nothing"));
}
