//! The transport that sessions leave in a migration, kept until they have arrived.

use nnrp_transport_provider::Endpoint;

use crate::driver::ride::Ride;

/// Where sessions come from while they move. The link stays as it is until they have arrived.
pub(super) struct Departure {
    pub(super) endpoint: Endpoint,
    pub(super) ride: Ride,
}
