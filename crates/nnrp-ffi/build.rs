//! Records what the library is built from, and gives the shared library its name on each platform.
//!
//! Everything recorded is the same on every machine that builds the same commit: no time, no path, no host name.

use std::env;
use std::process::Command;

fn main() {
    record_build_facts();
    // A pipeline that drives the linker itself passes its own arguments (in that linker's own spelling).
    println!("cargo::rerun-if-env-changed=NNRP_LINK_ARGS");
    if env::var("NNRP_LINK_ARGS").as_deref() != Ok("none") {
        name_shared_library();
    }
}

fn record_build_facts() {
    println!("cargo::rerun-if-env-changed=NNRP_GIT_COMMIT");
    let commit = env::var("NNRP_GIT_COMMIT")
        .ok()
        .or_else(git_commit)
        .unwrap_or_else(|| "unknown".into());
    let rustc = env::var("RUSTC")
        .ok()
        .and_then(|rustc| output_of(&rustc, &["--version"]))
        .unwrap_or_else(|| "unknown".into());
    println!("cargo::rustc-env=NNRP_BUILD_GIT_COMMIT={commit}");
    println!("cargo::rustc-env=NNRP_BUILD_RUSTC={rustc}");
    println!(
        "cargo::rustc-env=NNRP_BUILD_TARGET={}",
        env::var("TARGET").unwrap_or_default()
    );
    println!(
        "cargo::rustc-env=NNRP_BUILD_FEATURES={}",
        enabled_features().join(",")
    );
}

/// The commit of a checkout; a source package without git has none.
fn git_commit() -> Option<String> {
    for file in ["HEAD", "logs/HEAD"] {
        if let Some(path) = output_of("git", &["rev-parse", "--git-path", file]) {
            println!("cargo::rerun-if-changed={path}");
        }
    }
    output_of("git", &["rev-parse", "HEAD"])
}

fn enabled_features() -> Vec<String> {
    let mut features: Vec<String> = env::vars()
        .filter_map(|(key, _)| {
            key.strip_prefix("CARGO_FEATURE_")
                .map(str::to_ascii_lowercase)
        })
        .collect();
    features.sort();
    features
}

/// The name a loader looks for, and the refusal to be unloaded: the library owns threads, whose code must not go away.
fn name_shared_library() {
    let vendor = env::var("CARGO_CFG_TARGET_VENDOR").unwrap_or_default();
    let family = env::var("CARGO_CFG_TARGET_FAMILY").unwrap_or_default();
    if vendor == "apple" {
        println!("cargo::rustc-cdylib-link-arg=-Wl,-install_name,@rpath/libnnrp.dylib");
    } else if family == "unix" {
        println!("cargo::rustc-cdylib-link-arg=-Wl,-soname,libnnrp.so");
        println!("cargo::rustc-cdylib-link-arg=-Wl,-z,nodelete");
    }
}

fn output_of(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let line = text.trim();
    (output.status.success() && !line.is_empty()).then(|| line.to_owned())
}
