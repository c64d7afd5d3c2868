//! placeholder
pub(super) async fn run(_: &mut crate::Ctx<'_>, _: crate::cli::DoctorArgs) -> crate::exit::Outcome {
    Ok(())
}
