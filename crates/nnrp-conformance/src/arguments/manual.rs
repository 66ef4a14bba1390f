//! The manual of `nnrp-echo`.

use super::limits::{CONNECTION, LISTENER, manual_of};

/// The manual.
#[must_use]
pub fn manual() -> String {
    MANUAL
        .replace("{connection}", &manual_of(CONNECTION))
        .replace("{listener}", &manual_of(LISTENER))
}

const MANUAL: &str = "\
nnrp-echo: the peer that every NNRP smoke test talks to

usage: nnrp-echo serve --listen <uri> [--listen <uri>]... [options]
       nnrp-echo call <uri> [options]
       nnrp-echo --help | --version

An <uri> is nnrp+tcp://host:port, nnrp+tls://host:port, nnrp+quic://host:port, nnrp+ws://host:port/path or nnrp+wss://host:port/path, with an
IPv6 address in brackets; port 0 binds a free one. The path of a WebSocket may be missing: then a listener answers to every path.

serve: answers every submit with its own body
  --listen <uri>     endpoint to bind; may be given several times
  --no-control       end the connection on SESSION_PATCH and SESSION_MIGRATE, like a server that never expects them
  --no-verbs         treat every latency_budget_ms as a latency budget; otherwise 0xec01 HOLD (until cancelled),
                     0xec02 DROP, 0xec03 FLOW (three updates first), 0xec04 PARTIAL (then complete),
                     0xec05 SWAP (after the next answer)
  --resume-by-id     resume a session for whoever knows its id, as published servers do; otherwise its token is needed
  --no-stdin         do not end when stdin ends
  --log <level>      off, error, warn, info (default) or debug: what goes to stderr; one line a connection, with the reason of its end,
                     as a warning where something went wrong

  TLS, QUIC and WebSocket over TLS:
  --cert <file>      certificate chain, PEM or DER; without it a self-signed certificate is made at start
  --key <file>       its private key, PEM or DER
  --server-name <n>  the name that the self-signed certificate is for (default localhost, which includes 127.0.0.1 and ::1)
  --cert-out <file>  write the certificate that clients are to trust, DER
  --alpn <token>     ALPN token to select where it is offered (default nnrp/1-tcp for TLS, nnrp/1 for QUIC, http/1.1 for WebSocket), or none;
                     peers that offer none are served as well

  Limits of the listener:
{listener}
  Prints one line `listening <uri>` per endpoint, with the real port, each flushed at once. Serves until SIGTERM, SIGINT or the end of
  stdin, then stops accepting, writes what is queued, and exits 0. A stdin that nobody can end (/dev/null, closed) does not count.

call: opens a session, submits, counts the answers, closes
  --count <n>        submits (default 1000; with --duration no limit)
  --size <bytes>     body of each submit (default 64)
  --in-flight <n>    submits without answer at once, 1 to 256 (default 1)
  --duration <s>     seconds to submit for, such as 0.5
  --exchange <how>   auto: say hello, and open at once if the server does not answer that (default); hello; open-first
  --migrate-to <uri> in the middle of the call, move the session to this endpoint of the same server, on TCP or QUIC
  --reconnect        come back when the connection is lost, for up to 2 minutes, and carry the session on: each answer still comes
                     once; for servers that answer the hello
  --log <level>      off, error (default), warn, info or debug: what goes to stderr beside the report
  --json             print one JSON object instead of a sentence: uri, count, size, in_flight, seconds, results, drops,
                     errors, per_second, p50_us, p99_us

  TLS, QUIC and WebSocket over TLS:
  --ca <file>        root certificates to trust, PEM or DER
  --insecure-any-certificate
                     trust any certificate: the connection is encrypted, but nobody knows to whom
  --server-name <n>  the name that the server's certificate must have (default: the host)
  --alpn <token>     ALPN token to offer (default nnrp/1-tcp for TLS, http/1.1 for WebSocket, nnrp/1 for QUIC, the latter only if the server
                     takes it), or none

  count is what was submitted. Every body is compared with what was sent; a difference is an error.

both: limits of a connection
{connection}
exit codes: 0 every submit was answered and nothing went wrong; 1 something did, stderr says what; 2 wrong arguments
";
