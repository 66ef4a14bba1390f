//! Reads out of a `ClientHello` whether it offers ALPN tokens (RFC 8446 §4.1.2, RFC 7301), and nothing else.

/// What a `ClientHello` offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Offer {
    /// More bytes are needed to know.
    Incomplete,
    /// It announces more bytes than any sane one has.
    TooLong,
    /// The whole message is there.
    Tokens {
        /// Whether it has the ALPN extension.
        any: bool,
    },
}

const HEADER_BYTES: usize = 4;
const CLIENT_HELLO: u8 = 1;
const ALPN_EXTENSION: u16 = 16;
/// Real ones have 300 bytes, with post-quantum keys under 2 KB.
const MOST_BYTES: usize = 16 * 1024;

/// Looks at what has arrived of the first handshake message.
///
/// What is malformed or no `ClientHello` counts as an offer of nothing: the TLS session that gets the same bytes then says what is wrong.
pub(crate) fn offered_tokens(received: &[u8]) -> Offer {
    let Some((header, rest)) = received.split_at_checked(HEADER_BYTES) else {
        return Offer::Incomplete;
    };
    let length =
        usize::from(header[1]) << 16 | usize::from(header[2]) << 8 | usize::from(header[3]);
    if header[0] != CLIENT_HELLO {
        return Offer::Tokens { any: false };
    }
    if length > MOST_BYTES {
        return Offer::TooLong;
    }
    match rest.get(..length) {
        None => Offer::Incomplete,
        Some(hello) => Offer::Tokens {
            any: has_alpn(hello).unwrap_or(false),
        },
    }
}

/// `None` if the message is malformed.
fn has_alpn(hello: &[u8]) -> Option<bool> {
    let mut rest = hello;
    // legacy_version and random
    take(&mut rest, 2 + 32)?;
    let session_id = u8::from_be_bytes(*rest.first_chunk()?);
    take(&mut rest, 1 + usize::from(session_id))?;
    take_vector(&mut rest)?; // cipher_suites
    let compression = u8::from_be_bytes(*rest.first_chunk()?);
    take(&mut rest, 1 + usize::from(compression))?;
    let mut extensions = take_vector(&mut rest)?;
    while !extensions.is_empty() {
        let extension = take(&mut extensions, 2)?;
        take_vector(&mut extensions)?;
        if extension == ALPN_EXTENSION.to_be_bytes() {
            return Some(true);
        }
    }
    Some(false)
}

/// Takes what a 16-bit length announces.
fn take_vector<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = u16::from_be_bytes(*rest.first_chunk()?);
    take(rest, 2)?;
    take(rest, length.into())
}

fn take<'a>(rest: &mut &'a [u8], count: usize) -> Option<&'a [u8]> {
    let (taken, left) = rest.split_at_checked(count)?;
    *rest = left;
    Some(taken)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn vector(bytes: &[u8]) -> Vec<u8> {
        let length = u16::try_from(bytes.len()).expect("short");
        [&length.to_be_bytes(), bytes].concat()
    }

    fn hello(extensions: &[(u16, &[u8])]) -> Vec<u8> {
        let extensions: Vec<u8> = extensions
            .iter()
            .flat_map(|(number, bytes)| [number.to_be_bytes().to_vec(), vector(bytes)].concat())
            .collect();
        let body = [
            vec![3; 2 + 32],
            vec![0],
            vector(&[0x13, 0x01]),
            vec![1, 0],
            vector(&extensions),
        ]
        .concat();
        let [_, high, middle, low] = u32::try_from(body.len()).expect("short").to_be_bytes();
        [vec![CLIENT_HELLO, high, middle, low], body].concat()
    }

    #[test]
    fn the_offer_is_known_when_the_last_byte_is_there_and_not_before() {
        for (extensions, any) in [
            (
                &[(0, b"name".as_slice()), (16, b"\0\x07\x06nnrp/1")][..],
                true,
            ),
            (&[(0, b"name".as_slice()), (51, b"keys")][..], false),
            (&[][..], false),
        ] {
            let hello = hello(extensions);
            for length in 0..hello.len() {
                assert_eq!(offered_tokens(&hello[..length]), Offer::Incomplete);
            }
            assert_eq!(offered_tokens(&hello), Offer::Tokens { any });
        }
    }

    #[test]
    fn a_client_hello_that_announces_16_megabytes_is_not_waited_for() {
        assert_eq!(offered_tokens(&[1, 0xff, 0xff, 0xff]), Offer::TooLong);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_a_panic(mut bytes in prop::collection::vec(any::<u8>(), 0..200), is_hello: bool) {
            if is_hello && bytes.len() > 4 {
                let length = u8::try_from(bytes.len() - 4).unwrap();
                bytes[..4].copy_from_slice(&[1, 0, 0, length]);
            }
            offered_tokens(&bytes);
        }
    }
}
