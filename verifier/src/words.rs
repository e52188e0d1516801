//! What the tool says, in Chinese and English: of each verdict, and of what it never looks at.

use ledger::verdict::{Code, Level};

/// What a village audit never looks at.
pub const AUDIT: &[&str] = &[
    "条目内容是否属实，有没有从未入账的事 / whether entries are true, and what was never submitted",
    "以前公布的存证点（checkpoints/…） / earlier published checkpoints",
    "这份账本是否给别人看过另一个样子 / whether others were shown another view of this log",
];
/// Said of what lies beside a log that was not proved.
pub const BESIDE: &str = "清单各行、附件和封存的姓名 / rows of payment lists, attachments and sealed names";
/// Files that a copy does not have.
pub const NOT_HERE: &str = "这份副本里没有的清单或附件：请对账本的网址再查 / lists or attachments that this copy does not have: audit the ledger's own address";
/// Files that take a token.
pub const NOT_FOR_YOU: &str = "不公开的附件：须有监察令牌，请用 --token-file / attachments that are not public: they take an inspector's token, --token-file";
/// Attachments that were not asked for.
pub const ATTACHMENTS: &str =
    "附件的内容：没有下载，请用 --attachments / attachments: not fetched; use --attachments";
/// Names that were not asked for.
pub const NAMES: &str = "封存的姓名：没有取来核对，请对账本的网址用 --names / sealed names: not fetched; use --names with the ledger's own address";
/// Names of lists whose rows could not be had.
pub const NAMES_OF_LISTS: &str =
    "没有取到各行的清单里的姓名 / names of payment lists whose rows were not had";
/// Names that nobody is entitled to see now, or not this reader.
pub const NOT_SHOWN: &str = "不在公示期内或不公开的姓名，服务器没有给出 / names that are not posted now or not for everyone: the server does not give them";
/// Said when a receipt holds and what was handed in beside it does not.
pub const MISFIT: &str = "不成立：凭据本身成立，随它给出的内容与条目不符 / does not verify: the receipt holds, what was given with it does not fit its entry";
/// What the check of a household's row never shows.
pub const ROW: &[&str] = &[
    "这一户的钱有没有到账 / whether this household was paid",
    "名单外有没有应得而没有得的户 / whether other households should be on the list",
];
/// What is not there to be looked at in a ledger without witnesses.
pub const NO_WITNESSES: &str =
    "见证人：本账本没有见证人，时间是账本自己的 / witnesses: this ledger has none; its times are its own";
/// What the audit of a log without village rules never looks at.
pub const PLAIN: &[&str] = &[
    "条目说什么、由谁签署 / what the entries say and who signed them",
    "见证人的联署 / cosignatures of witnesses",
    "这份日志是否给别人看过另一个样子 / whether others were shown another view of this log",
];
/// What a receipt never shows.
pub const RECEIPT: &[&str] = &[
    "是不是全部条目：凭据不说明完整 / whether there are other entries: a receipt says nothing about completeness",
    "条目上的印章：须有登记册，请用 audit / the seals on the entry: they need the registry; use audit",
    "后来有没有更正 / whether it was corrected later",
    "内容是否属实 / whether what it says is true",
];
/// What is not looked at when the registry names another catalogue than the one at hand.
pub const LATENESS: &str = "公开是否逾期：登记册里写的不是这份公开目录，请用 --catalogue 文件 再查（网站的 /catalogue 可以下载） / whether disclosures are late: the registry does not name this catalogue; audit again with --catalogue FILE, which the server has at /catalogue";
/// Said beside the number of hints.
pub const HINTS: &str = "疑点不是结论，请对照原件核实 / to be looked into, no verdict";
/// The first line on a log that is proved and does not fit all the same.
pub const FAULTS: &str = "不成立：签名与条目对得上，但下列各处不符 / does not verify: signature and entries fit, but what is listed below does not";
/// Said before faults that the signed root does not cover.
pub const UNPROVEN: &str = "收到的内容与账本的签名对不上，以下各处只说明收到的内容如此，不能断定账本作假。请换一个网络或一份副本再查；长期如此请求助 / what came does not fit the log's signature: nothing below convicts the log; try another network or copy, and call for help if it stays so";
/// Said of a red verdict.
pub const EVIDENCE: &str = "账本签了名，却自相矛盾。请用 --save 文件夹 留下整份副本：那就是证据，任何人用同一命令会得到同样结果 / signed by the log and contradicting itself: keep a copy with --save FOLDER; it is the evidence, and anyone who runs the same command on it gets the same result";

/// The one line that a verdict begins with.
pub fn verdict(code: Code) -> &'static str {
    match code {
        Code::OkUnwitnessed => "成立：查过的都对得上；没有见证人作证 / holds; no witnesses vouch for it",
        Code::OkNotWitnessed => {
            "成立：查过的都对得上；见证人还没有到法定人数 / holds; the quorum of witnesses is not complete"
        }
        Code::OkNotReplayed => "成立；还没有人重放过全部条目 / holds; nobody has replayed it yet",
        Code::StaleHead => {
            "成立，但见证已超过 48 小时 / holds, but the witnesses' time is more than 48 hours old"
        }
        Code::CannotShow => "不成立：收到的内容证明不了它是这份账本 / does not verify",
        Code::NameWithheld => {
            "账本本身对得上，但有公示期内的姓名没有给出，账本里也没有撤下；若刚有新的公布，请再查一次 / the log holds, but posted names were not given and nothing withdrew them; audit again if something was just published"
        }
        Code::FailedRewritten => "不成立：以前签名公布的内容被改掉了 / FAILED: signed history was rewritten",
        Code::FailedTwoBooks => "不成立：同一单位有两本都签了名的账 / FAILED: two signed books of one unit",
        Code::FailedSeal => {
            "不成立：账本里有印章不够或不对的条目 / FAILED: an entry whose seals do not suffice"
        }
        Code::FailedIndex => {
            "不成立：账本签名的总目录与条目不符 / FAILED: a signed index leaf is not what the entries say"
        }
        Code::ViewerTooOld => {
            "查不了：有的条目本程序读不了，请升级 / could not check: some entries are newer than this program"
        }
        Code::Offline => "查不了：连不上 / could not check: no connection",
        _ => match code.level() {
            Level::Calm => "成立：查过的都对得上 / holds",
            Level::Amber | Level::Red => "不成立 / does not verify",
            Level::Neutral => "查不了 / could not check",
        },
    }
}

/// The one line on a receipt: what it shows, and no more.
pub fn receipt(code: Code) -> &'static str {
    match code {
        Code::OkUnwitnessed => {
            "成立：这一条在账本里，一字未改；没有见证人作证 / holds: in the ledger and unaltered; no witnesses vouch for it"
        }
        Code::OkNotWitnessed => {
            "成立：这一条在账本里，一字未改；见证人没有到法定人数 / holds: in the ledger and unaltered; no quorum of witnesses"
        }
        Code::OkNotReplayed => {
            "成立：这一条在账本里，一字未改；还没有人重放过全部条目 / holds: in the ledger and unaltered; not yet replayed by anyone"
        }
        Code::OkFirstVisit => "成立：这一条在账本里，一字未改 / holds: in the ledger and unaltered",
        _ => "不成立：这份凭据证明不了什么 / does not verify: this receipt shows nothing",
    }
}
