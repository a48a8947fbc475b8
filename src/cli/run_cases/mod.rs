//! The command `run`: audits many outputs, from files of cases or from a folder, and applies a
//! gate.
//!
//! Files are read twice, items are audited concurrently, and only a few numbers of each item stay
//! in memory. Exit codes: 0 done, and the gate holds; 1 an item could not be judged; 2 bad usage or
//! input; 3 the gate does not hold.

mod baseline;
mod case_file;
mod engine;
mod folder;
mod forms;
mod gate;
mod item;
mod junit;
mod lines;
mod record;
mod sarif;
mod summary;
mod unusable;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use clap::Args;
use futures_util::{StreamExt as _, stream};
use secrecy::SecretString;

use super::benchmark;
use super::client::Remote;
use super::complaint::{USAGE, complain};
use super::judge_names::judges_fault;
use super::progress::Progress;
use crate::app;
use crate::audit::panel::{Panel, Question};
use crate::config::Config;
use crate::domain::panel::StampedJudge;
use crate::protocol::rest::{MAX_CANDIDATE_CHARS, MAX_SOURCE_CHARS};

use baseline::{Compared, Kept, Ruler};
use engine::{Asked, Engine};
use folder::Sources;
use forms::Columns;
use gate::{Gate, Tally};
use item::{Item, number};
use junit::Junit;
use record::{Out, Outcome, Record};
use sarif::Sarif;
use summary::{Summary, Worst};
use unusable::Unusable;

/// Exit code if the gate does not hold.
const GATE: u8 = 3;
/// Environment variable with the API key of a server, unless `--key-file` is given.
const KEY_VARIABLE: &str = "JUDGE_AUDITOR_KEY";
/// Maximum length of a question, in characters.
const MAX_QUESTION_CHARS: usize = 10_000;
/// Maximum number of faults in the input that one message lists.
const FAULTS: usize = 20;

/// What to audit.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 done, and the gate holds; 1 an item could not be judged (run again with the \
    same --out to try only those); 2 bad usage or input; 3 the gate does not hold."
)]
pub(super) struct Arguments {
    /// Cases: JSON lines, CSV (ends in .csv or .tsv), or one JSON list (ends in .json). The files of promptfoo,
    /// RAGAS, DeepEval and OpenAI Evals are known by the names of their fields.
    #[arg(value_name = "FILE", conflicts_with_all = ["source", "candidates"])]
    files: Vec<PathBuf>,
    /// In place of files of cases: what the outputs have to hold to, a file or a folder of text, Markdown, HTML and
    /// PDF files.
    #[arg(long, value_name = "PATH", requires = "candidates")]
    source: Option<PathBuf>,
    /// With --source: outputs, a file each, such as 'docs/**/*.md'; may be given more than once.
    #[arg(long = "candidate", value_name = "PATTERN", requires = "source")]
    candidates: Vec<String>,
    /// The field that holds the source, such as `context` or `meta.source`.
    #[arg(long, value_name = "NAME")]
    source_field: Option<String>,
    /// The field that holds the output.
    #[arg(long, value_name = "NAME")]
    candidate_field: Option<String>,
    /// The field that holds the question.
    #[arg(long, value_name = "NAME")]
    question_field: Option<String>,
    /// The field that names a case. Without one it is the file's name and the line.
    #[arg(long, value_name = "NAME")]
    id_field: Option<String>,
    /// The field that says which document a case is from: cases of one document err together. Without one, cases of
    /// one source are one document.
    #[arg(long, value_name = "NAME")]
    doc_field: Option<String>,
    /// What parts the cells of a CSV, one ASCII character. Without it, what parts the first row into most cells.
    #[arg(long, value_name = "SIGN", value_parser = separator)]
    delimiter: Option<u8>,
    /// A judge to ask; may be given more than once. Default: the configured ones, or the server's.
    #[arg(long = "judge", value_name = "NAME")]
    judges: Vec<String>,
    /// Below this chance that the source supports all of it an output is flagged, 0 to 1.
    #[arg(long, value_name = "CHANCE", value_parser = share)]
    threshold: Option<f64>,
    /// Ask this server in place of judges in this process, with the API key in JUDGE_AUDITOR_KEY or --key-file.
    #[arg(long, value_name = "URL")]
    server: Option<String>,
    /// A file with the API key for --server.
    #[arg(long, value_name = "FILE", requires = "server")]
    key_file: Option<PathBuf>,
    /// Ask judges that cost money, after the estimate.
    #[arg(long)]
    yes: bool,
    /// Print the run's figures as JSON, and nothing else.
    #[arg(long)]
    json: bool,
    /// Write each result to FILE as it comes, one JSON object a line. What is in it already is not audited again.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Write a JUnit report: a case an output.
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Write a SARIF report: each claim that is refuted or not supported, at its place.
    #[arg(long, value_name = "FILE")]
    sarif: Option<PathBuf>,
    /// Write a summary in Markdown, such as for a comment on a pull request.
    #[arg(long, value_name = "FILE")]
    summary: Option<PathBuf>,
    /// Compare with the --out of an earlier run, by the cases' ids.
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Where the baseline was judged by another panel: judge its stored texts again by this one.
    #[arg(long, requires = "baseline")]
    bridge: bool,
    /// The gate: it has to be shown (p at most 0.05) that the share of outputs that are not flagged is not lower than
    /// the baseline's by N percentage points or more.
    #[arg(long, value_name = "N", value_parser = points, requires = "baseline")]
    no_worse_by: Option<f64>,
    /// The gate: this share of the outputs, 0 to 1, has not to be flagged.
    #[arg(long, value_name = "SHARE", value_parser = share)]
    min_faithful: Option<f64>,
}

