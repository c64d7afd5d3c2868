use std::os::unix::fs::PermissionsExt as _;

use jiff::civil::date;
use tempfile::TempDir;

use super::*;
use crate::keyring::KeyPlaces;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\nthe rest of a picture";
const NAME: &str = "犇鱻麤的获奖证书.png";

fn office() -> (TempDir, Evidence) {
    let dir = tempfile::tempdir().unwrap();
    let places = KeyPlaces {
        given: Some("5e".repeat(32).into()),
        ..KeyPlaces::default()
    };
    let people = Register::open_or_create(dir.path().join("people.redb"), &places).unwrap();
    let evidence = Evidence::new(dir.path().join("evidence"), Arc::new(people));
    (dir, evidence)
}

fn new<'a>(teacher_id: &'a str, name: &'a str, bytes: &'a [u8]) -> New<'a> {
    New {
        teacher_id,
        name,
        bytes,
        by: "teacher-1",
        at: Timestamp::UNIX_EPOCH,
        keep_until: date(2030, 12, 31),
    }
}

#[test]
fn a_file_is_kept_sealed_under_its_hash_and_given_back() {
    let (dir, evidence) = office();
    let (sha256, kept) = evidence.put(&new("T1", NAME, PNG)).unwrap();
    assert_eq!(sha256, Sha256::of(PNG));
    assert_eq!(
        (kept.name.as_str(), kept.media, kept.size),
        (NAME, Media::Png, PNG.len() as u64)
    );
    assert_eq!(evidence.get("T1", &sha256).unwrap(), (kept.clone(), PNG.to_vec()));
    // The same again changes nothing, and another person's is her own.
    assert_eq!(evidence.put(&new("T1", "其他.png", PNG)).unwrap().1, kept);
    assert!(matches!(evidence.get("T2", &sha256), Err(EvidenceError::Missing)));
    let path = evidence.path("T1", &sha256);
    let bytes = fs::read(&path).unwrap();
    for text in [NAME.as_bytes(), b"the rest of a picture", b"teacher-1"] {
        assert!(!bytes.windows(text.len()).any(|window| window == text));
    }
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(examine(&dir.path().join("evidence")).unwrap().len(), 1);
}

#[test]
fn what_is_no_picture_or_pdf_is_not_taken_whatever_its_name() {
    let (dir, evidence) = office();
    let svg = br#"<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>"#;
    let html = b"<!DOCTYPE html><script>alert(1)</script>";
    for (name, bytes) in [
        ("picture.png", svg.as_slice()),
        ("paper.pdf", html),
        ("x.jpg", b"MZ\x90\0"),
        ("notes.pdf", b" %PDF-1.7"),
    ] {
        let refused = evidence.put(&new("T1", name, bytes));
        assert!(matches!(refused, Err(EvidenceError::Kind)), "{name}: {refused:?}");
    }
    assert!(matches!(
        evidence.put(&new("T1", "a.png", b"")),
        Err(EvidenceError::Empty)
    ));
    let mut large = PNG.to_vec();
    large.resize(FILE_BYTES_MAX + 1, 0);
    assert!(matches!(
        evidence.put(&new("T1", "a.png", &large)),
        Err(EvidenceError::TooLarge { bytes }) if bytes == FILE_BYTES_MAX as u64 + 1
    ));
    assert!(!dir.path().join("evidence").exists());
    evidence.put(&new("T1", "a.png", &large[..FILE_BYTES_MAX])).unwrap();
}

#[test]
fn a_name_is_cleaned_and_says_what_the_file_is() {
    for (name, told) in [
        ("证书.png", "证书.png"),
        ("virus.exe", "virus.png"),
        ("证书.pdf.exe", "证书_pdf.png"),
        ("../../etc/passwd", "passwd.png"),
        ("C:\\Users\\x\\扫描 1.JPG", "扫描 1.png"),
        ("a\u{202E}gnp.exe", "agnp.png"),
        ("a\r\nSet-Cookie: x=1.png", "aSet-Cookie_ x=1.png"),
        ("\"; filename=\"x.html", "__ filename=_x.png"),
        (".htaccess", "佐证材料.png"),
        ("", "佐证材料.png"),
    ] {
        assert_eq!(cleaned(name, Media::Png), told, "{name:?}");
    }
    assert_eq!(cleaned(&"长".repeat(500), Media::Pdf).chars().count(), NAME_LEN_MAX + 4);
}

