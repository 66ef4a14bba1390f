//! The name of a session on its connection.

/// Names a session of one connection on this side, also before the server has given it an id.
///
/// Keys count up from 0 in the order the sessions were opened and are never reused on a connection, so they can index a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionKey(pub(crate) u32);

impl SessionKey {
    /// The number of the session on its connection, from 0.
    #[must_use]
    pub fn index(self) -> u32 {
        self.0
    }
}
