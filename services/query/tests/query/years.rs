//! A year's report and its closing, over the API: who may, what is noted, what is found.

use keshi_office::access::RoleName;
use keshi_proto::api;
use keshi_proto::api::year_service_client::YearServiceClient;
use keshi_proto::event as pb;
use keshi_proto::event::fact::Fact;
use tonic::{Code, Status};

use crate::support::{NOW, Office, day, event, of_teacher, with};

async fn report(office: &Office, token: &str, request: api::GetYearReportRequest) -> Result<api::YearReport, Status> {
    let mut client = YearServiceClient::new(office.channel.clone());
    Ok(client.get_year_report(with(token, request)).await?.into_inner())
}

fn of(year: i32) -> api::GetYearReportRequest {
    api::GetYearReportRequest {
        year,
        ..api::GetYearReportRequest::default()
    }
}

fn outreach(teachers: &[&str], unattributed: i32) -> api::Event {
    let deliveries = teachers.iter().map(|id| pb::Delivery {
        teacher_id: (*id).to_owned(),
        lessons: 2,
        talks: 1,
    });
    let fact = Fact::OutreachDelivered(pb::OutreachDelivered {
        outreach_id: "O1".to_owned(),
        from_org: "S1".to_owned(),
        to_school: "S2".to_owned(),
        deliveries: deliveries.collect(),
        unattributed_lessons: unattributed,
        ..pb::OutreachDelivered::default()
    });
    api::Event {
        occurred_from: day(2022, 5, 6),
        ..event(fact)
    }
}

fn exact<'r>(report: &'r api::YearReport, id: &str) -> (&'r str, i64) {
    let figure = report
        .figures
        .iter()
        .find(|figure| figure.id == id)
        .expect("the figure");
    (&figure.exact, figure.entries)
}

#[tokio::test]
async fn a_report_counts_what_nobody_is_known_for_and_says_so() {
    let (office, admin) = Office::furnished().await;
    let posted = office.record(&admin, vec![outreach(&["T1", "T2"], 3)]).await;
    let index = posted.verdicts[0].index.expect("recorded");
    let found = report(&office, &admin, of(2022)).await.unwrap();
    assert_eq!(exact(&found, "outreach-lessons"), ("7节", 1));
    assert_eq!(exact(&found, "outreach-talks"), ("2场", 1));
    let told: Vec<_> = found
        .unattributed
        .iter()
        .map(|one| (one.index, one.lessons, one.talks))
        .collect();
    assert_eq!(told, [(index, 3, 0)]);
    assert!(!found.definitions.as_ref().unwrap().adopted);
    let before = report(&office, &admin, of(2021)).await.unwrap();
    assert_eq!(exact(&before, "outreach-lessons"), ("0节", 0));
    // The ledger of before it had the entry.
    let at = Some(api::At {
        at: Some(api::at::At::Size(index)),
        min_size: 0,
    });
    let then = report(&office, &admin, api::GetYearReportRequest { at, ..of(2022) })
        .await
        .unwrap();
    assert_eq!(exact(&then, "outreach-lessons"), ("0节", 0));
    let mut client = YearServiceClient::new(office.channel.clone());
    let request = api::ListFigureEntriesRequest {
        year: 2022,
        figure_id: "outreach-lessons".to_owned(),
        ..Default::default()
    };
    let behind = client
        .list_figure_entries(with(&admin, request))
        .await
        .unwrap()
        .into_inner();
    assert_eq!((behind.total, behind.entries[0].index), (1, index));
}

#[tokio::test]
async fn a_report_is_for_who_may_read_everything_and_names_researchers_as_read() {
    let (office, admin) = Office::furnished().await;
    let teacher = office.token(RoleName::Teacher, of_teacher("T1"));
    let denied = report(&office, &teacher, of(2022)).await.unwrap_err();
    assert_eq!(denied.code(), Code::PermissionDenied);
    for wrong in [0, 22, 20_222] {
        let wrong = report(&office, &admin, of(wrong)).await.unwrap_err();
        assert_eq!(wrong.code(), Code::InvalidArgument);
    }
    let fact = Fact::AssignmentStarted(pb::AssignmentStarted {
        teacher_id: "T1".to_owned(),
        unit: "小学组".to_owned(),
        post: pb::Post::Researcher.into(),
        share_hundredths: 100,
        ..pb::AssignmentStarted::default()
    });
    let start = api::Event {
        occurred_from: day(2021, 9, 1),
        ..event(fact)
    };
    office.record(&admin, vec![start]).await;
    let found = report(&office, &admin, of(2022)).await.unwrap();
    let researchers: Vec<_> = found.researchers.iter().map(|one| one.teacher_id.as_str()).collect();
    assert_eq!(researchers, ["T1"]);
    let noted = office.reads.month(NOW[..10].parse().unwrap()).unwrap().lines;
    let noted: Vec<_> = noted.iter().filter(|line| line.what == "report").collect();
    assert_eq!((noted.len(), noted[0].teacher_id.as_str()), (1, "T1"));
    // Tables of a county so small tell nothing of one person.
    for row in found.tables.iter().flat_map(|table| &table.rows) {
        assert!(row.few || row.teachers >= 3, "{row:?}");
        assert!(
            !row.few || (row.trained, row.person_times, row.centihours) == (0, 0, 0),
            "{row:?}"
        );
    }
}
