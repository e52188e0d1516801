//! Upload tickets (P-32 to P-34): their one spelling, and whose seal lets what be uploaded when.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // a test stops at the first surprise

mod support;

use ledger::append::RefusalCode;
use ledger::entry::{MAX_ATTACHMENT, Visibility};
use ledger::hash::Hash;
use ledger::note::{Note, assemble};
use ledger::payment_rows::ROWS_MEDIA;
use ledger::upload::{MAX_AGE, MAX_TICKET, MEDIA, Ticket, TicketError};
use support::*;

fn ticket(world: &World) -> Ticket {
    Ticket {
        ledger: world.ledger.clone(),
        unit: unit(UNIT),
        digest: Hash::of(b"a file"),
        size: 6,
        media: "image/png".into(),
        access: Visibility::Members,
        time: NOW,
    }
}

fn sign(text: &str, keys: &[&Key]) -> Vec<u8> {
    assemble(text, &keys.iter().map(|key| key.sign(text)).collect::<Vec<_>>()).into_bytes()
}

/// Rule of the refusal, or the name of the key that signed.
fn judged(world: &World, ticket: &Ticket, keys: &[&Key], now: u64) -> Result<String, String> {
    let note = sign(&ticket.text(), keys);
    assert_eq!(Ticket::parse(&note).as_ref(), Ok(ticket));
    match world.state.registry.may_upload(&Note::parse(&note).unwrap(), ticket, now) {
        Ok(key) => Ok(key.name().to_owned()),
        Err(refusal) => {
            assert_eq!(refusal.code, RefusalCode::Seal);
            Err(refusal.rule().to_owned())
        }
    }
}

#[test]
fn p32_a_ticket_has_one_spelling() {
    let world = World::demo();
    let good = ticket(&world);
    let text = good.text();
    let digest = Hash::of(b"a file").to_hex();
    let want = format!(
        "village-ledger/upload/v1\n{}\n{UNIT}\n{digest}\n6\nimage/png\nmembers\n{NOW}\n",
        world.ledger.as_str()
    );
    assert_eq!(text, want);
    let read = |text: &str| Ticket::parse(&sign(text, &[&world.town]));
    assert_eq!(read(&text), Ok(good.clone()));
    for media in MEDIA {
        let ticket = Ticket { media: media.into(), ..good.clone() };
        assert_eq!(read(&ticket.text()), Ok(ticket));
    }
    let rows = Ticket { media: ROWS_MEDIA.into(), access: Visibility::Public, ..good.clone() };
    assert_eq!(read(&rows.text()), Ok(rows.clone()));
    let largest = Ticket { size: MAX_ATTACHMENT, ..good.clone() };
    assert_eq!(read(&largest.text()), Ok(largest));
    for bad in [
        text.replace("/v1", "/v2"),
        text.replace("upload", "entry"),
        text.replace(UNIT, "440811100391"),
        text.replace(&digest, &digest.to_uppercase()),
        text.replace(&digest, &digest[1..]),
        text.replace("\n6\n", "\n06\n"),
        text.replace("\n6\n", "\n0\n"),
        text.replace("\n6\n", &format!("\n{}\n", MAX_ATTACHMENT + 1)),
        text.replace("\n6\n", "\n-6\n"),
        text.replace("image/png", "image/svg+xml"),
        text.replace("image/png", "image/png; charset=utf-8"),
        text.replace("image/png", ROWS_MEDIA), // rows are public
        text.replace("members", "household"),
        text.replace("members", ""),
        text.replace(&NOW.to_string(), &format!("{NOW}.0")),
        text.replace(&NOW.to_string(), ""),
        text.replace("\n6\n", "\n"),
        format!("{text}more\n"),
        format!("{text}1\n2\n"),
    ] {
        assert_eq!(read(&bad), Err(TicketError), "{bad}");
    }
    assert_eq!(Ticket::parse(text.as_bytes()), Err(TicketError), "not signed");
    assert_eq!(Ticket::parse(b"\xFF"), Err(TicketError));
    // The size comes first.
    let mut long = sign(&text, &[&world.town]);
    while long.len() <= MAX_TICKET {
        let line = long.split_inclusive(|b| *b == b'\n').next_back().unwrap().to_vec();
        long.extend(line);
    }
    assert!(Note::parse(&long).is_ok());
    assert_eq!(Ticket::parse(&long), Err(TicketError));
}

