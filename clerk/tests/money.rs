//! What a row says of money, and what it leaves open: totals of contracts, ways of paying, sources, catalogue items.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)] // a test stops at the first surprise

mod support;

use clerk::{Draft, findings};
use support::rows::{holds, rows, said};

/// Whether the draft's one warning begins so; without a beginning, that it has none.
fn warns(draft: &Draft, start: &str, of: &str) {
    let fits = match draft.warnings.as_slice() {
        [] => start.is_empty(),
        [one] => !start.is_empty() && one.starts_with(&format!("第2行“{start}")),
        _ => false,
    };
    assert!(fits, "{of}: {:?}", draft.warnings);
}

#[test]
fn a_contract_has_a_total_only_when_the_row_says_it() {
    const UNSURE: &str = "金额(元)”：看不出是总价还是一年的租金";
    const DROPPED: &str = "摘要”：各期合计不是总价";
    let cases = [
        // 金额 of a lease is one year's.
        ("铺面租赁合同:年租金36000元，期限5年", "36000", "total=18000000", ""),
        ("铺面租赁合同:年租金合计36000元，期限5年", "36000", "total=18000000", ""),
        ("铺面租赁合同:年租金36000元，期限5年", "180000", "total=18000000", ""),
        ("铺面租赁合同:年租金36000元，期限5年", "", "total=18000000", ""),
        ("铺面租赁合同:年租金36000元，期限5年", "100000", "total=-", UNSURE),
        ("铺面租赁合同:年租金36000元，期限5年，逐年递增5%", "36000", "total=-", UNSURE),
        ("铺面租赁合同:年租金36000元", "36000", "total=-", UNSURE),
        ("铺面租赁合同:月租3000元，期限18个月", "3000", "total=5400000", ""),
        ("铺面租赁合同:月租3000元，期限1年，免租1个月", "3000", "total=-", UNSURE),
        ("村庄保洁服务合同:每月15日前支付，期限1年", "57600", "total=5760000", ""),
        ("铺面租赁合同:期限5年", "36000", "total=- term.months=60", UNSURE),
        ("铺面租赁合同:租期五年", "36000", "total=-", UNSURE),
        ("铺面租赁合同:期限1年", "36000", "total=3600000", ""),
        ("铺面租赁合同:总价180000元，期限5年", "36000", "total=18000000", ""),
        // By area and years, the last day counted or not.
        (
            "虾塘承包合同:面积62.30亩，年租1150元/亩，期限2026-01-16至2031-01-15",
            "71645",
            "total=35822500 area=6230",
            "",
        ),
        (
            "虾塘承包合同:面积62.30亩，年租1150元/亩，期限2026-01-16至2031-01-16",
            "71645",
            "total=35822500",
            "",
        ),
        ("虾塘承包合同:面积62.30亩，年租1150元/亩，期限2026-01-16至2031-01-20", "71645", "total=-", UNSURE),
        ("虾塘承包合同:年租1150元/亩，承包期5年", "71645", "total=- term.months=60", UNSURE),
        // Works and goods are not paid by the year, nor is what is sold.
        ("道路工程施工合同:期限18个月", "480000", "total=48000000", ""),
        ("旧车资产转让合同", "25000", "total=2500000", ""),
        // Instalments.
        (
            "铺面租赁合同:期限2年，2026-03-02付36000元，2027-03-02付36000元",
            "36000",
            "total=7200000 schedule.1.amount=3600000",
            "",
        ),
        (
            "铺面租赁合同:期限2年，2026-03-02付36000元，2027-03-02付36000元",
            "50000",
            "total=- schedule.1.amount=3600000",
            UNSURE,
        ),
        ("铺面租赁合同:期限5年，2026-03-02付36000元", "36000", "total=- schedule.0.amount=3600000", UNSURE),
        (
            "铺面租赁合同:年租36000元，期限5年，2026-03-02付36000元",
            "36000",
            "total=18000000 schedule.0.amount=-",
            DROPPED,
        ),
        ("道路工程合同:总价72000元，2026-03-02付36000元", "", "total=7200000 schedule.0.amount=-", DROPPED),
        ("道路工程合同:2026-03-02付36000元", "36000", "total=3600000 schedule.0.amount=3600000", ""),
    ];
    for (text, amount, figures, warning) in cases {
        let columns = "公开事项,摘要,金额(元),对方单位或个人,合同编号";
        let draft = rows(columns, &[&format!("合同签订,{text},{amount},甲公司,C")]).unwrap();
        holds(&draft, 2, "contract", figures);
        warns(&draft, warning, text);
        // The plain sentence states no other total, and 金额 is not lost.
        let (total, summary) = (said(&draft.entries[0], "body.total"), said(&draft.entries[0], "summary"));
        assert_eq!(summary.contains("共"), total != "-", "{summary}");
        let json = draft.entries[0].entry.0.text();
        let fen = amount.parse::<i64>().unwrap_or_default() * 100;
        assert!(json.contains(&fen.to_string()) || json.contains("金额：") || amount.is_empty(), "{json}");
    }
}

