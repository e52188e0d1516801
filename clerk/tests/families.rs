//! Each family of 公开事项: what clerks write, what is missing, what contradicts itself, and what is garbage.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)] // a test stops at the first surprise

mod support;

use support::rows::{holds, rows, said};

#[test]
fn what_a_kind_must_have_and_the_text_does_not_say_is_named() {
    let columns = "公开事项,摘要,金额(元),对方单位或个人,合同编号,决议编号,备注";
    let cases = [
        ("村民代表会议决议,路灯:应到31人;实到27人;同意26;反对0;弃权1;通过,,,,,", "第2行“决议编号”：没有填写"),
        (
            "决议,路灯:应到31人;实到27人;同意26;反对0;弃权1;通过,,,,A,",
            "第2行“摘要”：没有写明是什么会议的决议",
        ),
        (
            "村民代表会议决议,路灯:实到27人;同意26,,,,A,",
            "第2行“摘要”：没有写明议题和应到人数，请写成“审议……方案:应到31人,实到27人”",
        ),
        (
            "村民代表会议决议,路灯:应到31人;同意26;反对0;弃权1;通过,,,,A,",
            "第2行“摘要”：没有写明实到人数，请写成“实到27人”",
        ),
        (
            "村民代表会议决议,通过方案:应到31人;实到27人;同意26;反对0;弃权1,,,,A,",
            "第2行“摘要”：没有写明结果，请写成“通过 或 未通过”",
        ),
        ("协商议事,谈路灯,,,,,", "第2行“摘要”：没有写明议题"),
        ("资源发包,1号虾塘:面积62亩,100.00,甲公司,C,,", "第2行“摘要”：没有写明怎样发包"),
        ("资源发包,公开竞价,100.00,甲公司,C,,", "第2行“摘要”：没有写明发包的是什么"),
        ("资源发包,1号虾塘公开竞价,,甲公司,C,,", "第2行“金额(元)”：没有填写"),
        ("资产处置,电脑两台,,,,,", "第2行“摘要”：没有写明资产怎样变动"),
        ("资产登记,铺面:编号A-1;原值1元,,,,,", "第2行“摘要”：没有写明资产类别"),
        ("资源台账,虾塘:编号A-1;类型水面;现状闲置,,,,,", "第2行“摘要”：没有写明面积"),
        ("合同签订,铺面租赁合同:期限5年,,,C,,", "第2行“对方单位或个人”：没有填写"),
        ("合同履行,租金未收到,,甲公司,C,,", "第2行“金额(元)”：没有填写"),
        ("合同履行,租金未收到,5.00,甲公司,,,", "第2行“合同编号”：没有填写"),
        ("工程项目,修路,5.00,,,,", "第2行“摘要”：没有写明工程名称"),
        ("债权债务,余额5元,5.00,甲公司,,,", "第2行“摘要”：没有写明是应收还是应付"),
        ("收益分配,按股分配,5.00,,,,", "第2行“摘要”：没有写明分给各户多少"),
        ("补贴发放清单,2026年补贴,,,,,", "第2行“金额(元)”：没有填写"),
        ("候选人联审结果,村委会委员候选人3名:通过1名,,,,,", "第2行“摘要”：没有写明不通过人数"),
        ("监督意见,不同意;签名3人,,,,,", "第2行“摘要”：没有写明理由"),
        ("零申报,没有,,,,,", "第2行“公开大类”：没有写明哪一类"),
        ("年度预算,见附表,,,,,", "第2行“摘要”：没有写明预算各项"),
        ("诉求办理,路灯不亮,,,,,", "第2行“公开事项”：诉求和异议"),
    ];
    for (row, warning) in cases {
        let draft = rows(columns, &[row]).unwrap();
        assert_eq!(said(&draft.entries[0], "kind"), "notice", "{row}");
        assert_eq!(draft.warnings.len(), 1, "{:?}", draft.warnings);
        assert!(draft.warnings[0].starts_with(warning), "{row}: {}", draft.warnings[0]);
        assert!(draft.warnings[0].contains("按公告公开") && draft.warnings[0].contains("as a notice"));
    }
}

