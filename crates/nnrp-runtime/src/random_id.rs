//! Random session ids, so that clients that know nothing of one another do not collide, and secret resume tokens.

use std::hash::{BuildHasher, RandomState};

use nnrp_core::resume::{RESUME_TOKEN_BYTES, ResumeToken};

/// A random id that is not 0. It need not be a secret: knowing an id gives no right to its session.
pub(crate) fn random_session_id() -> u32 {
    // The standard library seeds every `RandomState` differently, the first from the operating system.
    let random = RandomState::new().hash_one(0);
    u32::try_from(random >> 32).map_or(1, |id| id.max(1))
}

/// Spreads pauses; it need not be a secret either.
pub(crate) fn random_byte() -> u8 {
    random_session_id().to_le_bytes()[0]
}

/// A resume token from the operating system's random source; `None` when that fails, and sessions then are not resumable.
pub(crate) fn random_token() -> Option<ResumeToken> {
    let mut bytes = [0; RESUME_TOKEN_BYTES];
    getrandom::getrandom(&mut bytes).ok()?;
    Some(ResumeToken::from_random(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn ids_are_not_zero_and_do_not_repeat_in_practice() {
        let ids: HashSet<u32> = (0..1000).map(|_| random_session_id()).collect();
        assert!(ids.len() > 990 && !ids.contains(&0));
    }

    #[test]
    fn no_token_is_like_another() {
        let token = random_token().expect("a random source");
        assert_ne!(Some(token), random_token());
        assert_ne!(token.as_bytes(), &[0; RESUME_TOKEN_BYTES]);
    }
}
