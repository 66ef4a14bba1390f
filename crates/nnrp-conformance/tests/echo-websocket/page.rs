//! The WebSocket that web pages have, in Node, against `nnrp-echo`.

use std::process::Command;

use crate::support::*;

#[test]
fn what_a_page_has_opens_a_session_and_is_echoed() {
    let echo = Echo::start(&[]);
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/echo-websocket/page.mjs");
    let output = Command::new("node")
        // On by default from Node 22 on.
        .args(["--experimental-websocket", script])
        .arg(echo.uri().replace("nnrp+ws", "ws"))
        .output()
        .expect("node runs: it is what the tests of the tools need, too");
    let (said, complaint) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(output.status.success(), "{said}{complaint}");
    assert_eq!(
        said,
        "echoed 0, 5 and 300000 bytes; closed with 1000, clean\n"
    );
}
