//! Witness policies (SPEC section 2.9, rules W-01 to W-09; C2SP tlog-policy).
//!
//! Beyond the C2SP text: any two quorums must have a witness in common, and witnesses of the group `replayers`
//! vouch for completeness, not only for append-only growth.

use crate::checkpoint::SignedCheckpoint;
use crate::cosignature;
use crate::note::VerifierKey;
use crate::verdict::{why, words};

/// Longest policy text in bytes.
pub const MAX_POLICY: usize = 64 * 1024;
/// Most logs, witnesses and groups, each.
pub const MAX_NAMES: usize = 32;
/// The group whose members replay the log (SPEC W-08).
pub const REPLAYERS: &str = "replayers";

/// A policy that has been read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    logs: Vec<VerifierKey>,
    members: Vec<Member>,
    quorum: Option<usize>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Member {
    name: String,
    rule: Rule,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Rule {
    Witness {
        key: Box<VerifierKey>,
        url: Option<String>,
    },
    /// At least `k` of these members, each named on an earlier line.
    Group {
        k: usize,
        of: Vec<usize>,
    },
}

/// A line of a policy can't be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct PolicyError {
    /// Line number from 1; 0 for the whole text.
    pub line: usize,
    /// What is wrong.
    pub what: String,
}

/// What cosignatures on a checkpoint amount to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Quorum {
    /// Whether the quorum is met; always for `quorum none`.
    pub met: bool,
    /// Whether a replayer cosigned.
    pub replayed: bool,
    /// Witnesses that cosigned, by the policy's names, with their times in Unix seconds.
    pub cosigned: Vec<(String, u64)>,
    time: Option<u64>,
}

impl Quorum {
    /// The latest time at or after which a whole quorum cosigned, when one is met and has witnesses: freshness is
    /// what the slowest of them vouches for.
    pub fn time(&self) -> Option<u64> {
        self.time
    }
}

