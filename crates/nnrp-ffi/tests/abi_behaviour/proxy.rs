//! A network that can be cut: passes bytes between a client and a TCP listener until it is told to stop.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// Passes each connection on to one listener.
pub(crate) struct Proxy {
    pub(crate) uri: String,
    streams: Arc<Mutex<Vec<TcpStream>>>,
}

impl Proxy {
    /// In front of this `nnrp+tcp://` endpoint.
    pub(crate) fn before(uri: &str) -> Self {
        let target = uri.trim_start_matches("nnrp+tcp://").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let streams = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&streams);
        thread::spawn(move || {
            for client in listener.incoming() {
                let Ok(client) = client else { return };
                let server = TcpStream::connect(&target).expect("the listener is there");
                let mut kept = kept.lock().expect("no panic");
                for (from, to) in [(&client, &server), (&server, &client)] {
                    let from = from.try_clone().expect("a descriptor");
                    let to = to.try_clone().expect("a descriptor");
                    kept.push(from.try_clone().expect("a descriptor"));
                    thread::spawn(move || pass(from, to));
                }
            }
        });
        Self {
            uri: format!("nnrp+tcp://{address}"),
            streams,
        }
    }

    /// Cuts every connection that there is; further ones pass.
    pub(crate) fn cut(&self) {
        for stream in self.streams.lock().expect("no panic").drain(..) {
            // It may have ended by itself.
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

fn pass(mut from: TcpStream, mut to: TcpStream) {
    let mut buffer = [0; 4096];
    while let Ok(size @ 1..) = from.read(&mut buffer) {
        if to.write_all(&buffer[..size]).is_err() {
            break;
        }
    }
    // The other direction may have ended already.
    let _ = to.shutdown(Shutdown::Both);
}
