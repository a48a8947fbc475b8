//! In which language PostgreSQL tells its errors.
//!
//! Diesel 2.3 turns some SQLSTATEs into kinds and keeps the rest to itself (its successor will tell them), so
//! that `super::error` has to go by texts. In the locale `C` they are those of PostgreSQL's sources, which no
//! setting of the server translates: each connection asks for it, and is refused where it can't have it, for
//! otherwise a row that is locked would pass for a fault of ours.

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

/// Makes the server tell this connection its errors untranslated.
pub(crate) fn plain(connection: &mut PgConnection) -> Result<(), StoreError> {
    let Told { language, role } = diesel::sql_query(
        "SELECT current_setting('lc_messages') AS language, current_user::text AS role",
    )
    .get_result(connection)?;
    if is_plain(&language) {
        return Ok(());
    }
    // A superuser may, and who was granted it.
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
