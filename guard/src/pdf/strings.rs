//! Everything in a PDF that is text and not drawn: notes, form fields, properties, bookmarks; and what must not be
//! in it at all.

use crate::attachment::GuardError;
use crate::text;
use lopdf::{Dictionary, Object, ObjectId};

/// What was met in one object.
#[derive(Default)]
pub(super) struct Met {
    /// Its strings.
    pub texts: Vec<String>,
    /// The objects it refers to.
    pub refers: Vec<ObjectId>,
    /// Whether it carries another file or form inside.
    pub inside: bool,
}

/// A text string (ISO 32000-1, 7.9.2.2): UTF-16 or UTF-8 by its mark; else as a text file, or byte by byte.
pub(super) fn decode(bytes: &[u8]) -> String {
    text::decode(bytes)
        .map_or_else(|| bytes.iter().map(|b| char::from(*b)).collect(), |text| text.into_owned())
}

impl Met {
    /// Looks through an object, without following references.
    pub fn walk(&mut self, object: &Object) -> Result<(), GuardError> {
        match object {
            Object::String(bytes, _) => self.texts.push(decode(bytes)),
            Object::Reference(id) => self.refers.push(*id),
            Object::Array(list) => list.iter().try_for_each(|object| self.walk(object))?,
            Object::Dictionary(dict) => self.dict(dict)?,
            Object::Stream(stream) => self.dict(&stream.dict)?,
            _ => {}
        }
        Ok(())
    }

    fn dict(&mut self, dict: &Dictionary) -> Result<(), GuardError> {
        let runs = dict.has(b"JS") || dict.get(b"S").and_then(Object::as_name).is_ok_and(|s| s == b"Launch");
        if runs {
            return Err(GuardError::Refused("PDF 里有脚本", "the PDF has a script in it"));
        }
        self.inside |= dict.has_type(b"EmbeddedFile") || dict.has(b"EF") || dict.has(b"XFA");
        dict.iter().try_for_each(|(_, object)| self.walk(object))
    }
}
