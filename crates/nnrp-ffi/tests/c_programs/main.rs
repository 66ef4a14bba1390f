//! The C ABI from C: headers and layouts compiled, two processes over TCP, the smoke scenario, all with real compilers.

#![cfg(target_os = "linux")]

mod churn;
mod examples;
mod headers;
mod loading;
mod programs;
mod relay;
mod scenario;
mod two_processes;
