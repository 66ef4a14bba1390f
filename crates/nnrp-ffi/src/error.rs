//! The text that tells a person what is wrong, where, and what to do.

use crate::call::run_pure;
use crate::end::{DETAIL_CLIENTS_ONLY, DETAIL_ERROR_KIND};
use crate::layout::NnrpError;
use crate::pointer::{Output, memory};
use crate::status::*;
use crate::text::write_text;
use crate::{option_keys, session_error};
use nnrp_core::Rule;
use nnrp_core::schema::SchemaFailure;
use std::ffi::c_char;
use std::fmt::Write as _;

/// Writes what is wrong, where, and what to do as UTF-8 without terminating zero. `out_size` receives the size of the whole
/// text, also if it does not fit.
///
/// # Safety
/// `failure` is NULL or valid for reads, `text` NULL or valid for `capacity` writes, `out_size` NULL or valid for one write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nnrp_error_message(
    failure: *const NnrpError,
    text: *mut c_char,
    capacity: usize,
    out_size: *mut usize,
) -> NnrpStatus {
    run_pure(|| {
        // SAFETY: the pointers are as this function's caller promised.
        let (failure, text, out) = unsafe {
            Output::new(failure.cast_mut(), 1)?;
            (
                *failure,
                memory(text.cast::<u8>(), capacity, 2)?,
                Output::new(out_size, 4)?,
            )
        };
        write_text(&message(&failure), text, &out)
    })
}

/// One sentence: what, where, and after the semicolon what to do.
fn message(error: &NnrpError) -> String {
    let mut text = what(error);
    text.push_str(&place(error));
    if let Some(remedy) = remedy(error) {
        text.push_str("; ");
        text.push_str(remedy);
    }
    text
}

fn what(error: &NnrpError) -> String {
    let detail = error.detail;
    match error.status {
        NNRP_STATUS_OK => "no error".into(),
        NNRP_STATUS_WOULD_BLOCK => "a bounded queue is full".into(),
        NNRP_STATUS_TIMEOUT => "the time given to the call passed".into(),
        NNRP_STATUS_INVALID_ARGUMENT => format!("parameter {detail} has a value outside its range"),
        NNRP_STATUS_NULL_POINTER => format!("parameter {detail} is NULL"),
        NNRP_STATUS_INVALID_HANDLE => "the handle is stale, closed or of another kind".into(),
        NNRP_STATUS_INVALID_URI => format!("the endpoint is invalid at byte {detail}"),
        NNRP_STATUS_INVALID_OPTION => option_keys::describe(detail),
        NNRP_STATUS_BUFFER_TOO_SMALL => format!("{detail} bytes are needed"),
        NNRP_STATUS_UNSUPPORTED if detail == DETAIL_CLIENTS_ONLY => {
            "nnrps is an endpoint for clients; a server has no choice to make".into()
        }
        NNRP_STATUS_UNSUPPORTED => "this build or this kind of handle cannot do that".into(),
        NNRP_STATUS_WRONG_STATE => "the object is in no state for this call".into(),
        NNRP_STATUS_LIMIT_EXCEEDED => format!("the limit of {detail} is exceeded"),
        NNRP_STATUS_FORKED => "this process was forked from the one that uses the library".into(),
        NNRP_STATUS_CONNECT_FAILED => format!("no connection: {}", system_reason(detail)),
        NNRP_STATUS_LISTEN_FAILED => {
            format!("the address cannot be bound: {}", system_reason(detail))
        }
        NNRP_STATUS_TRANSPORT_LOST => lost(detail),
        NNRP_STATUS_PEER_TIMEOUT => "the peer did not answer in time".into(),
        NNRP_STATUS_NO_TRANSPORT => "no transport provider can be selected".into(),
        NNRP_STATUS_SCHEMA_REJECTED => schema_reason(error.protocol_code),
        NNRP_STATUS_PROTOCOL_ERROR => format!("{} is broken", rule(detail)),
        NNRP_STATUS_SESSION_REJECTED => {
            format!(
                "the server refused the session: {}",
                session_error::describe(error.protocol_code)
            )
        }
        NNRP_STATUS_CLOSED => "closed in order".into(),
        NNRP_STATUS_INTERNAL => "a defect of this library".into(),
        NNRP_STATUS_OUT_OF_RESOURCES => "no thread, memory or handle slot could be had".into(),
        unknown => format!("status {unknown} is unknown to this version"),
    }
}

