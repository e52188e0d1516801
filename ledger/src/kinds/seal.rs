//! `seal` (印章密钥): a township's or supervision committee's key is enrolled, rotated or revoked.
//!
//! Signed by m of n authority keys; a new key signs its own enrolment too (proof of possession). The key's
//! name ends in its scope and role.

use super::{Field, Kind, Place, Type};
use crate::entry::{Entry, FieldError};
use crate::note::VerifierKey;
use crate::unit::{Level, Scope};

pub(super) const KIND: Kind = Kind {
    name: "seal",
    zh: "印章密钥",
    place: Place::Registry(&[Level::Town, Level::Village]),
    fields: &[
        Field::must("act", Type::Choice(&["add", "rotate", "revoke"])),
        Field::must("vkey", Type::Vkey),
        Field::must("role", Type::Choice(&["township", "supervision"])),
        Field::must("scope", Type::Scope),
        Field::must("holder", Type::Text(60)),
        Field::may("replaces", Type::Vkey),
        Field::may("compromised_from", Type::Instant),
    ],
    rule,
    example: r#"{"act":"add","vkey":"mazhang.example/ledger/seal/440811100/township+2a52a9b7+AazbDil0PwzLhobQoQTLluBavv7BU4dl51lYaffcjEmq","role":"township","scope":"440811100","holder":"麻章镇人民政府"}"#,
};

fn rule(entry: &Entry) -> Result<(), FieldError> {
    let body = entry.body();
    let text = |name| body.text_of(name).unwrap_or_default();
    let (act, role, scope) = (text("act"), text("role"), text("scope"));
    let lengths: &[usize] = if role == "township" { &[9] } else { &[12, 15] };
    if !lengths.contains(&scope.len()) {
        let what = "镇章范围为 9 位，监督章为 12 或 15 位 / a township's scope has 9 characters, a supervision seal's 12 or 15 [G-12]";
        return Err(FieldError::new("body.scope", what));
    }
    if Scope::parse(scope).and_then(|s| s.registry()) != Some(entry.unit()) {
        let what = "印章应登记在其范围所属的登记簿 / a seal is enrolled in the registry of its scope [G-12]";
        return Err(FieldError::new("body.scope", what));
    }
    let key = VerifierKey::parse(text("vkey")).ok();
    let named =
        |k: &VerifierKey| k.name().ends_with(&format!("/{scope}/{role}")) && k.is_note_key() && !k.is_weak();
    if !key.as_ref().is_some_and(named) {
        let what = "公钥名称应以“范围/角色”结尾，且不得为弱密钥 / the key's name ends in scope/role, and the key is not weak [G-12]";
        return Err(FieldError::new("body.vkey", what));
    }
    if (act == "rotate") != body.get("replaces").is_some() {
        return Err(FieldError::new(
            "body.replaces",
            "仅在更换时填写 / given for rotate, and only then [E-78]",
        ));
    }
    if act != "revoke" && body.get("compromised_from").is_some() {
        return Err(FieldError::new(
            "body.compromised_from",
            "仅在吊销时填写 / given for revoke only [E-78]",
        ));
    }
    Ok(())
}
