//! Attachments (附件): files named in the table become cleaned copies beside the draft and a line in their entry.
//!
//! A table may come from someone else, so it names files of its own folder only. Pictures lose what they tell beside
//! their pixels ([`picture`]); the guard then reads every copy. Without a word in the column 附件范围 a file is for
//! members: a scan of an invoice is usually not public (domain.md section 3.3).
//!
//! LIMIT: names of persons inside files are not found, and those in files' names only when the table knows them. Authors
//! of PDF and XLSX files are warned about, not taken out; those in packed PDF objects are not seen.

mod copies;
mod exif;
pub mod picture;
mod properties;
mod upload;

pub use upload::{Upload, check, summary, uploads};

use crate::cell::fold;
use crate::columns::{FILES, FILES_ACCESS};
use crate::draft::{Draft, DraftEntry, DraftFile};
use crate::failure::Failure;
use crate::fault::Fault;
use crate::privacy::{self, Names};
use crate::table::{Row, Table};
use copies::Copies;
use guard::{Hit, Media, What, Why};
use ledger::entry::{MAX_ATTACHMENT, MAX_TITLE, Visibility};
use ledger::hash::Hash;
use ledger::json::{Object, Value, is_allowed};
use ledger::sealed::Salt;
use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};
use unicode_normalization::UnicodeNormalization as _;

/// What stands between two names in a cell.
const BETWEEN: [char; 6] = ['；', ';', '、', '\n', '\r', '|'];
/// What stands in a cell for no file at all.
const NONE: &str = "无";
/// Said of a file that only people can look through.
const SCANNED: &str = "有扫描页，程序读不出上面的文字，请人工看过没有身份证号、银行卡号和病情 / has scanned pages that no program reads: look through them for numbers and health matters";
/// Most rows that one warning names.
const MAX_NAMED: usize = 10;
/// Most finds in one file that are listed.
const MAX_LISTED: usize = 20;

/// A file that a row names.
#[derive(Clone, Debug)]
struct Named {
    row: usize,
    /// As written, with `/` between folders.
    name: String,
    access: Visibility,
}

/// A file that may be published.
struct Ready {
    bytes: Vec<u8>,
    media: Media,
    title: String,
    /// What was taken out, in Chinese; for the clerk's eyes only.
    told: Option<String>,
    warning: Option<String>,
}

/// Attaches the files that a table names to the entries of the draft just imported from it; their copies lie beside
/// `out`, where the draft will be written. A list has a file once, as the first row that names it says. Returns the
/// draft, and what to tell the clerk once and keep nowhere.
///
/// # Errors
/// Every fault of the import and of the files together; then nothing lies beside `out`.
pub fn attach(
    imported: Result<Draft, Vec<Fault>>,
    table: &[u8],
    folder: &Path,
    out: &Path,
) -> Result<(Draft, Vec<String>), Failure> {
    // A table that can't be read has been refused by the import, for the same reasons.
    let table = Table::read(table).map_err(Failure::Faults)?;
    let (mut draft, mut faults) = match imported {
        Ok(draft) => (Some(draft), Vec::new()),
        Err(faults) => (None, faults),
    };
    let (people, copies) = (Names::of(&table), Copies::beside(out)?);
    let (mut told, mut silent, mut seen) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
    for row in table.rows() {
        let files = named(&row, &people).unwrap_or_else(|found| {
            faults.extend(found);
            Vec::new()
        });
        if !files.is_empty() && row.code(FILES_ACCESS).is_none() {
            silent.insert(row.number);
        }
        let entry = draft.as_ref().and_then(|draft| draft.of_row(row.number)).map_or(row.number, |e| e.row);
        for file in files {
            if !seen.insert((entry, file.name.clone())) {
                continue;
            }
            match (read(&file, folder), &mut draft) {
                (Ok(ready), Some(draft)) => {
                    told.extend(ready.told.as_ref().map(|what| format!("第{}行 {what}", file.row)));
                    draft.warnings.extend(ready.warning.as_ref().map(|what| at(file.row, what).to_string()));
                    faults.extend(add(draft, &file, ready, &copies)?);
                }
                (Ok(_), None) => {}
                (Err(found), _) => faults.extend(found),
            }
        }
    }
    match draft {
        Some(mut draft) if faults.is_empty() => {
            draft.warnings.extend(unsaid(&silent));
            copies.settle()?;
            Ok((draft, told))
        }
        _ => {
            faults.sort_by_key(|fault| fault.row);
            Err(Failure::Faults(faults))
        }
    }
}

fn at(row: usize, what: impl Into<String>) -> Fault {
    Fault::new(row, FILES, what)
}

