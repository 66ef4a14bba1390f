//! Two machines whose connection is cut at every packet boundary: each answer arrives exactly once.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use nnrp_core::body::object_reference::ObjectReference;
use nnrp_core::body::prelude::BodyRegions;
use nnrp_core::code::{
    CacheObjectKind, PROFILE_TOKEN, ResultClass, SCHEMA_TOKEN_DELTA, SCHEMA_TOKEN_DELTA_VERSION,
    SessionStatus,
};
use nnrp_core::connection::FrameContext;
use nnrp_core::connection::client::{
    ClientConfig, ClientConnection, ClientEvent, ResumableSession,
};
use nnrp_core::connection::server::{ServerConfig, ServerConnection, ServerEvent};
use nnrp_core::directory::{Decision, DirectoryConfig, OpenRequest, SessionDirectory};
use nnrp_core::flags::{CachePutFlags, SessionFlags};
use nnrp_core::message::cache::CachePut;
use nnrp_core::message::hello::ClientHello;
use nnrp_core::message::result::ResultPush;
use nnrp_core::message::session::SessionOpen;
use nnrp_core::message::submit::FrameSubmit;
use nnrp_core::resume::{RESUME_TOKEN_BYTES, ResumeToken};
use nnrp_core::{Packet, Timestamp};

/// Frames of a run, each answered by a partial and a complete result.
const FRAMES: u32 = 6;
/// Packets of a run without a loss: hello and open, their answers, and three a frame.
const PACKETS: usize = 4 + 3 * FRAMES as usize;
/// More steps than any run needs.
const PATIENCE: usize = 10_000;

/// How a server learns that a connection is gone.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Loss {
    /// At once, as after a reset.
    Noticed,
    /// Not before the client is back on another connection.
    HalfOpen,
}

struct World {
    now: Timestamp,
    directory: SessionDirectory,
    client: ClientConnection,
    server: ServerConnection,
    /// The server's ends of connections that it does not know to be gone.
    half_open: Vec<ServerConnection>,
    to_server: VecDeque<Packet>,
    to_client: VecDeque<Packet>,
    moved: usize,
    session: Option<u32>,
    resumable: Option<Box<ResumableSession>>,
    submitted: u32,
    resumes: usize,
    /// Cached objects that submits have named.
    named: usize,
    /// Answers that arrived, by frame: partial ones and complete ones.
    answers: BTreeMap<u32, (usize, usize)>,
}

impl World {
    fn new() -> Self {
        let now = Timestamp::from_micros(1_000_000);
        let mut world = Self {
            now,
            directory: SessionDirectory::new(DirectoryConfig::default()),
            client: client(now),
            server: server(now),
            half_open: Vec::new(),
            to_server: VecDeque::new(),
            to_client: VecDeque::new(),
            moved: 0,
            session: None,
            resumable: None,
            submitted: 0,
            resumes: 0,
            named: 0,
            answers: BTreeMap::new(),
        };
        world.begin();
        world
    }

    /// Moves packets, one a step, until everything is answered or `cut` of them have moved.
    fn run(&mut self, cut: usize) {
        for _ in 0..PATIENCE {
            self.submit();
            self.to_server
                .extend(std::iter::from_fn(|| self.client.poll_transmit()));
            self.to_client
                .extend(std::iter::from_fn(|| self.server.poll_transmit()));
            if self.moved == cut || self.is_done() {
                return;
            }
            self.deliver_one();
            self.serve();
            self.listen();
        }
        panic!("no end: {:?} of {FRAMES} frames answered", self.answers);
    }

    fn is_done(&self) -> bool {
        let complete = self.answers.values().filter(|(_, complete)| *complete > 0);
        complete.count() >= FRAMES as usize
            && self.to_client.is_empty()
            && self.to_server.is_empty()
    }

    fn deliver_one(&mut self) {
        self.moved += 1;
        if let Some(packet) = self.to_client.pop_front() {
            self.client
                .handle_packet(self.now, packet)
                .expect("a packet of our server");
        } else if let Some(packet) = self.to_server.pop_front() {
            self.server
                .handle_packet(self.now, packet)
                .expect("a packet of our client");
        }
    }

    fn submit(&mut self) {
        let Some(session) = self.session else { return };
        while self.submitted < FRAMES {
            let context = FrameContext::default();
            let metadata = FrameSubmit::default();
            let body = Bytes::from_static(b"prompt");
            let taken = self.client.submit(session, &metadata, context, body);
            if taken.is_err() {
                return;
            }
            self.submitted += 1;
        }
    }

