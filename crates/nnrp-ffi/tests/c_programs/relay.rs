//! A relay between a client and a server that cuts its first connections in mid-stream.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Bytes from the client after which a connection is cut.
const CUT_AFTER: usize = 20_000;

/// Listens, and cuts the first `cuts` connections to `server`; later ones last. It runs as long as the tests.
pub(crate) fn relay(server: SocketAddr, cuts: usize) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    let left = Arc::new(AtomicUsize::new(cuts));
    thread::spawn(move || {
        for client in listener.incoming().map_while(Result::ok) {
            let Ok(server) = TcpStream::connect(server) else {
                return;
            };
            carry_both_ways(&client, &server, &left);
        }
    });
    address
}

fn carry_both_ways(client: &TcpStream, server: &TcpStream, left: &Arc<AtomicUsize>) {
    let ends = || {
        let clone = |stream: &TcpStream| stream.try_clone().expect("a descriptor");
        (clone(client), clone(server))
    };
    let (client, server) = ends();
    let back = ends();
    let left = Arc::clone(left);
    thread::spawn(move || carry(back.1, back.0, usize::MAX));
    thread::spawn(move || {
        let take_one = |left: usize| left.checked_sub(1);
        let cut = left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, take_one)
            .is_ok();
        carry(client, server, if cut { CUT_AFTER } else { usize::MAX });
    });
}

/// Carries up to so many bytes, then ends both streams.
fn carry(mut from: TcpStream, mut to: TcpStream, most: usize) {
    let mut buffer = [0; 4096];
    let mut carried = 0;
    while carried < most {
        match from.read(&mut buffer) {
            Ok(size @ 1..) if to.write_all(&buffer[..size]).is_ok() => carried += size,
            _ => break,
        }
    }
    for stream in [from, to] {
        // It may have ended by itself.
        let _ = stream.shutdown(Shutdown::Both);
    }
}
