//! Codecs: the recorded vectors, the rules between messages, and properties over any bytes.

mod bodies;
mod cache;
mod damage;
mod documented_bodies;
mod encoders;
mod extensions;
mod names;
mod properties;
#[path = "../support/recorded.rs"]
mod recorded;
mod rules;
mod schemas;
mod structures;
mod typed_payloads;
mod vectors;