fn share(text: &str) -> Result<f64, String> {
    let value: f64 = text
        .parse()
        .map_err(|_| "a number from 0 to 1".to_owned())?;
    if (0.0..=1.0).contains(&value) {
        Ok(value)
    } else {
        Err("a number from 0 to 1".to_owned())
    }
}

fn points(text: &str) -> Result<f64, String> {
    let value: f64 = text
        .parse()
        .map_err(|_| "a number above 0, up to 100".to_owned())?;
    if value == 0.0 {
        return Err(
            "a number above 0, up to 100: no number of items can show a change of less than nothing"
                .to_owned(),
        );
    }
    if (0.0..=100.0).contains(&value) {
        Ok(value)
    } else {
        Err("a number above 0, up to 100".to_owned())
    }
}

fn separator(text: &str) -> Result<u8, String> {
    match text.as_bytes() {
        b"\\t" => Ok(b'\t'),
        [one] if one.is_ascii() && !matches!(one, b'"' | b'\r' | b'\n') => Ok(*one),
        _ => Err("one ASCII character, or \\t".to_owned()),
    }
}

/// Runs the audit, writes the reports, compares with the baseline, and returns the exit code.
pub(super) async fn run_gate(
    arguments: Arguments,
    config: &Config,
    env: &BTreeMap<String, String>,
) -> Result<ExitCode> {
    match judged(&arguments, config, env).await {
        Ok(code) => Ok(code),
        Err(error) => {
            let Unusable(why) = error.downcast::<Unusable>()?;
            complain(&format!("judge-auditor: {why}"));
            Ok(ExitCode::from(USAGE))
        }
    }
}

