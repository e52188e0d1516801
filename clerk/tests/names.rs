//! Names of natural persons from the table to the ledger: masked, sealed with salts of their own, in no text that
//! stays.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)] // a test stops at the first surprise

mod support;

use clerk::draft::DraftEntry;
use clerk::names::DraftRow;
use clerk::{Draft, check};
use ledger::charter::LedgerId;
use ledger::entry::{Entry, Visibility};
use ledger::hash::Hash;
use ledger::json::Value;
use ledger::payment_rows::{ROWS_MEDIA, Rows, list_of};
use ledger::sealed::names::is_masked;
use ledger::sealed::{EntryId, Sealed};
use ledger::upload::Ticket;
use std::collections::BTreeSet;
use support::World;
use support::rows::rows;

const PEOPLE: &str = "公开大类,公开事项,凭证号,摘要,会计科目,收支方向,金额(元),对方单位或个人,经手人,证明人,审批人,公示开始日期,公示截止日期,姓名公开范围,备注";

/// A payment to someone.
fn payment(party: &str, people: &str, posting: &str, access: &str) -> String {
    format!("财务,收支公示,记-0001,付工资,541 管理费用,支出,300.00,{party},{people},{posting},{access},")
}

fn sealed(entry: &DraftEntry) -> Vec<String> {
    entry.names.iter().map(|name| format!("{}={} {}", name.path, name.value, name.access)).collect()
}

fn leaf(draft: &Draft, at: usize) -> Entry {
    Entry::of_leaf(draft.note(&draft.entries[at]).unwrap().as_bytes()).unwrap()
}

#[test]
fn each_column_of_people_is_sealed_where_its_entry_has_a_place_for_it() {
    let draft = rows(
        PEOPLE,
        &[&payment("李小明(个人)", "陈建华,会计,\"王芳、欧阳小红\"", "2026-03-05,2026-03-20", "")],
    );
    let draft = draft.unwrap();
    let entry = &draft.entries[0];
    assert_eq!(
        sealed(entry),
        [
            "counterparty.name=李*明 posted",
            "approvals.0.name=陈*华 posted",
            "approvals.2.name=王* posted",
            "approvals.3.name=欧阳*红 posted"
        ]
    );
    let roles: Vec<_> = entry
        .entry
        .0
        .list_of("approvals")
        .iter()
        .map(|a| a.object().unwrap().text_of("role").unwrap())
        .collect();
    assert_eq!(roles, ["handler", "witness", "approver", "approver"]);
    assert_eq!(
        entry.entry.0.at_path("body.counterparty").and_then(Value::object).unwrap().text(),
        r#"{"kind":"person"}"#
    );
    check::check(&draft, 1_795_000_000).unwrap();
    assert_eq!(check::unseen(&draft), []);

    let kinds = [
        ("资源发包,1号虾塘公开竞价:面积62亩,100.00,李小明(个人)", "winner.name=李*明 posted"),
        ("工程项目,修路:合同价5元,5.00,李小明(个人)", "contractor.name=李*明 posted"),
        ("资源台账,1号虾塘:编号A-1;类型水面;面积62亩;现状已发包,,李小明(个人)", "holder.name=李*明 posted"),
        ("发展党员公示,接收预备党员1名,,李小明", "name=李*明 posted"),
        ("发展党员公示,接收预备党员1名:李*明(党支部),,", "name=李*明 posted"),
        ("发展党员公示,接收预备党员1名:李小*(党支部),,", ""),
        ("党费收缴,欠缴1人:李*明,,", ""),
        ("党费收缴,欠缴1人,,李小明", ""),
        (
            "候选人联审结果,村委会委员候选人3名:通过2名;不通过1名,,李小明、王芳",
            "names.0=李*明 posted names.1=王* posted",
        ),
        ("慰问,慰问一户,,李小明", "counterparty.name=李*明 posted"),
        ("候选人联审结果,村委会委员候选人2名:通过1名;不通过1名,,李小明、王芳", ""),
        ("慰问,慰问,,李小明、王芳", ""),
    ];
    for (row, want) in kinds {
        let draft = rows("公开事项,摘要,金额(元),对方单位或个人", &[row]).unwrap();
        assert_eq!(sealed(&draft.entries[0]).join(" "), want, "{row}");
        check::check(&draft, 1_795_000_000).unwrap();
        let text = serde_json::to_string(&draft).unwrap();
        assert!(!text.contains("小明") && !text.contains("王芳"), "{text}");
    }
}

