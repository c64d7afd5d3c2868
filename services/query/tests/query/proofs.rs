//! Checkpoints, proofs and tiles: made for auditors, checked without the ledger, and served to anybody as far as they tell nothing.

use keshi_office::access::{RoleName, Scope};
use keshi_proto::api;
use keshi_proto::api::audit_service_client::AuditServiceClient;
use keshi_proto::api::tile_service_client::TileServiceClient;
use keshi_verify::checkpoint::Checkpoint;
use keshi_verify::key::VerifierKey;
use keshi_verify::leaf_hash;
use keshi_verify::proof_file::{ProofFile, Proved};
use keshi_verify::tile::{bundle_entries, tile_hashes};
use tonic::transport::Channel;
use tonic::{Code, Request, Status};

use crate::support::{Office, attendance, refused, session, with};

fn audit(office: &Office) -> AuditServiceClient<Channel> {
    AuditServiceClient::new(office.channel.clone())
}

fn at_size(size: u64) -> api::At {
    api::At {
        at: Some(api::at::At::Size(size)),
        min_size: 0,
    }
}

/// The public keys, as an auditor copies them.
async fn keys(office: &Office, auditor: &str) -> Vec<VerifierKey> {
    let asked = with(auditor, api::ListSigningKeysRequest {});
    let listed = audit(office).list_signing_keys(asked).await.unwrap().into_inner();
    listed
        .keys
        .iter()
        .map(|key| VerifierKey::parse(&key.key).unwrap())
        .collect()
}

async fn tile(office: &Office, path: &str) -> Result<Vec<u8>, Status> {
    let request = Request::new(api::GetTileRequest { path: path.to_owned() });
    let answer = TileServiceClient::new(office.channel.clone()).get_tile(request).await?;
    Ok(answer.into_inner().content)
}

/// An office with some hundred entries, and the token of an auditor.
async fn office() -> (Office, String) {
    let (office, admin) = Office::furnished().await;
    let events = (0..300).map(|n| session("P1", &format!("Y{n}")));
    office.record(&admin, events.collect()).await;
    let auditor = office.token(RoleName::Auditor, Scope::default());
    (office, auditor)
}

#[tokio::test]
async fn what_an_auditor_takes_away_is_proved_by_the_public_key_alone() {
    let (office, auditor) = office().await;
    let (keys, head) = (keys(&office, &auditor).await, office.engine.head());
    let asked = with(
        &auditor,
        api::GetCheckpointRequest {
            at: Some(at_size(100)),
            with_people: false,
        },
    );
    let saved = audit(&office).get_checkpoint(asked).await.unwrap().into_inner();
    let opened = Checkpoint::open(saved.note.as_bytes(), &keys).unwrap();
    assert_eq!(
        (opened.size, *opened.root.as_bytes()),
        (100, office.engine.root_at(100).unwrap())
    );
    assert_eq!((saved.origin, saved.size), (opened.origin.clone(), 100));

    for index in [0, 99, 255, 256, head.size - 1] {
        let request = api::GetInclusionProofRequest {
            index,
            ..api::GetInclusionProofRequest::default()
        };
        let proof = audit(&office)
            .get_inclusion_proof(with(&auditor, request))
            .await
            .unwrap()
            .into_inner();
        let proved = ProofFile::parse(proof.file.as_bytes()).unwrap().check(&keys).unwrap();
        let Proved::Inclusion {
            index: of,
            entry,
            checkpoint,
        } = proved
        else {
            panic!("{}", proof.file);
        };
        assert_eq!((of, checkpoint.size), (index, head.size));
        let stored = office.engine.entry(index).unwrap().unwrap();
        assert_eq!((leaf_hash(&entry).0, &entry), (stored.leaf_hash, &proof.entry));
    }

    let request = api::GetConsistencyProofRequest {
        old_size: 100,
        at: None,
    };
    let proof = audit(&office)
        .get_consistency_proof(with(&auditor, request))
        .await
        .unwrap()
        .into_inner();
    let proved = ProofFile::parse(proof.file.as_bytes()).unwrap().check(&keys).unwrap();
    let Proved::Consistency { older, newer } = proved else {
        panic!("{}", proof.file);
    };
    assert_eq!(
        (older, newer.size, *newer.root.as_bytes()),
        (opened, head.size, head.root)
    );
}

#[tokio::test]
async fn what_cannot_be_proved_is_said_with_what_to_ask_instead() {
    let (office, auditor) = office().await;
    let size = office.engine.head().size;
    let entry = |index, at| api::GetInclusionProofRequest {
        index,
        at,
        ..api::GetInclusionProofRequest::default()
    };
    let beyond = audit(&office)
        .get_inclusion_proof(with(&auditor, entry(size, None)))
        .await
        .unwrap_err();
    refused(&beyond, Code::NotFound, "NoEntry");
    let later = audit(&office)
        .get_inclusion_proof(with(&auditor, entry(100, Some(at_size(100)))))
        .await
        .unwrap_err();
    refused(&later, Code::NotFound, "NoEntry");
    for (old_size, at) in [(0, None), (size + 1, None), (101, Some(at_size(100)))] {
        let request = api::GetConsistencyProofRequest { old_size, at };
        let status = audit(&office)
            .get_consistency_proof(with(&auditor, request))
            .await
            .unwrap_err();
        refused(&status, Code::InvalidArgument, "NoProof");
    }
    let asked = with(
        &auditor,
        api::GetCheckpointRequest {
            at: Some(at_size(size + 1)),
            with_people: false,
        },
    );
    refused(
        &audit(&office).get_checkpoint(asked).await.unwrap_err(),
        Code::OutOfRange,
        "BeyondEnd",
    );
}