    /// Everything under way is lost; the client comes back on another connection.
    fn cut(&mut self, loss: Loss) {
        self.to_server.clear();
        self.to_client.clear();
        self.moved = 0;
        self.session = None;
        self.client.handle_transport_lost();
        self.listen();
        let mut old = std::mem::replace(&mut self.server, server(self.now));
        match loss {
            Loss::HalfOpen => self.half_open.push(old),
            Loss::Noticed => {
                old.handle_transport_lost();
                hand_over(&mut self.directory, &mut old, self.now);
            }
        }
        self.now = self.now.after(Duration::from_secs(1));
        self.client = client(self.now);
        self.begin();
    }

    /// Carries the session on, or opens one if its ack was lost.
    fn begin(&mut self) {
        if let Some(earlier) = self.resumable.take() {
            self.client
                .resume_session(self.now, earlier)
                .expect("a session of an ended connection");
        } else {
            let open = open();
            self.client
                .open_session(self.now, &open, Bytes::new())
                .expect("a first session");
        }
    }

    fn listen(&mut self) {
        while let Some(event) = self.client.poll_event() {
            match event {
                ClientEvent::SessionOpened {
                    session_id,
                    ack,
                    lost_frames,
                    ..
                } => {
                    assert_eq!(lost_frames, [], "the server knows of every frame");
                    self.session = Some(session_id);
                    self.resumes += usize::from(ack.session_status == SessionStatus::Resumed);
                }
                ClientEvent::Result {
                    frame_id, metadata, ..
                } => {
                    let (partial, complete) = self.answers.entry(frame_id).or_default();
                    if metadata.is_terminal() {
                        *complete += 1;
                    } else {
                        *partial += 1;
                    }
                }
                ClientEvent::SessionEnded { resumable, .. }
                | ClientEvent::OpenFailed { resumable, .. } => self.resumable = resumable,
                ClientEvent::OpenRefused { ack, .. } => panic!("refused: {ack:?}"),
                _ => {}
            }
        }
    }

    fn serve(&mut self) {
        while let Some(event) = self.server.poll_event() {
            match event {
                ServerEvent::OpenRequested {
                    ticket,
                    open,
                    resume_token,
                    ..
                } => match self.decide(&open, &resume_token) {
                    Decision::Admit(admission) => self
                        .server
                        .admit(self.now, ticket, admission)
                        .expect("a free id"),
                    Decision::Resume(admission, continuity) => self
                        .server
                        .admit_resumed(self.now, ticket, admission, continuity)
                        .expect("an id that no session has"),
                    Decision::HeldElsewhere => panic!("the holder has surrendered"),
                },
                ServerEvent::Submitted {
                    session_id,
                    frame_id,
                    objects,
                    ..
                } => {
                    self.named += objects.len();
                    self.answer(session_id, frame_id);
                }
                _ => {}
            }
        }
    }

    fn decide(&mut self, open: &SessionOpen, presented_token: &[u8]) -> Decision {
        let request = OpenRequest {
            open,
            presented_token,
            fresh_token: Some(ResumeToken::from_random([7; RESUME_TOKEN_BYTES])),
        };
        let decision = self.directory.admit(&request, self.now).expect("admitted");
        if decision != Decision::HeldElsewhere {
            return decision;
        }
        let id = open.requested_session_id;
        let ends = self.half_open.iter_mut();
        let surrendered = ends.filter_map(|end| end.surrender_session(id).ok().map(|()| end));
        let holder: Vec<_> = surrendered.collect();
        assert_eq!(holder.len(), 1, "one connection carries the session");
        for end in holder {
            hand_over(&mut self.directory, end, self.now);
        }
        self.directory.admit(&request, self.now).expect("admitted")
    }

    fn answer(&mut self, session_id: u32, frame_id: u32) {
        for result_class in [ResultClass::Partial, ResultClass::Complete] {
            let result = ResultPush {
                result_class,
                ..ResultPush::default()
            };
            let context = FrameContext::default();
            self.server
                .push_result(
                    self.now,
                    session_id,
                    frame_id,
                    context,
                    &result,
                    Bytes::new(),
                )
                .expect("an unanswered frame");
        }
    }
}

