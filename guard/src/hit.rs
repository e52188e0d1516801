//! One find: what it is, where it stands, and what to do. It never repeats what it found.

use crate::words::Class;
use std::fmt;

/// What may not be published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum What {
    /// An identity card number (居民身份证号), 18 or 15 digits.
    IdNumber,
    /// A bank card number (银行卡号).
    BankCard,
    /// A mobile number (手机号).
    Mobile,
    /// A word of `guard/data/words.txt`.
    Word(Class, &'static str),
    /// Something that a reader may see and this guard can't read.
    Unreadable(Why),
}

/// Why the guard can't vouch for a part of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Why {
    /// A page that shows something and has no text: a scan, or letters drawn as shapes.
    Picture,
    /// Letters whose font does not say which characters they are.
    NoCharacters,
    /// A part that is damaged or packed in a way the guard does not know.
    Damaged,
    /// Earlier versions of the document are kept in the file (增量保存).
    EarlierVersions,
    /// Other files, or a form of another kind, inside the document.
    Inside,
    /// Packed text beside a picture's pixels.
    PackedText,
}

/// Where a find stands.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Place {
    /// Dotted path in an entry, such as `body.lines.0.text`.
    Path(String),
    /// The attachment's name.
    Name,
    /// A line of a text or CSV file, from 1.
    Line(usize),
    /// A cell of a sheet, such as `B3`.
    Cell {
        /// The sheet's name; hidden ones too.
        sheet: String,
        /// Column letters and row number.
        cell: String,
    },
    /// A part of a file: a comment, a header, a property, a picture's text.
    Part(String),
    /// A page of a PDF and a line of its text as drawn, from 1; line 0 is the whole page.
    Page(usize, usize),
}

/// One find.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// What it is.
    pub what: What,
    /// Where it stands.
    pub place: Place,
    /// Offset of its first character there, in Unicode scalar values from 0.
    pub at: usize,
    /// The text found, each letter and digit of a number replaced by `*`; a word stands as in the list.
    pub masked: String,
}

impl What {
    /// Its name, in Chinese and English.
    pub fn name(self) -> (String, String) {
        let (zh, en) = match self {
            What::IdNumber => ("身份证号", "an identity card number"),
            What::BankCard => ("银行卡号", "a bank card number"),
            What::Mobile => ("手机号", "a mobile number"),
            What::Word(class, term) => {
                let (zh, en) = class.name();
                return (format!("{zh}用语“{term}”"), format!("a word about {en}, “{term}”"));
            }
            What::Unreadable(why) => why.name(),
        };
        (zh.to_owned(), en.to_owned())
    }

    /// What to do about it, in Chinese and English.
    pub fn advice(self) -> (&'static str, &'static str) {
        match self {
            What::IdNumber | What::BankCard => {
                ("整个删去，不要只打码几位", "take all of it out, don't only mask some digits")
            }
            What::Mobile => {
                ("删去；办公电话写在单位信息里", "take it out; office numbers stand in the unit's profile")
            }
            What::Word(..) => ("只写类别代码，不写缘由", "write the category's code only, not the reason"),
            What::Unreadable(why) => why.advice(),
        }
    }
}

impl Why {
    fn name(self) -> (&'static str, &'static str) {
        match self {
            Why::Picture => ("读不出文字的图像页", "a page of pictures whose text could not be read"),
            Why::NoCharacters => {
                ("字体没有字符对照，读不出文字", "text that could not be read: its font names no characters")
            }
            Why::Damaged => ("损坏或读不懂的部分", "a part that is damaged or could not be read"),
            Why::EarlierVersions => ("文件里还留着较早的版本", "earlier versions kept in the file"),
            Why::Inside => ("文件里还夹带别的文件或表单", "other files or forms inside the file"),
            Why::PackedText => ("图片里夹带压缩的文字", "packed text beside the picture"),
        }
    }

    fn advice(self) -> (&'static str, &'static str) {
        match self {
            Why::Picture => (
                "请人逐页看过，或换成有文字的版本",
                "have a person look at each page, or use a version with text",
            ),
            Why::NoCharacters | Why::Damaged => ("从原文件重新导出为 PDF", "export it anew from its source"),
            Why::EarlierVersions | Why::Inside => {
                ("打印成新的 PDF 再上传", "print it to a new PDF and upload that")
            }
            Why::PackedText => ("另存为新图片再上传", "save the picture anew and upload that"),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Path(path) => f.write_str(path),
            Place::Name => f.write_str("附件名 / the attachment's name"),
            Place::Line(line) => write!(f, "第 {line} 行 / line {line}"),
            Place::Cell { sheet, cell } => write!(f, "{sheet}!{cell}"),
            Place::Part(part) => f.write_str(part),
            Place::Page(page, 0) => write!(f, "第 {page} 页 / page {page}"),
            Place::Page(page, line) => write!(f, "第 {page} 页第 {line} 行 / page {page}, line {line}"),
        }
    }
}

impl fmt::Display for Hit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ((zh, en), (do_zh, do_en)) = (self.what.name(), self.what.advice());
        let masked = if self.masked.is_empty() { String::new() } else { format!("，{}", self.masked) };
        write!(f, "[{}，+{}{masked}] {zh}：{do_zh} / {en}: {do_en}", self.place, self.at)
    }
}
