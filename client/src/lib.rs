//! HTTP: tiles, submitting, trust material. It gives no verdicts.
