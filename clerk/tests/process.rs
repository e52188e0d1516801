//! Which disposal a row is a stage of, as its columns say or as contract numbers tell.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)] // a test stops at the first surprise

mod support;

use clerk::draft::DraftEntry;
use support::rows::rows;

const COLUMNS: &str =
    "公开事项,摘要,金额(元),对方单位或个人,凭证号,会计科目,收支方向,合同编号,决议编号,处置编号,处置环节";

/// Disposal and stage of each row, `-` for none.
fn steps(given: &[&str]) -> Vec<String> {
    let draft = rows(COLUMNS, given).unwrap();
    let step = |e: &DraftEntry| {
        let part = |name: &str| {
            let value = e.entry.0.at_path(&format!("body.process.{name}"));
            value.and_then(|v| v.as_text()).map(str::to_owned)
        };
        let merged = part("merged_with").map(|m| format!("+{m}")).unwrap_or_default();
        Some(format!("{} {}{merged}", part("id")?, part("stage")?))
    };
    draft.entries.iter().map(|e| step(e).unwrap_or("-".to_owned())).collect()
}

const TRADE: &str = "资源发包,1号塘公开竞价,5.00,甲公司,,,,C-1,R-1,,";
const VOUCHER: &str = "资金收支明细,收租,5.00,甲公司,1,501 经营收入,收入,C-1,,,";
const RESOLUTION: &str = "村民代表会议决议,发包:应到3人;实到3人;同意3;反对0;弃权0;通过,,,,,,,R-1,,";

#[test]
fn contracts_and_resolutions_tell_the_disposal() {
    let signed = "合同签订,1号塘承包合同:期限5年,5.00,甲公司,,,,C-1,,,";
    assert_eq!(
        steps(&[RESOLUTION, TRADE, signed, VOUCHER]),
        ["C-1 resolve", "C-1 trade", "C-1 contract", "C-1 collect"]
    );
    // What is written holds for the rows of the same contract; the table's order does not matter.
    let written = TRADE.replace(",R-1,,", ",R-1,CZ-9,交易");
    assert_eq!(
        steps(&[VOUCHER, signed, &written, RESOLUTION]),
        ["CZ-9 collect", "CZ-9 contract", "CZ-9 trade", "CZ-9 resolve"]
    );
    // Two disposals cite the resolution: it is a stage of neither.
    let other = TRADE.replace("C-1", "C-2");
    assert_eq!(steps(&[RESOLUTION, TRADE, &other]), ["-", "C-1 trade", "C-2 trade"]);
    // Other contracts, payments and contracts for works are no disposals.
    let works = "合同签订,修路工程合同:期限5年,5.00,甲公司,,,,C-3,,,";
    let paid = VOUCHER.replace("收入,C-1", "支出,C-1");
    assert_eq!(steps(&[TRADE, works, &paid, &VOUCHER.replace("C-1", "C-3")]), ["C-1 trade", "-", "-", "-"]);
}

#[test]
fn stages_are_read_as_written() {
    let notice = |cells: &str| format!("党支部提议,提议出租,,,,,,,,{cells}");
    assert_eq!(steps(&[&notice("CZ-1,提议")]), ["CZ-1 propose"]);
    assert_eq!(steps(&[&notice("CZ-1,提议、商议")]), ["CZ-1 propose+discuss"]);
    let fault = |cells: &str| rows(COLUMNS, &[&notice(cells)]).map(|_| ()).unwrap_err()[0].to_string();
    assert!(fault("CZ-1,投票").starts_with(
        "第2行“处置环节”：写的是“投票”，应为 提议、商议、审议、决议、公示、交易、签约、收款、完成 之一"
    ));
    for bad in ["CZ-1,提议、提议", "CZ-1,提议、商议、审议", "CZ-1,、", "CZ-1,提议、投票"] {
        assert!(fault(bad).starts_with("第2行“处置环节”：写的是"), "{bad}");
    }
    assert!(fault("CZ-1,").starts_with("第2行“处置环节”：处置编号和处置环节应同时填写"));
    assert!(fault(",提议").starts_with("第2行“处置编号”：处置编号和处置环节应同时填写"));
    // A kind that is no stage keeps the words and says so.
    let debt = rows(COLUMNS, &["债权债务,应付余额5元,5.00,甲公司,,,,,,CZ-1,收款"]).unwrap();
    assert!(
        debt.entries[0].entry.0.text().contains("收款（处置编号 CZ-1）"),
        "{}",
        debt.entries[0].entry.0.text()
    );
    assert!(
        debt.warnings[0].starts_with("第2行“处置环节”：这类条目不是处置的一个环节"),
        "{:?}",
        debt.warnings
    );
}
