//! What villages receive and pay, with the amounts that are usual. Companies and organs only, no persons.

/// A kind of receipt or payment.
#[derive(Debug)]
pub struct Matter {
    /// What it is for.
    pub what: &'static str,
    /// Account code and name, chart of 2024.
    pub account: (&'static str, &'static str),
    /// `self` or `fiscal`.
    pub fund: &'static str,
    /// `transfer`, `debit` or `cash`.
    pub method: &'static str,
    /// `company`, `organ` or `group`.
    pub party_kind: &'static str,
    /// Who pays or is paid.
    pub parties: &'static [&'static str],
    /// Least and most, in steps.
    pub steps: (i64, i64),
    /// One step in fen.
    pub step: i64,
    /// Whether a contract stands behind it.
    pub contract: bool,
}

impl Matter {
    /// Whether it comes at most once a month: bills that are debited, and wages.
    pub fn is_monthly(&self) -> bool {
        self.method == "debit" || self.party_kind == "group"
    }
}

/// Ten yuan in fen.
const TEN: i64 = 1_000;
/// A hundred yuan in fen.
const HUNDRED: i64 = 10_000;

const TRADERS: &[&str] = &["××农贸有限公司", "××商贸有限公司", "××超市有限公司", "××饲料有限公司"];
const GROWERS: &[&str] = &["××水产养殖有限公司", "××果业有限公司", "××种植专业合作社", "××林业有限公司"];
const MAKERS: &[&str] = &["××木业有限公司", "××塑料制品厂", "××食品有限公司"];
const BUILDERS: &[&str] = &["××建筑工程有限公司", "××市政工程有限公司", "××水利工程有限公司"];
const SHOPS: &[&str] = &["××建材经营部", "××园林经营部", "××五金商行", "××文具店", "××电脑商行"];
const OFFICES: &[&str] = &["镇财政所", "区财政局", "区农业农村局", "区林业局"];

