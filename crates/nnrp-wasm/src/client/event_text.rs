//! What an event says beyond numbers and bytes, as JSON.

use nnrp_core::connection::{EndCause, SchemaAnswer};
use nnrp_core::extension::HelloAckExtensions;
use nnrp_core::message::FixedFields;
use serde_json::{Map, Value, json};

use crate::failure::Failure;

pub(super) fn cause_text(cause: EndCause) -> String {
    let value = match cause {
        EndCause::Closed(status) => json!({ "reason": "closed", "closeStatus": status.to_wire() }),
        EndCause::ClosedByPeer => json!({ "reason": "closedByPeer" }),
        EndCause::TransportLost => json!({ "reason": "transportLost" }),
        EndCause::ClosedLocally => json!({ "reason": "closedLocally" }),
        EndCause::TakenOver => json!({ "reason": "takenOver" }),
        EndCause::Failed(error) => json!({ "reason": "failed", "error": Failure::from(error) }),
    };
    value.to_string()
}

pub(super) fn hello_text(extensions: &HelloAckExtensions, schemas: &[SchemaAnswer]) -> String {
    let schemas: Vec<Value> = schemas
        .iter()
        .map(|answer| json!({ "descriptor": fields(&answer.descriptor), "refusal": answer.refusal.map(|code| code.0) }))
        .collect();
    json!({
        "extensions": {
            "transport_policy": extensions.transport_policy.as_ref().map(fields),
            "loss_tolerance": extensions.loss_tolerance.as_ref().map(fields),
            "payload_capabilities": extensions.payload_capabilities.as_ref().map(fields),
        },
        "schemas": schemas,
    })
    .to_string()
}

/// The fields of a structure; 64-bit ones as decimal text.
fn fields<T: FixedFields>(structure: &T) -> Value {
    let mut members = Map::new();
    structure.for_each_field(&mut |field| {
        let value = if field.width == size_of::<u64>() {
            field.value.to_string().into()
        } else {
            field.value.into()
        };
        members.insert(field.name.into(), value);
    });
    Value::Object(members)
}