#[test]
fn who_may_see_a_name_is_said_by_a_column_and_without_posting_it_is_told_that_nobody_will() {
    let people = "陈建华,,";
    for (written, access) in
        [("", "posted"), ("公开", "posted"), ("本户", "household"), ("监督", "inspectors")]
    {
        let draft = rows(PEOPLE, &[&payment("李小明", people, ",", written)]).unwrap();
        assert!(draft.entries[0].names.iter().all(|name| name.access == access), "{written}");
        let told: Vec<String> = check::unseen(&draft).iter().map(ToString::to_string).collect();
        assert_eq!(told.len(), usize::from(access == "posted"), "{told:?}");
        assert!(
            told.iter().all(|line| line.starts_with("第2行“公示开始日期”：没有公示日期，姓名不会给村民看"))
        );
    }
    let faults = rows(PEOPLE, &[&payment("李小明", people, ",", "保密")]).unwrap_err();
    assert!(faults[0].to_string().starts_with("第2行“姓名公开范围”：应为 公开、本户 或 监督"), "{faults:?}");
}

#[test]
fn what_has_no_masked_form_is_a_fault_that_repeats_no_name() {
    for (party, people, column) in [
        ("村民李*明(个人)", ",,", "对方单位或个人"),
        ("*明", ",,", "对方单位或个人"),
        ("供电所", "李小明2,,", "经手人"),
        ("供电所", ",由李小明代为签字,", "证明人"),
        ("供电所", ",,\"王芳、*明\"", "审批人"),
    ] {
        let faults = rows(PEOPLE, &[&payment(party, people, ",", "")]).unwrap_err();
        let told = faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
        let start =
            format!("第2行“{column}”：不是可以封存的姓名，请写全名（如 李小明），或写成“姓*末字”“姓*”");
        assert!(faults.len() == 1 && told.starts_with(&start), "{told}");
        assert!(!told.contains("王芳") && !told.contains("代为"), "{told}");
    }
}

#[test]
fn a_draft_holds_no_full_name_and_salts_that_stand_nowhere_twice() {
    let table = [
        payment("李小明(个人)", "陈建华,黄秀英,陈国兴", ",", ""),
        payment("李小明", "陈建华,黄秀英,陈国兴", ",", ""),
        "财务,慰问,,由李小明、陈建华说明，黄秀英到场,,,,王大力等3人,,,,,,,陈国兴已签".to_owned(),
        "财务,补贴发放清单,,2026年补贴(一组),,代发,5.00,周小莲,陈建华,,,,,,周小莲本人领取".to_owned(),
        "财务,补贴发放清单,,2026年补贴(二组),,代发,6.00,李小明,陈建华,,,,,,".to_owned(),
    ];
    let draft = rows(PEOPLE, &table.iter().map(String::as_str).collect::<Vec<_>>()).unwrap();
    let text = serde_json::to_string(&draft).unwrap();
    for name in ["小明", "建华", "秀英", "国兴", "大力", "小莲"] {
        assert!(!text.contains(name), "{name}: {text}");
    }
    let names = draft.entries.iter().flat_map(|e| e.names.iter().map(|n| (n.salt.clone(), n.value.clone())));
    let list = draft.entries.iter().flat_map(|e| e.list.iter().map(|r| (r.salt.clone(), r.value.clone())));
    let all: Vec<(String, String)> = names.chain(list).collect();
    assert_eq!(all.len(), 4 + 4 + 1 + 2);
    assert!(all.iter().all(|(salt, name)| salt.len() == 44 && is_masked(name)));
    assert_eq!(all.iter().map(|(salt, _)| salt).collect::<BTreeSet<_>>().len(), all.len());
    let debug = format!("{draft:?}");
    assert!(all.iter().all(|(salt, name)| !debug.contains(salt) && !debug.contains(name)));
}

