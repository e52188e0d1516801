//! The disclosure catalogue (公开目录): what is to be disclosed, until when, for how long, under which seals and by
//! which law (SPEC section 5.1).
//!
//! It is a file, named by its digest in the district's registry; what a county sets otherwise stands there too
//! (`crate::terms`). The phone needs neither this module nor the file.

mod accounts;
mod late;
mod lines;

pub use accounts::{Account, Accounts};
pub use late::look;
pub use lines::DataError;

use crate::deadline::Due;
use crate::hash::Hash;
use crate::json::{Object, Value};
use crate::kinds::{DUE, Field, KINDS, SEALS, Type, find};
use crate::registry::Registry;
use crate::seal::SealRole;
use crate::time::Date;
use lines::{distinct, read};

/// The built-in catalogue's file.
pub const STANDARD: &str = include_str!("../../data/catalogue.jsonl");
/// Days that everything is posted for where no rule says otherwise (村民委员会组织法 art. 35).
pub const POSTING_DAYS: i64 = 15;

const TYPE_LINE: &str = "village-ledger/catalogue/v1";
const HEADER: &[Field] = &[
    Field::must("version", Type::Text(40)),
    Field::must("effective", Type::Date),
    Field::must("laws", Type::List(LAW)),
];
const LAW: &[Field] = &[
    Field::must("id", Type::Text(40)),
    Field::must("zh", Type::Text(100)),
    Field::must("en", Type::Text(200)),
    Field::must("version", Type::Text(40)),
    Field::may("effective", Type::Date),
];
const ITEM: &[Field] = &[
    Field::must("item", Type::Item),
    Field::must("class", Type::Choice(&["party", "village", "finance"])),
    Field::must("zh", Type::Text(60)),
    Field::must("en", Type::Text(120)),
    Field::may("due", Type::Object(DUE)),
    Field::must(
        "frequency",
        Type::Choice(&["event", "payment", "stage", "monthly", "quarterly", "half_yearly", "yearly"]),
    ),
    Field::may("posting_days", Type::Count),
    Field::must("fields", Type::Many(&Type::Text(40))),
    Field::must("kinds", Type::Many(&Type::Text(40))),
    Field::must("seals", Type::Many(SEALS)),
    Field::must("privacy", Type::Choice(&["P0", "P1", "P2", "P3"])),
    Field::must("laws", Type::List(SOURCE)),
    Field::may("default", Type::Flag),
];
const SOURCE: &[Field] = &[Field::must("law", Type::Text(40)), Field::may("article", Type::Text(40))];

/// A law or regulation that items rest on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Law {
    /// Its short name in this file.
    pub id: String,
    /// Its name in Chinese.
    pub zh: String,
    /// Its name in English.
    pub en: String,
    /// Which version of it.
    pub version: String,
    /// Since when it is in force, where the source gives the day.
    pub effective: Option<Date>,
}

/// One item of the catalogue (公开事项).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Its code, such as `F03`.
    pub code: String,
    /// `party`, `village` or `finance`.
    pub class: String,
    /// Its name in Chinese.
    pub zh: String,
    /// Its name in English.
    pub en: String,
    /// When it is to be disclosed at the latest; `None` when no rule gives a day.
    pub due: Option<Due>,
    /// How often: `event`, `payment`, `stage`, `monthly`, `quarterly`, `half_yearly` or `yearly`.
    pub frequency: String,
    /// Shortest posting in days, both days counted.
    pub posting_days: i64,
    /// What is to be said of it: fields of its kinds where these have them.
    pub fields: Vec<String>,
    /// Kinds of entries that can say it.
    pub kinds: Vec<String>,
    /// Seals that its entries need.
    pub seals: Vec<SealRole>,
    /// `P0` no personal data, `P1` masked names, `P2` masked names with amounts, withdrawn after posting, `P3`
    /// persons never public.
    pub privacy: String,
    /// Laws that it rests on, by their short names, with the article where the source gives it.
    pub laws: Vec<(String, Option<String>)>,
    /// Whether the deadline or the source is this project's default and no national rule.
    pub is_default: bool,
}

/// A disclosure catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Catalogue {
    /// Its version's name.
    pub version: String,
    /// From when on it is meant to be used.
    pub effective: Date,
    digest: Hash,
    is_standard: bool,
    laws: Vec<Law>,
    items: Vec<Item>,
}

impl Catalogue {
    /// The built-in catalogue.
    pub fn standard() -> Self {
        // A test reads the file, so the empty catalogue never comes up.
        Self::parse(STANDARD).unwrap_or_else(|_| Self::new(STANDARD, &Object::EMPTY, Vec::new()))
    }