async fn judged(
    arguments: &Arguments,
    config: &Config,
    env: &BTreeMap<String, String>,
) -> Result<ExitCode> {
    let input = Input::of(arguments)?;
    check_written(arguments, &input)?;
    let engine = engine_of(arguments, config, env)?;
    let judges = match (&engine, arguments.judges.is_empty()) {
        (Engine::Here(_), true) => config.runs.default_judges.clone(),
        _ => arguments.judges.clone(),
    };
    let asked = Asked {
        judges,
        threshold: arguments.threshold,
    };
    let configured = engine.configured(&asked).await?;
    // All of the input is validated before any judge is asked, so that a mistake in its last line
    // costs nothing.
    let ids = input.check()?;
    let items = ids.len();
    let before = match &arguments.baseline {
        None => None,
        Some(path) => {
            let before = baseline::read(path);
            let (kept, ruler) = before.map_err(|why| Unusable(format!("--baseline: {why}")))?;
            Some((path, kept, ruler))
        }
    };
    // What is known of the panel is compared before anything is asked.
    let mut again = None;
    if let Some((path, _, ruler)) = &before {
        let differences = engine.differences(ruler, &asked, &configured);
        if !differences.is_empty() {
            if !arguments.bridge {
                return Err(other_ruler(&differences).into());
            }
            again = Some(path.as_path());
        }
    }
    if let (Engine::Here(guard), false) = (&engine, arguments.yes)
        && guard.asks_others(&asked.judges)
    {
        let panel = app::panel(config, &asked.judges)?;
        complain(&estimate(&panel, &input, &ids, again).await?);
        let why = "nothing was asked; say --yes to go on";
        return Err(Unusable(why.to_owned()).into());
    }
    let mut run = Run::new(arguments, &input);
    if let Some(path) = &arguments.out
        && path.exists()
    {
        run.take_up(path, &engine, &asked, &configured)?;
    }
    let mut out = match &arguments.out {
        None => None,
        Some(path) => Some(Out::open(path).map_err(Unusable)?),
    };
    run.audit(&engine, &asked, items, &mut out).await?;
    let threshold = run.threshold();
    let mut compared = None;
    let mut bridged = false;
    if let Some((path, mut kept, ruler)) = before {
        // Which models answered is only known now.
        let differences = ruler.differences(&run.ruler);
        let differs = !differences.is_empty() && run.ruler != Ruler::default();
        if differs && !arguments.bridge {
            return Err(other_ruler(&differences).into());
        }
        bridged = differs || again.is_some();
        if bridged {
            judged_again(path, &ids, &engine, &asked, &mut kept).await?;
        }
        compared = baseline::compared(&kept, &run.kept, threshold);
    }
    run.finish(arguments, compared.as_ref(), bridged)
}

fn other_ruler(differences: &[String]) -> Unusable {
    Unusable(format!(
        "--baseline was measured with another ruler; say --bridge to judge its stored texts again by this panel:\n  {}",
        differences.join("\n  ")
    ))
}