/// A payment of 6,000 yuan with one cell under a column.
fn paid(column: &str, cell: &str) -> Draft {
    let columns = format!("公开事项,摘要,会计科目,收支方向,金额(元),凭证号,{column}");
    rows(&columns, &[&format!("资金收支明细,修路灯,514 公益支出,支出,6000,记-0001,{cell}")]).unwrap()
}

#[test]
fn ways_of_paying_are_known_inside_other_words() {
    let unknown = |text: &str| format!("结算方式”：“{text}”按“其他”公开；应为 银行转账、");
    let cases = [
        ("现金", "cash", true),
        ("现金支付", "cash", true),
        ("库存现金", "cash", true),
        ("现金2000元、其余转账", "cash", true),
        ("转账", "transfer", true),
        ("微信转账", "transfer", true),
        ("银行代扣", "debit", true),
        ("非现金", "other", false),
        ("微信", "other", false),
        ("一卡通转账", "other", false),
        ("其他", "other", true),
    ];
    for (text, key, known) in cases {
        let draft = paid("结算方式", text);
        holds(&draft, 2, "voucher", &format!("method={key}"));
        let warning = unknown(text);
        warns(&draft, if known { "" } else { &warning }, text);
        let plain = ["现金", "转账", "银行代扣"].contains(&text);
        let kept = if plain { "-".to_owned() } else { format!("结算方式：{text}") };
        assert_eq!(said(&draft.entries[0], "body.note.0"), kept);
        let found = findings::of(&draft, 1_795_000_000);
        assert_eq!(
            found.iter().any(|f| f.what.contains("付现金 6,000 元")),
            key == "cash",
            "{text}: {found:?}"
        );
    }
}

#[test]
fn a_source_is_one_that_is_known_or_other_with_a_second_look() {
    let cases = [
        ("集体自有", "self", true),
        ("集体自有资金", "self", true),
        ("区财政拨款", "fiscal", true),
        ("上级拨款", "other", false),
        ("集体自有、财政补助", "other", false),
        ("其他", "other", true),
    ];
    for (text, key, known) in cases {
        let draft = paid("资金来源", text);
        holds(&draft, 2, "voucher", &format!("fund_source={key}"));
        let warning = format!("资金来源”：“{text}”按“其他”公开；应为 集体自有、");
        warns(&draft, if known { "" } else { &warning }, text);
        let kept = if text == "集体自有" { "-".to_owned() } else { format!("资金来源：{text}") };
        assert_eq!(said(&draft.entries[0], "body.note.0"), kept);
    }
    let project = |fund: &str| {
        let row = format!("工程项目,修路:合同价48500元,{fund},");
        rows("公开事项,摘要,资金来源,金额(元)", &[&row]).unwrap()
    };
    holds(&project("财政补助"), 2, "project", "fund_sources.0=fiscal note.0=-");
    holds(&project("财政补助资金"), 2, "project", "fund_sources.0=fiscal note.0=资金来源：财政补助资金");
}

#[test]
fn a_receipt_or_payment_has_an_item_of_receipts_and_payments() {
    let other = |item: &str| format!("按 {item} 公开");
    let cases = [
        ("资金收支明细", "收入", "F02", ""),
        ("资金收支明细", "支出", "F03", ""),
        ("支出明细", "支出", "F03", ""),
        ("捐赠款物", "收入", "F09", ""),
        ("开支", "支出", "F03", &other("F03")[..]),
        ("开支", "收入", "F02", &other("F02")),
        ("开支", "转账", "F03", &other("F03")),
        // Items of the catalogue, but of other kinds.
        ("发展党员公示", "支出", "F03", &other("F03")),
        ("补贴发放清单", "支出", "F03", &other("F03")),
        ("工程收支", "支出", "F03", ""),
    ];
    for (matter, direction, item, warning) in cases {
        let columns = "公开事项,摘要,会计科目,收支方向,金额(元),凭证号";
        let row = format!("{matter},修路灯,514 公益支出,{direction},60,记-0001");
        let draft = rows(columns, &[&row]).unwrap();
        assert_eq!(said(&draft.entries[0], "kind"), "voucher", "{row}");
        assert_eq!(said(&draft.entries[0], "item"), item, "{row}");
        let start = format!("公开事项”：“{matter}”：公开目录里没有这样的收支，{warning}");
        warns(&draft, if warning.is_empty() { "" } else { &start }, &row);
    }
    // What is no receipt or payment keeps its own item, or has none.
    let items = |row: &str| said(&rows("公开事项,摘要,金额(元)", &[row]).unwrap().entries[0], "item");
    assert_eq!(items("发展党员公示,接收1名,"), "D02");
    assert_eq!(items("慰问,慰问三户,"), "-");
    let faults = rows("公开事项,摘要,金额(元)", &["支出明细,修路灯,60"]).unwrap_err();
    assert!(faults[0].to_string().starts_with("第2行“收支方向”：没有填写"), "{faults:?}");
}
