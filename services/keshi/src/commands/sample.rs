//! placeholder
pub(super) fn run(_: &mut crate::Ctx<'_>, _: crate::cli::SampleName, _: &std::path::Path) -> crate::exit::Outcome {
    Ok(())
}
