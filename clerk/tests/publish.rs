//! From table to ledger and back: sealing, publishing, doing it again, and two people at once.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a step that fails fails the test")]

mod support;

use ledger::hash::leaf_hash;
use ledger::leaf::MAX_LEAF;
use ledger::proof::TlogProof;
use ledger::unit::UnitId;
use support::{TOWNS, World};

const UNIT: &str = "440811100391-00";

fn count(world: &World) -> usize {
    world.log().shelf.leaves.len()
}

#[test]
fn the_sample_goes_in_whole_and_a_second_time_changes_nothing() {
    let world = World::enrolled();
    world.import("draft.json");
    world.ok(&["check", "draft.json", "--server", &world.url]);
    let sealed = world.ok(&["sign", "--key", "440811100.key", "draft.json"]);
    assert!(sealed.contains("township 盖章 19 条"), "{sealed}");
    world.ok(&["sign", "--key", "440811101.key", "--key", "440811102.key", "draft.json"]);
    let before = count(&world);
    let said = world.ok(&["publish", "draft.json", "--receipts", "receipts"]);
    assert!(said.starts_with("已公布 57 条"), "{said}");
    assert_eq!(count(&world), before + 58);

    let draft = world.read("draft.json");
    for entry in draft["entries"].as_array().unwrap() {
        let receipt = &entry["receipt"];
        let index = receipt["index"].as_u64().unwrap() as usize;
        let leaf = world.log().shelf.leaves[index].clone();
        assert_eq!(receipt["leaf"], leaf_hash(&leaf).to_base64());
        assert!(leaf.len() < MAX_LEAF);
    }
    let proofs = std::fs::read_dir(world.dir.path().join("receipts")).unwrap().count();
    assert_eq!(proofs, 57);
    let proof = std::fs::read(world.dir.path().join(format!("receipts/{UNIT}-1.tlog-proof"))).unwrap();
    assert_eq!(
        TlogProof::parse(&proof).unwrap().index,
        draft["entries"][0]["receipt"]["index"].as_u64().unwrap()
    );

    let said = world.ok(&["publish", "draft.json"]);
    assert!(said.starts_with("全部 57 条早已公布"), "{said}");
    assert_eq!(count(&world), before + 58);
}

#[test]
fn the_second_table_of_the_demo_goes_in_after_the_sample() {
    let world = World::enrolled();
    world.import("first.json");
    world.seal_all("first.json");
    world.ok(&["publish", "first.json"]);
    let (table, divisions) = (world.demo("disposal_and_zero.csv"), world.demo("divisions_sample.csv"));
    world.ok(&["import", &table, "--divisions", &divisions, "--out", "second.json"]);
    world.seal_all("second.json");
    let said = world.ok(&["publish", "second.json"]);
    assert!(said.starts_with("已公布 11 条"), "{said}");
}

#[test]
fn the_same_table_imported_again_is_recognised() {
    let world = World::enrolled();
    world.import("first.json");
    world.seal_all("first.json");
    world.ok(&["publish", "first.json"]);
    let before = count(&world);
    world.import("second.json");
    let said = world.ok(&["check", "second.json", "--server", &world.url]);
    assert!(said.contains("全部条目都已公布"), "{said}");
    world.ok(&["publish", "second.json"]);
    assert_eq!(count(&world), before);
}

#[test]
fn an_answer_that_got_lost_is_asked_for_again_and_nothing_is_doubled() {
    let world = World::enrolled();
    world.import("draft.json");
    world.seal_all("draft.json");
    let before = count(&world);
    world.log().lose = 4;
    world.fails(2, &["publish", "draft.json"]);
    assert_eq!(world.read("draft.json")["entries"][0].get("receipt"), None);
    let said = world.ok(&["publish", "draft.json"]);
    assert!(said.starts_with("已公布 57 条"), "{said}");
    // The index leaves of empty publications apart, every entry stands once.
    let entries =
        world.log().shelf.leaves[before..].iter().filter(|l| l.starts_with(b"village-ledger/entry")).count();
    assert_eq!(entries, 57);
}

#[test]
fn a_lost_answer_and_a_new_seal_double_nothing_either() {
    let world = World::enrolled();
    world.import("draft.json");
    world.seal_all("draft.json");
    world.log().lose = 4;
    world.fails(2, &["publish", "draft.json"]);
    let before = world.log().state.books.count(&UnitId::parse(UNIT).unwrap());
    world.seal_all("draft.json");
    world.ok(&["publish", "draft.json"]);
    assert_eq!(world.log().state.books.count(&UnitId::parse(UNIT).unwrap()), before);
}

/// A table with one notice of the first village.
fn one_notice(world: &World, file: &str, text: &str) {
    let table = format!(
        "行政区划代码,公开事项,所属期间,业务日期,摘要,金额(元)\n440811100391,协商议事,2026-03,2026-03-02,{text},\n"
    );
    std::fs::write(world.dir.path().join("one.csv"), table).unwrap();
    let divisions = world.demo("divisions_sample.csv");
    world.ok(&["import", "one.csv", "--divisions", &divisions, "--out", file]);
}

