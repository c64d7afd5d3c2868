//! Connections: no more than there are file handles for, no more from one address than leave others room, and none that
//! stays silent.

mod addresses;
mod secret;

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures::Stream;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::time::{Sleep, sleep};
use tokio_rustls::TlsAcceptor;
use tonic::transport::server::{Connected, TcpConnectInfo};
use tracing::{debug, warn};

use self::addresses::{Addresses, Counted};
use self::secret::Secret;
use super::socket::Socket;

/// Most connections at once, where there are file handles for them.
const CONNECTIONS_MAX: u64 = 4_096;

/// File handles kept back for everything else: the ledger's files, the logs, the bus.
const HANDLES_KEPT: u64 = 192;

/// How long a new connection may take to say what every client says first.
const GREETING_LIMIT: Duration = Duration::from_secs(10);

/// What every HTTP/2 client says first: the preface and an empty settings frame.
const GREETING_BYTES: usize = 24 + 9;

/// How long to wait when the system has no handle for another connection.
const ACCEPT_AGAIN_AFTER: Duration = Duration::from_millis(100);

/// What bytes come and go on.
trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

/// A connection that is closed if it does not greet in time.
pub(super) struct Connection {
    stream: Box<dyn Wire>,
    info: TcpConnectInfo,
    greeting: Option<Greeting>,
    _place: OwnedSemaphorePermit,
    _counted: Option<Counted>,
}

/// A connection that has not greeted yet.
struct Greeting {
    bytes: usize,
    limit: Pin<Box<Sleep>>,
    /// Told when newer ones of its address need its place.
    make_way: Option<oneshot::Receiver<()>>,
}

/// Raises the process's limit of open files as far as it may, and answers how many connections there is room for.
pub(super) fn room() -> usize {
    let limit = getrlimit(Resource::Nofile);
    let wanted = limit.maximum.unwrap_or(u64::MAX).min(CONNECTIONS_MAX + HANDLES_KEPT);
    let mut handles = limit.current.unwrap_or(u64::MAX);
    if handles < wanted {
        let raised = Rlimit {
            current: Some(wanted),
            maximum: limit.maximum,
        };
        match setrlimit(Resource::Nofile, raised) {
            Ok(()) => handles = wanted,
            Err(cause) => {
                warn!(%cause, handles, "the limit of open files cannot be raised: fewer connections are taken");
            }
        }
    }
    let connections = handles.saturating_sub(HANDLES_KEPT).clamp(16, CONNECTIONS_MAX);
    usize::try_from(connections).unwrap_or(usize::MAX)
}

/// Where connections come in.
pub(super) struct Doors {
    pub(super) tcp: TcpListener,
    /// How those at the port are made secret, if they are.
    pub(super) tls: Option<TlsAcceptor>,
    pub(super) socket: Option<Socket>,
}

/// The connections that come, as long as there is room for them; the others wait in the system's queue. What an address
/// opens beyond its share is closed at once.
pub(super) fn incoming(doors: Doors, room: usize) -> impl Stream<Item = io::Result<Connection>> {
    let places = Arc::new(Semaphore::new(room));
    let addresses = Addresses::new(room);
    async_stream::stream! {
        loop {
            let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
            match doors.accept().await {
                Ok(Accepted::Tcp(stream, peer)) => {
                    let Some((counted, make_way)) = addresses.admit(peer.ip()) else {
                        debug!(address = %peer.ip(), "an address has as many connections as it may");
                        continue;
                    };
                    // Only a matter of speed.
                    let _slower = stream.set_nodelay(true);
                    let info = stream.connect_info();
                    let wire: Box<dyn Wire> = match &doors.tls {
                        Some(tls) => Box::new(Secret::new(tls.accept(stream))),
                        None => Box::new(stream),
                    };
                    yield Ok(Connection::new(wire, info, (place, Some(counted)), Greeting::new(Some(make_way))));
                }
                Ok(Accepted::Socket(stream)) => {
                    let info = TcpConnectInfo { local_addr: None, remote_addr: None };
                    yield Ok(Connection::new(Box::new(stream), info, (place, None), Greeting::new(None)));
                }
                Err(cause) => {
                    warn!(%cause, "a connection could not be taken");
                    sleep(ACCEPT_AGAIN_AFTER).await;
                }
            }
        }
    }
}

/// A connection just made.
enum Accepted {
    Tcp(TcpStream, SocketAddr),
    Socket(UnixStream),
}

// === impl Doors ===

impl Doors {
    /// A port alone.
    pub(super) fn tcp(tcp: TcpListener) -> Self {
        Self {
            tcp,
            tls: None,
            socket: None,
        }
    }

    async fn accept(&self) -> io::Result<Accepted> {
        let local = async {
            match &self.socket {
                Some(socket) => socket.listener.accept().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            accepted = self.tcp.accept() => accepted.map(|(stream, peer)| Accepted::Tcp(stream, peer)),
            accepted = local => accepted.map(|(stream, _)| Accepted::Socket(stream)),
        }
    }
}

// === impl Connection ===

impl Connection {
    fn new(
        stream: Box<dyn Wire>,
        info: TcpConnectInfo,
        (place, counted): (OwnedSemaphorePermit, Option<Counted>),
        greeting: Greeting,
    ) -> Self {
        Self {
            stream,
            info,
            greeting: Some(greeting),
            _place: place,
            _counted: counted,
        }
    }

