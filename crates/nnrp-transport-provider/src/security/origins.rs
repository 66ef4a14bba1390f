//! Which web pages may open a WebSocket to a listener.

use std::net::{Ipv4Addr, Ipv6Addr};

/// The web pages that may open a WebSocket to a listener.
///
/// Browsers let every page connect to every address, also to one that only the machine of the user reaches, and name the page in `Origin`. Programs
/// other than browsers send no origin and are always let in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Origins {
    /// Pages of the host that they connect to, on any port; all names of the loopback interface are one host. A name that somebody else's name server
    /// makes point here counts as that host too: list the origins where a page could do harm.
    #[default]
    SameHost,
    /// Every page.
    Any,
    /// Pages of these origins, as browsers write them: `https://example.org`, with a port where it is not the scheme's own; `null` for files.
    Listed(Vec<String>),
}

impl Origins {
    /// Whether the page of this `Origin` may open a WebSocket to this `Host`.
    #[must_use]
    pub fn admit(&self, origin: &str, host: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Listed(origins) => origins
                .iter()
                .any(|listed| listed.eq_ignore_ascii_case(origin)),
            Self::SameHost => origin
                .split_once("://")
                .is_some_and(|(_, authority)| is_same_host(name_of(authority), name_of(host))),
        }
    }
}

/// The host of `host:port`; the brackets of an IPv6 address stay.
fn name_of(authority: &str) -> &str {
    let end_of_address = authority.find(']').map_or(0, |end| end + 1);
    let port = authority[end_of_address..].find(':');
    port.map_or(authority, |colon| &authority[..end_of_address + colon])
}

fn is_same_host(one: &str, other: &str) -> bool {
    !one.is_empty() && one.eq_ignore_ascii_case(other) || is_loopback(one) && is_loopback(other)
}

fn is_loopback(host: &str) -> bool {
    let v6 = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    host.eq_ignore_ascii_case("localhost")
        || host
            .parse()
            .is_ok_and(|address: Ipv4Addr| address.is_loopback())
        || v6.is_some_and(|host| {
            host.parse()
                .is_ok_and(|address: Ipv6Addr| address.is_loopback())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_reaches_its_own_host_on_any_port() {
        for (origin, host) in [
            ("https://example.org", "example.org:8443"),
            ("http://Example.ORG:8000", "example.org"),
            ("http://[2001:db8::1]:80", "[2001:db8::1]:4433"),
            ("http://localhost:8000", "127.0.0.1:9000"),
            ("http://127.0.0.1", "[::1]:9000"),
        ] {
            assert!(Origins::SameHost.admit(origin, host), "{origin} to {host}");
        }
    }

    #[test]
    fn a_page_of_another_host_or_of_none_is_kept_out() {
        for (origin, host) in [
            ("https://evil.example", "localhost:9000"),
            ("https://example.org.evil.example", "example.org"),
            ("http://[2001:db8::2]", "[2001:db8::1]:1"),
            ("http://localhost.evil.example", "127.0.0.1:1"),
            ("null", "localhost:9000"),
            ("", ""),
            ("http://", "localhost"),
        ] {
            assert!(!Origins::SameHost.admit(origin, host), "{origin} to {host}");
        }
    }

    #[test]
    fn a_list_names_whole_origins() {
        let origins = Origins::Listed(vec!["https://example.org".into(), "null".into()]);
        assert!(origins.admit("https://example.org", "h:1"));
        assert!(origins.admit("null", "h:1"));
        assert!(!origins.admit("https://example.org:444", "h:1"));
        assert!(!origins.admit("http://example.org", "example.org"));
        assert!(Origins::Any.admit("null", "h:1"));
    }
}
