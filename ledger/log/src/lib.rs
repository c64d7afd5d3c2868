//! An append-only, Merkle-hashed log of opaque entries in packed blocks on sled.
