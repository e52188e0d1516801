//! Test-only: writes what a server would send of a book with sealed names, for the browser test. Never part of the
//! product.
//!
//! `sealed-book DIR` makes, with the fixed keys of the ledger's own tests, a village's book: 2 a contract whose
//! person's name is posted, with attachments; 3 one whose name only inspectors see; 4 a payment list of 13 households;
//! 5 a contract whose posting has ended; 2 and 3 name one picture. In `DIR`: `unit`, `page.html`, `entry.html` (of number
//! 4), `bundle-1` and `bundle-4` (from that number on), `openings` (H-14), `proof-<place>` (H-17) and `code-<place>`,
//! `photo`, `notes` and `rows` (H-16), `names` (H-13 of number 4); with `-withheld` and `-altered`, what is not as it
//! should be; and in `DIR/redacted` pages, bundles and names after 6 withdrew name and picture of 2, and 7 a name of the
//! list.

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
use ledger::append::Submission;
use ledger::bundle::verify;
use ledger::hash::Hash;
use ledger::json::{Object, Value};
use ledger::kinds::KINDS;
use ledger::money::Fen;
use ledger::payment_rows::{Row, RowCode, RowTree, Rows};
use ledger::sealed::{Access, EntryId, Opening, Openings, paths};
use std::fs;
use std::path::{Path, PathBuf};
use support::{CREATED, UNIT, World, seal, set};
use views::{Names, Shell};

const NAME: &str = "counterparty.name";
/// A picture, and a table.
const PHOTO: &[u8] = include_bytes!("../../../demo/村前鱼塘.jpg");
const NOTES: &[u8] = "次序,报价\n1,69000\n2,71645\n".as_bytes();

fn main() -> Result<()> {
    let usage = "usage: sealed-book DIR";
    let folder: PathBuf = std::env::args_os().nth(1).context(usage)?.into();
    anyhow::ensure!(!folder.to_string_lossy().starts_with('-'), usage);
    fs::create_dir_all(folder.join("redacted"))?;
    let mut world = World::new();
    world.enrol();
    let account = Object::new().with("account", "bank").with("amount", 48_850_050);
    let opening = Object::new().with("accounts", vec![Value::from(account)]).with("amount", 48_850_050);
    let draft = entry(&world, 1, "opening_balance", "期初结存", opening);
    take(&mut world, draft, Openings::default(), None)?;

    let (posted, ended) = (("2026-09-01", "2199-12-31"), ("2026-09-01", "2026-09-15"));
    let li = contract(&mut world, 2, "1号虾塘发包", "李*明", Access::Posted, posted)?;
    contract(&mut world, 3, "2号虾塘发包", "陈*", Access::Inspectors, posted)?;
    let (rows, list) = payment_list(&mut world)?;
    contract(&mut world, 5, "晒场出租", "吴*芳", Access::Posted, ended)?;
    world.publish(CREATED + 200);

    // Numbers 3 and 5 give nothing to everyone; the names of the list are got by its entry.
    fs::write(folder.join("openings"), line(2, &li)?)?;
    fs::write(folder.join("openings-withheld"), "")?;
    fs::write(folder.join("openings-altered"), line(2, &Opening { value: "王*明".to_owned(), ..li })?)?;
    for (code, row) in &list {
        fs::write(folder.join(format!("code-{}", code.index)), code.text())?;
        fs::write(folder.join(format!("proof-{}", code.index)), row)?;
    }
    fs::write(folder.join("unit"), UNIT)?;
    let blob = |name: &str, bytes: &[u8]| fs::write(folder.join(name), bytes);
    blob("photo", PHOTO)?;
    blob("notes", NOTES)?;
    blob("rows", rows.text().as_bytes())?;
    blob("rows-altered", rows.text().replacen(" 66600 ", " 96600 ", 1).as_bytes())?;
    let names = |openings: Vec<Opening>| Openings::new(openings).map(|openings| openings.text());
    let (all, last) = (list_openings(), 12);
    blob("names", names(all.clone())?.as_bytes())?;
    blob("names-withheld", names(all.iter().take(last).cloned().collect())?.as_bytes())?;
    let mut altered = all.clone();
    altered.iter_mut().skip(last).for_each(|opening| opening.value = "王*明".to_owned());
    blob("names-altered", names(altered)?.as_bytes())?;
    let known = world.shelf.leaves.len() as u64;
    write(&folder, &world, known)?;

    redact(&mut world, 6, 2, &["attachments.0", NAME])?;
    redact(&mut world, 7, 4, &["rows.11.name"])?;
    world.publish(CREATED + 300);
    blob("redacted/openings", b"")?;
    let (left, _) = all.split_at(last - 1);
    blob("redacted/names", names([left, all.get(last..).unwrap_or_default()].concat())?.as_bytes())?;
    write(&folder.join("redacted"), &world, known)
}

