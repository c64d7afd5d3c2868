//! Asking witnesses to cosign the newest checkpoint, as C2SP's `tlog-witness` has it. What they cosign stands under the checkpoint from
//! then on; one that refuses what this ledger says of itself is an alarm.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use keshi_engine::Engine;
use keshi_office::signing::Signing;
use keshi_verify::Hash;
use keshi_verify::note::Note;
use keshi_verify::witness::{AddCheckpoint, MAX_ANSWER_BYTES, WitnessKey};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

/// How often it is looked whether the ledger has grown.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// How long a witness may take to answer.
const ANSWER_LIMIT: Duration = Duration::from_secs(10);

/// The port where a witness is unless told otherwise.
pub(crate) const PORT: u16 = 7620;

/// A witness who is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    /// Where: `http://host[:port][/prefix]`.
    pub(crate) url: String,
    pub(crate) key: WitnessKey,
}

/// What became of asking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Not asked since the start.
    NotYet,
    /// So many entries were cosigned last.
    Cosigned { size: u64 },
    /// She does not answer, or not as a witness does.
    Silent { why: String },
    /// She knows neither the ledger nor its key.
    Unknown,
    /// What she cosigned is not what this ledger was.
    Refused(Refused),
}

/// How this ledger differs from what was cosigned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// She cosigned a ledger of more entries: this one was put back to an older copy.
    Larger { size: u64 },
    /// Another root of the same size, or a ledger that this one does not go on from.
    Parted { size: u64 },
}

/// A witness, and what she last said.
#[derive(Clone, Debug)]
pub(crate) struct Witnessed {
    pub(crate) name: String,
    pub(crate) url: String,
    pub(crate) answer: Answer,
}

/// All witnesses, for whoever looks.
#[derive(Debug)]
pub(crate) struct Witnesses(Mutex<Vec<Witnessed>>);

/// The task that asks.
pub(super) struct Witnessing {
    witnesses: Arc<Witnesses>,
    shutdown: CancellationToken,
    task: JoinHandle<()>,
}

impl Witnesses {
    fn lock(&self) -> MutexGuard<'_, Vec<Witnessed>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn all(&self) -> Vec<Witnessed> {
        self.lock().clone()
    }
}

impl Witnessing {
    pub(super) fn begin(engine: &Engine, signing: &Arc<Signing>, asked: Vec<Asked>) -> Self {
        let known = asked.iter().map(|asked| Witnessed {
            name: asked.key.name().to_owned(),
            url: asked.url.clone(),
            answer: Answer::NotYet,
        });
        let witnesses = Arc::new(Witnesses(Mutex::new(known.collect())));
        let shutdown = CancellationToken::new();
        let asking = Asking {
            engine: engine.clone(),
            signing: Arc::clone(signing),
            olds: vec![0; asked.len()],
            asked,
            witnesses: Arc::clone(&witnesses),
        };
        let ended = shutdown.clone();
        let task = tokio::spawn(async move {
            tokio::select! {
                () = ended.cancelled() => {}
                () = asking.run() => {}
            }
        });
        Self {
            witnesses,
            shutdown,
            task,
        }
    }

    pub(super) fn witnesses(&self) -> Arc<Witnesses> {
        Arc::clone(&self.witnesses)
    }

    /// Lets go of the ledger.
    pub(super) async fn ended(self) {
        self.shutdown.cancel();
        // A task that broke off has said so.
        let _ended = self.task.await;
    }
}

struct Asking {
    engine: Engine,
    signing: Arc<Signing>,
    asked: Vec<Asked>,
    /// What each cosigned last, as far as is known.
    olds: Vec<u64>,
    witnesses: Arc<Witnesses>,
}

impl Asking {
    async fn run(mut self) {
        loop {
            let size = self.engine.head().size;
            for place in 0..self.asked.len() {
                let is_done = |known: &Witnessed| known.answer == Answer::Cosigned { size };
                if self.witnesses.lock().get(place).is_none_or(is_done) {
                    continue;
                }
                let answer = self.ask(place, size).await;
                self.tell(place, answer);
            }
            sleep(LOOK_EVERY).await;
        }
    }

