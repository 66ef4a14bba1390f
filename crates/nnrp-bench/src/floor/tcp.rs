//! The floor of TCP: raw sockets.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Instant;

use tokio::io::Interest;

use super::{Assembly, BATCH, Load};
use crate::outcome::Outcome;

/// Bytes a coalescing writer hands over at once; more is slower in one direction (measured).
const STREAM_BATCH: usize = 16 * 1024;

/// Answers messages of this length on every connection, until the process ends.
pub fn serve(listener: &TcpListener, message: usize) -> io::Result<()> {
    for stream in listener.incoming() {
        let stream = stream?;
        thread::spawn(move || echo(stream, message));
    }
    Ok(())
}

fn echo(mut stream: TcpStream, message: usize) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut assembly = Assembly::of(message);
    loop {
        match stream.read(assembly.room())? {
            0 => return Ok(()),
            bytes => assembly.add(bytes),
        }
        stream.write_all(assembly.complete())?;
        assembly.shift();
    }
}

/// Exchanges messages; one at a time blocks, several do not.
pub fn call(address: &str, load: Load) -> io::Result<Outcome> {
    let stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    if load.in_flight == 1 {
        return call_one_by_one(stream, load);
    }
    stream.set_nonblocking(true)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()?;
    runtime.block_on(async { call_in_window(tokio::net::TcpStream::from_std(stream)?, load).await })
}

fn call_one_by_one(mut stream: TcpStream, load: Load) -> io::Result<Outcome> {
    let (request, mut response) = (vec![7; load.message], vec![0; load.message]);
    let mut latencies = Vec::with_capacity(usize::try_from(load.count).unwrap_or_default());
    let started = Instant::now();
    let mut before = started;
    for _ in 0..load.count {
        stream.write_all(&request)?;
        stream.read_exact(&mut response)?;
        let now = Instant::now();
        latencies.push(now - before);
        before = now;
    }
    Ok(Outcome {
        count: load.count,
        elapsed: started.elapsed(),
        latencies,
    })
}

async fn call_in_window(stream: tokio::net::TcpStream, load: Load) -> io::Result<Outcome> {
    let (batch, mut target) = (vec![7; BATCH], vec![0; BATCH]);
    let (mut sent, mut received) = (0, 0);
    let started = Instant::now();
    while received < load.total() {
        let may_send = load.may_send(received);
        let wanted = if sent < may_send {
            Interest::READABLE | Interest::WRITABLE
        } else {
            Interest::READABLE
        };
        let ready = stream.ready(wanted).await?;
        if ready.is_readable() {
            received += moved(stream.try_read(&mut target))?;
        }
        let open = load.may_send(received) - sent;
        if ready.is_writable() && open > 0 {
            let step = usize::try_from(open).unwrap_or(BATCH).min(BATCH);
            sent += moved(stream.try_write(&batch[..step]))?;
        }
    }
    Ok(Outcome {
        count: load.count,
        elapsed: started.elapsed(),
        latencies: Vec::new(),
    })
}

/// Bytes moved; readiness may be out of date, which moves none.
fn moved(outcome: io::Result<usize>) -> io::Result<u64> {
    match outcome {
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(0),
        Ok(0) => Err(io::ErrorKind::UnexpectedEof.into()),
        other => Ok(other? as u64),
    }
}

/// Messages in one direction, copied into batches: what no echo can reach.
pub fn one_way(load: Load) -> io::Result<Outcome> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let mut sender = TcpStream::connect(listener.local_addr()?)?;
    let mut receiver = listener.accept()?.0;
    sender.set_nodelay(true)?;
    let total = load.total();
    let reader = thread::spawn(move || -> io::Result<()> {
        let mut target = vec![0; BATCH];
        let mut left = total;
        while left > 0 {
            left -= receiver.read(&mut target)? as u64;
        }
        Ok(())
    });
    let message = vec![7; load.message];
    let mut batch = Vec::with_capacity(STREAM_BATCH + load.message);
    let started = Instant::now();
    for _ in 0..load.count {
        batch.extend_from_slice(&message);
        if batch.len() >= STREAM_BATCH {
            sender.write_all(&batch)?;
            batch.clear();
        }
    }
    sender.write_all(&batch)?;
    reader
        .join()
        .map_err(|_| io::Error::other("the reader panicked"))??;
    Ok(Outcome {
        count: load.count,
        elapsed: started.elapsed(),
        latencies: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_message_comes_back_one_by_one_and_in_a_window() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address").to_string();
        thread::spawn(move || serve(&listener, 1000));
        for in_flight in [1, 16] {
            let load = Load {
                count: 200,
                message: 1000,
                in_flight,
            };
            assert_eq!(call(&address, load).expect("an echo").count, 200);
        }
    }
}
