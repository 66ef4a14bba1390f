//! The programs and peers that show whether an implementation keeps to the wire.

pub mod adapter;
pub mod arguments;
pub mod call;
pub mod certificate;
pub mod console;
pub mod echo;
pub mod log;
pub mod serve;
pub mod vectors;

pub use nnrp_decode_lines as decode;
