//! Memory that a call is given, and what the library may do with it.

/// What memory holds before the library writes to it.
pub const UNTOUCHED: u64 = 0xa5a5_a5a5_a5a5_a5a5;

/// Memory that a call has been given; a block each, so that a sanitizer sees every byte beyond.
pub struct Block {
    pub words: Box<[u64]>,
    pub purpose: Purpose,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The library reads it.
    Input,
    /// The library writes it on success.
    Output { name: Option<&'static str> },
    /// The library may write it on failure, too.
    AnyOutput,
    /// The diagnosis, which the library writes on failure.
    Error,
}

impl Block {
    pub fn is_untouched(&self) -> bool {
        self.words.iter().all(|&word| word == UNTOUCHED)
    }
}
