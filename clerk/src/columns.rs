//! The columns of the disclosure table, by the plain names of their headers.

/// 行政区划代码.
pub const DIVISION: &str = "行政区划代码";
/// 乡镇.
pub const TOWN: &str = "乡镇";
/// 村.
pub const VILLAGE: &str = "村";
/// 核算单位.
pub const ACCOUNT_UNIT: &str = "核算单位";
/// 公开大类.
pub const CLASS: &str = "公开大类";
/// 公开事项.
pub const MATTER: &str = "公开事项";
/// 所属期间.
pub const PERIOD: &str = "所属期间";
/// 业务日期.
pub const OCCURRED: &str = "业务日期";
/// 凭证号.
pub const VOUCHER: &str = "凭证号";
/// 摘要.
pub const TEXT: &str = "摘要";
/// 会计科目.
pub const ACCOUNT: &str = "会计科目";
/// 资金来源.
pub const FUND: &str = "资金来源";
/// 收支方向.
pub const DIRECTION: &str = "收支方向";
/// 金额.
pub const AMOUNT: &str = "金额(元)";
/// 货币资金余额.
pub const BALANCE: &str = "货币资金余额(元)";
/// 结算方式.
pub const METHOD: &str = "结算方式";
/// 对方单位或个人.
pub const PARTY: &str = "对方单位或个人";
/// 数量.
pub const QUANTITY: &str = "数量";
/// 计量单位.
pub const MEASURE: &str = "计量单位";
/// 合同编号.
pub const CONTRACT: &str = "合同编号";
/// 决议编号.
pub const RESOLUTION: &str = "决议编号";
/// 公示开始日期.
pub const POSTED_FROM: &str = "公示开始日期";
/// 公示截止日期.
pub const POSTED_TO: &str = "公示截止日期";
/// 附件张数.
pub const ATTACHMENTS: &str = "附件张数";
/// 附件, optional: names of files in the table's folder.
pub const FILES: &str = "附件";
/// 附件范围, optional: who may fetch a row's files.
pub const FILES_ACCESS: &str = "附件范围";
/// 备注.
pub const NOTE: &str = "备注";

/// 姓名公开范围, optional: who may see the names of a row.
pub const NAMES: &str = "姓名公开范围";

/// 处置编号, optional: the disposal that a row is a stage of.
pub const PROCESS: &str = "处置编号";
/// 处置环节, optional: which stage.
pub const STAGE: &str = "处置环节";

/// The columns of people who sign a voucher, and the role each gives an approval.
pub const PEOPLE: [(&str, &str); 3] = [("经手人", "handler"), ("证明人", "witness"), ("审批人", "approver")];

/// Columns without which nothing can be read.
pub const REQUIRED: [&str; 6] = [DIVISION, MATTER, PERIOD, OCCURRED, TEXT, AMOUNT];

/// Every column that means something.
pub const KNOWN: [&str; 31] = [
    "序号",
    DIVISION,
    TOWN,
    VILLAGE,
    ACCOUNT_UNIT,
    CLASS,
    MATTER,
    PERIOD,
    OCCURRED,
    VOUCHER,
    TEXT,
    ACCOUNT,
    FUND,
    DIRECTION,
    AMOUNT,
    BALANCE,
    METHOD,
    PARTY,
    QUANTITY,
    MEASURE,
    CONTRACT,
    RESOLUTION,
    POSTED_FROM,
    POSTED_TO,
    ATTACHMENTS,
    FILES,
    FILES_ACCESS,
    NOTE,
    NAMES,
    PROCESS,
    STAGE,
];
