//! Withdrawing: what is named, shown, asked for, signed by both seals and gone; and what a posting's end makes due.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)] // a test stops at the first surprise

mod support;

use clerk::Draft;
use ledger::entry::Entry;
use ledger::unit::UnitId;
use support::World;

const UNIT: &str = "440811100391-00";
const COLUMNS: &str = "行政区划代码,公开事项,所属期间,业务日期,凭证号,摘要,会计科目,收支方向,金额(元),对方单位或个人,经手人,公示开始日期,公示截止日期,姓名公开范围";

/// A ledger with both seals, and a village's payment and list, posted until a day.
fn world(until: &str) -> World {
    let world = World::enrolled();
    let supervision =
        ["seal", "add", "--seal-key", "supervision.key", "--holder", "监委会", "--key", "authority.key"];
    world.ok(&supervision);
    let posted = format!("2026-03-05,{until}");
    let rows = [
        format!(
            "收支公示,2026-03,2026-03-02,记-0001,付工资,541 管理费用,支出,300.00,李小明,陈建华,{posted},"
        ),
        format!(
            "收支公示,2026-03,2026-03-02,记-0002,付奖金,541 管理费用,支出,200.00,李小明,陈建华,{posted},本户"
        ),
        format!("补贴发放清单,2026-03,2026-03-02,,2026年补贴(一组),,代发,5.00,王芳,,{posted},"),
        format!("补贴发放清单,2026-03,2026-03-02,,2026年补贴(一组),,代发,6.00,周小莲,,{posted},"),
    ];
    let rows: String = rows.iter().map(|row| format!("440811100391,{row}\n")).collect();
    std::fs::write(world.dir.path().join("t.csv"), format!("{COLUMNS}\n{rows}")).unwrap();
    std::fs::write(world.dir.path().join("token"), "inspectors-token\n").unwrap();
    world.ok(&["import", "t.csv", "--divisions", &world.demo("divisions_sample.csv"), "--out", "d.json"]);
    world.ok(&["sign", "--key", "440811100.key", "d.json", "--server", &world.url]);
    world.ok(&["publish", "d.json"]);
    world
}

fn unit() -> UnitId {
    UnitId::parse(UNIT).unwrap()
}

/// The values that the server still keeps of an entry.
fn kept(world: &World, seq: u64) -> Vec<String> {
    world.log().openings[&(unit(), seq)].iter().map(|o| o.value.clone()).collect()
}

fn last(world: &World) -> Entry {
    let log = world.log();
    log.shelf.leaves.iter().rev().find_map(|leaf| Entry::of_leaf(leaf).ok()).unwrap()
}

const KEYS: [&str; 4] = ["--key", "440811100.key", "--key", "supervision.key"];
const BY: [&str; 2] = ["--ordered-by", "榕溪村务监督委员会"];

fn redact<'a>(rest: &[&'a str]) -> Vec<&'a str> {
    [&["redact"][..], rest, &BY].concat()
}

