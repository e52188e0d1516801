//! What each role signs, and what it refuses (SPEC K-04).

#![allow(clippy::unwrap_used, reason = "a step that fails fails the test")]

use keys::{KeyError, Role, Signer};
use ledger::checkpoint::Checkpoint;
use ledger::cosignature;
use ledger::hash::Hash;
use ledger::registry::SealRole;

const ORIGIN: &str = "mazhang.example/ledger";

fn signer(name: &str) -> Signer {
    let role = Role::of_name(name).unwrap();
    Signer::generate(name, role, |b| {
        b.fill(7);
        Ok(())
    })
    .unwrap()
}

fn checkpoint() -> String {
    Checkpoint { origin: ORIGIN.to_owned(), size: 2, root: Hash::EMPTY }.text()
}

#[test]
fn names_give_roles() {
    let role = |name: &str| Role::of_name(name).ok();
    assert_eq!(role(ORIGIN), Some(Role::Log));
    assert_eq!(role("mazhang.example/ledger/authority/a"), Some(Role::Authority));
    assert_eq!(role("mazhang.example/ledger/seal/440811100/township"), Some(Role::Seal(SealRole::Township)));
    assert_eq!(
        role("mazhang.example/ledger/seal/440811100391-01/supervision"),
        Some(Role::Seal(SealRole::Supervision))
    );
    for bad in [
        "",
        "Mazhang.example",
        "麻章",
        "a b",
        "a+b",
        "village-ledger/x",
        "c2sp.org/x",
        "m/seal/4408/township",
        "m/seal/440811100/mayor",
        "m/seal/440811100",
        "m/authority",
        "m/authority/",
        "m/authority/a/b",
        "authority/a",
    ] {
        assert!(matches!(Role::of_name(bad), Err(KeyError::Name { .. })), "{bad}");
    }
}

#[test]
fn k04_a_key_signs_only_what_its_role_allows() {
    let seal = "mazhang.example/ledger/seal/440811100/township";
    let authority = "mazhang.example/ledger/authority/a";
    let charter = "village-ledger/charter/v1\n{}\n";
    let entry = "village-ledger/entry/v1\n{}\n";
    let index = "village-ledger/index/v1\n{}\n";
    let statement = "village-ledger/replay/v1\n{}\n";
    let upload = "village-ledger/upload/v1\n\n";
    let poster = "village-ledger/poster/v1\n\n";
    let supervision = "mazhang.example/ledger/seal/440811100391/supervision";
    let head = checkpoint();
    let cases = [
        (ORIGIN, [true, false, true, false, false, false, true]),
        (authority, [true, true, false, false, false, false, false]),
        (seal, [false, true, false, false, true, true, false]),
        (supervision, [false, true, false, false, true, false, false]),
    ];
    for (name, allowed) in cases {
        let signer = signer(name);
        let texts = [charter, entry, index, statement, upload, poster, head.as_str()];
        for (text, allowed) in texts.iter().zip(allowed) {
            match signer.sign_note(text) {
                Ok(signature) => {
                    assert!(allowed, "{name} signed {text}");
                    signer.vkey().verify(text.as_bytes(), &signature).unwrap();
                }
                // Of entries a log key signs one kind, so there the text decides.
                Err(KeyError::Text { .. }) if name == ORIGIN && *text == entry => assert!(!allowed),
                Err(e) => assert!(!allowed && matches!(e, KeyError::NotAllowed { .. }), "{name} {text}"),
            }
        }
    }
}

#[test]
fn k04_cosigner_keys_never_sign_notes_and_others_never_cosign() {
    let head = checkpoint();
    let witness = Signer::from_secret("w.example/witness", Role::Cosigner, &[9; 32]).unwrap();
    assert!(witness.vkey().is_cosigner());
    for text in ["village-ledger/entry/v1\n{}\n", "w.example/witness\n2\nAAAA\n", head.as_str()] {
        assert!(matches!(witness.sign_note(text), Err(KeyError::NotAllowed { .. })));
    }
    let line = witness.cosign(1_790_000_000, &head).unwrap();
    assert_eq!(cosignature::verify(witness.vkey(), &head, &line).unwrap(), 1_790_000_000);
    assert!(matches!(witness.cosign(1, "village-ledger/entry/v1\n{}\n"), Err(KeyError::Text { .. })));
    assert!(matches!(signer(ORIGIN).cosign(1, &head), Err(KeyError::NotAllowed { .. })));
}

#[test]
fn the_log_key_signs_no_half_checkpoint() {
    let log = signer(ORIGIN);
    for text in [format!("{ORIGIN}\n"), format!("{ORIGIN}\n2\n"), format!("{ORIGIN}\nanything\nelse\n")] {
        assert!(matches!(log.sign_note(&text), Err(KeyError::Text { .. })), "{text}");
    }
    assert!(matches!(log.sign_note("village-ledger/index/v1\n{}"), Err(KeyError::Text { .. })));
}

#[test]
fn a_key_made_for_another_role_is_refused() {
    let made = Signer::from_secret(ORIGIN, Role::Authority, &[7; 32]);
    assert!(matches!(made, Err(KeyError::Name { .. })));
}

/// SPEC K-01.
#[test]
fn debug_output_has_no_secret() {
    let shown = format!("{:?}", signer(ORIGIN));
    assert!(shown.starts_with("Signer(mazhang.example/ledger+"), "{shown}");
    assert!(!shown.contains("BwcHBwcHBwcHBwcH") && !shown.contains("7, 7"));
    let passphrase = keys::Passphrase::new("geheim-geheim".to_owned());
    assert_eq!(format!("{passphrase:?}"), "Passphrase(…)");
}

#[test]
fn k04_a_new_log_key_signs_its_own_enrolment_and_no_other_entry() {
    let log = Signer::from_secret("mazhang.example/ledger", Role::Log, &[7; 32]).unwrap();
    log.sign_note("village-ledger/entry/v1\n{\"kind\":\"log_key\"}\n").unwrap();
    for text in ["village-ledger/entry/v1\n{\"kind\":\"voucher\"}\n", "village-ledger/entry/v1\nlog_key\n"] {
        assert!(matches!(log.sign_note(text), Err(KeyError::Text { .. })), "{text}");
    }
}