/// The directory gets the sessions that an ended connection leaves behind.
fn hand_over(directory: &mut SessionDirectory, end: &mut ServerConnection, now: Timestamp) {
    while let Some(event) = end.poll_event() {
        if let ServerEvent::SessionEnded {
            admission,
            continuity,
            ..
        } = event
        {
            directory.detach(&admission, continuity, now);
        }
    }
}

fn client(now: Timestamp) -> ClientConnection {
    let hello = ClientHello {
        min_version_major: 1,
        max_version_major: 1,
        supported_wire_format_bitmap: 1,
        supported_profile_bitmap: 0b10,
        supported_payload_kind_bitmap: 0x7f,
        cache_object_bitmap: CacheObjectKind::ALL_BITS,
        max_lane_count: 1,
        ..ClientHello::default()
    };
    let config = ClientConfig {
        hello: Some(hello),
        ..ClientConfig::default()
    };
    ClientConnection::new(config, now).expect("a valid hello")
}

fn server(now: Timestamp) -> ServerConnection {
    ServerConnection::new(Arc::new(ServerConfig::default()), now)
}

fn open() -> SessionOpen {
    SessionOpen {
        profile_id: PROFILE_TOKEN,
        schema_id: SCHEMA_TOKEN_DELTA,
        schema_version: SCHEMA_TOKEN_DELTA_VERSION,
        max_in_flight_operations: 4,
        session_flags: SessionFlags::ALLOW_RESUME | SessionFlags::ALLOW_CACHE_LEASES,
        ..SessionOpen::default()
    }
}

fn answered_once_with_cuts(first: usize, second: usize, loss: Loss) -> usize {
    let mut world = World::new();
    for cut in [first, second] {
        world.run(cut);
        world.cut(loss);
    }
    world.run(usize::MAX);
    let once = (1..=FRAMES).map(|frame| (frame, (1, 1))).collect();
    assert_eq!(
        world.answers, once,
        "cut after {first} and {second} packets, {loss:?}"
    );
    world.resumes
}

/// Every place; under miri, where a run takes a thousand times as long, one in seven.
const PLACES_APART: usize = if cfg!(miri) { 7 } else { 1 };
/// Places but the last, where nothing is left to resume, each with each.
const PAIRS: usize = (PACKETS / PLACES_APART).pow(2);

/// Runs with two cuts at every pair of places; gives the number of resumes.
fn answered_once_wherever_cut(loss: Loss) -> usize {
    let places = || (0..=PACKETS).step_by(PLACES_APART);
    let pairs = places().flat_map(|first| places().map(move |second| (first, second)));
    pairs
        .map(|(first, second)| answered_once_with_cuts(first, second, loss))
        .sum()
}

#[test]
fn every_answer_arrives_exactly_once_wherever_the_connection_is_cut() {
    let resumes = answered_once_wherever_cut(Loss::Noticed);
    assert!(resumes > PAIRS, "{resumes} resumes");
}

#[test]
fn a_client_that_is_back_before_the_loss_is_noticed_takes_its_session_over() {
    let resumes = answered_once_wherever_cut(Loss::HalfOpen);
    assert!(resumes > PAIRS, "{resumes} take-overs");
}

#[test]
fn the_cached_objects_of_a_session_with_leases_go_with_it() {
    let put = CachePut {
        object_kind: CacheObjectKind::PromptSegment,
        ttl_ms: 20_000,
        flags: CachePutFlags::REUSABLE,
        ..CachePut::default()
    };
    let mut block = [0; ObjectReference::SIZE];
    ObjectReference::from(put.identity())
        .encode(&mut block)
        .expect("a valid reference");
    let naming = BodyRegions {
        object_references: Bytes::copy_from_slice(&block),
        ..BodyRegions::default()
    };
    for loss in [Loss::Noticed, Loss::HalfOpen] {
        let mut world = World::new();
        world.run(usize::MAX);
        let session = world.session.expect("an open session");
        world
            .client
            .put_object(world.now, session, &put, Bytes::from_static(b"prompt"))
            .expect("room");
        world.run(usize::MAX);
        world.cut(loss);
        world.run(usize::MAX);
        let session = world.session.expect("a resumed session");
        let (metadata, context) = (FrameSubmit::default(), FrameContext::default());
        let body = naming.encode().expect("a short body");
        world
            .client
            .submit(session, &metadata, context, body)
            .expect("room");
        world.run(usize::MAX);
        assert_eq!((world.resumes, world.named), (1, 1), "{loss:?}");
    }
}
