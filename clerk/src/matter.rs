//! 公开事项: its code in the disclosure catalogue, and what kind of entry it becomes.

/// What a row becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Becomes {
    /// 期初余额.
    OpeningBalance,
    /// 结账.
    PeriodClose,
    /// 更正.
    Correction,
    /// 收支凭证 when it has a direction and an amount, 公告 otherwise.
    ByDirection,
}

/// Words of a 公开事项, most telling first, and their code. Money rows get theirs from the direction.
const CODES: [(&str, &str); 40] = [
    ("期初", "F04"),
    ("结账", "F04"),
    ("月结", "F04"),
    ("更正", "F13"),
    ("财务计划", "F01"),
    ("预算", "F01"),
    ("债权债务", "F05"),
    ("收益分配", "F06"),
    ("土地补偿", "F07"),
    ("征地", "F07"),
    ("补贴发放", "F08"),
    ("低保", "F08"),
    ("救助", "F08"),
    ("捐赠", "F09"),
    ("一事一议", "F10"),
    ("报酬", "F11"),
    ("招待", "F12"),
    ("资产登记", "A01"),
    ("资产购置", "A02"),
    ("资产出租", "A03"),
    ("资产处置", "A03"),
    ("资产", "A03"),
    ("资源台账", "R01"),
    ("资源", "R02"),
    ("合同签订", "C01"),
    ("合同变更", "C03"),
    ("合同终止", "C03"),
    ("合同", "C02"),
    ("工程立项", "W01"),
    ("验收", "W03"),
    ("结算", "W03"),
    ("工程", "W02"),
    ("候选人", "V07"),
    ("选举", "V07"),
    ("实施结果", "V02"),
    ("决议", "V01"),
    ("协商", "V03"),
    ("宅基地", "V04"),
    ("诉求", "V09"),
    ("发展党员", "D02"),
];

/// Words whose code comes after those of [`CODES`].
const MORE_CODES: [(&str, &str); 6] = [
    ("党费", "D03"),
    ("异议", "V09"),
    ("村规民约", "V05"),
    ("评议", "V08"),
    ("离任", "V08"),
    ("监督", "S01"),
];

/// The catalogue code of a 公开事项 that is not a receipt or payment; `None` for words not known.
pub fn code(matter: &str) -> Option<&'static str> {
    CODES.iter().chain(&MORE_CODES).find(|(word, _)| matter.contains(word)).map(|(_, code)| *code)
}

/// What a 公开事项 becomes.
pub fn becomes(matter: &str) -> Becomes {
    let has = |words: &[&str]| words.iter().any(|w| matter.contains(w));
    if has(&["期初"]) {
        Becomes::OpeningBalance
    } else if has(&["结账", "月结", "季结"]) {
        Becomes::PeriodClose
    } else if has(&["更正"]) {
        Becomes::Correction
    } else {
        Becomes::ByDirection
    }
}

/// Whether a 公开事项 promises receipts and payments, so that a row without a direction is a fault.
pub fn is_money(matter: &str) -> bool {
    matter.contains("收支")
}
