//! An office with pages over its services.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::header::{CONTENT_TYPE, COOKIE, ORIGIN, REFERER};
use axum::http::{Request, StatusCode};
use keshi_client::over;
use keshi_console::{Console, Settings};
use keshi_office::access::{DevRole, Scope};
use keshi_proto::api;
use tower::ServiceExt as _;

use crate::support::{OFFICE, Office, adopt, assignment, attendance, furniture, person};

/// The policy under which teachers stand.
pub(crate) const POLICY: &str = include_str!("../../../query/tests/query/policy.toml");

/// Teachers at S1 beside T1.
pub(crate) const OTHERS: usize = 60;

/// Largest page, in bytes, compressed.
const PAGE_BYTES_MAX: usize = 150 * 1024;

/// The services, and the pages over them.
pub(crate) struct Pages {
    pub(crate) office: Office,
    pages: Router,
}

/// What somebody was answered.
pub(crate) struct Answered {
    pub(crate) status: StatusCode,
    pub(crate) kind: String,
    pub(crate) bytes: Vec<u8>,
}

impl Answered {
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.bytes.clone()).expect("text")
    }
}

impl Pages {
    /// Two schools, one of them large, a policy, and some attendance.
    pub(crate) async fn furnished() -> Self {
        let office = Office::start_with(keshi_door::Guard::with_dev).await;
        let admin = office.admin();
        office.record(&admin, furniture()).await;
        adopt(&office, &admin, POLICY).await;
        let ids = (0..OTHERS).map(|n| format!("O{n:03}"));
        let people: Vec<_> = ids
            .flat_map(|id| [person(&id), assignment(&id, "S1"), attendance("X1", &id, 600)])
            .collect();
        office.record(&admin, people).await;
        let settings = Settings {
            is_dev: true,
            ..Settings::default()
        };
        let pages = Console::new(over(office.channel.clone()), OFFICE, settings).router();
        Self { office, pages }
    }

    /// What `role` is answered at this address.
    pub(crate) async fn get(&self, role: &DevRole, address: &str) -> Answered {
        self.ask(role, "GET", address).await
    }

    /// The same, of a form that is sent.
    pub(crate) async fn ask(&self, role: &DevRole, method: &str, address: &str) -> Answered {
        self.send(role, method, address, None).await
    }

    /// A form with these fields, sent from the page at `from`.
    pub(crate) async fn post(&self, role: &DevRole, from: &str, address: &str, fields: String) -> Answered {
        self.send(role, "POST", address, Some((from, fields))).await
    }

    async fn send(&self, role: &DevRole, method: &str, address: &str, form: Option<(&str, String)>) -> Answered {
        let mut request = Request::builder()
            .method(method)
            .uri(address)
            .header("host", "keshi.example")
            .header(ORIGIN, "http://keshi.example")
            .header("accept-language", "en")
            .header(COOKIE, format!("keshi-session={}", role.text()));
        if let Some((from, _)) = form {
            request = request
                .header(REFERER, format!("http://keshi.example{from}"))
                .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        }
        let body = form.map_or_else(Body::empty, |(_, fields)| Body::from(fields));
        let request = request.body(body).expect("a request");
        let response = self.pages.clone().oneshot(request).await.expect("pages never fail");
        let (head, body) = response.into_parts();
        let kind = head
            .headers
            .get("content-type")
            .map(|kind| kind.to_str().expect("a type").to_owned());
        let bytes = to_bytes(body, 16 << 20).await.expect("a body").to_vec();
        let packed = zstd::bulk::compress(&bytes, 3).expect("compressed").len();
        assert!(packed < PAGE_BYTES_MAX, "{address}: {packed} bytes");
        Answered {
            status: head.status,
            kind: kind.unwrap_or_default(),
            bytes,
        }
    }
}

/// Every role, each of S1 or T1 where it is of somebody.
pub(crate) fn roles() -> Vec<DevRole> {
    let (school, teacher) = (|| Some("S1".to_owned()), || Some("T1".to_owned()));
    let of = |name: &str, scope: Scope| DevRole::new(name, scope).expect("a role");
    let scope = Scope::default;
    vec![
        of(
            "teacher",
            Scope {
                teacher_id: teacher(),
                ..scope()
            },
        ),
        of(
            "clerk",
            Scope {
                school: school(),
                ..scope()
            },
        ),
        of(
            "head_teacher",
            Scope {
                school: school(),
                ..scope()
            },
        ),
        of(
            "lead",
            Scope {
                bases: vec!["B1".to_owned()],
                teacher_id: teacher(),
                ..scope()
            },
        ),
        of(
            "researcher",
            Scope {
                teacher_id: teacher(),
                subjects: vec!["语文".to_owned()],
                ..scope()
            },
        ),
        of("reviewer", scope()),
        of("auditor", scope()),
        of("registry_reader", scope()),
        of("admin", scope()),
        DevRole::default(),
    ]
}

/// A call in this role's name.
pub(crate) fn call<T>(role: &DevRole, message: T) -> tonic::Request<T> {
    let mut request = tonic::Request::new(message);
    request
        .metadata_mut()
        .insert("authorization", role.header().parse().expect("a header"));
    request
}

/// At this size.
pub(crate) fn at(size: u64) -> api::At {
    api::At {
        at: Some(api::at::At::Size(size)),
        min_size: 0,
    }
}
