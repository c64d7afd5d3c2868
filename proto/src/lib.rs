//! Keshi's stored events and gRPC API, with conversions from and to the domain.
