//! A PostgreSQL server whose errors are German.

use diesel::connection::{Connection, SimpleConnection};
use diesel::prelude::*;

use super::transactions::someone;
use crate::store::testing::{self, TestStore};
use crate::store::{Store, StoreError, StoreSettings};
use crate::testing::skip;

const GERMAN: &str = "de_DE.UTF-8";

/// A database whose errors are German; none where the machine has no German.
fn german() -> Option<TestStore> {
    let store = testing::postgres()?;
    let mut connection = PgConnection::establish(&store.url).unwrap();
    let (_, name) = store.url.rsplit_once('/').unwrap();
    let set = connection.batch_execute(&format!(
        "ALTER DATABASE \"{name}\" SET lc_messages = '{GERMAN}'"
    ));
    if let Err(error) = set {
        skip(&format!("the server has no {GERMAN}: {error}"));
        return None;
    }
    let mut connection = PgConnection::establish(&store.url).unwrap();
    let error = connection.batch_execute("SELECT 1 / 0").unwrap_err();
    assert!(error.to_string().contains("Division durch Null"), "{error}");
    Some(store)
}

fn open(url: &str) -> Result<Store, StoreError> {
    Store::open(&StoreSettings {
        url: url.to_owned(),
        pool_size: 2,
        ..StoreSettings::default()
    })
}

#[tokio::test]
async fn a_locked_row_is_a_passing_trouble_in_any_language() {
    let Some(german) = german() else { return };
    let store = open(&german.url).unwrap();
    let ada = store.write(|db| someone(db, "ada")).await.unwrap();
    let mut other = PgConnection::establish(&german.url).unwrap();
    other
        .batch_execute("BEGIN; UPDATE users SET email = 'x' WHERE username = 'ada'")
        .unwrap();
    for (what, patience) in [("lock", "lock_timeout"), ("statement", "statement_timeout")] {
        let outcome = store
            .write(move |db| {
                diesel::sql_query(format!("SET LOCAL {patience} = '200ms'")).execute(db)?;
                crate::store::users::reset_password(db, ada, "x")
            })
            .await;
        assert!(
            matches!(outcome, Err(StoreError::Unavailable(_))),
            "{what}: {outcome:?}"
        );
    }
    let refused = store
        .write(|db| Ok(diesel::sql_query("SELECT 1 / 0").execute(db)?))
        .await;
    assert!(matches!(refused, Err(StoreError::Query(_))), "{refused:?}");
}

#[tokio::test]
async fn who_may_not_choose_the_language_is_told_what_to_do() {
    let Some(german) = german() else { return };
    let mut admin = PgConnection::establish(&german.url).unwrap();
    let role = format!("auditor_test_{}", uuid::Uuid::now_v7().simple());
    admin
        .batch_execute(&format!("CREATE ROLE {role} LOGIN"))
        .unwrap();
    let (scheme, rest) = german.url.split_once("://").unwrap();
    let place = rest.split_once('@').map_or(rest, |(_, place)| place);
    let outcome = open(&format!("{scheme}://{role}@{place}")).map(drop);
    admin
        .batch_execute(&format!("ALTER ROLE {role} SET lc_messages = 'C'"))
        .unwrap();
    let granted = open(&format!("{scheme}://{role}@{place}")).map(drop);
    admin.batch_execute(&format!("DROP ROLE {role}")).unwrap();
    let Err(StoreError::Query(told)) = outcome else {
        panic!("{outcome:?}");
    };
    assert!(told.contains(GERMAN) && told.contains(&role), "{told}");
    assert!(told.contains("SET lc_messages = 'C'"), "{told}");
    // It can't read another's tables, but its errors are told plainly.
    let Err(StoreError::Query(told)) = granted else {
        panic!("{granted:?}");
    };
    assert!(told.contains("permission denied"), "{told}");
}
