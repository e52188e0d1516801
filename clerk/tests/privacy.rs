//! The privacy guard on the clerk's side: in each cell of a table, each text of a draft, each act of the office.
//! Numbers are made up, their check digits are right.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)] // a test stops at the first surprise

mod support;

use clerk::{Draft, Fault, check};
use support::World;
use support::rows::rows;

const COLUMNS: [&str; 21] = [
    "公开大类",
    "公开事项",
    "凭证号",
    "摘要",
    "会计科目",
    "资金来源",
    "收支方向",
    "金额(元)",
    "货币资金余额(元)",
    "结算方式",
    "对方单位或个人",
    "数量",
    "计量单位",
    "合同编号",
    "决议编号",
    "附件张数",
    "备注",
    "处置编号",
    "处置环节",
    "经手人",
    "自留",
];
const ROW: [&str; 21] = [
    "财务",
    "收支公示",
    "记-0001",
    "付清洁费",
    "541 管理费用",
    "集体自有",
    "支出",
    "300.00",
    "1000.00",
    "银行转账",
    "××保洁公司",
    "3",
    "次",
    "HT-2026-001",
    "JY-2026-001",
    "2",
    "一季度",
    "CZ-2026-01",
    "完成",
    "会计",
    "",
];

/// The row with one cell changed.
fn with(column: &str, cell: &str) -> Result<Draft, Vec<Fault>> {
    let at = COLUMNS.iter().position(|c| *c == column).unwrap();
    let mut cells = ROW.map(|c| format!("\"{c}\""));
    cells[at] = format!("\"{cell}\"");
    rows(&COLUMNS.join(","), &[&cells.join(",")])
}

fn told(faults: &[Fault]) -> Vec<String> {
    faults.iter().map(ToString::to_string).collect()
}

#[test]
fn every_cell_that_would_be_published_is_searched_and_the_fault_is_the_cells_only_one() {
    assert!(with("备注", "二季度").is_ok());
    let (published, own) = COLUMNS.split_at(20);
    for column in published {
        let faults = with(column, "13800138000").unwrap_err();
        let told = told(&faults);
        assert_eq!(told.len(), 1, "{column}: {told:?}");
        let start = format!("第2行“{column}”：疑似手机号 ***********，不得公布：删去；");
        assert!(told[0].starts_with(&start) && told[0].contains(" / a mobile number"), "{told:?}");
        assert!(!told[0].contains("138"), "{told:?}");
    }
    for column in own {
        let draft = with(column, "13800138000").unwrap();
        assert!(!draft.entries[0].entry.0.text().contains("138"), "{column} is not published");
    }
}

#[test]
fn numbers_and_words_are_faults_and_what_looks_like_them_is_not() {
    let hits = [
        ("身份证11010519491231002X", "身份证号 ******************"),
        ("身份证110105 19491231 002x", "身份证号 ****** ******** ****"),
        ("卡号 6222 0221 0000 0123 451", "银行卡号 **** **** **** **** ***"),
        ("卡号4111111111111111", "银行卡号 ****************"),
        ("电话１３８００１３８０００", "手机号 ***********"),
        ("电话+86 138-0013-8000", "手机号 ** ***-****-****"),
        ("电话138\t0013\t8000", "手机号 *** **** ****"),
        ("患癌症补助", "疾病用语“癌”"),
        ("二级残疾补助", "残疾用语“残疾”"),
        ("精神障碍患者", "精神健康用语“精神障碍”"),
        ("孤儿生活费", "未成年人用语“孤儿”"),
    ];
    for (text, what) in hits {
        for column in ["摘要", "备注"] {
            let faults = told(&with(column, text).unwrap_err());
            assert_eq!(faults.len(), 1, "{text}: {faults:?}");
            assert!(faults[0].starts_with(&format!("第2行“{column}”：疑似{what}，不得公布：")), "{faults:?}");
        }
    }
    let misses = [
        "电话0759-1234567",
        "身份证110105194912310021校验位不对",
        "卡号4111111111111112",
        "区划440811100391，期间20260106",
        "合同HT-2026-138-0013-8000",
        "13800138000.00元",
        "统一社会信用代码91440800MA4UL2FX8X",
        "交残疾人联合会活动费",
        "孤儿院门口路灯",
        "其中风险金",
        "严重病虫害防治",
    ];
    for text in misses {
        let draft = with("摘要", text).map_err(|faults| format!("{text}: {:?}", told(&faults))).unwrap();
        check::check(&draft, 1_795_000_000).unwrap();
    }
}