#[test]
fn a_name_is_withdrawn_with_both_seals_after_a_yes_and_all_else_stays() {
    let world = world("2026-12-31");
    let target = ["--unit", UNIT, "--seq", "1", "--path", "counterparty.name", "--basis", "privacy_law"];
    let said = world.ok(&redact(&[&target[..], &["--dry-run"]].concat()));
    for part in [
        "440811100391-00 第 1 号“付工资”：\n  撤下 对方姓名（counterparty.name）",
        "依据：依法删除个人信息；决定：榕溪村务监督委员会",
        "不变的：标题、金额、日期",
    ] {
        assert!(said.contains(part), "{said}");
    }
    let posts = world.log().posts;
    assert!(world.fails(1, &redact(&[&target[..], &KEYS].concat())).contains("没有确认，什么都没有撤下"));
    assert_eq!(world.log().posts, posts);
    assert_eq!(kept(&world, 1).len(), 2);

    let said = world.fails(1, &redact(&[&target[..], &["--key", "440811100.key", "--yes"]].concat()));
    assert!(said.contains("supervision") && !said.contains("李*明"), "{said}");
    let note = ["--note", "本人申请", "--yes"];
    let said = world.ok(&redact(&[&target[..], &KEYS, &note].concat()));
    assert!(said.contains("已撤下，公布 1 条撤下"), "{said}");
    assert_eq!(kept(&world, 1), ["陈*华"]);
    let entry = last(&world);
    let body = entry.body().text();
    assert!(body.contains(r#""paths":["counterparty.name"],"basis":"privacy_law","ordered_by":"榕溪村务监督委员会","note":["本人申请"]"#), "{body}");
    assert_eq!((entry.seq(), entry.title.as_deref()), (4, Some("撤下第1号的隐私内容：依法删除个人信息")));

    let said = world.fails(1, &redact(&[&target[..], &KEYS, &["--yes"]].concat()));
    assert!(said.contains("“counterparty.name”已由第 4 号撤下"), "{said}");
}

#[test]
fn what_an_entry_does_not_keep_is_told_with_what_it_does() {
    let world = world("2026-12-31");
    let of = |seq: &'static str, path: &'static str| {
        let target = ["--unit", UNIT, "--seq", seq, "--path", path, "--basis", "court", "--dry-run"];
        redact(&target)
    };
    let said = world.fails(1, &of("1", "amount"));
    assert!(
        said.contains("第 1 号没有“amount”可撤；可撤的是：approvals.0.name、counterparty.name。明文公布的"),
        "{said}"
    );
    assert!(world.fails(1, &of("3", "rows.2.name")).contains("可撤的是：rows"));
    assert!(world.fails(1, &of("9", "rows")).contains("没有公布过第 9 号"));
    assert!(world.ok(&of("3", "rows.1.name")).contains("撤下 清单第2行的姓名（rows.1.name）"));
    assert!(world.ok(&of("3", "rows")).contains("撤下 整份清单 2 户的姓名（rows）"));
    world.fails(64, &["redact", "--unit", UNIT, "--seq", "1", "--ordered-by", "x"]);
    world.fails(64, &redact(&["--expired", "--key", "k"]));
    world.fails(64, &redact(&["--expired", "--scope", "4408", "--key", "k"]));
    let said = world.fails(
        1,
        &redact(
            &[
                &["--unit", UNIT, "--seq", "1", "--path", "counterparty.name"][..],
                &["--basis", "court", "--note", "电话13800138000", "--yes"],
                &KEYS,
            ]
            .concat(),
        ),
    );
    assert!(said.contains("疑似手机号") && !said.contains("138"), "{said}");
    let posting =
        ["--unit", UNIT, "--seq", "1", "--path", "counterparty.name", "--basis", "posting_ended", "--yes"];
    assert!(world.fails(1, &redact(&[&posting[..], &KEYS].concat())).contains("公示到 2026-12-31"));
}

#[test]
fn another_office_can_add_its_seal() {
    let world = world("2026-12-31");
    let target = ["--unit", UNIT, "--seq", "3", "--path", "rows.0.name", "--basis", "court", "--yes"];
    world.ok(&redact(&[&target[..], &["--key", "440811100.key", "--out", "r.note"]].concat()));
    let note = std::fs::read_to_string(world.dir.path().join("r.note")).unwrap();
    let pass = keys::Passphrase::new("稻花香里说丰年一".to_owned());
    let signer = keys::file::open(&world.dir.path().join("supervision.key"), &pass).unwrap();
    std::fs::write(world.dir.path().join("r.note"), keys::cli::sign(&note, &signer).unwrap()).unwrap();
    world.ok(&["post", "r.note"]);
    assert_eq!(kept(&world, 3), ["周*莲"]);
}

#[test]
fn what_was_posted_and_no_longer_is_can_be_withdrawn_at_once() {
    let world = world("2026-03-20");
    let all = ["--expired", "--scope", "440811100", "--dry-run"];
    let said = world.ok(&redact(&all));
    // Who asked that only the household sees it was never posted.
    let want = [
        "第 1 号“付工资”：\n  撤下 经手人姓名（approvals.0.name）\n  撤下 对方姓名（counterparty.name）\n",
        "第 3 号“补贴发放清单：2026年补贴”：\n  撤下 整份清单 2 户的姓名（rows）\n",
        "依据：公示期满",
    ];
    assert!(want.iter().all(|part| said.contains(part)) && !said.contains("第 2 号"), "{said}");
    assert!(
        world.ok(&redact(&["--expired", "--scope", "440811101", "--dry-run"])).contains("没有公示期已满")
    );

    // A server that has lost a name already: an inspector sees that nothing is left to withdraw.
    let lost = world.log().openings[&(unit(), 1)].without(&["counterparty.name"]);
    world.log().openings.insert((unit(), 1), lost);
    let said = world.ok(&redact(&[&all[..], &["--token-file", "token"]].concat()));
    assert!(said.contains("approvals.0.name") && !said.contains("counterparty.name"), "{said}");

    let run = ["--expired", "--scope", "440811100391-00", "--yes"];
    let said = world.ok(&redact(&[&run[..], &KEYS].concat()));
    assert!(said.contains("公布 2 条撤下"), "{said}");
    assert_eq!([1, 2, 3].map(|seq| kept(&world, seq).len()), [0, 2, 0]);
    for more in [&[][..], &["--token-file", "token"]] {
        assert!(world.ok(&redact(&[&run[..], &KEYS, more].concat())).contains("没有公示期已满"));
    }
    let draft = Draft::read(&world.dir.path().join("d.json")).unwrap();
    assert_eq!(draft.published(), 3);
}

#[test]
fn a_posting_that_is_over_can_not_be_made_longer() {
    let world = world("2026-03-20");
    let longer = format!(
        "{COLUMNS}\n440811100391,收支公示,2026-03,2026-03-02,记-0009,付水费,541 管理费用,支出,1.00,李小明,,2026-03-05,2026-03-20,\n"
    );
    std::fs::write(world.dir.path().join("t.csv"), longer).unwrap();
    world.ok(&["import", "t.csv", "--divisions", &world.demo("divisions_sample.csv"), "--out", "e.json"]);
    world.ok(&["sign", "--key", "440811100.key", "e.json", "--server", &world.url]);
    world.ok(&["publish", "e.json"]);
    let said = world.ok(&redact(&["--expired", "--scope", UNIT, "--dry-run"]));
    assert!(said.contains("第 4 号“付水费”"), "{said}");
    let target = last(&world);
    let body = format!(
        r#"{{"target":{{"seq":4,"leaf":"{}"}},"fields":[{{"path":"posting.to","old":"2026-03-20","new":"2199-01-01"}}],"reason":"omission","explanation":"延长公示"}}"#,
        world.log().leaf_of(&unit(), 4).to_base64()
    );
    assert_eq!(target.seq(), 4);
    let draft = std::fs::read_to_string(world.dir.path().join("e.json")).unwrap();
    let mut draft: serde_json::Value = serde_json::from_str(&draft).unwrap();
    draft["entries"] = serde_json::json!([{
        "row": 2, "entry": {"unit": UNIT, "kind": "correction", "body": serde_json::from_str::<serde_json::Value>(&body).unwrap()}
    }]);
    let text = draft
        .to_string()
        .replace(&serde_json::from_str::<serde_json::Value>(&body).unwrap().to_string(), &body);
    std::fs::write(world.dir.path().join("f.json"), text).unwrap();
    world.ok(&["sign", "--key", "440811100.key", "f.json", "--server", &world.url]);
    let said = world.fails(1, &["publish", "f.json"]);
    assert!(said.contains("[E-99]"), "{said}");
    let said = world.ok(&redact(&["--expired", "--scope", UNIT, "--dry-run"]));
    assert!(said.contains("第 1 号") && said.contains("第 4 号"), "{said}");
}

#[test]
fn a_reader_that_has_gone_stops_nothing() {
    use std::process::{Command, Stdio};
    let world = world("2026-12-31");
    let mut child = Command::new(env!("CARGO_BIN_EXE_village-clerk"))
        .args(["check", "d.json"])
        .current_dir(world.dir.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8(output.stderr).unwrap().as_str()), (Some(0), ""));
}
