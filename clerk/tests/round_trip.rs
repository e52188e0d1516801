//! From the table through a real server and back: sealed names, a payment list, a household's own row, a file; then all of
//! it withdrawn.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)] // a test stops at the first surprise

mod support;

use api::{Server, Settings};
use clerk::Draft;
use client::LedgerApi;
use keys::{Role, Signer};
use ledger::charter::{Authority, Charter};
use ledger::entry::Entry;
use ledger::leaf;
use ledger::payment_rows::{RowCode, list_of, verify_row};
use ledger::sealed::EntryId;
use ledger::time::Date;
use ledger::unit::UnitId;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};
use support::{ORIGIN, World};

const UNIT: &str = "440811100391-00";

/// The tool's folder and keys before a real server; the runtime keeps it going.
struct Real {
    world: World,
    server: Option<Server>,
    runtime: tokio::runtime::Runtime,
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

fn key(name: &str, n: u8) -> Signer {
    Signer::from_secret(name, Role::of_name(name).unwrap(), &[n; 32]).unwrap()
}

impl Real {
    fn new() -> Self {
        let mut world = World::new();
        let (log, authority) = (key(ORIGIN, 1), key("mazhang.example/ledger/authority/a", 2));
        let charter = Charter {
            origin: ORIGIN.to_owned(),
            log: log.vkey().clone(),
            authority: Authority { keys: vec![authority.vkey().clone()], threshold: 1 },
            district: "440811".to_owned(),
            policy: vec!["quorum none".to_owned()],
            catalogue: None,
            created: now(),
        };
        let text = charter.text();
        let note =
            leaf::seal(&text, vec![authority.sign_note(&text).unwrap(), log.sign_note(&text).unwrap()]);
        let data = world.dir.path().join("data");
        store::init_path(&data, note.as_bytes(), &log, now()).unwrap();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let server = runtime.block_on(Server::start(Settings::new(data), log)).unwrap();
        world.url = format!("http://{}", server.address());
        world.ok(&["units", "--divisions", &world.demo("divisions_sample.csv"), "--key", "authority.key"]);
        for (seal, holder) in [("440811100.key", "镇政府"), ("supervision.key", "监委会")] {
            world.ok(&["seal", "add", "--seal-key", seal, "--holder", holder, "--key", "authority.key"]);
        }
        Real { world, server: Some(server), runtime }
    }

    fn publish(&self, table: &str) -> Draft {
        let world = &self.world;
        std::fs::write(world.dir.path().join("t.csv"), table).unwrap();
        world.ok(&["import", "t.csv", "--divisions", &world.demo("divisions_sample.csv"), "--out", "d.json"]);
        world.ok(&["sign", "--key", "440811100.key", "d.json", "--server", &world.url]);
        world.ok(&["publish", "d.json"]);
        Draft::read(&world.dir.path().join("d.json")).unwrap()
    }
}

impl Drop for Real {
    fn drop(&mut self) {
        let _ = self.server.take().map(|server| self.runtime.block_on(server.stop()));
    }
}

/// The files below a folder that hold some bytes.
fn holding(folder: &Path, bytes: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    for file in std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()) {
        if file.is_dir() {
            found.extend(holding(&file, bytes));
        } else if std::fs::read(&file).unwrap().windows(bytes.len()).any(|w| w == bytes) {
            found.push(file.display().to_string());
        }
    }
    found
}