/// A matter of a fund, settled with a party.
const fn matter(
    what: &'static str,
    account: (&'static str, &'static str),
    party: (&'static str, &'static [&'static str]),
    steps: (i64, i64),
    step: i64,
) -> Matter {
    let (party_kind, parties) = party;
    Matter {
        what,
        account,
        fund: "self",
        method: "transfer",
        party_kind,
        parties,
        steps,
        step,
        contract: false,
    }
}

const RENT: (&str, &str) = ("501", "经营收入-租赁收入");
const LEASE: (&str, &str) = ("501", "经营收入-发包收入");
const SUBSIDY: (&str, &str) = ("503", "补助收入");
/// 公益支出.
pub const WELFARE: (&str, &str) = ("514", "公益支出");
/// 管理费用.
pub const ADMIN: (&str, &str) = ("513", "管理费用");
const RUNNING: (&str, &str) = ("511", "经营支出");
const WORKS: (&str, &str) = ("153", "在建工程");

/// What comes in.
pub const INCOME: &[Matter] = &[
    Matter {
        contract: true, ..matter("综合市场铺面租金", RENT, ("company", TRADERS), (30, 480), HUNDRED)
    },
    Matter {
        contract: true, ..matter("旧校舍厂房租金", RENT, ("company", MAKERS), (50, 600), HUNDRED)
    },
    Matter { contract: true, ..matter("鱼塘承包款", LEASE, ("company", GROWERS), (80, 900), HUNDRED) },
    Matter { contract: true, ..matter("坡地承包款", LEASE, ("company", GROWERS), (40, 500), HUNDRED) },
    Matter {
        contract: true, ..matter("机动地流转款", LEASE, ("company", GROWERS), (20, 360), HUNDRED)
    },
    Matter {
        fund: "fiscal", ..matter("村级运转经费", SUBSIDY, ("organ", OFFICES), (50, 250), HUNDRED)
    },
    Matter {
        fund: "fiscal", ..matter("生态公益林补偿", SUBSIDY, ("organ", OFFICES), (230, 4_200), TEN)
    },
    Matter {
        fund: "fiscal", ..matter("人居环境整治补助", SUBSIDY, ("organ", OFFICES), (100, 800), HUNDRED)
    },
    Matter {
        method: "debit",
        ..matter("银行存款利息", ("504", "其他收入"), ("organ", &["农信社"]), (1_200, 68_000), 1)
    },
    matter("废旧物资变卖款", ("504", "其他收入"), ("company", &["××再生资源有限公司"]), (300, 9_800), 100),
];

/// What goes out.
pub const EXPENSE: &[Matter] = &[
    Matter {
        method: "debit",
        ..matter("村道路灯电费", WELFARE, ("organ", &["供电所"]), (62_000, 238_000), 1)
    },
    Matter {
        method: "debit",
        ..matter("村委办公用电费", ADMIN, ("organ", &["供电所"]), (18_000, 96_000), 1)
    },
    Matter {
        method: "debit",
        ..matter("抽水泵站电费", RUNNING, ("organ", &["供电所"]), (33_000, 182_000), 1)
    },
    Matter {
        method: "debit", ..matter("自来水费", ADMIN, ("organ", &["自来水公司"]), (6_000, 52_000), 1)
    },
    Matter {
        fund: "fiscal",
        contract: true,
        ..matter("村庄保洁员工资", WELFARE, ("group", &["保洁员3人", "保洁员5人"]), (320, 900), TEN)
    },
    Matter {
        contract: true,
        ..matter("治安联防队工资", WELFARE, ("group", &["联防队员4人"]), (480, 1_200), TEN)
    },
    Matter {
        contract: true,
        ..matter("垃圾清运费", WELFARE, ("company", &["××环境服务有限公司"]), (180, 860), TEN)
    },
    Matter {
        contract: true,
        ..matter("村道硬化工程款", WORKS, ("company", BUILDERS), (120, 1_500), HUNDRED)
    },
    Matter {
        contract: true,
        ..matter("灌溉水渠清淤工程款", WORKS, ("company", BUILDERS), (60, 700), HUNDRED)
    },
    Matter {
        contract: true, ..matter("文化楼修缮款", WORKS, ("company", BUILDERS), (40, 460), HUNDRED)
    },
    matter("广场绿化苗木款", WELFARE, ("company", SHOPS), (150, 2_800), TEN),
    matter("路灯维修材料款", WELFARE, ("company", SHOPS), (4_800, 186_000), 10),
    Matter { method: "cash", ..matter("办公用品款", ADMIN, ("company", SHOPS), (2_500, 48_000), 10) },
    Matter {
        method: "cash",
        ..matter("公告栏制作费", ADMIN, ("company", &["××广告部"]), (8_000, 62_000), 10)
    },
    Matter {
        method: "debit", ..matter("银行手续费", ADMIN, ("organ", &["农信社"]), (100, 5_600), 1)
    },
    matter("公共设施保险费", ADMIN, ("company", &["××财产保险公司"]), (60, 520), TEN),
    matter("老年人活动中心用品款", WELFARE, ("company", SHOPS), (12_000, 280_000), 10),
    matter("医保代缴补助", WELFARE, ("organ", &["区医疗保障局"]), (38, 760), TEN),
];

/// Notices: catalogue code, subject, text.
pub const NOTICES: &[(&str, &str, &str)] = &[
    ("V01", "村民代表会议决议", "应到31人，实到27人，审议村道硬化方案，同意26，反对0，弃权1，通过。"),
    ("V03", "协商议事及答复", "村民代表话事议题：增设路灯。意见11条，采纳8条，列入下一季度计划。"),
    ("C02", "合同履行", "本月到期的租金已全部收齐，没有拖欠。"),
    ("R02", "资源发包公告", "机动地32.50亩公开发包，期限5年，底价每亩每年420元，公告期15天。"),
    ("W02", "工程比选结果", "村道硬化工程比选，3家报价，最低价中选，结果公示3天。"),
    ("W03", "工程验收", "灌溉水渠清淤工程已验收，长度1260米，质量合格，质保期1年。"),
    ("V06", "协助政府工作", "协助发放春耕物资，收到种子480公斤，已全部发放到各村民小组。"),
    ("S01", "村务监督委员会意见", "已审查本月全部凭证，票据齐全，手续完备，没有异议。"),
];
