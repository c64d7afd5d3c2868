//! What an office keeps beside its ledger: access file, people register, read log.
