//! Certificates (证书), for people.

use keshi_core::lang::Lang;
use keshi_proto::api::{Certificate, CertificateCheck, CertificateState};

use crate::time::date;

/// The columns' names.
pub const HEADINGS: [(&str, &str); 8] = [
    ("证书编号", "number"),
    ("姓名", "name"),
    ("教师编号", "teacher id"),
    ("学校", "school"),
    ("种类", "kind"),
    ("证明事项", "attests"),
    ("发证日期", "issued"),
    ("状态", "state"),
];

/// The cells of one certificate, in the order of [`HEADINGS`].
pub fn cells(certificate: &Certificate, lang: Lang) -> [String; 8] {
    [
        certificate.number.clone(),
        certificate.name.clone(),
        certificate.teacher_id.clone(),
        certificate.school_names.join("、"),
        kind(certificate, lang).to_owned(),
        certificate.attests.clone(),
        date(certificate.issued_on.as_ref()),
        state(certificate.state(), lang).to_owned(),
    ]
}

/// What it is called.
pub fn kind(certificate: &Certificate, lang: Lang) -> &str {
    lang.pick(&certificate.kind_zh, &certificate.kind_en)
}

/// What a certificate is worth.
pub fn state(state: CertificateState, lang: Lang) -> &'static str {
    let (zh, en) = match state {
        CertificateState::Unspecified => ("", ""),
        CertificateState::Valid => ("有效", "valid"),
        CertificateState::Reissued => ("有效（补发）", "reissued"),
        CertificateState::ToBeRecalled => ("作废待回收", "to be recalled"),
        CertificateState::Void => ("作废", "void"),
        CertificateState::Unknown => ("查无此号", "no such number"),
        CertificateState::Mistyped => ("编号有误", "no number, or a slip of the pen"),
    };
    lang.pick(zh, en)
}

/// The states that certificates of the register have.
pub const STATES: [CertificateState; 4] = [
    CertificateState::Valid,
    CertificateState::Reissued,
    CertificateState::ToBeRecalled,
    CertificateState::Void,
];

/// What follows from the answer of a check for whoever holds the paper.
pub fn advice(check: &CertificateCheck, lang: Lang) -> String {
    match check.state() {
        CertificateState::Unspecified | CertificateState::Valid => lang
            .pick("请核对姓名、种类与纸面一致。", "Compare name and kind with the paper.")
            .to_owned(),
        CertificateState::Reissued => {
            let copy = check.copy;
            lang.pick(
                format!("此证曾补发，以写有“补{copy}”的一份为准。"),
                format!("It was issued again: the copy marked 补{copy} counts."),
            )
        }
        CertificateState::ToBeRecalled => lang
            .pick(
                "证书所依据的记录已不再有效，证书应交回发证单位，不得使用。",
                "What it rests on has no effect any more: it has to be given back and proves nothing.",
            )
            .to_owned(),
        CertificateState::Void => lang
            .pick("此证已作废，不得使用。", "It is void and proves nothing.")
            .to_owned(),
        CertificateState::Unknown => lang
            .pick(
                "本单位没有发过这个编号的证书；请核对编号，或向发证单位询问。",
                "This office issued no certificate of this number: compare it with the paper, or ask the office.",
            )
            .to_owned(),
        CertificateState::Mistyped => lang
            .pick(
                "请照纸面输入，如 留教研证〔2022〕第0017号，或扫描二维码。",
                "Type it as it stands on the paper, e.g. 留教研证〔2022〕第0017号, or scan the code.",
            )
            .to_owned(),
    }
}
