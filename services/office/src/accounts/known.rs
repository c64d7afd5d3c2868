//! From where somebody calls, as far as that tells one caller from another.

use std::net::{IpAddr, Ipv6Addr};

/// The address that counts for delays and in lists: of IPv6 the network of 64 bits, of which one subscriber has all.
pub fn origin(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subscriber_counts_as_one_address() {
        let of = |text: &str| origin(text.parse().unwrap()).to_string();
        assert_eq!(of("10.1.2.3"), "10.1.2.3");
        assert_eq!(of("::ffff:10.1.2.3"), "10.1.2.3");
        assert_eq!(of("2408:1:2:3:4:5:6:7"), "2408:1:2:3::");
        assert_eq!(of("2408:1:2:3::1"), of("2408:1:2:3:ffff::1"));
    }
}