    /// Reads a catalogue's file.
    ///
    /// # Errors
    /// [`DataError`] for the first line that is not as it must be.
    pub fn parse(text: &str) -> Result<Self, DataError> {
        let (header, rows) = read(text, TYPE_LINE, HEADER, ITEM)?;
        distinct(rows.iter().filter_map(|(line, row)| Some((*line, row.text_of("item")?))), "item")?;
        let items = rows.iter().map(|(line, row)| item(row, *line)).collect::<Result<_, _>>()?;
        let catalogue = Self::new(text, &header, items);
        distinct(catalogue.laws.iter().map(|law| (2, law.id.as_str())), "laws")?;
        for ((line, _), item) in rows.iter().zip(&catalogue.items) {
            if let Some((id, _)) = item.laws.iter().find(|(id, _)| catalogue.law(id).is_none()) {
                return Err(DataError::new(
                    *line,
                    "laws",
                    format!("表头里没有“{id}” / the header has no such law"),
                ));
            }
        }
        Ok(catalogue)
    }

    fn new(text: &str, header: &Object, items: Vec<Item>) -> Self {
        let laws = header.list_of("laws").iter().filter_map(Value::object);
        Catalogue {
            version: text_of(header, "version"),
            effective: date_of(header).unwrap_or(Date::of_unix(0)),
            digest: Hash::of(text.as_bytes()),
            is_standard: text == STANDARD,
            laws: laws.map(law).collect(),
            items,
        }
    }

    /// SHA-256 of the file.
    pub fn digest(&self) -> Hash {
        self.digest
    }

    /// Whether entries at leaf `index` are judged by this catalogue: the one that the registry names there, or, where
    /// it names none, the built-in one (SPEC G-16).
    pub fn counts(&self, registry: &Registry, index: u64) -> bool {
        registry.catalogue(index).map_or(self.is_standard, |named| named == self.digest)
    }

    /// All items in the file's order.
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// The item of a code.
    pub fn item(&self, code: &str) -> Option<&Item> {
        self.items.iter().find(|item| item.code == code)
    }

    /// The law of a short name.
    pub fn law(&self, id: &str) -> Option<&Law> {
        self.laws.iter().find(|law| law.id == id)
    }

    /// The body of the `catalogue` entry that puts this catalogue in force: its digest, the seals that each item
    /// needs, and the postings that are not [`POSTING_DAYS`].
    pub fn body(&self) -> Object {
        let row = |item: &Item| {
            let seals: Vec<Value> = item.seals.iter().map(|seal| seal.name().into()).collect();
            let row = Object::new().with("item", item.code.as_str()).with("seals", seals);
            row.with_some("posting_days", (item.posting_days != POSTING_DAYS).then_some(item.posting_days))
                .into()
        };
        Object::new()
            .with("version", self.version.as_str())
            .with("digest", self.digest.to_hex())
            .with("items", self.items.iter().map(row).collect::<Vec<Value>>())
    }
}

fn item(row: &Object, line: usize) -> Result<Item, DataError> {
    let wrong = |path: &str, what: &str| DataError::new(line, path, what);
    let due = match row.get("due").and_then(Value::object) {
        None => None,
        Some(due) => Some(Due::parse(due).ok_or_else(|| {
            wrong(
                "due",
                "每年的期限写月、日，其余写天数 / a yearly deadline has month and day, the others days",
            )
        })?),
    };
    let posting_days = row.int_of("posting_days").unwrap_or(POSTING_DAYS);
    if !(1..=366).contains(&posting_days) {
        return Err(wrong("posting_days", "应为 1 到 366 天 / want 1 to 366 days"));
    }
    let texts = |name| row.list_of(name).iter().filter_map(|v| Some(v.as_text()?.to_owned()));
    let kinds: Vec<String> = texts("kinds").collect();
    if let Some(kind) = kinds.iter().find(|kind| find(KINDS, kind).is_none()) {
        return Err(wrong("kinds", &format!("没有“{kind}”这一类条目 / there is no such kind")));
    }
    for name in ["fields", "kinds", "seals"] {
        let values = texts(name).collect::<Vec<_>>();
        distinct(values.iter().map(|value| (line, value.as_str())), name)?;
    }
    let source = |law: &Object| (text_of(law, "law"), law.text_of("article").map(str::to_owned));
    Ok(Item {
        code: text_of(row, "item"),
        class: text_of(row, "class"),
        zh: text_of(row, "zh"),
        en: text_of(row, "en"),
        due,
        frequency: text_of(row, "frequency"),
        posting_days,
        fields: texts("fields").collect(),
        kinds,
        seals: texts("seals").filter_map(|seal| SealRole::parse(&seal)).collect(),
        privacy: text_of(row, "privacy"),
        laws: row.list_of("laws").iter().filter_map(Value::object).map(source).collect(),
        is_default: row.get("default") == Some(&Value::Bool(true)),
    })
}

fn law(law: &Object) -> Law {
    Law {
        id: text_of(law, "id"),
        zh: text_of(law, "zh"),
        en: text_of(law, "en"),
        version: text_of(law, "version"),
        effective: date_of(law),
    }
}

fn text_of(object: &Object, name: &str) -> String {
    object.text_of(name).unwrap_or_default().to_owned()
}

fn date_of(object: &Object) -> Option<Date> {
    object.text_of("effective").and_then(Date::parse)
}
