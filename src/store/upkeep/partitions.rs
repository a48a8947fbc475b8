//! Partitions of the event log on PostgreSQL: tables that are made like one that is there.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;

use crate::store::pool::error::StoreError;
use crate::store::tables::event_months::{LOG, Month};

/// Creates the partition of a month, with the privileges and storage options of another table.
pub(super) fn attach_month(
    c: &mut PgConnection,
    month: Month,
    like: &str,
) -> Result<(), StoreError> {
    let range = format!(
        "FOR VALUES FROM ('{}') TO ('{}')",
        month.lowest_id(),
        month.next().lowest_id()
    );
    attach_new(c, &month.table(), &range, like)
}

/// Creates a partition. It is attached, and not created as one, because that locks the log for
/// writers only as long as the foreign key takes.
pub(super) fn attach_new(
    c: &mut PgConnection,
    table: &str,
    range: &str,
    like: &str,
) -> Result<(), StoreError> {
    c.batch_execute(&format!("CREATE TABLE {table} (LIKE {LOG} INCLUDING ALL)"))?;
    copy_privileges(c, table, like)?;
    copy_storage(c, table, like)?;
    c.batch_execute(&format!(
        "ALTER TABLE {LOG} ATTACH PARTITION {table} {range}"
    ))?;
    Ok(())
}

#[derive(QueryableByName)]
struct Statement {
    #[diesel(sql_type = Text)]
    statement: String,
}

/// Gives a table the owner and the privileges of another.
pub(super) fn copy_privileges(
    c: &mut PgConnection,
    table: &str,
    like: &str,
) -> Result<(), StoreError> {
    let statements: Vec<Statement> = diesel::sql_query(
        "WITH like_it AS (SELECT oid, relowner, relacl FROM pg_class WHERE oid = to_regclass($2)), \
         granted AS ( \
         SELECT NULL::name AS attname, relowner, acl.* FROM like_it, aclexplode(relacl) AS acl \
         UNION ALL SELECT attname, relowner, acl.* FROM like_it JOIN pg_attribute ON attrelid = oid, \
         aclexplode(attacl) AS acl) \
         SELECT format('ALTER TABLE %I OWNER TO %I', $1, pg_get_userbyid(relowner)) AS statement \
         FROM like_it WHERE pg_get_userbyid(relowner) <> current_user \
         UNION ALL SELECT format('GRANT %s%s ON %I TO %s%s', privilege_type, \
         CASE WHEN attname IS NULL THEN '' ELSE format(' (%I)', attname) END, $1, \
         CASE WHEN grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END, \
         CASE WHEN is_grantable THEN ' WITH GRANT OPTION' ELSE '' END) \
         FROM granted WHERE grantee <> relowner",
    )
    .bind::<Text, _>(table)
    .bind::<Text, _>(like)
    .load(c)?;
    run(c, statements)
}

/// Gives a table the storage options of another, such as those of autovacuum.
fn copy_storage(c: &mut PgConnection, table: &str, like: &str) -> Result<(), StoreError> {
    let statements: Vec<Statement> = diesel::sql_query(
        "SELECT format('ALTER TABLE %I SET (%s)', $1, array_to_string(reloptions, ', ')) AS statement \
         FROM pg_class WHERE oid = to_regclass($2) AND reloptions IS NOT NULL",
    )
    .bind::<Text, _>(table)
    .bind::<Text, _>(like)
    .load(c)?;
    run(c, statements)
}

fn run(c: &mut PgConnection, statements: Vec<Statement>) -> Result<(), StoreError> {
    for Statement { statement } in statements {
        c.batch_execute(&statement)?;
    }
    Ok(())
}

/// Makes names mean what is in the schema of the log, until the end of the transaction: what is
/// created would otherwise go into the first schema of the search path.
pub(super) fn in_schema(c: &mut PgConnection) -> Result<(), StoreError> {
    diesel::sql_query(
        "SELECT set_config('search_path', quote_ident(nspname), true) FROM pg_class \
         JOIN pg_namespace ON pg_namespace.oid = relnamespace WHERE pg_class.oid = to_regclass($1)",
    )
    .bind::<Text, _>(LOG)
    .execute(c)?;
    Ok(())
}
