//! Opening a PDF without letting it unpack more than the limits allow.
//!
//! LIMIT: a file of 20 MiB whose objects stand open in it may take a gigabyte of memory while it is read.

use super::lex::unescape;
use crate::attachment::GuardError;
use crate::limits::MAX_UNPACKED;
use lopdf::xref::XrefEntry;
use lopdf::{
    DecompressError, Dictionary, Document, Error, LoadOptions, Object, ObjectId, ObjectStream, Stream,
};

const DAMAGED: GuardError = GuardError::Refused("PDF 损坏，读不出来", "the PDF is damaged");
const LOCKED: GuardError =
    GuardError::Refused("PDF 加了密，请去掉密码", "the PDF is encrypted, take its password off");
/// Most bytes that all packed objects unpack to: in memory they grow many times over.
const MAX_OBJECTS: usize = 16 << 20;
/// What unpacking one stream costs at least, so that a million tiny ones are bounded too.
const LEAST: usize = 1 << 10;

/// A document, and how much of it may still be unpacked.
pub(super) struct Reader<'a> {
    /// The document.
    pub doc: &'a Document,
    left: usize,
}

impl<'a> Reader<'a> {
    /// A reader at its start.
    pub fn new(doc: &'a Document) -> Self {
        Reader { doc, left: MAX_UNPACKED }
    }

    /// A stream's content; none when it is packed in a way that can't be read.
    pub fn decode(&mut self, stream: &Stream) -> Result<Option<Vec<u8>>, GuardError> {
        let content = unpack(stream, self.left)?;
        let cost = content.as_ref().map_or(0, Vec::len).max(stream.content.len()).max(LEAST);
        self.spend(cost)?;
        Ok(content)
    }

    /// Takes bytes off what may still be unpacked.
    pub fn spend(&mut self, bytes: usize) -> Result<(), GuardError> {
        self.left = self.left.checked_sub(bytes).ok_or(GuardError::TooMuch("内容", "content"))?;
        Ok(())
    }

    /// The object that an entry of a dictionary is or refers to.
    pub fn deref<'b>(&self, dict: &'b Dictionary, key: &[u8]) -> Option<&'b Object>
    where
        'a: 'b,
    {
        dict.get_deref(key, self.doc).ok()
    }

    /// The object itself when it is a reference.
    pub fn resolve<'b>(&self, object: &'b Object) -> &'b Object
    where
        'a: 'b,
    {
        self.doc.dereference(object).map_or(object, |(_, object)| object)
    }

    /// The dictionary that an object is or refers to; a stream's too.
    pub fn dict<'b>(&self, object: &'b Object) -> Option<&'b Dictionary>
    where
        'a: 'b,
    {
        match self.resolve(object) {
            Object::Dictionary(dict) => Some(dict),
            Object::Stream(stream) => Some(&stream.dict),
            _ => None,
        }
    }
}

fn unpack(stream: &Stream, limit: usize) -> Result<Option<Vec<u8>>, GuardError> {
    match stream.get_plain_content_with_limit(limit) {
        Ok(content) => Ok(is_whole(stream, &content).then_some(content)),
        Err(Error::Decompress(DecompressError::MemoryLimitExceeded { .. })) => {
            Err(GuardError::TooMuch("内容", "content"))
        }
        Err(_) => Ok(None),
    }
}

/// Whether a packed stream's own checksum (Adler-32, RFC 1950) stands at its end: lopdf hands out what it got before
/// an error, where a viewer may get further.
fn is_whole(stream: &Stream, content: &[u8]) -> bool {
    let is_flate = stream.filters().is_ok_and(|filters| filters == [b"FlateDecode"]);
    if !is_flate || stream.dict.has(b"DecodeParms") || stream.dict.has(b"DP") {
        return true;
    }
    let (mut a, mut b) = (1_u32, 0_u32);
    for chunk in content.chunks(4096) {
        for byte in chunk {
            a += u32::from(*byte);
            b += a;
        }
        (a, b) = (a % 65521, b % 65521);
    }
    let (sum, packed) = ((b << 16 | a).to_be_bytes(), &stream.content);
    // An end of line may follow that the stream's length counts in.
    packed.get(packed.len().saturating_sub(8)..).is_some_and(|end| end.windows(4).any(|w| w == sum))
}

