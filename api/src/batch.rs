//! A batch as it is sent: the notes, and beside each what opens its sealed fields (SPEC H-04).

use crate::limits::MAX_BATCH;
use crate::problem::{Code, Problem};
use ledger::append::{Refusal, RefusalCode};
use ledger::hash::Hash;
use ledger::sealed::{Access, Opening, Openings};
use serde::de::{IgnoredAny, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use std::marker::PhantomData;

/// A note and the text of the openings that came beside it, yet to be read: whoever sent it may be anyone.
pub type Item = (String, Option<Box<RawValue>>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Batch {
    entries: Capped<String>,
    #[serde(default)]
    openings: Capped<Box<RawValue>>,
}

/// One opening.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    path: String,
    salt: String,
    value: String,
    access: String,
}

impl Wire {
    fn read(self) -> Option<Opening> {
        Some(Opening {
            path: self.path,
            salt: *Hash::from_base64(&self.salt)?.as_bytes(),
            value: self.value,
            access: Access::of_name(&self.access)?,
        })
    }
}

/// A list of which, beyond [`MAX_BATCH`], only one more item is kept, to be counted.
struct Capped<T>(Vec<T>);

impl<T> Default for Capped<T> {
    fn default() -> Self {
        Capped(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Capped<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Items<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Items<T> {
            type Value = Capped<T>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a list")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Capped<T>, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = seq.next_element()? {
                    items.push(item);
                    if items.len() > MAX_BATCH {
                        while seq.next_element::<IgnoredAny>()?.is_some() {}
                        break;
                    }
                }
                Ok(Capped(items))
            }
        }
        deserializer.deserialize_seq(Items(PhantomData))
    }
}

/// Reads a batch.
///
/// # Errors
/// [`Problem`]; none repeats what was sent, for names are among it.
pub fn read(body: &[u8]) -> Result<Vec<Item>, Problem> {
    let batch: Batch = serde_json::from_slice(body).map_err(|e| {
        let (line, column) = (e.line(), e.column());
        let detail = format!(
            r#"第 {line} 行第 {column} 列：应为 {{"entries":["条目",…],"openings":[[{{path,salt,value,access}},…],…]}} / line {line}, column {column}: want {{"entries":["note",…],"openings":[[{{path,salt,value,access}},…],…]}}"#
        );
        Problem::new(Code::BadJson, detail)
    })?;
    let (notes, openings) = (batch.entries.0, batch.openings.0);
    if notes.is_empty() {
        return Err(Problem::bad_request("批次里没有条目 / the batch has no entries"));
    }
    if notes.len() > MAX_BATCH {
        let detail = format!(
            "一批最多 {MAX_BATCH} 条，请分成几批 / at most {MAX_BATCH} entries a batch; send several"
        );
        return Err(Problem::new(Code::TooMany, detail));
    }
    if !openings.is_empty() && openings.len() != notes.len() {
        let detail = format!(
            "openings 应为空，或与 entries 一样有 {} 项 / openings: none at all, or one list for each of the {0} entries",
            notes.len()
        );
        return Err(Problem::bad_request(detail));
    }
    let openings = openings.into_iter().map(Some).chain(std::iter::repeat_with(|| None));
    Ok(notes.into_iter().zip(openings).collect())
}

/// Reads the openings of one entry, in any spelling of JSON and any order.
///
/// # Errors
/// [`Refusal`] with code `beside`; none repeats what was sent.
pub fn opened(text: &RawValue) -> Result<Openings, Refusal> {
    let refuse = |at: Option<usize>, what: String| Refusal {
        code: RefusalCode::Beside,
        field: at.map_or_else(|| "openings".to_owned(), |at| format!("openings.{at}")),
        what,
        next_seq: None,
    };
    let list: Vec<Wire> = serde_json::from_str(text.get()).map_err(|e| {
        let (line, column) = (e.line(), e.column());
        refuse(None, format!("第 {line} 行第 {column} 列：应为 [{{path,salt,value,access}},…] / line {line}, column {column}: want [{{path,salt,value,access}},…] [P-14]"))
    })?;
    let mut openings = Vec::with_capacity(list.len());
    for (at, wire) in list.into_iter().enumerate() {
        let what = "salt 应为 32 字节的 base64，access 应为 posted、household 或 inspectors / salt: base64 of 32 bytes; access: posted, household or inspectors [P-14]";
        openings.push(wire.read().ok_or_else(|| refuse(Some(at), what.to_owned()))?);
    }
    Openings::new(openings).map_err(|e| refuse(None, e.to_string()))
}
