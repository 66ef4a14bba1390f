//! A way of datagrams between one peer and the server, on which they can be damaged or lost.

use std::net::{SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

/// What happens to datagrams on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// They arrive.
    Arrive = 0,
    /// One of five arrives with a wrong byte.
    Suffer = 1,
    /// None arrives any more, in either direction.
    Vanish = 2,
}

/// Lives as long as the process.
pub(crate) struct Way {
    /// Where the peer finds the server.
    pub(crate) address: SocketAddr,
    fate: Arc<AtomicU8>,
}

impl Way {
    pub(crate) fn to(server: SocketAddr) -> Self {
        let near = UdpSocket::bind("127.0.0.1:0").expect("bind");
        let far = UdpSocket::bind("127.0.0.1:0").expect("bind");
        far.connect(server).expect("connect");
        let address = near.local_addr().expect("an address");
        let fate = Arc::new(AtomicU8::new(Fate::Arrive as u8));
        let peer = Arc::new(Mutex::new(None));
        let (near, far) = (Arc::new(near), Arc::new(far));
        {
            let (near, far) = (Arc::clone(&near), Arc::clone(&far));
            let (fate, peer) = (Arc::clone(&fate), Arc::clone(&peer));
            carry(
                move |buffer| {
                    let (length, from) = near.recv_from(buffer).ok()?;
                    *peer.lock().expect("no panic here") = Some(from);
                    Some(length)
                },
                fate,
                move |datagram| drop(far.send(datagram)),
            );
        }
        let back = Arc::clone(&fate);
        carry(
            move |buffer| far.recv(buffer).ok(),
            back,
            move |datagram| {
                let to = *peer.lock().expect("no panic here");
                if let Some(to) = to {
                    let _ = near.send_to(datagram, to);
                }
            },
        );
        Self { address, fate }
    }

    pub(crate) fn decide(&self, fate: Fate) {
        self.fate.store(fate as u8, Ordering::Relaxed);
    }
}

/// Carries one direction on a thread. An error of a socket is no end: the other side may not be there yet.
fn carry(
    receive: impl Fn(&mut [u8]) -> Option<usize> + Send + 'static,
    fate: Arc<AtomicU8>,
    send: impl Fn(&[u8]) + Send + 'static,
) {
    thread::spawn(move || {
        let mut buffer = vec![0; 65_536];
        for number in 0_usize.. {
            let Some(length) = receive(&mut buffer) else {
                thread::yield_now();
                continue;
            };
            let datagram = &mut buffer[..length];
            let fate = fate.load(Ordering::Relaxed);
            if fate == Fate::Suffer as u8 && number % 5 == 4 {
                datagram[length / 2] ^= 0x20;
            }
            if fate != Fate::Vanish as u8 {
                send(datagram);
            }
        }
    });
}
