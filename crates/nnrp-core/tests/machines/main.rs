//! A client machine and a server machine, joined by a wire of bytes under a virtual clock.

mod backpressure;
mod cache_refusals;
mod caching;
mod endings;
mod exchange;
mod greeting;
mod link;
mod reports;
mod requests;
mod server_alone;
mod violations;