/// Withdraws paths of an entry.
fn redact(world: &mut World, seq: u64, target: u64, paths: &[&str]) -> Result<()> {
    let at = usize::try_from(target - 1)?;
    let leaf = world.shelf.lines.get(&support::unit(UNIT)).and_then(|l| l.get(at)).map(|(line, _)| line.leaf);
    let about = Object::new()
        .with("seq", i64::try_from(target)?)
        .with_some("leaf", leaf.map(|leaf| leaf.to_base64()));
    let body = Object::new()
        .with("target", about)
        .with("paths", paths.iter().map(|path| Value::from(*path)).collect::<Vec<_>>())
        .with("basis", "privacy_law")
        .with("ordered_by", "榕溪村务监督委员会");
    let draft = entry(world, seq, "redaction", &format!("撤下第{target}号里的内容"), body);
    take(world, draft, Openings::default(), None)
}

fn line(seq: u64, opening: &Opening) -> Result<String> {
    Ok(format!("{seq} {}\n", Openings::new(vec![opening.clone()])?.text()))
}

fn entry(world: &World, seq: u64, kind: &str, text: &str, body: Object) -> Object {
    let draft = world.draft(UNIT, seq, kind, body);
    let fields = [("period", "2026-08"), ("occurred", "2026-08-12"), ("title", text), ("summary", text)];
    fields.iter().fold(draft, |draft, (name, value)| set(&draft, name, Some((*value).into())))
}

/// Takes an entry by the rules, with what came beside it.
fn take(world: &mut World, draft: Object, openings: Openings, rows: Option<&Rows>) -> Result<()> {
    let keys = [&world.supervision, &world.town];
    let mut submission = Submission::parse(seal(&draft, &keys), KINDS).map_err(|r| anyhow!("{r:?}"))?;
    submission.bring(openings, rows, &|_| Ok(()));
    world.admit(vec![submission], CREATED + 200).map(drop).map_err(|r| anyhow!("{r:?}"))
}

fn id(world: &World, seq: u64) -> EntryId {
    EntryId { ledger: world.ledger.clone(), unit: support::unit(UNIT), seq }
}

fn contract(
    world: &mut World,
    seq: u64,
    subject: &str,
    name: &str,
    access: Access,
    (from, to): (&str, &str),
) -> Result<Opening> {
    let opening = Opening { path: NAME.to_owned(), salt: [seq as u8; 32], value: name.to_owned(), access };
    let field = Object::new()
        .with("path", NAME)
        .with("commitment", id(world, seq).commit(NAME, &opening.salt, name).to_base64())
        .with("access", access.name());
    let body = Object::new()
        .with("contract_no", format!("RW-2026-{seq:03}"))
        .with("subject_kind", "resource")
        .with("subject", subject)
        .with("counterparty", Object::new().with("kind", "person"))
        .with("signed_on", "2026-08-10")
        .with("total", 7_164_500);
    let mut draft = entry(world, seq, "contract", subject, body);
    draft = set(&draft, "posting", Some(Object::new().with("from", from).with("to", to).into()));
    let photo = ("竞价现场照片", "image/jpeg", PHOTO, "public");
    let files = match seq {
        2 => vec![
            photo,
            ("竞价记录", "text/csv", NOTES, "public"),
            ("合同全文", "application/pdf", &[0; 2_400_000], "members"),
        ],
        3 => vec![photo],
        _ => Vec::new(),
    };
    if !files.is_empty() {
        let files = files.into_iter().map(|(title, media, file, access)| {
            let named = Object::new()
                .with("digest", Hash::of(file).to_hex())
                .with("size", i64::try_from(file.len()).unwrap_or_default());
            Value::from(named.with("type", media).with("title", title).with("access", access))
        });
        draft = set(&draft, "attachments", Some(files.collect::<Vec<_>>().into()));
    }
    draft = set(&draft, "sealed", Some(vec![Value::from(field)].into()));
    take(world, draft, Openings::new(vec![opening.clone()])?, None)?;
    Ok(opening)
}

