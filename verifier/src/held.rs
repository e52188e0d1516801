//! What an inspector holds in the hand, against the entry that a receipt proves: a file of openings, an attachment (SPEC
//! sections 4.7 to 4.9). Of openings only paths are told: names stay in the file that they came in.

use crate::row::rows_of;
use ledger::entry::{Entry, Visibility};
use ledger::hash::Hash;
use ledger::payment_rows::list_of;
use ledger::sealed::{EntryId, Openings, Salt, Sealed, check};
use serde::Serialize;
use std::fmt;

/// Paths that are named one by one; more are only counted.
const NAMED: usize = 20;

/// Paths of one sort.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Paths {
    /// How many there are.
    pub count: usize,
    /// The first of them.
    pub first: Vec<String>,
}

impl<'a> FromIterator<&'a str> for Paths {
    fn from_iter<I: IntoIterator<Item = &'a str>>(paths: I) -> Self {
        let mut out = Paths::default();
        for path in paths {
            out.count += 1;
            if out.first.len() < NAMED {
                out.first.push(path.to_owned());
            }
        }
        out
    }
}

/// What a file of openings is worth.
#[derive(Clone, Debug, Serialize)]
pub struct Opened {
    /// Sealed fields that it opens.
    pub opened: usize,
    /// Sealed fields that it does not open.
    pub missing: Paths,
    /// Its openings that give another commitment or access than the entry's.
    pub wrong: Paths,
    /// Its openings of what the entry did not seal.
    pub stray: Paths,
}

impl Opened {
    /// Holds a file of openings against an entry; `rows` is the blob of its list, if it has one.
    ///
    /// # Errors
    /// A file that can't be judged.
    pub fn of(entry: &Entry, rows: Option<&[u8]>, file: &[u8]) -> Result<Self, String> {
        let mut sealed = Sealed::of(entry).map_err(|e| e.to_string())?;
        match (list_of(entry), rows) {
            (Some(list), Some(blob)) => sealed.extend(rows_of(&list, blob)?.sealed(list.access)),
            (Some(_), None) => {
                return Err("发放清单的姓名封存在各行里，请用 --rows 给出清单文件 / the names of a payment list are sealed in its rows: give them with --rows".to_owned());
            }
            (None, _) => {}
        }
        let openings = Openings::parse(file).map_err(|e| e.to_string())?;
        let report = check(&EntryId::of(entry), &sealed, &openings);
        Ok(Opened {
            opened: report.opened.len(),
            missing: report.missing.iter().map(|field| field.path.as_str()).collect(),
            wrong: report.wrong.iter().copied().collect(),
            stray: report.stray.iter().copied().collect(),
        })
    }

    /// Why the file does not hold, if it does not.
    pub fn fault(&self) -> Option<&'static str> {
        match () {
            () if self.wrong.count + self.stray.count > 0 => Some(
                "有开启值与条目的承诺不符，或条目没有封存那个字段：被改过，或属于别的条目 / some openings are not of this entry or were altered",
            ),
            () if self.opened == 0 => Some("文件里没有打开任何字段 / the file opens nothing of this entry"),
            () => None,
        }
    }
}

impl fmt::Display for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "开启值 openings　打开 {} 项 open their fields（不显示姓名 names are not shown）",
            self.opened
        )?;
        for (title, paths) in [
            (
                "没有开启值 missing（已撤下、无权查看或被扣住 withdrawn, not for you, or withheld）",
                &self.missing,
            ),
            ("不符 wrong", &self.wrong),
            ("条目没有封存 stray", &self.stray),
        ] {
            if paths.count > 0 {
                writeln!(f, "  {title}　{}：{}", paths.count, paths.first.join("，"))?;
            }
        }
        Ok(())
    }
}

/// The attachment of an entry that a file is.
#[derive(Clone, Debug, Serialize)]
pub struct File {
    /// Its place in the entry, from 0.
    pub place: usize,
    /// Its title there.
    pub title: String,
    /// Its media type there.
    pub media: String,
    /// Bytes.
    pub size: u64,
    /// Who may fetch it.
    pub access: &'static str,
}

impl File {
    /// Finds the attachment that a file is: by the digest of the file, or of salt and file when it is not public.
    ///
    /// # Errors
    /// None of the entry's attachments is this file.
    pub fn of(entry: &Entry, file: &[u8], salt: Option<&Salt>) -> Result<Self, String> {
        let digest = salted(file, salt);
        let fits = |a: &ledger::entry::Attachment| {
            a.digest == digest
                && a.size == file.len() as u64
                && (a.access == Visibility::Public) == salt.is_none()
        };
        let found = entry.attachments.iter().enumerate().find(|(_, attachment)| fits(attachment));
        let (place, attachment) = found.ok_or(
            "条目没有这个附件：文件被改过，或属于别的条目；不公开的附件另需 --salt / none of the entry's attachments is this file: it was altered or is of another entry; one that is not public also takes --salt",
        )?;
        Ok(File {
            place,
            title: attachment.title.clone(),
            media: attachment.media.clone(),
            size: attachment.size,
            access: attachment.access.name(),
        })
    }
}

/// The digest that names a file (SPEC section 4.9).
pub fn salted(file: &[u8], salt: Option<&Salt>) -> Hash {
    salt.map_or_else(|| Hash::of(file), |salt| Hash::of(&[salt, file].concat()))
}

impl fmt::Display for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "附件 attachment　第 {} 个（从 0 起 from 0）　{}　{}　{} 字节 bytes　{}；文件一字未改 / the file is unaltered",
            self.place, self.title, self.media, self.size, self.access
        )
    }
}
