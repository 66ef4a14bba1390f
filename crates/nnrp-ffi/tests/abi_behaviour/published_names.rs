//! No exported name means something else than in the published library: who loads by name would call into the wrong function.

/// The functions of the published C ABI 1.1.
pub(crate) const PUBLISHED: [&str; 34] = [
    "nnrp_client_await_event",
    "nnrp_client_await_events",
    "nnrp_client_cancel",
    "nnrp_client_close",
    "nnrp_client_close_connection",
    "nnrp_client_connect",
    "nnrp_client_open_session",
    "nnrp_client_submit",
    "nnrp_connection_bootstrap",
    "nnrp_connection_close",
    "nnrp_control",
    "nnrp_current_protocol_version",
    "nnrp_dispatch_event",
    "nnrp_migration_recovery_validate",
    "nnrp_migration_should_replay_frame",
    "nnrp_poll_empty",
    "nnrp_runtime_capabilities",
    "nnrp_schema_descriptor_parse",
    "nnrp_schema_descriptor_write",
    "nnrp_server_accept",
    "nnrp_server_bind",
    "nnrp_server_close",
    "nnrp_server_receive_submit",
    "nnrp_server_send_flow_update",
    "nnrp_server_send_result",
    "nnrp_session_close",
    "nnrp_session_open",
    "nnrp_session_recovery_ack_validate",
    "nnrp_session_recovery_request_validate",
    "nnrp_submit",
    "nnrp_token_delta_schema_descriptor",
    "nnrp_typed_payload_descriptor_parse",
    "nnrp_typed_payload_descriptor_write",
    "nnrp_typed_payload_validate_binding",
];

#[test]
fn no_exported_function_has_the_name_of_a_published_one() {
    let exports = include_str!("../../exports/nnrp.def");
    let exported: Vec<&str> = exports.lines().map(str::trim).collect();
    assert!(exported.contains(&"nnrp_connect"));
    let reused: Vec<&&str> = PUBLISHED
        .iter()
        .filter(|name| exported.contains(name))
        .collect();
    assert!(reused.is_empty(), "{reused:?} have other parameters here");
}