#[test]
fn names_list_and_file_go_in_are_seen_proved_and_withdrawn() {
    let real = Real::new();
    let world = &real.world;
    let day = |ahead: i64| Date::of_days(Date::of_unix(now()).days() + ahead).to_string();
    let (from, to) = (day(0), day(10));
    std::fs::write(world.dir.path().join("明细.txt"), "发放明细：两户\n").unwrap();
    let table = format!(
        "行政区划代码,公开事项,所属期间,业务日期,凭证号,摘要,会计科目,收支方向,金额(元),数量,计量单位,对方单位或个人,经手人,公示开始日期,公示截止日期,附件,附件范围\n\
         440811100391,收支公示,2026-03,2026-03-02,记-0001,付工资,541 管理费用,支出,300.00,,,李小明(个人),陈建华,{from},{to},,\n\
         440811100391,补贴发放清单,2026-03,2026-03-02,,2026年补贴(一组),,代发,612.00,3.40,亩,王芳,陈建华,{from},{to},明细.txt,公开\n\
         440811100391,补贴发放清单,2026-03,2026-03-02,,2026年补贴(第2组),,代发,486.50,2.70,亩,周小莲,陈建华,{from},{to},,\n"
    );
    let draft = real.publish(&table);
    let (api, unit) = (LedgerApi::new(&world.url).unwrap(), UnitId::parse(UNIT).unwrap());

    let values = |seq| -> Vec<String> {
        api.openings(&unit, seq).unwrap().unwrap().iter().map(|o| o.value.clone()).collect()
    };
    assert_eq!(
        (values(1), values(2)),
        (vec!["陈*华".into(), "李*明".into()], vec!["陈*华".into(), "王*".into(), "周*莲".into()])
    );
    let entry = Entry::of_leaf(&api.entry(&unit, 2).unwrap().unwrap()).unwrap();
    let (list, file) = (list_of(&entry).unwrap(), entry.attachments[0].clone());
    assert_eq!((list.count, list.total.get()), (2, 109_850));
    assert_eq!(api.blob(&file.digest).unwrap().unwrap().bytes, "发放明细：两户\n".as_bytes());
    // The second household proves its row with what its leaflet says.
    let row = &draft.entries[1].list[1];
    let salt = *ledger::hash::Hash::from_base64(&row.salt).unwrap().as_bytes();
    let code = RowCode { index: 1, salt, name: row.value.clone() };
    let proved = || {
        let proof = api.row_proof(&unit, 2, 1).unwrap().unwrap();
        verify_row(&proof, &code, &EntryId::of(&entry), &list.root, list.count).unwrap();
        proof.row
    };
    assert_eq!((proved().group, proved().quantity, proved().amount.get()), (2, 270, 48_650));
    let receipt = api.proof(&unit, 2).unwrap();

    // Posted until later: not by its end, but by law.
    let by =
        ["--ordered-by", "榕溪村务监督委员会", "--yes", "--key", "440811100.key", "--key", "supervision.key"];
    let expired = world.ok(&[&["redact", "--expired", "--scope", "440811"][..], &by].concat());
    assert!(expired.contains("没有公示期已满"), "{expired}");
    for (seq, paths) in [("1", &["counterparty.name"][..]), ("2", &["rows", "attachments.0"])] {
        let mut args = vec!["redact", "--unit", UNIT, "--seq", seq, "--basis", "privacy_law"];
        paths.iter().for_each(|path| args.extend(["--path", *path]));
        assert!(world.ok(&[&args[..], &by].concat()).contains("公布 1 条撤下"));
    }
    assert_eq!((values(1), values(2)), (vec!["陈*华".to_owned()], vec!["陈*华".to_owned()]));
    assert!(api.blob(&file.digest).is_err());
    assert_eq!(api.entry(&unit, 2).unwrap().unwrap(), draft.note(&draft.entries[1]).unwrap().as_bytes());
    assert_eq!(proved().amount.get(), 48_650);
    assert!(receipt.len() > 100);

    let data = world.dir.path().join("data");
    let salts = draft.entries[1].list.iter().map(|row| row.salt.as_str());
    for gone in ["李*明", "王*", "周*莲", "发放明细"].into_iter().chain(salts) {
        assert_eq!(holding(&data, gone.as_bytes()), [] as [&str; 0], "{gone}");
    }
    assert_eq!(holding(&data, "陈*华".as_bytes()).len(), 2);
}

#[test]
fn the_sample_goes_into_a_real_server() {
    let real = Real::new();
    let world = &real.world;
    for town in ["440811101.key", "440811102.key"] {
        world.ok(&["seal", "add", "--seal-key", town, "--holder", "镇政府", "--key", "authority.key"]);
    }
    world.import("draft.json");
    world.seal_all("draft.json");
    assert!(world.ok(&["publish", "draft.json"]).starts_with("已公布 57 条"));
    // Its postings ended in spring: nobody sees a name, and all that was posted is due.
    let api = LedgerApi::new(&world.url).unwrap();
    let unit = UnitId::parse("440811101391-00").unwrap();
    assert_eq!(api.unit_openings(&unit, 1).unwrap(), []);
    let dry = ["redact", "--expired", "--scope", "440811", "--dry-run", "--ordered-by", "监委会"];
    let said = world.ok(&dry);
    assert!(said.contains("撤下 整份清单 5 户的姓名（rows）"), "{said}");
}

#[test]
fn a_list_of_ten_thousand_households_is_one_entry() {
    let real = Real::new();
    let mut table = "行政区划代码,公开事项,所属期间,业务日期,摘要,收支方向,金额(元),对方单位或个人,经手人,公示开始日期,公示截止日期,姓名公开范围\n".to_owned();
    for row in 0..10_000 {
        let (group, yuan) = (row % 20 + 1, row % 700 + 1);
        table.push_str(&format!(
            "440811100391,补贴发放清单,2026-03,2026-03-02,2026年补贴(第{group}组),代发,{yuan}.00,李小明,陈建华,2026-03-05,2026-03-20,本户\n"
        ));
    }
    let draft = real.publish(&table);
    assert_eq!((draft.entries.len(), draft.entries[0].list.len()), (1, 10_000));
    let (api, unit) = (LedgerApi::new(&real.world.url).unwrap(), UnitId::parse(UNIT).unwrap());
    let leaf = api.entry(&unit, 1).unwrap().unwrap();
    assert!(leaf.len() < 2_000);
    let entry = Entry::of_leaf(&leaf).unwrap();
    let list = list_of(&entry).unwrap();
    let row = &draft.entries[0].list[9_999];
    let salt = *ledger::hash::Hash::from_base64(&row.salt).unwrap().as_bytes();
    let proof = api.row_proof(&unit, 1, 9_999).unwrap().unwrap();
    assert!(proof.encode().len() < 2_048);
    let code = RowCode { index: 9_999, salt, name: row.value.clone() };
    verify_row(&proof, &code, &EntryId::of(&entry), &list.root, 10_000).unwrap();
}
