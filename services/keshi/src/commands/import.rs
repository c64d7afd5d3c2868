//! placeholder
pub(super) async fn run(_: &mut crate::Ctx<'_>, _: &crate::cli::ImportArgs) -> crate::exit::Outcome {
    Ok(())
}
