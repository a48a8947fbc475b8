use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::PermissionsExt;

use super::on_both;
use crate::store::pool::migrate::{POSTGRES, SQLITE};
use crate::store::testing::{self, TestStore};
use crate::store::{Db, Store, StoreError, StoreSettings};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};
use diesel_migrations::MigrationHarness;

#[derive(QueryableByName)]
struct ColumnRow {
    #[diesel(sql_type = Text)]
    in_table: String,
    #[diesel(sql_type = Text)]
    named: String,
    #[diesel(sql_type = Bool)]
    nullable: bool,
}

type Tables = BTreeMap<String, Vec<(String, bool)>>;

/// Every column of our tables in the database, and whether it may be null; but for the full-text
/// indexes, which each database has in its own form.
async fn migrated(store: &TestStore) -> Tables {
    let rows: Vec<ColumnRow> = store
        .read(|db| {
            let query = match db {
                Db::Sqlite(_) => {
                    "SELECT t.name AS in_table, c.name AS named, NOT c.\"notnull\" AS nullable \
                     FROM sqlite_master AS t JOIN pragma_table_info(t.name) AS c \
                     WHERE t.type = 'table' AND substr(t.name, 1, 2) <> '__' \
                     AND t.name NOT LIKE 'passage_terms%' AND t.name NOT LIKE 'search_terms%' \
                     AND t.name <> 'search_entries' ORDER BY t.name, c.cid"
                }
                Db::Pg(_) => {
                    "SELECT table_name::text AS in_table, column_name::text AS named, \
                     is_nullable = 'YES' AS nullable FROM information_schema.columns \
                     WHERE table_schema = 'public' AND substr(table_name, 1, 2) <> '__' \
                     AND table_name NOT IN ('passage_terms', 'search_entries') \
                     ORDER BY table_name, ordinal_position"
                }
            };
            Ok(diesel::sql_query(query).load(db)?)
        })
        .await
        .unwrap();
    let mut tables = Tables::new();
    for row in rows {
        tables
            .entry(row.in_table)
            .or_default()
            .push((row.named, row.nullable));
    }
    tables
}

/// The same, as schema.rs declares it.
fn declared() -> Tables {
    let mut tables = Tables::new();
    let mut current = None;
    for line in include_str!("../tables/schema.rs").lines().map(str::trim) {
        if let Some((name, _)) = line.split_once(" (").filter(|_| line.ends_with('{')) {
            current = Some(name.to_owned());
        } else if let Some((column, kind)) = line.trim_end_matches(',').split_once(" -> ")
            && let Some(table) = &current
        {
            tables
                .entry(table.clone())
                .or_default()
                .push((column.to_owned(), kind.starts_with("Nullable<")));
        } else if line == "}" {
            current = None;
        }
    }
    tables
}

on_both!(
    the_schema_has_every_table_and_column_of_the_migrations,
    |store| {
        let declared = declared();
        assert!(declared.len() >= 12, "{declared:?}");
        assert_eq!(migrated(store).await, declared);
    }
);

on_both!(migrations_can_be_undone_and_done_again, |store| {
    let before = migrated(store).await;
    store
        .write(|db| {
            let undone = match db {
                Db::Sqlite(c) => c.revert_all_migrations(SQLITE).map(drop),
                Db::Pg(c) => c.revert_all_migrations(POSTGRES).map(drop),
            };
            undone.map_err(|error| StoreError::Query(error.to_string()))
        })
        .await
        .unwrap();
    assert!(migrated(store).await.is_empty());
    reopen(store).unwrap();
    assert_eq!(migrated(store).await, before);
});

fn reopen(store: &TestStore) -> Result<Store, StoreError> {
    Store::open(&StoreSettings {
        url: store.url.clone(),
        pool_size: 2,
        ..StoreSettings::default()
    })
}

on_both!(several_processes_may_open_a_new_database_at_once, |store| {
    store
        .write(|db| {
            let undone = match db {
                Db::Sqlite(c) => c.revert_all_migrations(SQLITE).map(drop),
                Db::Pg(c) => c.revert_all_migrations(POSTGRES).map(drop),
            };
            undone.map_err(|error| StoreError::Query(error.to_string()))
        })
        .await
        .unwrap();
    let outcomes: Vec<_> = std::thread::scope(|scope| {
        let nodes: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| reopen(store).map(drop)))
            .collect();
        nodes.into_iter().map(|node| node.join().unwrap()).collect()
    });
    assert_eq!(outcomes, vec![Ok(()); 4]);
    assert_eq!(migrated(store).await, declared());
});

#[test]
fn both_folders_hold_the_same_migrations() {
    let names = |folder: &str| -> BTreeSet<String> {
        std::fs::read_dir(format!(
            "{}/migrations/{folder}",
            env!("CARGO_MANIFEST_DIR")
        ))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
    };
    let all = names("sqlite");
    assert!(!all.is_empty());
    assert_eq!(all, names("postgres"));
    // Of two with one time only one would ever be run.
    let times: BTreeSet<&str> = all
        .iter()
        .map(|name| name.split_once('_').unwrap().0)
        .collect();
    assert_eq!(times.len(), all.len(), "{all:?}");
}

/// While nodes are replaced one after the other, those of the release before work on the new tables.
#[test]
fn a_migration_since_there_are_several_nodes_only_adds() {
    const FIRST: &str = "2026-11-30-190000_nodes";
    let mut read = 0;
    for database in ["sqlite", "postgres"] {
        let folder = format!("{}/migrations/{database}", env!("CARGO_MANIFEST_DIR"));
        for entry in std::fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            if entry.file_name().to_str().unwrap() < FIRST {
                continue;
            }
            let sql = std::fs::read_to_string(entry.path().join("up.sql")).unwrap();
            let lines = sql.lines().filter(|line| !line.starts_with("--"));
            let sql = lines.collect::<Vec<_>>().join(" ").to_uppercase();
            for statement in sql.split(';') {
                let takes = ["DROP ", "RENAME "]
                    .iter()
                    .any(|word| statement.contains(word));
                let demands = statement.contains("ADD COLUMN")
                    && statement.contains("NOT NULL")
                    && !statement.contains("DEFAULT");
                assert!(!takes && !demands, "{:?}: {statement}", entry.path());
            }
            read += 1;
        }
    }
    assert!(read >= 2);
}

#[tokio::test]
async fn nobody_else_may_read_the_file() {
    let store = testing::sqlite();
    store.account("ada").await;
    let path = store.url.strip_prefix("sqlite:").unwrap();
    for file in [path.to_owned(), format!("{path}-wal")] {
        let mode = std::fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
}
