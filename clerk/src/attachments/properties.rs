//! Authors in the properties of PDF and XLSX files: a person's name that the guard can't know for one.

use guard::Media;
use std::io::{Cursor, Read as _};

/// Most bytes of a workbook's properties that are read.
const MAX_PROPERTIES: u64 = 64 << 10;
const WARNING: &str = "的文档属性里有作者姓名，会随文件公布；不该公布的请在“文件→信息→检查文档”里删去再录入 / names an author in its properties: take that out if it is not to be published";

/// What to say of a file that names its author; never the name.
pub fn warning(media: Media, bytes: &[u8]) -> Option<&'static str> {
    let names_one = match media {
        Media::Xlsx => workbook(bytes).unwrap_or(false),
        Media::Pdf => pdf(bytes),
        _ => false,
    };
    names_one.then_some(WARNING)
}

fn workbook(bytes: &[u8]) -> Option<bool> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).ok()?;
    let mut text = String::new();
    archive.by_name("docProps/core.xml").ok()?.take(MAX_PROPERTIES).read_to_string(&mut text).ok()?;
    let is_filled = |name: &str| {
        let value = text.split_once(&format!("<{name}>")).and_then(|(_, rest)| rest.split_once("</"));
        value.is_some_and(|(value, _)| !value.trim().is_empty())
    };
    Some(["dc:creator", "cp:lastModifiedBy"].into_iter().any(is_filled))
}

/// `/Author` with a text that is not empty, in clear.
fn pdf(bytes: &[u8]) -> bool {
    let name = b"/Author";
    let after = |at: usize| bytes.get(at + name.len()..).unwrap_or_default().trim_ascii_start();
    let places = bytes.windows(name.len()).enumerate().filter(|(_, w)| *w == name).map(|(at, _)| at);
    places.into_iter().any(|at| match after(at) {
        [b'(', first, ..] => *first != b')',
        [b'<', first, ..] => first.is_ascii_hexdigit(),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_author_of_a_pdf_is_seen_and_an_empty_one_is_not() {
        let cases: [(&[u8], bool); 6] = [
            (b"<< /Author (Wang) >>", true),
            (b"<</Author<FEFF738B>>>", true),
            (b"<< /Author () /Author (W) >>", true),
            (b"<< /Author () >>", false),
            (b"<< /Author <> >>", false),
            (b"/Author", false),
        ];
        for (bytes, want) in cases {
            assert_eq!(warning(Media::Pdf, bytes).is_some(), want, "{}", String::from_utf8_lossy(bytes));
        }
        assert_eq!(warning(Media::Text, b"/Author (Wang)"), None);
    }
}
