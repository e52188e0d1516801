//! A table sorted by its keys: what the registry needs of a map, in a tenth of the code that a tree brings to
//! the phone. Inserting moves what comes after; registries hold thousands of rows at most, and are written rarely.

/// Rows in the order of their keys, each key once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Table<K, V>(Vec<(K, V)>);

impl<K: Ord, V> Table<K, V> {
    /// A table without rows.
    pub(crate) fn new() -> Self {
        Table(Vec::new())
    }

    fn find(&self, key: &K) -> Result<usize, usize> {
        self.0.binary_search_by(|(k, _)| k.cmp(key))
    }

    /// The value of a key.
    pub(crate) fn get(&self, key: &K) -> Option<&V> {
        self.0.get(self.find(key).ok()?).map(|(_, value)| value)
    }

    /// The value of a key, to be changed.
    pub(crate) fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        let at = self.find(key).ok()?;
        self.0.get_mut(at).map(|(_, value)| value)
    }

    /// Sets the value of a key.
    pub(crate) fn insert(&mut self, key: K, value: V) {
        match self.find(&key) {
            Ok(at) => {
                if let Some((_, old)) = self.0.get_mut(at) {
                    *old = value;
                }
            }
            Err(at) => self.0.insert(at, (key, value)),
        }
    }

    /// The rows in the order of their keys.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.0.iter().map(|(key, value)| (key, value))
    }

    /// The values in the order of their keys.
    pub(crate) fn values(&self) -> impl Iterator<Item = &V> {
        self.0.iter().map(|(_, value)| value)
    }

    /// The values, to be changed.
    pub(crate) fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.0.iter_mut().map(|(_, value)| value)
    }
}

impl<K: Ord, V> FromIterator<(K, V)> for Table<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(rows: I) -> Self {
        let mut table = Table::new();
        rows.into_iter().for_each(|(key, value)| table.insert(key, value));
        table
    }
}

#[cfg(test)]
mod tests {
    use super::Table;
    use std::collections::BTreeMap;

    #[test]
    fn a_table_does_what_a_map_does() {
        let rows = [(7, 'a'), (3, 'b'), (9, 'c'), (3, 'd'), (1, 'e'), (7, 'f')];
        let (mut table, mut map): (Table<_, _>, BTreeMap<_, _>) = (rows.into_iter().collect(), rows.into());
        for key in 0..11 {
            assert_eq!(table.get(&key), map.get(&key));
            assert_eq!(table.get_mut(&key), map.get_mut(&key));
        }
        table.values_mut().for_each(|v| *v = v.to_ascii_uppercase());
        map.values_mut().for_each(|v| *v = v.to_ascii_uppercase());
        assert!(table.iter().eq(&map) && table.values().eq(map.values()));
    }
}