/// Checks, before anything is asked, that the files to write can be written, and that none is read
/// or named twice.
fn check_written(arguments: &Arguments, input: &Input) -> Result<(), Unusable> {
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

/// Creates the engine: judges in this process, or a server.
fn engine_of(
    arguments: &Arguments,
    config: &Config,
    env: &BTreeMap<String, String>,
) -> Result<Engine> {
    let Some(url) = &arguments.server else {
        if let Some(wrong) = judges_fault(config, &arguments.judges) {
            return Err(Unusable(wrong).into());
        }
        return Ok(Engine::Here(Box::new(app::guard(config)?)));
    };
    let key = match &arguments.key_file {
        Some(path) => match std::fs::read_to_string(path) {
            Ok(key) => Some(key),
            Err(error) => {
                let why = format!("--key-file {} can't be read: {error}", path.display());
                return Err(Unusable(why).into());
            }
        },
        None => env.get(KEY_VARIABLE).cloned(),
    };
    let key = key
        .map(|key| key.trim().to_owned())
        .filter(|key| !key.is_empty());
    let Some(key) = key else {
        let why = format!(
            "--server needs an API key with the scope audit: set {KEY_VARIABLE}, or name a file with --key-file"
        );
        return Err(Unusable(why).into());
    };
    let server = Remote::new(url, SecretString::from(key));
    let server = server.map_err(|error| Unusable(format!("{error:#}")))?;
    Ok(Engine::There(server))
}

/// The source of the items.
enum Input {
    Files {
        files: Vec<PathBuf>,
        columns: Columns,
        separator: Option<u8>,
    },
    Folder {
        sources: Sources,
        candidates: Vec<PathBuf>,
    },
}

impl Input {
    fn of(arguments: &Arguments) -> Result<Self, Unusable> {
        if let Some(source) = &arguments.source {
            return Ok(Self::Folder {
                candidates: folder::candidates(&arguments.candidates)?,
                sources: Sources::read(source)?,
            });
        }
        if arguments.files.is_empty() {
            let why = "name files of cases, or --source and --candidate";
            return Err(Unusable(why.to_owned()));
        }
        for path in &arguments.files {
            // Standard input and pipes are empty the second time.
            let is_stream = path.exists() && !path.is_file() && !path.is_dir();
            if path == Path::new("-") || is_stream {
                return Err(Unusable(format!(
                    "{}: files are read twice, which standard input and pipes can't be; write the cases to a file",
                    path.display()
                )));
            }
        }
        Ok(Self::Files {
            files: arguments.files.clone(),
            columns: Columns {
                source: arguments.source_field.clone(),
                candidate: arguments.candidate_field.clone(),
                question: arguments.question_field.clone(),
                id: arguments.id_field.clone(),
                document: arguments.doc_field.clone(),
            },
            separator: arguments.delimiter,
        })
    }

    const fn sources(&self) -> Option<&Sources> {
        match self {
            Self::Files { .. } => None,
            Self::Folder { sources, .. } => Some(sources),
        }
    }

    /// Returns the files that are read.
    fn paths(&self) -> Box<dyn Iterator<Item = PathBuf> + '_> {
        match self {
            Self::Files { files, .. } => Box::new(files.iter().cloned()),
            Self::Folder {
                sources,
                candidates,
            } => Box::new(
                candidates
                    .iter()
                    .cloned()
                    .chain(sources.paths().map(PathBuf::from)),
            ),
        }
    }

    /// Iterates over the items in the order of the input.
    fn items(&self) -> Box<dyn Iterator<Item = Result<Item, String>> + '_> {
        match self {
            Self::Files {
                files,
                columns,
                separator,
            } => Box::new(files.iter().flat_map(move |path| {
                let items: Box<dyn Iterator<Item = _>> =
                    match case_file::items(path, columns, *separator) {
                        Ok(items) => Box::new(items),
                        Err(why) => Box::new(std::iter::once(Err(why))),
                    };
                items
            })),
            Self::Folder {
                sources,
                candidates,
            } => Box::new(
                candidates
                    .iter()
                    .map(|path| folder::item(path, &sources.text)),
            ),
        }
    }

    /// Validates all of the input, reports encodings and formats, and returns the hashes of
    /// the items' ids.
    fn check(&self) -> Result<HashSet<u64>, Unusable> {
        let mut ids = HashSet::new();
        let mut faults = Vec::new();
        let mut see = |item: Result<Item, String>| {
            let fault = match item {
                Err(why) => Some(why),
                Ok(item) => fault(&item).or_else(|| {
                    let again = !ids.insert(number(&item.id));
                    again.then(|| {
                        format!(
                            "{}: there is another case of the id {:?}",
                            whereabouts(&item),
                            item.id
                        )
                    })
                }),
            };
            faults.extend(fault);
            faults.len() < FAULTS
        };
        match self {
            Self::Folder { .. } => {
                let _ = self.items().all(&mut see);
            }
            Self::Files {
                files,
                columns,
                separator,
            } => {
                for path in files {
                    let mut items = match case_file::items(path, columns, *separator) {
                        Ok(items) => items,
                        Err(why) => {
                            see(Err(why));
                            continue;
                        }
                    };
                    let go_on = items.by_ref().all(&mut see);
                    say_how(path, &items);
                    if !go_on {
                        break;
                    }
                }
            }
        }
        if !faults.is_empty() {
            return Err(Unusable(faults.join("\njudge-auditor: ")));
        }
        if ids.is_empty() {
            return Err(Unusable("there is no case in the input".to_owned()));
        }
        Ok(ids)
    }
}