/// The files that a row names, and who may fetch each: one word for all of them, or one for each.
fn named(row: &Row<'_>, people: &Names) -> Result<Vec<Named>, Vec<Fault>> {
    let raw = row.raw(FILES);
    let mut banned = privacy::of_cell(row.number, FILES, raw);
    if people.withhold(raw) != raw {
        let what = "文件名里有人名，而文件名会公布，请改名 / a file's name has a person's name in it and would be published: rename the file";
        banned.push(at(row.number, what));
    }
    if !banned.is_empty() {
        return Err(banned);
    }
    let split = |text: &str| -> Vec<String> {
        let parts = text.split(BETWEEN).map(str::trim).filter(|part| !part.is_empty() && *part != NONE);
        parts.filter(|part| !is_count(part)).map(str::to_owned).collect()
    };
    let (names, words) = (split(raw), split(row.raw(FILES_ACCESS)));
    let word = |text: &String| match fold(text).as_str() {
        "公开" => Some(Visibility::Public),
        "成员" => Some(Visibility::Members),
        "监督" => Some(Visibility::Inspectors),
        _ => None,
    };
    let access: Option<Vec<Visibility>> = words.iter().map(word).collect();
    let access = match access {
        Some(access) if access.is_empty() => vec![Visibility::Members; names.len()],
        Some(access) if access.len() == 1 => access.repeat(names.len()),
        Some(access) if access.len() == names.len() || names.is_empty() => access,
        _ => {
            let what = "应写 公开、成员 或 监督：一个管全部附件，或与附件一一对应 / want 公开 (anyone), 成员 (members) or 监督 (inspectors): one for all files, or one for each";
            return Err(vec![Fault::new(row.number, FILES_ACCESS, what)]);
        }
    };
    let file = |(name, access): (String, Visibility)| Named {
        row: row.number,
        name: name.replace('\\', "/"),
        access,
    };
    Ok(names.into_iter().zip(access).map(file).collect())
}

/// Reads, cleans and searches a file.
fn read(file: &Named, folder: &Path) -> Result<Ready, Vec<Fault>> {
    let wrong = |what: &str| vec![at(file.row, format!("“{}”{what}", file.name))];
    let path = inside(&file.name, folder).ok_or_else(|| {
        wrong("不在表格所在的文件夹里，请把附件放进去 / is not in the table's folder: put it there")
    })?;
    let size = match std::fs::metadata(&path) {
        Ok(about) if about.is_file() => about.len(),
        _ => {
            return Err(wrong(
                "找不到这个文件，请核对文件名和后缀 / no such file: check its name and ending",
            ));
        }
    };
    if size == 0 {
        return Err(wrong("是空文件 / is empty"));
    }
    if size > MAX_ATTACHMENT {
        return Err(wrong("超过 20 MiB，请压缩或拆开 / is over 20 MiB: make it smaller or split it"));
    }
    let bytes = std::fs::read(&path)
        .map_err(|e| wrong(&format!("读不出来（{}），请关掉打开它的程序再来 / can't be read", e.kind())))?;
    let title: String = file.name.rsplit('/').next().unwrap_or_default().nfc().collect();
    if title.chars().count() > MAX_TITLE || !title.chars().all(is_allowed) {
        return Err(wrong(
            "文件名太长或有不能用的字符，请改名 / has too long a name or odd characters: rename it",
        ));
    }
    let media = Media::of_name(&title).ok_or_else(|| {
        wrong("的类型不收；可用 JPEG、PNG、WebP、PDF、XLSX、CSV、TXT / is of a type that is not taken: use JPEG, PNG, WebP, PDF, XLSX, CSV or TXT")
    })?;
    let cleaned = picture::clean(&bytes);
    // What is no whole picture the guard refuses with its reason; if it knows none, there is one still.
    let is_broken = cleaned.is_none() && picture::is_picture(&bytes);
    let told = cleaned.as_ref().and_then(|cleaned| told(&title, cleaned));
    let bytes = cleaned.map_or(bytes, |cleaned| cleaned.bytes);
    let hits =
        guard::attachment(&title, media.name(), bytes.as_slice()).map_err(|e| wrong(&format!("：{e}")))?;
    // A scanned page is a picture like any other: only people can look at it, so they are asked to.
    let is_scan = |hit: &Hit| hit.what == What::Unreadable(Why::Picture);
    let (scans, hits): (Vec<Hit>, Vec<Hit>) = hits.into_iter().partition(is_scan);
    if !hits.is_empty() {
        let faults = hits.iter().take(MAX_LISTED).map(|hit| at(file.row, format!("“{title}” {hit}")));
        return Err(faults.collect());
    }
    if is_broken {
        return Err(wrong(
            "图片损坏，或是动图，请另存为 JPEG 或 PNG / is damaged or moves: save it as JPEG or PNG",
        ));
    }
    let scanned = (!scans.is_empty()).then_some(SCANNED);
    let warnings: Vec<&str> = scanned.into_iter().chain(properties::warning(media, &bytes)).collect();
    let warning = (!warnings.is_empty()).then(|| format!("“{title}”{}", warnings.join("；")));
    Ok(Ready { bytes, media, title, told, warning })
}

