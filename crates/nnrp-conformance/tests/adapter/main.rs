//! The conformance adapter: every case passes on this implementation, and each rule that a case names is held by it.
//!
//! The peers here are this implementation with one rule broken: [`faulty`] breaks it in a codec or a state machine, [`edge`] in what
//! goes over the wire. Such a peer must fail exactly the cases that name the rule.

mod documents;
mod edge;
mod faulty;
mod groups;
mod machines;
mod program;
