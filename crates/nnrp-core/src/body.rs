//! Bodies of `FRAME_SUBMIT` and `RESULT_PUSH` in their structured form (spec 03 §3.7–§3.11).
//!
//! The connection machines treat bodies as opaque. Whether a body has this form is agreed
//! between applications; a raw body is as legal as a structured one.

pub mod extension_frame;
pub mod inline_object;
pub mod object_reference;
pub mod prelude;
pub mod tensor;
pub mod token;
pub mod typed_payload;