/// Whether a cell counts papers, as many tables do under this header: `2`, `2张`.
fn is_count(text: &str) -> bool {
    let folded = fold(text);
    let digits = folded.strip_suffix(['张', '份', '页', '件']).unwrap_or(&folded);
    !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
}

/// The path of a name inside a folder, also after links; `None` when it leads out of it.
fn inside(name: &str, folder: &Path) -> Option<PathBuf> {
    let is_plain =
        Path::new(name).components().all(|c| matches!(c, Component::Normal(_) | Component::CurDir));
    let folder = if folder == Path::new("") { Path::new(".") } else { folder };
    let path = folder.join(name);
    // What is not there leads nowhere: the caller says so.
    let stays = || match path.canonicalize() {
        Ok(real) => folder.canonicalize().is_ok_and(|folder| real.starts_with(folder)),
        Err(_) => true,
    };
    (is_plain && stays()).then_some(path)
}

fn told(title: &str, cleaned: &picture::Cleaned) -> Option<String> {
    let kept = if cleaned.is_turned { "；只留下照片方向" } else { "" };
    let taken = cleaned.taken.join("、");
    let line = format!("{title}：已去掉 {taken}{kept}，像素没有动 / taken out; the pixels are untouched");
    (!taken.is_empty()).then_some(line)
}

/// Adds a file to the entry of its row, and its copy beside the draft; a fault when the entry has its like (P-31).
fn add(draft: &mut Draft, file: &Named, ready: Ready, copies: &Copies) -> Result<Option<Fault>, Failure> {
    let of_row = |entry: &&mut DraftEntry| entry.row == file.row || entry.rows.contains(&file.row);
    let Some(entry) = draft.entries.iter_mut().find(of_row) else { return Ok(None) };
    let salt = match file.access {
        Visibility::Public => None,
        _ => Some(salt()?),
    };
    let digest = upload::digest(salt.as_ref(), &ready.bytes);
    if entry.files.iter().any(|known| known.digest == digest.to_hex()) {
        let what = format!(
            "“{}”与同一条的另一个附件内容相同，请删去一个 / has the content of another file of this entry: take one out",
            file.name
        );
        return Ok(Some(at(file.row, what)));
    }
    entry.files.push(DraftFile {
        digest: digest.to_hex(),
        file: copies.put(&digest, &ready.bytes)?,
        salt: salt.map(|salt| Hash::from_bytes(salt).to_base64()),
    });
    let line = Object::new()
        .with("digest", digest.to_hex())
        .with("size", ready.bytes.len() as i64)
        .with("type", ready.media.name())
        .with("title", ready.title)
        .with("access", file.access.name());
    let content = &entry.entry.0;
    let lines: Vec<Value> = content.list_of("attachments").iter().cloned().chain([line.into()]).collect();
    let rest = content.fields().iter().filter(|(name, _)| name != "attachments");
    let rest = rest.fold(Object::new(), |object, (name, value)| object.with(name, value.clone()));
    // Where it stands among the fields does not matter: `complete` puts them in order.
    entry.entry.0 = rest.with("attachments", lines);
    Ok(None)
}

fn salt() -> Result<Salt, Failure> {
    let mut salt = [0; 32];
    keys::system_random(&mut salt)?;
    Ok(salt)
}

/// Says which rows left open who may fetch their files.
fn unsaid(rows: &BTreeSet<usize>) -> Option<String> {
    let named: Vec<String> = rows.iter().take(MAX_NAMED).map(usize::to_string).collect();
    let more = if rows.len() > MAX_NAMED { format!("等 {} 行", rows.len()) } else { "行".to_owned() };
    let what = "没有写附件范围，附件只给成员看（发票等扫描件一般不对外公开）；要让所有人都能看，请写“公开” / no access given: the files are for members; write 公开 to show them to anyone";
    (!rows.is_empty()).then(|| format!("第{}{more}“{FILES_ACCESS}”：{what}", named.join("、")))
}
