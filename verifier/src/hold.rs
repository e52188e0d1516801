//! What lies beside a log, held against its entries: the rows of payment lists recomputed, attachments, openings of
//! sealed fields (SPEC sections 4.7 to 4.9). Names are held and counted, and never told.

use crate::beside::{Beside, Files, Wanted};
use crate::findings::{Note, Notes};
use crate::held::salted;
use crate::kept::{Has, Kept};
use crate::row::rows_of;
use crate::shelf::{Got, Shelf};
use crate::source::SourceError;
use client::{HttpError, LedgerApi, MirrorError};
use ledger::entry::Visibility;
use ledger::hash::Hash;
use ledger::payment_rows::{List, Rows};
use ledger::sealed::{Access, Openings, check, paths};
use ledger::time::Date;
use ledger::unit::UnitId;
use std::collections::{BTreeMap, BTreeSet};

const NOT_WITHDRAWN_ZH: &str = "；账本读到最新，也没有撤下";
const NOT_WITHDRAWN_EN: &str = ", and nothing in the log up to its newest head withdrew";

/// Holds everything of `kept` that is wanted and can be had, once the log itself is proved.
///
/// Names and files are read after the log. What was withdrawn in between is missing, and no redaction says so up to the
/// audited head: so what is missing is a doubt until [`Holding::settle`].
///
/// LIMIT: openings go when a redaction is committed, and it is seen when its head is published: in between, an honest
/// ledger with witnesses seems to withhold. So it does when the auditor's day ends while it reads.
pub struct Holding<'a> {
    /// Where it is read.
    pub shelf: &'a Shelf,
    /// What is wanted.
    pub wanted: Wanted,
    /// The days of head and auditor: what is posted on both is due.
    pub days: [Date; 2],
    /// What came of it.
    pub beside: Beside,
    /// Faults.
    pub faults: Notes,
    /// Findings.
    pub findings: Notes,
    /// What the server did not give although it should.
    pub doubts: Vec<Doubt>,
}

/// What an entry should have beside it and the server did not give.
#[derive(Debug)]
pub struct Doubt {
    index: u64,
    place: (UnitId, u64),
    missing: Missing,
}

#[derive(Debug)]
enum Missing {
    /// Posted names, by path.
    Names(Vec<String>),
    /// A file of its attachments, or its list's.
    File(Hash, fn(&mut Beside) -> &mut Files),
}

