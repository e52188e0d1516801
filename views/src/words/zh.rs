//! 简体中文.

use super::{Expert, Keys, Saying, Words};
use ledger::verdict::Code;

const CAVEAT: &str = "这只说明账没被改，不说明钱花得对不对。";
const THREE_STEPS: &str = "请照下面三步做";
const NOT_YOU: &str = "您没有做错什么，手机没有中毒。可能是有人改了账，也可能是系统坏了，要由上级来查。";

pub(super) fn verdict(code: Code) -> Saying {
    let (icon, title, body, next): (_, _, &'static [&'static str], _) = match code {
        Code::Checking => ("◌", "正在核对…", &["您可以先看账，手机正在核对有没有被改过。"], "等一会儿就好"),
        Code::Ok => (
            "✓",
            "这本账没有被改过",
            &["手机刚刚自己核对过：您上次看过的账一个字没动，后来的都在，见证人盖了章。", CAVEAT],
            "看看查了什么；不明白就问村务监督委员会",
        ),
        Code::OkFirstVisit => (
            "✓",
            "账对得上",
            &[
                "手机刚刚自己核对过：这些账在账本里，没有缺号，见证人盖了章。",
                "这是您第一次看，从今天起手机会记住，以后改了就看得出来。",
                CAVEAT,
            ],
            "看看查了什么；过些天再来看",
        ),
        Code::OkNotReplayed => (
            "◔",
            "这些账没有被改过",
            &["见证人盖了章。有没有漏掉的，还没有人从头对过一遍，一般几小时内会对完。", CAVEAT],
            "明天再看一次",
        ),
        Code::OkNotWitnessed => (
            "◔",
            "刚公布，见证人还没盖完章",
            &["账本身对得上。见证人还没盖完章，一般几小时内盖完。这不是出错。", CAVEAT],
            "明天再看一次",
        ),
        Code::OkUnwitnessed => (
            "◔",
            "账对得上，没有见证人",
            &["手机刚刚自己核对过：这些账在账本里，没有缺号，章都是登记过的。", CAVEAT],
            "看看查了什么；过些天再来看，手机会和这次的对",
        ),
        Code::Corrected => {
            ("✎", "这笔账后来更正过", &["原来写的和更正的都留着，谁也抹不掉。"], "看看原来写的；不明白就问")
        }
        Code::Marked => (
            "⚑",
            "盖这笔账的章后来出了问题",
            &["盖章的时候，这个章可能已经不在该管它的人手里。账还在，要由上级看一下。"],
            "打电话问镇里",
        ),
        Code::YoungSeal => (
            "◷",
            "这个章刚登记不久",
            &["盖章的时候，这个章登记还不到30天。这不是出错，只是告诉您。"],
            "可以问镇里这是谁的章",
        ),
        Code::StaleHead => (
            "⏱",
            "见证人两天没来盖章了",
            &["账对得上，可是见证人最近两天没有盖章，最新的账可能还没给您看到。"],
            "明天再看；还这样就打电话问镇里",
        ),
        Code::Overdue => (
            "⏱",
            "这一期的账还没公布",
            &["按规定该公布的日子已经过了。上一次公布的账没有被改过。"],
            "打电话问村务监督委员会，或向镇里反映",
        ),
        Code::NameWithheld => {
            ("！", "名字没有给出来", &["金额都在，名字这次没有给，也没有撤下的记录。"], "问村务监督委员会")
        }
        Code::PaperDiffers => (
            "！",
            "这张纸和账本对不上",
            &["可能印错了，可能是假的，也可能有两本账。请拍下来，不要撕。"],
            "打电话给村务监督委员会",
        ),
        Code::CannotShow => (
            "！",
            "账本没能证明",
            &[
                "您看到的账，账本这次没能拿出证明。可能是网络或机器的毛病，也可能有人动过。",
                "手机以前记住的没有动，可以再对。",
            ],
            "再查一次；换个网再查；过一天还这样就打电话",
        ),
        Code::Offline => (
            "☁",
            "现在连不上账本",
            &["账可以先看，手机还没能核对。这不代表账有问题，也不代表没问题。"],
            "等网好了再查一次",
        ),
        Code::CannotCheck => (
            "？",
            "这个手机查不了",
            &["账能看，但这个手机没法自己核对。不代表账有问题，也不代表没问题。"],
            "请家里人用别的手机看，或找村里的帮办员",
        ),
        Code::ViewerTooOld => {
            ("？", "这个页面太旧了", &["账能看，这次没法核对。请重新打开一次。"], "重新打开这个页面")
        }
        Code::FailedRewritten => (
            "✗",
            "以前的账被改过！",
            &["您以前看过的账，和现在的账接不上。账本只能往后加，不能改前面。", NOT_YOU],
            THREE_STEPS,
        ),
        Code::FailedTwoBooks => (
            "✗",
            "同一个村有两本不一样的账！",
            &["您手机记住的，和现在给您看的，不是同一本账。两本都盖了账本的章。", NOT_YOU],
            THREE_STEPS,
        ),
        Code::FailedSeal => {
            ("✗", "章不对！", &["账本里有一笔账，上面的章不是登记过的，或者没有盖够。", NOT_YOU], THREE_STEPS)
        }
        Code::FailedIndex => {
            ("✗", "账本的总目录不对！", &["账本自己盖了章的总目录，和里面的账对不上。", NOT_YOU], THREE_STEPS)
        }
    };
    Saying { icon, title, body, next }
}