#[tokio::test]
async fn checkpoints_proofs_and_entries_are_for_those_who_audit_and_entries_read_are_noted() {
    let (office, auditor) = office().await;
    for token in [office.clerk("S1"), office.token(RoleName::Reviewer, Scope::default())] {
        let asked = with(&token, api::GetCheckpointRequest::default());
        refused(
            &audit(&office).get_checkpoint(asked).await.unwrap_err(),
            Code::PermissionDenied,
            "NotAllowed",
        );
        let asked = with(&token, api::GetInclusionProofRequest::default());
        refused(
            &audit(&office).get_inclusion_proof(asked).await.unwrap_err(),
            Code::PermissionDenied,
            "NotAllowed",
        );
        let asked = with(&token, api::GetConsistencyProofRequest { old_size: 1, at: None });
        refused(
            &audit(&office).get_consistency_proof(asked).await.unwrap_err(),
            Code::PermissionDenied,
            "NotAllowed",
        );
        let asked = with(&token, api::ListSigningKeysRequest {});
        refused(
            &audit(&office).list_signing_keys(asked).await.unwrap_err(),
            Code::PermissionDenied,
            "NotAllowed",
        );
        let asked = with(&token, api::GetBundleRequest::default());
        refused(
            &audit(&office).get_bundle(asked).await.unwrap_err(),
            Code::PermissionDenied,
            "NotAllowed",
        );
    }
    let bundle = |path: &str| {
        let request = api::GetBundleRequest {
            path: path.to_owned(),
            purpose: "年终审计".to_owned(),
        };
        let asked = with(&auditor, request);
        let mut client = audit(&office);
        async move { client.get_bundle(asked).await }
    };
    let content = bundle("tile/entries/000").await.unwrap().into_inner().content;
    let entries = bundle_entries(&content).unwrap();
    assert_eq!(entries.len(), 256);
    for (index, entry) in (0..).zip(entries) {
        assert_eq!(
            leaf_hash(entry).0,
            office.engine.entry(index).unwrap().unwrap().leaf_hash
        );
    }
    for missing in ["tile/entries/002", "tile/0/000", "entries/000", ""] {
        refused(&bundle(missing).await.unwrap_err(), Code::NotFound, "NoTile");
    }
    let asked = with(&auditor, api::ListReadsRequest::default());
    let reads = audit(&office).list_reads(asked).await.unwrap().into_inner().reads;
    let noted = |read: &&api::Reading| (read.what.as_str(), read.purpose.as_str()) == ("entries", "年终审计");
    assert_eq!(reads.iter().filter(noted).count(), 1);
}

#[tokio::test]
async fn anybody_has_the_checkpoint_and_the_tiles_that_lead_to_it_and_no_entry() {
    let (office, auditor) = office().await;
    let (keys, head) = (keys(&office, &auditor).await, office.engine.head());
    let note = tile(&office, "checkpoint").await.unwrap();
    let checkpoint = Checkpoint::open(&note, &keys).unwrap();
    assert_eq!((checkpoint.size, *checkpoint.root.as_bytes()), (head.size, head.root));
    let rest = head.size - 256;
    let whole = tile_hashes(&tile(&office, "tile/0/000").await.unwrap()).unwrap();
    let begun = tile_hashes(&tile(&office, &format!("tile/0/001.p/{rest}")).await.unwrap()).unwrap();
    let leaves: Vec<_> = whole.into_iter().chain(begun).collect();
    let mut tree = keshi_verify::MerkleStack::new();
    for leaf in &leaves {
        tree.push(*leaf);
    }
    assert_eq!((leaves.len() as u64, tree.root()), (head.size, checkpoint.root));
    assert_eq!(tile(&office, "tile/1/000.p/1").await.unwrap().len(), 32);
    let entries = tile(&office, "tile/entries/000").await.unwrap_err();
    refused(&entries, Code::PermissionDenied, "EntriesAreForAuditors");
    for missing in [
        "",
        "tile",
        "tile/0/002",
        "tile/0/000.p/0",
        "tile/2/000.p/1",
        "tile/0/0",
        "checkpoint/",
        "tile/../checkpoint",
    ] {
        refused(&tile(&office, missing).await.unwrap_err(), Code::NotFound, "NoTile");
    }
    // From one address not more often than a certificate is checked.
    let mut asked = 0;
    let status = loop {
        asked += 1;
        assert!(asked < 40, "nobody is made to wait");
        if let Err(status) = tile(&office, "checkpoint").await {
            break status;
        }
    };
    refused(&status, Code::ResourceExhausted, "TooManyTiles");
}

#[tokio::test]
async fn a_checkpoint_given_out_is_remembered_also_one_that_a_stranger_had() {
    let (office, auditor) = office().await;
    tile(&office, "checkpoint").await.unwrap();
    let before = office.engine.head().size;
    assert_eq!(office.signing.given().unwrap().size, before);
    let asked = with(
        &auditor,
        api::GetCheckpointRequest {
            at: Some(at_size(7)),
            with_people: false,
        },
    );
    audit(&office).get_checkpoint(asked).await.unwrap();
    assert_eq!(office.signing.given().unwrap().size, before, "the largest");
    office.record(&office.admin(), vec![attendance("X1", "T1", 100)]).await;
    let request = api::GetConsistencyProofRequest { old_size: 7, at: None };
    audit(&office)
        .get_consistency_proof(with(&auditor, request))
        .await
        .unwrap();
    assert_eq!(office.signing.given().unwrap().size, office.engine.head().size);
}
