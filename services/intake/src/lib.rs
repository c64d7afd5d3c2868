//! Keshi's gRPC write side.
