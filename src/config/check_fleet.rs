//! Validates the settings of the connection to other nodes.

use std::io;

use secrecy::{ExposeSecret, SecretString};

use super::bus::BusKind;
use super::effective::Config;
use super::problem::Findings;
use super::secret;
use super::sections::Fleet;

/// Text that every file of NATS credentials contains, whichever tool created it.
const CREDENTIALS: &str = "BEGIN NATS USER JWT";

pub(super) fn fleet(config: &Config, findings: &mut Findings) {
    let fleet = &config.fleet;
    let address = match &fleet.bus {
        BusKind::Nats(address) => Some(address),
        _ => None,
    };
    if fleet.nats_credentials_file.is_some() {
        let key = "fleet.nats_credentials_file";
        match fleet.nats_credentials() {
            _ if address.is_none() => findings.report(key, "fleet.bus does not name NATS"),
            Err(error) => findings.report(key, error.to_string()),
            Ok(Some(text)) if !text.expose_secret().contains(CREDENTIALS) => {
                findings.report(key, "holds no credentials of a user of NATS");
            }
            Ok(_) => {}
        }
    }
    if let Some(path) = &fleet.nats_ca_file {
        let encrypted = address.is_some_and(|address| address.is_encrypted());
        if let Err(what) = secret::authorities(path, encrypted, "fleet.bus is not tls://…") {
            findings.report("fleet.nats_ca_file", what);
        }
    }
}

impl Fleet {
    /// Reads the file that `nats_credentials_file` names, if it is set.
    ///
    /// # Errors
    /// The file can't be read, or its permissions let everybody read it.
    pub(crate) fn nats_credentials(&self) -> io::Result<Option<SecretString>> {
        let path = self.nats_credentials_file.as_deref();
        path.map(secret::private_key_file).transpose()
    }
}

/// Returns a warning if users' texts travel to other machines without encryption.
pub(super) fn readable_texts(config: &Config) -> Option<String> {
    let BusKind::Nats(address) = &config.fleet.bus else {
        return None;
    };
    (!address.is_encrypted() && !address.is_here()).then(|| {
        "users' texts travel to NATS without TLS: fleet.bus = \"tls://…\", unless nobody else is in that network"
            .to_owned()
    })
}
