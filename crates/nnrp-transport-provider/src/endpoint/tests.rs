//! Endpoints as they are read and written back, and every mistake in one.

use super::*;
use proptest::prelude::*;

fn failure(uri: &str) -> (EndpointErrorKind, usize) {
    let error = uri.parse::<Endpoint>().expect_err(uri);
    (error.kind(), error.offset())
}

#[test]
fn a_valid_endpoint_is_written_back_as_it_was_read() {
    for uri in [
        "nnrp+tcp://127.0.0.1:4433",
        "nnrp+tcp://localhost:0",
        "nnrp+tcp://[::1]:65535",
        "nnrp+tls://example.org:443",
        "nnrp+quic://[::]:0",
        "nnrps://example.org:443",
        "nnrp+ws://127.0.0.1:0",
        "nnrp+ws://localhost:80/",
        "nnrp+ws://[::1]:8080/inference/v1?token=a%20b",
        "nnrp+wss://example.org:443/nnrp",
        "nnrp+mem://left-hand",
    ] {
        assert_eq!(uri.parse::<Endpoint>().expect(uri).to_string(), uri);
    }
}

#[test]
fn every_mistake_is_named_with_its_byte() {
    use EndpointErrorKind as Kind;
    for (uri, kind, offset) in [
        ("", Kind::MissingScheme, 0),
        ("127.0.0.1:4433", Kind::MissingScheme, 0),
        ("http://host:1", Kind::UnknownScheme, 0),
        ("nnrp+tcp://", Kind::MissingHost, 11),
        ("nnrp+tls://h", Kind::MissingPort, 12),
        ("nnrp+quic://h:y", Kind::InvalidPort, 14),
        ("nnrps://h", Kind::MissingPort, 9),
        ("nnrp+tcp://:1", Kind::MissingHost, 11),
        ("nnrp+tcp://host", Kind::MissingPort, 15),
        ("nnrp+tcp://host:", Kind::MissingPort, 16),
        ("nnrp+tcp://host:65536", Kind::InvalidPort, 16),
        ("nnrp+tcp://host:1x", Kind::InvalidPort, 17),
        ("nnrp+tcp://host:1/path", Kind::InvalidPort, 17),
        ("nnrp+tcp://ho st:1", Kind::UnexpectedCharacter, 13),
        ("nnrp+tcp://user@host:1", Kind::UnexpectedCharacter, 15),
        ("nnrp+tcp://::1", Kind::BareIpv6, 11),
        ("nnrp+tcp://[::1:1", Kind::UnclosedBracket, 11),
        ("nnrp+tcp://[::g]:1", Kind::InvalidIpv6, 12),
        ("nnrp+tcp://[::1]", Kind::MissingPort, 16),
        ("nnrp+ws://:1/", Kind::MissingHost, 10),
        ("nnrp+ws://host/path", Kind::MissingPort, 14),
        ("nnrp+ws://host:1?query", Kind::InvalidPort, 16),
        ("nnrp+ws://host:1/a b", Kind::UnexpectedCharacter, 18),
        ("nnrp+wss://host:1/#part", Kind::UnexpectedCharacter, 18),
        ("nnrp+mem://", Kind::MissingName, 11),
        ("nnrp+mem://a b", Kind::UnexpectedCharacter, 12),
    ] {
        assert_eq!(failure(uri), (kind, offset), "{uri}");
    }
    assert_eq!(failure(&"x".repeat(513)), (Kind::TooLong, 512));
}

proptest! {
    #[test]
    fn any_text_is_an_endpoint_or_an_error_inside_the_text(text in "\\PC{0,40}") {
        let schemes = ["nnrp+tcp", "nnrp+tls", "nnrp+quic", "nnrp+ws", "nnrp+wss", "nnrp+mem"];
        let inside = schemes.map(|scheme| format!("{scheme}://{text}"));
        let behind = schemes.map(|scheme| format!("{scheme}://h:1/{text}"));
        for uri in inside.into_iter().chain(behind).chain([text]) {
            match uri.parse::<Endpoint>() {
                Ok(endpoint) => prop_assert_eq!(endpoint.to_string().parse(), Ok(endpoint)),
                Err(error) => prop_assert!(error.offset() <= uri.len()),
            }
        }
    }
}
