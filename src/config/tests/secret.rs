use super::*;
use secrecy::ExposeSecret;

#[test]
fn the_secret_is_made_once_and_kept() {
    let dir = tempfile::tempdir().unwrap();
    let inside = dir.path().join("a").join("b");
    let first = jwt_secret(&inside).unwrap();
    let again = jwt_secret(&inside).unwrap();
    assert_eq!(first.expose_secret(), again.expose_secret());
    assert_eq!(
        URL_SAFE_NO_PAD.decode(first.expose_secret()).unwrap().len(),
        32
    );
    let names: Vec<_> = fs::read_dir(&inside)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(names, [FILE_NAME], "nothing else is left behind");

    let other = tempfile::tempdir().unwrap();
    let second = jwt_secret(other.path()).unwrap();
    assert_ne!(first.expose_secret(), second.expose_secret());
}

#[test]
fn starts_at_once_agree_on_one_secret() {
    let dir = tempfile::tempdir().unwrap();
    let secrets: Vec<String> = std::thread::scope(|scope| {
        let starts: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| jwt_secret(dir.path()).unwrap().expose_secret().to_owned()))
            .collect();
        starts
            .into_iter()
            .map(|start| start.join().unwrap())
            .collect()
    });
    assert!(secrets.iter().all(|secret| *secret == secrets[0]));
}

#[cfg(unix)]
#[test]
fn a_secret_that_others_can_read_is_refused() {
    use std::os::unix::fs::PermissionsExt;

    let dir = tempfile::tempdir().unwrap();
    jwt_secret(dir.path()).unwrap();
    let path = dir.path().join(FILE_NAME);
    assert_eq!(
        fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o600
    );
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    let error = jwt_secret(dir.path()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PermissionDenied);
    assert!(error.to_string().contains("mode 0640"), "{error}");
}

#[cfg(unix)]
#[test]
fn a_key_that_everybody_can_read_is_refused_and_a_public_one_may_be_read() {
    use std::os::unix::fs::PermissionsExt;

    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("key");
    let private = "-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----\n";
    let public = private.replace("PRIVATE", "PUBLIC");
    for (text, mode, taken) in [
        (private, 0o600, true),
        // A service manager's credential.
        (private, 0o440, true),
        (private, 0o644, false),
        (private, 0o602, false),
        (&*public, 0o644, true),
        (&*public, 0o666, false),
    ] {
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let read = pem_file(&path);
        assert_eq!(read.is_ok(), taken, "{mode:o} {text}");
        if let Err(error) = read {
            assert!(
                error.to_string().contains(&format!("mode {mode:04o}")),
                "{error}"
            );
        }
        if text == private {
            assert_eq!(private_key_file(&path).is_ok(), taken, "{mode:o}");
        }
    }
    fs::write(&path, "nothing like it").unwrap();
    let error = pem_file(&path).unwrap_err().to_string();
    assert!(error.contains("no key in PEM form"), "{error}");
}

#[test]
fn a_short_secret_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let mut short = NamedTempFile::new_in(dir.path()).unwrap();
    short.write_all(b"short").unwrap();
    short.persist(dir.path().join(FILE_NAME)).unwrap();
    let error = jwt_secret(dir.path()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidData);
    assert!(!error.to_string().contains("short\""), "{error}");
}

#[test]
fn passwords_are_masked() {
    for (url, expected) in [
        ("", ""),
        ("sqlite:/var/lib/a.db", "sqlite:/var/lib/a.db"),
        ("postgres://host/db", "postgres://host/db"),
        ("postgres://me@host/db", "postgres://me@host/db"),
        (
            "postgres://me:pw@host:5432/db",
            "postgres://me:***@host:5432/db",
        ),
        ("postgres://me:p@w/x?y@host/db", "postgres://me:***@host/db"),
        (
            "postgres://host/db?sslmode=require&password=pw",
            "postgres://host/db?sslmode=require&password=***",
        ),
        (
            "postgres://h/d?sslpassword=x&a=b",
            "postgres://h/d?sslpassword=***&a=b",
        ),
    ] {
        assert_eq!(mask_url(url), expected);
    }
}
