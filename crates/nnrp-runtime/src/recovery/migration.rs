//! How the sessions of a connection move to another transport while it is in use, and back if they are not taken there.

use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use nnrp_core::code::SessionErrorCode;
use nnrp_transport_provider::Endpoint;

use super::Carrier;
use super::departure::Departure;
use crate::driver::ride::{Driven, Ride};
use crate::end::end_of_stream;
use crate::establish::{Begin, Established, connect_within, establish};
use crate::shared::transports::MoveProgress;
use crate::{ConnectionEnd, Event, Exchange, MigrationFailure};

/// Why a transport is not driven on.
enum Leg {
    Ended(ConnectionEnd),
    /// The one to which the sessions are to move is there.
    Made(Endpoint, Box<Established>),
    /// The sessions are not taken here.
    Refused(SessionErrorCode),
}

type Making = Pin<Box<dyn Future<Output = Result<Box<Established>, ConnectionEnd>> + Send>>;

impl Carrier {
    /// Drives a transport, and every one that replaces it, until one ends with nothing to go back to.
    pub(super) async fn drive_and_move(
        &mut self,
        established: Box<Established>,
        events: VecDeque<Event>,
    ) -> Driven {
        let mut ride = self.board(established, events);
        loop {
            let (end, failure) = match self.ride(&mut ride).await {
                Leg::Made(to, established) => {
                    ride = self.depart(ride, to, established);
                    continue;
                }
                Leg::Ended(end) => (end.clone(), MigrationFailure::Lost(end)),
                Leg::Refused(code) => (end_of_stream(), MigrationFailure::Refused(code)),
            };
            let mut driven = ride.end(end);
            let Some(departure) = self.moving.take() else {
                // One that was announced, or whose transport was being made.
                driven.events.extend(self.shared.fail_migration(failure));
                return driven;
            };
            if !self
                .shared
                .turn_back(&driven.end, failure, &mut driven.events)
            {
                return driven;
            }
            match self.go_back(*departure).await {
                Ok(established) => ride = self.board(established, driven.events),
                Err(end) => return Driven::without_transport(end, driven.events),
            }
        }
    }

    /// The sessions go over a new transport from here on.
    fn board(&mut self, established: Box<Established>, mut events: VecDeque<Event>) -> Ride {
        let Established {
            link,
            machine,
            fell_back,
        } = *established;
        self.peer.clone_from(&link.peer);
        events.push_back(Event::Connected {
            peer: link.peer.clone(),
        });
        let fell_back_at = fell_back.then(|| self.endpoint.to_string());
        let transport = self.endpoint.transport_id();
        self.shared
            .transport_is_up(machine, transport, fell_back_at, &mut events);
        Ride::begin(
            Arc::clone(&self.shared),
            link,
            Arc::clone(&self.sink),
            events,
        )
    }

    /// Takes the sessions off a transport, which stays as it is, and asks for them on another one.
    fn depart(&mut self, mut from: Ride, to: Endpoint, established: Box<Established>) -> Ride {
        let mut events = from.take_events();
        self.shared.leave_transport(&mut events);
        self.moving = Some(Box::new(Departure {
            endpoint: std::mem::replace(&mut self.endpoint, to),
            ride: from,
        }));
        self.board(established, events)
    }

    /// Connects to where the sessions came from, which still has them.
    fn go_back(
        &mut self,
        departure: Departure,
    ) -> impl Future<Output = Result<Box<Established>, ConnectionEnd>> + Send {
        self.endpoint = departure.endpoint;
        self.old.end(departure.ride);
        Box::pin(establish(&self.shared, &self.endpoint, Begin::WithHello))
    }

    /// Drives a transport until it ends or another one is to replace it.
    async fn ride(&mut self, ride: &mut Ride) -> Leg {
        let mut making: Option<(Endpoint, Making)> = None;
        poll_fn(|cx| {
            self.old.poll(cx);
            if let Poll::Ready(end) = ride.poll(cx) {
                return Poll::Ready(Leg::Ended(end));
            }
            if !self.shared.is_migrating() {
                return Poll::Pending;
            }
            if self.moving.is_some() {
                return self.poll_arrival(ride, cx);
            }
            if making.is_none() {
                making = self.shared.take_destination().map(|to| self.make(to));
            }
            let Some((_, making_it)) = &mut making else {
                return Poll::Pending;
            };
            let Poll::Ready(made) = making_it.as_mut().poll(cx) else {
                return Poll::Pending;
            };
            match (made, making.take()) {
                (Ok(established), Some((to, _))) => {
                    return Poll::Ready(Leg::Made(to, established));
                }
                (Err(end), _) => {
                    let failed = self
                        .shared
                        .fail_migration(MigrationFailure::NoTransport(end));
                    for event in failed {
                        ride.tell(event, cx);
                    }
                }
                (Ok(_), None) => {}
            }
            Poll::Pending
        })
        .await
    }

    /// Begins to make the transport to which the sessions are to move.
    fn make(&self, to: Endpoint) -> (Endpoint, Making) {
        let (shared, endpoint) = (Arc::clone(&self.shared), to.clone());
        let making = async move { connect_within(&shared, &endpoint, Exchange::Hello).await };
        (to, Box::pin(making))
    }

    fn poll_arrival(&mut self, ride: &mut Ride, cx: &mut Context<'_>) -> Poll<Leg> {
        match self.shared.move_progress() {
            MoveProgress::UnderWay => Poll::Pending,
            MoveProgress::Refused(code) => Poll::Ready(Leg::Refused(code)),
            MoveProgress::Arrived => {
                if let Some(departure) = self.moving.take() {
                    self.old.end(departure.ride);
                }
                let endpoint = self.endpoint.to_string();
                ride.tell(Event::Migrated { endpoint }, cx);
                Poll::Pending
            }
        }
    }
}
