//! `nnrp-echo serve`: binds, reports, echoes, and ends in order.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use nnrp_runtime::{
    ConnectionHandle, EventSink, ListenerEnd, ListenerHandle, ListenerSink, listen, listen_beside,
};

use tokio::runtime::Handle;
use tokio::time::Instant;

use crate::arguments::Serve;
use crate::certificate::security;
use crate::console;
use crate::echo::EchoSink;

/// How long the end waits for answers that are withheld.
const ANSWERS: Duration = Duration::from_millis(500);
/// How long the end waits for peers to take what is queued for them.
const DRAIN: Duration = Duration::from_secs(3);

/// Serves until `stop` is done; an error names the endpoint that cannot be bound, or the certificate that cannot be used.
pub async fn serve(settings: &Serve, stop: impl Future<Output = ()>) -> Result<(), String> {
    let echo = Arc::new(Echo {
        verbs: settings.verbs,
    });
    let mut options = settings.options.clone();
    options.connection.security = security(settings)?;
    let mut listeners: Vec<ListenerHandle> = Vec::new();
    for endpoint in &settings.endpoints {
        let options = options.clone();
        let sink: Arc<dyn ListenerSink> = Arc::<Echo>::clone(&echo);
        let (endpoint, executor) = (endpoint.clone(), Arc::new(Handle::current()));
        // Sessions move between the endpoints of one server.
        let listener = match listeners.first() {
            None => listen(endpoint, options, sink, executor).await,
            Some(first) => listen_beside(first, endpoint, options, sink, executor).await,
        };
        let listener = listener.map_err(|error| error.to_string())?;
        if let Err(error) = report(&listener) {
            console::complain(&format!(
                "nnrp-echo: cannot write to stdout, serving all the same: {error}"
            ));
        }
        listeners.push(listener);
    }
    stop.await;
    drain(&listeners).await;
    Ok(())
}

fn report(listener: &ListenerHandle) -> io::Result<()> {
    console::print(&format!("listening {}\n", listener.endpoint()))
}

async fn drain(listeners: &[ListenerHandle]) {
    for listener in listeners {
        listener.drain(ANSWERS);
    }
    let deadline = Instant::now() + DRAIN;
    while listeners
        .iter()
        .any(|listener| listener.connection_count() > 0)
        && Instant::now() < deadline
    {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// The listeners' sink: one echo per connection.
struct Echo {
    verbs: bool,
}

impl ListenerSink for Echo {
    fn accepted(&self, connection: &ConnectionHandle) -> Arc<dyn EventSink> {
        Arc::new(EchoSink::new(connection.clone(), self.verbs))
    }

    fn closed(&self, reason: ListenerEnd) {
        if let ListenerEnd::Failed(error) = reason {
            console::complain(&format!("nnrp-echo: {error}"));
        }
    }
}
