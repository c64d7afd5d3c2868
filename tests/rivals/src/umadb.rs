//! UmaDB: one append a call, tagged with the teacher.

use std::sync::Arc;

use umadb_client::{AsyncUmaDbClient, UmaDbClient};
use umadb_dcb::{DcbEvent, DcbEventStoreAsync};

use crate::{Attendance, Client, Failed};

/// Connections that the clients share, as the benchmark's clients of Keshi do.
const CONNECTIONS: usize = 8;

pub struct UmaDb(Arc<AsyncUmaDbClient>);

pub async fn connect(url: &str, clients: usize) -> Result<Vec<UmaDb>, Failed> {
    let mut connections = Vec::new();
    for _ in 0..CONNECTIONS {
        let connected = UmaDbClient::new(url.to_owned()).connect_async().await;
        connections.push(Arc::new(connected.map_err(|error| error.to_string())?));
    }
    let client = |place: usize| UmaDb(Arc::clone(&connections[place % CONNECTIONS]));
    Ok((0..clients).map(client).collect())
}

impl Client for UmaDb {
    async fn post(&mut self, events: Vec<Attendance>) -> Result<(), Failed> {
        let event = |attendance: Attendance| {
            DcbEvent::default()
                .event_type("attendance_recorded")
                .tags([attendance.teacher])
                .data(attendance.body)
                .uuid(attendance.event_id)
        };
        let events = events.into_iter().map(event).collect();
        let appended = self.0.append(events, None, None).await;
        appended.map(drop).map_err(|error| error.to_string().into())
    }
}