/// Opens a document whose pages can be found.
pub(super) fn open(bytes: &[u8]) -> Result<Document, GuardError> {
    if is_locked(bytes) {
        return Err(LOCKED);
    }
    for force_reconstruct in [false, true] {
        let max = Some(MAX_OBJECTS);
        let filter = Some(keep_packed as lopdf::FilterFunc);
        let options =
            LoadOptions { filter, max_decompressed_size: max, force_reconstruct, ..LoadOptions::default() };
        let mut doc = match Document::load_mem_with_options(bytes, options) {
            Ok(doc) => doc,
            Err(Error::Decompress(DecompressError::MemoryLimitExceeded { .. })) => {
                return Err(GuardError::TooMuch("对象", "objects"));
            }
            Err(_) => continue,
        };
        unpack_objects(&mut doc)?;
        if doc.is_encrypted() || doc.was_encrypted() {
            return Err(LOCKED);
        }
        if doc.page_iter().next().is_some() {
            return Ok(doc);
        }
    }
    Err(DAMAGED)
}

/// Whether an object stands in the file and could not be read; one that stands nowhere is null.
pub(super) fn is_lost(doc: &Document, id: ObjectId) -> bool {
    let entry = doc.reference_table.entries.get(&id.0);
    matches!(entry, Some(XrefEntry::Normal { .. } | XrefEntry::Compressed { .. }))
        && !doc.objects.contains_key(&id)
}

/// Whether a name `Encrypt` stands anywhere in the file, however it is spelled.
fn is_locked(bytes: &[u8]) -> bool {
    let mut names = bytes.split(|b| *b == b'/').skip(1);
    names.any(|name| {
        let name = unescape(name.get(..24.min(name.len())).unwrap_or_default());
        name.strip_prefix(b"Encrypt").is_some_and(|rest| !rest.first().is_some_and(u8::is_ascii_alphanumeric))
    })
}

const PACKED: &[u8] = b"PackedObjects";

/// Keeps lopdf from unpacking object streams, of which it bounds each and not the sum.
fn keep_packed(id: ObjectId, object: &mut Object) -> Option<(ObjectId, Object)> {
    if let Object::Stream(stream) = object
        && stream.dict.has_type(b"ObjStm")
    {
        stream.dict.set("Type", Object::Name(PACKED.to_vec()));
    }
    // Only whether there is a result is looked at: objects on their own are changed in place.
    Some((id, Object::Null))
}

fn unpack_objects(doc: &mut Document) -> Result<(), GuardError> {
    let mut left = MAX_OBJECTS;
    let is_packed =
        |object: &Object| matches!(object, Object::Stream(stream) if stream.dict.has_type(PACKED));
    let packed: Vec<ObjectId> = doc.objects.iter().filter(|(_, o)| is_packed(o)).map(|(id, _)| *id).collect();
    for id in packed {
        let Some(Object::Stream(stream)) = doc.objects.remove(&id) else { continue };
        let Some(content) = unpack(&stream, left)? else { continue };
        left = left.checked_sub(content.len().max(LEAST)).ok_or(GuardError::TooMuch("对象", "objects"))?;
        let Ok(objects) = ObjectStream::new_with_limit(&stream, Some(MAX_OBJECTS)) else { continue };
        for (inner, object) in objects.objects {
            let is_here = match doc.reference_table.entries.get(&inner.0) {
                Some(XrefEntry::Compressed { container, .. }) => *container == id.0,
                Some(_) => false,
                None => true,
            };
            if is_here {
                doc.objects.entry(inner).or_insert(object);
            }
        }
    }
    Ok(())
}
