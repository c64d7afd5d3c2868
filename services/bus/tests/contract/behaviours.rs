//! What any bus must do.

use std::time::{Duration, Instant};

use bytes::Bytes;
use keshi_bus::{Answer, AskError, MESSAGE_BYTES_MAX, SubmitError};

use crate::system::{System, duplicate, message, recorded, soon, within_ms};

/// Makes one test of each behaviour for a system.
macro_rules! contract {
    ($system:ty: $($behaviour:ident)*) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $behaviour() {
                crate::behaviours::$behaviour::<$system>().await;
            }
        )*
    };
    ($system:ty) => {
        contract!($system:
            the_ledgers_receipt_comes_back
            any_bytes_arrive_as_sent
            one_posters_order_is_kept
            the_same_submission_again_is_answered_as_duplicate
            other_content_under_a_used_submission_id_still_reaches_the_ledger
            two_hundred_posters_at_once_are_all_answered
            no_answer_says_recorded_while_the_ledger_is_held_up
            a_call_ends_by_its_deadline
            a_closed_ledger_neither_answers_nor_hangs
            a_submission_at_the_size_limit_passes
            a_submission_above_the_size_limit_is_refused_at_once
            a_subject_token_that_is_no_word_is_refused_at_once
            a_question_is_answered
            a_refused_question_comes_back_with_its_reason
            a_question_without_an_answer_ends_by_its_deadline
            a_question_above_the_size_limit_is_refused_at_once
        );
    };
}
pub(crate) use contract;

pub async fn the_ledgers_receipt_comes_back<S: System>() {
    let system = S::start(8).await;
    let posted = message("王老师 6 课时");
    assert_eq!(system.bus().submit(posted.clone(), soon()).await, recorded(&posted));
    assert_eq!(system.ledger().log().payloads(), [posted.bytes]);
}

pub async fn any_bytes_arrive_as_sent<S: System>() {
    let system = S::start(8).await;
    for bytes in [
        Bytes::new(),
        Bytes::from_static(b"\0\xff\r\n+OK\r\n"),
        Bytes::from((0..=255).collect::<Vec<u8>>()),
    ] {
        let mut posted = message("");
        posted.bytes = bytes;
        assert_eq!(system.bus().submit(posted.clone(), soon()).await, recorded(&posted));
        assert_eq!(system.ledger().log().payloads().last(), Some(&posted.bytes));
    }
}

pub async fn one_posters_order_is_kept<S: System>() {
    let system = S::start(8).await;
    let posted: Vec<_> = (0..100).map(|number| message(format!("{number}"))).collect();
    for one in &posted {
        assert_eq!(system.bus().submit(one.clone(), soon()).await, recorded(one));
    }
    let expected: Vec<_> = posted.into_iter().map(|one| one.bytes).collect();
    assert_eq!(system.ledger().log().payloads(), expected);
}

pub async fn the_same_submission_again_is_answered_as_duplicate<S: System>() {
    let system = S::start(8).await;
    let posted = message("once is enough");
    assert_eq!(system.bus().submit(posted.clone(), soon()).await, recorded(&posted));
    for _ in 0..3 {
        assert_eq!(system.bus().submit(posted.clone(), soon()).await, duplicate(&posted));
    }
}

pub async fn other_content_under_a_used_submission_id_still_reaches_the_ledger<S: System>() {
    let system = S::start(8).await;
    let first = message("first");
    let mut second = message("second");
    second.submission_id = first.submission_id;
    assert_eq!(system.bus().submit(first.clone(), soon()).await, recorded(&first));
    assert_eq!(system.bus().submit(second.clone(), soon()).await, recorded(&second));
}

pub async fn two_hundred_posters_at_once_are_all_answered<S: System>() {
    let system = S::start(256).await;
    let posters = (0..200).map(|poster| {
        let bus = system.bus().clone();
        tokio::spawn(async move {
            for number in 0..5 {
                let posted = message(format!("{poster}/{number}"));
                assert_eq!(bus.submit(posted.clone(), soon()).await, recorded(&posted));
            }
        })
    });
    for poster in posters.collect::<Vec<_>>() {
        poster.await.unwrap();
    }
    assert_eq!(system.ledger().log().recorded.len(), 1000);
}

pub async fn no_answer_says_recorded_while_the_ledger_is_held_up<S: System>() {
    let system = S::start(2).await;
    system.ledger().hold();
    let posted: Vec<_> = (0..8).map(|number| message(format!("{number}"))).collect();
    let mut recorded_early = 0;
    for one in &posted {
        match system.bus().submit(one.clone(), within_ms(200)).await {
            // A writer that already waits for work when it is held up takes one more.
            Ok(Answer::Recorded(_)) => recorded_early += 1,
            Ok(Answer::Accepted) | Err(SubmitError::Full { .. } | SubmitError::DeadlineExceeded) => {}
            other => panic!("unexpected while held up: {other:?}"),
        }
    }
    assert!(
        recorded_early <= 1,
        "{recorded_early} submissions recorded by a ledger that was held up"
    );
    system.ledger().go_on();
    for one in &posted {
        let give_up = soon();
        loop {
            match system.bus().submit(one.clone(), give_up).await {
                Ok(Answer::Recorded(_)) => break,
                Err(SubmitError::Full { .. }) => tokio::time::sleep(Duration::from_millis(5)).await,
                other => panic!("unexpected after the ledger goes on: {other:?}"),
            }
        }
        assert!(system.ledger().log().count(&one.bytes) >= 1);
    }
}