/// Where it happened, as far as the diagnosis says.
fn place(error: &NnrpError) -> String {
    let mut text = String::new();
    let mut add = |name: &str, value: String| {
        let lead = if text.is_empty() { " (" } else { ", " };
        // Writing to a String cannot fail.
        let _ = write!(text, "{lead}{name} {value}");
    };
    if error.connection != 0 {
        add("connection", format!("{:#x}", error.connection));
    }
    if error.session_id != 0 {
        add("session", error.session_id.to_string());
    } else if error.session != 0 {
        add("session handle", format!("{:#x}", error.session));
    }
    if error.frame_id != 0 {
        add("frame", error.frame_id.to_string());
    }
    if !text.is_empty() {
        text.push(')');
    }
    text
}

fn remedy(error: &NnrpError) -> Option<&'static str> {
    Some(match error.status {
        NNRP_STATUS_WOULD_BLOCK => "go on after NNRP_EVENT_WRITABLE",
        NNRP_STATUS_TIMEOUT => "call again, or give it longer",
        NNRP_STATUS_INVALID_ARGUMENT | NNRP_STATUS_NULL_POINTER => {
            "parameters count from 1; see the function in the header"
        }
        NNRP_STATUS_INVALID_HANDLE => {
            "use a handle until its *_CLOSED event is drained or it is released"
        }
        NNRP_STATUS_INVALID_URI => {
            "write nnrp+tcp, nnrp+tls, nnrp+quic or nnrps://host:port (IPv6 in brackets), or nnrp+mem://name"
        }
        NNRP_STATUS_BUFFER_TOO_SMALL => "call again with that much memory",
        NNRP_STATUS_UNSUPPORTED if error.detail == DETAIL_CLIENTS_ONLY => {
            "listen at nnrp+quic and, beside it, at nnrp+tls with the same port"
        }
        NNRP_STATUS_UNSUPPORTED => "see nnrp_build_info for what this build holds",
        NNRP_STATUS_WRONG_STATE => {
            "wait for the event that opens it, and send nothing once it closes"
        }
        NNRP_STATUS_LIMIT_EXCEEDED => {
            "send less, or raise the limit by an option on the side that set it"
        }
        NNRP_STATUS_FORKED => "use the library in one of them, or exec in the child first",
        NNRP_STATUS_CONNECT_FAILED => "check host, port and that the server listens",
        NNRP_STATUS_LISTEN_FAILED => "choose another address or port; port 0 takes a free one",
        NNRP_STATUS_TRANSPORT_LOST => "connect again; unanswered frames are lost",
        NNRP_STATUS_PEER_TIMEOUT => "check the peer, or raise the timeout by an option",
        NNRP_STATUS_NO_TRANSPORT => "the list of candidates says why each was rejected",
        NNRP_STATUS_SCHEMA_REJECTED => "install the schema first, or raise its version",
        NNRP_STATUS_PROTOCOL_ERROR => "the peer, or whoever wrote the bytes, has to be corrected",
        NNRP_STATUS_SESSION_REJECTED => "change what the session asks for by its options",
        NNRP_STATUS_CLOSED => "open another one",
        NNRP_STATUS_INTERNAL => "please report it with nnrp_build_info",
        NNRP_STATUS_OUT_OF_RESOURCES => "close and release what is not needed",
        _ => return None,
    })
}

/// The operating system's own text for its error number.
fn system_reason(number: u32) -> String {
    match i32::try_from(number) {
        Ok(0) | Err(_) => "the name is not known or the time is over".into(),
        Ok(number) => std::io::Error::from_raw_os_error(number).to_string(),
    }
}