#[test]
fn the_sample_ends_with_sealed_names_and_none_in_any_text() {
    let world = World::enrolled();
    world.import("draft.json");
    let draft = Draft::read(&world.dir.path().join("draft.json")).unwrap();
    let names: usize = draft.entries.iter().map(|e| e.names.len()).sum();
    let households: usize = draft.entries.iter().map(|e| e.list.len()).sum();
    let approvals = |e: &DraftEntry| e.entry.0.list_of("approvals").len();
    assert_eq!(sealed(draft.of_row(18).unwrap()), ["name=陈* posted"]);
    let persons = draft.entries.iter().filter(|e| e.names.iter().any(|n| !n.path.starts_with("approvals")));
    assert_eq!(names, draft.entries.iter().map(approvals).sum::<usize>() + persons.count());
    assert_eq!((names, households), (NAMES, 5));
    for entry in &draft.entries {
        let text = entry.entry.0.text();
        assert!(!text.contains('*'), "{text}");
    }
    world.seal_all("draft.json");
    world.ok(&["publish", "draft.json"]);
    let log = world.log();
    assert_eq!(log.blobs.len(), 1);
    let kept: usize = log.openings.values().map(|openings| openings.iter().count()).sum();
    assert_eq!(kept, NAMES + 5);
    assert!(log.shelf.leaves.iter().all(|leaf| !String::from_utf8_lossy(leaf).contains("李*")));
    assert!(log.shelf.leaves.iter().all(|leaf| !String::from_utf8_lossy(leaf).contains("陈*")));
}
/// Three people on each of 30 rows, ten who paid, were paid or won, and one who is to be admitted to the party.
const NAMES: usize = 101;

#[test]
fn commitments_belong_to_ledger_and_number_and_are_made_anew_with_them() {
    let list = "财务,补贴发放清单,,2026年补贴(一组),,代发,5.00,李小明,陈建华,,,2026-03-05,2026-03-20,,";
    let mut draft = rows(PEOPLE, &[list]).unwrap();
    draft.ledger = Some("here.example/ledger#00".to_owned());
    draft.entries[0].signed_at = Some(1);
    let mut seen = BTreeSet::new();
    for (ledger, seq) in
        [("here.example/ledger#00", 1), ("here.example/ledger#00", 2), ("there.example/ledger#00", 2)]
    {
        draft.ledger = Some(ledger.to_owned());
        draft.entries[0].seq = Some(seq);
        let text = draft.text(&draft.entries[0]).unwrap();
        let json = ledger::json::parse(text.lines().nth(1).unwrap()).unwrap();
        let entry = Entry::of(json).unwrap();
        let id = EntryId { ledger: LedgerId::from_text(ledger), unit: entry.unit(), seq };
        assert_eq!(EntryId::of(&entry), id);
        let (openings, rows) = (draft.entries[0].openings().unwrap(), draft.entries[0].rows_as(&id).unwrap());
        assert!(list_of(&entry).unwrap().holds(&rows));
        let mut fields = Sealed::of(&entry).unwrap();
        fields.extend(rows.sealed(list_of(&entry).unwrap().access));
        let report = ledger::sealed::check(&id, &fields, &openings);
        assert!(report.is_sound() && report.missing.is_empty() && report.opened.len() == 2);
        seen.insert(format!("{:?} {}", entry.json.at_path("sealed"), list_of(&entry).unwrap().digest));
    }
    assert_eq!(seen.len(), 3);
}

#[test]
fn when_another_took_the_number_names_and_list_are_sealed_for_the_next_one() {
    let world = World::enrolled();
    let table = "行政区划代码,公开事项,所属期间,业务日期,摘要,收支方向,金额(元),对方单位或个人,经手人,公示开始日期,公示截止日期\n\
        440811100391,补贴发放清单,2026-03,2026-03-02,2026年补贴(一组),代发,5.00,李小明,陈建华,2026-03-05,2026-03-20\n\
        440811100391,补贴发放清单,2026-03,2026-03-02,2026年补贴(二组),代发,6.00,王芳,陈建华,2026-03-05,2026-03-20\n";
    std::fs::write(world.dir.path().join("t.csv"), table).unwrap();
    let divisions = world.demo("divisions_sample.csv");
    for draft in ["a.json", "b.json"] {
        world.ok(&["import", "t.csv", "--divisions", &divisions, "--out", draft]);
        let path = world.dir.path().join(draft);
        let text =
            std::fs::read_to_string(&path).unwrap().replace("2026年补贴", &format!("2026年{draft}补贴"));
        std::fs::write(&path, text).unwrap();
        world.ok(&["sign", "--key", "440811100.key", draft, "--server", &world.url]);
    }
    let first = leaf(&Draft::read(&world.dir.path().join("b.json")).unwrap(), 0);
    world.ok(&["publish", "a.json"]);
    world.fails(1, &["publish", "b.json"]);
    world.ok(&["publish", "b.json", "--key", "440811100.key"]);
    let draft = Draft::read(&world.dir.path().join("b.json")).unwrap();
    let second = leaf(&draft, 0);
    assert_eq!((first.seq(), second.seq()), (1, 2));
    assert_ne!(list_of(&first).unwrap().digest, list_of(&second).unwrap().digest);
    let log = world.log();
    let kept = log.openings.get(&(second.unit(), 2)).unwrap();
    assert_eq!(kept.iter().map(|o| o.value.as_str()).collect::<Vec<_>>(), ["陈*华", "李*明", "王*"]);
    let rows = Rows::parse(&log.blobs[&list_of(&second).unwrap().digest]).unwrap();
    assert_eq!(rows.iter().map(|r| r.group).collect::<Vec<_>>(), [1, 2]);
}