#[test]
fn families_read_what_clerks_write() {
    let columns = "公开大类,公开事项,摘要,金额(元),对方单位或个人,数量,计量单位,合同编号,决议编号,备注";
    let cases = [
        (
            ",成员大会决议,分红方案：应到２００人，实到150人，委托20人，同意160，反对5，弃权5，未通过,,,,,,R,",
            "resolution",
            "track=collective organ=members_meeting proxies=20 for=160 passed=false",
        ),
        (
            ",资产处置,旧车出售:挂牌;成交价2.5万元;评估价2万元;2家竞价,25000.00,甲公司,1,辆,,,",
            "asset_event",
            "event=sell name=旧车 method=listing price=2500000 appraisal=2000000 bidders=2",
        ),
        (
            ",资产购置,购置水泵1台,6850.00,甲公司,1,台,,,",
            "asset_event",
            "event=purchase name=水泵 price=685000",
        ),
        (
            ",合同变更,租金变更;原因:修缮,,甲公司,,,C,R,",
            "contract_event",
            "event=amend reason=修缮 resolution_no=R amount=-",
        ),
        (",合同履行,收到租金,5.00,甲公司,,,C,,", "contract_event", "event=payment amount=500"),
        (",合同终止,双方解除,,甲公司,,,C,,", "contract_event", "event=terminate"),
        (
            ",工程立项与预算,修路:预算80000元;公开招标,,,,,,,",
            "project",
            "name=修路 budget=8000000 method=tender price=-",
        ),
        (
            ",工程验收结算,修路:合同价80000元;结算价79000元;已付60000元;质保金2400元,,甲公司,,,C,,",
            "project",
            "settled=7900000 paid=6000000 retention=240000",
        ),
        (
            ",债权债务,应收2023年承包费余额3000元;发生于2023-12-31,,李明(个人),,,C,,",
            "receivable_payable",
            "side=receivable balance=300000 arose=2023-12-31 counterparty.kind=person",
        ),
        (
            ",收益分配,2025年收益:提留3000元;分户7000元;每股10元;共700股,10000.00,,35,户,,R,",
            "distribution",
            "source=income year=2025 reserve=300000 distributed=700000 per_share=1000 shares=700 households=35",
        ),
        (
            ",低保发放,2026年3月低保金,12000.00,,21,户,,,",
            "payment_list",
            "count=21 amount=1200000 rows=- year=2026",
        ),
        (
            ",年度预算,2026年预算:收入:经营收入144000元，补助收入5万元;支出:公益支出90000元，管理费用40000元,,,,,,,",
            "budget",
            "year=2026 income=19400000 expense=13000000 lines.0.account=经营收入 lines.3.account=管理费用 lines.3.direction=expense",
        ),
        ("财务公开,零申报,没有收支,,,,,,,", "statement_of_no_activity", "classes.0=finance"),
        (
            ",无事项声明,村务、财务都没有,,,,,,,",
            "statement_of_no_activity",
            "classes.0=village classes.1=finance",
        ),
        (",监委会意见,同意;3人签名,,,,,,,", "supervision_opinion", "opinion=agree signers=3 objections=-"),
        (
            ",监委会意见,同意;反对0;无保留意见;签字3人,,,,,,,",
            "supervision_opinion",
            "opinion=agree signers=3",
        ),
        (
            ",候选人联审结果,村委会主任候选人2名:通过2名,,,,,,,",
            "candidate_review",
            "post=村委会主任 passed=2 failed=0",
        ),
        (
            ",资源发包,岭尾坡地招标发包公告:面积120亩,,,,,,,底价200元/亩",
            "trade",
            "subject=岭尾坡地 method=tender price=- floor_unit_price=20000 area=12000",
        ),
        (
            ",资产出租,公开出租旧粮仓:年租24000元,24000.00,,,,,,",
            "asset_event",
            "event=lease name=旧粮仓 price=2400000",
        ),
        (
            ",资源发包,公开招标发包岭尾坡地，面积120亩,,,,,,,",
            "trade",
            "subject=岭尾坡地 method=tender area=12000",
        ),
        (",合同履行,收到2023年欠租,5.00,甲公司,,,C,,", "contract_event", "event=payment"),
        (
            ",村民代表会议决议,修路:应到会人数31，实到会人数27，赞成26票，不同意1票，弃权0票，通过,,,,,,R,",
            "resolution",
            "eligible=31 present=27 for=26 against=1",
        ),
        (
            ",土地补偿费发放清单,高压线塔基占地补偿（一组）,100.00,,,,,,",
            "payment_list",
            "rows.0.group=一组 policy=高压线塔基占地补偿",
        ),
        (",捐赠款物,收到爱心捐赠,100.00,,,,,,", "notice", "amount=10000"),
    ];
    for (row, kind, figures) in cases {
        let draft = rows(columns, &[row]).unwrap_or_else(|faults| panic!("{row}: {faults:?}"));
        holds(&draft, 2, kind, figures);
        assert!(draft.warnings.is_empty(), "{row}: {:?}", draft.warnings);
    }
}

