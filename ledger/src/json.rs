//! The token layer: JSON with exactly one spelling (SPEC section 3.2, rules E-01 to E-08).
//!
//! This small reader is part of f and must never change its mind: it works on the bytes, refuses whatever
//! could be spelled in two ways, and keeps the order of names. [`Object::text`] writes the one spelling back,
//! so `parse(x).text() == x` for everything that parses.

use std::fmt::Write as _;

/// Largest integer magnitude: 2^53 − 1, so that every JSON reader of the world agrees on it.
pub const MAX_INTEGER: i64 = (1 << 53) - 1;
/// Deepest nesting of arrays and objects, the outer object included.
pub const MAX_DEPTH: usize = 8;
/// Most names in one object.
pub const MAX_FIELDS: usize = 64;

/// A JSON value of the token layer. There is no null and there are no fractions: what is unknown is absent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// `true` or `false`.
    Bool(bool),
    /// A plain decimal integer, |n| ≤ [`MAX_INTEGER`].
    Int(i64),
    /// A string of allowed characters.
    Text(String),
    /// An array.
    List(Vec<Value>),
    /// An object, order kept.
    Object(Object),
}

/// An object whose names are distinct and whose order is part of the spelling.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Object(Vec<(String, Value)>);

/// Why a text is not of the one spelling, with the byte offset at which it was noticed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} at byte {at}")]
pub struct TokenError {
    /// What is wrong.
    pub what: &'static str,
    /// Byte offset in the line.
    pub at: usize,
}

impl Object {
    /// The empty object.
    pub const EMPTY: Object = Object(Vec::new());

    /// An empty object.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a field at the end; for building. The caller keeps names distinct and in the kind's order.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.push((name.to_owned(), value.into()));
        self
    }

    /// Adds a field at the end when there is a value.
    #[must_use]
    pub fn with_some(self, name: &str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// The fields in their order.
    pub fn fields(&self) -> &[(String, Value)] {
        &self.0
    }

    /// The value of a name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, v)| v)
    }

    /// The string under a name.
    pub fn text_of(&self, name: &str) -> Option<&str> {
        match self.get(name) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// The integer under a name.
    pub fn int_of(&self, name: &str) -> Option<i64> {
        match self.get(name) {
            Some(Value::Int(int)) => Some(*int),
            _ => None,
        }
    }

    /// The array under a name; an absent one is empty.
    pub fn list_of(&self, name: &str) -> &[Value] {
        match self.get(name) {
            Some(Value::List(list)) => list,
            _ => &[],
        }
    }

    /// The one spelling of this object.
    pub fn text(&self) -> String {
        let mut out = String::new();
        write_object(&mut out, self);
        out
    }

    /// The value at a dotted path such as `lines.0.amount`; every place has one path.
    pub fn at_path(&self, path: &str) -> Option<&Value> {
        let mut parts = path.split('.');
        let mut value = self.get(parts.next()?)?;
        for part in parts {
            value = match value {
                Value::Object(object) => object.get(part)?,
                Value::List(list) => list.get(position(part)?)?,
                _ => return None,
            };
        }
        Some(value)
    }

    /// Puts a value in the place of the one at a dotted path; false when nothing is there.
    pub fn replace_at(&mut self, path: &str, new: Value) -> bool {
        let mut parts = path.split('.');
        let Some(first) = parts.next() else { return false };
        let Some(mut value) = self.0.iter_mut().find(|(n, _)| n == first).map(|(_, v)| v) else {
            return false;
        };
        for part in parts {
            let next = match value {
                Value::Object(object) => object.0.iter_mut().find(|(n, _)| n == part).map(|(_, v)| v),
                Value::List(list) => position(part).and_then(|i| list.get_mut(i)),
                _ => None,
            };
            match next {
                Some(next) => value = next,
                None => return false,
            }
        }
        *value = new;
        true
    }
}

/// A position in a list, in plain decimal.
fn position(part: &str) -> Option<usize> {
    let plain = part == "0" || !part.starts_with(['0', '+']);
    part.parse().ok().filter(|_| plain)
}

impl Value {
    /// The object inside, if it is one.
    pub fn object(&self) -> Option<&Object> {
        match self {
            Value::Object(object) => Some(object),
            _ => None,
        }
    }

    /// The string inside, if it is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::Text(text.to_owned())
    }
}
impl From<String> for Value {
    fn from(text: String) -> Self {
        Value::Text(text)
    }
}
impl From<i64> for Value {
    fn from(int: i64) -> Self {
        Value::Int(int)
    }
}
impl From<bool> for Value {
    fn from(bool: bool) -> Self {
        Value::Bool(bool)
    }
}
impl From<Vec<Value>> for Value {
    fn from(list: Vec<Value>) -> Self {
        Value::List(list)
    }
}
impl From<Object> for Value {
    fn from(object: Object) -> Self {
        Value::Object(object)
    }
}

/// Reads one object that fills the whole text.
///
/// # Errors
/// [`TokenError`] for white space, fractions, exponents, `null`, escapes other than `\"` and `\\`, doubled
/// names, denied characters, and everything past [`MAX_DEPTH`], [`MAX_FIELDS`] or [`MAX_INTEGER`].
pub fn parse(text: &str) -> Result<Object, TokenError> {
    let mut reader = Reader { text, at: 0 };
    reader.expect(b'{')?;
    let object = reader.object(1)?;
    if reader.at != text.len() {
        return reader.refuse("something follows the object");
    }
    Ok(object)
}

