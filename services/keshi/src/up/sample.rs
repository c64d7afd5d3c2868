//! placeholder
use super::config::Config;
use keshi_engine::Engine;
pub(super) async fn load(_: &mut crate::Ctx<'_>, _: &Config, _: &str, _: &str, _: &Engine) -> crate::exit::Outcome {
    Ok(())
}
