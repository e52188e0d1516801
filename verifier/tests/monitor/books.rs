//! What the leaves say: holes, seals, index leaves, periods that nobody closed.

use crate::host::Host;
use crate::rig::Rig;
use crate::support::{CREATED, Key, Log, UNIT, VILLAGE, example, run, sealed, unit, write_tiles};
use crate::world::{self, World};
use client::Trust;
use ledger::index::IndexLeaf;
use ledger::json::Object;
use ledger::time::Date;

const NOW: u64 = CREATED + 1_000;

fn rig(log: &Log, more: &str) -> (Host, Rig) {
    let host = Host::of(log);
    let rig = Rig::new(log, &host.address, more);
    (host, rig)
}

#[test]
fn a_hole_in_the_numbers_is_told_until_it_is_filled() {
    let mut log = Log::demo();
    let (host, rig) = rig(&log, "");
    log.force(log.entry(6, "voucher"));
    log.publish(CREATED + 400);
    host.show(&log);
    let done = rig.round(NOW);
    done.tells(&["hole open"]);
    assert_eq!((done.told[0].found.unit.as_deref(), done.told[0].found.seq), (Some(UNIT), Some(5)));
    rig.round(NOW + 1).tells(&[]);
    log.take(log.entry(5, "notice"));
    log.publish(CREATED + 500);
    host.show(&log);
    // Number 5 is there now, and number 6 stands before it: for f it is not there.
    rig.round(NOW + 2).tells(&["hole open", "hole resolved"]);
    log.take(log.entry(6, "notice"));
    log.publish(CREATED + 600);
    host.show(&log);
    rig.round(NOW + 3).tells(&["hole resolved"]);
}

fn wrongly_sealed() -> Log {
    let mut log = Log::demo();
    let stranger = Key::note("mazhang.example/ledger/seal/440811200/township", 9);
    let entry = log.draft(UNIT, 5, "notice", example("notice"));
    log.force(sealed(&entry, &[&stranger]));
    log.publish(CREATED + 400);
    log
}

/// It stays told for ever, and is not told again by a program that reads everything again.
#[test]
fn a_wrong_seal_is_told_once_and_for_ever() {
    let (_host, rig) = rig(&wrongly_sealed(), "");
    let done = rig.round(NOW);
    done.tells(&["wrong_seal open"]);
    assert_eq!((done.told[0].found.unit.as_deref(), done.told[0].found.seq), (Some(UNIT), Some(5)));
    let done = rig.round(NOW + 1);
    done.tells(&[]);
    assert_eq!(done.round.open, 1);
}

/// V-02: where the log's own server gives the unit's bundle, the evidence convicts.
#[test]
fn a_wrong_seal_comes_with_evidence_where_the_server_gives_it() {
    let mut world = World::demo();
    let stranger = world::Key::note("mazhang.example/ledger/seal/440811200/township", 9);
    world.force(world::seal(&world.draft(UNIT, 5, "notice", example("notice")), &[&stranger]));
    world.publish(CREATED + 400);
    let folder = tempfile::tempdir().unwrap();
    write_tiles(folder.path(), &world.shelf.leaves);
    std::fs::write(folder.path().join("checkpoint"), &world.shelf.checkpoint).unwrap();
    let host = Host::new();
    host.serve(folder);
    host.answers(&format!("api/v1/units/{UNIT}/bundle?from=5"), &world.bundle(UNIT, 5, None).encode());
    let rig = Rig::new(&Log::demo(), &host.address, "");
    let trust = Trust::of_charter(&world.charter, world.charter_hash);
    std::fs::write(rig.dir.path().join("trust.toml"), trust.text()).unwrap();
    let done = rig.round(NOW);
    done.tells(&["wrong_seal open"]);
    let file = done.told[0].found.evidence.clone().unwrap();
    let run = run(rig.dir.path(), &["evidence", "check", &file, "--trust", "trust.toml"]);
    assert_eq!(run.status.code(), Some(1), "{run:?}");
    assert!(String::from_utf8(run.stdout).unwrap().contains("FAILED_SEAL"));
}

#[test]
fn units_that_are_not_watched_are_not_told_of() {
    let log = wrongly_sealed();
    for (units, told) in [("440811100392-00", 0), (UNIT, 1)] {
        let (_host, rig) = rig(&log, &format!("units = [\"{units}\"]"));
        assert_eq!(rig.round(NOW).told.len(), told, "{units}");
    }
}

#[test]
fn a_wrong_index_leaf_is_told() {
    let mut log = Log::demo();
    log.bend = |index| IndexLeaf { units: index.units + 1, ..index };
    log.take(log.entry(5, "voucher"));
    log.publish(CREATED + 400);
    let (_host, rig) = rig(&log, "");
    rig.round(NOW).tells(&["wrong_index open"]);
}

fn at(date: &str) -> u64 {
    Date::parse(date).unwrap().days() as u64 * 86_400
}

/// G-18: the profile is of 2026-09-21, and a month is to be closed within 15 days after it.
#[test]
fn a_month_that_nobody_closed_is_overdue_until_it_is_closed() {
    let mut log = Log::demo();
    let (host, rig) = rig(&log, "");
    rig.round(at("2026-10-15")).tells(&[]);
    let done = rig.round(at("2026-10-16"));
    done.tells(&["overdue open"]);
    let found = &done.told[0].found;
    assert_eq!((found.unit.as_deref(), found.period.as_deref()), (Some(UNIT), Some("2026-09")));
    let close = |log: &Log, seq, period: &str, kind: &str| {
        let draft = log.draft(UNIT, seq, kind, example(kind));
        let mut fields = Object::new();
        for (name, value) in draft.fields() {
            fields = fields.with(name, value.clone());
            if name == "kind" {
                fields = fields.with("period", period);
            }
        }
        sealed(&fields, &[&log.town])
    };
    log.take(close(&log, 5, "2026-09", "period_close"));
    log.publish(at("2026-10-17"));
    host.show(&log);
    rig.round(at("2026-10-17")).tells(&["overdue resolved"]);
    // Nothing happened in October, and that is said.
    log.force(close(&log, 6, "2026-10", "statement_of_no_activity"));
    log.publish(at("2026-11-10"));
    host.show(&log);
    rig.round(at("2026-11-20")).tells(&[]);
    rig.round(at("2026-12-16")).tells(&["overdue open"]);
}

/// A town's own unit and a village's registry keep no such accounts; a group only when it has a book.
#[test]
fn who_keeps_no_accounts_is_not_overdue() {
    let mut log = Log::demo();
    let group = Object::new().with("unit", "440811100391-01").with("name", "一组");
    log.take(log.act(VILLAGE, 2, "unit", group, &[]));
    let closed = Object::new()
        .with("count", 5)
        .with("root", log.state.books.trees(&unit(UNIT)).unwrap().lines.root().to_base64())
        .with("reason", "并村");
    log.take(log.act(UNIT, 5, "closed", closed, &[]));
    log.publish(CREATED + 400);
    assert!(log.state.registry.profile(&unit("440811100000-00")).is_some());
    let (_host, rig) = rig(&log, "");
    rig.round(at("2027-03-01")).tells(&[]);
}
