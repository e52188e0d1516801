//! PDF: the text of every page and form, notes and properties; what can't be read is told, never passed over.

mod cmap;
mod font;
mod lex;
mod open;
mod page;
mod strings;

use crate::attachment::GuardError;
use crate::hit::{Place, Why};
use crate::limits::{Hits, MAX_PAGES};
use lopdf::{Dictionary, Document, Object, ObjectId};
use open::Reader;
use page::{Text, Walk};
use strings::Met;

/// Searches a document.
pub(crate) fn read(bytes: &[u8], hits: &mut Hits) -> Result<(), GuardError> {
    let doc = open::open(bytes)?;
    if doc.revision_count() > 1 {
        hits.unread(Why::EarlierVersions, Place::Part("PDF".to_owned()));
    }
    let mut walk = Walk::new(Reader::new(&doc));
    objects(&doc, &mut walk, hits)?;
    let pages: Vec<ObjectId> = doc.page_iter().take(MAX_PAGES + 1).collect();
    if pages.len() > MAX_PAGES {
        return Err(GuardError::TooMuch("页数", "pages"));
    }
    // A viewer may make out more of a damaged file than this reader does.
    if promised(&doc).is_some_and(|count| count > pages.len()) {
        hits.unread(Why::Damaged, Place::Part("PDF".to_owned()));
    }
    for (i, id) in pages.into_iter().enumerate() {
        let mut out = Text::default();
        if let Some(content) = content(&doc, id, &mut walk, &mut out)? {
            walk.content(&content, &resources(&doc, id), &mut out)?;
        }
        tell(&out, |line| Place::Page(i + 1, line), hits)?;
        if out.painted && out.text.trim().is_empty() && !out.unread && !out.damaged {
            hits.unread(Why::Picture, Place::Page(i + 1, 0));
        }
    }
    forms(&doc, &mut walk, hits)
}

/// Tells what stands in a content's text, by line.
fn tell(out: &Text, place: impl Fn(usize) -> Place, hits: &mut Hits) -> Result<(), GuardError> {
    hits.lines(&out.text, &place)?;
    for (i, line) in out.text.lines().enumerate().filter(|(_, line)| line.contains('\t')) {
        hits.across(&line.split('\t').collect::<Vec<_>>(), |_| place(i + 1));
    }
    for text in &out.beside {
        hits.scan(text, || place(0))?;
    }
    for (is, why) in [(out.unread, Why::NoCharacters), (out.damaged, Why::Damaged)] {
        if is {
            hits.unread(why, place(0));
        }
    }
    Ok(())
}

/// Strings of all objects, and their metadata.
fn objects(doc: &Document, walk: &mut Walk<'_>, hits: &mut Hits) -> Result<(), GuardError> {
    let mut lost = false;
    for (id, object) in &doc.objects {
        let place = || Place::Part(format!("PDF 附注或属性 / notes or properties ({})", id.0));
        let mut met = Met::default();
        met.walk(object)?;
        for text in &met.texts {
            hits.lines(text, |_| place())?;
        }
        if met.inside {
            hits.unread(Why::Inside, place());
        }
        lost |= met.refers.iter().any(|id| open::is_lost(doc, *id));
        if let Object::Stream(stream) = object
            && stream.dict.has_type(b"Metadata")
            && let Some(bytes) = walk.reader.decode(stream)?
        {
            hits.lines(&strings::decode(&bytes), |_| place())?;
        }
    }
    if lost {
        hits.unread(Why::Damaged, Place::Part("PDF".to_owned()));
    }
    Ok(())
}

/// Forms that no page draws: the looks of notes and fields.
fn forms<'a>(doc: &'a Document, walk: &mut Walk<'a>, hits: &mut Hits) -> Result<(), GuardError> {
    for (id, object) in &doc.objects {
        let Object::Stream(stream) = object else { continue };
        let is_form = stream.dict.get(b"Subtype").and_then(Object::as_name).is_ok_and(|t| t == b"Form");
        if !is_form || walk.forms.contains(id) {
            continue;
        }
        let mut out = Text::default();
        let own = stream.dict.get(b"Resources").ok().and_then(|r| walk.reader.dict(r));
        match walk.reader.decode(stream)? {
            Some(content) => walk.content(&content, &own.into_iter().collect::<Vec<_>>(), &mut out)?,
            None => out.damaged = true,
        }
        tell(&out, |_| Place::Part(format!("PDF 附注或表单 / notes or forms ({})", id.0)), hits)?;
    }
    Ok(())
}

/// The content of a page's streams together; none when the page has none.
fn content(
    doc: &Document,
    page: ObjectId,
    walk: &mut Walk<'_>,
    out: &mut Text,
) -> Result<Option<Vec<u8>>, GuardError> {
    let mut content = Vec::new();
    let streams = doc.get_page_contents(page);
    for id in &streams {
        let unpacked = match doc.get_object(*id) {
            Ok(Object::Stream(stream)) => walk.reader.decode(stream)?,
            _ => None,
        };
        match unpacked {
            Some(bytes) => content.extend(bytes),
            None => out.damaged = true,
        }
        content.push(b'\n');
    }
    Ok((!streams.is_empty()).then_some(content))
}

/// The resources of a page, or those that it inherits.
fn resources(doc: &Document, page: ObjectId) -> Vec<&Dictionary> {
    let Ok((own, inherited)) = doc.get_page_resources(page) else { return Vec::new() };
    own.into_iter().chain(inherited.into_iter().filter_map(|id| doc.get_dictionary(id).ok())).collect()
}

/// How many pages the document says it has.
fn promised(doc: &Document) -> Option<usize> {
    let pages = doc.catalog().ok()?.get_deref(b"Pages", doc).ok()?.as_dict().ok()?;
    usize::try_from(pages.get_deref(b"Count", doc).ok()?.as_i64().ok()?).ok()
}
