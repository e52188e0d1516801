//! What a file is, told from its bytes.

use crate::attachment::GuardError;

/// The media types of attachments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Media {
    /// `image/png`.
    Png,
    /// `image/jpeg`.
    Jpeg,
    /// `image/webp`.
    WebP,
    /// `application/pdf`.
    Pdf,
    /// A workbook of Office Open XML without macros.
    Xlsx,
    /// `text/csv`.
    Csv,
    /// `text/plain`.
    Text,
}

const ALL: [Media; 7] =
    [Media::Png, Media::Jpeg, Media::WebP, Media::Pdf, Media::Xlsx, Media::Csv, Media::Text];

/// First bytes of files that are refused, and what they are.
const REFUSED: [(&[u8], &str, &str); 23] = [
    (b"MZ", "Windows 程序", "a Windows program"),
    (b"\x7FELF", "Linux 程序", "a Linux program"),
    (b"\xCA\xFE\xBA\xBE", "程序", "a program"),
    (b"\xCF\xFA\xED\xFE", "macOS 程序", "a macOS program"),
    (b"\0asm", "WebAssembly 程序", "a WebAssembly program"),
    (b"#!", "脚本", "a script"),
    (b"\xD0\xCF\x11\xE0", "旧版 Office 或加密的 Office 文件", "an old or encrypted Office file"),
    (b"Rar!", "RAR 压缩包", "a RAR archive"),
    (b"7z\xBC\xAF", "7z 压缩包", "a 7z archive"),
    (b"\x1F\x8B", "gzip 压缩包", "a gzip archive"),
    (b"BZh", "bzip2 压缩包", "a bzip2 archive"),
    (b"\xFD7zXZ", "xz 压缩包", "an xz archive"),
    (b"{\\rtf", "RTF 文档", "an RTF document"),
    (b"%!PS", "PostScript 文件", "PostScript"),
    (b"GIF8", "GIF 图片", "a GIF picture"),
    (b"BM", "BMP 图片", "a BMP picture"),
    (b"II*\0", "TIFF 图片", "a TIFF picture"),
    (b"MM\0*", "TIFF 图片", "a TIFF picture"),
    (b"\0\0\x01\0", "图标", "an icon"),
    (b"ID3", "音频", "audio"),
    (b"OggS", "音频", "audio"),
    (b"\x1A\x45\xDF\xA3", "视频", "a video"),
    (b"SQLite format", "数据库", "a database"),
];

/// Endings of names that browsers or desktops run or render.
const RUN: [&str; 29] = [
    "html", "htm", "xhtml", "mht", "svg", "svgz", "xml", "xsl", "js", "mjs", "wasm", "css", "exe", "dll",
    "com", "scr", "bat", "cmd", "ps1", "vbs", "sh", "py", "jar", "msi", "lnk", "hta", "apk", "zip", "xlsm",
];

/// How many bytes browsers look at when they guess.
const HEAD: usize = 1024;

impl Media {
    /// The type that a name of a media type declares; parameters such as `; charset=utf-8` don't count.
    pub fn declared(name: &str) -> Option<Self> {
        let name = name.split(';').next()?.trim().to_ascii_lowercase();
        ALL.into_iter().find(|media| media.name() == name)
    }

    /// The type that a file's name ends like; whether the file is of it, [`crate::attachment`] says.
    pub fn of_name(name: &str) -> Option<Self> {
        let (_, ending) = name.trim().rsplit_once('.')?;
        let ending = ending.trim().to_ascii_lowercase();
        // That of CSV before that of text, which may end like it.
        [Media::Csv].into_iter().chain(ALL).find(|media| media.endings().contains(&ending.as_str()))
    }

    /// Its media type.
    pub fn name(self) -> &'static str {
        match self {
            Media::Png => "image/png",
            Media::Jpeg => "image/jpeg",
            Media::WebP => "image/webp",
            Media::Pdf => "application/pdf",
            Media::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Media::Csv => "text/csv",
            Media::Text => "text/plain",
        }
    }

    fn endings(self) -> &'static [&'static str] {
        match self {
            Media::Png => &["png"],
            Media::Jpeg => &["jpg", "jpeg", "jfif"],
            Media::WebP => &["webp"],
            Media::Pdf => &["pdf"],
            Media::Xlsx => &["xlsx"],
            Media::Csv => &["csv"],
            Media::Text => &["txt", "csv", "md"],
        }
    }

    /// Whether the bytes' type is the declared one; text and CSV look the same.
    pub(crate) fn is(self, declared: Media) -> bool {
        self == declared || (self == Media::Text && declared == Media::Csv)
    }

    /// Whether a name may be a file's of this type: its ending is this type's, or no file's ending at all.
    pub(crate) fn fits_name(self, name: &str) -> bool {
        let Some((_, ending)) = name.trim().rsplit_once('.') else { return true };
        let ending = ending.trim().to_ascii_lowercase();
        let is_known =
            RUN.contains(&ending.as_str()) || ALL.iter().any(|m| m.endings().contains(&ending.as_str()));
        !is_known || self.endings().contains(&ending.as_str())
    }
}

