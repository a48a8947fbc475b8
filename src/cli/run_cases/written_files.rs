//! The files that a run writes: each can be written, and none is read or named twice.

use std::fs::OpenOptions;
use std::path::{Path, PathBuf};

use super::arguments::Arguments;
use super::input::Input;
use super::unusable::Unusable;

/// Checks, before anything is asked, that the files to write can be written, and that none is read
/// or named twice.
pub(super) fn check_written(arguments: &Arguments, input: &Input) -> Result<(), Unusable> {
    let mut taken: Vec<(PathBuf, &str)> = Vec::new();
    let read = input.paths().chain(arguments.source.clone());
    taken.extend(read.map(|path| (canonical(&path), "an input")));
    let others = [
        (&arguments.baseline, "the baseline"),
        (&arguments.key_file, "the key"),
    ];
    for (path, what) in others {
        taken.extend(path.iter().map(|path| (canonical(path), what)));
    }
    for (flag, path) in [
        ("--out", &arguments.out),
        ("--junit", &arguments.junit),
        ("--sarif", &arguments.sarif),
        ("--summary", &arguments.summary),
    ] {
        let Some(path) = path else {
            continue;
        };
        // A device, such as the terminal, may be written to by several.
        if path.exists() && !path.is_file() && !path.is_dir() {
            continue;
        }
        let name = path.display();
        let own = canonical(path);
        if let Some((_, what)) = taken.iter().find(|(other, _)| *other == own) {
            return Err(Unusable(format!(
                "{flag} {name} would overwrite {what}; name another file"
            )));
        }
        // A link that leads nowhere yet is there too.
        let exists = path.symlink_metadata().is_ok();
        let opened = OpenOptions::new().append(true).create(true).open(path);
        if let Err(error) = opened {
            return Err(Unusable(format!("{flag} {name} can't be written: {error}")));
        }
        if !exists {
            // Nothing is left behind if the run is refused for another reason.
            let removed = std::fs::remove_file(path);
            removed.map_err(|error| Unusable(format!("{flag} {name}: {error}")))?;
        }
        taken.push((own, flag));
    }
    Ok(())
}

/// Returns the path by which two names of one file are the same; the file need not exist.
fn canonical(path: &Path) -> PathBuf {
    if let Ok(whole) = path.canonicalize() {
        return whole;
    }
    let folder = path.parent().filter(|folder| *folder != Path::new(""));
    let folder = folder.unwrap_or(Path::new(".")).canonicalize();
    match (folder, path.file_name()) {
        (Ok(folder), Some(name)) => folder.join(name),
        _ => path.to_owned(),
    }
}

#[cfg(test)]
#[path = "tests/written_files.rs"]
mod tests;
