use super::*;

fn ids() -> (UserId, FamilyId) {
    let user = "01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap();
    let family = "01890a5d-ac96-774b-bcce-b302099a8058".parse().unwrap();
    (user, family)
}

fn config(directory: &std::path::Path) -> Config {
    Config {
        data_dir: directory.to_owned(),
        ..Config::default()
    }
}

#[test]
fn keys_rotate_together_and_a_broken_file_changes_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let mut config = config(directory.path());
    let [one, two] = ["one", "two"].map(|name| directory.path().join(name));
    std::fs::write(&one, "1".repeat(32)).unwrap();
    std::fs::write(&two, "2".repeat(32)).unwrap();
    config.auth.secret_file = Some(one.clone());
    for path in [&one, &two] {
        let private = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        std::fs::set_permissions(path, private).unwrap();
    }
    let ring = Keyring::open(&config).unwrap();
    let (user, family) = ids();
    let old = ring.sign(user, family, Utc::now()).unwrap();

    config.auth.secret_file = Some(two.clone());
    config.auth.previous_secret_file = Some(one.clone());
    ring.reload(&config).unwrap();
    let new = ring.sign(user, family, Utc::now()).unwrap();
    assert!(ring.read(&old).is_ok() && ring.read(&new).is_ok());

    std::fs::write(&two, "short").unwrap();
    let error = ring.reload(&config).unwrap_err();
    assert!(
        error.contains("two") && !error.contains("short\""),
        "{error}"
    );
    assert!(ring.read(&old).is_ok() && ring.read(&new).is_ok());

    std::fs::write(&two, "2".repeat(32)).unwrap();
    config.auth.previous_secret_file = None;
    ring.reload(&config).unwrap();
    assert_eq!(ring.read(&old), Err(BadToken::Invalid));
    assert!(ring.read(&new).is_ok());
}

#[test]
fn the_data_directory_may_hold_a_previous_secret() {
    let directory = tempfile::tempdir().unwrap();
    let config = config(directory.path());
    let ring = Keyring::open(&config).unwrap();
    let (user, family) = ids();
    let old = ring.sign(user, family, Utc::now()).unwrap();
    let [current, previous] =
        ["jwt-secret", "jwt-secret.previous"].map(|name| directory.path().join(name));
    std::fs::rename(&current, &previous).unwrap();
    let named = ring.reload(&config).unwrap();
    assert!(named.contains("previous"), "{named}");
    assert!(ring.read(&old).is_ok());
    std::fs::remove_file(&previous).unwrap();
    ring.reload(&config).unwrap();
    assert_eq!(ring.read(&old), Err(BadToken::Invalid));
}
