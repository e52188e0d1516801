//! f over a log's leaves, as the log grows (SPEC section 6.3), and the tree over them (section 2).
//!
//! Nothing that is found here is a verdict before a signed root came out of the same leaves.

use crate::acts::Acts;
use ledger::books::{Books, Class};
use ledger::charter::{Charter, LedgerId};
use ledger::checkpoint::Checkpoint;
use ledger::hash::{Hash, leaf_hash};
use ledger::index::IndexLeaf;
use ledger::peaks::CompactRange;
use serde::Serialize;

/// What a replay cosignature states, beside what every cosignature states (C2SP tlog-cosignature). It never changes
/// for a key; a policy's group `replayers` relies on it.
pub const STATEMENT: &str = "\
本密钥的签名表示：我取到了这本账的每一个叶子；每一个索引叶都与它之前的叶子相符（SPEC 6.3 的 f）；我从未签过互相矛盾的存证点；
我跟随时出现并签署的存证点，第一次看到时，其索引叶的时间与我的时钟相差不超过 10 分钟；主管机关直接交给我的决定，满一天的都在账里。印章和内容是否合规不在此列。
A signature of this key states: I fetched every leaf of this log; every index leaf equals f (SPEC 6.3) of the leaves
before it; I have cosigned no inconsistent tree; when a tree that I cosigned came while I followed the log, the time of
the index leaf that ends it was within 10 minutes of my clock when first seen; the log holds every act that the
authority gave to me a day before or earlier. Seals and contents are not part of it.
";

/// Why the statement can't be made for a log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// Stable code: `charter`, `index_leaf`, `end`, `two_books`.
    pub code: &'static str,
    /// The leaf.
    pub leaf: u64,
    /// What is wrong, in Chinese and English.
    pub what: String,
    /// The leaf's text as found; empty when it is not about one.
    pub found: String,
    /// The text that f gives; empty when it is not about that.
    pub wanted: String,
}

impl Fault {
    /// A fault that needs no text beside it.
    pub fn new(code: &'static str, leaf: u64, what: impl Into<String>) -> Self {
        Fault { code, leaf, what: what.into(), found: String::new(), wanted: String::new() }
    }
}

/// The leaves so far.
#[derive(Debug)]
pub struct Replay {
    charter: Hash,
    /// `None` before leaf 0, and for ever when that is another charter.
    books: Option<(Books, Acts)>,
    tree: CompactRange,
    /// Position and time of the last index leaf.
    last_index: Option<(u64, u64)>,
    /// The first fault.
    fault: Option<Fault>,
    /// A head that has to come out on the way.
    known: Option<Checkpoint>,
}

impl Replay {
    /// The replay before the first leaf of the ledger with this charter; `known` is a head that must be a beginning of
    /// whatever comes.
    pub fn new(charter: Hash, known: Option<Checkpoint>) -> Self {
        let tree = CompactRange::new();
        Replay { charter, books: None, tree, last_index: None, fault: None, known }
    }

    /// Leaves so far.
    pub fn size(&self) -> u64 {
        self.tree.size()
    }

    /// The root over them.
    pub fn root(&self) -> Hash {
        self.tree.root()
    }

    /// The authority's acts among them; `None` when there is no charter.
    pub fn acts(&self) -> Option<&Acts> {
        self.books.as_ref().map(|(_, acts)| acts)
    }

    /// Time of the last index leaf, Unix seconds; 0 before the first.
    pub fn time(&self) -> u64 {
        self.last_index.map_or(0, |(_, time)| time)
    }

    /// Takes the next leaf.
    pub fn push(&mut self, bytes: &[u8]) {
        let (at, hash) = (self.size(), leaf_hash(bytes));
        if at == 0 {
            match Charter::open(bytes) {
                Ok((charter, hash)) if hash == self.charter => {
                    let ledger = LedgerId::new(&charter.origin, &hash);
                    let books = Books::new(ledger.clone(), &charter.district);
                    self.books = Some((books, Acts::new(&charter, ledger)));
                }
                _ => self.find(Fault::new(
                    "charter",
                    0,
                    "第 0 个叶子不是配置里的章程 / leaf 0 is not the charter that is configured",
                )),
            }
        }
        self.fold(at, bytes, hash);
        self.tree.append(hash);
        if self.known.as_ref().is_some_and(|known| known.size == self.size() && known.root != self.root()) {
            let what = "与先前签署过的存证点矛盾 / it contradicts a head that was cosigned before";
            self.find(Fault::new("two_books", at, what));
        }
    }

    fn fold(&mut self, at: u64, bytes: &[u8], hash: Hash) {
        let Some((books, acts)) = self.books.as_mut() else { return };
        let found = match books.classify(bytes) {
            Class::Index(found) => found,
            class => {
                if matches!(class, Class::Entry { .. }) {
                    acts.push(at, bytes);
                }
                books.add(hash, &class);
                return;
            }
        };
        // max(previous, found): a time that went back is a difference like any other.
        let (wanted, _) = books.close(found.time, found.witnessed.clone());
        acts.close(wanted.time);
        if wanted != found {
            self.find(difference(at, &found, &wanted));
        }
        self.last_index = Some((at, found.time));
    }

    fn find(&mut self, fault: Fault) {
        self.fault.get_or_insert(fault);
    }

    /// What keeps the statement from being made, once the signed root of this very size came out.
    pub fn fault(&self) -> Option<Fault> {
        let last = self.size().checked_sub(1);
        let end = || {
            let what = "公布的树不以索引叶结尾 / the published tree does not end with an index leaf";
            (self.last_index.map(|(at, _)| at) != last)
                .then(|| Fault::new("end", last.unwrap_or_default(), what))
        };
        self.fault.clone().or_else(end)
    }
}

fn difference(at: u64, found: &IndexLeaf, wanted: &IndexLeaf) -> Fault {
    let what = "索引叶与它之前的叶子不符 / the index leaf is not what the leaves before it give";
    Fault { found: found.text(), wanted: wanted.text(), ..Fault::new("index_leaf", at, what) }
}
