//! The arguments of the command `run`.

use std::path::PathBuf;

use clap::Args;

/// The arguments of `run`.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 done, and the gate holds; 1 an item could not be judged (run again with the \
    same --out to try only those); 2 bad usage or input; 3 the gate does not hold."
)]
pub(in crate::cli) struct Arguments {
    /// A file of cases: JSON lines, CSV (the name ends in .csv or .tsv), or one JSON list (the name ends in .json). The
    /// files of promptfoo, RAGAS, DeepEval and OpenAI Evals are recognized by the names of their fields.
    #[arg(value_name = "FILE", conflicts_with_all = ["source", "candidates"])]
    pub files: Vec<PathBuf>,
    /// Instead of files of cases: the source that the outputs are checked against, a file or a folder of text,
    /// Markdown, HTML and PDF files.
    #[arg(long, value_name = "PATH", requires = "candidates")]
    pub source: Option<PathBuf>,
    /// With --source: a pattern of the files with the outputs, one per file, such as 'docs/**/*.md'; may be given more
    /// than once.
    #[arg(long = "candidate", value_name = "PATTERN", requires = "source")]
    pub candidates: Vec<String>,
    /// The name of the field with the source, such as `context` or `meta.source`.
    #[arg(long, value_name = "NAME")]
    pub source_field: Option<String>,
    /// The name of the field with the output.
    #[arg(long, value_name = "NAME")]
    pub candidate_field: Option<String>,
    /// The name of the field with the question.
    #[arg(long, value_name = "NAME")]
    pub question_field: Option<String>,
    /// The name of the field with the id of a case. Default: the id is the file's name and the line number.
    #[arg(long, value_name = "NAME")]
    pub id_field: Option<String>,
    /// The name of the field with the document that a case is from. Errors in cases of one document are not counted as
    /// independent. Default: cases with the same source are of one document.
    #[arg(long, value_name = "NAME")]
    pub doc_field: Option<String>,
    /// The separator between the cells of a CSV file, one ASCII character or \t. Default: the one of comma, semicolon,
    /// tab and | that splits the first row into most cells.
    #[arg(long, value_name = "SIGN", value_parser = separator)]
    pub delimiter: Option<u8>,
    /// The name of a judge to ask; may be given more than once. Default: `runs.default_judges`, or the server's.
    #[arg(long = "judge", value_name = "NAME")]
    pub judges: Vec<String>,
    /// The threshold, 0 to 1: an output is flagged if the probability that the source supports all of it is lower.
    #[arg(long, value_name = "CHANCE", value_parser = share)]
    pub threshold: Option<f64>,
    /// Ask this server instead of judges in this process. It needs an API key, in JUDGE_AUDITOR_KEY or --key-file.
    #[arg(long, value_name = "URL")]
    pub server: Option<String>,
    /// A file with the API key for --server.
    #[arg(long, value_name = "FILE", requires = "server")]
    pub key_file: Option<PathBuf>,
    /// Ask judges that cost money; without this option only the estimated cost is printed.
    #[arg(long)]
    pub yes: bool,
    /// Print only the figures of the run, as JSON.
    #[arg(long)]
    pub json: bool,
    /// Write each result to FILE as soon as it is known, one JSON object per line. Outputs whose results are in FILE
    /// already are not audited again.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Write a JUnit report with one test case per output.
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,
    /// Write a SARIF report with each claim that is refuted or not supported, and its position.
    #[arg(long, value_name = "FILE")]
    pub sarif: Option<PathBuf>,
    /// Write a summary in Markdown, for example for a comment on a pull request.
    #[arg(long, value_name = "FILE")]
    pub summary: Option<PathBuf>,
    /// Compare with the results of an earlier run, which it wrote with --out. Cases are matched by their ids.
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// If the baseline was judged by another panel, judge its stored texts again with this one.
    #[arg(long, requires = "baseline")]
    pub bridge: bool,
    /// Gate: the share of outputs that are not flagged must not be lower than the baseline's by N percentage points or
    /// more, and the data must show this significantly (p at most 0.05). N is above 0, up to 100.
    #[arg(long, value_name = "N", value_parser = points, requires = "baseline")]
    pub no_worse_by: Option<f64>,
    /// Gate: at least this share of the outputs, 0 to 1, must not be flagged.
    #[arg(long, value_name = "SHARE", value_parser = share)]
    pub min_faithful: Option<f64>,
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

#[cfg(test)]
#[path = "tests/arguments.rs"]
pub(super) mod tests;
