//! One household's row of a payment list: that it stands in the list of an entry, and whose it is (SPEC section 4.8).
//!
//! Root and count are the entry's, so nothing is believed of whoever handed in the row.

use ledger::entry::Entry;
use ledger::hash::Hash;
use ledger::money::Fen;
use ledger::payment_rows::{List, MAX_ROW_CODE, RowCode, RowProof, RowTree, Rows, list_of, verify_row};
use ledger::sealed::{EntryId, names};
use serde::Serialize;
use std::fmt;

/// A row that was proved, and nobody else's.
#[derive(Clone, Debug, Serialize)]
pub struct Shown {
    /// What is paid out.
    pub policy: String,
    /// Rows of the list.
    pub count: u32,
    /// What the list pays in all, fen.
    pub total: i64,
    /// The row's place, from 0.
    pub place: u32,
    /// Number of the villagers' group; 0 for the village itself.
    pub group: u8,
    /// Hundredths of `unit`.
    pub quantity: u64,
    /// What the quantity counts, when the list counts something.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// What is paid to this household, fen.
    pub amount: i64,
    /// The masked name that the household's own code holds; none that is not masked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// What is asked: the row of a code in the list of an entry.
pub struct Asked<'a> {
    entry: &'a Entry,
    list: List,
    code: RowCode,
}

impl<'a> Asked<'a> {
    /// An entry and the code as somebody typed it. White space and letters in lower case are put right first: what is
    /// read then is of the one spelling (SPEC P-28), and its check still finds every other slip (P-27).
    ///
    /// # Errors
    /// An entry without a list of rows, and what is no code.
    pub fn of(entry: &'a Entry, typed: &str) -> Result<Self, String> {
        let list = list_of(entry).ok_or(
            "这一条没有带行的发放清单，本户码不是它的 / the entry has no list of rows; the code is not of it",
        )?;
        let letters = typed.chars().filter(|c| !c.is_whitespace()).take(MAX_ROW_CODE + 1);
        let code = letters.collect::<String>().to_ascii_uppercase();
        let code = RowCode::parse(&code).map_err(|e| e.to_string())?;
        Ok(Asked { entry, list, code })
    }

    /// The place that the code names.
    pub fn place(&self) -> u32 {
        self.code.index
    }

    /// Holds a row proof against the entry and the code.
    ///
    /// # Errors
    /// What does not fit.
    pub fn prove(&self, proof: &[u8]) -> Result<Shown, String> {
        self.shown(&RowProof::parse(proof).map_err(|e| e.to_string())?)
    }

    /// The same from all rows of the list.
    ///
    /// # Errors
    /// What does not fit.
    pub fn find(&self, blob: &[u8]) -> Result<Shown, String> {
        let rows = rows_of(&self.list, blob)?;
        let proof = RowTree::new(&rows).prove(self.code.index);
        let proof = proof.ok_or_else(|| {
            format!("清单只有 {} 行，没有本户码所说的那一行 / the list has no such row", self.list.count)
        })?;
        self.shown(&proof)
    }

    /// Holds a row proof, taken apart, against the entry and the code.
    ///
    /// # Errors
    /// What does not fit.
    pub fn shown(&self, proof: &RowProof) -> Result<Shown, String> {
        let Asked { entry, list, code } = self;
        verify_row(proof, code, &EntryId::of(entry), &list.root, list.count).map_err(|e| e.to_string())?;
        let text = |path: &str| entry.body().at_path(path).and_then(|v| v.as_text()).map(str::to_owned);
        Ok(Shown {
            policy: text("policy").unwrap_or_default(),
            count: list.count,
            total: list.total.get(),
            place: proof.row.index,
            group: proof.row.group,
            quantity: proof.row.quantity,
            unit: text("list.unit"),
            amount: proof.row.amount.get(),
            name: Some(code.name.clone()).filter(|name| names::is_masked(name)),
        })
    }
}

/// The rows of a list, every number of the entry recomputed from them (SPEC P-23).
///
/// # Errors
/// What does not fit.
pub fn rows_of(list: &List, blob: &[u8]) -> Result<Rows, String> {
    if Hash::of(blob) != list.digest {
        return Err("清单文件的摘要与条目不符，不是这份清单，或被改过 / the file's digest is not the entry's: it is another list, or was altered".to_owned());
    }
    let rows = Rows::parse(blob).map_err(|e| e.to_string())?;
    if list.holds(&rows) {
        return Ok(rows);
    }
    Err("清单各行算出的户数、总额或根与条目不符 / count, total or root of the rows is not the entry's [P-23]"
        .to_owned())
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let yuan = |fen: i64| Fen::new(fen).unwrap_or_default();
        writeln!(
            f,
            "清单 list　{}　共 {} 户 rows，合计 total {} 元",
            self.policy,
            self.count,
            yuan(self.total)
        )?;
        write!(
            f,
            "本户 your row　第 {} 户 row（序号 place {}）　第 {} 组 group",
            self.place + 1,
            self.place,
            self.group
        )?;
        if self.quantity > 0 {
            let unit = self.unit.as_deref().unwrap_or_default();
            write!(f, "　数量 quantity {}.{:02} {unit}", self.quantity / 100, self.quantity % 100)?;
        }
        let name = self.name.as_deref().unwrap_or("（不是遮盖写法，不显示 not masked, not shown）");
        writeln!(f, "　金额 amount {} 元　姓名 name {name}", yuan(self.amount))?;
        writeln!(
            f,
            "只显示本户这一行；别户的行和姓名都没有显示 / this row only: no other household's row or name is shown"
        )
    }
}
