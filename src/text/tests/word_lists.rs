//! What every file of words keeps to, and which lists must have no word in common.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use toml::{Table, Value};
use unicode_normalization::is_nfc;

use super::*;

const FOLDERS: [&str; 5] = [
    "src/text/words",
    "src/text/numbers/words",
    "src/text/injection/words",
    "src/evidence/words",
    "src/documents/pdf/words",
];

/// Every file by its name.
fn files() -> BTreeMap<String, Table> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = BTreeMap::new();
    for folder in FOLDERS {
        for entry in fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let text = fs::read_to_string(&path).unwrap();
            let table = text
                .parse()
                .unwrap_or_else(|error| panic!("{name}: {error}"));
            assert!(
                files.insert(name.clone(), table).is_none(),
                "two files {name}"
            );
        }
    }
    files
}

/// The list at a path such as "quantifiers.all"; the languages of one are put together.
fn words(files: &BTreeMap<String, Table>, file: &str, path: &str) -> Vec<String> {
    let mut value = Value::Table(files[file].clone());
    for key in path.split('.') {
        value = value[key].clone();
    }
    match value {
        Value::String(words) => words.split_whitespace().map(str::to_owned).collect(),
        Value::Table(groups) => groups
            .values()
            .flat_map(|words| words.as_str().unwrap().split_whitespace())
            .map(str::to_owned)
            .collect(),
        Value::Array(phrases) => phrases
            .iter()
            .map(|phrase| phrase.as_str().unwrap().to_owned())
            .collect(),
        other => panic!("{file}, {path}: no list but {other}"),
    }
}

/// Tells what is wrong with a list, and with those in it.
fn look(place: &str, value: &Value, wrong: &mut Vec<String>) {
    let spelled = |word: &str, wrong: &mut Vec<String>| {
        if word != word.to_lowercase() {
            wrong.push(format!("{place}: {word:?} has a capital"));
        }
        if !is_nfc(word) {
            wrong.push(format!("{place}: {word:?} is not composed (NFC)"));
        }
        if word.contains('’') {
            wrong.push(format!("{place}: {word:?} has no straight apostrophe"));
        }
    };
    match value {
        Value::String(words) => {
            let words: Vec<&str> = words.split_whitespace().collect();
            if words.is_empty() {
                wrong.push(format!("{place} is empty"));
            }
            for pair in words.windows(2).filter(|pair| pair[0] >= pair[1]) {
                wrong.push(format!(
                    "{place}: {:?} stands before {:?}",
                    pair[0], pair[1]
                ));
            }
            for word in words {
                spelled(word, wrong);
            }
        }
        Value::Array(phrases) => {
            if phrases.is_empty() {
                wrong.push(format!("{place} is empty"));
            }
            let mut seen = HashSet::new();
            for phrase in phrases {
                match phrase {
                    Value::String(phrase) => {
                        if phrase.trim().is_empty() || !seen.insert(phrase) {
                            wrong.push(format!("{place}: {phrase:?} is empty or stands twice"));
                        }
                        spelled(phrase, wrong);
                    }
                    within => look(place, within, wrong),
                }
            }
        }
        Value::Table(lists) => {
            if lists.is_empty() {
                wrong.push(format!("{place} is empty"));
            }
            for (name, list) in lists {
                look(&format!("{place}, {name}"), list, wrong);
            }
        }
        // The value of a line of words; zero is that of UTC.
        Value::Integer(_) => {}
        Value::Float(size) if size.is_finite() => {}
        other => wrong.push(format!("{place}: no list but {other}")),
    }
}

