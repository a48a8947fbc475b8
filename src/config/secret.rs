//! Secrets: reads the signing secret and keys from files, and masks passwords in URLs.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read, Write};
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::SecretString;
use tempfile::NamedTempFile;

use crate::tls;

/// Minimum length of a secret for HS256, in bytes: that of the hash (RFC 7518, section 3.2).
pub(super) const MIN_SECRET_BYTES: usize = 32;

const FILE_NAME: &str = "jwt-secret";

/// File of the previous secret, whose tokens are still accepted.
const PREVIOUS_NAME: &str = "jwt-secret.previous";

/// Permission bits of everybody but the owner.
const OTHERS: u32 = 0o077;

/// Permission bits of users outside of the group. Group bits are allowed, since service managers
/// set them on credentials.
const EVERYBODY: u32 = 0o007;

/// The permission bit that lets users outside of the group change a file.
const WRITABLE_BY_EVERYBODY: u32 = 0o002;

/// Reads the signing secret of the data directory, or creates it (32 random bytes, mode 0600) if
/// there is none. Processes that start at the same time get the same one.
///
/// # Errors
/// Fails if the directory cannot be written, or if the file cannot be read, is accessible to others
/// than its owner, or is too short.
pub(crate) fn jwt_secret(data_dir: &Path) -> io::Result<SecretString> {
    let path = data_dir.join(FILE_NAME);
    match read_private(&path, OTHERS) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            create(data_dir, &path)
                .map_err(|error| at(&path, "can't make the signing secret", &error))?;
            read_private(&path, OTHERS)
        }
        other => other,
    }
}

/// Reads the previous signing secret of the data directory; `None` if the operator has kept none.
pub(super) fn previous_jwt_secret(data_dir: &Path) -> io::Result<Option<SecretString>> {
    match read_private(&data_dir.join(PREVIOUS_NAME), OTHERS) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        other => other.map(Some),
    }
}

/// Reads a signing secret from a file that the operator provides, which the group may read.
pub(super) fn from_file(path: &Path) -> io::Result<SecretString> {
    read_private(path, EVERYBODY)
}

fn create(data_dir: &Path, path: &Path) -> io::Result<()> {
    create_dir(data_dir)?;
    // Written to a temporary file with mode 0600 and then renamed, so that no process ever reads a
    // partial secret.
    let mut aside = NamedTempFile::with_prefix_in(FILE_NAME, data_dir)?;
    let mut secret = [0; MIN_SECRET_BYTES];
    getrandom::fill(&mut secret).map_err(|error| io::Error::other(error.to_string()))?;
    aside.write_all(URL_SAFE_NO_PAD.encode(secret).as_bytes())?;
    aside.as_file().sync_all()?;
    match aside.persist_noclobber(path) {
        // Another process that started at the same time has created the file, which is used then.
        Err(error) if error.error.kind() != ErrorKind::AlreadyExists => Err(error.error),
        _ => Ok(()),
    }
}

