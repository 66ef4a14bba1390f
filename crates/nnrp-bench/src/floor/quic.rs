//! The floor of QUIC: quinn as it comes, one bidirectional stream.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use quinn::{ClientConfig, Connection, Endpoint, RecvStream, SendStream, ServerConfig};
use rustls::RootCertStore;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio::sync::Semaphore;

use super::{Assembly, BATCH, Load};
use crate::outcome::Outcome;

/// What can go wrong here is told as it comes.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Binds a server with this certificate and key, both DER.
pub fn bind(address: SocketAddr, certificate: Vec<u8>, key: Vec<u8>) -> Result<Endpoint, Failure> {
    let key = PrivateKeyDer::try_from(key)?;
    let config = ServerConfig::with_single_cert(vec![certificate.into()], key)?;
    Ok(Endpoint::server(config, address)?)
}

/// Answers messages of this length on every connection, for as long as the endpoint lives.
pub async fn serve(endpoint: Endpoint, message: usize) {
    while let Some(incoming) = endpoint.accept().await {
        tokio::spawn(async move { echo(incoming.await?, message).await });
    }
}

async fn echo(connection: Connection, message: usize) -> Result<(), Failure> {
    let (mut send, mut receive) = connection.accept_bi().await?;
    let mut assembly = Assembly::of(message);
    while let Some(bytes) = receive.read(assembly.room()).await? {
        assembly.add(bytes);
        send.write_all(assembly.complete()).await?;
        assembly.shift();
    }
    Ok(())
}

/// Exchanges messages with a server that shows a certificate of this root, DER.
pub async fn call(address: SocketAddr, root: Vec<u8>, load: Load) -> Result<Outcome, Failure> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(root))?;
    let mut endpoint = Endpoint::client(SocketAddr::from(([127, 0, 0, 1], 0)))?;
    endpoint.set_default_client_config(ClientConfig::with_root_certificates(Arc::new(roots))?);
    let connection = endpoint.connect(address, "localhost")?.await?;
    let (send, receive) = connection.open_bi().await?;
    if load.in_flight == 1 {
        call_one_by_one(send, receive, load).await
    } else {
        call_in_window(send, receive, load).await
    }
}

async fn call_one_by_one(
    mut send: SendStream,
    mut receive: RecvStream,
    load: Load,
) -> Result<Outcome, Failure> {
    let (request, mut response) = (vec![7; load.message], vec![0; load.message]);
    let mut latencies = Vec::with_capacity(usize::try_from(load.count)?);
    let started = Instant::now();
    let mut before = started;
    for _ in 0..load.count {
        send.write_all(&request).await?;
        receive.read_exact(&mut response).await?;
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

async fn call_in_window(
    mut send: SendStream,
    mut receive: RecvStream,
    load: Load,
) -> Result<Outcome, Failure> {
    let window = Semaphore::new(usize::try_from(load.in_flight)?);
    let started = Instant::now();
    let writing = async {
        let most = u32::try_from((BATCH / load.message).max(1))?;
        let batch = vec![7; load.message * most as usize];
        let mut left = load.count;
        while left > 0 {
            window.acquire().await?.forget();
            let more = window.available_permits().min(most as usize - 1);
            let more = u32::try_from(more)?.min(u32::try_from(left - 1).unwrap_or(most - 1));
            window.acquire_many(more).await?.forget();
            let messages = more + 1;
            send.write_all(&batch[..load.message * messages as usize])
                .await?;
            left -= u64::from(messages);
        }
        Ok::<_, Failure>(())
    };
    let reading = async {
        let mut assembly = Assembly::of(load.message);
        let mut left = load.count;
        while left > 0 {
            let bytes = receive.read(assembly.room()).await?;
            assembly.add(bytes.ok_or("the server ended the stream")?);
            let messages = assembly.complete().len() / load.message;
            assembly.shift();
            window.add_permits(messages);
            left -= messages as u64;
        }
        Ok::<_, Failure>(())
    };
    tokio::try_join!(writing, reading)?;
    Ok(Outcome {
        count: load.count,
        elapsed: started.elapsed(),
        latencies: Vec::new(),
    })
}
