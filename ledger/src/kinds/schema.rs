//! The types of a body's fields, and the check of a body against them (SPEC section 4).

use crate::entry::{FieldError, is_item};
use crate::hash::Hash;
use crate::json::{Object, Value};
use crate::money::Fen;
use crate::note::VerifierKey;
use crate::time::Date;
use crate::unit::{Scope, UnitId};
use std::fmt::Display;

/// One field of a body.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub ty: Type,
    /// Whether it must be there.
    pub required: bool,
}

impl Field {
    /// A field that must be there.
    pub const fn must(name: &'static str, ty: Type) -> Self {
        Field { name, ty, required: true }
    }

    /// A field that may be absent.
    pub const fn may(name: &'static str, ty: Type) -> Self {
        Field { name, ty, required: false }
    }
}

/// The type of a field.
#[derive(Clone, Copy, Debug)]
pub enum Type {
    /// A string of 1 to this many Unicode scalar values.
    Text(usize),
    /// Long text: a list of paragraphs of 1 to 2,000 characters, at most 200 of them.
    Paragraphs,
    /// Money in fen, any sign.
    Fen,
    /// A whole number from 0.
    Count,
    /// A year, 1900 to 2199.
    Year,
    /// `true` or `false`.
    Flag,
    /// A date.
    Date,
    /// An instant, Unix seconds.
    Instant,
    /// One of these stable English keys.
    Choice(&'static [&'static str]),
    /// A string, an integer, `true` or `false`: an old or new value.
    Scalar,
    /// A code of the disclosure catalogue: a capital letter and two digits.
    Item,
    /// A dotted path of names and positions.
    Path,
    /// A SHA-256 digest in lower-case hex.
    Digest,
    /// A leaf hash or root in base64.
    Hash,
    /// A verifier key.
    Vkey,
    /// A unit id.
    Unit,
    /// A seal's scope.
    Scope,
    /// An object of these fields.
    Object(&'static [Field]),
    /// A list, not empty, of objects of these fields.
    List(&'static [Field]),
    /// A list, not empty, of values of one type.
    Many(&'static Type),
}

/// Checks that an object holds exactly these fields, in this order and of these types. An error's path begins at
/// the object: paths are put together only for what is found wrong.
pub(crate) fn check(object: &Object, fields: &[Field]) -> Result<(), FieldError> {
    let stray = |name: &str| FieldError::new(name, "未知字段，或顺序不对 / unknown, or out of order");
    let mut given = object.fields().iter().peekable();
    for field in fields {
        match (given.next_if(|(name, _)| name == field.name), given.peek()) {
            (Some((_, value)), _) => check_value(value, &field.ty).map_err(|e| below(field.name, e))?,
            (None, _) if !field.required => {}
            // What is wrong is the name that stands in this place, when it belongs elsewhere or nowhere.
            (None, Some((name, _)))
                if object.get(field.name).is_some() || !fields.iter().any(|f| f.name == name) =>
            {
                return Err(stray(name));
            }
            (None, _) => return Err(FieldError::new(field.name, "缺少 / missing")),
        }
    }
    given.next().map_or(Ok(()), |(name, _)| Err(stray(name)))
}

/// The same error, seen from the object or list that holds `name`.
pub(super) fn below(name: impl Display, mut error: FieldError) -> FieldError {
    let dot = if error.path.is_empty() { "" } else { "." };
    error.path = format!("{name}{dot}{}", error.path);
    error
}

fn check_value(value: &Value, ty: &Type) -> Result<(), FieldError> {
    let holds = match (ty, value) {
        (Type::Object(fields), Value::Object(object)) => return check(object, fields),
        (Type::List(fields), Value::List(list)) if !list.is_empty() => {
            return each(list, &Type::Object(fields));
        }
        (Type::Many(ty), Value::List(list)) if !list.is_empty() => return each(list, ty),
        (Type::Paragraphs, Value::List(list)) => {
            (1..=200).contains(&list.len())
                && list.iter().all(|v| v.as_text().is_some_and(|t| fits(t, 2_000)))
        }
        (Type::Text(max), Value::Text(text)) => fits(text, *max),
        (Type::Fen, Value::Int(fen)) => Fen::new(*fen).is_some(),
        (Type::Count | Type::Instant, Value::Int(n)) => *n >= 0,
        (Type::Year, Value::Int(n)) => (1900..2200).contains(n),
        (Type::Flag, Value::Bool(_)) => true,
        (Type::Scalar, Value::Int(_) | Value::Text(_) | Value::Bool(_)) => true,
        (Type::Date, Value::Text(text)) => Date::parse(text).is_some(),
        (Type::Choice(keys), Value::Text(text)) => keys.contains(&text.as_str()),
        (Type::Item, Value::Text(text)) => is_item(text),
        (Type::Path, Value::Text(text)) => is_path(text),
        (Type::Digest, Value::Text(text)) => Hash::from_hex(text).is_some(),
        (Type::Hash, Value::Text(text)) => Hash::from_base64(text).is_some(),
        (Type::Vkey, Value::Text(text)) => VerifierKey::parse(text).is_ok(),
        (Type::Unit, Value::Text(text)) => UnitId::parse(text).is_some(),
        (Type::Scope, Value::Text(text)) => Scope::parse(text).is_some(),
        _ => false,
    };
    if holds { Ok(()) } else { Err(FieldError::new("", expectation(ty))) }
}

fn each(list: &[Value], ty: &Type) -> Result<(), FieldError> {
    list.iter().enumerate().try_for_each(|(at, value)| check_value(value, ty).map_err(|e| below(at, e)))
}

fn fits(text: &str, max: usize) -> bool {
    (1..=max).contains(&text.chars().count())
}

fn is_path(text: &str) -> bool {
    text.len() <= 100
        && text.split('.').all(|part| {
            !part.is_empty() && part.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_'))
        })
}

fn expectation(ty: &Type) -> String {
    match ty {
        Type::Text(max) => format!("应为 1 到 {max} 个字 / want 1 to {max} characters"),
        Type::Paragraphs => "应为段落列表 / want a list of paragraphs".into(),
        Type::Fen => "应为以分计的整数金额 / want an amount in whole fen".into(),
        Type::Count => "应为不小于 0 的整数 / want a whole number from 0".into(),
        Type::Year => "应为年份 1900 到 2199 / want a year, 1900 to 2199".into(),
        Type::Flag => "应为 true 或 false / want true or false".into(),
        Type::Instant => "应为 Unix 秒 / want Unix seconds".into(),
        Type::Date => "应为日期 YYYY-MM-DD / want a date YYYY-MM-DD".into(),
        Type::Choice(keys) => format!("应为下列之一：{0} / want one of: {0}", keys.join(", ")),
        Type::Scalar => "应为文字、整数或 true、false / want a string, an integer, true or false".into(),
        Type::Item => "应为公开事项编码，如 F03 / want an item of the catalogue such as F03".into(),
        Type::Path => "应为字段路径 / want a dotted path".into(),
        Type::Digest => "应为小写十六进制 SHA-256 / want a SHA-256 digest in lower-case hex".into(),
        Type::Hash => "应为 base64 散列 / want a base64 hash".into(),
        Type::Vkey => "应为验证公钥 / want a verifier key".into(),
        Type::Unit => "应为核算单位编号 / want a unit id".into(),
        Type::Scope => "应为 6、9、12 或 15 位的范围 / want a scope of 6, 9, 12 or 15 characters".into(),
        Type::Object(_) => "应为对象 / want an object".into(),
        Type::List(_) | Type::Many(_) => "应为非空列表 / want a list that is not empty".into(),
    }
}