impl Policy {
    /// Reads a policy.
    ///
    /// # Errors
    /// [`PolicyError`] with the first line that is not of the grammar, or breaks one of its rules.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        let mut policy = Policy { logs: Vec::new(), members: Vec::new(), quorum: None };
        let mut has_quorum = false;
        let mut used = Vec::new();
        let fail = |line: usize, what: &str| PolicyError { line, what: why(what) };
        if text.len() > MAX_POLICY {
            return Err(fail(0, "the policy is too long"));
        }
        for (at, line) in (1..).zip(text.split('\n')) {
            if line.bytes().any(|b| (b < 0x20 && b != b'\t') || b == 0x7F) {
                return Err(fail(at, "a control character"));
            }
            let mut parts = line.split([' ', '\t']).filter(|w| !w.is_empty());
            let step = match parts.next() {
                None => Ok(()),
                Some(word) if word.starts_with('#') => Ok(()),
                Some("log") => policy.log(parts),
                Some("witness") => policy.witness(parts),
                Some("group") => policy.group(parts, &mut used),
                Some("quorum") if has_quorum => Err(words("a second quorum line")),
                Some("quorum") => {
                    has_quorum = true;
                    policy.quorum_line(parts)
                }
                Some(_) => Err(words("neither log, witness, group nor quorum")),
            };
            step.map_err(|what| fail(at, what))?;
        }
        if has_quorum { Ok(policy) } else { Err(fail(0, "no quorum line")) }
    }

    /// Reads a policy that is kept line by line.
    ///
    /// # Errors
    /// [`PolicyError`], as of [`Policy::parse`].
    pub(crate) fn of_lines(lines: &[String]) -> Result<Self, PolicyError> {
        let mut text = String::new();
        for line in lines {
            text.push_str(line);
            text.push('\n');
        }
        Self::parse(&text)
    }

    fn log<'a>(&mut self, mut parts: impl Iterator<Item = &'a str>) -> Result<(), &'static str> {
        let key = parts.next().and_then(|w| VerifierKey::parse(w).ok()).filter(VerifierKey::is_note_key);
        let key = key.ok_or(words("want: log <vkey of a note key> [<url>]"))?;
        let _url = parts.next();
        if parts.next().is_some() {
            return Err(words("too many words"));
        }
        self.check_new_key(&key)?;
        self.logs.push(key);
        if self.logs.len() > MAX_NAMES { Err(words("too many logs")) } else { Ok(()) }
    }

    fn witness<'a>(&mut self, mut parts: impl Iterator<Item = &'a str>) -> Result<(), &'static str> {
        let name = parts.next().ok_or(words("want: witness <name> <vkey> [<url>]"))?;
        let key = parts.next().and_then(|w| VerifierKey::parse(w).ok()).filter(VerifierKey::is_cosigner);
        let key = key.ok_or(words("want: witness <name> <vkey of a cosigner> [<url>]"))?;
        let url = parts.next().map(str::to_owned);
        if parts.next().is_some() {
            return Err(words("too many words"));
        }
        self.check_new_key(&key)?;
        self.define(name, Rule::Witness { key: Box::new(key), url })
    }

    fn group<'a>(
        &mut self,
        mut parts: impl Iterator<Item = &'a str>,
        used: &mut Vec<usize>,
    ) -> Result<(), &'static str> {
        let (name, k) =
            parts.next().zip(parts.next()).ok_or(words("want: group <name> <k|any|all> <name>…"))?;
        let mut of = Vec::new();
        for word in parts {
            let member = self.find(word).ok_or(words("a member is not defined on a line before"))?;
            if used.contains(&member) {
                return Err(words("a name is a member twice"));
            }
            used.push(member);
            of.push(member);
        }
        let k = match k {
            "any" => Some(1),
            "all" => Some(of.len()),
            digits if digits.bytes().all(|b| b.is_ascii_digit()) => {
                digits.parse::<u64>().ok().and_then(|k| usize::try_from(k).ok())
            }
            _ => None,
        };
        let k = k.filter(|k| (1..=of.len()).contains(k)).ok_or(words("want 1 ≤ k ≤ number of members"))?;
        self.define(name, Rule::Group { k, of })
    }

    fn quorum_line<'a>(&mut self, mut parts: impl Iterator<Item = &'a str>) -> Result<(), &'static str> {
        let name = parts.next().ok_or(words("want: quorum <name|none>"))?;
        if parts.next().is_some() {
            return Err(words("too many words"));
        }
        if name != "none" {
            self.quorum = Some(self.find(name).ok_or(words("the quorum is not defined on a line before"))?);
        }
        Ok(())
    }

    fn define(&mut self, name: &str, rule: Rule) -> Result<(), &'static str> {
        if name == "none" || self.find(name).is_some() {
            return Err(words("the name is taken"));
        }
        self.members.push(Member { name: name.to_owned(), rule });
        if self.members.len() > 2 * MAX_NAMES { Err(words("too many witnesses and groups")) } else { Ok(()) }
    }

    /// All raw keys are distinct, a log's and a witness's too (SPEC W-06), and none is weak.
    fn check_new_key(&self, key: &VerifierKey) -> Result<(), &'static str> {
        let mut keys = self.logs.iter().chain(self.witnesses().map(|(_, key, _)| key));
        if key.is_weak() || keys.any(|k| k.key() == key.key()) {
            return Err(words("the key is weak, or stands twice"));
        }
        Ok(())
    }

    fn find(&self, name: &str) -> Option<usize> {
        self.members.iter().position(|m| m.name == name)
    }

    /// The logs.
    pub fn logs(&self) -> &[VerifierKey] {
        &self.logs
    }

    /// The witnesses: name, key and, when given, submission prefix.
    pub fn witnesses(&self) -> impl Iterator<Item = (&str, &VerifierKey, Option<&str>)> {
        self.members.iter().filter_map(|m| match &m.rule {
            Rule::Witness { key, url } => Some((m.name.as_str(), &**key, url.as_deref())),
            Rule::Group { .. } => None,
        })
    }

    /// Whether the policy demands no cosignatures at all.
    pub fn is_none(&self) -> bool {
        self.quorum.is_none()
    }

    /// Whether a witness of this name states that every index leaf equals f (SPEC W-08).
    pub fn is_replayer(&self, name: &str) -> bool {
        let replayers = self.find(REPLAYERS).zip(self.find(name));
        replayers.is_some_and(|(group, witness)| self.is_below(witness, group))
    }

    fn is_below(&self, member: usize, group: usize) -> bool {
        match self.members.get(group).map(|m| &m.rule) {
            Some(Rule::Group { of, .. }) => of.iter().any(|m| self.is_below(member, *m)),
            _ => member == group,
        }
    }

    /// Whether these witnesses have one of every quorum among them: no quorum gets by without them.
    pub fn meets_every_quorum(&self, these: &dyn Fn(&str) -> bool) -> bool {
        !self.quorum.is_some_and(|member| self.holds_without(member, these))
    }

    fn holds_without(&self, member: usize, these: &dyn Fn(&str) -> bool) -> bool {
        match self.members.get(member).map(|m| (&m.name, &m.rule)) {
            Some((name, Rule::Witness { .. })) => !these(name),
            Some((_, Rule::Group { k, of })) => {
                of.iter().filter(|m| self.holds_without(**m, these)).count() >= *k
            }
            None => false,
        }
    }

    /// Whether any two sets of witnesses that meet the quorum have a witness in common (SPEC W-07). Holds for
    /// `quorum none`, which has no quorums.
    pub fn quorums_intersect(&self) -> bool {
        self.quorum.is_none_or(|member| !self.splits(member))
    }

    /// Whether two disjoint sets can both satisfy a member. Every name is a member once, so members of a group
    /// are independent: of n members, s can serve both sides, and each other one serves one side.
    fn splits(&self, member: usize) -> bool {
        match self.members.get(member).map(|m| &m.rule) {
            Some(Rule::Group { k, of }) => {
                let both = of.iter().filter(|m| self.splits(**m)).count();
                2 * k.saturating_sub(both) <= of.len() - both
            }
            _ => false,
        }
    }

    /// Counts the cosignatures on a checkpoint. Lines of unknown keys are ignored; a line of a known witness
    /// that does not verify counts for nothing.
    pub fn evaluate(&self, signed: &SignedCheckpoint) -> Quorum {
        let cosigned: Vec<Option<u64>> = self
            .members
            .iter()
            .map(|m| match &m.rule {
                Rule::Witness { key, .. } => {
                    let lines = signed.signatures.iter();
                    lines.filter_map(|line| cosignature::verify(key, signed.text(), line).ok()).max()
                }
                Rule::Group { .. } => None,
            })
            .collect();
        let time = self.quorum.and_then(|member| self.time_of(member, &cosigned));
        let replayed = self.find(REPLAYERS).is_some_and(|group| self.any(group, &cosigned));
        let named = self.members.iter().zip(&cosigned);
        let cosigned = named.filter_map(|(m, time)| Some((m.name.clone(), (*time)?))).collect();
        Quorum { met: self.quorum.is_none() || time.is_some(), replayed, cosigned, time }
    }

    /// The latest time at which this member was satisfied: of a group, the k-th latest of its members'.
    fn time_of(&self, member: usize, cosigned: &[Option<u64>]) -> Option<u64> {
        match &self.members.get(member)?.rule {
            Rule::Witness { .. } => cosigned.get(member).copied().flatten(),
            Rule::Group { k, of } => {
                let times: Vec<u64> = of.iter().filter_map(|m| self.time_of(*m, cosigned)).collect();
                let reached = |t: &u64| times.iter().filter(|u| *u >= t).count() >= *k;
                times.iter().copied().filter(reached).max()
            }
        }
    }

    fn any(&self, member: usize, cosigned: &[Option<u64>]) -> bool {
        match self.members.get(member).map(|m| &m.rule) {
            Some(Rule::Group { of, .. }) => of.iter().any(|m| self.any(*m, cosigned)),
            Some(Rule::Witness { .. }) => cosigned.get(member).copied().flatten().is_some(),
            None => false,
        }
    }
}
