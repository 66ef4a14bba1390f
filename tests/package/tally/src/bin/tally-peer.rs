//! The peer of the tally smoke client: takes connections until its standard input ends.

use std::io::Read;
use std::net::TcpListener;

fn main() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("bind a free port");
    let port = listener.local_addr().expect("bound").port();
    println!("listening tally://127.0.0.1:{port}");
    std::thread::spawn(move || listener.incoming().for_each(drop));
    let mut rest = Vec::new();
    let _ended = std::io::stdin().read_to_end(&mut rest);
}