#[test]
fn a_table_imported_again_is_recognised_and_its_new_salts_are_not_kept() {
    let world = World::enrolled();
    world.import("first.json");
    world.seal_all("first.json");
    world.ok(&["publish", "first.json"]);
    world.import("second.json");
    assert!(world.ok(&["check", "second.json", "--server", &world.url]).contains("全部条目都已公布"));
    world.ok(&["check", "first.json", "--server", &world.url]);
    let names = |file: &str| {
        let draft = Draft::read(&world.dir.path().join(file)).unwrap();
        draft.entries.iter().map(|e| e.names.len() + e.list.len()).sum::<usize>()
    };
    assert_eq!((names("first.json"), names("second.json")), (NAMES + 5, 0));
}

#[test]
fn a_draft_with_a_full_name_or_a_broken_salt_is_neither_checked_nor_published() {
    let world = World::enrolled();
    world.import("draft.json");
    world.seal_all("draft.json");
    let path = world.dir.path().join("draft.json");
    let good = std::fs::read_to_string(&path).unwrap();
    let posts = world.log().posts;
    let salt = good.split("\"salt\": \"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    for (from, to, what) in [
        ("陈*华".to_owned(), "陈建华", "第3行"),
        (salt, "AAAA", "第3行“姓名公开范围”：草稿里的姓名或随机盐被改坏了"),
    ] {
        std::fs::write(&path, good.replacen(&from, to, 1)).unwrap();
        for command in [&["check", "draft.json"][..], &["publish", "draft.json"]] {
            let said = world.fails(1, command);
            assert!(said.contains(what) && !said.contains("建华"), "{said}");
        }
    }
    assert_eq!(world.log().posts, posts);
}

#[test]
fn tickets_are_good_for_a_day_and_uploads_may_be_repeated() {
    let world = World::enrolled();
    world.import("draft.json");
    world.seal_all("draft.json");
    let path = world.dir.path().join("draft.json");
    let mut draft = Draft::read(&path).unwrap();
    let at = draft.entries.iter().position(|e| !e.list.is_empty()).unwrap();
    assert_eq!(draft.entries.iter().map(|e| e.tickets.len()).sum::<usize>(), 1);
    let mut ticket = Ticket::parse(draft.entries[at].tickets[0].as_bytes()).unwrap();
    assert_eq!((ticket.media.as_str(), ticket.access), (ROWS_MEDIA, Visibility::Public));
    ticket.time -= 86_401;
    let pass = keys::Passphrase::new("稻花香里说丰年一".to_owned());
    let signer = keys::file::open(&world.dir.path().join("440811101.key"), &pass).unwrap();
    let old = ledger::leaf::seal(&ticket.text(), vec![signer.sign_note(&ticket.text()).unwrap()]);
    for tickets in [vec![old], Vec::new()] {
        draft.entries[at].tickets = tickets;
        draft.write(&path).unwrap();
        let said = world.fails(1, &["publish", "draft.json"]);
        assert!(said.contains("第35行：上传凭条没有或已过一天，请再运行 village-clerk sign"), "{said}");
    }
    assert_eq!(world.log().uploads, 0);
    world.log().lose = 4;
    world.fails(2, &["publish", "draft.json", "--key", "440811101.key"]);
    world.ok(&["publish", "draft.json"]);
    let log = world.log();
    assert_eq!(
        (log.uploads, log.blobs.len(), log.openings.values().filter(|o| !o.is_empty()).count()),
        (2, 1, 34)
    );
}

#[test]
fn a_list_too_long_for_one_submission_is_told_before_it_is_sealed() {
    let list = "财务,补贴发放清单,,2026年补贴(一组),,代发,5.00,李小明,,,,2026-03-05,2026-03-20,,";
    let mut draft = rows(PEOPLE, &[list]).unwrap();
    let row = draft.entries[0].list[0].clone();
    let more = |n: u32| DraftRow { salt: Hash::of(&n.to_be_bytes()).to_base64(), ..row.clone() };
    draft.entries[0].list = (0..80_000).map(more).collect();
    let faults = check::check(&draft, 1_795_000_000).unwrap_err();
    assert!(faults.len() == 1 && faults[0].to_string().contains("请把清单分成几份"), "{faults:?}");
}
