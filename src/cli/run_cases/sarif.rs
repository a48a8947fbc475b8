//! Writes findings as SARIF 2.1.0: each claim that is refuted or not supported, with its evidence.
//!
//! Columns are counted in UTF-16 code units. If the output is a file, the location is the claim's
//! place in it; if it is a line of a file of cases, the location is that line, and the message has
//! the place in the output.

use serde::Serialize;

use super::folder::Sources;
use super::lines::{Lines, Region};
use super::record::{ClaimRecord, Record};
use crate::domain::verdict::Label;

/// Maximum number of findings in one report: GitHub shows 5,000 of a run.
const MOST: usize = 5_000;
/// Maximum number of passages of evidence for one finding.
const EVIDENCE: usize = 3;
/// Maximum length of a quoted text in a message, in characters.
const QUOTED: usize = 300;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Log<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    tool: Tool,
    column_kind: &'static str,
    results: &'a [Finding],
    invocations: [Invocation; 1],
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver {
    name: &'static str,
    semantic_version: &'static str,
    rules: [Rule; 2],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule {
    id: &'static str,
    name: &'static str,
    short_description: Message,
    default_configuration: Level,
}

#[derive(Serialize)]
struct Level {
    level: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invocation {
    execution_successful: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_execution_notifications: Vec<Notification>,
}

#[derive(Serialize)]
struct Notification {
    level: &'static str,
    message: Message,
}

#[derive(Serialize)]
struct Message {
    text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Finding {
    rule_id: &'static str,
    rule_index: usize,
    level: &'static str,
    message: Message,
    locations: [Location; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Location>,
    partial_fingerprints: Fingerprints,
}

#[derive(Serialize)]
struct Fingerprints {
    /// Identifies the claim of an item independently of its line.
    #[serde(rename = "claim/v1")]
    claim: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<usize>,
    physical_location: PhysicalLocation,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    logical_locations: Vec<LogicalLocation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Message>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LogicalLocation {
    fully_qualified_name: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: ArtifactLocation,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<RegionOf>,
}

#[derive(Serialize)]
struct ArtifactLocation {
    uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RegionOf {
    start_line: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_column: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_line: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_column: Option<usize>,
}

impl From<Region> for RegionOf {
    fn from(region: Region) -> Self {
        Self {
            start_line: region.start_line,
            start_column: Some(region.start_column),
            end_line: Some(region.end_line),
            end_column: Some(region.end_column),
        }
    }
}

/// The findings of a run, collected as the results arrive.
pub(super) struct Sarif {
    findings: Vec<(usize, Finding)>,
    left_out: usize,
    errored: usize,
}

impl Sarif {
    pub(super) const fn new() -> Self {
        Self {
            findings: Vec::new(),
            left_out: 0,
            errored: 0,
        }
    }

    /// Adds the findings of one item. `sources` is given if the source consists of files.
    pub(super) fn add(&mut self, at: usize, record: &Record, sources: Option<&Sources>) {
        self.errored += usize::from(record.error.is_some());
        let wrong = record
            .claims
            .iter()
            .filter(|claim| claim.label != Label::Supported);
        let mut lines = None;
        for claim in wrong {
            if self.findings.len() >= MOST {
                self.left_out += 1;
                continue;
            }
            let lines = lines.get_or_insert_with(|| Lines::of(&record.candidate));
            let region = lines.region(claim.span);
            self.findings
                .push((at, finding(record, claim, region, sources)));
        }
    }

    /// # Errors
    /// The report can't be written as JSON.
    pub(super) fn finish(mut self) -> anyhow::Result<String> {
        self.findings.sort_by_key(|(at, _)| *at);
        let results: Vec<Finding> = self
            .findings
            .into_iter()
            .map(|(_, finding)| finding)
            .collect();
        let mut notes = Vec::new();
        let mut note = |level, count: usize, text: &str| {
            if count > 0 {
                let message = Message {
                    text: format!("{count} {text}"),
                };
                notes.push(Notification { level, message });
            }
        };
        note("warning", self.left_out, "findings more are not listed");
        note(
            "error",
            self.errored,
            "items could not be judged: a judge was not heard",
        );
        let log = Log {
            schema: "https://json.schemastore.org/sarif-2.1.0.json",
            version: "2.1.0",
            runs: [Run {
                tool: Tool {
                    driver: Driver {
                        name: "judge-auditor",
                        semantic_version: env!("CARGO_PKG_VERSION"),
                        rules: rules(),
                    },
                },
                column_kind: "utf16CodeUnits",
                results: &results,
                invocations: [Invocation {
                    execution_successful: self.errored == 0,
                    tool_execution_notifications: notes,
                }],
            }],
        };
        Ok(serde_json::to_string_pretty(&log)? + "\n")
    }
}

fn rules() -> [Rule; 2] {
    let rule = |id, name, text: &str, level| Rule {
        id,
        name,
        short_description: Message {
            text: text.to_owned(),
        },
        default_configuration: Level { level },
    };
    [
        rule(
            "refuted-claim",
            "RefutedClaim",
            "The source contradicts the claim.",
            "error",
        ),
        rule(
            "unsupported-claim",
            "UnsupportedClaim",
            "The source does not say what the claim says.",
            "warning",
        ),
    ]
}

fn finding(
    record: &Record,
    claim: &ClaimRecord,
    region: Region,
    sources: Option<&Sources>,
) -> Finding {
    let (rule_id, rule_index, level) = match claim.label {
        Label::Refuted => ("refuted-claim", 0, "error"),
        Label::Supported | Label::NotEnoughInfo => ("unsupported-claim", 1, "warning"),
    };
    let mut text = format!(
        "{}: \"{}\" — {}",
        word(claim.label),
        quoted(&claim.text),
        claim.reasoning
    );
    let own = if record.line.is_none() && record.item.is_none() {
        Some(RegionOf::from(region))
    } else {
        text.push_str(&format!(
            " (item {}, line {}, column {} of the output)",
            record.id, region.start_line, region.start_column
        ));
        own_line(record)
    };
    let evidence = claim.evidence.iter().take(EVIDENCE).enumerate();
    let related = evidence.map(|(at, passage)| {
        let place = sources.and_then(|sources| sources.place(passage.span));
        let (uri, region) = match place {
            Some((path, region)) => (uri(path), region.map(RegionOf::from)),
            None => (uri(&record.file), own_line(record)),
        };
        Location {
            id: Some(at + 1),
            physical_location: PhysicalLocation {
                artifact_location: ArtifactLocation { uri },
                region,
            },
            logical_locations: Vec::new(),
            message: Some(Message {
                text: format!("the source: \"{}\"", quoted(&passage.text)),
            }),
        }
    });
    Finding {
        rule_id,
        rule_index,
        level,
        message: Message { text },
        related_locations: related.collect(),
        locations: [Location {
            id: None,
            physical_location: PhysicalLocation {
                artifact_location: ArtifactLocation {
                    uri: uri(&record.file),
                },
                region: own,
            },
            logical_locations: vec![LogicalLocation {
                fully_qualified_name: record.id.clone(),
            }],
            message: None,
        }],
        partial_fingerprints: Fingerprints {
            claim: format!(
                "{:016x}",
                super::item::number(&format!("{}\n{}", record.id, claim.text))
            ),
        },
    }
}

fn own_line(record: &Record) -> Option<RegionOf> {
    record.line.map(|line| RegionOf {
        start_line: line,
        start_column: None,
        end_line: None,
        end_column: None,
    })
}

const fn word(label: Label) -> &'static str {
    match label {
        Label::Refuted => "The source contradicts this",
        Label::Supported | Label::NotEnoughInfo => "The source does not say this",
    }
}

fn quoted(text: &str) -> String {
    let mut short: String = text.chars().take(QUOTED).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

/// Encodes a path as a URI reference: other bytes than unreserved characters and slashes become
/// `%XX`. An absolute path needs the scheme, or else it is read as relative to the repository.
fn uri(path: &str) -> String {
    let mut written = String::with_capacity(path.len());
    if path.starts_with('/') {
        written.push_str("file://");
    }
    for byte in path.replace('\\', "/").bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'.' | b'_' | b'~' => {
                written.push(char::from(byte));
            }
            other => written.push_str(&format!("%{other:02X}")),
        }
    }
    written
}

#[cfg(test)]
#[path = "tests/sarif.rs"]
mod tests;
