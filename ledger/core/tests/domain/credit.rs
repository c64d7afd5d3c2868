//! Edge cases of credit (DOMAIN §13), each by name.
