//! What must not be seen: the signing secret, keys of providers, passwords in URLs.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read, Write};
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::SecretString;
use tempfile::NamedTempFile;

use crate::tls;

/// Fewest bytes of a secret for HS256: as many as the hash has (RFC 7518, section 3.2).
pub(super) const MIN_SECRET_BYTES: usize = 32;

const FILE_NAME: &str = "jwt-secret";

/// Beside it, the one that was there before.
const PREVIOUS_NAME: &str = "jwt-secret.previous";

/// Bits that let others than the owner read or change a file.
const OTHERS: u32 = 0o077;

/// Bits that let everybody. A service manager hands its credentials over with the group's bits set.
const EVERYBODY: u32 = 0o007;

/// The one of them that lets everybody change a file.
const WRITABLE_BY_EVERYBODY: u32 = 0o002;

/// The signing secret kept in the data directory, made there (32 random bytes, mode 0600) if there
/// is none. Two programs that start at once get the same one.
///
/// # Errors
/// The directory can't be written or the file can't be read; others than its owner can read the
/// file; what it holds is too short.
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

/// The secret that was in the data directory before, if the operator kept it there.
pub(super) fn previous_jwt_secret(data_dir: &Path) -> io::Result<Option<SecretString>> {
    match read_private(&data_dir.join(PREVIOUS_NAME), OTHERS) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        other => other.map(Some),
    }
}

/// A signing secret in a file of the operator's.
pub(super) fn from_file(path: &Path) -> io::Result<SecretString> {
    read_private(path, EVERYBODY)
}

fn create(data_dir: &Path, path: &Path) -> io::Result<()> {
    create_dir(data_dir)?;
    // Written aside, with mode 0600, and put into place, so that nobody ever reads half a secret.
    let mut aside = NamedTempFile::with_prefix_in(FILE_NAME, data_dir)?;
    let mut secret = [0; MIN_SECRET_BYTES];
    getrandom::fill(&mut secret).map_err(|error| io::Error::other(error.to_string()))?;
    aside.write_all(URL_SAFE_NO_PAD.encode(secret).as_bytes())?;
    aside.as_file().sync_all()?;
    match aside.persist_noclobber(path) {
        // Of several programs that start at once, one was first.
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
    let mut file = File::open(path).map_err(|error| at(path, "can't be read", &error))?;
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

/// What a file with a private key holds: a provider's, or PEM. Refused where everybody on this machine may read or
/// change it.
pub(super) fn private_key_file(path: &Path) -> io::Result<SecretString> {
    let mut file = File::open(path).map_err(|error| at(path, "can't be read", &error))?;
    let what = "everybody on this machine can read or change the key";
    refuse_modes(&file, path, EVERYBODY, what)?;
    Ok(read_whole(&mut file, path)?.into())
}

/// What a file with a key in PEM holds. One that holds a private key is refused as [`private_key_file`] does; one
/// with a public key may be read by everybody, and changed by nobody else.
pub(super) fn pem_file(path: &Path) -> io::Result<SecretString> {
    let mut file = File::open(path).map_err(|error| at(path, "can't be read", &error))?;
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

/// Whether a file holds certificates that can be trusted.
pub(super) fn authorities(path: &Path) -> Result<(), String> {
    let place = path.display();
    let pem = fs::read(path).map_err(|error| format!("{place} can't be read: {error}"))?;
    match tls::authorities(&pem) {
        Ok(_) => Ok(()),
        Err(why) => Err(format!(
            "{place} holds no certificates in PEM form that can be used: {why}"
        )),
    }
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

/// What stands for a masked password.
pub(super) const MASK: &str = "***";

/// The URL with what may be a password replaced; rather too much than too little.
pub(super) fn mask_url(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    // The last @, since a password may hold an unescaped one.
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
