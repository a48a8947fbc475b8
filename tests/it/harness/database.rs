//! A database of one's own for each test.

use std::io::Write as _;
use std::process::Command;

use diesel::connection::{Connection, SimpleConnection};
use diesel::{PgConnection, SqliteConnection};
use reqwest::Url;

/// A PostgreSQL database that is dropped with this value.
pub(crate) struct PostgresDatabase {
    admin: Url,
    name: String,
}

impl PostgresDatabase {
    /// Creates one on the server that `AUDITOR_TEST_POSTGRES` names, if it is [`required`].
    pub(crate) fn create() -> Option<Self> {
        let admin = required("AUDITOR_TEST_POSTGRES")?;
        let database = Self {
            admin: Url::parse(&admin).expect("AUDITOR_TEST_POSTGRES is a URL"),
            name: format!("it_{}", uuid::Uuid::now_v7().simple()),
        };
        database.psql(&format!(
            "create database {} template template0 encoding 'UTF8'",
            database.name
        ));
        Some(database)
    }

    /// The URL that the server is given.
    pub(crate) fn url(&self) -> String {
        let mut url = self.admin.clone();
        url.set_path(&self.name);
        url.into()
    }

    fn psql(&self, statement: &str) {
        let output = Command::new("psql")
            .args(["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1"])
            .args(["--dbname", self.admin.as_str(), "--command", statement])
            .output()
            .expect("psql can be started");
        let complaint = String::from_utf8_lossy(&output.stderr);
        // Dropping happens during unwinding too, where a second panic would abort.
        assert!(
            output.status.success() || std::thread::panicking(),
            "{statement}: {complaint}"
        );
    }
}

impl Drop for PostgresDatabase {
    fn drop(&mut self) {
        self.psql(&format!(
            "drop database if exists {} with (force)",
            self.name
        ));
    }
}

/// Changes in a database what the program itself never would.
pub(crate) fn change(url: &str, statements: &str) {
    let changed = match url.strip_prefix("sqlite:") {
        // The server may be writing.
        Some(path) => SqliteConnection::establish(path)
            .unwrap()
            .batch_execute(&format!("PRAGMA busy_timeout = 10000; {statements}")),
        None => PgConnection::establish(url)
            .unwrap()
            .batch_execute(statements),
    };
    changed.unwrap();
}

/// What a variable says of this machine; where it is not set, a test that needs it is skipped and says
/// so. With `AUDITOR_TEST_REQUIRE=1` it fails instead.
pub(crate) fn required(name: &str) -> Option<String> {
    let found = setting(name);
    if found.is_none() {
        skip(&format!("{name} is not set"));
    }
    found
}

/// Says that the test at work is skipped, and why. What `println!` prints is shown of tests that fail only; this
/// is written past that. Fails the test where nothing may be skipped.
pub(crate) fn skip(why: &str) {
    assert!(
        setting("AUDITOR_TEST_REQUIRE").as_deref() != Some("1"),
        "{why}, and AUDITOR_TEST_REQUIRE=1 asks for it"
    );
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("a test");
    // One write, so that tests that run side by side keep their lines apart.
    let line = format!("{test}: skipped: {why}\n");
    std::io::stderr().write_all(line.as_bytes()).unwrap();
}

#[expect(
    clippy::disallowed_methods,
    reason = "tests have no Config; these name what the machine has and repeat a seed"
)]
pub(crate) fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
