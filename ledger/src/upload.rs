//! Upload of what lies beside the log: attachments and the rows of payment lists, each behind a ticket that a seal
//! signs (SPEC section 4.9, rules P-30 to P-36).

use crate::append::{Refusal, RefusalCode};
use crate::charter::LedgerId;
use crate::entry::{Attachment, MAX_ATTACHMENT, Visibility};
use crate::hash::Hash;
use crate::index::decimal;
use crate::note::{Note, VerifierKey};
use crate::payment_rows::ROWS_MEDIA;
use crate::registry::Registry;
use crate::unit::UnitId;

/// First line of a ticket.
pub const TYPE_LINE: &str = "village-ledger/upload/v1";
/// Longest ticket in bytes, its signature lines included.
pub const MAX_TICKET: usize = 4096;
/// How far a ticket's time may be from the server's clock, in seconds.
pub const MAX_AGE: u64 = 86_400;
/// Media types of attachments.
pub const MEDIA: [&str; 7] = [
    "image/png",
    "image/jpeg",
    "image/webp",
    "application/pdf",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "text/csv",
    "text/plain",
];

/// What a seal lets one upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// The ledger.
    pub ledger: LedgerId,
    /// The unit whose entry will name the blob.
    pub unit: UnitId,
    /// The blob's digest, as the entry will give it.
    pub digest: Hash,
    /// Its size in bytes, 1 to [`MAX_ATTACHMENT`].
    pub size: u64,
    /// Its media type, one of [`MEDIA`] or [`ROWS_MEDIA`].
    pub media: String,
    /// Who may fetch it; rows are public.
    pub access: Visibility,
    /// When it was signed, Unix seconds.
    pub time: u64,
}

/// Why bytes are no ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "不是上传凭条（至多 {MAX_TICKET} 字节：类型行、账本、单位、摘要、大小、类型、可见范围、时间，加印章签名），请重新签发 / no upload ticket (at most {MAX_TICKET} bytes: type line, ledger, unit, digest, size, media type, access, time, and a seal's signature); sign a new one"
)]
pub struct TicketError;

impl Ticket {
    /// The text that the seal signs: the type line and one line for each field.
    pub fn text(&self) -> String {
        let Ticket { ledger, unit, digest, size, media, access, time } = self;
        let (digest, access) = (digest.to_hex(), access.name());
        format!("{TYPE_LINE}\n{ledger}\n{unit}\n{digest}\n{size}\n{media}\n{access}\n{time}\n")
    }

    /// Reads the signed note. Whether its signature counts is for [`Registry::may_upload`].
    ///
    /// # Errors
    /// [`TicketError`]; the size limit comes first.
    pub fn parse(note: &[u8]) -> Result<Self, TicketError> {
        if note.len() > MAX_TICKET {
            return Err(TicketError);
        }
        let note = Note::parse(note).map_err(|_| TicketError)?;
        Self::of_text(note.text).ok_or(TicketError)
    }

    fn of_text(text: &str) -> Option<Self> {
        let mut lines = text.split('\n');
        let mut line = || lines.next();
        line().filter(|first| *first == TYPE_LINE)?;
        let ticket = Ticket {
            ledger: LedgerId::from_text(line()?),
            unit: UnitId::parse(line()?)?,
            digest: Hash::from_hex(line()?)?,
            size: decimal(line()?).filter(|size| (1..=MAX_ATTACHMENT).contains(size))?,
            media: line()?.to_owned(),
            access: Visibility::of_name(line()?)?,
            time: decimal(line()?)?,
        };
        let rows = ticket.media == ROWS_MEDIA && ticket.access == Visibility::Public;
        // One spelling, nothing behind it.
        ((rows || is_media(&ticket.media)) && ticket.text() == text).then_some(ticket)
    }
}

/// Whether attachments may be of this media type.
fn is_media(media: &str) -> bool {
    MEDIA.contains(&media)
}

/// The rule that attachments are of known types and no two of an entry have one digest.
pub(crate) fn check(attachments: &[Attachment]) -> Result<(), Refusal> {
    for (at, attachment) in attachments.iter().enumerate() {
        if !is_media(&attachment.media) {
            let what = "附件限图片、PDF、XLSX、CSV、文本，请另存为其中一种 / attachments are pictures, PDF, XLSX, CSV or text; save it as one of these [P-31]";
            return Err(refused(RefusalCode::Field, &format!("attachments.{at}.type"), what));
        }
        if attachments.iter().take(at).any(|other| other.digest == attachment.digest) {
            let what = "同一附件列了两次，请删去一个 / an attachment is listed twice; leave one out [P-31]";
            return Err(refused(RefusalCode::Field, &format!("attachments.{at}.digest"), what));
        }
    }
    Ok(())
}

fn refused(code: RefusalCode, field: &str, what: &str) -> Refusal {
    Refusal { code, field: field.to_owned(), what: what.to_owned(), next_seq: None }
}

impl Registry {
    /// Judges a ticket at the clock `now`, Unix seconds: whose seal lets this be uploaded. That the ticket is of this
    /// ledger is for the caller, who knows its id.
    ///
    /// # Errors
    /// [`Refusal`] with code `seal`: a ticket that is too old or too new, of a unit that takes no entries, or not
    /// signed by a seal in force whose scope covers the unit.
    pub fn may_upload(&self, note: &Note<'_>, ticket: &Ticket, now: u64) -> Result<VerifierKey, Refusal> {
        let refuse = |what: &str| Err(refused(RefusalCode::Seal, "", what));
        if note.text != ticket.text() {
            return refuse(
                "凭条与签名的文字不符，请重新签发 / the ticket is not the text that was signed; sign a new one [P-32]",
            );
        }
        if now.abs_diff(ticket.time) > MAX_AGE {
            return refuse(
                "凭条的时间与现在相差超过一天，请核对时钟后重新签发 / the ticket's time is over a day away; check the clock and sign a new one [P-34]",
            );
        }
        if self.profile(&ticket.unit).is_none() || self.is_closed(&ticket.unit) {
            return refuse(
                "单位没有登记或已经终止，请核对单位编号 / the unit has no profile or is closed; check its id [P-34]",
            );
        }
        let signed = |key: &VerifierKey| {
            note.signatures.iter().any(|line| key.verify(note.text.as_bytes(), line).is_ok())
        };
        let in_force = self.seals().filter(|seal| seal.until.is_none() && seal.scope.covers(&ticket.unit));
        match in_force.map(|seal| &seal.key).find(|key| signed(key)) {
            Some(key) => Ok(key.clone()),
            None => refuse(
                "凭条没有管这个单位的有效印章的签名，请换印章重新签发 / no seal in force for this unit signed the ticket; sign it with one that is [P-33]",
            ),
        }
    }
}
