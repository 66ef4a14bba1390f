//! The log of an operator: one reason for each connection that ended.
//!
//! In a process of its own: tracing remembers for each place of the source whether anybody listens,
//! and a thread without a subscriber may be the one that decides it for all.

use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use nnrp_runtime::{Event, ListenOptions};
use tracing::field::{Field, Visit};
use tracing::span;

use support::raw_peer::RawPeer;
use support::recorder::Server;

#[path = "../runtime/support/mod.rs"]
#[expect(dead_code, reason = "the tests of the runtime use the rest")]
mod support;

/// Collects the `reason` of every event.
#[derive(Clone, Debug, Default)]
struct Reasons(Arc<Mutex<Vec<String>>>);

impl tracing::Subscriber for Reasons {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        event.record(&mut self.clone());
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

impl Visit for Reasons {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "reason" {
            self.0.lock().expect("not poisoned").push(value.to_owned());
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn Debug) {}
}

#[tokio::test(start_paused = true)]
async fn every_connection_that_ends_leaves_one_reason_in_the_log() {
    let reasons = Reasons::default();
    tracing::subscriber::set_global_default(reasons.clone())
        .expect("the process has this one test");
    let (server, listener) = Server::start(ListenOptions::default(), 100).await;
    let closed = async || {
        server
            .events
            .find(|event| matches!(event, Event::ConnectionClosed { .. }).then_some(()))
            .await;
    };
    let mut garbage = RawPeer::connect(&listener).await;
    garbage.send_bytes(&[0xFF; 64]).await;
    closed().await;
    let silent = RawPeer::connect(&listener).await;
    closed().await;
    drop(silent);
    let mut vanishing = RawPeer::connect(&listener).await;
    vanishing.open(7).await;
    drop(vanishing);
    closed().await;
    let reasons = reasons.0.lock().expect("not poisoned").clone();
    assert_eq!(
        reasons,
        ["protocol-error", "peer-timeout", "transport-lost"]
    );
}
