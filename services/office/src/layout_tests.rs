use std::os::unix::fs::PermissionsExt;

use super::*;

fn default_with(variables: &[(&str, &str)]) -> Result<PathBuf, LayoutError> {
    DataDir::default_for(|name| {
        variables
            .iter()
            .find(|(n, _)| *n == name)
            .map(|(_, value)| value.into())
    })
    .map(|data| data.root)
}

#[test]
fn the_default_follows_the_xdg_variables() {
    assert_eq!(
        default_with(&[("XDG_DATA_HOME", "/x"), ("HOME", "/h")]).unwrap(),
        Path::new("/x/keshi")
    );
    assert_eq!(
        default_with(&[("HOME", "/h")]).unwrap(),
        Path::new("/h/.local/share/keshi")
    );
    assert_eq!(
        default_with(&[("XDG_DATA_HOME", "rel"), ("HOME", "/h")]).unwrap(),
        Path::new("/h/.local/share/keshi")
    );
    assert!(matches!(
        default_with(&[("XDG_DATA_HOME", "")]),
        Err(LayoutError::NoHome)
    ));
}

#[test]
fn new_directories_are_for_the_owner_only() {
    let dir = tempfile::tempdir().unwrap();
    let data = DataDir::new(dir.path().join("a/b"));
    assert!(data.offices().unwrap().is_empty());
    data.create().unwrap();
    let office = data.office("610729").unwrap();
    office.create().unwrap();
    office.create().unwrap();
    for made in [&data.root, &office.root] {
        assert_eq!(
            std::fs::metadata(made).unwrap().permissions().mode() & 0o777,
            0o700,
            "{}",
            made.display()
        );
    }
    assert_eq!(data.offices().unwrap(), ["610729"]);
}

#[test]
fn no_office_code_leads_out_of_the_data_directory() {
    let data = DataDir::new("/d");
    for code in [
        "",
        "..",
        "../../etc",
        "61072",
        "6107290",
        "61072a",
        "６１０７２９",
        "61/729",
    ] {
        assert!(
            matches!(data.office(code), Err(LayoutError::OfficeCode { .. })),
            "{code}"
        );
    }
    assert_eq!(
        data.office("610729").unwrap().people(),
        Path::new("/d/610729/people.redb")
    );
}
