//! Checks of the judges: names, settings of other kinds, ranges, and limits that judges share.

use std::collections::BTreeMap;

use super::declare::{Key, Kinds};
use super::effective::Config;
use super::judge::JudgeSettings;
use super::problem::Findings;
use super::provider::Provider;
use super::{check_models, check_server, judge_key, overlay, rubric};

/// Checks each judge, fills in the default address of its kind, and reads its key and its rubric.
pub(super) fn judges(config: &mut Config, env: &BTreeMap<String, String>, findings: &mut Findings) {
    let mut providers = BTreeMap::new();
    for judge in &mut config.judges {
        // Problems name the judge's place in the file; the built-in offline judges have none, and
        // are valid.
        let place = findings.judge_prefix(&judge.name);
        let mut findings = findings.of(&place);
        if !is_judge_name(&judge.name) {
            findings.report("name", "use 1 to 64 letters, digits and . _ - : / @ +");
        }
        for (key, what) in misplaced(judge) {
            findings.report(key, what);
        }
        if judge.kind.has_files() {
            check_models::check(judge, &mut findings);
        }
        if let Err(what) = rubric::read(judge) {
            findings.report("rubric_file", what);
        }
        let keys = JudgeSettings::SECTION.keys.iter();
        let keys = keys.filter(|key| judge.kind.has(key.kinds));
        findings.ranges(keys, &overlay::table(judge));
        if judge.kind.is_offline() {
            continue;
        }
        let encrypted = check_server::server(judge, &mut findings);
        judge_key::read(judge, encrypted, env, &mut findings);
        // Judges of one provider share its rate limits, so they must be configured alike.
        let allowance = (judge.requests_per_minute, judge.tokens_per_minute);
        let (other, known) = providers
            .entry(Provider::of(judge))
            .or_insert((judge.name.clone(), allowance));
        if *known != allowance {
            let what = format!(
                "asks the same provider as `{other}`: give both the same requests_per_minute and tokens_per_minute"
            );
            findings.report("", what);
        }
    }
}

fn is_judge_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._-:/@+".contains(&byte))
}

/// Returns the settings that are invalid for the judge's kind but differ from the default, each
/// with a message.
fn misplaced(judge: &JudgeSettings) -> Vec<(&'static str, String)> {
    let kind = judge.kind.as_str();
    let given = overlay::table(judge);
    let usual = overlay::table(&JudgeSettings::new("", judge.kind));
    let misplaced =
        |key: &&Key| !judge.kind.has(key.kinds) && given.get(key.name) != usual.get(key.name);
    let keys = JudgeSettings::SECTION.keys.iter().filter(misplaced);
    keys.filter_map(|key| match key.kinds {
        Kinds::OnlineOnly => Some((key.name, format!("kind `{kind}` asks no server"))),
        Kinds::FilesOnly => Some((
            key.name,
            format!("only nli and spans judges have it, not kind `{kind}`"),
        )),
        Kinds::All | Kinds::Online => None,
    })
    .collect()
}
