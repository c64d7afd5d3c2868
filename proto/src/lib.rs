//! Keshi's protobuf: stored events and log records (kept for ever), the gRPC API, and the conversions
//! from and to the domain of `keshi-core`.
//!
//! | package | holds |
//! |---|---|
//! | [`event`] `keshi.event.v1` | the facts, as stored |
//! | [`log`] `keshi.log.v1` | submissions on the bus and entries in the log |
//! | [`api`] `keshi.v1` | the API's messages, and with feature `api` its clients and servers |
//!
//! Inbound conversions check every field once and report all violations; inside, the domain type is the
//! proof. Outbound conversions cannot fail.
#![deny(missing_docs)]

pub mod api_convert;
#[cfg(feature = "api")]
pub mod codec;
mod dates;
mod fact_convert;
mod fields;
pub mod store;

pub use dates::{date_from_wire, date_to_wire};
pub use fact_convert::wire_path;
pub use generated::{event::v1 as event, log::v1 as log, v1 as api};

/// The encoded `FileDescriptorSet` of all packages, for server reflection and the protobuf JSON form.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/keshi.bin"));

#[allow(
    missing_docs,
    clippy::all,
    clippy::pedantic,
    reason = "generated from the .proto files, which are documented"
)]
mod generated {
    pub mod event {
        pub mod v1 {
            include!(concat!(env!("OUT_DIR"), "/keshi.event.v1.rs"));
        }
    }
    pub mod log {
        pub mod v1 {
            include!(concat!(env!("OUT_DIR"), "/keshi.log.v1.rs"));
        }
    }
    pub mod v1 {
        include!(concat!(env!("OUT_DIR"), "/keshi.v1.rs"));
    }
}
