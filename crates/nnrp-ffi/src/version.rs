//! Identity of the library: version, ABI version, ABI hash and what it was built from.

use nnrp_core::{VERSION_MAJOR, WIRE_FORMAT};
use std::ffi::c_char;
use std::ptr;

/// Version of this package, major.
pub const NNRP_VERSION_MAJOR: u32 = 0;
/// Version of this package, minor.
pub const NNRP_VERSION_MINOR: u32 = 1;
/// Version of this package, patch.
pub const NNRP_VERSION_PATCH: u32 = 0;
/// Version of this package.
pub const NNRP_VERSION_STRING: &str = env!("CARGO_PKG_VERSION");
/// Version of the C ABI, major: a change breaks callers.
pub const NNRP_ABI_VERSION_MAJOR: u32 = 2;
/// Version of the C ABI, minor: a change adds.
pub const NNRP_ABI_VERSION_MINOR: u32 = 1;
/// Version of the C ABI, patch.
pub const NNRP_ABI_VERSION_PATCH: u32 = 0;
/// Version of the C ABI in one number.
pub const NNRP_ABI_VERSION: u32 =
    (NNRP_ABI_VERSION_MAJOR << 16) | (NNRP_ABI_VERSION_MINOR << 8) | NNRP_ABI_VERSION_PATCH;
/// Version of the protocol.
pub const NNRP_PROTOCOL_MAJOR: u8 = VERSION_MAJOR;
/// Its wire format.
pub const NNRP_PROTOCOL_WIRE_FORMAT: u8 = WIRE_FORMAT;
/// Name of the protocol stage.
pub const NNRP_PROTOCOL_NAME: &str = "nnrp-1-preview3";

/// SHA-256 of the header model, zero-terminated.
const ABI_HASH: &str = concat!(include_str!("../exports/abi-hash.txt"), "\0");
const _: () = assert!(
    ABI_HASH.len() == 65,
    "exports/abi-hash.txt holds 64 digits and no newline"
);

/// The hash of the model cut down to each minor, by minor. The present minor's is the whole model's.
const ABI_HASH_BY_MINOR: [&str; NNRP_ABI_VERSION_MINOR as usize + 1] = [
    concat!(include_str!("../exports/abi-hash-0.txt"), "\0"),
    ABI_HASH,
];

const BUILD_INFO: &str = concat!(
    "{\"version\":\"",
    env!("CARGO_PKG_VERSION"),
    "\",\"abi\":\"2.1.0\",\"abi_hash\":\"",
    include_str!("../exports/abi-hash.txt"),
    "\",\"protocol\":\"nnrp-1-preview3\",\"git_commit\":\"",
    env!("NNRP_BUILD_GIT_COMMIT"),
    "\",\"rustc\":\"",
    env!("NNRP_BUILD_RUSTC"),
    "\",\"target\":\"",
    env!("NNRP_BUILD_TARGET"),
    "\",\"features\":\"",
    env!("NNRP_BUILD_FEATURES"),
    "\"}\0"
);

/// ABI version of the library.
#[unsafe(no_mangle)]
pub extern "C" fn nnrp_abi_version() -> u32 {
    NNRP_ABI_VERSION
}

/// SHA-256 of the header model the library was built from: 64 lower-case hex digits, zero-terminated, static.
#[unsafe(no_mangle)]
pub extern "C" fn nnrp_abi_hash() -> *const c_char {
    ABI_HASH.as_ptr().cast()
}

/// The hash of the model cut down to what existed at ABI minor `minor`; NULL if this library's minor is lower.
#[unsafe(no_mangle)]
pub extern "C" fn nnrp_abi_hash_at(minor: u32) -> *const c_char {
    usize::try_from(minor)
        .ok()
        .and_then(|minor| ABI_HASH_BY_MINOR.get(minor))
        .map_or(ptr::null(), |hash| hash.as_ptr().cast())
}

/// JSON object with version, abi, `abi_hash`, protocol, `git_commit`, rustc, target, features: zero-terminated, static.
#[unsafe(no_mangle)]
pub extern "C" fn nnrp_build_info() -> *const c_char {
    BUILD_INFO.as_ptr().cast()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::CStr;

    fn text(pointer: *const c_char) -> &'static str {
        // SAFETY: the identity calls return zero-terminated text in static storage.
        unsafe { CStr::from_ptr(pointer) }
            .to_str()
            .expect("identity texts are UTF-8")
    }

    #[test]
    fn the_parts_of_the_version_agree_with_the_package() {
        let parts = format!("{NNRP_VERSION_MAJOR}.{NNRP_VERSION_MINOR}.{NNRP_VERSION_PATCH}");
        assert_eq!(parts, NNRP_VERSION_STRING);
        assert_eq!(nnrp_abi_version(), 0x0002_0100);
        let abi = format!(
            "\"abi\":\"{NNRP_ABI_VERSION_MAJOR}.{NNRP_ABI_VERSION_MINOR}.{NNRP_ABI_VERSION_PATCH}\""
        );
        assert!(text(nnrp_build_info()).contains(&abi));
        assert!(text(nnrp_build_info()).contains(NNRP_PROTOCOL_NAME));
    }

    #[test]
    fn the_hash_is_64_digits_and_stands_in_the_build_info() {
        let hash = text(nnrp_abi_hash());
        assert_eq!(hash.len(), 64);
        assert!(
            hash.bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        );
        assert_eq!(text(nnrp_abi_hash_at(NNRP_ABI_VERSION_MINOR)), hash);
        assert!(nnrp_abi_hash_at(NNRP_ABI_VERSION_MINOR + 1).is_null());
        assert!(text(nnrp_build_info()).contains(hash));
    }

    #[test]
    fn build_info_names_no_path_and_no_time() {
        let info = text(nnrp_build_info());
        assert!(!info.contains('/') && !info.contains(".rs"), "{info}");
        for key in [
            "version",
            "abi",
            "abi_hash",
            "protocol",
            "git_commit",
            "rustc",
            "target",
            "features",
        ] {
            assert!(info.contains(&format!("\"{key}\":\"")), "{key} in {info}");
        }
    }
}