/// What the bytes are.
///
/// # Errors
/// [`GuardError::Content`] for everything that attachments may not be, by name.
pub(crate) fn sniff(bytes: &[u8]) -> Result<Media, GuardError> {
    let is = |magic: &[u8]| bytes.starts_with(magic);
    if is(b"\x89PNG\r\n\x1A\n") {
        Ok(Media::Png)
    } else if is(b"\xFF\xD8\xFF") {
        Ok(Media::Jpeg)
    } else if is(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        Ok(Media::WebP)
    } else if is(b"%PDF-") {
        Ok(Media::Pdf)
    } else if is(b"PK\x03\x04") || is(b"PK\x05\x06") {
        zip(bytes)
    } else if bytes.get(4..8) == Some(b"ftyp") {
        Err(GuardError::Content("HEIC 图片或视频", "a HEIC picture or a video"))
    } else if let Some((_, zh, en)) = REFUSED.iter().find(|(magic, ..)| is(magic) && !is_prose(bytes, magic))
    {
        Err(GuardError::Content(zh, en))
    } else {
        text(bytes)
    }
}

/// Whether two or three letters at the start are those of a text, not of a program: `BM` may begin a sentence.
fn is_prose(bytes: &[u8], magic: &[u8]) -> bool {
    magic.iter().all(u8::is_ascii_alphanumeric) && crate::text::decode(bytes).is_some()
}

/// A ZIP: a workbook, or refused.
fn zip(bytes: &[u8]) -> Result<Media, GuardError> {
    let Ok(archive) = zip::ZipArchive::new(std::io::Cursor::new(bytes)) else {
        return Err(GuardError::Content("损坏的 ZIP 压缩包", "a damaged ZIP archive"));
    };
    let (mut workbook, mut types) = (false, false);
    for name in archive.file_names() {
        let name = name.map_or_else(|_| String::new(), |name| name.to_ascii_lowercase());
        workbook |= name == "xl/workbook.xml";
        types |= name == "[content_types].xml";
        if name.ends_with("vbaproject.bin") || name.starts_with("xl/macrosheets/") {
            return Err(GuardError::Content("带宏的工作簿", "a workbook with macros"));
        }
        if name == "word/document.xml" || name == "ppt/presentation.xml" {
            return Err(GuardError::Content("Word 或 PowerPoint 文件", "a Word or PowerPoint file"));
        }
    }
    if workbook && types {
        Ok(Media::Xlsx)
    } else {
        Err(GuardError::Content("ZIP 压缩包", "a ZIP archive"))
    }
}

/// A text that no browser takes for markup, or refused.
fn text(bytes: &[u8]) -> Result<Media, GuardError> {
    let Some(text) = crate::text::decode(bytes) else {
        return Err(GuardError::Content("不认识的二进制文件", "binary of an unknown kind"));
    };
    let head: String = text.trim_start().chars().take(HEAD).collect::<String>().to_ascii_lowercase();
    let has = |marks: &[&str]| marks.iter().any(|mark| head.contains(mark));
    if has(&["<svg"]) {
        Err(GuardError::Content("SVG 图片", "an SVG picture"))
    } else if has(&["<html", "<!doctype", "<script", "<head", "<body", "<iframe", "<img", "<style"]) {
        Err(GuardError::Content("HTML 网页", "an HTML page"))
    } else if has(&["<?xml", "<?php"]) || head.starts_with('<') {
        Err(GuardError::Content("XML 文件", "XML"))
    } else if ["function ", "(function", "javascript:", "\"use strict\"", "'use strict'", "import "]
        .iter()
        .any(|start| head.starts_with(start))
    {
        Err(GuardError::Content("JavaScript 脚本", "JavaScript"))
    } else {
        Ok(Media::Text)
    }
}
