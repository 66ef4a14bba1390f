//! What a person reads of an error: each status has a name, a sentence of its own, and a remedy.

#![allow(unsafe_code)] // The exported functions take raw pointers.

use nnrp::*;
use std::collections::BTreeSet;
use std::ffi::CStr;

/// Every status with which a call can fail.
const FAILURES: [u32; 24] = [
    NNRP_STATUS_WOULD_BLOCK,
    NNRP_STATUS_TIMEOUT,
    NNRP_STATUS_INVALID_ARGUMENT,
    NNRP_STATUS_NULL_POINTER,
    NNRP_STATUS_INVALID_HANDLE,
    NNRP_STATUS_INVALID_URI,
    NNRP_STATUS_INVALID_OPTION,
    NNRP_STATUS_BUFFER_TOO_SMALL,
    NNRP_STATUS_UNSUPPORTED,
    NNRP_STATUS_WRONG_STATE,
    NNRP_STATUS_LIMIT_EXCEEDED,
    NNRP_STATUS_FORKED,
    NNRP_STATUS_CONNECT_FAILED,
    NNRP_STATUS_LISTEN_FAILED,
    NNRP_STATUS_TRANSPORT_LOST,
    NNRP_STATUS_PEER_TIMEOUT,
    NNRP_STATUS_NO_TRANSPORT,
    NNRP_STATUS_PROTOCOL_ERROR,
    NNRP_STATUS_SESSION_REJECTED,
    NNRP_STATUS_CLOSED,
    NNRP_STATUS_SCHEMA_REJECTED,
    NNRP_STATUS_INTERNAL,
    NNRP_STATUS_OUT_OF_RESOURCES,
    UNKNOWN,
];

/// A number that no version has given to a status.
const UNKNOWN: u32 = 4_000_000_000;

fn message(error: NnrpError) -> String {
    let (mut text, mut size) = ([0_u8; 512], 0);
    let room = text.len();
    // SAFETY: all pointers are to live locals of the stated size.
    let status = unsafe {
        nnrp_error_message(
            &raw const error,
            text.as_mut_ptr().cast(),
            room,
            &raw mut size,
        )
    };
    assert_eq!(status, NNRP_STATUS_OK);
    String::from_utf8(text[..size].to_vec()).expect("messages are UTF-8")
}

fn failed(status: u32) -> NnrpError {
    NnrpError {
        status,
        ..NnrpError::default()
    }
}

#[test]
fn each_failure_has_a_sentence_of_its_own() {
    let sentences: BTreeSet<String> = FAILURES.map(|status| message(failed(status))).into();
    assert_eq!(sentences.len(), FAILURES.len(), "{sentences:#?}");
    assert_eq!(message(failed(NNRP_STATUS_OK)), "no error");
}

#[test]
fn each_failure_but_the_unknown_says_what_to_do() {
    for status in FAILURES {
        let told = message(failed(status));
        let remedy = told.split_once("; ").map_or("", |(_, remedy)| remedy);
        // An option is described whole, with the values that it takes.
        let exempt = [NNRP_STATUS_INVALID_OPTION, UNKNOWN].contains(&status);
        assert!(exempt || !remedy.is_empty(), "{told}");
    }
}

#[test]
fn each_status_has_the_name_of_its_constant() {
    let name = |status| {
        // SAFETY: names are zero-terminated and static.
        let name = unsafe { CStr::from_ptr(nnrp_status_name(status)) };
        name.to_str().expect("names are ASCII")
    };
    let names: BTreeSet<&str> = FAILURES.map(name).into();
    assert_eq!(names.len(), FAILURES.len(), "{names:?}");
    assert!(names.iter().all(|name| name.starts_with("NNRP_STATUS_")));
    assert_eq!(name(NNRP_STATUS_FORKED), "NNRP_STATUS_FORKED");
    assert_eq!(name(UNKNOWN), "NNRP_STATUS_UNKNOWN");
}

#[test]
fn a_refused_session_says_why_in_words_and_an_unknown_code_in_digits() {
    let refused = |protocol_code| {
        message(NnrpError {
            protocol_code,
            ..failed(NNRP_STATUS_SESSION_REJECTED)
        })
    };
    for (code, said) in [
        (NNRP_SESSION_ERROR_PROFILE_UNSUPPORTED, "the profile"),
        (NNRP_SESSION_ERROR_SCHEMA_UNSUPPORTED, "the schema"),
        (NNRP_SESSION_ERROR_RESUME_REJECTED, "cannot resume"),
        (NNRP_SESSION_ERROR_LIMIT_REACHED, "the session id is in use"),
        (0, "it gave no code"),
        (0x0001_00ff, "0x000100ff"),
    ] {
        assert!(refused(code).contains(said), "{}", refused(code));
    }
}

#[test]
fn what_the_operating_system_says_stands_in_the_sentence_where_it_says_anything() {
    const RESET: i32 = 104;
    let said = std::io::Error::from_raw_os_error(RESET).to_string();
    for status in [
        NNRP_STATUS_CONNECT_FAILED,
        NNRP_STATUS_LISTEN_FAILED,
        NNRP_STATUS_TRANSPORT_LOST,
    ] {
        let with = |detail| {
            message(NnrpError {
                detail,
                ..failed(status)
            })
        };
        assert!(with(RESET.unsigned_abs()).contains(&said));
        // Neither 0 nor what no system numbers an error with becomes its words.
        assert_eq!(with(0), with(u32::MAX));
        assert!(!with(0).contains("os error"), "{}", with(0));
    }
}

#[test]
fn the_place_is_the_most_exact_one_that_is_known() {
    let lost = NnrpError {
        connection: 0x30,
        session: 0x41,
        ..failed(NNRP_STATUS_TRANSPORT_LOST)
    };
    assert!(message(lost).contains("(connection 0x30, session handle 0x41)"));
    let lost = NnrpError {
        session_id: 9,
        ..lost
    };
    assert!(message(lost).contains("(connection 0x30, session 9)"));
}

#[test]
fn a_code_that_this_version_does_not_know_is_shown_as_it_is() {
    let schema = NnrpError {
        protocol_code: 0x0004_00ff,
        ..failed(NNRP_STATUS_SCHEMA_REJECTED)
    };
    assert!(message(schema).starts_with("schema code 0x000400ff; "));
    let rule = NnrpError {
        detail: 65_535,
        ..failed(NNRP_STATUS_PROTOCOL_ERROR)
    };
    assert!(message(rule).starts_with("the protocol is broken; "));
}