#[test]
fn all_that_a_table_may_not_say_is_listed_at_once() {
    let table = ["慰问,卡4111111111111111转13800138000,", "慰问,慰问三户,", "慰问,\"看望孤儿\u{200B}\",1x"];
    let faults = rows("公开事项,摘要,金额(元)", &table).unwrap_err();
    let told = told(&faults);
    let starts = [
        "第2行“摘要”：疑似银行卡号",
        "第2行“摘要”：疑似手机号",
        "第4行“金额(元)”：",
        "第4行“摘要”：疑似未成年人用语",
    ];
    assert_eq!(told.len(), starts.len(), "{told:?}");
    assert!(starts.iter().all(|start| told.iter().any(|fault| fault.starts_with(start))), "{told:?}");
}

#[test]
fn an_edited_draft_is_neither_checked_nor_sealed_nor_published() {
    let world = World::enrolled();
    world.import("draft.json");
    world.ok(&["check", "draft.json", "--server", &world.url]);
    let path = world.dir.path().join("draft.json");
    let good = std::fs::read_to_string(&path).unwrap();
    let posts = world.log().posts;
    let text = "付1月村道路灯电费";
    for (added, what) in [
        ("13800138000", "疑似手机号 ***********"),
        ("11010519491231002X", "疑似身份证号 ******************"),
        ("4111111111111111", "疑似银行卡号 ****************"),
        ("因病返贫", "疑似疾病用语“因病返贫”"),
    ] {
        std::fs::write(&path, good.replace(text, &format!("{text}{added}"))).unwrap();
        let sign = ["sign", "--key", "440811100.key", "draft.json"];
        for command in [&["check", "draft.json"][..], &sign, &["publish", "draft.json"]] {
            let said = world.fails(1, command);
            // Every text that holds it is named, with its path.
            for field in ["title", "summary"] {
                assert!(said.contains(&format!("第5行“{field}”：{what}，不得公布：")), "{command:?}: {said}");
            }
        }
        assert!(!std::fs::read_to_string(&path).unwrap().contains("\"signatures\""));
    }
    std::fs::write(&path, good.replace(text, &format!("{text}0759-1234567"))).unwrap();
    world.ok(&["check", "draft.json"]);
    world.ok(&["sign", "--key", "440811100.key", "draft.json"]);
    assert_eq!(world.log().posts, posts);
}

#[test]
fn a_name_that_is_cut_is_told_at_import() {
    let text = format!("交{}残疾人联合会活动费", "一".repeat(47));
    let faults = told(&with("摘要", &text).unwrap_err());
    assert!(faults.len() == 1 && faults[0].starts_with("第2行“summary”：疑似残疾用语“残疾”"), "{faults:?}");
}

#[test]
fn the_offices_acts_are_searched_but_for_the_telephones_of_offices() {
    let world = World::new();
    let write = |name: &str, phone: &str| {
        let table = format!(
            "code,name,level,parent_code,office,phone\n440811100000,麻章镇,乡级,,,\n440811100391,{name},村级,440811100000,村委会,{phone}\n"
        );
        std::fs::write(world.dir.path().join("d.csv"), table).unwrap();
    };
    let units = ["units", "--divisions", "d.csv", "--key", "authority.key"];
    let posts = world.log().posts;
    for (name, phone, field, what) in [
        ("榕溪村13800138000", "0759-1234567", "body.name", "手机号 ***********"),
        ("榕溪村", "11010519491231002X", "body.contacts.0.phone", "身份证号 ******************"),
    ] {
        write(name, phone);
        let said = world.fails(1, &units);
        assert!(said.contains(&format!("“440811100391-00 {field}”：疑似{what}，不得公布：")), "{said}");
    }
    assert_eq!(world.log().posts, posts);
    write("榕溪村", "13800138000");
    world.ok(&units);
    assert_eq!(world.log().state.registry.profiles().count(), 2);
}