pub(super) static WORDS: Words = Words {
    site: "村务阳光账本",
    home_lead: "点开您的村，看钱从哪里来、花到哪里去。打开以后，您的手机会自己核对。",
    home_count: "{} 笔账",
    home_silent: "还没有公布过账的，{} 个",
    home_none: "还没有公布过账",
    back: "返回所有的村",
    no_witnesses: "这本账没有见证人盖章，只有账本自己作证。",
    late: "要是过了很久还是这样，就是这台手机没能核对。账可以看。",
    period_of: "{}的账",
    no_period: "账",
    came_in: "收进来",
    went_out: "花出去",
    left: "还剩下",
    unknown: "没有写",
    yuan: "元",
    all_entries: "第 1 号起的账都在这里。",
    whole_period: "这一期的账都在这里。{}以前记的账不在这一页。",
    since_only: "上面只算了{}以后记进账本的账；更早记的不在这一页，这一期可能不全。",
    finding_close: "一笔一笔算下来还剩 {} 元，结账写的是 {} 元，相差 {} 元。需要看一下。",
    finding_flows: "结账写的是收进来 {} 元、花出去 {} 元，和一笔一笔加起来的不一样。需要看一下。",
    finding_earlier: "第 {} 号更正了以前的第 {} 号，相差 {} 元，没有算在上面。",
    entries: "一笔一笔的账",
    earlier: "以前的账，{} 笔",
    number: "第 {} 号",
    kinds: Keys(
        "\
income=收入\n\
expense=支出\n\
transfer=转账\n\
opening_balance=期初余额\n\
period_close=结账\n\
correction=更正\n\
notice=公告\n\
closed=单位终止",
    ),
    other_kind: "其他",
    corrects: "更正第 {} 号",
    old: "原来写",
    new: "更正为",
    reason: "理由：",
    reasons: Keys(
        "\
typo=写错了\n\
omission=漏写了\n\
misclass=记错了类别\n\
reversal=冲销\n\
legal=按规定更正\n\
privacy=保护个人信息",
    ),
    more: "看详细",
    fields: Keys(
        "\
item=公开目录\n\
period=所属期间\n\
occurred=日期\n\
title=标题\n\
summary=说明\n\
amount=金额\n\
direction=收支\n\
voucher_no=凭证号\n\
account=科目\n\
fund_source=钱的来源\n\
method=怎么付的\n\
counterparty=对方\n\
counterparty.name=对方\n\
contract_no=合同编号\n\
resolution_no=决议编号\n\
quantity=数量\n\
balance=记完这笔还剩\n\
invoice_count=票据张数\n\
note=备注\n\
subject=事项\n\
text=内容\n\
opening=期初\n\
income=收进来\n\
expense=花出去\n\
closing=还剩下\n\
cash=其中现金\n\
vouchers=凭证张数\n\
explanation=说明\n\
bank=银行存款\n\
posting=公示\n\
approvals=经过\n\
logged=记进账本\n\
count=账目总数\n\
reason=原因",
    ),
    funds: Keys(
        "\
self=集体自有\n\
fiscal=财政补助\n\
donation=捐赠\n\
land_compensation=征地补偿\n\
levy=一事一议\n\
loan=借款\n\
other=其他",
    ),
    methods: Keys(
        "\
transfer=银行转账\n\
debit=银行代扣\n\
cash=现金\n\
card=一卡通\n\
deduction=抵扣\n\
other=其他",
    ),
    parties: Keys(
        "\
person=个人\n\
group=多人\n\
company=公司\n\
organ=单位",
    ),
    approvers: Keys(
        "\
handler=经手人\n\
witness=证明人\n\
approver=审批人\n\
supervision=村务监督委员会\n\
town=镇",
    ),
    what_checked: "查了什么，没查什么",
    checked: "查了的",
    not_checked: "没有查的",
    check_all: "第 1 号起的账都在账本里，没有缺号",
    check_since: "{}以后记的账都在账本里，没有缺号",
    check_seals: "每一笔都盖了该盖的章，章是登记过的",
    check_grown: "从您上次看到现在，账本只往后加，没有改前面",
    check_first: "您第一次看，还没有上次的可以对。从今天起手机会记住",
    check_witnesses: "见证人盖了章：{}",
    list: "、",
    check_unwitnessed: "这本账没有见证人",
    check_few_witnesses: "见证人还没盖完章",
    check_replayed: "有见证人从头对过一遍，没有漏掉的",
    check_not_replayed: "还没有人从头对过一遍有没有漏掉的",
    check_young: "有 {} 笔是新登记的章盖的，登记不到30天（{}登记）",
    limits: &[
        "钱花得对不对",
        "票据是不是真的",
        "有没有没记进来的钱",
        "这个网页本身有没有被人换过：可以请别人用别的手机也看一次",
    ],
    caveat: CAVEAT,
    again: "再查一次",
    call: "打电话问",
    hotlines: Keys(
        "\
政务服务便民热线=12345\n\
纪检监察举报=12388",
    ),
    failed_calm: "先别急，请照下面三步做。",
    step_save: "把证据存下来",
    save: "存到这台手机里",
    step_call: "打电话",
    step_neighbour: "告诉一个邻居，请他也看一次。他的手机也这样，就不是您手机的毛病。",
    expert: Expert {
        title: "给懂技术的人看",
        ledger: "账本",
        charter: "章程哈希",
        size: "日志叶子数",
        time: "账本写的时间",
        root: "本单位的树根",
        verdict: "结论代码",
        checkpoint: "签名的检查点",
        bundle: "整包数据",
        forget: "忘掉这台手机记住的账本",
    },
};