    /// Asks one witness about the ledger of `size` entries; a second time where she names what she cosigned last.
    async fn ask(&mut self, place: usize, size: u64) -> Answer {
        let silent = |why: String| Answer::Silent { why };
        let Some((asked, old)) = self.asked.get(place).zip(self.olds.get_mut(place)) else {
            return Answer::NotYet;
        };
        for _ in 0..2 {
            let request = match request(&self.engine, &self.signing, *old, size).await {
                Ok(request) => request,
                Err(why) => return silent(why),
            };
            let answered = timeout(ANSWER_LIMIT, post(&asked.url, &request.to_string())).await;
            let (status, text) = match answered {
                Ok(Ok(answered)) => answered,
                Ok(Err(error)) => return silent(error.to_string()),
                Err(_) => return silent("no answer within 10 s".to_owned()),
            };
            match status {
                200 => {
                    let mut note = request.checkpoint;
                    if asked.key.take(&text, &mut note).is_none() {
                        return silent("she answers without a cosignature of the key that was named".to_owned());
                    }
                    *old = size;
                    self.signing.cosigned(&asked.key, note);
                    return Answer::Cosigned { size };
                }
                409 => match text.trim_end().parse() {
                    Ok(larger) if larger > size => return Answer::Refused(Refused::Larger { size: larger }),
                    Ok(last) if last != *old => *old = last,
                    _ => return Answer::Refused(Refused::Parted { size: *old }),
                },
                422 => return Answer::Refused(Refused::Parted { size: *old }),
                403 | 404 => return Answer::Unknown,
                other => return silent(format!("status {other}")),
            }
        }
        silent("what she cosigned last changes while she is asked".to_owned())
    }

    /// Keeps an answer, and says what is new about it.
    fn tell(&self, place: usize, answer: Answer) {
        let mut all = self.witnesses.lock();
        let Some(known) = all.get_mut(place).filter(|known| known.answer != answer) else {
            return;
        };
        let witness = &known.name;
        match &answer {
            Answer::NotYet => {}
            Answer::Cosigned { size } => {
                if !matches!(known.answer, Answer::Cosigned { .. }) {
                    info!(witness, size, "a witness cosigns the checkpoints");
                }
            }
            Answer::Silent { why } => warn!(witness, why, "a witness does not answer"),
            Answer::Unknown => warn!(witness, "a witness does not know this ledger or its key"),
            Answer::Refused(refused) => error!(
                witness,
                ?refused,
                "a witness refuses this ledger: it is not what she cosigned; keshi doctor says what to do"
            ),
        }
        known.answer = answer;
    }
}

/// The checkpoint of so many entries with what leads there.
async fn request(engine: &Engine, signing: &Arc<Signing>, old: u64, size: u64) -> Result<AddCheckpoint, String> {
    let (engine, signing) = (engine.clone(), Arc::clone(signing));
    let made = spawn_blocking(move || -> Result<AddCheckpoint, String> {
        let root_at = |size| engine.root_at(size).map(Hash);
        let root = root_at(size).map_err(|error| error.to_string())?;
        let signed = signing.sign((size, root, None), engine.head().size, root_at);
        let checkpoint: Note = signed
            .map_err(|error| error.to_string())?
            .map_err(|error| error.to_string())?;
        let hashes = if old == 0 || old >= size {
            Vec::new()
        } else {
            engine.consistency(old, size).map_err(|error| error.to_string())?
        };
        // One that cosigned more is told the truth: she will say what.
        let old = old.min(size);
        Ok(AddCheckpoint {
            old,
            hashes,
            checkpoint,
        })
    });
    made.await.map_err(|error| error.to_string())?
}

/// Sends a request; status and body of the answer.
async fn post(url: &str, body: &str) -> io::Result<(u16, String)> {
    let wrong = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what.to_owned());
    let rest = url
        .strip_prefix("http://")
        .ok_or_else(|| wrong("a witness's address begins with http://"))?;
    let (host, prefix) = rest
        .trim_end_matches('/')
        .split_once('/')
        .unwrap_or((rest.trim_end_matches('/'), ""));
    let has_port = host
        .rsplit_once(':')
        .is_some_and(|(_, port)| port.parse::<u16>().is_ok());
    let address = if has_port {
        host.to_owned()
    } else {
        format!("{host}:{PORT}")
    };
    let slash = if prefix.is_empty() { "" } else { "/" };
    let mut connection = TcpStream::connect(&address).await?;
    // HTTP/1.0: the answer ends with the connection and is never chunked.
    let request = format!(
        "POST {slash}{prefix}/add-checkpoint HTTP/1.0\r\nHost: {address}\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    connection.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    connection
        .take(MAX_ANSWER_BYTES as u64)
        .read_to_end(&mut answer)
        .await?;
    read_answer(&answer).ok_or_else(|| wrong("that is no answer of a witness"))
}

fn read_answer(answer: &[u8]) -> Option<(u16, String)> {
    let (head, body) = str::from_utf8(answer).ok()?.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some((status, body.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_answer_is_read_and_what_is_none_is_said() {
        assert_eq!(
            read_answer(b"HTTP/1.0 409 Conflict\r\nA: b\r\n\r\n9\n"),
            Some((409, "9\n".to_owned()))
        );
        assert_eq!(read_answer(b"SSH-2.0-OpenSSH\r\n"), None);
        assert!(
            post("https://h:1", "")
                .await
                .unwrap_err()
                .to_string()
                .contains("http://")
        );
        assert!(post("http://127.0.0.1:1", "").await.is_err());
    }
}
