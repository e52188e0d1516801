//! 公开事项: its code in the disclosure catalogue, and what kind of entry it becomes.

use crate::mapping::{
    Mapper, asset, budget, candidates, contract, debts, deliberation, distribution, party, project,
    resolution, resource, supervision, trade,
};

/// What a row becomes. A row with 收入, 支出 or 转账 is a voucher whatever its 公开事项, unless it is one of the
/// first three.
#[derive(Clone, Copy, Debug)]
pub enum Becomes {
    /// 期初余额.
    OpeningBalance,
    /// 结账.
    PeriodClose,
    /// 更正.
    Correction,
    /// 发放清单: all rows of one list become one entry.
    PaymentList,
    /// 公告, which has no kind of its own.
    Notice,
    /// 诉求、异议, whose kind comes later.
    Petition,
    /// One row, one entry.
    Of(Mapper),
}

use Becomes::{Correction, Notice, Of, OpeningBalance, PaymentList, PeriodClose, Petition};

/// Words of a 公开事项, most telling first; their code, empty where the catalogue has none; what they become.
const MATTERS: &[(&str, &str, Becomes)] = &[
    ("期初", "F04", OpeningBalance),
    ("结账", "F04", PeriodClose),
    ("月结", "F04", PeriodClose),
    ("季结", "F04", PeriodClose),
    ("更正", "F13", Correction),
    ("零申报", "", Of(supervision::no_activity)),
    ("无事项", "", Of(supervision::no_activity)),
    ("工程立项", "W01", Of(project::map)),
    ("财务计划", "F01", Of(budget::map)),
    ("预算", "F01", Of(budget::map)),
    ("债权债务", "F05", Of(debts::map)),
    ("收益分配", "F06", Of(distribution::map)),
    ("补偿款发放", "F07", PaymentList),
    ("补偿费发放", "F07", PaymentList),
    ("土地补偿", "F07", Of(distribution::map)),
    ("征地", "F07", Of(distribution::map)),
    ("补贴发放", "F08", PaymentList),
    ("发放清单", "F08", PaymentList),
    ("低保", "F08", PaymentList),
    ("救助", "F08", PaymentList),
    ("捐赠", "F09", Notice),
    ("一事一议", "F10", Notice),
    ("报酬", "F11", Notice),
    ("招待", "F12", Notice),
    ("资产登记变动", "A01", Of(asset::event)),
    ("资产登记", "A01", Of(asset::register)),
    ("资产台账", "A01", Of(asset::register)),
    ("资产购置", "A02", Of(asset::event)),
    ("资产", "A03", Of(asset::event)),
    ("资源台账", "R01", Of(resource::map)),
    ("资源登记", "R01", Of(resource::map)),
    ("资源", "R02", Of(trade::map)),
    ("合同签订", "C01", Of(contract::signed)),
    ("合同变更", "C03", Of(contract::event)),
    ("合同终止", "C03", Of(contract::event)),
    ("合同", "C02", Of(contract::event)),
    ("招标", "W02", Of(project::map)),
    ("比选", "W02", Of(project::map)),
    ("验收", "W03", Of(project::map)),
    ("结算", "W03", Of(project::map)),
    ("工程", "W02", Of(project::map)),
    ("联审", "V07", Of(candidates::map)),
    ("候选人", "V07", Of(candidates::map)),
    ("选举", "V07", Notice),
    ("实施结果", "V02", Notice),
    ("决议", "V01", Of(resolution::map)),
    ("协商", "V03", Of(deliberation::map)),
    ("话事", "V03", Of(deliberation::map)),
    ("宅基地", "V04", Notice),
    ("诉求", "V09", Petition),
    ("异议", "V09", Petition),
    ("发展党员", "D02", Of(party::map)),
    ("党费", "D03", Of(party::map)),
    ("党务", "D01", Of(party::map)),
    ("党支部", "D01", Of(party::map)),
    ("协助政府", "V06", Notice),
    ("委托事项", "V06", Notice),
    ("村规民约", "V05", Notice),
    ("评议", "V08", Notice),
    ("离任", "V08", Notice),
    ("监督", "S01", Of(supervision::opinion)),
    ("监委会", "S01", Of(supervision::opinion)),
];

fn known(matter: &str) -> Option<&'static (&'static str, &'static str, Becomes)> {
    MATTERS.iter().find(|(word, ..)| matter.contains(word))
}

/// The catalogue code of a 公开事项 that is not a receipt or payment.
pub fn code(matter: &str) -> Option<&'static str> {
    known(matter).map(|(_, code, _)| *code).filter(|code| !code.is_empty())
}

/// What a 公开事项 becomes; `None` for words not known, which are receipts, payments or notices.
pub fn becomes(matter: &str) -> Option<Becomes> {
    known(matter).map(|(.., becomes)| *becomes)
}

/// Whether a 公开事项 promises receipts and payments, so that a row without a direction is a fault.
pub fn is_money(matter: &str) -> bool {
    ["收支", "收入明细", "支出明细"].iter().any(|word| matter.contains(word))
}