#[test]
fn lists_are_sorted_spelled_alike_and_without_doubles() {
    let mut wrong = Vec::new();
    for (name, table) in files() {
        look(&name, &Value::Table(table), &mut wrong);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A file that no code reads would be proofread in vain.
#[test]
fn every_file_is_a_part_of_the_program() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let code: String = FOLDERS
        .iter()
        .flat_map(|folder| fs::read_dir(root.join(folder).parent().unwrap()).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .map(|path| fs::read_to_string(path).unwrap())
        .collect();
    for name in files().keys() {
        // From the folder itself or from the one above: "numbers/words/numerals.toml".
        let included = format!("words/{name}\")");
        assert!(code.contains(&included), "nothing includes {name}");
    }
}

/// A word in two of these lists would say two things at once.
#[test]
fn lists_that_contradict_have_no_word_in_common() {
    let files = files();
    let mut wrong = Vec::new();
    let mut apart = |file: &str, paths: &[&str]| {
        let mut places: HashMap<String, &str> = HashMap::new();
        for path in paths {
            let mut own: Vec<String> = words(&files, file, path);
            own.sort();
            own.dedup();
            for word in own {
                if let Some(other) = places.insert(word.clone(), path) {
                    wrong.push(format!("{file}: {word:?} stands in {other} and {path}"));
                }
            }
        }
    };
    apart(
        "function_words.toml",
        &[
            "quantifiers.all",
            "quantifiers.most",
            "quantifiers.some",
            "quantifiers.few",
            "quantifiers.none",
        ],
    );
    apart("abbreviations.toml", &["titles", "maybe"]);
    let languages = files["function_words.toml"]["negators"].as_table().unwrap();
    for language in languages.keys() {
        let hedges = files["function_words.toml"]["hedges"].as_table().unwrap();
        let negators = format!("negators.{language}");
        let of_all = ["quantifiers.all", "quantifiers.most", "quantifiers.some"];
        let mut paths = vec![negators.as_str()];
        let hedges_path = format!("hedges.{language}");
        if hedges.contains_key(language) {
            paths.push(&hedges_path);
        }
        paths.extend(of_all);
        apart("function_words.toml", &paths);
    }
    for language in files["fields.toml"]["place"].as_table().unwrap().keys() {
        let paths: Vec<String> = ["any", "place", "beginning", "leader"]
            .into_iter()
            .filter(|list| {
                files["fields.toml"][*list]
                    .as_table()
                    .unwrap()
                    .contains_key(language)
            })
            .map(|list| format!("{list}.{language}"))
            .collect();
        apart(
            "fields.toml",
            &paths.iter().map(String::as_str).collect::<Vec<_>>(),
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The ends of an axis, the members of a set, the months: a word stands in one of them.
#[test]
fn sides_of_one_line_have_no_word_in_common() {
    let files = files();
    let mut wrong = Vec::new();
    let mut once = |place: String, names: Vec<String>| {
        let mut seen = HashSet::new();
        for name in names {
            if !seen.insert(name.clone()) {
                wrong.push(format!("{place}: {name:?} stands twice"));
            }
        }
    };
    let parts = |line: &str, marks: &[char]| -> Vec<String> {
        line.split(marks)
            .filter(|part| !part.is_empty())
            .map(str::to_owned)
            .collect()
    };
    for line in words(&files, "opposites.toml", "axes") {
        assert_eq!(
            line.matches(" / ").count(),
            1,
            "{line}: an axis has two ends"
        );
        once(line.clone(), parts(&line, &[' ', '/']));
    }
    for line in words(&files, "contrasts.toml", "sets") {
        once(line.clone(), parts(&line, &[' ', '=']));
    }
    for line in words(&files, "synonyms.toml", "concepts") {
        once(line.clone(), parts(&line, &[' ']));
    }
    let months = words(&files, "calendar.toml", "months");
    assert_eq!(months.len(), 12);
    once("the months".to_owned(), parts(&months.join(" "), &[' ']));
    assert_eq!(words(&files, "calendar.toml", "week_days").len(), 7);
    let lines = |file: &str, lists: &[&str], key: &str| -> Vec<String> {
        let lines = lists
            .iter()
            .flat_map(|list| files[file][*list].as_array().unwrap());
        let texts = lines.map(|line| line[key].as_str().unwrap());
        let words = texts.flat_map(|text| text.split_whitespace().map(str::to_owned));
        words.collect()
    };
    for (file, lists, key) in [
        (
            "measures.toml",
            &["metric", "calendar", "customary"][..],
            "names",
        ),
        ("numerals.toml", &["magnitudes"], "words"),
        ("fractions.toml", &["divisors"], "words"),
        ("periods.toml", &["adverbs"], "words"),
        ("periods.toml", &["units"], "words"),
        ("periods.toml", &["times"], "words"),
        ("clock.toml", &["zones"], "words"),
    ] {
        once(format!("{file}, {lists:?}"), lines(file, lists, key));
    }
    for table in ["signs", "before_dollar_sign", "names"] {
        let names = words(&files, "currencies.toml", table);
        once(format!("currencies.toml, {table}"), names);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A name that no list knows could be the same as no other.
#[test]
fn currencies_are_codes_or_shared_names() {
    let files = files();
    let lists = &files["currencies.toml"];
    let codes = words(&files, "currencies.toml", "codes");
    let shared = lists["shared"].as_table().unwrap();
    // No state's, so that it has no code of ISO 4217.
    let known = |name: &String| name == "btc" || codes.contains(name) || shared.contains_key(name);
    for table in [
        "signs",
        "before_dollar_sign",
        "other_codes",
        "abbreviations",
        "names",
    ] {
        for name in lists[table].as_table().unwrap().keys() {
            assert!(known(name), "{table}: {name:?}");
        }
    }
    for (name, currencies) in shared {
        for code in currencies.as_table().unwrap().keys() {
            assert!(codes.contains(code), "shared, {name}: {code:?}");
        }
    }
}

/// What is true of some beginnings is true of beginnings that there are.
#[test]
fn special_courtesies_are_courtesies() {
    let files = files();
    let beginnings = words(&files, "courtesies.toml", "beginnings");
    for list in ["loose", "conditions"] {
        for beginning in words(&files, "courtesies.toml", list) {
            assert!(beginnings.contains(&beginning), "{list}: {beginning:?}");
        }
    }
}

#[test]
fn a_mistake_in_a_file_is_told_with_its_name() {
    let read_twice =
        || read::<BTreeMap<String, WordSet>>("some.toml", "words = \"a\"\nwords = \"b\"");
    let panicked = std::panic::catch_unwind(read_twice).unwrap_err();
    let told = panicked.downcast_ref::<String>().unwrap();
    assert!(told.starts_with("some.toml: "), "{told}");
}
