//! From an endpoint to a transport that is up and a machine that has begun to talk, within the connect timeout.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;

use nnrp_core::connection::MAX_OFFERED_SCHEMAS;
use nnrp_core::connection::client::{ClientConfig, ClientConnection};
use nnrp_transport_provider::{Endpoint, Link};

use crate::clock::Clock;
use crate::exchange::is_open_first;
use crate::greeting::{GreetingFailure, greet};
use crate::shared::Shared;
use crate::transport_kind::transport_of;
use crate::{ConnectionEnd, ConnectionOptions, Exchange};

/// How a connection begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Begin {
    /// As the options say.
    AsConfigured,
    /// With a hello, without which no session can go on.
    WithHello,
}

/// A transport that is up, and the machine that has begun to talk over it.
pub(crate) struct Established {
    pub(crate) link: Link,
    pub(crate) machine: ClientConnection,
    /// Whether the server did not answer a hello.
    pub(crate) fell_back: bool,
}

/// Connects within the connect timeout, unless the application wants the end. To be boxed where it is awaited: it holds several times what a connection
/// that is up needs, and a future keeps room for all that it ever awaits.
pub(crate) async fn establish(
    shared: &Shared,
    endpoint: &Endpoint,
    begin: Begin,
) -> Result<Box<Established>, ConnectionEnd> {
    let exchange = match begin {
        Begin::AsConfigured => shared.options.exchange,
        Begin::WithHello => Exchange::Hello,
    };
    let mut connecting = pin!(connect_within(shared, endpoint, exchange));
    poll_fn(|cx| {
        if shared.poll_stop(cx).is_ready() {
            return std::task::Poll::Ready(Err(ConnectionEnd::ClosedHere));
        }
        connecting.as_mut().poll(cx)
    })
    .await
}

/// Connects within the connect timeout.
pub(crate) async fn connect_within(
    shared: &Shared,
    endpoint: &Endpoint,
    exchange: Exchange,
) -> Result<Box<Established>, ConnectionEnd> {
    let options = &shared.options;
    let connecting = begin_exchange(shared, endpoint, exchange);
    tokio::time::timeout(options.connect_timeout, connecting)
        .await
        .unwrap_or_else(|_| Err(connect_timeout(options)))
}

/// The end of an attempt that took too long.
pub(crate) fn connect_timeout(options: &ConnectionOptions) -> ConnectionEnd {
    let milliseconds = options.connect_timeout.as_millis();
    ConnectionEnd::ConnectTimeout(u64::try_from(milliseconds).unwrap_or(u64::MAX))
}

/// Connects and begins the exchange, on a second connection if the first one ends without an answer to the hello.
async fn begin_exchange(
    shared: &Shared,
    endpoint: &Endpoint,
    exchange: Exchange,
) -> Result<Box<Established>, ConnectionEnd> {
    let failed = |error| ConnectionEnd::ConnectFailed(Arc::new(error));
    let options = &shared.options;
    let transport = transport_of(endpoint, &options.security).map_err(failed)?;
    let fell_back = match exchange {
        Exchange::OpenFirst => false,
        Exchange::Auto if is_open_first(&endpoint.to_string()) => false,
        Exchange::Auto | Exchange::Hello => {
            let mut link = transport.connect(endpoint).await.map_err(failed)?;
            let config = ClientConfig {
                hello: Some(options.hello()),
                ..options.client_config()
            };
            let mut machine = machine_of(options, config, shared.clock);
            match greet(&mut link, &mut machine, shared).await {
                Ok(()) => {
                    return Ok(Box::new(Established {
                        link,
                        machine,
                        fell_back: false,
                    }));
                }
                Err(GreetingFailure::NoAnswer(_)) if exchange == Exchange::Auto => true,
                Err(GreetingFailure::NoAnswer(end) | GreetingFailure::Failed(end)) => {
                    return Err(end);
                }
            }
        }
    };
    Ok(Box::new(Established {
        link: transport.connect(endpoint).await.map_err(failed)?,
        machine: machine_of(options, options.client_config(), shared.clock),
        fell_back,
    }))
}

/// The machine of a connection that has not begun.
pub(crate) fn machine_of(
    options: &ConnectionOptions,
    config: ClientConfig,
    clock: Clock,
) -> ClientConnection {
    let schemas = &options.schemas[..options.schemas.len().min(MAX_OFFERED_SCHEMAS)];
    let machine = ClientConnection::with_schemas(config, clock.now(), schemas);
    // Only a hello can be invalid, and the one of the options is not.
    machine.unwrap_or_else(|error| unreachable!("{error}"))
}
