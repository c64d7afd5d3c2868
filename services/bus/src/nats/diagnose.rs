//! placeholder
/// a
#[derive(Debug)]
pub struct Finding;
/// a
#[derive(Debug)]
pub struct Level;
/// a
#[derive(Debug)]
pub struct Text;
/// a
pub fn diagnose() {}