/// The names of the list.
fn list_openings() -> Vec<Opening> {
    let name = |place: u32| if place.is_multiple_of(2) { "李*明" } else { "陈*红" };
    let openings = (0..13).map(|place| Opening {
        path: paths::of_row(place),
        salt: [100 + place as u8; 32],
        value: name(place).to_owned(),
        access: Access::Posted,
    });
    openings.collect()
}

/// The list's rows, and its codes, each with its row proof.
fn payment_list(world: &mut World) -> Result<(Rows, Vec<(RowCode, String)>)> {
    let (id, openings) = (id(world, 4), list_openings());
    let rows = openings.iter().zip(0_u32..).map(|(opening, index)| Row {
        index,
        group: (1 + index / 3) as u8,
        quantity: 365 + u64::from(index),
        amount: Fen::new(65_700 + 180 * i64::from(index)).unwrap_or_default(),
        commitment: id.commit(&opening.path, &opening.salt, &opening.value),
    });
    let rows = Rows::new(rows.collect())?;
    let summary = rows.summary();
    let list = Object::new()
        .with("digest", Hash::of(rows.text().as_bytes()).to_hex())
        .with("root", summary.root.to_base64())
        .with("unit", "亩")
        .with("access", "posted");
    let body = Object::new()
        .with("policy", "耕地地力保护补贴")
        .with("year", 2026)
        .with("count", 13)
        .with("amount", summary.total.get())
        .with("list", list);
    let mut draft = entry(world, 4, "payment_list", "耕地地力保护补贴 13户", body);
    let posting = Object::new().with("from", "2026-09-01").with("to", "2199-12-31");
    draft = set(&draft, "posting", Some(posting.into()));
    let tree = RowTree::new(&rows);
    let proof = |place| tree.prove(place).map(|proof| proof.encode()).context("no such row");
    let codes = (0..).zip(&openings).map(|(i, opening)| Ok((RowCode::of(i, opening), proof(i)?)));
    let codes = codes.collect::<Result<_>>()?;
    take(world, draft, Openings::new(openings.clone())?, Some(&rows))?;
    Ok((rows, codes))
}

/// Pages, and the bundles from numbers 1 and 4 on, for a phone that remembers the head of `known` leaves too.
fn write(folder: &Path, world: &World, known: u64) -> Result<()> {
    for from in [1, 4] {
        let bundle = world.bundle(UNIT, from, Some(known)).encode();
        fs::write(folder.join(format!("bundle-{from}")), &bundle)?;
        let outcome = verify(&bundle, &world.ask());
        let verified = outcome.verified.with_context(|| outcome.verdict.detail.clone())?;
        let shell = Shell { scripts: true, ..Shell::default() };
        let (code, names) = (outcome.verdict.code, Names::coming(shell.lang));
        if from == 1 {
            fs::write(folder.join("page.html"), shell.unit(&verified, code, &names))?;
        } else {
            let page = shell.entry(&verified, code, from, &names).context("no such entry")?;
            fs::write(folder.join("entry.html"), page)?;
        }
    }
    Ok(())
}