fn create_dir(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

fn read_private(path: &Path, forbidden: u32) -> io::Result<SecretString> {
    let mut file = open(path)?;
    let what = "others than its owner can read or change the signing secret";
    refuse_modes(&file, path, forbidden, what)?;
    let text = read_whole(&mut file, path)?;
    let secret = text.trim();
    if secret.len() < MIN_SECRET_BYTES {
        return Err(io::Error::new(
            ErrorKind::InvalidData,
            format!(
                "{}: the signing secret is shorter than {MIN_SECRET_BYTES} bytes: put a new one in its place",
                path.display()
            ),
        ));
    }
    Ok(SecretString::from(secret))
}

/// Reads a file with a private key: a provider's key, or PEM. Fails if everybody on this machine
/// can read or change it.
pub(super) fn private_key_file(path: &Path) -> io::Result<SecretString> {
    let mut file = open(path)?;
    let what = "everybody on this machine can read or change the key";
    refuse_modes(&file, path, EVERYBODY, what)?;
    Ok(read_whole(&mut file, path)?.into())
}

/// Reads a file with a key in PEM form. A private key is checked as in [`private_key_file`]; a
/// public key may be readable by everybody, but not writable.
pub(super) fn pem_file(path: &Path) -> io::Result<SecretString> {
    let mut file = open(path)?;
    let text = read_whole(&mut file, path)?;
    if !text.contains("KEY-----") {
        let what = format!("{}: holds no key in PEM form", path.display());
        return Err(io::Error::new(ErrorKind::InvalidData, what));
    }
    if text.contains("PRIVATE") {
        let what = "everybody on this machine can read or change the key";
        refuse_modes(&file, path, EVERYBODY, what)?;
    } else {
        let what = "everybody on this machine can change the key";
        refuse_modes(&file, path, WRITABLE_BY_EVERYBODY, what)?;
    }
    Ok(text.into())
}

/// Checks that a file holds certificates of authorities in usable PEM form, and that the connection
/// that they are for is encrypted; `otherwise` says what shows that it is not.
pub(super) fn authorities(path: &Path, encrypted: bool, otherwise: &str) -> Result<(), String> {
    let place = path.display();
    let pem = fs::read(path).map_err(|error| format!("{place} can't be read: {error}"))?;
    match tls::authorities(&pem) {
        Ok(_) if encrypted => Ok(()),
        Ok(_) => Err(format!("{otherwise}: nothing is checked")),
        Err(why) => Err(format!(
            "{place} holds no certificates in PEM form that can be used: {why}"
        )),
    }
}

fn open(path: &Path) -> io::Result<File> {
    File::open(path).map_err(|error| at(path, "can't be read", &error))
}

fn read_whole(file: &mut File, path: &Path) -> io::Result<String> {
    let mut text = String::new();
    file.read_to_string(&mut text)
        .map_err(|error| at(path, "can't be read", &error))?;
    Ok(text)
}

#[cfg(unix)]
fn refuse_modes(file: &File, path: &Path, forbidden: u32, what: &str) -> io::Result<()> {
    let mode = std::os::unix::fs::PermissionsExt::mode(&file.metadata()?.permissions());
    if mode & forbidden == 0 {
        return Ok(());
    }
    Err(io::Error::new(
        ErrorKind::PermissionDenied,
        format!(
            "{}: {what} (mode {:04o}): put a new one in its place, or set the mode to 0600 if nobody can have seen it",
            path.display(),
            mode & 0o7777
        ),
    ))
}

#[cfg(not(unix))]
fn refuse_modes(_: &File, _: &Path, _: u32, _: &str) -> io::Result<()> {
    Ok(())
}

fn at(path: &Path, what: &str, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {what}: {error}", path.display()))
}

/// Substitute for a masked password.
pub(super) const MASK: &str = "***";

/// The problem of a URL that was printed by `--print-config` and is loaded again.
pub(super) const WAS_MASKED: &str =
    "the password was masked when this was printed: put it in again";

/// Masks everything in a URL that may be a password, in case of doubt too much.
pub(super) fn mask_url(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    // The last @ ends the password, which may contain an unescaped one.
    let rest = match rest.rsplit_once('@') {
        Some((user, host)) => match user.split_once(':') {
            Some((name, _)) => format!("{name}:{MASK}@{host}"),
            None => format!("{user}@{host}"),
        },
        None => rest.to_owned(),
    };
    let rest = match rest.split_once('?') {
        Some((path, query)) => {
            let parameters: Vec<String> = query.split('&').map(mask_parameter).collect();
            format!("{path}?{}", parameters.join("&"))
        }
        None => rest,
    };
    format!("{scheme}://{rest}")
}

fn mask_parameter(parameter: &str) -> String {
    match parameter.split_once('=') {
        Some((name, _)) if name.to_ascii_lowercase().contains("password") => {
            format!("{name}={MASK}")
        }
        _ => parameter.to_owned(),
    }
}

#[cfg(test)]
#[path = "tests/secret.rs"]
mod tests;
