//! The pure core: formats, trees, records, rules, bundles and verdicts.
