use std::os::unix::fs::PermissionsExt;

use super::*;
use crate::store::testing::sqlite;
use crate::store::{Store, StoreSettings, users};

#[tokio::test]
async fn a_copy_is_private_whole_and_never_in_the_place_of_another() {
    let store = sqlite();
    let ada = store.account("ada").await.id;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("with a 'quote'.db");
    let bytes = copy(&store.url, &file).unwrap();
    let found = std::fs::metadata(&file).unwrap();
    assert_eq!(
        (found.permissions().mode() & 0o7777, found.len()),
        (0o600, bytes)
    );
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);

    store.account("later").await;
    let again = copy(&store.url, &file).unwrap_err();
    assert!(matches!(again, BackupError::Exists(_)), "{again}");
    let copied = Store::open(&StoreSettings {
        url: format!("sqlite:{}", file.display()),
        pool_size: 1,
        ..StoreSettings::default()
    })
    .unwrap();
    let known = copied
        .read(|db| {
            let [ada, later] = ["ada", "later"].map(|name| users::by_username(db, name));
            Ok([ada?, later?].map(|found| found.map(|(user, _)| user.id)))
        })
        .await;
    assert_eq!(known, Ok([Some(ada), None]));
}

#[tokio::test]
async fn a_copy_holds_nothing_of_what_was_deleted() {
    const MARK: &str = "quetzalwortel";
    let store = sqlite();
    let ada = store.account("ada").await.id;
    // Rows of many lengths, so that pages are split and rows move between them.
    for number in 0..120_usize {
        let text = "x".repeat(number * number * 7 % 900);
        if number % 3 == 0 {
            let secret = format!("{MARK} {text}");
            let id = store.evaluation_of(ada, 0, &secret, &secret).await;
            let taken = move |db: &mut Db| trash::evaluation(db, &ada.to_string(), &id.to_string());
            assert_eq!(store.write(taken).await, Ok(true));
        } else {
            store.evaluation_of(ada, 0, &text, "It is long.").await;
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("copy.db");
    copy(&store.url, &file).unwrap();
    let bytes = std::fs::read(&file).unwrap();
    let places = bytes
        .windows(MARK.len())
        .filter(|part| *part == MARK.as_bytes());
    assert_eq!(places.count(), 0);
}

#[test]
fn what_can_not_be_copied_is_said_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("copy.db");
    let postgres = copy("postgres://me:hunter22@db/audits", &file).unwrap_err();
    assert!(postgres.to_string().contains("pg_dump"), "{postgres}");
    assert!(!postgres.to_string().contains("hunter22"), "{postgres}");

    let missing = folder.path().join("none.db");
    let error = copy(&format!("sqlite:{}", missing.display()), &file).unwrap_err();
    assert!(matches!(error, BackupError::File { .. }), "{error}");
    assert!(!missing.exists(), "no empty database is made");

    std::fs::write(&missing, "not a database at all").unwrap();
    let error = copy(&format!("sqlite:{}", missing.display()), &file).unwrap_err();
    assert!(matches!(error, BackupError::Store(_)), "{error}");
    std::fs::remove_file(&missing).unwrap();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}
