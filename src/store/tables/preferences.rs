//! Users' preferences: one JSON object for each user, whose schema is the protocol's.

use diesel::prelude::*;

use super::schema::preferences;
use crate::domain::ids::UserId;
use crate::store::pool::connection::Db;
use crate::store::pool::error::StoreError;

/// Returns the stored object.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn get(db: &mut Db, user: UserId) -> Result<Option<String>, StoreError> {
    let found = preferences::table
        .find(user.to_string())
        .select(preferences::object)
        .first(db)
        .optional()?;
    Ok(found)
}

/// Stores the object in place of the previous one.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn put(db: &mut Db, user: UserId, object: &str) -> Result<(), StoreError> {
    let user = user.to_string();
    let insert = diesel::insert_into(preferences::table).values((
        preferences::user_id.eq(&user),
        preferences::object.eq(object),
    ));
    let replaced = preferences::object.eq(object);
    match db {
        Db::Pg(c) => insert
            .on_conflict(preferences::user_id)
            .do_update()
            .set(replaced)
            .execute(c)?,
        Db::Sqlite(c) => insert
            .on_conflict(preferences::user_id)
            .do_update()
            .set(replaced)
            .execute(c)?,
    };
    Ok(())
}
