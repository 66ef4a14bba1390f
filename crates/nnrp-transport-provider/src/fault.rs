//! A transport that misbehaves on purpose, the same way each time for the same seed: for the tests of everything above transports.

mod faults;
mod moments;
mod streams;

pub use self::faults::Faults;
pub use self::streams::with_faults;
use crate::{
    BoxFuture, Endpoint, Incoming, Link, Listener, Transport, TransportError, TransportId,
};

/// Another transport with [`Faults`].
#[derive(Clone, Copy, Debug)]
pub struct FaultTransport<T> {
    inner: T,
    faults: Faults,
}

impl<T: Transport> FaultTransport<T> {
    /// Wraps a transport; links made and accepted through it have the faults.
    pub fn new(inner: T, faults: Faults) -> Self {
        Self { inner, faults }
    }
}

impl<T: Transport> Transport for FaultTransport<T> {
    fn id(&self) -> TransportId {
        self.inner.id()
    }

    fn connect<'a>(
        &'a self,
        endpoint: &'a Endpoint,
    ) -> BoxFuture<'a, Result<Link, TransportError>> {
        Box::pin(async move {
            let link = self.inner.connect(endpoint).await?;
            Ok(with_faults(link, self.faults))
        })
    }

    fn listen<'a>(
        &'a self,
        endpoint: &'a Endpoint,
    ) -> BoxFuture<'a, Result<Box<dyn Listener>, TransportError>> {
        Box::pin(async move {
            let listener: Box<dyn Listener> = Box::new(FaultListener {
                inner: self.inner.listen(endpoint).await?,
                faults: self.faults,
            });
            Ok(listener)
        })
    }
}

struct FaultListener {
    inner: Box<dyn Listener>,
    faults: Faults,
}

impl Listener for FaultListener {
    fn endpoint(&self) -> &Endpoint {
        self.inner.endpoint()
    }

    fn accept(&mut self) -> BoxFuture<'_, Result<Box<dyn Incoming>, TransportError>> {
        Box::pin(async move {
            let incoming: Box<dyn Incoming> = Box::new(FaultIncoming {
                inner: self.inner.accept().await?,
                faults: self.faults,
            });
            Ok(incoming)
        })
    }
}

struct FaultIncoming {
    inner: Box<dyn Incoming>,
    faults: Faults,
}

impl Incoming for FaultIncoming {
    fn peer(&self) -> String {
        self.inner.peer()
    }

    fn attach(self: Box<Self>) -> BoxFuture<'static, Result<Link, TransportError>> {
        Box::pin(async move {
            let link = self.inner.attach().await?;
            Ok(with_faults(link, self.faults))
        })
    }
}

#[cfg(test)]
mod tests;
