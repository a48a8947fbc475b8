//! Sets the language of PostgreSQL's error messages.
//!
//! Diesel 2.3 maps some SQLSTATEs to error kinds and hides the others (its successor will expose
//! them), so `super::error` has to match messages. In the locale `C` they are those of PostgreSQL's
//! sources, which no setting of the server translates. Each connection sets that locale, and is
//! refused if it cannot, because otherwise a locked row would be mistaken for a fault of this
//! program.

use diesel::connection::SimpleConnection;
use diesel::sql_types::Text;
use diesel::{PgConnection, QueryableByName, RunQueryDsl};

use super::error::StoreError;

#[derive(QueryableByName)]
struct Told {
    #[diesel(sql_type = Text)]
    language: String,
    #[diesel(sql_type = Text)]
    role: String,
}

/// Makes the server send untranslated error messages on this connection.
pub(crate) fn plain(connection: &mut PgConnection) -> Result<(), StoreError> {
    let Told { language, role } = diesel::sql_query(
        "SELECT current_setting('lc_messages') AS language, current_user::text AS role",
    )
    .get_result(connection)?;
    if is_plain(&language) {
        return Ok(());
    }
    // Superusers may set it, and roles that were granted it.
    connection
        .batch_execute("SET lc_messages = 'C'")
        .map_err(|_| {
            let role = role.replace('"', "\"\"");
            StoreError::Query(format!(
                "the PostgreSQL server tells its errors in the language {language:?}, and {role:?} may not \
                 choose another. Let an administrator of that server run: \
                 ALTER ROLE \"{role}\" SET lc_messages = 'C'"
            ))
        })
}

/// PostgreSQL has no translation into English.
fn is_plain(language: &str) -> bool {
    let name = language.split(['.', '@']).next().unwrap_or_default();
    matches!(name, "C" | "POSIX" | "en") || name.starts_with("en_")
}

#[cfg(test)]
#[path = "tests/language_internals.rs"]
mod tests;
