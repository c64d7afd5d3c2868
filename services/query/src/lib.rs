//! Keshi's gRPC read side.
