//! A registry and who writes into it.

use super::{
    CREATED, GROUP, Key, TOWN, TOWN_SCOPE, UNIT, VILLAGE, VILLAGE_SCOPE, World, example, seal, seal_add,
};
use ledger::entry::Entry;
use ledger::json::Object;
use ledger::leaf;
use ledger::registry::{Registry, SealFault, Standing};

/// A registry fed entry by entry; the leaf index is the test's.
pub struct Desk {
    pub world: World,
    pub registry: Registry,
    next: u64,
}

impl Desk {
    pub fn new(threshold: usize, n: u8) -> Self {
        let world = World::with(threshold, n, &["quorum none".to_owned()]);
        Desk { registry: Registry::new(&world.charter), world, next: 2 }
    }

    /// Town, village and both seals enrolled, at the leaves 2 to 5.
    pub fn enrolled() -> Self {
        let mut desk = Desk::new(1, 1);
        let (town, supervision) = (desk.world.town.clone(), desk.world.supervision.clone());
        desk.act(TOWN, "seal", seal_add(&town, "township", TOWN_SCOPE), &[&town]).unwrap();
        desk.act(VILLAGE, "unit", Object::new().with("unit", UNIT).with("name", "村"), &[]).unwrap();
        desk.act(VILLAGE, "seal", seal_add(&supervision, "supervision", VILLAGE_SCOPE), &[&supervision])
            .unwrap();
        desk.act(VILLAGE, "unit", Object::new().with("unit", GROUP).with("name", "组"), &[]).unwrap();
        desk
    }

    pub fn judge(&self, bytes: &[u8], index: u64, time: u64) -> Result<Standing, SealFault> {
        let entry = Entry::of_leaf(bytes).unwrap();
        let note = leaf::read(bytes).unwrap().note;
        self.registry.judge(&entry, &self.registry.signers(&note, &entry)?, index, time)
    }

    pub fn take(&mut self, bytes: &[u8], time: u64) -> Result<Standing, SealFault> {
        let standing = self.judge(bytes, self.next, time)?;
        self.registry.apply(&Entry::of_leaf(bytes).unwrap(), self.next, time);
        self.next += 1;
        Ok(standing)
    }

    pub fn act(&mut self, of: &str, kind: &str, body: Object, also: &[&Key]) -> Result<Standing, SealFault> {
        let bytes = self.world.act(of, 1, kind, body, also);
        self.take(&bytes, CREATED)
    }

    /// An act signed by exactly these keys.
    pub fn act_by(
        &mut self,
        of: &str,
        kind: &str,
        body: Object,
        keys: &[&Key],
    ) -> Result<Standing, SealFault> {
        let bytes = seal(&self.world.draft(of, 1, kind, body), keys);
        self.take(&bytes, CREATED)
    }

    pub fn voucher(&self, of: &str, keys: &[&Key]) -> Vec<u8> {
        seal(&self.world.draft(of, 1, "voucher", example("voucher")), keys)
    }

    /// Whether a voucher of the demo unit by this key is good at a leaf index.
    pub fn good(&self, key: &Key, index: u64) -> bool {
        self.judge(&self.voucher(UNIT, &[key]), index, CREATED).is_ok()
    }
}

pub fn fault(result: Result<Standing, SealFault>) -> SealFault {
    result.unwrap_err()
}
