//! Whole-system scenarios: the real binary, a real nats-server, real kills.

mod kills;