#[test]
fn what_contradicts_itself_is_a_fault() {
    let columns = "公开事项,摘要,金额(元),合同编号,决议编号,对方单位或个人";
    let cases = [
        ("村民代表会议决议,路灯:应到17人;实到28人;同意17;反对0;弃权0;通过,,,A,", "第2行“body.present”：实到"),
        ("土地补偿费分配,补偿:留存20元;分户70元,100.00,,,", "第2行“body.distributable”"),
        ("协商议事,议题:路灯;意见1条;采纳2条,,,,", "第2行“body.adopted”"),
    ];
    for (row, fault) in cases {
        let faults = rows(columns, &[row]).map(|_| ()).unwrap_err();
        assert!(faults.len() == 1 && faults[0].to_string().starts_with(fault), "{faults:?}");
    }
}

#[test]
fn garbage_is_kept_as_it_is() {
    let matters = [
        "决议",
        "村民代表会议决议",
        "协商议事",
        "资源发包",
        "资产出租",
        "资产登记",
        "资产变动",
        "资源台账",
        "合同签订",
        "合同履行",
        "工程项目",
        "债权债务",
        "收益分配",
        "补贴发放清单",
        "党费",
        "候选人联审",
        "监督意见",
        "零申报",
        "年度预算",
        "诉求",
        "慰问",
    ];
    let texts = [
        "一二三",
        "应到",
        "应到人，实到人",
        "：：：",
        "，，；；",
        "期限年面积亩余额元",
        "1.1.1元",
        "应到99999999999999999999人",
        "（（（",
        "元/亩年租元",
        "编号类型现状",
        "收入:支出:",
        "公开竞价出租报废",
        "未未未收到",
        "2026-02-30付1元",
    ];
    for matter in matters {
        for text in texts {
            let row = format!("{matter},\"{text}\",12.34,某某公司,3,个,HT-1,JY-1,备注{text}");
            let columns = "公开事项,摘要,金额(元),对方单位或个人,数量,计量单位,合同编号,决议编号,备注";
            let draft = rows(columns, &[&row]).unwrap_or_else(|faults| panic!("{row}: {faults:?}"));
            let json = draft.entries[0].entry.0.text();
            for cell in [text, "某某公司", "HT-1", "JY-1", "备注"] {
                assert!(json.contains(cell), "{row}: {json}");
            }
            assert!(json.contains("1234") || json.contains("12.34元"), "{row}: {json}");
            assert!(
                json.contains("3个") || json.contains(r#""hundredths":300,"unit":"个""#),
                "{row}: {json}"
            );
        }
    }
}
