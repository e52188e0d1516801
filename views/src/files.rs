//! What lies beside the log and can be fetched: an entry's attachments (SPEC section 4.9), and the way to a household's
//! row of a payment list.

use crate::account::{Account, Shown};
use crate::changes::jump;
use crate::format::{fill, number};
use crate::value::choice;
use crate::words::Lang;
use ledger::entry::{Attachment, Entry, Visibility};
use ledger::hash::Hash;
use ledger::sealed::paths::is_below;
use maud::{Markup, html};

/// The attachments, each with its size before the tap; and the way to one's own row.
pub(crate) fn files(lang: Lang, account: &Account<'_>, shown: &Shown<'_>) -> Markup {
    let (words, entry) = (lang.words(), &shown.verified.entry);
    html! {
        @if !entry.attachments.is_empty() {
            ul.files {
                @for file in &entry.attachments {
                    li { (attachment(lang, file, gone(account, &file.digest))) }
                }
            }
        }
        @if entry.body().get("list").is_some() {
            p { a.jump href=(fill("/u/{}/{}#row", &[entry.unit().as_str(), &number(entry.seq())])) { (words.my_row()) } }
        }
    }
}

/// The attachments of an entry that a redaction's paths withdraw. By the digest: a file that two entries of a unit name
/// goes with the first redaction (P-36).
pub(crate) fn withdrawn_files<'a>(
    target: &'a Entry,
    paths: &'a [&str],
) -> impl Iterator<Item = Hash> + use<'a> {
    let at = |path: &&str| path.strip_prefix("attachments.")?.parse::<usize>().ok();
    paths.iter().filter_map(at).filter_map(|at| Some(target.attachments.get(at)?.digest))
}

/// The redaction that withdrew a file, of whichever entry.
fn gone(account: &Account<'_>, digest: &Hash) -> Option<u64> {
    for shown in account.current.iter().chain(&account.earlier) {
        for (by, paths) in &shown.redacted {
            if withdrawn_files(&shown.verified.entry, paths).any(|gone| gone == *digest) {
                return Some(*by);
            }
        }
    }
    None
}

/// The redaction that withdrew a path.
pub(crate) fn withdrawn(shown: &Shown<'_>, path: &str) -> Option<u64> {
    shown.redacted.iter().find(|(_, above)| is_below(path, above)).map(|(by, _)| *by)
}

fn attachment(lang: Lang, file: &Attachment, withdrawn: Option<u64>) -> Markup {
    let words = lang.words();
    let sentence = match file.access {
        Visibility::Public => "",
        Visibility::Members => words.file_members(),
        Visibility::Inspectors => words.file_inspectors(),
    };
    let gone = withdrawn.map(|by| jump(words.redacted(), by));
    // Without an address it is no link.
    let address = (gone.is_none() && sentence.is_empty()).then(|| blob(&file.digest.to_hex()));
    html! {
        a.jump href=[address] {
            span { (file.title) " " small { (choice(lang, "media", &file.media).unwrap_or_default()) " " (size(file.size)) } }
        }
        @if let Some(gone) = gone { (gone) } @else { p.reason { (sentence) } }
    }
}

/// Where a file is fetched by its digest.
pub(crate) fn blob(digest: &str) -> String {
    fill("/api/v1/blobs/{}", &[digest])
}

/// `840 KB`, `2.4 MB`: begun kilobytes, then begun tenths of a megabyte.
pub(crate) fn size(bytes: u64) -> String {
    match bytes.div_ceil(1 << 10) {
        kilobytes @ ..1024 => format!("{kilobytes} KB"),
        _ => {
            let tenths = bytes.saturating_mul(10).div_ceil(1 << 20);
            format!("{}.{} MB", tenths / 10, tenths % 10)
        }
    }
}
