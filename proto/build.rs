//! Compiles the .proto files with protox, so that no `protoc` need be installed.

use std::error::Error;
use std::{env, fs, path::PathBuf};

const FILES: &[&str] = &[
    "keshi/event/v1/event.proto",
    "keshi/log/v1/log.proto",
    "keshi/log/v1/ask.proto",
    "keshi/v1/common.proto",
    "keshi/v1/people.proto",
    "keshi/v1/training.proto",
    "keshi/v1/outreach.proto",
    "keshi/v1/competition.proto",
    "keshi/v1/registry.proto",
    "keshi/v1/certificate.proto",
    "keshi/v1/submission.proto",
    "keshi/v1/ledger.proto",
    "keshi/v1/review.proto",
    "keshi/v1/audit.proto",
    "keshi/v1/year.proto",
    "keshi/v1/account.proto",
    "keshi/v1/operations.proto",
];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=keshi");
    let mut descriptors = protox::Compiler::new(["."])?;
    descriptors
        .include_imports(true)
        .include_source_info(true)
        .open_files(FILES)?;
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join("keshi.bin"), descriptors.encode_file_descriptor_set())?;
    let api = env::var_os("CARGO_FEATURE_API").is_some();
    // Entries and events are cut out of the message that holds them without a copy.
    let mut config = prost_build::Config::new();
    config.bytes([".keshi.log.v1"]);
    tonic_prost_build::configure()
        .build_client(api)
        .build_server(api)
        .codec_path("crate::codec::Bounded")
        .compile_fds_with_config(descriptors.file_descriptor_set(), config)?;
    Ok(())
}
