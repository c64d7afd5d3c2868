//! Spreadsheets in the national columns: reading, writing, and the sample county.
