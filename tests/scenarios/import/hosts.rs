//! A host school posts its guests by spreadsheet: teachers of other schools at a session of its own (ADR 14, 30).

use std::path::Path;

use keshi_proto::api;
use keshi_proto::api::registry_service_client::RegistryServiceClient;
use keshi_tests::caller::Caller;
use keshi_tests::process::{Keshi, Ran, run};
use keshi_tests::sheet::{Cell, write};
use tempfile::tempdir;

const HEADINGS: [&str; 7] = [
    "姓名",
    "教师编号",
    "培训类别",
    "培训项目名称",
    "培训机构名称",
    "培训获得学时",
    "培训开始日期",
];

fn attended(name: &str, id: &str, level: &str, project: &str) -> Vec<Cell> {
    let texts = [name, id, level, project, "城关小学"].map(Cell::from);
    let mut row = texts.to_vec();
    row.extend([3.0.into(), "2022-11-02".into()]);
    row
}

/// Imports the rows with this token, in English.
fn import(server: &Keshi, token: &str, path: &Path, rows: &[Vec<Cell>], more: &[&str]) -> Ran {
    write(path, &HEADINGS, rows);
    let (path, address) = (path.to_str().expect("a plain path"), server.address.to_string());
    let args = [
        "import", path, "--json", "--server", &address, "--lang", "en", "--token", token,
    ];
    run(&[&args, more].concat())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_host_school_posts_its_guests_by_sheet_and_nobody_elses() {
    let data = tempdir().expect("a directory");
    let server = Keshi::up(data.path(), &["--office", "610729"]).expect("it listens");
    let token = std::fs::read_to_string(data.path().join("610729/token")).expect("kept");
    let admin = Caller::connect(&server.url()).await.with(token.trim());
    admin.furnish().await;
    let identities = [("T1", "试样甲"), ("T2", "试样乙")].map(|(id, name)| api::Identity {
        teacher_id: id.to_owned(),
        name: name.to_owned(),
        ..api::Identity::default()
    });
    let mut registry = RegistryServiceClient::connect(server.url()).await.expect("connected");
    let request = api::PutIdentitiesRequest {
        identities: identities.to_vec(),
    };
    registry.put_identities(admin.request(request)).await.expect("put");
    let office = data.path().to_str().expect("a plain path");
    let made = [
        "token", "create", "clerk", "--school", "S1", "--office", "610729", "--data", office,
    ];
    let clerk = run(&made).out.trim().to_owned();
    let folder = tempdir().expect("a directory");
    let path = folder.path().join("来宾.xlsx");

    // By her name alone the guest is not found, nor is she said to be unregistered.
    let own = attended("试样甲", "", "校级", "校本教研");
    let unsure = import(
        &server,
        &clerk,
        &path,
        &[own.clone(), attended("试样乙", "", "校级", "校本教研")],
        &[],
    );
    assert_eq!(unsure.code, Some(1), "{unsure:?}");
    assert!(
        unsure
            .out
            .contains("of another school's teacher give the name with her 教师编号"),
        "{unsure:?}"
    );
    // With her id she is; the session is the school's own.
    let guests = [own, attended("试样乙", "T2", "校级", "校本教研")];
    let posted = import(&server, &clerk, &path, &guests, &[]);
    assert_eq!(posted.code, Some(0), "{posted:?}");
    assert_eq!(admin.centihours("T2").await, 300);
    let again = import(&server, &clerk, &path, &guests, &[]);
    assert!(again.out.contains("\"duplicate\":2"), "{again:?}");

    // Of the county's course she says who came of her own: it waits until the county posts the session, under the same names.
    let own = [attended("试样甲", "", "县级", "县级培训")];
    let early = import(&server, &clerk, &path, &own, &[]);
    assert_eq!(early.code, Some(0), "{early:?}");
    assert!(early.out.contains("\"waiting\":1"), "{early:?}");
    assert!(early.out.contains("it counts once it is"), "{early:?}");
    let before = admin.centihours("T1").await;
    // Also where every attendance of the sheet stands there already: the session itself is news.
    let theirs = import(&server, token.trim(), &path, &own, &[]);
    assert_eq!(theirs.code, Some(0), "{theirs:?}");
    assert_eq!(admin.centihours("T1").await, before + 300);
    let later = import(&server, &clerk, &path, &own, &[]);
    assert!(
        later.code == Some(0) && later.out.contains("\"duplicate\":1"),
        "{later:?}"
    );
    let another = [attended("试样甲", "", "县级", "县级培训二")];
    let line = import(&server, &clerk, &path, &another, &[]);
    assert!(line.out.contains("\"waiting\":1"), "{line:?}");

    // At a session of the county's she says nothing of a stranger, and is told who may.
    let county = [attended("试样乙", "T2", "县级", "县级培训三")];
    let refused = import(&server, &clerk, &path, &county, &[]);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.out.contains("is not of your school"), "{refused:?}");
    assert_eq!(admin.centihours("T2").await, 300);
}
