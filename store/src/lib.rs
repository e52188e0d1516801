//! The running log: sequencer, durable tiles, lock store, blobs and the query index.
