//! PostgreSQL: one insert a call, of all its rows; a unique event id and an index by teacher.

use tokio_postgres::{NoTls, Statement};
use uuid::Uuid;

use crate::{Attendance, Client, Failed};

const TABLE: &str = "
    create table if not exists entries (
        index bigserial primary key,
        event_id uuid not null unique,
        teacher text not null,
        recorded_at timestamptz not null default now(),
        body bytea not null
    );
    create index if not exists entries_by_teacher on entries (teacher);";

const INSERT: &str = "
    insert into entries (event_id, teacher, body)
    select * from unnest($1::uuid[], $2::text[], $3::bytea[])
    on conflict (event_id) do nothing";

pub struct Postgres {
    client: tokio_postgres::Client,
    insert: Statement,
}

pub async fn connect(config: &str, clients: usize) -> Result<Vec<Postgres>, Failed> {
    let mut connected = Vec::new();
    for place in 0..clients {
        let (client, connection) = tokio_postgres::connect(config, NoTls).await?;
        tokio::spawn(connection);
        if place == 0 {
            client.batch_execute(TABLE).await?;
        }
        let insert = client.prepare(INSERT).await?;
        connected.push(Postgres { client, insert });
    }
    Ok(connected)
}

impl Client for Postgres {
    async fn post(&mut self, events: Vec<Attendance>) -> Result<(), Failed> {
        let ids: Vec<Uuid> = events.iter().map(|event| event.event_id).collect();
        let teachers: Vec<&str> = events.iter().map(|event| event.teacher.as_str()).collect();
        let bodies: Vec<&[u8]> = events.iter().map(|event| event.body.as_slice()).collect();
        self.client.execute(&self.insert, &[&ids, &teachers, &bodies]).await?;
        Ok(())
    }
}
