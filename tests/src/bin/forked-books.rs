//! Test-only: writes what two contradicting servers would send, for the browser test. Never part of the product.
//!
//! `forked-books DIR` makes, with the fixed keys of the ledger's own tests, `DIR/<case>/page.html` and
//! `DIR/<case>/bundle`: `a` (a village's book), `b` (a longer one, signed by the same log key, in which an old amount
//! is another), `grown` (what should have followed a), `seal` (an entry without an enrolled seal), `ok` (a ledger
//! with witnesses that replayed it), `thousand` (a thousand entries); and `DIR/trust.toml`. `DIR/unit` holds the unit's id.

#[allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "the support code of ledger's tests stops at the first surprise"
)]
#[path = "../../../ledger/tests/support/mod.rs"]
mod support;

use anyhow::{Context as _, Result, anyhow};
use client::Trust;
use ledger::bundle::verify;
use ledger::json::{Object, Value};
use std::fs;
use std::path::{Path, PathBuf};
use support::{CREATED, Key, NOW, TOWN, TOWN_SCOPE, UNIT, VILLAGE, World, seal, seal_add, set};
use views::{Names, Shell};

/// Amounts of the second voucher in the two books, in fen.
const TRUE: i64 = 486_000;
const FALSE: i64 = 286_000;

fn main() -> Result<()> {
    let usage = "usage: forked-books DIR";
    let folder: PathBuf = std::env::args_os().nth(1).context(usage)?.into();
    anyhow::ensure!(!folder.to_string_lossy().starts_with('-'), usage);
    let mut honest = village(&["quorum none"]);
    let mut forked = honest.clone();
    vouchers(&mut honest, TRUE);
    vouchers(&mut forked, FALSE);
    let size = honest.shelf.leaves.len() as u64;
    write(&folder.join("a"), &honest, Some(size))?;
    for (case, world, paid) in [("grown", &mut honest, TRUE), ("b", &mut forked, FALSE)] {
        close(world, paid);
        write(&folder.join(case), world, Some(size))?;
    }

    let mut stranger = village(&["quorum none"]);
    vouchers(&mut stranger, TRUE);
    let key = Key::note("stranger.example/seal/440811100/township", 99);
    let note = seal(&voucher(&stranger, 4, "expense", 100, "没有登记的章"), &[&key]);
    stranger.force(note);
    stranger.publish(NOW);
    write(&folder.join("seal"), &stranger, None)?;

    let witness =
        |i: u8| format!("witness w{i} {}", Key::cosigner(&format!("witness{i}.example/w"), 50 + i).vkey);
    let policy =
        [witness(0), witness(1), "group replayers all w0 w1".to_owned(), "quorum replayers".to_owned()];
    let mut ok = village(&policy.iter().map(String::as_str).collect::<Vec<_>>());
    vouchers(&mut ok, TRUE);
    ok.sign(&[(0, u64::from(u32::MAX)), (1, u64::from(u32::MAX))]);
    write(&folder.join("ok"), &ok, Some(ok.shelf.leaves.len() as u64))?;

    let mut thousand = village(&["quorum none"]);
    let notes =
        (1..=1000).map(|seq| seal(&voucher(&thousand, seq, "expense", 100, "付保洁费"), &[&thousand.town]));
    let notes = notes.collect();
    thousand.take(notes, CREATED + 200);
    thousand.publish(CREATED + 200);
    write(&folder.join("thousand"), &thousand, None)?;

    fs::write(folder.join("trust.toml"), Trust::of_charter(&honest.charter, honest.charter_hash).text())?;
    Ok(fs::write(folder.join("unit"), UNIT)?)
}

/// A ledger with the town's seal and the village's profile, its telephone numbers in it.
fn village(policy: &[&str]) -> World {
    let policy: Vec<String> = policy.iter().map(|line| (*line).to_owned()).collect();
    let mut world = World::with(1, 1, &policy);
    let contacts = |pairs: &[(&str, &str)]| -> Vec<Value> {
        pairs.iter().map(|(o, p)| Object::new().with("office", *o).with("phone", *p).into()).collect()
    };
    let town = Object::new().with("unit", "440811100000-00").with("name", "麻章镇");
    let town = town.with("contacts", contacts(&[("麻章镇人民政府", "0759-0000002")]));
    let village = Object::new().with("unit", UNIT).with("name", "榕溪村").with("parent", "麻章镇");
    let village = village.with("contacts", contacts(&[("榕溪村务监督委员会", "0759-0000001")]));
    let key = world.town.clone();
    let acts = vec![
        world.act(TOWN, 1, "unit", town, &[]),
        world.act(TOWN, 2, "seal", seal_add(&key, "township", TOWN_SCOPE), &[&key]),
        world.act(VILLAGE, 1, "unit", village, &[]),
    ];
    world.take(acts, CREATED + 100);
    world.publish(CREATED + 100);
    world
}

