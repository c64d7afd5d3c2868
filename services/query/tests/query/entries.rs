//! Pages of entries, watching them come, and the audit's replay.

use std::time::Duration;

use keshi_proto::api;
use keshi_proto::api::audit_service_client::AuditServiceClient;
use keshi_proto::api::ledger_service_client::LedgerServiceClient;
use keshi_proto::api::registry_service_client::RegistryServiceClient;
use tonic::Code;

use crate::support::{Office, attendance, project_of_level, refused, session, with};

async fn all_pages(office: &Office, token: &str, mut request: api::ListEntriesRequest) -> Vec<api::Entry> {
    let mut client = LedgerServiceClient::new(office.channel.clone());
    let mut entries = Vec::new();
    loop {
        let page = client
            .list_entries(with(token, request.clone()))
            .await
            .unwrap()
            .into_inner();
        entries.extend(page.entries);
        if page.next_page_token.is_empty() {
            return entries;
        }
        request.page_token = page.next_page_token;
    }
}

#[tokio::test]
async fn pages_of_any_size_put_together_are_the_log() {
    let (office, admin) = Office::furnished().await;
    let posted: Vec<_> = (0..20).map(|n| attendance("X1", "T1", 100 + n)).collect();
    office.record(&admin, posted).await;
    let size = office.engine.head().size;
    for page_size in [0, 1, 7, 1_000, i32::MAX] {
        let request = api::ListEntriesRequest {
            page_size,
            ..api::ListEntriesRequest::default()
        };
        let entries = all_pages(&office, &admin, request).await;
        assert_eq!(
            entries.iter().map(|entry| entry.index).collect::<Vec<_>>(),
            (0..size).collect::<Vec<_>>()
        );
        let stored = office.engine.entries(0, 1_000).unwrap();
        assert!(
            entries
                .iter()
                .zip(&stored)
                .all(|(entry, stored)| entry.leaf_hash == stored.leaf_hash)
        );
    }
    let from = api::ListEntriesRequest {
        from_index: size - 3,
        ..api::ListEntriesRequest::default()
    };
    assert_eq!(all_pages(&office, &admin, from).await.len(), 3);
}

#[tokio::test]
async fn entries_about_a_teacher_are_hers_and_only_those() {
    let (office, admin) = Office::furnished().await;
    office
        .record(&admin, vec![attendance("X1", "T1", 100), attendance("X1", "T2", 100)])
        .await;
    office.record(&admin, vec![attendance("X1", "T1", 200)]).await;
    for page_size in [1, 2, 100] {
        let request = api::ListEntriesRequest {
            about_teacher_id: "T1".to_owned(),
            page_size,
            ..api::ListEntriesRequest::default()
        };
        let entries = all_pages(&office, &admin, request).await;
        // Registered, assigned, and present twice.
        assert_eq!(entries.len(), 4);
        assert!(
            entries
                .iter()
                .all(|entry| format!("{:?}", entry.event).contains("\"T1\""))
        );
    }
}

#[tokio::test]
async fn one_who_watches_gets_every_entry_once_in_order_and_is_let_go_when_the_server_stops() {
    let (office, admin) = Office::furnished().await;
    let size = office.engine.head().size;
    let mut client = LedgerServiceClient::new(office.channel.clone());
    let request = with(
        &admin,
        api::WatchEntriesRequest {
            from_index: 2,
            ..api::WatchEntriesRequest::default()
        },
    );
    let mut batches = client.watch_entries(request).await.unwrap().into_inner();
    let mut seen = Vec::new();
    while seen.len() < usize::try_from(size).unwrap() - 2 {
        let batch = batches.message().await.unwrap().unwrap();
        seen.extend(batch.entries.into_iter().map(|entry| entry.index));
    }
    for n in 0..60 {
        office.record(&admin, vec![attendance("X1", "T1", 100 + n)]).await;
        if n % 20 == 0 {
            let batch = batches.message().await.unwrap().unwrap();
            seen.extend(batch.entries.into_iter().map(|entry| entry.index));
        }
    }
    let end = office.engine.head().size;
    while seen.last() != Some(&(end - 1)) {
        let batch = batches.message().await.unwrap().unwrap();
        assert!(batch.size <= end);
        seen.extend(batch.entries.into_iter().map(|entry| entry.index));
    }
    assert_eq!(seen, (2..end).collect::<Vec<_>>());
    office.stop();
    let last = tokio::time::timeout(Duration::from_secs(10), batches.message())
        .await
        .unwrap();
    assert!(last.unwrap().is_none());
}