/// Whether a character may stand in a text of the ledger (SPEC E-07): no controls, no invisible or
/// direction-changing characters, no private use, no noncharacters, no spaces but U+0020 and U+3000.
pub fn is_allowed(c: char) -> bool {
    let c = c as u32;
    !matches!(c,
        0..=0x1F | 0x7F..=0xA0 | 0xAD | 0x61C | 0x1680 | 0x180E
        | 0x2000..=0x200F | 0x2028..=0x202F | 0x205F..=0x206F
        | 0xE000..=0xF8FF | 0xFDD0..=0xFDEF | 0xFEFF | 0xFFF9..=0xFFFB
        | 0xE0000..=0xE007F | 0xF0000..=0x10FFFF)
        && c & 0xFFFE != 0xFFFE
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn refuse<T>(&self, what: &'static str) -> Result<T, TokenError> {
        Err(TokenError { what, at: self.at })
    }

    fn expect(&mut self, byte: u8) -> Result<(), TokenError> {
        if self.peek() != Some(byte) {
            return self.refuse("an unexpected character or the end of the text");
        }
        self.at += 1;
        Ok(())
    }

    /// True when `byte` came and was taken.
    fn take(&mut self, byte: u8) -> bool {
        let came = self.peek() == Some(byte);
        self.at += usize::from(came);
        came
    }

    fn value(&mut self, depth: usize) -> Result<Value, TokenError> {
        match self.peek() {
            Some(b'"') => self.string().map(Value::Text),
            Some(b'{') | Some(b'[') if depth >= MAX_DEPTH => self.refuse("nested too deeply"),
            Some(b'{') => {
                self.at += 1;
                self.object(depth + 1).map(Value::Object)
            }
            Some(b'[') => {
                self.at += 1;
                self.list(depth + 1).map(Value::List)
            }
            Some(b'-' | b'0'..=b'9') => self.integer().map(Value::Int),
            Some(b't') => self.word("true", true),
            Some(b'f') => self.word("false", false),
            _ => self.refuse("no value of the token layer"),
        }
    }

    fn word(&mut self, word: &str, value: bool) -> Result<Value, TokenError> {
        match self.text.get(self.at..self.at + word.len()) {
            Some(found) if found == word => {
                self.at += word.len();
                Ok(Value::Bool(value))
            }
            _ => self.refuse("no value of the token layer"),
        }
    }

    fn integer(&mut self) -> Result<i64, TokenError> {
        let start = self.at;
        let negative = self.take(b'-');
        let first = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        let digits = self.text.get(first..self.at).unwrap_or_default();
        if digits.is_empty()
            || (digits.starts_with('0') && (digits.len() > 1 || negative))
            || digits.len() > 16
        {
            return Err(TokenError { what: "an integer is not in its plain spelling", at: start });
        }
        let magnitude: i64 =
            digits.parse().map_err(|_| TokenError { what: "an integer is too large", at: start })?;
        if magnitude > MAX_INTEGER {
            return Err(TokenError { what: "an integer is too large", at: start });
        }
        Ok(if negative { -magnitude } else { magnitude })
    }

    fn string(&mut self) -> Result<String, TokenError> {
        self.expect(b'"')?;
        let mut out = String::new();
        let rest = self.text.get(self.at..).unwrap_or_default();
        let start = self.at;
        let mut chars = rest.char_indices();
        while let Some((offset, c)) = chars.next() {
            self.at = start + offset;
            match c {
                '"' => {
                    self.at += 1;
                    return Ok(out);
                }
                '\\' => match chars.next() {
                    Some((_, c @ ('"' | '\\'))) => out.push(c),
                    _ => return self.refuse("an escape other than \\\" and \\\\"),
                },
                c if is_allowed(c) => out.push(c),
                _ => return self.refuse("a character that may not stand in the ledger"),
            }
        }
        self.at = self.text.len();
        self.refuse("a string that does not end")
    }

    fn list(&mut self, depth: usize) -> Result<Vec<Value>, TokenError> {
        let mut list = Vec::new();
        if self.take(b']') {
            return Ok(list);
        }
        loop {
            list.push(self.value(depth)?);
            if self.take(b']') {
                return Ok(list);
            }
            self.expect(b',')?;
        }
    }

    fn object(&mut self, depth: usize) -> Result<Object, TokenError> {
        let mut fields: Vec<(String, Value)> = Vec::new();
        if self.take(b'}') {
            return Ok(Object(fields));
        }
        loop {
            let at = self.at;
            let name = self.string()?;
            if !is_name(&name) {
                return Err(TokenError { what: "a name is not of [a-z0-9_]", at });
            }
            if fields.iter().any(|(n, _)| *n == name) {
                return Err(TokenError { what: "a name stands twice", at });
            }
            if fields.len() >= MAX_FIELDS {
                return Err(TokenError { what: "too many names in one object", at });
            }
            self.expect(b':')?;
            let value = self.value(depth)?;
            fields.push((name, value));
            if self.take(b'}') {
                return Ok(Object(fields));
            }
            self.expect(b',')?;
        }
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_'))
}

fn write_object(out: &mut String, object: &Object) {
    out.push('{');
    for (i, (name, value)) in object.0.iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        write_text(out, name);
        out.push(':');
        write_value(out, value);
    }
    out.push('}');
}

fn write_value(out: &mut String, value: &Value) {
    match value {
        Value::Bool(bool) => out.push_str(if *bool { "true" } else { "false" }),
        Value::Int(int) => {
            let _ = write!(out, "{int}");
        }
        Value::Text(text) => write_text(out, text),
        Value::List(list) => {
            out.push('[');
            for (i, value) in list.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write_value(out, value);
            }
            out.push(']');
        }
        Value::Object(object) => write_object(out, object),
    }
}

fn write_text(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        if matches!(c, '"' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('"');
}