fn entry(world: &World, seq: u64, kind: &str, day: &str, text: &str, body: Object) -> Object {
    let draft = world.draft(UNIT, seq, kind, body);
    let fields = [("period", "2026-08"), ("occurred", day), ("title", text), ("summary", text)];
    fields.iter().fold(draft, |draft, (name, value)| set(&draft, name, Some((*value).into())))
}

fn voucher(world: &World, seq: u64, direction: &str, amount: i64, text: &str) -> Object {
    let line = Object::new().with("account", "公益支出").with("amount", amount);
    let body = Object::new()
        .with("voucher_no", format!("记-{seq:04}"))
        .with("direction", direction)
        .with("lines", vec![Value::from(line)])
        .with("amount", amount)
        .with("fund_source", "self")
        .with("method", "transfer")
        .with("counterparty", Object::new().with("kind", "company").with("name", "××建材经营部"));
    entry(world, seq, "voucher", "2026-08-12", text, body)
}

fn vouchers(world: &mut World, paid: i64) {
    let account = Object::new().with("account", "bank").with("amount", 48_850_050);
    let opening = Object::new().with("accounts", vec![Value::from(account)]).with("amount", 48_850_050);
    let drafts = [
        entry(world, 1, "opening_balance", "2026-08-01", "期初结存488500.50元", opening),
        voucher(world, 2, "income", 3_600_000, "收到综合市场铺面租金"),
        voucher(world, 3, "expense", paid, "付文化楼屋面补漏材料款<script>alert(1)</script>"),
    ];
    let notes = drafts.iter().map(|draft| seal(draft, &[&world.town])).collect();
    world.take(notes, CREATED + 200);
    world.publish(CREATED + 200);
}

/// What comes later: a correction of the third entry, and the close.
fn close(world: &mut World, paid: i64) {
    let leaf = world.shelf.lines.get(&support::unit(UNIT)).and_then(|l| l.get(2)).map(|(line, _)| line.leaf);
    let field = |path: &str| Object::new().with("path", path).with("old", paid).with("new", 846_000).into();
    let target = Object::new().with("seq", 3).with_some("leaf", leaf.map(|l| l.to_base64()));
    let correction = Object::new()
        .with("target", target)
        .with("fields", vec![field("body.amount"), field("body.lines.0.amount")])
        .with("reason", "typo")
        .with("explanation", "录入数字颠倒");
    let ending = Object::new()
        .with("opening", 48_850_050)
        .with("income", 3_600_000)
        .with("expense", 846_000)
        .with("closing", 51_604_050);
    let drafts = [
        entry(world, 4, "correction", "2026-08-20", "更正第3号的金额", correction),
        entry(world, 5, "period_close", "2026-08-31", "8月结余516040.50元", ending),
    ];
    let notes = drafts.iter().map(|draft| seal(draft, &[&world.town])).collect();
    world.take(notes, CREATED + 300);
    world.publish(CREATED + 300);
}

/// The page a server would draw, and the bundle it would serve to a phone that remembers a head of that size.
fn write(folder: &Path, world: &World, remembered: Option<u64>) -> Result<()> {
    fs::create_dir_all(folder)?;
    let bundle = world.bundle(UNIT, 1, remembered).encode();
    fs::write(folder.join("bundle"), &bundle)?;
    let outcome = verify(&bundle, &world.ask());
    match outcome.verified {
        Some(verified) => {
            let shell = Shell { scripts: true, ..Shell::default() };
            fs::write(
                folder.join("page.html"),
                shell.unit(&verified, outcome.verdict.code, &Names::coming(shell.lang)),
            )?;
        }
        // A faulty ledger's page would show what it likes.
        None if outcome.verdict.evidence.is_some() => {}
        None => return Err(anyhow!("{}: {}", outcome.verdict.code, outcome.verdict.detail)),
    }
    Ok(())
}