fn say_how(path: &Path, items: &case_file::Items) {
    let name = path.display();
    if let Some(encoding) = items.written.encoding {
        complain(&format!(
            "judge-auditor: {name} is not UTF-8; it was read as {encoding}"
        ));
    }
    if items.written.broken {
        complain(&format!(
            "judge-auditor: {name} is marked as UTF-8 and holds bytes that are not; U+FFFD stands for each"
        ));
    }
    if let Some(form) = items.form.filter(|form| *form != forms::FORMS[0].name) {
        complain(&format!(
            "judge-auditor: {name} was read as {form} writes it"
        ));
    }
    if let Some(separator) = items
        .written
        .separator
        .filter(|separator| *separator != ',')
    {
        complain(&format!(
            "judge-auditor: {name}: cells are parted by {separator:?}"
        ));
    }
}

fn whereabouts(item: &Item) -> String {
    match (item.place.line, item.place.item) {
        (Some(line), _) => format!("{}, line {line}", item.place.file),
        (None, Some(at)) => format!("{}, item {at}", item.place.file),
        (None, None) => item.place.file.clone(),
    }
}

/// Returns the reason why an item exceeds the limits of an audit, if it does.
fn fault(item: &Item) -> Option<String> {
    let question = item.question.as_deref().unwrap_or_default();
    let texts = [
        ("the source", &*item.source, MAX_SOURCE_CHARS),
        ("the output", &*item.candidate, MAX_CANDIDATE_CHARS),
        ("the question", question, MAX_QUESTION_CHARS),
    ];
    let long = texts
        .iter()
        .find(|(_, text, most)| text.chars().nth(*most).is_some());
    long.map(|(what, _, most)| {
        format!(
            "{}: {what} has more than {most} characters",
            whereabouts(item)
        )
    })
}

/// Estimates the cost of the judges that are paid for, as text, including the baseline at `again`
/// whose texts would be judged again.
async fn estimate(
    panel: &Panel,
    input: &Input,
    ids: &HashSet<u64>,
    again: Option<&Path>,
) -> Result<String> {
    let stored = |path| baseline::stored(path, ids).map_err(anyhow::Error::msg);
    let more = match again {
        None => 0,
        Some(path) => stored(path)?.count(),
    };
    let mut sum = benchmark::Sum::default();
    let items = ids.len() + more;
    let mut progress = Progress::new("estimate", items);
    let stored = again.map(stored).transpose()?;
    for item in input.items().chain(stored.into_iter().flatten()) {
        let item = item.map_err(anyhow::Error::msg)?;
        if item.error.is_some() {
            progress.step();
            continue;
        }
        let texts = Question {
            source: item.source.to_string(),
            candidate: item.candidate,
            question: item.question,
        };
        sum.add(panel.estimate(texts).await?);
        progress.step();
    }
    drop(progress);
    Ok(sum.said("items", items))
}

/// The state of a run in progress.
struct Run<'a> {
    input: &'a Input,
    tally: Tally,
    kept: HashMap<u64, Kept>,
    /// Hashes of the ids of items that an earlier process with the same `--out` has done.
    done: HashSet<u64>,
    ruler: Ruler,
    worst: Worst,
    junit: Option<Junit>,
    sarif: Option<Sarif>,
    thresholds: Vec<f64>,
}