    /// What came of reading or writing; an error if it waits and the greeting has been waited for long enough.
    fn in_time<T>(&mut self, cx: &mut Context<'_>, polled: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        let is_late = |greeting: &mut Greeting| polled.is_pending() && greeting.is_over(cx);
        if self.greeting.as_mut().is_some_and(is_late) {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        polled
    }
}

impl Greeting {
    fn new(make_way: Option<oneshot::Receiver<()>>) -> Self {
        Self {
            bytes: 0,
            limit: Box::pin(sleep(GREETING_LIMIT)),
            make_way,
        }
    }

    /// Whether it took too long, or has to make way.
    fn is_over(&mut self, cx: &mut Context<'_>) -> bool {
        // A sender that is gone has forgotten this one: it does not have to.
        let makes_way = self
            .make_way
            .as_mut()
            .is_some_and(|way| Pin::new(way).poll(cx) == Poll::Ready(Ok(())));
        makes_way || self.limit.as_mut().poll(cx).is_ready()
    }
}

impl AsyncRead for Connection {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(cx, buf);
        let Some(greeting) = &mut self.greeting else {
            return polled;
        };
        greeting.bytes += buf.filled().len() - before;
        if greeting.bytes >= GREETING_BYTES {
            self.greeting = None;
            return polled;
        }
        self.in_time(cx, polled)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        // While the greeting is awaited, writing may wait for the other side as well: for its part of a handshake.
        let polled = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.in_time(cx, polled)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.stream).poll_flush(cx);
        self.in_time(cx, polled)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.in_time(cx, polled)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

impl Connected for Connection {
    type ConnectInfo = TcpConnectInfo;

    fn connect_info(&self) -> TcpConnectInfo {
        self.info.clone()
    }
}

#[cfg(test)]
mod tests {
    use futures::StreamExt as _;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    async fn listener() -> (TcpListener, SocketAddr) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        (listener, address)
    }

    #[tokio::test]
    async fn a_connection_beyond_the_room_waits_until_another_ends() {
        let (listener, address) = listener().await;
        let mut incoming = Box::pin(incoming(Doors::tcp(listener), 1));
        let _first = TcpStream::connect(address).await.unwrap();
        let _second = TcpStream::connect(address).await.unwrap();
        let taken = incoming.next().await.unwrap().unwrap();
        assert!(futures::poll!(incoming.next()).is_pending());
        drop(taken);
        incoming.next().await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn what_one_address_opens_beyond_its_share_is_closed_and_another_address_gets_in() {
        let (listener, address) = listener().await;
        let mut incoming = Box::pin(incoming(Doors::tcp(listener), 4));
        let mut taken = Vec::new();
        let mut clients = Vec::new();
        for _ in 0..2 {
            clients.push(TcpStream::connect(address).await.unwrap());
            taken.push(incoming.next().await.unwrap().unwrap());
        }
        let mut beyond = TcpStream::connect(address).await.unwrap();
        let next = tokio::spawn(async move { (incoming.next().await.unwrap().unwrap(), incoming) });
        assert_eq!(beyond.read(&mut [0; 1]).await.unwrap_or(0), 0, "closed");
        let other = tokio::net::TcpSocket::new_v4().unwrap();
        other.bind("127.0.0.2:0".parse().unwrap()).unwrap();
        let _other = other.connect(address).await.unwrap();
        let (_other, mut incoming) = next.await.unwrap();
        // And the share comes back with the connections.
        taken.clear();
        let _again = TcpStream::connect(address).await.unwrap();
        incoming.next().await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn the_oldest_silent_one_of_an_address_makes_way_for_newer_ones() {
        let (listener, address) = listener().await;
        let mut incoming = Box::pin(incoming(Doors::tcp(listener), 1_000));
        let _first = TcpStream::connect(address).await.unwrap();
        let mut first = incoming.next().await.unwrap().unwrap();
        let mut others = Vec::new();
        for _ in 0..addresses::SILENT_MAX {
            let client = TcpStream::connect(address).await.unwrap();
            others.push((client, incoming.next().await.unwrap().unwrap()));
        }
        let error = first.read(&mut [0; 1]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        let (_, newest) = others.last_mut().unwrap();
        assert!(futures::poll!(Box::pin(newest.read(&mut [0; 1]))).is_pending());
    }

    #[tokio::test]
    async fn one_that_greets_only_in_part_is_closed_in_time_and_one_that_greets_is_not() {
        let (listener, address) = listener().await;
        let mut incoming = Box::pin(incoming(Doors::tcp(listener), 8));
        let mut silent = TcpStream::connect(address).await.unwrap();
        let mut taken = incoming.next().await.unwrap().unwrap();
        silent.write_all(b"PRI * HTTP").await.unwrap();
        let mut bytes = [0; 64];
        taken.read_exact(&mut bytes[..10]).await.unwrap();
        tokio::time::pause();
        let error = taken.read(&mut bytes).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);

        tokio::time::resume();
        let mut client = TcpStream::connect(address).await.unwrap();
        let mut taken = incoming.next().await.unwrap().unwrap();
        client.write_all(&[0; GREETING_BYTES]).await.unwrap();
        taken.read_exact(&mut bytes[..GREETING_BYTES]).await.unwrap();
        assert!(taken.greeting.is_none());
    }
}
