//! Streams of a server that is to end.

use futures::{Stream, StreamExt as _};
use tokio_util::sync::CancellationToken;
use tonic::Status;

/// The same requests until `shutdown`, then one status in place of the rest: a caller who keeps a stream open and sends
/// nothing must not keep the server, and one who still sends must learn that it was not taken.
pub(crate) fn until<T: Send + Sync>(
    shutdown: CancellationToken,
    requests: impl Stream<Item = Result<T, Status>> + Send + 'static,
) -> impl Stream<Item = Result<T, Status>> + Send {
    async_stream::stream! {
        let mut requests = Box::pin(requests);
        loop {
            tokio::select! {
                biased;
                () = shutdown.cancelled() => {
                    yield Err(Status::unavailable("the server is stopping"));
                    return;
                }
                request = requests.next() => match request {
                    Some(request) => yield request,
                    None => return,
                },
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::stream;

    use super::*;

    #[tokio::test]
    async fn a_quiet_stream_ends_with_a_status_when_the_server_is_to_end() {
        let shutdown = CancellationToken::new();
        let first = stream::iter([Ok::<_, Status>(1)]);
        let mut requests = Box::pin(until(shutdown.clone(), first.chain(stream::pending())));
        assert_eq!(requests.next().await.unwrap().unwrap(), 1);
        shutdown.cancel();
        let status = requests.next().await.unwrap().unwrap_err();
        assert_eq!(status.code(), tonic::Code::Unavailable);
        assert!(requests.next().await.is_none());
    }
}