impl<'a> Run<'a> {
    fn new(arguments: &Arguments, input: &'a Input) -> Self {
        Self {
            input,
            tally: Tally::default(),
            kept: HashMap::new(),
            done: HashSet::new(),
            ruler: Ruler::default(),
            worst: Worst::default(),
            junit: arguments.junit.is_some().then(Junit::new),
            sarif: arguments.sarif.is_some().then(Sarif::new),
            thresholds: Vec::new(),
        }
    }

    /// Returns the threshold for the comparison: the first result's.
    fn threshold(&self) -> f64 {
        self.thresholds.first().copied().unwrap_or_default()
    }

    /// Resumes an earlier process: takes over its results of the same texts by the same judges.
    fn take_up(
        &mut self,
        path: &Path,
        engine: &Engine,
        asked: &Asked,
        configured: &[StampedJudge],
    ) -> Result<(), Unusable> {
        // The last result of an item replaces earlier ones.
        let mut found: HashMap<u64, (u64, bool)> = HashMap::new();
        let mut others = 0;
        for record in record::records(path)? {
            let record = record?;
            let is_same = record
                .panel
                .as_ref()
                .is_some_and(|stamp| engine.goes_on(stamp, asked, configured));
            let counts = is_same && record.outcome != Outcome::Errored;
            others += usize::from(!is_same && record.panel.is_some());
            found.insert(number(&record.id), (number(&record.digest), counts));
        }
        let mut wanted: HashMap<u64, usize> = HashMap::new();
        for (at, item) in self.input.items().enumerate() {
            let item = item?;
            let id = number(&item.id);
            if found.get(&id) == Some(&(number(&item.digest()), true)) {
                wanted.insert(id, at);
            }
        }
        let mut last: HashMap<u64, usize> = HashMap::new();
        for (line, record) in record::records(path)?.enumerate() {
            last.insert(number(&record?.id), line);
        }
        for (line, record) in record::records(path)?.enumerate() {
            let record = record?;
            let id = number(&record.id);
            if let (Some(at), Some(true)) =
                (wanted.get(&id), last.get(&id).map(|last| *last == line))
            {
                // The threshold may have changed since.
                let record = rejudged(record, asked.threshold);
                self.done.insert(id);
                self.take(*at, &record);
            }
        }
        if others > 0 {
            complain(&format!(
                "judge-auditor: {others} results of {} are by another panel, and are not used",
                path.display()
            ));
        }
        Ok(())
    }

    fn take(&mut self, at: usize, record: &Record) {
        self.tally.add(record.outcome);
        self.kept.insert(number(&record.id), Kept::of(record));
        if let (Some(stamp), true) = (&record.panel, record.outcome != Outcome::Errored) {
            self.ruler.add(stamp);
            if self.thresholds.is_empty() {
                self.thresholds.push(record.threshold);
            }
        }
        self.worst.add(at, record);
        if let Some(junit) = &mut self.junit {
            junit.add(at, record);
        }
        if let Some(sarif) = &mut self.sarif {
            sarif.add(at, record, self.input.sources());
        }
    }

    async fn audit(
        &mut self,
        engine: &Engine,
        asked: &Asked,
        items: usize,
        out: &mut Option<Out>,
    ) -> Result<()> {
        let open = items.saturating_sub(self.done.len());
        if !self.done.is_empty() {
            complain(&format!(
                "judge-auditor: {} of {items} are done already, {open} are left",
                self.done.len()
            ));
        }
        let mut progress = Progress::new("run", open);
        let done = self.done.clone();
        let input = self.input;
        let auditing = input
            .items()
            .enumerate()
            .filter(|(_, item)| {
                item.as_ref()
                    .map_or(true, |item| !done.contains(&number(&item.id)))
            })
            .map(|(at, item)| async move {
                // An error here means that the file has changed since it was validated.
                let item = item.map_err(anyhow::Error::msg)?;
                anyhow::Ok((at, engine.audit(item, asked).await?))
            });
        let mut auditing = stream::iter(auditing).buffer_unordered(engine.at_once());
        while let Some(audited) = auditing.next().await {
            let (at, record) = audited?;
            if let Some(out) = out {
                out.write(&record)?;
            }
            self.take(at, &record);
            progress.step();
        }
        drop(progress);
        complete(items, self.tally.all())
    }