#[test]
fn it_is_kept_for_five_years_after_the_cycle() {
    for (day, last) in [
        (date(2021, 1, 1), 2030),
        (date(2025, 12, 31), 2030),
        (date(2026, 1, 1), 2035),
        (date(2020, 2, 29), 2025),
    ] {
        assert_eq!(keep_until(day), date(last, 12, 31), "{day}");
    }
    let (_dir, evidence) = office();
    let (sha256, _) = evidence.put(&new("T1", NAME, PNG)).unwrap();
    assert_eq!(evidence.purge(date(2030, 12, 31)).unwrap(), 0);
    assert_eq!(evidence.purge(date(2031, 1, 1)).unwrap(), 1);
    assert!(matches!(evidence.get("T1", &sha256), Err(EvidenceError::Missing)));
}

#[test]
fn damage_is_told_without_a_key_is_never_given_out_and_heals_when_it_is_given_again() {
    let (dir, evidence) = office();
    let (sha256, _) = evidence.put(&new("T1", NAME, PNG)).unwrap();
    let path = evidence.path("T1", &sha256);
    let whole = fs::read(&path).unwrap();
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        fs::write(&path, bytes).unwrap();
        assert!(
            matches!(evidence.get("T1", &sha256), Err(EvidenceError::Damaged)),
            "byte {at}"
        );
        let found = examine(&dir.path().join("evidence")).unwrap();
        assert!(!found[0].is_whole, "byte {at}");
    }
    let to = dir.path().join("backup");
    assert!(matches!(
        carry(&dir.path().join("evidence"), &to),
        Err(EvidenceError::Damaged)
    ));
    evidence.put(&new("T1", NAME, PNG)).unwrap();
    assert_eq!(evidence.get("T1", &sha256).unwrap().1, PNG);
    assert_eq!(carry(&dir.path().join("evidence"), &to).unwrap(), 1);
    fs::remove_file(&path).unwrap();
    assert!(matches!(evidence.get("T1", &sha256), Err(EvidenceError::Missing)));
    carry(&to, &dir.path().join("evidence")).unwrap();
    assert_eq!(evidence.get("T1", &sha256).unwrap().1, PNG);
}

#[test]
fn who_is_erased_has_no_files_left_and_none_of_a_backup_opens() {
    let (dir, evidence) = office();
    let (sha256, _) = evidence.put(&new("T1", NAME, PNG)).unwrap();
    evidence.put(&new("T2", NAME, PNG)).unwrap();
    let copy = fs::read(evidence.path("T1", &sha256)).unwrap();
    assert!(
        evidence.people.erase("T1", Timestamp::UNIX_EPOCH).unwrap(),
        "she has a key, if no record"
    );
    assert_eq!(evidence.erase("T1").unwrap(), 1);
    assert_eq!(examine(&dir.path().join("evidence")).unwrap().len(), 1);
    assert!(matches!(evidence.get("T1", &sha256), Err(EvidenceError::Erased)));
    assert!(matches!(
        evidence.put(&new("T1", NAME, PNG)),
        Err(EvidenceError::Erased)
    ));
    assert!(evidence.people.readmit("T1").unwrap());
    fs::write(evidence.path("T1", &sha256), copy).unwrap();
    assert!(
        matches!(evidence.get("T1", &sha256), Err(EvidenceError::Damaged)),
        "another key"
    );
    assert!(evidence.get("T2", &sha256).is_ok());
}

#[test]
fn one_person_does_not_fill_the_office() {
    let (_dir, evidence) = office();
    let mut large = PNG.to_vec();
    large.resize(FILE_BYTES_MAX, 0);
    for n in 0..9_u8 {
        large[100] = n;
        evidence.put(&new("T1", NAME, &large)).unwrap();
    }
    large[100] = 9;
    let refused = evidence.put(&new("T1", NAME, &large));
    assert!(
        matches!(refused, Err(EvidenceError::Full { of_person: true, .. })),
        "{refused:?}"
    );
    evidence.put(&new("T2", NAME, PNG)).unwrap();
}