/// The failure behind a schema code.
fn schema_reason(code: u32) -> String {
    let failures = [
        SchemaFailure::Unknown,
        SchemaFailure::VersionUnknown,
        SchemaFailure::HashConflict,
        SchemaFailure::Incompatible,
        SchemaFailure::UpdateRejected,
    ];
    let failure = failures.iter().find(|failure| failure.code().0 == code);
    failure.map_or_else(|| format!("schema code {code:#010x}"), ToString::to_string)
}

fn lost(number: u32) -> String {
    let headline = "the peer or the network ended the connection";
    match i32::try_from(number) {
        Ok(0) | Err(_) => headline.into(),
        Ok(number) => format!("{headline}: {}", std::io::Error::from_raw_os_error(number)),
    }
}

fn rule(number: u32) -> String {
    if let Some(kind) = number.checked_sub(DETAIL_ERROR_KIND) {
        return format!("the protocol (error {kind})");
    }
    Rule::ALL
        .iter()
        .find(|rule| u32::from(rule.code()) == number)
        .map_or_else(
            || "the protocol".into(),
            |rule| format!("the rule {}", rule.as_str()),
        )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Failure;

    fn text_of(error: &NnrpError) -> String {
        let (mut text, mut size) = ([0_u8; 512], 0);
        // SAFETY: all pointers are to live locals of the stated size.
        let status =
            unsafe { nnrp_error_message(error, text.as_mut_ptr().cast(), 512, &raw mut size) };
        assert_eq!(status, NNRP_STATUS_OK);
        String::from_utf8(text[..size].to_vec()).expect("messages are UTF-8")
    }

    #[test]
    fn a_message_says_what_where_and_what_to_do() {
        let failure = Failure {
            connection: 0x30,
            session_id: 9,
            frame_id: 7,
            ..Failure::new(NNRP_STATUS_TRANSPORT_LOST)
        };
        let text = text_of(&failure.diagnosis());
        assert_eq!(
            text,
            "the peer or the network ended the connection (connection 0x30, session 9, frame 7); \
             connect again; unanswered frames are lost"
        );
    }

    #[test]
    fn details_become_words() {
        let text = |status, detail| {
            text_of(
                &Failure {
                    detail,
                    ..Failure::new(status)
                }
                .diagnosis(),
            )
        };
        assert!(text(NNRP_STATUS_INVALID_URI, 20).contains("host:port"));
        assert!(text(NNRP_STATUS_INVALID_OPTION, 1).contains("option 1 takes 1 to 3600000"));
        assert!(text(NNRP_STATUS_INVALID_OPTION, 99).contains("option 99 does not exist"));
        assert!(text(NNRP_STATUS_PROTOCOL_ERROR, 23).contains("result_drop.header_shape"));
        assert!(text(NNRP_STATUS_PROTOCOL_ERROR, 65_536 + 64).contains("error 64"));
        let refused = std::io::Error::from_raw_os_error(111).to_string();
        assert!(text(NNRP_STATUS_CONNECT_FAILED, 111).contains(&refused));
        assert!(text(4_000_000_000, 0).contains("4000000000"));
        let conflict = Failure {
            protocol_code: 0x0004_0003,
            ..Failure::new(NNRP_STATUS_SCHEMA_REJECTED)
        };
        assert!(text_of(&conflict.diagnosis()).contains("another content"));
        assert!(text(NNRP_STATUS_NO_TRANSPORT, 0).contains("provider"));
        assert!(text(NNRP_STATUS_UNSUPPORTED, 0).contains("nnrp_build_info"));
        assert!(text(NNRP_STATUS_UNSUPPORTED, 1).contains("listen at nnrp+quic"));
    }

    #[test]
    fn memory_that_is_too_small_is_told_the_size_and_left_alone() {
        let error = Failure::handle().diagnosis();
        let (mut text, mut size) = ([7_u8; 4], 0);
        // SAFETY: all pointers are to live locals of the stated size.
        let status = unsafe {
            nnrp_error_message(&raw const error, text.as_mut_ptr().cast(), 4, &raw mut size)
        };
        assert_eq!(status, NNRP_STATUS_BUFFER_TOO_SMALL);
        assert_eq!(size, text_of(&error).len());
        assert_eq!(text, [7; 4]);
    }
}