impl Holding<'_> {
    /// Reads and holds.
    ///
    /// # Errors
    /// [`SourceError`] when the shelf can't be read.
    ///
    /// LIMIT: one after the other; over a slow network many files take long.
    pub fn hold(&mut self, kept: &Kept) -> Result<(), SourceError> {
        self.beside.redactions.clone_from(&kept.redactions);
        let gone = kept.gone();
        let server = self.shelf.server().filter(|_| self.wanted.names);
        for book in kept.units.values() {
            let mut given = match (server, book.values().next()) {
                (Some(api), Some(first)) => self.given(api, first, book)?,
                _ => BTreeMap::new(),
            };
            for has in book.values() {
                self.beside.names.sealed += has.fields;
                let rows = has.list.map(|list| self.list(has, &list)).transpose()?.flatten();
                self.attachments(has, &gone)?;
                let Some(api) = server else { continue };
                match (&has.list, rows) {
                    (Some(list), Some(rows)) => {
                        let openings = api.openings(&has.id.unit, has.id.seq).map_err(MirrorError::from)?;
                        self.beside.names.sealed += u64::from(list.count);
                        self.names(has, Some((list, &rows)), &openings.unwrap_or_default());
                    }
                    (Some(_), None) => {}
                    (None, _) => {
                        let openings = given.remove(&has.id.seq).unwrap_or_default();
                        if !(has.sealed.is_empty() && openings.is_empty()) {
                            self.names(has, None, &openings);
                        }
                    }
                }
            }
        }
        Ok(())
    }

    /// Tells the doubts that are left when the log was read on to its newest head. `later` is what entries kept by
    /// then; `None` when there is no newer head, or none that the log signed.
    pub fn settle(&mut self, later: Option<&Kept>) {
        let gone = later.map(Kept::gone).unwrap_or_default();
        for Doubt { index, place: (unit, seq), missing } in std::mem::take(&mut self.doubts) {
            match missing {
                Missing::Names(paths) => {
                    let has = later.and_then(|kept| kept.units.get(&unit)?.get(&seq));
                    let redacted = has.map(Has::redacted).unwrap_or_default();
                    let is_withdrawn = paths::below(&redacted);
                    let withheld = paths.iter().filter(|path| !is_withdrawn(path)).count();
                    self.beside.names.withheld += withheld as u64;
                    self.beside.names.withdrawn += (paths.len() - withheld) as u64;
                    if withheld > 0 {
                        let what = format!(
                            "{withheld} 个姓名在公示期内，服务器没有给出{NOT_WITHDRAWN_ZH} / posted names that the server does not give{NOT_WITHDRAWN_EN}"
                        );
                        self.findings.push(Note::entry("name_withheld", index, (unit, seq), what));
                    }
                }
                Missing::File(digest, count) if gone.contains(&digest) => {
                    count(&mut self.beside).withdrawn += 1;
                }
                Missing::File(digest, count) => {
                    count(&mut self.beside).wrong += 1;
                    let what = format!(
                        "{}：服务器没有给出这个文件{NOT_WITHDRAWN_ZH} / the server does not give the file{NOT_WITHDRAWN_EN}",
                        digest.to_hex()
                    );
                    self.faults.push(Note::entry("blob", index, (unit, seq), what));
                }
            }
        }
    }

    fn doubt(&mut self, has: &Has, missing: Missing) {
        self.doubts.push(Doubt { index: has.index, place: (has.id.unit, has.id.seq), missing });
    }

    fn fault(&mut self, code: &'static str, has: &Has, what: impl Into<String>) {
        self.faults.push(Note::entry(code, has.index, (has.id.unit, has.id.seq), what));
    }

    fn finding(&mut self, code: &'static str, has: &Has, what: impl Into<String>) {
        self.findings.push(Note::entry(code, has.index, (has.id.unit, has.id.seq), what));
    }

    /// A file of an entry; `None` when it could not be had, which is counted then.
    fn file(
        &mut self,
        has: &Has,
        digest: &Hash,
        public: bool,
        gone: bool,
        count: fn(&mut Beside) -> &mut Files,
    ) -> Result<Option<Vec<u8>>, SourceError> {
        let got = self.shelf.file(digest, &has.id.unit, public)?;
        let files = count(&mut self.beside);
        let what = match got {
            Got::NotHere | Got::Refused if gone => {
                files.withdrawn += 1;
                return Ok(None);
            }
            Got::NotHere => {
                files.not_here += 1;
                return Ok(None);
            }
            Got::NotForYou => {
                files.not_for_you += 1;
                return Ok(None);
            }
            Got::Refused => {
                self.doubt(has, Missing::File(*digest, count));
                return Ok(None);
            }
            Got::File(bytes, salt) if salted(&bytes, salt.as_ref().filter(|_| !public)) == *digest => {
                return Ok(Some(bytes));
            }
            Got::File(..) => {
                "收到的文件与条目里的摘要不符 / the file that came is not the one the entry names"
            }
        };
        files.wrong += 1;
        self.fault("blob", has, format!("{}：{what}", digest.to_hex()));
        Ok(None)
    }

    /// The rows of a payment list, when they are what the entry says.
    fn list(&mut self, has: &Has, list: &List) -> Result<Option<Rows>, SourceError> {
        self.beside.lists.named += 1;
        let Some(blob) = self.file(has, &list.digest, true, false, |beside| &mut beside.lists)? else {
            return Ok(None);
        };
        match rows_of(list, &blob) {
            Ok(rows) => {
                self.beside.lists.held += 1;
                Ok(Some(rows))
            }
            Err(what) => {
                self.beside.lists.wrong += 1;
                self.fault(
                    "list",
                    has,
                    format!("{what}；账本收它时违反了规则 / the ledger took it against its rules [P-23]"),
                );
                Ok(None)
            }
        }
    }

    fn attachments(&mut self, has: &Has, gone: &BTreeSet<Hash>) -> Result<(), SourceError> {
        self.beside.attachments.named += has.attachments.len() as u64;
        if !self.wanted.attachments {
            return Ok(());
        }
        for (at, attachment) in has.attachments.iter().enumerate() {
            let public = attachment.access == Visibility::Public;
            if !public && !self.wanted.token {
                self.beside.attachments.not_for_you += 1;
                continue;
            }
            let gone = gone.contains(&attachment.digest);
            let file = self.file(has, &attachment.digest, public, gone, |beside| &mut beside.attachments)?;
            let Some(file) = file else { continue };
            if gone && self.shelf.server().is_some() {
                let what = format!(
                    "attachments.{at}：文件已撤下，服务器仍在给出 / the file was withdrawn, and the server still gives it [P-36]"
                );
                self.finding("file_kept", has, what);
            }
            if file.len() as u64 == attachment.size {
                self.beside.attachments.held += 1;
            } else {
                self.beside.attachments.wrong += 1;
                let what = format!(
                    "attachments.{at}：有 {} 字节，条目写 {}；账本收它时违反了规则 / its size is not the entry's: the ledger took it against its rules [E-62]",
                    file.len(),
                    attachment.size
                );
                self.fault("attachment", has, what);
            }
        }
        Ok(())
    }

    /// What the server shows of a unit's sealed fields up to the head.
    fn given(
        &mut self,
        api: &LedgerApi,
        first: &Has,
        book: &BTreeMap<u64, Has>,
    ) -> Result<BTreeMap<u64, Openings>, SourceError> {
        match api.unit_openings(&first.id.unit, first.id.seq) {
            Ok(all) => Ok(all.into_iter().filter(|(seq, _)| book.contains_key(seq)).collect()),
            // Too many for one answer: entry by entry.
            Err(HttpError::Status { status: 422, .. }) => {
                let sealing = book.values().filter(|has| has.list.is_none() && has.fields > 0);
                let one = |has: &Has| {
                    let openings = api.openings(&has.id.unit, has.id.seq).map_err(MirrorError::from)?;
                    Ok((has.id.seq, openings.unwrap_or_default()))
                };
                sealing.map(one).collect()
            }
            Err(e) => Err(MirrorError::from(e).into()),
        }
    }

    fn names(&mut self, has: &Has, list: Option<(&List, &Rows)>, openings: &Openings) {
        let mut sealed = has.sealed.clone();
        sealed.extend(list.into_iter().flat_map(|(list, rows)| rows.sealed(list.access)));
        let (report, redacted, [_, today]) = (check(&has.id, &sealed, openings), has.redacted(), self.days);
        let is_redacted = paths::below(&redacted);
        let withheld = report.withheld(&redacted, has.posting, self.days);
        let withheld: Vec<String> = withheld.into_iter().map(str::to_owned).collect();
        let withdrawn = report.missing.iter().filter(|field| is_redacted(&field.path)).count() as u64;
        let wrong = (report.wrong.len() + report.stray.len()) as u64;
        let public = report.shown(has.posting, today).len() as u64;
        let names = &mut self.beside.names;
        names.opened += report.opened.len() as u64;
        names.confidential += report.opened.iter().filter(|o| o.access != Access::Posted).count() as u64;
        names.withdrawn += withdrawn;
        names.wrong += wrong;
        names.not_shown += report.missing.len() as u64 - withdrawn - withheld.len() as u64;
        let kept = report.opened.iter().filter(|opening| is_redacted(&opening.path)).count();
        let early = report.opened.len() as u64 - public;
        if wrong > 0 {
            let what = format!(
                "{wrong} 个开启值与条目的承诺不符，或条目没有封存那个字段；没有人签过它们 / openings that are not the entry's; nobody signed them [P-16]"
            );
            self.fault("opening", has, what);
        }
        if !withheld.is_empty() {
            self.doubt(has, Missing::Names(withheld));
        }
        if kept > 0 {
            let what = format!(
                "{kept} 个姓名已撤下，服务器仍在给出 / withdrawn names that the server still gives [E-91]"
            );
            self.finding("name_kept", has, what);
        }
        if early > 0 && !self.wanted.token {
            let what = format!(
                "{early} 个姓名不在公示期内、不公开或没有遮盖，服务器却对任何人给出 / names given to anyone though not posted, not public or not masked [P-19]"
            );
            self.finding("name_shown", has, what);
        }
    }
}