#[test]
fn when_another_took_the_number_the_tool_says_what_to_run_and_does_it_with_a_key() {
    let world = World::enrolled();
    for (file, text) in [("a.json", "路灯"), ("b.json", "水渠"), ("c.json", "广场")] {
        one_notice(&world, file, text);
        world.ok(&["sign", "--key", "440811100.key", file, "--server", &world.url]);
    }
    world.ok(&["publish", "a.json"]);
    let said = world.fails(1, &["publish", "b.json"]);
    assert!(
        said.contains("编号已被别的条目占用（下一个是 2）") && said.contains("village-clerk sign --key"),
        "{said}"
    );
    world.ok(&["sign", "--key", "440811100.key", "b.json", "--server", &world.url]);
    world.ok(&["publish", "b.json"]);
    world.ok(&["publish", "c.json", "--key", "440811100.key"]);
    let seqs = ["a.json", "b.json", "c.json"].map(|f| world.read(f)["entries"][0]["receipt"]["seq"].as_u64());
    assert_eq!(seqs, [Some(1), Some(2), Some(3)]);
}

#[test]
fn a_second_seal_adds_its_line_and_a_correction_is_sealed_anew() {
    let world = World::enrolled();
    world.ok(&[
        "seal",
        "add",
        "--seal-key",
        "supervision.key",
        "--holder",
        "监委会",
        "--key",
        "authority.key",
    ]);
    world.import("draft.json");
    world.seal_all("draft.json");
    let said = world.ok(&["sign", "--key", "supervision.key", "draft.json"]);
    assert!(said.contains("supervision 盖章 19 条"), "{said}");
    assert!(said.contains("第14行还缺 mazhang.example/ledger/seal/440811100/township 的章"), "{said}");
    let said = world.ok(&["sign", "--key", "440811100.key", "draft.json"]);
    assert!(!said.contains("还缺"), "{said}");
    let draft = world.read("draft.json");
    let lines: Vec<usize> = draft["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["signatures"].as_array().unwrap().len())
        .collect();
    assert!(lines[..19].iter().all(|n| *n == 2) && lines[19..].iter().all(|n| *n == 1), "{lines:?}");
    world.ok(&["publish", "draft.json"]);
}

#[test]
fn seals_given_together_are_put_on_corrections_too_also_when_the_numbers_were_taken() {
    let world = World::enrolled();
    let holder = ["--holder", "监委会", "--key", "authority.key"];
    world.ok(&[&["seal", "add", "--seal-key", "supervision.key"][..], &holder].concat());
    world.import("draft.json");
    one_notice(&world, "other.json", "路灯");
    let towns = TOWNS.map(|town| format!("{town}.key"));
    let mut keys: Vec<&str> = towns.iter().flat_map(|key| ["--key", key]).collect();
    keys.extend(["--key", "supervision.key"]);
    let said = world.ok(&[&["sign", "draft.json", "--server", &world.url][..], &keys].concat());
    assert!(!said.contains("还缺"), "{said}");
    world.ok(&["sign", "--key", "440811100.key", "other.json", "--server", &world.url]);
    world.ok(&["publish", "other.json"]);
    world.ok(&[&["publish", "draft.json"][..], &keys].concat());
    let draft = world.read("draft.json");
    let both = |e: &&serde_json::Value| e["signatures"].as_array().unwrap().len() == 2;
    assert_eq!(draft["entries"].as_array().unwrap().iter().filter(both).count(), 19);
}

#[test]
fn nothing_goes_out_from_a_draft_with_faults() {
    let world = World::enrolled();
    world.import("draft.json");
    world.seal_all("draft.json");
    let path = world.dir.path().join("draft.json");
    let good = std::fs::read_to_string(&path).unwrap();
    let posts = world.log().posts;
    let cases = [
        ("付1月村道路灯电费", "付1月村道路灯电费13800138000", "第5行“title”：疑似手机号"),
        ("\"amount\": 128640", "\"amount\": 128641", "第5行"),
        ("\"kind\": \"resolution\"", "\"kind\": \"news\"", "第8行“kind”：[unknown_kind]"),
        ("\"summary\": \"支出1,286.40元", "\"summary\": \"支出286.40元", "第5行：盖章后内容有变动"),
    ];
    for (from, to, message) in cases {
        std::fs::write(&path, good.replacen(from, to, 1)).unwrap();
        for command in [&["publish", "draft.json"][..], &["check", "draft.json"][..]] {
            let said = world.fails(1, command);
            assert!(said.contains(message), "{said}");
        }
    }
    std::fs::write(&path, good.replace("440811100391-00", "440811100391")).unwrap();
    world.fails(1, &["publish", "draft.json"]);
    assert_eq!(world.log().posts, posts);
    std::fs::write(&path, good).unwrap();
    world.ok(&["publish", "draft.json"]);
}

#[test]
fn each_step_says_what_is_missing() {
    let world = World::new();
    world.import("draft.json");
    let said = world.fails(1, &["sign", "--key", "440811100.key", "draft.json"]);
    assert!(said.contains("还不知道账本和编号。请先运行 village-clerk check 草稿 --server 网址"), "{said}");
    let said = world.fails(1, &["check", "draft.json", "--server", &world.url]);
    assert!(said.contains("“440811100391-00”：账本里还没有登记这个单位"), "{said}");
    let world = World::enrolled();
    world.import("draft.json");
    world.ok(&["check", "draft.json", "--server", &world.url]);
    world.ok(&["sign", "--key", "440811100.key", "draft.json"]);
    let said = world.fails(1, &["publish", "draft.json"]);
    assert!(said.contains("“440811101391-00”：22 条还没有盖章，请用管这个单位的印章"), "{said}");
    let said = world.fails(1, &["sign", "--key", "authority.key", "draft.json"]);
    assert!(said.contains("不是印章密钥，不能盖章"), "{said}");
    world.seal_all("draft.json");
    world.fails(2, &["publish", "none.json"]);
    world.fails(2, &["publish", "draft.json", "--server", "http://127.0.0.1:9"]);
    world.fails(2, &["publish", "draft.json", "--server", "somewhere"]);
    world.fails(64, &["publish"]);
    world.fails(64, &["import", "x.csv"]);
    world.ok(&["--help"]);
}

#[test]
fn a_draft_of_one_ledger_is_not_published_in_another() {
    let (here, there) = (World::enrolled(), World::enrolled());
    one_notice(&here, "draft.json", "路灯");
    here.ok(&["sign", "--key", "440811100.key", "draft.json", "--server", &here.url]);
    let said = here.fails(1, &["publish", "draft.json", "--server", &there.url]);
    assert!(said.starts_with("草稿属于账本 mazhang.example/ledger#") && said.contains("未公布"), "{said}");
    // Sealed for the other ledger on purpose, it goes there, and then nowhere else.
    here.ok(&["sign", "--key", "440811100.key", "draft.json", "--server", &there.url]);
    here.ok(&["publish", "draft.json", "--server", &there.url]);
    here.fails(1, &["check", "draft.json", "--server", &here.url]);
}

#[test]
fn units_and_seals_are_enrolled_once_and_rotate_and_end() {
    let world = World::enrolled();
    let before = count(&world);
    let divisions = world.demo("divisions_sample.csv");
    let said = world.ok(&["units", "--divisions", &divisions, "--key", "authority.key"]);
    assert!(said.starts_with("登记 0 件，已有 10 件"), "{said}");
    let add = ["seal", "add", "--seal-key", "440811100.key", "--holder", "镇政府", "--key", "authority.key"];
    assert!(world.ok(&add).starts_with("登记 0 件，已有 1 件"));
    assert_eq!(count(&world), before);

    let vkey = |file: &str| keys::file::show(&world.dir.path().join(file)).unwrap().vkey.to_string();
    let (old, new) = (vkey("440811100.key"), vkey("440811100-new.key"));
    world.ok(&["seal", "rotate", "--seal-key", "440811100-new.key", "--old", &old, "--key", "authority.key"]);
    one_notice(&world, "draft.json", "路灯");
    world.ok(&["sign", "--key", "440811100.key", "draft.json", "--server", &world.url]);
    let said = world.fails(1, &["publish", "draft.json"]);
    assert!(said.contains("第2行：[seal]") && said.contains("此时无效"), "{said}");
    world.ok(&[
        "seal",
        "revoke",
        "--old",
        &new,
        "--compromised-from",
        "2026-01-01",
        "--key",
        "authority.key",
    ]);
    let seal = world.log().state.registry.seals().find(|s| s.key.to_string() == new).cloned().unwrap();
    assert!(seal.until.is_some() && seal.compromised_from == Some(1_767_196_800) && seal.holder == "镇政府");
    let said =
        world.fails(1, &["seal", "revoke", "--old", &vkey("supervision.key"), "--key", "authority.key"]);
    assert!(said.contains("没有这枚印章"), "{said}");
}

#[test]
fn a_seal_can_be_enrolled_from_two_desks() {
    let world = World::new();
    world.ok(&["units", "--divisions", &world.demo("divisions_sample.csv"), "--key", "authority.key"]);
    let path = world.dir.path().join("440811100.key");
    let vkey = keys::file::show(&path).unwrap().vkey.to_string();
    let add = ["seal", "add", "--vkey", &vkey, "--holder", "镇政府", "--key", "authority.key"];
    assert!(world.fails(1, &add).contains("加 --out"));
    world.ok(&[&add[..], &["--out", "act.note"]].concat());
    let note = std::fs::read_to_string(world.dir.path().join("act.note")).unwrap();
    let signer = keys::file::open(&path, &keys::Passphrase::new("稻花香里说丰年一".to_owned())).unwrap();
    std::fs::write(world.dir.path().join("act.note"), keys::cli::sign(&note, &signer).unwrap()).unwrap();
    world.ok(&["post", "act.note"]);
    assert_eq!(world.log().state.registry.seals().count(), 1);
    assert_eq!(TOWNS.len(), 3);
}
