//! The ledger's own JSON inside serde's: the order of names is part of an entry's spelling and must survive.

use ledger::json::{Object, Value};
use serde::de::{Error as _, MapAccess, SeqAccess, Visitor};
use serde::ser::{SerializeMap as _, SerializeSeq as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// An object that keeps its order through serde.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ordered(pub Object);

struct Item(Value);

impl Serialize for Ordered {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.fields().len()))?;
        for (name, value) in self.0.fields() {
            map.serialize_entry(name, &Item(value.clone()))?;
        }
        map.end()
    }
}

impl Serialize for Item {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Value::Bool(bool) => serializer.serialize_bool(*bool),
            Value::Int(int) => serializer.serialize_i64(*int),
            Value::Text(text) => serializer.serialize_str(text),
            Value::Object(object) => Ordered(object.clone()).serialize(serializer),
            Value::List(list) => {
                let mut seq = serializer.serialize_seq(Some(list.len()))?;
                for value in list {
                    seq.serialize_element(&Item(value.clone()))?;
                }
                seq.end()
            }
        }
    }
}

impl<'de> Deserialize<'de> for Ordered {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Item::deserialize(deserializer)?.0 {
            Value::Object(object) => Ok(Ordered(object)),
            _ => Err(D::Error::custom("not an object")),
        }
    }
}

impl<'de> Deserialize<'de> for Item {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Item;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text, a whole number, true, false, a list or an object")
            }
            fn visit_bool<E>(self, bool: bool) -> Result<Item, E> {
                Ok(Item(Value::Bool(bool)))
            }
            fn visit_i64<E>(self, int: i64) -> Result<Item, E> {
                Ok(Item(Value::Int(int)))
            }
            fn visit_u64<E: serde::de::Error>(self, int: u64) -> Result<Item, E> {
                i64::try_from(int)
                    .map(|int| Item(Value::Int(int)))
                    .map_err(|_| E::custom("too large a number"))
            }
            fn visit_str<E>(self, text: &str) -> Result<Item, E> {
                Ok(Item(Value::Text(text.to_owned())))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Item, A::Error> {
                let mut list = Vec::new();
                while let Some(Item(value)) = seq.next_element()? {
                    list.push(value);
                }
                Ok(Item(Value::List(list)))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Item, A::Error> {
                let mut object = Object::new();
                while let Some((name, Item(value))) = map.next_entry::<String, Item>()? {
                    if object.get(&name).is_some() {
                        return Err(A::Error::custom(format!("“{name}” stands twice")));
                    }
                    object = object.with(&name, value);
                }
                Ok(Item(Value::Object(object)))
            }
        }
        deserializer.deserialize_any(Any)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_survives_and_what_the_ledger_can_not_spell_is_refused() {
        let text = r#"{"z":[1,-2,{"b":"引\"号","a":true}],"a":"x"}"#;
        let ordered: Ordered = serde_json::from_str(text).unwrap();
        assert_eq!(ordered.0.text(), text);
        assert_eq!(serde_json::to_string(&ordered).unwrap(), text);
        for bad in
            [r#"{"a":1.5}"#, r#"{"a":null}"#, r#"{"a":1,"a":2}"#, "[1]", r#"{"a":18446744073709551615}"#]
        {
            assert!(serde_json::from_str::<Ordered>(bad).is_err(), "{bad}");
        }
    }
}
