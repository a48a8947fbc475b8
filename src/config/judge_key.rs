//! Reads a judge's key from where its settings say: a variable, a file or a systemd credential.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use secrecy::{ExposeSecret, SecretString};

use super::judge::JudgeSettings;
use super::problem::TableFindings;
use super::secret;

/// Reads the key into the judge's settings. Reports a key that is missing, given twice or unusable.
pub(super) fn read(
    judge: &mut JudgeSettings,
    encrypted: bool,
    env: &BTreeMap<String, String>,
    findings: &mut TableFindings<'_>,
) {
    let places = [
        ("api_key_env", !judge.api_key_env.is_empty()),
        ("api_key_file", judge.api_key_file.is_some()),
        ("api_key_credential", !judge.api_key_credential.is_empty()),
    ];
    let mut given = places.into_iter().filter(|&(_, given)| given);
    let Some((place, _)) = given.next() else {
        // A server on the local network may need no key; HTTPS suggests a provider that does.
        if encrypted {
            findings.report(
                "",
                "no key: give api_key_env, api_key_file or api_key_credential (only a http:// server of your own goes without)",
            );
        } else if !judge.api_key_header.is_empty() {
            findings.report("api_key_header", "there is no key that it could carry");
        }
        return;
    };
    if let Some((second, _)) = given.next() {
        findings.report(second, format!("give {place} or {second}, not both"));
        return;
    }
    let found = match (place, &judge.api_key_file) {
        ("api_key_file", Some(path)) => key_from_file(path),
        ("api_key_env", _) => key_from_env(&judge.api_key_env, env),
        _ => key_from_credential(&judge.api_key_credential, env),
    };
    match found {
        Ok(secret) => judge.api_key = Some(secret),
        Err(what) => findings.report(place, what),
    }
}

fn key_from_env(name: &str, env: &BTreeMap<String, String>) -> Result<SecretString, String> {
    match env.get(name) {
        Some(text) => usable_key(text, &format!("the variable {name}")),
        // The setting may hold the key itself by mistake, so the message must not repeat it.
        None if is_variable_name(name) => Err(format!("the variable {name} is not set")),
        None => Err("is the name of a variable, in capitals; never the key itself".to_owned()),
    }
}

fn key_from_file(path: &Path) -> Result<SecretString, String> {
    let text = secret::private_key_file(path).map_err(|error| error.to_string())?;
    usable_key(text.expose_secret(), &path.display().to_string())
}

/// Reads a systemd credential (<https://systemd.io/CREDENTIALS/>): the file of that name in a
/// directory that only the service can read.
fn key_from_credential(name: &str, env: &BTreeMap<String, String>) -> Result<SecretString, String> {
    let Some(directory) = env.get("CREDENTIALS_DIRECTORY") else {
        return Err(
            "there is no $CREDENTIALS_DIRECTORY: systemd sets it for a unit with LoadCredential="
                .to_owned(),
        );
    };
    if name.contains('/') || name.starts_with('.') {
        return Err("is the name of a credential, not a path".to_owned());
    }
    // The setting may hold the key itself by mistake, so the message does not repeat the name.
    let text = fs::read_to_string(Path::new(directory).join(name))
        .map_err(|error| format!("no such credential can be read: {error}"))?;
    usable_key(&text, "the credential")
}

fn usable_key(text: &str, holder: &str) -> Result<SecretString, String> {
    let key = SecretString::from(text.trim());
    let text = key.expose_secret();
    if text.is_empty() {
        return Err(format!("{holder} is empty"));
    }
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(format!(
            "{holder} holds spaces or characters that no key has"
        ));
    }
    Ok(key)
}

fn is_variable_name(name: &str) -> bool {
    name.bytes()
        .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
}