#[tokio::test]
async fn an_audit_replays_the_log_and_agrees_with_what_is_served() {
    let (office, admin) = Office::furnished().await;
    let size = office.engine.head().size;
    let mut audit = AuditServiceClient::new(office.channel.clone());
    for asked in [0, 3] {
        let mut progress = audit
            .replay(with(&admin, api::ReplayRequest { size: asked }))
            .await
            .unwrap()
            .into_inner();
        let mut last = None;
        while let Some(told) = progress.message().await.unwrap() {
            assert!(last.is_none(), "the result comes last");
            last = told.result;
        }
        let result = last.unwrap();
        assert!(result.agrees);
        assert_eq!(result.size, if asked == 0 { size } else { asked });
        assert_eq!(result.replayed_root, office.engine.root_at(result.size).unwrap());
    }
    let beyond = api::ReplayRequest { size: size + 1 };
    let status = audit.replay(with(&admin, beyond)).await.unwrap_err();
    refused(&status, Code::OutOfRange, "BeyondEnd");
}

#[tokio::test]
async fn a_filter_leaves_out_the_others_on_every_page_and_while_watching() {
    let (office, admin) = Office::furnished().await;
    let clerk = office.clerk("S1");
    let before = office.engine.head().size;
    let event = attendance("X1", "T1", 200);
    let target = event.clone();
    office.record(&clerk, vec![event]).await;
    office
        .record(&admin, (0..9).map(|n| attendance("X1", "T2", 300 + n)).collect())
        .await;
    office.record(&clerk, vec![attendance("X1", "T1", 400)]).await;
    office.record(&admin, vec![crate::differences::void(&target)]).await;
    let poster = office.engine.entry(before).unwrap().unwrap().entry.poster.to_string();
    let of_clerk = api::EntryFilter {
        poster,
        ..api::EntryFilter::default()
    };
    let undone = api::EntryFilter {
        undone: true,
        ..api::EntryFilter::default()
    };
    let indices = |entries: Vec<api::Entry>| entries.iter().map(|entry| entry.index).collect::<Vec<_>>();
    for page_size in [1, 2, 100] {
        let of = |filter: &api::EntryFilter, about: &str| api::ListEntriesRequest {
            filter: Some(filter.clone()),
            about_teacher_id: about.to_owned(),
            page_size,
            ..api::ListEntriesRequest::default()
        };
        let found = indices(all_pages(&office, &admin, of(&of_clerk, "")).await);
        assert_eq!(found, [before, before + 10]);
        let found = indices(all_pages(&office, &clerk, of(&of_clerk, "T1")).await);
        assert_eq!(found, [before, before + 10]);
        assert_eq!(indices(all_pages(&office, &admin, of(&undone, "")).await), [before]);
        let voids = api::EntryFilter {
            kind: "entry_voided".to_owned(),
            ..api::EntryFilter::default()
        };
        assert_eq!(indices(all_pages(&office, &admin, of(&voids, "")).await), [before + 11]);
        let later = api::EntryFilter {
            recorded_since: Some(prost_types::Timestamp {
                seconds: 4_000_000_000,
                nanos: 0,
            }),
            ..api::EntryFilter::default()
        };
        assert_eq!(indices(all_pages(&office, &admin, of(&later, "")).await), [0; 0]);
    }
    let mut client = LedgerServiceClient::new(office.channel.clone());
    let request = api::ListEntriesRequest {
        filter: Some(api::EntryFilter {
            kind: "entry_vioded".to_owned(),
            ..api::EntryFilter::default()
        }),
        ..api::ListEntriesRequest::default()
    };
    let status = client.list_entries(with(&admin, request)).await.unwrap_err();
    let fields = refused(&status, Code::InvalidArgument, "InvalidFields");
    assert_eq!(
        fields,
        ["filter.kind"],
        "a kind that does not exist has no entries in silence"
    );
    let request = api::WatchEntriesRequest {
        filter: Some(of_clerk),
        in_words: true,
        ..api::WatchEntriesRequest::default()
    };
    let mut batches = client.watch_entries(with(&admin, request)).await.unwrap().into_inner();
    let mut seen = Vec::new();
    while seen.len() < 2 {
        let batch = batches.message().await.unwrap().unwrap();
        assert_eq!(batch.entries.len(), batch.words.len());
        seen.extend(indices(batch.entries));
    }
    assert_eq!(seen, [before, before + 10]);
}

