//! English.

use super::{Expert, Keys, Saying, Words};
use ledger::verdict::Code;

const CAVEAT: &str = "This says that the account was not changed, not that the money was well spent.";
const THREE_STEPS: &str = "Please take the three steps below";
const NOT_YOU: &str = "You did nothing wrong, and your phone has no virus. Somebody may have changed the account, or the \
                       system may be broken; it has to be looked into.";

pub(super) fn verdict(code: Code) -> Saying {
    let (icon, title, body, next): (_, _, &'static [&'static str], _) = match code {
        Code::Checking => (
            "◌",
            "Checking…",
            &["You can read the account meanwhile; your phone is checking whether it was changed."],
            "Just wait a moment",
        ),
        Code::Ok => (
            "✓",
            "This account was not changed",
            &[
                "Your phone has just checked it: nothing you saw before was changed, what came later is all there, \
                 and witnesses have put their seals to it.",
                CAVEAT,
            ],
            "See what was checked; ask the village supervision committee",
        ),
        Code::OkFirstVisit => (
            "✓",
            "The account adds up",
            &[
                "Your phone has just checked it: the entries are in the ledger, no number is missing, and witnesses \
                 have put their seals to it.",
                "This is your first visit. From today on your phone remembers, and a change would show.",
                CAVEAT,
            ],
            "See what was checked; come back in some days",
        ),
        Code::OkNotReplayed => (
            "◔",
            "These entries were not changed",
            &[
                "Witnesses have put their seals to it. Nobody has gone through the whole ledger yet to see that \
                 nothing is left out; that usually takes some hours.",
                CAVEAT,
            ],
            "Look again tomorrow",
        ),
        Code::OkNotWitnessed => (
            "◔",
            "Just published, witnesses still to come",
            &[
                "The account itself fits. Not all witnesses have come yet; it usually takes some hours.",
                CAVEAT,
            ],
            "Look again tomorrow",
        ),
        Code::OkUnwitnessed => (
            "◔",
            "It fits; there are no witnesses",
            &[
                "Your phone has just checked it: the entries are in the ledger, no number is missing, and the seals \
                 are enrolled ones.",
                CAVEAT,
            ],
            "See what was checked; come back, and your phone compares with today",
        ),
        Code::Corrected => (
            "✎",
            "Corrected later",
            &["The old and the corrected value both stay; nobody can wipe them out."],
            "Look at the old value; ask if it is not clear",
        ),
        Code::Marked => (
            "⚑",
            "The seal on this was later withdrawn",
            &[
                "When it was sealed, the seal may already have been in the wrong hands. Somebody should look at it.",
            ],
            "Call the town",
        ),
        Code::YoungSeal => (
            "◷",
            "A newly enrolled seal",
            &["When it was sealed, the seal had been enrolled for less than 30 days. This is no fault."],
            "You can ask the town whose seal it is",
        ),
        Code::StaleHead => (
            "⏱",
            "No witness has come for two days",
            &[
                "The account fits, but no witness has put a seal to it for two days; the newest may be missing.",
            ],
            "Look again tomorrow; if it stays so, call the town",
        ),
        Code::Overdue => (
            "⏱",
            "This period is not published yet",
            &["The day on which it was due has passed. What was published before was not changed."],
            "Call the supervision committee or the town",
        ),
        Code::NameWithheld => (
            "!",
            "The name was not given",
            &["The amounts are all there; the name was not given, and nothing says why."],
            "Ask the supervision committee",
        ),
        Code::PaperDiffers => (
            "!",
            "This paper and the ledger differ",
            &[
                "A wrong print, a false paper, or two books. Please take a photo and leave the paper where it is.",
            ],
            "Call the supervision committee",
        ),
        Code::CannotShow => (
            "!",
            "The ledger could not prove it",
            &[
                "The ledger could not show that what you see is in it. The network or a machine may be at fault, or \
                 somebody has tampered with it.",
                "What your phone remembers is untouched and can be compared again.",
            ],
            "Check again; try another network; if it lasts a day, call",
        ),
        Code::Offline => (
            "☁",
            "The ledger can't be reached",
            &["You can read the account, but it was not checked. That says neither good nor bad about it."],
            "Check again when the network is back",
        ),
        Code::CannotCheck => (
            "?",
            "This phone can't check",
            &[
                "You can read the account, but this phone can't check it. That says neither good nor bad about it.",
            ],
            "Use another phone, or ask the village helper",
        ),
        Code::ViewerTooOld => (
            "?",
            "This page is too old",
            &["You can read the account, but it can't be checked this time. Please open the page again."],
            "Open the page again",
        ),
        Code::FailedRewritten => (
            "✗",
            "Past entries were changed!",
            &[
                "What you saw before does not lead to what is shown now. A ledger may only grow, its past may not change.",
                NOT_YOU,
            ],
            THREE_STEPS,
        ),
        Code::FailedTwoBooks => (
            "✗",
            "There are two different books!",
            &[
                "What your phone remembers and what is shown now are two books. The ledger sealed both.",
                NOT_YOU,
            ],
            THREE_STEPS,
        ),
        Code::FailedSeal => (
            "✗",
            "A seal is wrong!",
            &["The ledger holds an entry whose seals are not enrolled, or not enough.", NOT_YOU],
            THREE_STEPS,
        ),
        Code::FailedIndex => (
            "✗",
            "The ledger's index is wrong!",
            &["The index that the ledger itself sealed is not what its entries say.", NOT_YOU],
            THREE_STEPS,
        ),
    };
    Saying { icon, title, body, next }
}

