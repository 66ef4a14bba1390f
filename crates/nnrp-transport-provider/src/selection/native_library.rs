//! Where a dynamic library may lie (spec 14.7). Nothing here opens or loads one.

use std::path::{Path, PathBuf};

use super::{TransportProviderDescriptor, TransportProviderKind};
use crate::TransportId;

/// The file name of a dynamic library on the platform this is compiled for.
#[must_use]
pub fn conventional_native_library_name(base: &str) -> String {
    if cfg!(windows) {
        format!("{base}.dll")
    } else if cfg!(target_vendor = "apple") {
        format!("lib{base}.dylib")
    } else {
        format!("lib{base}.so")
    }
}

/// Where to look, best first: the explicit path, the package's folder, its folder `native`. Nothing is checked.
#[must_use]
pub fn candidate_library_paths(
    explicit_path: Option<&Path>,
    package_directory: Option<&Path>,
    file_name: &str,
) -> Vec<PathBuf> {
    let explicit = explicit_path.map(Path::to_path_buf);
    let beside = package_directory.map(|directory| directory.join(file_name));
    let native = package_directory.map(|directory| directory.join("native").join(file_name));
    [explicit, beside, native].into_iter().flatten().collect()
}

/// A provider in the first candidate that is a regular file (links followed), or a missing one that says where it was looked for.
#[must_use]
pub fn detect_native_library(
    name: &str,
    version: &str,
    transport_id: TransportId,
    candidates: &[PathBuf],
) -> TransportProviderDescriptor {
    let kind = TransportProviderKind::NativeDynamic;
    if let Some(path) = candidates.iter().find(|path| path.is_file()) {
        return TransportProviderDescriptor::available(name, version, transport_id, kind)
            .with_library_path(path);
    }
    let places: Vec<_> = candidates
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    let diagnostic = match places.as_slice() {
        [] => format!("no place to look for the library of {name} was given"),
        places => format!("no library of {name} at {}", places.join(", ")),
    };
    TransportProviderDescriptor::missing(name, version, transport_id, kind, diagnostic)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_inputs_add_no_candidate_and_the_order_is_fixed() {
        let (explicit, package) = (Path::new("/e/x.so"), Path::new("/p"));
        let all = candidate_library_paths(Some(explicit), Some(package), "libnnrp.so");
        let expected = ["/e/x.so", "/p/libnnrp.so", "/p/native/libnnrp.so"].map(PathBuf::from);
        assert_eq!(all, expected);
        assert_eq!(
            candidate_library_paths(None, None, "libnnrp.so"),
            [] as [PathBuf; 0]
        );
        assert_eq!(candidate_library_paths(Some(explicit), None, "x").len(), 1);
    }

    #[test]
    fn the_first_regular_file_is_taken_and_a_folder_is_none() {
        let folder = std::env::temp_dir();
        let file = std::env::current_exe().expect("this test");
        let candidates = [folder.join("no-such-library"), folder.clone(), file.clone()];
        let found = detect_native_library("native", "1", TransportId::Quic, &candidates);
        assert_eq!((found.available, found.library_path), (true, Some(file)));
        let missing = detect_native_library("native", "1", TransportId::Quic, &candidates[..2]);
        assert!(!missing.available && missing.library_path.is_none());
        assert!(missing.diagnostic.expect("why").contains("no-such-library"));
    }

    #[test]
    fn the_conventional_name_is_that_of_this_platform() {
        let name = conventional_native_library_name("nnrp");
        let expected = if cfg!(windows) {
            "nnrp.dll"
        } else if cfg!(target_vendor = "apple") {
            "libnnrp.dylib"
        } else {
            "libnnrp.so"
        };
        assert_eq!(name, expected);
    }
}
