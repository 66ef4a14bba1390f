//! Session error codes of the wire that have a name, in words.

/// The profile that was asked for is not served.
pub const NNRP_SESSION_ERROR_PROFILE_UNSUPPORTED: u32 = 0x0001_0002;
/// The schema that was asked for is not installed.
pub const NNRP_SESSION_ERROR_SCHEMA_UNSUPPORTED: u32 = 0x0001_0003;
/// The session cannot be resumed.
pub const NNRP_SESSION_ERROR_RESUME_REJECTED: u32 = 0x0001_0006;
/// More was asked for than the server grants, or the id is in use.
pub const NNRP_SESSION_ERROR_LIMIT_REACHED: u32 = 0x0001_0007;

/// The code in words.
pub(crate) fn describe(code: u32) -> String {
    match code {
        NNRP_SESSION_ERROR_PROFILE_UNSUPPORTED => "it does not serve the profile".into(),
        NNRP_SESSION_ERROR_SCHEMA_UNSUPPORTED => "it does not have the schema".into(),
        NNRP_SESSION_ERROR_RESUME_REJECTED => "it cannot resume the session".into(),
        NNRP_SESSION_ERROR_LIMIT_REACHED => {
            "more operations at once than it grants, or the session id is in use".into()
        }
        0 => "it gave no code (it may have ended the connection instead of answering)".into(),
        other => format!("code {other:#010x}"),
    }
}
