//! Checks of the names that `--judge` gives.

use crate::config::Config;

/// Returns the error message for the first unknown or repeated name, or `None` if all names are
/// valid.
pub(super) fn judges_fault(config: &Config, names: &[String]) -> Option<String> {
    let wrong = config.know_judges(names).err()?;
    let is_unknown = |name: &&String| config.judge(name).is_none() && !config.is_switched_off(name);
    let Some(unknown) = names.iter().find(is_unknown) else {
        return Some(format!("--judge: {wrong}"));
    };
    let known: Vec<&str> = config
        .judges
        .iter()
        .map(|judge| judge.name.as_str())
        .collect();
    Some(format!(
        "--judge {unknown}: unknown judge \"{unknown}\"; there are {}",
        known.join(", ")
    ))
}
