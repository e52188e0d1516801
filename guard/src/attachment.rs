//! The guard over an attachment: what it is, and what may not be published in it.

use crate::hit::{Hit, Place};
use crate::limits::{Hits, MAX_BYTES};
use crate::media::{self, Media};
use crate::{pdf, picture, sheet, text};
use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Why an attachment is refused before anyone asks what stands in it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GuardError {
    /// It could not be read from its source.
    #[error("附件读不出来，请重试 / the attachment could not be read, try again: {0}")]
    Read(#[from] std::io::Error),
    /// More than [`MAX_BYTES`].
    #[error("附件超过 20 MiB，请压缩或拆开 / the attachment is over 20 MiB, make it smaller or split it")]
    TooLarge,
    /// A media type that attachments don't have.
    #[error(
        "附件类型“{0}”不收；可用图片、PDF、XLSX、CSV、文本 / attachments of type “{0}” are not taken: use pictures, PDF, XLSX, CSV or text"
    )]
    Type(String),
    /// Content that attachments don't have.
    #[error(
        "文件是{0}，不收；请另存为图片、PDF、XLSX、CSV 或文本 / the file is {1}, which is not taken: save it as a picture, PDF, XLSX, CSV or text"
    )]
    Content(&'static str, &'static str),
    /// A name that ends like another type.
    #[error("附件名“{0}”的后缀与类型 {1} 不符 / the name “{0}” does not end like a file of type {1}")]
    Name(String, &'static str),
    /// The content is of another type than was declared.
    #[error("声明的类型是 {declared}，内容却是 {found} / declared as {declared}, but the content is {found}")]
    Mismatch {
        /// As declared.
        declared: &'static str,
        /// As the bytes show.
        found: &'static str,
    },
    /// Damaged, locked, or with something in it that does more than show.
    #[error("{0}；请重新导出再上传 / {1}: export it anew and upload that")]
    Refused(&'static str, &'static str),
    /// Unpacks to more than is searched.
    #[error("附件的{0}过多，请拆开 / the attachment has too many or too large {1}: split it")]
    TooMuch(&'static str, &'static str),
}

/// What may not be published in an attachment: in its name, its text and its properties.
///
/// `declared` is its media type as the entry will give it. Takes at most [`MAX_BYTES`] from the reader, in memory;
/// time is bounded by the limits of this crate. Empty means that nothing was found and nothing left unread.
///
/// LIMIT: what stands in a picture's pixels is not read, nor in a picture on a page that has text as well.
///
/// # Errors
/// [`GuardError`] when the attachment may not be taken whatever stands in it.
pub fn attachment(name: &str, declared: &str, reader: impl Read) -> Result<Vec<Hit>, GuardError> {
    let media = Media::declared(declared).ok_or_else(|| GuardError::Type(declared.to_owned()))?;
    if !media.fits_name(name) {
        return Err(GuardError::Name(name.to_owned(), media.name()));
    }
    let mut bytes = Vec::new();
    reader.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > MAX_BYTES {
        return Err(GuardError::TooLarge);
    }
    let found = media::sniff(&bytes)?;
    if !found.is(media) {
        return Err(GuardError::Mismatch { declared: media.name(), found: found.name() });
    }
    let mut hits = Hits::default();
    hits.scan(name, || Place::Name)?;
    // The readers of foreign formats are other people's code: a panic in one of them is a damaged file.
    let read = catch_unwind(AssertUnwindSafe(|| match media {
        Media::Png | Media::Jpeg | Media::WebP => picture::read(media, &bytes, &mut hits),
        Media::Pdf => pdf::read(&bytes, &mut hits),
        Media::Xlsx => sheet::read(&bytes, &mut hits),
        Media::Csv | Media::Text => text::read(&bytes, media == Media::Csv, &mut hits),
    }));
    read.unwrap_or(Err(GuardError::Refused("文件损坏，读不出来", "the file is damaged")))?;
    Ok(hits.into_list())
}
