//! An office with pages over its services.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, LOCATION, ORIGIN, REFERER};
use axum::http::{Request, StatusCode};
use keshi_client::over;
use keshi_console::{Console, Settings};
use keshi_office::access::{DevRole, Scope};
use keshi_proto::api;
use tower::ServiceExt as _;

use crate::support::{NOW, OFFICE, Office, adopt, assignment, attendance, furniture, person};

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
    /// Where a browser goes on.
    pub(crate) location: Option<String>,
    pub(crate) kind: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) headers: axum::http::HeaderMap,
}

impl Answered {
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.bytes.clone()).expect("text")
    }
}

impl Pages {
    /// Two schools, one of them large, a policy, and some attendance.
    pub(crate) async fn furnished() -> Self {
        Self::furnished_at(NOW).await
    }

    /// The same, at another time.
    pub(crate) async fn furnished_at(now: &str) -> Self {
        let office = Office::start_at(now, keshi_door::Guard::with_dev).await;
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

    /// A sheet that is chosen, checked, and recorded; the last page that is shown.
    pub(crate) async fn import(&self, role: &DevRole, name: &str, sheet: &str) -> Answered {
        let chosen = self.choose(role, name, sheet).await;
        self.recorded(role, chosen).await
    }

    /// A sheet that is chosen, and not waited for.
    pub(crate) async fn choose(&self, role: &DevRole, name: &str, sheet: &str) -> Answered {
        const BOUNDARY: &str = "0123456789";
        let head = format!("Content-Disposition: form-data; name=\"file\"; filename=\"{name}\"");
        let body = format!("--{BOUNDARY}\r\n{head}\r\n\r\n{sheet}\r\n--{BOUNDARY}--\r\n");
        let kind = format!("multipart/form-data; boundary={BOUNDARY}");
        self.sent(role, "POST", "/import", Some(("/import", &kind, body))).await
    }

    /// A form with files, sent from its own page.
    pub(crate) async fn multipart(&self, role: &DevRole, address: &str, boundary: &str, body: String) -> Answered {
        let kind = format!("multipart/form-data; boundary={boundary}");
        self.sent(role, "POST", address, Some((address, &kind, body))).await
    }

    /// A form of rows that leads to an import, which is recorded if anything can be; the last page that is shown.
    pub(crate) async fn fill_in(&self, role: &DevRole, address: &str, fields: &[(&str, &str)]) -> Answered {
        let fields = serde_urlencoded::to_string(fields).expect("encoded");
        let taken = self.post(role, address, address, fields).await;
        self.recorded(role, taken).await
    }

    /// The same, checked only.
    pub(crate) async fn taken(&self, role: &DevRole, address: &str, fields: &[(&str, &str)]) -> Answered {
        let fields = serde_urlencoded::to_string(fields).expect("encoded");
        let taken = self.post(role, address, address, fields).await;
        match &taken.location {
            Some(here) => self.worked(role, here).await,
            None => taken,
        }
    }

    async fn recorded(&self, role: &DevRole, begun: Answered) -> Answered {
        let Some(here) = begun.location.clone() else {
            return begun;
        };
        let checked = self.worked(role, &here).await;
        let to = format!("{here}/send");
        if !checked.text().contains(&format!("action=\"{to}\"")) {
            return Answered {
                location: Some(here),
                ..checked
            };
        }
        self.post(role, &here, &to, String::new()).await;
        self.worked(role, &here).await
    }

    /// The same import checked anew with these fields, and recorded.
    pub(crate) async fn check_again(&self, role: &DevRole, here: &str, fields: &[(&str, &str)]) -> Answered {
        let fields = serde_urlencoded::to_string(fields).expect("encoded");
        let again = self.post(role, here, &format!("{here}/check"), fields).await;
        self.recorded(role, again).await
    }

    /// The page of an import, once that no longer works.
    pub(crate) async fn worked(&self, role: &DevRole, here: &str) -> Answered {
        loop {
            let progress = self.get(role, &format!("{here}/progress")).await;
            assert_eq!(progress.status, StatusCode::OK, "{}", progress.text());
            if progress.bytes.is_empty() {
                return self.get(role, here).await;
            }
            tokio::task::yield_now().await;
        }
    }

    async fn send(&self, role: &DevRole, method: &str, address: &str, form: Option<(&str, String)>) -> Answered {
        let form = form.map(|(from, fields)| (from, "application/x-www-form-urlencoded", fields));
        self.sent(role, method, address, form).await
    }

    async fn sent(&self, role: &DevRole, method: &str, address: &str, form: Option<(&str, &str, String)>) -> Answered {
        let mut request = Request::builder()
            .method(method)
            .uri(address)
            .header("host", "keshi.example")
            .header(ORIGIN, "http://keshi.example")
            .header("accept-language", "en")
            .header(COOKIE, format!("keshi-session={}", role.text()));
        if let Some((from, kind, _)) = form {
            request = request
                .header(REFERER, format!("http://keshi.example{from}"))
                .header(CONTENT_TYPE, kind);
        }
        let body = form.map_or_else(Body::empty, |(_, _, body)| Body::from(body));
        self.answered(request.body(body).expect("a request")).await
    }

    /// What a program with this token is answered at this address: no cookie, no origin.
    pub(crate) async fn program(&self, address: &str, token: &str) -> Answered {
        let request = Request::builder().uri(address).header("host", "keshi.example");
        let request = request
            .header("accept-language", "en")
            .header(AUTHORIZATION, format!("Bearer {token}"));
        self.answered(request.body(Body::empty()).expect("a request")).await
    }

    async fn answered(&self, request: Request<Body>) -> Answered {
        let address = request.uri().to_string();
        let response = self.pages.clone().oneshot(request).await.expect("pages never fail");
        let (head, body) = response.into_parts();
        let kind = head
            .headers
            .get("content-type")
            .map(|kind| kind.to_str().expect("a type").to_owned());
        let bytes = to_bytes(body, 16 << 20).await.expect("a body").to_vec();
        let packed = zstd::bulk::compress(&bytes, 3).expect("compressed").len();
        assert!(packed < PAGE_BYTES_MAX, "{address}: {packed} bytes");
        let location = head.headers.get(LOCATION);
        Answered {
            status: head.status,
            location: location.map(|to| to.to_str().expect("an address").to_owned()),
            kind: kind.unwrap_or_default(),
            headers: head.headers,
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

/// A lesson that this teacher claims.
pub(crate) fn claim_of(id: &str, teacher: &str) -> api::SubmitClaimsRequest {
    let lesson = keshi_proto::event::LessonGiven {
        teacher_id: teacher.to_owned(),
        r#type: 2,
        level: 40,
        periods: 2,
        ..keshi_proto::event::LessonGiven::default()
    };
    let event = api::Event {
        occurred_from: crate::support::day(2022, 3, 4),
        fact: Some(keshi_proto::event::fact::Fact::LessonGiven(lesson).into()),
        ..api::Event::default()
    };
    let item = api::submit_claims_request::Item {
        claim_id: id.to_owned(),
        teacher_id: teacher.to_owned(),
        events: vec![event],
        ..api::submit_claims_request::Item::default()
    };
    api::SubmitClaimsRequest {
        items: vec![item],
        ..api::SubmitClaimsRequest::default()
    }
}

/// The same, submitted in her name.
pub(crate) async fn claim(pages: &Pages, id: &str, teacher: &str) -> Result<api::Receipt, tonic::Status> {
    let mut reviews = keshi_proto::api::review_service_client::ReviewServiceClient::new(pages.office.channel.clone());
    let request = api::SubmitClaimsRequest {
        by: teacher.to_owned(),
        ..claim_of(id, teacher)
    };
    let answer = reviews.submit_claims(call(&DevRole::default(), request)).await?;
    Ok(answer.into_inner().receipt.expect("recorded"))
}