pub(super) static WORDS: Words = Words {
    site: "Village Ledger",
    home_lead: "Open your village to see where money comes from and where it goes. Your phone then checks it by itself.",
    home_count: "{} entries",
    home_silent: "Nothing published yet: {}",
    home_none: "nothing published yet",
    back: "All villages",
    no_witnesses: "No witnesses seal this ledger; it vouches for itself alone.",
    late: "If this does not change, this phone could not check. You can read the account.",
    period_of: "Account of {}",
    no_period: "Account",
    came_in: "Came in",
    went_out: "Went out",
    left: "Left",
    unknown: "not stated",
    yuan: "yuan",
    all_entries: "Every entry from No. 1 on is here.",
    whole_period: "The whole period is here. Entries logged before {} are not on this page.",
    since_only: "Only entries logged after {} are counted here; earlier ones are not on this page, so the period may be incomplete.",
    finding_close: "Counted entry by entry, {} yuan are left; the close says {} yuan, a difference of {} yuan. Somebody should look at it.",
    finding_flows: "The close says {} yuan came in and {} yuan went out, which is not what the entries add up to. Somebody should look at it.",
    finding_earlier: "No. {} corrects the earlier No. {}, a difference of {} yuan that is not counted above.",
    entries: "Entry by entry",
    earlier: "Earlier entries: {}",
    number: "No. {}",
    kinds: Keys(
        "\
income=Income\n\
expense=Expense\n\
transfer=Transfer\n\
opening_balance=Opening balance\n\
period_close=Close\n\
correction=Correction\n\
notice=Notice\n\
closed=Unit closed",
    ),
    other_kind: "Other",
    corrects: "corrects No. {}",
    old: "It said",
    new: "corrected to",
    reason: "Reason: ",
    reasons: Keys(
        "\
typo=misspelt\n\
omission=left out\n\
misclass=wrong class\n\
reversal=reversed\n\
legal=by law\n\
privacy=privacy",
    ),
    more: "Details",
    fields: Keys(
        "\
item=Catalogue\n\
period=Period\n\
occurred=Date\n\
title=Title\n\
summary=Summary\n\
amount=Amount\n\
direction=Direction\n\
voucher_no=Voucher\n\
account=Account\n\
fund_source=Funds from\n\
method=Paid by\n\
counterparty=Counterparty\n\
counterparty.name=Counterparty\n\
contract_no=Contract\n\
resolution_no=Resolution\n\
quantity=Quantity\n\
balance=Left after this\n\
invoice_count=Papers\n\
note=Note\n\
subject=Subject\n\
text=Text\n\
opening=At the beginning\n\
income=Came in\n\
expense=Went out\n\
closing=Left\n\
cash=in cash\n\
vouchers=Vouchers\n\
explanation=Explanation\n\
bank=In the bank\n\
posting=Posted\n\
approvals=Passed by\n\
logged=Logged\n\
count=Entries in all\n\
reason=Reason",
    ),
    funds: Keys(
        "\
self=the collective's own\n\
fiscal=public subsidy\n\
donation=donation\n\
land_compensation=land compensation\n\
levy=agreed levy\n\
loan=loan\n\
other=other",
    ),
    methods: Keys(
        "\
transfer=bank transfer\n\
debit=bank debit\n\
cash=cash\n\
card=benefit card\n\
deduction=deduction\n\
other=other",
    ),
    parties: Keys(
        "\
person=a person\n\
group=several people\n\
company=a company\n\
organ=an organisation",
    ),
    approvers: Keys(
        "\
handler=handler\n\
witness=witness\n\
approver=approver\n\
supervision=supervision committee\n\
town=town",
    ),
    what_checked: "What was checked, what was not",
    checked: "Checked",
    not_checked: "Not checked",
    check_all: "Every entry from No. 1 on is in the ledger, no number is missing",
    check_since: "Every entry logged after {} is in the ledger, no number is missing",
    check_seals: "Each entry has the seals it needs, and they are enrolled ones",
    check_grown: "Since your last visit the ledger only grew; its past did not change",
    check_first: "Your first visit: there is nothing to compare with. From today on your phone remembers",
    check_witnesses: "Sealed by witnesses: {}",
    list: ", ",
    check_unwitnessed: "This ledger has no witnesses",
    check_few_witnesses: "Not all witnesses have come yet",
    check_replayed: "A witness went through the whole ledger; nothing is left out",
    check_not_replayed: "Nobody has gone through the whole ledger yet",
    check_young: "{} entries have a seal enrolled less than 30 days before (on {})",
    limits: &[
        "Whether the money was well spent",
        "Whether the papers are true",
        "Whether money was never booked at all",
        "Whether this page itself was swapped: ask somebody to look with another phone",
    ],
    caveat: CAVEAT,
    again: "Check again",
    call: "Call and ask",
    hotlines: Keys(
        "\
Government services hotline=12345\n\
Discipline inspection=12388",
    ),
    failed_calm: "Keep calm and take these three steps.",
    step_save: "Keep the evidence",
    save: "Save it on this phone",
    step_call: "Make a call",
    step_neighbour: "Tell a neighbour and ask them to look too. If their phone says the same, it is not your phone.",
    expert: Expert {
        title: "For technical readers",
        ledger: "Ledger",
        charter: "Charter hash",
        size: "Leaves in the log",
        time: "The log's own time",
        root: "Root of this unit's tree",
        verdict: "Verdict code",
        checkpoint: "Signed checkpoint",
        bundle: "Whole bundle",
        forget: "Forget the ledger that this phone remembers",
    },
};