#[tokio::test]
async fn an_entry_in_words_says_what_and_about_whom_as_far_as_the_caller_may_read() {
    let (office, admin) = Office::furnished().await;
    office.record(&admin, vec![attendance("X1", "T1", 150)]).await;
    let request = api::ListEntriesRequest {
        about_teacher_id: "T1".to_owned(),
        in_words: true,
        ..api::ListEntriesRequest::default()
    };
    let mut client = LedgerServiceClient::new(office.channel.clone());
    let page = client.list_entries(with(&admin, request)).await.unwrap().into_inner();
    assert_eq!(page.entries.len(), page.words.len());
    let last = page.words.last().unwrap();
    assert_eq!(
        (last.kind.as_str(), last.kind_zh.as_str()),
        ("attendance_recorded", "出勤")
    );
    assert!(
        last.what_zh.contains("国培") && last.what_zh.ends_with("1.5 课时"),
        "{}",
        last.what_zh
    );
    assert!(last.what_en.ends_with("1.5 hours"), "{}", last.what_en);
    assert_eq!(last.about[0].teacher_id, "T1");
}

#[tokio::test]
async fn one_entry_is_told_in_words_if_asked_for_with_names_for_those_who_may_read_about_her() {
    let (office, admin) = Office::furnished().await;
    let identities = ["T1", "T2"].map(|id| api::Identity {
        teacher_id: id.to_owned(),
        name: format!("试样{id}"),
        ..api::Identity::default()
    });
    let request = api::PutIdentitiesRequest {
        identities: identities.to_vec(),
    };
    let mut registry = RegistryServiceClient::new(office.channel.clone());
    registry.put_identities(with(&admin, request)).await.unwrap();
    // A school that holds a session posts its guests, of whom it may not read.
    let clerk = office.clerk("S1");
    let own = [
        project_of_level("P7", 60),
        session("P7", "X7"),
        attendance("X7", "T2", 300),
    ];
    for mut event in own {
        event.org = "S1".to_owned();
        office.record(&clerk, vec![event]).await;
    }
    let index = office.engine.head().size - 1;
    let mut client = LedgerServiceClient::new(office.channel.clone());
    let mut ask = async |token: &str, in_words| {
        let request = api::GetEntryRequest {
            index,
            in_words,
            ..api::GetEntryRequest::default()
        };
        client.get_entry(with(token, request)).await.unwrap().into_inner()
    };
    assert_eq!(ask(&admin, false).await.words, None);
    let words = ask(&admin, true).await.words.unwrap();
    assert_eq!(
        (words.kind_zh.as_str(), words.about[0].name.as_str()),
        ("出勤", "试样T2")
    );
    let words = ask(&clerk, true).await.words.unwrap();
    let told = (words.about[0].teacher_id.as_str(), words.about[0].name.as_str());
    assert_eq!(told, ("T2", ""));
}
