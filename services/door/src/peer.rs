//! From where a call comes.

use std::net::{IpAddr, Ipv4Addr};

use tonic::codegen::http::{Extensions, HeaderMap};
use tonic::transport::server::TcpConnectInfo;

/// The header in which pages that are served elsewhere on this machine say for whom they ask.
pub const PEER_HEADER: &str = "keshi-peer";

/// Put into a request's extensions by pages in this process: for whom they ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer(pub IpAddr);

/// From where a call comes: what pages in this process say, else what the connection says. Of others it is believed only to
/// those on this machine.
pub(super) fn peer_of(extensions: &Extensions, headers: &HeaderMap) -> IpAddr {
    if let Some(Peer(address)) = extensions.get::<Peer>() {
        return *address;
    }
    let connected = extensions.get::<TcpConnectInfo>().and_then(TcpConnectInfo::remote_addr);
    // Without an address it is the socket in the office's directory, or a test's own call.
    let address = connected.map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |connected| connected.ip());
    if !address.to_canonical().is_loopback() {
        return address;
    }
    let said = headers
        .get(PEER_HEADER)
        .and_then(|value| value.to_str().ok()?.parse().ok());
    said.unwrap_or(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(peer: Option<&str>, connected: Option<&str>, said: Option<&str>) -> String {
        let (mut extensions, mut headers) = (Extensions::new(), HeaderMap::new());
        if let Some(peer) = peer {
            extensions.insert(Peer(peer.parse().unwrap()));
        }
        if let Some(connected) = connected {
            extensions.insert(TcpConnectInfo {
                local_addr: None,
                remote_addr: Some(connected.parse().unwrap()),
            });
        }
        if let Some(said) = said {
            headers.insert(PEER_HEADER, said.parse().unwrap());
        }
        peer_of(&extensions, &headers).to_string()
    }

    #[test]
    fn another_machine_is_not_believed_when_it_says_for_whom_it_asks() {
        assert_eq!(of(None, Some("10.1.2.3:99"), Some("10.9.9.9")), "10.1.2.3");
        for here in ["127.0.0.1:99", "[::1]:99", "[::ffff:127.0.0.1]:99"] {
            assert_eq!(of(None, Some(here), Some("10.9.9.9")), "10.9.9.9", "{here}");
        }
        assert_eq!(of(None, Some("127.0.0.1:99"), Some("nonsense")), "127.0.0.1");
        assert_eq!(of(None, None, None), "127.0.0.1");
        assert_eq!(of(Some("10.4.4.4"), Some("127.0.0.1:99"), Some("10.9.9.9")), "10.4.4.4");
    }
}
