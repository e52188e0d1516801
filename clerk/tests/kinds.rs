//! The tables of the demo row by row: each becomes an entry of its kind, and nothing of a row is lost.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)] // a test stops at the first surprise

mod support;

use clerk::Draft;
use clerk::import::import;
use std::collections::BTreeMap;
use support::demo;
use support::rows::{divisions, holds, said};

type Row = BTreeMap<String, String>;

/// A table of the demo as the tool reads it, and read by someone else.
fn table(name: &str) -> (Draft, Vec<Row>) {
    let bytes = std::fs::read(demo(name)).unwrap();
    let text = std::str::from_utf8(&bytes).unwrap().trim_start_matches('\u{FEFF}');
    let rows = csv::Reader::from_reader(text.as_bytes()).deserialize().map(|row| row.unwrap()).collect();
    (import(&bytes, &divisions(), name).unwrap(), rows)
}

/// The rows of the sample that are no receipts and payments.
const SAMPLE: &[(usize, &str, &str)] = &[
    (2, "opening_balance", "amount=48850050 accounts.0.amount=48632050 accounts.1.amount=218000"),
    (
        8,
        "resolution",
        "track=village organ=villager_representatives resolution_no=RX-JY-2026-01 held_on=2026-01-10 motion=春节慰问方案及2026年保洁合同 eligible=31 present=27 for=26 against=0 abstain=1 passed=true process=-",
    ),
    (14, "correction", "fields.1.old=486000 fields.1.new=846000"),
    (
        16,
        "contract_event",
        "event=arrears contract_no=RX-2024-003 amount=3600000 due=2026-03-31 counterparty.name=湛江市××农贸有限公司 note.0=拖欠",
    ),
    (
        17,
        "asset_event",
        "event=scrap name=旧办公电脑 original_value=760000 price=0 quantity.hundredths=200 quantity.unit=台 resolution_no=RX-JY-2026-02 process=-",
    ),
    (18, "party_notice", "matter=development branch=榕溪村党支部 counts.0.name=预备党员 counts.0.count=1"),
    (
        19,
        "deliberation",
        "topic=北坡巷路灯增设 held_on=2026-02-15 opinions=11 adopted=8 outcome.0=列入第2季度计划",
    ),
    (20, "period_close", "closing=49596070 opening=- income=- expense=-"),
    (21, "opening_balance", "amount=125800000"),
    (
        22,
        "trade",
        "subject_kind=resource subject=1号虾塘 method=auction floor_unit_price=105000 floor_price=- bidders=3 winner.kind=person winner.name=- price=7164500 unit_price=115000 area=6230 term.months=60 contract_no=RW-2026-001 resolution_no=RW-JY-2025-19 process.id=RW-2026-001 process.stage=trade",
    ),
    (
        23,
        "trade",
        "subject=2号虾塘 method=auction bidders=4 price=6807600 unit_price=122000 area=5580 term.months=60 process.id=RW-2026-002",
    ),
    (
        24,
        "trade",
        "subject=3号虾塘 method=negotiation bidders=- winner.name=××水产养殖专业合作社 price=1557000 unit_price=18000 area=8650 term.months=180 resolution_no=- process.stage=trade",
    ),
    (25, "voucher", "process.id=RW-2026-001 process.stage=collect"),
    (26, "voucher", "process.id=RW-2026-002 process.stage=collect"),
    (27, "voucher", "process=-"),
    (
        32,
        "project",
        "name=海堤便道修补(一段) method=direct contractor.name=湛江市××建筑工程有限公司 contract_no=RW-2026-004 price=4850000",
    ),
    (33, "project", "name=海堤便道修补(二段) contract_no=RW-2026-005 price=4920000"),
    (34, "project", "name=海堤便道修补(三段) contract_no=RW-2026-006 price=4780000"),
    (
        35,
        "payment_list",
        "policy=耕地地力保护补贴 year=2026 count=5 amount=273950 rows=- list.access=posted list.unit=- note.0=收支方向：代发；资金来源：财政补助；结算方式：一卡通；附件张数：1张 note.1=清单第4行：疑似重复发放",
    ),
    (
        43,
        "resolution",
        "resolution_no=RW-JY-2026-02 eligible=42 present=35 for=33 against=1 abstain=1 passed=true",
    ),
    (44, "candidate_review", "post=村委会委员 submitted=2 passed=1 failed=1"),
    (45, "notice", "subject=诉求办理(回音)"),
    (46, "period_close", "closing=128157100"),
    (47, "opening_balance", "amount=15981035"),
    (
        56,
        "asset_event",
        "event=lease name=旧小学校舍及场地 price=1800000 term.months=420 quantity.hundredths=82000 quantity.unit=平方米 contract_no=PL-2026-001 resolution_no=PL-JY-2025-08 process.id=PL-2026-001 process.stage=trade",
    ),
    (
        57,
        "receivable_payable",
        "side=payable balance=4320000 age=4年以上 counterparty.name=湛江市××路桥工程队",
    ),
    (
        58,
        "distribution",
        "source=land_compensation distributable=9600000 reserve=2880000 distributed=6720000 households=21 resolution_no=PL-JY-2026-02",
    ),
    (
        59,
        "party_notice",
        "matter=dues counts.0.count=38 counts.1.name=已缴党员 counts.1.count=38 amount=118600",
    ),
    (60, "resolution", "resolution_no=PL-JY-2026-01 eligible=28 present=17 for=17 passed=true"),
    (61, "notice", "subject=宅基地审批结果"),
    (62, "period_close", "closing=13516035 opening=- income=-"),
];

