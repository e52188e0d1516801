//! The plain container of bundles and evidence files (SPEC section 8.1, rules B-01, B-02).
//!
//! A type line, then sections: `<name> <length in bytes>\n`, the bytes, `\n`. Readable by eye, no escapes, no
//! second spelling. Sections come in a fixed order, each at most once.

use crate::hash::Hash;
use crate::index::decimal;

/// Why a container can't be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SectionError {
    /// The first line is of another type or version.
    #[error("an unknown type or version")]
    Version,
    /// A section is cut short, or its heading is not of the form.
    #[error("a section is cut short or its heading is not of the form")]
    Form,
    /// A section is missing, or stands out of its order.
    #[error("the section {0} is missing or out of order")]
    Missing(&'static str),
}

/// Writes a container.
#[derive(Clone, Debug)]
pub struct Writer(Vec<u8>);

impl Writer {
    /// A container with this type line.
    pub fn new(type_line: &str) -> Self {
        Writer(format!("{type_line}\n").into_bytes())
    }

    /// Adds a section.
    #[must_use]
    pub fn with(mut self, name: &str, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(format!("{name} {}\n", bytes.len()).as_bytes());
        self.0.extend_from_slice(bytes);
        self.0.push(b'\n');
        self
    }

    /// The bytes.
    pub fn finish(self) -> Vec<u8> {
        self.0
    }
}

/// Reads a container, section by section in the order in which they are asked for.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Opens a container of this type line.
    ///
    /// # Errors
    /// [`SectionError::Version`].
    pub fn open(bytes: &'a [u8], type_line: &str) -> Result<Self, SectionError> {
        let rest = bytes.strip_prefix(type_line.as_bytes()).and_then(|r| r.strip_prefix(b"\n"));
        rest.map(|rest| Reader { rest }).ok_or(SectionError::Version)
    }

    /// The next section, when it has this name.
    ///
    /// # Errors
    /// [`SectionError::Form`].
    pub fn take(&mut self, name: &str) -> Result<Option<&'a [u8]>, SectionError> {
        let Some(tail) = self.rest.strip_prefix(name.as_bytes()).and_then(|t| t.strip_prefix(b" ")) else {
            return Ok(None);
        };
        let end = tail.iter().take(12).position(|b| *b == b'\n').ok_or(SectionError::Form)?;
        let (length, tail) = tail.split_at_checked(end).ok_or(SectionError::Form)?;
        let length = std::str::from_utf8(length).ok().filter(|l| !l.is_empty()).and_then(decimal);
        let length = length.and_then(|l| usize::try_from(l).ok()).ok_or(SectionError::Form)?;
        let (bytes, tail) =
            tail.get(1..).and_then(|t| t.split_at_checked(length)).ok_or(SectionError::Form)?;
        self.rest = tail.strip_prefix(b"\n").ok_or(SectionError::Form)?;
        Ok(Some(bytes))
    }

    /// The next section, which must have this name.
    ///
    /// # Errors
    /// [`SectionError::Missing`], [`SectionError::Form`].
    pub fn must(&mut self, name: &'static str) -> Result<&'a [u8], SectionError> {
        self.take(name)?.ok_or(SectionError::Missing(name))
    }

    /// Ends the reading: nothing may be left.
    ///
    /// # Errors
    /// [`SectionError::Form`].
    pub fn finish(self) -> Result<(), SectionError> {
        if self.rest.is_empty() { Ok(()) } else { Err(SectionError::Form) }
    }
}

/// Hashes as base64 lines.
pub(crate) fn hash_lines(hashes: &[Hash]) -> Vec<u8> {
    let mut out = String::new();
    for hash in hashes {
        out.push_str(&hash.to_base64());
        out.push('\n');
    }
    out.into_bytes()
}

/// Reads base64 lines of hashes.
pub(crate) fn read_hash_lines(bytes: &[u8]) -> Result<Vec<Hash>, SectionError> {
    let mut hashes = Vec::new();
    for line in lines(bytes)? {
        hashes.push(Hash::from_base64(line).ok_or(SectionError::Form)?);
    }
    Ok(hashes)
}

/// The lines of a section, each ended by a newline.
pub(crate) fn lines(bytes: &[u8]) -> Result<impl Iterator<Item = &str>, SectionError> {
    let text = std::str::from_utf8(bytes).map_err(|_| SectionError::Form)?;
    if !text.is_empty() && !text.ends_with('\n') {
        return Err(SectionError::Form);
    }
    Ok(text.split_terminator('\n'))
}
