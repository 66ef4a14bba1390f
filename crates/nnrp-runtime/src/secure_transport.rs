//! `nnrps://host:port`: the server is asked over QUIC and, where that does not get through, over TLS; the first link counts.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use nnrp_core::code::TransportId;
use nnrp_transport_provider::{
    BoxFuture, Endpoint, Link, Listener, Security, Transport, TransportError,
};
use nnrp_transport_quic::QuicTransport;
use nnrp_transport_tcp::TlsTransport;
use tokio::time::sleep;

/// How long QUIC is tried alone: a network that drops UDP answers nothing, and a handshake takes two round trips.
const HEAD_START: Duration = Duration::from_millis(300);

/// QUIC before TLS, for clients.
pub(crate) struct SecureTransport {
    quic: QuicTransport,
    tls: TlsTransport,
}

impl SecureTransport {
    pub(crate) fn new(security: &Security) -> Self {
        Self {
            quic: QuicTransport::new(security.clone()),
            tls: TlsTransport::new(security.clone()),
        }
    }

    async fn connect_either(&self, endpoint: &Endpoint) -> Result<Link, TransportError> {
        let Endpoint::Secure { host, port } = endpoint else {
            return Err(TransportError::unsupported(endpoint));
        };
        let (host, port) = (host.clone(), *port);
        let over_quic = Endpoint::Quic {
            host: host.clone(),
            port,
        };
        let over_tls = Endpoint::Tls { host, port };
        let mut quic = Attempt(Some(self.quic.connect(&over_quic)));
        let mut head_start = std::pin::pin!(sleep(HEAD_START));
        let alone = poll_fn(|cx| match quic.poll(cx) {
            Poll::Ready(outcome) => Poll::Ready(Some(outcome)),
            Poll::Pending => head_start.as_mut().poll(cx).map(|()| None),
        });
        if let Some(Ok(link)) = alone.await {
            return Ok(link);
        }
        let mut tls = Attempt(Some(self.tls.connect(&over_tls)));
        let mut failure = None;
        poll_fn(|cx| {
            for attempt in [&mut quic, &mut tls] {
                match attempt.poll(cx) {
                    Poll::Ready(Ok(link)) => return Poll::Ready(Ok(link)),
                    Poll::Ready(Err(error)) => failure = Some(error),
                    Poll::Pending => {}
                }
            }
            match failure.take_if(|_| quic.0.is_none() && tls.0.is_none()) {
                Some(error) => Poll::Ready(Err(error)),
                None => Poll::Pending,
            }
        })
        .await
    }
}

impl Transport for SecureTransport {
    fn id(&self) -> TransportId {
        TransportId::Unspecified
    }

    fn connect<'a>(
        &'a self,
        endpoint: &'a Endpoint,
    ) -> BoxFuture<'a, Result<Link, TransportError>> {
        Box::pin(self.connect_either(endpoint))
    }

    fn listen<'a>(
        &'a self,
        endpoint: &'a Endpoint,
    ) -> BoxFuture<'a, Result<Box<dyn Listener>, TransportError>> {
        // A server that wants both listens at both, side by side.
        Box::pin(async { Err(TransportError::unsupported(endpoint)) })
    }
}

/// One way to the server, until it has led somewhere or nowhere.
struct Attempt<'a>(Option<BoxFuture<'a, Result<Link, TransportError>>>);

impl Attempt<'_> {
    /// Pending for ever once it has ended.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<Link, TransportError>> {
        let Some(connecting) = &mut self.0 else {
            return Poll::Pending;
        };
        let outcome = Pin::new(connecting).poll(cx);
        if outcome.is_ready() {
            self.0 = None;
        }
        outcome
    }
}