    /// Writes the reports, prints the figures, and returns the exit code.
    fn finish(
        self,
        arguments: &Arguments,
        compared: Option<&Compared>,
        bridged: bool,
    ) -> Result<ExitCode> {
        let gate = Gate {
            min_faithful: arguments.min_faithful,
            no_worse_by: arguments.no_worse_by,
        };
        let failures = gate.failures(self.tally, compared);
        let summary = Summary {
            tally: self.tally,
            gate,
            failures: &failures,
            compared,
            bridged,
            ruler: &self.ruler,
            worst: &self.worst,
        };
        let write = |path: &Option<PathBuf>, text: String| match path {
            None => Ok(()),
            Some(path) => std::fs::write(path, text)
                .with_context(|| format!("{} can't be written", path.display())),
        };
        write(&arguments.summary, summary.markdown())?;
        if let Some(junit) = self.junit {
            write(&arguments.junit, junit.finish()?)?;
        }
        if let Some(sarif) = self.sarif {
            write(&arguments.sarif, sarif.finish()?)?;
        }
        let text = if arguments.json {
            serde_json::to_string_pretty(&summary.json())? + "\n"
        } else {
            summary.text()
        };
        std::io::stdout().write_all(text.as_bytes())?;
        Ok(if self.tally.errored > 0 {
            ExitCode::FAILURE
        } else if failures.is_empty() {
            ExitCode::SUCCESS
        } else {
            ExitCode::from(GATE)
        })
    }
}

/// Checks that as many items have a result as there were when the input was validated. Without
/// this a file that was emptied meanwhile would end as done.
fn complete(items: usize, results: usize) -> Result<()> {
    if items != results {
        bail!(
            "the input has changed while it was read: it had {items} items at first, and {results} were audited"
        );
    }
    Ok(())
}

/// Audits the stored texts of a baseline again, by the current panel: those of the items of this
/// run. Their results replace those in `kept`.
async fn judged_again(
    path: &Path,
    ids: &HashSet<u64>,
    engine: &Engine,
    asked: &Asked,
    kept: &mut HashMap<u64, Kept>,
) -> Result<()> {
    let items = || baseline::stored(path, ids).map_err(anyhow::Error::msg);
    let all = items()?.count();
    let mut progress = Progress::new("baseline", all);
    let auditing = items()?.map(|item| async move {
        let item = item.map_err(anyhow::Error::msg)?;
        engine.audit(item, asked).await
    });
    let mut auditing = stream::iter(auditing).buffer_unordered(engine.at_once());
    let mut errored = 0;
    while let Some(record) = auditing.next().await {
        let record = record?;
        errored += usize::from(record.outcome == Outcome::Errored);
        kept.insert(number(&record.id), Kept::of(&record));
        progress.step();
    }
    drop(progress);
    if errored > 0 {
        complain(&format!(
            "judge-auditor: {errored} items of the baseline could not be judged again, and are not compared"
        ));
    }
    Ok(())
}

/// Applies the current threshold to a stored result.
fn rejudged(record: Record, threshold: Option<f64>) -> Record {
    let (Some(threshold), Some(probability)) = (threshold, record.probability) else {
        return record;
    };
    let outcome = match record.outcome {
        Outcome::Passed | Outcome::Failed if probability < threshold => Outcome::Failed,
        Outcome::Passed | Outcome::Failed => Outcome::Passed,
        other => other,
    };
    Record {
        outcome,
        threshold,
        ..record
    }
}

#[cfg(test)]
#[path = "tests/run_cases.rs"]
mod tests;
