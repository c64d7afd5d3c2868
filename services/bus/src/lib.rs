//! The one way into the ledger: embedded queue or NATS JetStream behind one contract.
