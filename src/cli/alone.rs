//! Commands that must have a SQLite file to themselves.

use anyhow::{Result, anyhow, bail};

use crate::config::Config;
use crate::store::StoreSettings;
use crate::store::fleet::place::{NoPlace, Place};

/// Takes the place of the process that serves the file, for as long as the answer is kept; a server database has
/// none.
///
/// # Errors
/// Another process serves it.
pub(super) fn alone_with(config: &Config) -> Result<Option<Place>> {
    let settings = StoreSettings {
        url: config.database_url(),
        ..StoreSettings::default()
    };
    let Some(file) = settings.file() else {
        return Ok(None);
    };
    match Place::take_file(&file) {
        Ok(place) => Ok(Some(place)),
        Err(NoPlace::Taken(_)) => bail!("a server uses {}: stop it first", file.display()),
        Err(error) => Err(anyhow!(error)),
    }
}
