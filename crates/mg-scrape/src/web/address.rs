//! Which addresses belong to the public internet.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether an address is one of the public internet, by the IANA registries of special-purpose addresses.
/// Addresses that carry another one inside (mapped, NAT64) are judged by that one.
#[must_use]
pub fn is_global(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_global_v4(address),
        IpAddr::V6(address) => match carried(address) {
            Some(inner) => is_global_v4(inner),
            None => is_global_v6(address),
        },
    }
}

/// Whether an address is of the operator's own network: what `allow_private` opens. Link-local addresses, where
/// clouds keep their credentials, multicast and unspecified ones are not.
#[must_use]
pub fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_private() || address.is_loopback(),
        IpAddr::V6(address) => match carried(address) {
            Some(inner) => is_private(inner.into()),
            None => address.is_loopback() || address.is_unique_local(),
        },
    }
}

fn is_global_v4(address: Ipv4Addr) -> bool {
    let named = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_broadcast()
        || address.is_documentation()
        || address.is_multicast();
    let reserved = match address.octets() {
        [0 | 240.., ..] | [192, 0, 0, _] | [192, 88, 99, _] => true,
        [100, second, ..] => second & 0xc0 == 64, // shared address space of providers
        [198, second, ..] => second & 0xfe == 18, // benchmarking
        _ => false,
    };
    !named && !reserved
}

fn is_global_v6(address: Ipv6Addr) -> bool {
    match address.segments() {
        // 6to4, and documentation
        [0x2002, ..] | [0x2001, 0xdb8, ..] => false,
        [0x2001, second, ..] => second >= 0x200, // Teredo and other protocol assignments
        [0x3fff, second, ..] => second >= 0x1000, // documentation
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

/// The IPv4 address that an IPv6 address stands for.
fn carried(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let [_, _, _, _, _, _, high, low] = address.segments();
    let last = || Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match address.segments() {
        [0x64, 0xff9b, 0, 0, 0, 0, _, _] => Some(last()),
        _ => address.to_ipv4_mapped(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn global(text: &str) -> bool {
        is_global(text.parse().unwrap())
    }

    #[test]
    fn addresses_of_the_internet_are_global() {
        for text in [
            "1.1.1.1",
            "100.63.255.255",
            "100.128.0.1",
            "198.17.0.1",
            "198.20.0.1",
            "2606:4700::1111",
            "2001:200::1",
            "::ffff:8.8.8.8",
            "64:ff9b::8.8.8.8",
        ] {
            assert!(global(text), "{text}");
        }
    }

    #[test]
    fn addresses_of_special_purpose_are_not() {
        for text in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "192.0.0.8",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:127.0.0.1",
            "64:ff9b::10.0.0.1",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "3fff::1",
            "fc00::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!global(text), "{text}");
        }
    }

    #[test]
    fn the_own_network_is_without_metadata_services() {
        let private = |text: &str| is_private(text.parse().unwrap());
        for text in ["127.0.0.1", "10.0.0.1", "::1", "fd00::1", "::ffff:10.0.0.1"] {
            assert!(private(text), "{text}");
        }
        for text in [
            "169.254.169.254",
            "0.0.0.0",
            "224.0.0.1",
            "fe80::1",
            "8.8.8.8",
        ] {
            assert!(!private(text), "{text}");
        }
    }
}