/// P-33: a seal in force whose scope covers the unit, and no other key.
#[test]
fn p33_a_seal_of_the_unit_signs() {
    let mut world = World::demo();
    let (good, town) = (ticket(&world), world.town.clone());
    let (supervision, authority, log) =
        (world.supervision.clone(), world.authority[0].clone(), world.log.clone());
    assert_eq!(judged(&world, &good, &[&town], NOW), Ok(town.vkey.name().into()));
    assert_eq!(judged(&world, &good, &[&supervision], NOW), Ok(supervision.vkey.name().into()));
    assert!(judged(&world, &good, &[&log, &town], NOW).is_ok(), "lines of other keys do no harm");
    let no = Err("P-33".to_owned());
    let stranger = Key::note(&format!("{ORIGIN}/seal/{TOWN_SCOPE}/township"), 99);
    for key in [&authority, &log, &stranger] {
        assert_eq!(judged(&world, &good, &[key], NOW), no);
    }
    // Another unit than the seal's.
    let group = Ticket { unit: unit(GROUP), ..good.clone() };
    assert!(judged(&world, &group, &[&supervision], NOW).is_ok());
    let of_town = Ticket { unit: unit("440811100000-00"), ..good.clone() };
    assert!(judged(&world, &of_town, &[&town], NOW).is_ok());
    assert_eq!(judged(&world, &of_town, &[&supervision], NOW), no);
    // A signature of another text.
    let other = Ticket { size: 7, ..good.clone() };
    let forged = assemble(&other.text(), &[town.sign(&good.text())]).into_bytes();
    let found = world.state.registry.may_upload(&Note::parse(&forged).unwrap(), &other, NOW);
    assert_eq!(found.unwrap_err().rule(), "P-33");
    // A ticket held against another note.
    let note = sign(&good.text(), &[&town]);
    let found = world.state.registry.may_upload(&Note::parse(&note).unwrap(), &other, NOW);
    assert_eq!(found.unwrap_err().rule(), "P-32");
    // A seal that was revoked signs no more; the others do.
    let body = seal_body("revoke", &town, "township", TOWN_SCOPE);
    let act = world.act(TOWN, 3, "seal", body, &[]);
    world.take(vec![act], NOW);
    assert_eq!(judged(&world, &good, &[&town], NOW), no);
    assert!(judged(&world, &good, &[&supervision], NOW).is_ok());
}

/// P-34: for a day, and for units that take entries.
#[test]
fn p34_a_ticket_is_of_today_and_of_a_living_unit() {
    let mut world = World::demo();
    let (good, town) = (ticket(&world), world.town.clone());
    let at = |time: u64| judged(&world, &Ticket { time, ..good.clone() }, &[&town], NOW).map(drop);
    let no = Err("P-34".to_owned());
    for time in [NOW, NOW - MAX_AGE, NOW + MAX_AGE] {
        assert_eq!(at(time), Ok(()));
    }
    for time in [NOW - MAX_AGE - 1, NOW + MAX_AGE + 1, 0, u64::MAX >> 12] {
        assert_eq!(at(time), no);
    }
    let unknown = Ticket { unit: unit("440811100391-07"), ..good.clone() };
    assert_eq!(judged(&world, &unknown, &[&town], NOW).map(drop), no);
    let act = world.act(UNIT, 5, "closed", world.closing(UNIT), &[]);
    world.take(vec![act], NOW);
    assert_eq!(judged(&world, &good, &[&town], NOW).map(drop), no);
}