#[test]
fn every_row_of_the_sample_becomes_its_kind_with_its_figures() {
    let (draft, rows) = table("sample_disclosures.csv");
    assert_eq!((rows.len(), draft.entries.len()), (61, 57));
    for (row, kind, figures) in SAMPLE {
        holds(&draft, *row, kind, figures);
    }
    let list = draft.of_row(38).unwrap();
    assert_eq!((list.row, list.rows.as_slice()), (35, &[36, 37, 38, 39][..]));
    let households: Vec<_> =
        list.list.iter().map(|r| (r.group, r.quantity, r.amount, r.value.as_str())).collect();
    let want = [
        (1, 0, 61_200, "林*明"),
        (1, 0, 48_650, "吴*"),
        (2, 0, 73_320, "黄*娣"),
        (3, 0, 61_200, "林*明"),
        (3, 0, 29_580, "郑**"),
    ];
    assert_eq!(households, want);
    let catalogue = ledger::catalogue::Catalogue::standard();
    for (at, row) in rows.iter().enumerate() {
        let entry = draft.of_row(at + 2).unwrap();
        let kind = said(entry, "kind");
        if !SAMPLE.iter().any(|(row, ..)| *row == entry.row) {
            assert_eq!(kind, "voucher", "row {}", at + 2);
            assert_eq!(said(entry, "title"), row["摘要"]);
        } else if kind != "voucher" && kind != "opening_balance" && kind != "correction" {
            let title = format!("{}：{}", row["公开事项"], row["摘要"]);
            let group = title.find("(一组)").unwrap_or(title.len());
            assert!(
                title.contains('*') || entry.row != at + 2 || said(entry, "title") == title[..group],
                "{title}"
            );
        }
        let item = catalogue.item(&said(entry, "item")).unwrap();
        assert!(item.kinds.contains(&kind), "{} is no place for {kind}", item.code);
        assert!((1..=60).contains(&said(entry, "summary").chars().count()));
    }
}

#[test]
fn plain_sentences_say_what_matters() {
    let (draft, _) = table("sample_disclosures.csv");
    let cases = [
        (8, "春节慰问方案及2026年保洁合同，通过：应到31人，实到27人，同意26、反对0、弃权1"),
        (16, "合同RX-2024-003：拖欠36,000元，应于2026-03-31前"),
        (17, "报废旧办公电脑：原值7,600元"),
        (19, "商议北坡巷路灯增设：意见11条，采纳8条"),
        (24, "3号虾塘：协商发包，一年15,570元，租期15年"),
        (32, "海堤便道修补(一段)：48,500元，直接委托"),
        (35, "2026年耕地地力保护补贴：5户，共2,739.50元"),
        (44, "村委会委员候选人2名：通过1名，不通过1名"),
        (56, "出租旧小学校舍及场地：一年18,000元，租期35年"),
        (57, "集体欠别人43,200元，账龄4年以上"),
        (58, "共96,000元：集体留28,800元，分给21户67,200元"),
    ];
    for (row, summary) in cases {
        assert_eq!(said(draft.of_row(row).unwrap(), "summary"), summary);
    }
}

