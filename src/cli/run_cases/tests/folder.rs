use tempfile::TempDir;

use super::*;

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::with_prefix("auditor-folder-").unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn pattern(folder: &TempDir, pattern: &str) -> String {
    folder.path().join(pattern).display().to_string()
}

#[test]
fn patterns_name_files_of_folders_within_folders_but_none_that_is_hidden() {
    let folder = folder(&[
        ("guides/a.md", "A"),
        ("guides/deep/b.md", "B"),
        ("guides/c.txt", "C"),
        ("guides/.hidden/d.md", "D"),
    ]);
    let names = |patterns: &[String]| -> Vec<String> {
        let found = candidates(patterns).unwrap();
        let name = |path: PathBuf| {
            path.strip_prefix(folder.path())
                .unwrap()
                .display()
                .to_string()
        };
        found.into_iter().map(name).collect()
    };
    assert_eq!(
        names(&[pattern(&folder, "guides/**/*.md")]),
        ["guides/a.md", "guides/deep/b.md"]
    );
    assert_eq!(names(&[pattern(&folder, "guides/*.md")]), ["guides/a.md"]);
    assert_eq!(names(&[pattern(&folder, "guides/a.md")]), ["guides/a.md"]);
    assert_eq!(
        names(&[pattern(&folder, "guides/*.{md,txt}")]),
        ["guides/a.md", "guides/c.txt"]
    );
    let twice = [
        pattern(&folder, "guides/*.md"),
        pattern(&folder, "guides//a.md"),
        pattern(&folder, "guides//*.md"),
    ];
    assert_eq!(names(&twice), ["guides/a.md"]);
    let none = candidates(&[pattern(&folder, "guides/*.rst")]).unwrap_err();
    assert!(none.contains("names no file"), "{none}");
    assert!(candidates(&["a[".to_owned()]).is_err());
}

#[test]
fn passages_are_found_again_in_their_files() {
    let folder = folder(&[
        ("a.md", "One.\nTwo 🜁."),
        ("b.html", "<p>Three is a number.</p>"),
        ("c.txt", "\nFour."),
        ("d.bin", "no text"),
    ]);
    let sources = Sources::read(folder.path()).unwrap();
    let place = |words: &str| {
        let at = sources.text.find(words).unwrap();
        let start = sources.text[..at].encode_utf16().count();
        let end = start + words.encode_utf16().count();
        let (path, region) = sources.place(Span { start, end }).unwrap();
        let name = Path::new(path)
            .file_name()
            .unwrap()
            .to_string_lossy()
            .into_owned();
        (
            name,
            region.map(|region| (region.start_line, region.start_column)),
        )
    };
    assert_eq!(place("Two"), ("a.md".to_owned(), Some((2, 1))));
    assert_eq!(place("Three"), ("b.html".to_owned(), None));
    assert_eq!(place("Four"), ("c.txt".to_owned(), Some((2, 1))));
    assert!(!sources.text.contains("no text"));
}

#[test]
fn what_is_too_long_is_refused_and_a_blank_file_is_an_error_of_its_own() {
    let long = "word ".repeat(MAX_SOURCE_CHARS / 5 + 1);
    let folder = folder(&[("a.txt", &long), ("e.md", " \n")]);
    let wrong = Sources::read(folder.path()).err().unwrap();
    assert!(wrong.contains("more than 200000 characters"), "{wrong}");
    let source: Arc<str> = "S".into();
    let wrong = item(&folder.path().join("a.txt"), &source).unwrap_err();
    assert!(wrong.contains("more than 50000 characters"), "{wrong}");
    let blank = item(&folder.path().join("e.md"), &source).unwrap();
    assert!(blank.error.unwrap().contains("white space"));
    assert!(Sources::read(&folder.path().join("none.txt")).is_err());
}