pub async fn a_call_ends_by_its_deadline<S: System>() {
    let system = S::start(8).await;
    system.ledger().hold();
    for number in 0..3 {
        let (started, deadline) = (Instant::now(), within_ms(300));
        let answer = system.bus().submit(message(format!("{number}")), deadline).await;
        // The first may slip through the gate; see the behaviour above.
        assert!(number == 0 || !matches!(answer, Ok(Answer::Recorded(_))), "{answer:?}");
        let late = Instant::now().saturating_duration_since(deadline);
        assert!(
            late < Duration::from_secs(2),
            "{late:?} after the deadline, {:?} in all",
            started.elapsed()
        );
    }
}

pub async fn a_closed_ledger_neither_answers_nor_hangs<S: System>() {
    let system = S::start(8).await;
    let before = message("before");
    assert_eq!(system.bus().submit(before.clone(), soon()).await, recorded(&before));
    system.ledger().close();
    let answer = system.bus().submit(message("after"), within_ms(500)).await;
    assert!(
        matches!(answer, Err(SubmitError::Closed) | Ok(Answer::Accepted)),
        "{answer:?}"
    );
    assert_eq!(system.ledger().log().payloads(), [before.bytes]);
}

pub async fn a_submission_at_the_size_limit_passes<S: System>() {
    let system = S::start(8).await;
    for fill in [b'a', b'b', b'c'] {
        let mut posted = message("");
        posted.bytes = Bytes::from(vec![fill; MESSAGE_BYTES_MAX]);
        assert!(matches!(
            system.bus().submit(posted.clone(), soon()).await,
            Ok(Answer::Recorded(_))
        ));
        assert_eq!(system.ledger().log().count(&posted.bytes), 1);
    }
}

pub async fn a_submission_above_the_size_limit_is_refused_at_once<S: System>() {
    let system = S::start(8).await;
    let mut posted = message("");
    posted.bytes = Bytes::from(vec![0; MESSAGE_BYTES_MAX + 1]);
    let refused = SubmitError::TooLarge {
        bytes: MESSAGE_BYTES_MAX + 1,
        bytes_max: MESSAGE_BYTES_MAX,
    };
    assert_eq!(system.bus().submit(posted, soon()).await, Err(refused));
}

pub async fn a_subject_token_that_is_no_word_is_refused_at_once<S: System>() {
    let system = S::start(8).await;
    for token in ["", "a.b", ">", "第一小学"] {
        let mut posted = message("x");
        posted.school = token.into();
        let refused = SubmitError::InvalidToken {
            field: "school",
            token: token.into(),
        };
        assert_eq!(system.bus().submit(posted, soon()).await, Err(refused));
    }
}

pub async fn a_question_is_answered<S: System>() {
    let system = S::start(8).await;
    let askers = (0..100).map(|number| {
        let bus = system.bus().clone();
        tokio::spawn(async move {
            let question = Bytes::from(format!("谁是 {number}"));
            assert_eq!(bus.ask("echo", question.clone(), soon()).await, Ok(question));
        })
    });
    for asker in askers.collect::<Vec<_>>() {
        asker.await.unwrap();
    }
    assert_eq!(system.ledger().log().recorded, [], "a question is never stored");
}

pub async fn a_refused_question_comes_back_with_its_reason<S: System>() {
    let system = S::start(8).await;
    let refused = AskError::Refused {
        reason: "没有 nothing / there is no nothing".into(),
    };
    assert_eq!(system.bus().ask("nothing", Bytes::new(), soon()).await, Err(refused));
}

pub async fn a_question_without_an_answer_ends_by_its_deadline<S: System>() {
    let system = S::start(8).await;
    let deadline = within_ms(300);
    assert_eq!(
        system.bus().ask("slow", Bytes::new(), deadline).await,
        Err(AskError::DeadlineExceeded)
    );
    assert!(Instant::now().saturating_duration_since(deadline) < Duration::from_secs(2));
    assert_eq!(
        system.bus().ask("echo", Bytes::from("still here"), soon()).await,
        Ok(Bytes::from("still here"))
    );
}

pub async fn a_question_above_the_size_limit_is_refused_at_once<S: System>() {
    let system = S::start(8).await;
    let refused = AskError::TooLarge {
        bytes: MESSAGE_BYTES_MAX + 1,
        bytes_max: MESSAGE_BYTES_MAX,
    };
    assert_eq!(
        system
            .bus()
            .ask("echo", Bytes::from(vec![0; MESSAGE_BYTES_MAX + 1]), soon())
            .await,
        Err(refused)
    );
}