#[test]
fn the_second_table_of_the_demo_is_a_disposal_and_what_else_the_sample_lacks() {
    let (draft, rows) = table("disposal_and_zero.csv");
    assert_eq!((rows.len(), draft.entries.len(), draft.warnings.len()), (11, 11, 0), "{:?}", draft.warnings);
    let cases = [
        (2, "party_notice", "process.stage=propose"),
        (3, "deliberation", "attendance=23 opinions=9 adopted=7 process.stage=discuss"),
        (4, "resolution", "track=collective organ=member_representatives eligible=45 process.stage=resolve"),
        (
            5,
            "asset_event",
            "event=lease method=auction floor_price=2000000 bidders=4 price=2400000 process.stage=trade",
        ),
        (
            6,
            "contract",
            "subject_kind=asset subject=旧粮仓 total=12000000 schedule.4.due=2030-06-01 schedule.4.amount=2400000 deposit=600000 term.from=2026-06-01 term.to=2031-05-31 process.stage=contract",
        ),
        (7, "voucher", "amount=2400000 process.id=RX-CZ-2026-01 process.stage=collect"),
        (
            8,
            "resource",
            "parcel_no=RW-ZY-003 name=3号虾塘 type=water area=8650 status=contracted bounds=东至海堤,西至2号虾塘,南至机耕路,北至排水渠 holder.kind=company",
        ),
        (
            9,
            "contract",
            "subject_kind=resource subject=1号虾塘 total=35822500 unit_price=115000 area=6230 counterparty.kind=person process.id=RW-2026-001 process.stage=contract",
        ),
        (
            10,
            "supervision_opinion",
            "opinion=agree_with_reservations signers=3 objections.0=3号虾塘未经竞价,公示只有5天,海堤便道拆成三段",
        ),
        (11, "statement_of_no_activity", "classes.0=finance classes.1=-"),
        (
            12,
            "asset",
            "asset_no=PL-ZC-001 category=building original_value=26000000 place=蒲岭村东 operating=true",
        ),
    ];
    for (row, kind, figures) in cases {
        holds(&draft, row, kind, figures);
    }
    assert_eq!(said(draft.of_row(11).unwrap(), "summary"), "2026年2月没有需要公开的财务事项");
}

/// Columns that say where an entry stands, or who signed: the envelope has these.
const ENVELOPE: [&str; 10] =
    ["序号", "行政区划代码", "乡镇", "村", "核算单位", "公开大类", "公开事项", "经手人", "证明人", "审批人"];
/// Words that became stable keys.
const KEYS: [(&str, &str); 10] = [
    ("收入", r#""income""#),
    ("支出", r#""expense""#),
    ("集体自有", r#""self""#),
    ("财政补助", r#""fiscal""#),
    ("一事一议", r#""levy""#),
    ("银行转账", r#""transfer""#),
    ("银行代扣", r#""debit""#),
    ("现金", r#""cash""#),
    ("交易", r#""stage":"trade""#),
    ("签约", r#""stage":"contract""#),
];

/// Whether a cell is somewhere in an entry: as written, in fen or hundredths, as a key.
fn is_kept(json: &str, column: &str, cell: &str) -> bool {
    let stages = ["propose", "discuss", "review", "resolve"]
        .iter()
        .any(|s| json.contains(&format!(r#""stage":"{s}""#)));
    let digits: String = cell.chars().filter(char::is_ascii_digit).collect();
    let whole = || digits.parse::<i64>().unwrap();
    let number = |n: i64| json.contains(&format!(":{n},")) || json.contains(&format!(":{n}}}"));
    let shown = |n: i64| json.contains(&format!("{}元", ledger::money::Fen::new(n).unwrap()));
    json.contains(cell)
        || KEYS.iter().any(|(word, key)| *word == cell && json.contains(key))
        || match column {
            "金额(元)" | "货币资金余额(元)" => number(whole()) || shown(whole()),
            "数量" => number(whole() * if cell.contains('.') { 1 } else { 100 }),
            "附件张数" => json.contains(&format!(r#""invoice_count":{cell}"#)),
            "会计科目" => cell.split(' ').all(|part| json.contains(part)),
            "对方单位或个人" => {
                cell.contains('*') && (json.contains(r#""person""#) || json.contains("（姓名略）"))
            }
            "计量单位" => cell == "亩" && json.contains(r#""area""#),
            "处置环节" => stages,
            "摘要" | "备注" => {
                cell.contains('*') && cell.split(['*', ':', ',', ';']).any(|part| json.contains(part))
            }
            _ => false,
        }
}

#[test]
fn nothing_of_a_row_is_lost() {
    for name in ["sample_disclosures.csv", "disposal_and_zero.csv"] {
        let (draft, rows) = table(name);
        for (at, row) in rows.iter().enumerate() {
            let entry = draft.of_row(at + 2).unwrap();
            let json = entry.entry.0.text();
            let kind = said(entry, "kind");
            for (column, cell) in
                row.iter().filter(|(c, cell)| !cell.is_empty() && !ENVELOPE.contains(&c.as_str()))
            {
                // A correction is about the account and the other side of what it corrects.
                let corrects = kind == "correction" && (column == "会计科目" || column == "对方单位或个人");
                // The cells of a household stand in the list.
                let list = !entry.list.is_empty()
                    && ["摘要", "金额(元)", "对方单位或个人"].contains(&column.as_str());
                assert!(
                    corrects || list || is_kept(&json, column, cell),
                    "{name} row {} {column} {cell}: {json}",
                    at + 2
                );
            }
        }
    }
}
