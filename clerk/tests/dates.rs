//! Dates that the ledger does not take yet are named by row before anything is sealed.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)] // a test stops at the first surprise

mod support;

use clerk::check;
use clerk::import::import;
use ledger::time::Date;
use support::World;
use support::rows::divisions;

fn table(period: &str, occurred: &str, from: &str) -> String {
    format!(
        "行政区划代码,公开事项,所属期间,业务日期,摘要,金额(元),公示开始日期,公示截止日期\n440811100391,慰问,{period},{occurred},慰问三户,,{from},2100-12-31\n"
    )
}

#[test]
fn the_day_of_the_check_is_the_latest() {
    // 2026-03-02, 00:00 in Shanghai, and the second before.
    let day = u64::try_from(Date::parse("2026-03-02").unwrap().days()).unwrap() * 86_400 - 8 * 3_600;
    let latest = |column: &str, day: &str| Some(format!("第2行“{column}”：[future] 最迟为 {day}，请改正，"));
    let cases = [
        ("2026-03", "2026-03-02", "2026-03-03", day, None),
        ("2026-03", "2026-03-02", "2026-03-03", day - 1, latest("业务日期", "2026-03-01")),
        ("2026-03", "2026-03-02", "2026-03-04", day, latest("公示开始日期", "2026-03-03")),
        ("2026-03", "2099-03-02", "2026-03-03", day, latest("业务日期", "2026-03-02")),
        ("2026-Q1", "2026-02-02", "2026-02-03", day, None),
        ("2026-04", "2026-03-02", "2026-03-03", day, latest("所属期间", "2026-03-02")),
    ];
    for (period, occurred, from, now, fault) in cases {
        let draft = import(table(period, occurred, from).as_bytes(), &divisions(), "t.csv").unwrap();
        let faults: Vec<String> =
            check::check(&draft, now).err().unwrap_or_default().iter().map(ToString::to_string).collect();
        match (fault, faults.as_slice()) {
            (None, []) => {}
            (Some(start), [fault]) => assert!(fault.starts_with(&start), "{fault}"),
            (want, found) => panic!("{period} {occurred} {from} {now}: {found:?}, wanted {want:?}"),
        }
    }
}

#[test]
fn the_tool_refuses_a_date_of_2099_before_sealing() {
    let world = World::new();
    let check = |occurred: &str| {
        std::fs::write(world.dir.path().join("t.csv"), table("2026-03", occurred, "2026-03-03")).unwrap();
        let divisions = world.demo("divisions_sample.csv");
        world.ok(&["import", "t.csv", "--divisions", &divisions, "--out", "d.json", "--force"]);
        world.run(&["check", "d.json"])
    };
    let said = support::err(&check("2099-03-02"));
    assert!(said.contains("第2行“业务日期”：[future] 最迟为 "), "{said}");
    assert_eq!(check("2026-03-02").status.code(), Some(0));
}
