//! The way to the services: a running `keshi up`, or the same services in this process over the ledger's own files.

mod credentials;
mod login;
mod owner;
mod place;
mod session;
mod socket;
mod status;

pub(crate) use self::login::Login;
pub(crate) use self::owner::{foreign, keep_owner};
pub(crate) use self::place::{OfficeKeys, Place, key_places, layout_failure, office_keys, write_private};
pub(crate) use self::session::{DEFAULT_ADDRESS, Session, endpoint, given_server};
pub(crate) use self::socket::SocketName;
