//! The names that other programs give to the fields of a case, and the extraction of source, output
//! and question from a record.

use serde_json::{Map, Value};

/// Maximum number of parts of a source in one record.
const MOST_PARTS: usize = 1_000;

/// The names of fields that a program uses. A name with dots is a path into nested objects; of
/// several names the first that is present counts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Form {
    pub name: &'static str,
    source: &'static [&'static str],
    candidate: &'static [&'static str],
    question: &'static [&'static str],
    id: &'static [&'static str],
    document: &'static [&'static str],
}

/// All formats, in the order in which they are tried.
pub(super) const FORMS: [Form; 6] = [
    Form {
        name: "judge-auditor",
        source: &["source", "source_text"],
        candidate: &["candidate", "candidate_output"],
        question: &["question"],
        id: &["id"],
        document: &["doc"],
    },
    Form {
        name: "RAGAS",
        source: &["retrieved_contexts", "contexts"],
        candidate: &["response", "answer"],
        question: &["user_input", "question"],
        id: &["id"],
        document: &["doc"],
    },
    Form {
        name: "DeepEval",
        source: &["retrieval_context", "retrievalContext", "context"],
        candidate: &["actual_output", "actualOutput"],
        question: &["input"],
        id: &["id", "name"],
        document: &["doc"],
    },
    Form {
        name: "promptfoo",
        source: &[
            "vars.context",
            "vars.source",
            "vars.document",
            "vars.documents",
            "testCase.vars.context",
            "testCase.vars.source",
            "testCase.vars.document",
        ],
        candidate: &["response.output", "output"],
        question: &[
            "vars.question",
            "vars.query",
            "vars.input",
            "testCase.vars.question",
        ],
        // Promptfoo creates new ids for each evaluation.
        id: &["testIdx"],
        document: &["vars.doc", "metadata.doc"],
    },
    // As templates of graders name the fields, and as the API returns the output items of a run.
    Form {
        name: "OpenAI Evals",
        source: &[
            "item.context",
            "item.source",
            "item.document",
            "item.documents",
            "datasource_item.context",
            "datasource_item.source",
            "datasource_item.document",
            "datasource_item.documents",
        ],
        candidate: &["sample.output_text", "sample.output"],
        question: &[
            "item.question",
            "item.input",
            "datasource_item.question",
            "datasource_item.input",
        ],
        id: &["datasource_item_id", "item.id"],
        document: &["item.doc", "datasource_item.doc"],
    },
    Form {
        name: "OpenAI Evals (log)",
        source: &["data.prompt"],
        candidate: &["data.sampled"],
        question: &[],
        id: &["sample_id"],
        document: &[],
    },
];

/// Names of fields from command-line flags, which take precedence over the format's.
#[derive(Debug, Clone, Default)]
pub(super) struct Columns {
    pub source: Option<String>,
    pub candidate: Option<String>,
    pub question: Option<String>,
    pub id: Option<String>,
    pub document: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Fields {
    pub source: String,
    pub candidate: String,
    pub question: Option<String>,
    pub id: Option<String>,
    pub document: Option<String>,
    /// The reason why the record has no output that can be judged.
    pub error: Option<String>,
}

/// Extracts the fields of a record and the name of its format; `None` for a record that programs
/// write between cases, such as other lines of a log.
pub(super) fn fields(
    record: &Value,
    columns: &Columns,
) -> Result<Option<(Fields, &'static str)>, String> {
    if is_between_cases(record) {
        return Ok(None);
    }
    if let Some(found) = without_output(record, columns) {
        return Ok(Some(found));
    }
    let has = |named: Option<&String>, usual: &[&str]| match named {
        Some(name) => find(record, name).is_some(),
        None => usual.iter().any(|name| find(record, name).is_some()),
    };
    let fits = |form: &&Form| {
        has(columns.source.as_ref(), form.source) && has(columns.candidate.as_ref(), form.candidate)
    };
    let Some(form) = FORMS.iter().find(fits) else {
        return Err(missing(record, columns));
    };
    let get = |named: Option<&String>, usual: &[&str]| match named {
        Some(name) => find(record, name),
        None => usual.iter().find_map(|name| find(record, name)),
    };
    let text = |what: &str, found: Option<&Value>| {
        let found = found.map(text_of).unwrap_or_else(|| Ok(String::new()));
        let found = found.map_err(|why| format!("{what}: {why}"))?;
        if found.trim().is_empty() {
            return Err(format!("{what} is empty, or white space alone"));
        }
        if found.contains('\0') {
            return Err(format!("{what} holds the character U+0000"));
        }
        Ok(found)
    };
    let optional = |found: Option<&Value>| {
        let text = found.and_then(|value| text_of(value).ok());
        text.filter(|text| !text.trim().is_empty())
    };
    let id = match (&columns.id, form.name) {
        (None, "promptfoo") => promptfoo_id(record),
        (named, _) => optional(get(named.as_ref(), form.id)),
    };
    Ok(Some((
        Fields {
            source: text("the source", get(columns.source.as_ref(), form.source))?,
            candidate: text(
                "the output",
                get(columns.candidate.as_ref(), form.candidate),
            )?,
            question: optional(get(columns.question.as_ref(), form.question)),
            id,
            document: optional(get(columns.document.as_ref(), form.document)),
            error: None,
        },
        form.name,
    )))
}

/// A program that writes a row also for a case whose model gave no output.
struct Failing {
    form: &'static str,
    /// Fields of which each row has one; not every export of promptfoo has the numbers of the rows.
    known_by: &'static [&'static str],
    error: &'static [&'static str],
}

const FAILING: [Failing; 2] = [
    Failing {
        form: "promptfoo",
        known_by: &["testIdx", "vars", "testCase.vars"],
        error: &["error", "response.error"],
    },
    Failing {
        form: "OpenAI Evals",
        known_by: &["datasource_item", "datasource_item_id"],
        error: &["sample.error.message"],
    },
];

/// Reads a row whose model gave no output, where it has the error instead, or gave JSON that has no
/// text. Such a row is an item that can't be judged, so that the other rows of the file still are.
fn without_output(record: &Value, columns: &Columns) -> Option<(Fields, &'static str)> {
    let is_of = |failing: &&Failing| {
        failing
            .known_by
            .iter()
            .any(|name| find(record, name).is_some())
    };
    let failing = FAILING.iter().find(is_of)?;
    let form = FORMS.iter().find(|form| form.name == failing.form)?;
    let get = |named: Option<&String>, usual: &[&str]| match named {
        Some(name) => find(record, name),
        None => usual.iter().find_map(|name| find(record, name)),
    };
    let text = |named: Option<&String>, usual: &[&str]| {
        let text = get(named, usual).and_then(|value| text_of(value).ok());
        text.filter(|text| !text.trim().is_empty() && !text.contains('\0'))
    };
    let error = match get(columns.candidate.as_ref(), form.candidate).map(text_of) {
        Some(Err(why)) => format!("its output can't be judged: {why}"),
        Some(Ok(output)) if !output.trim().is_empty() => return None,
        _ => {
            let error = text(None, failing.error)?;
            format!("{} has no output of it: {error}", form.name)
        }
    };
    let id = match (&columns.id, form.name) {
        (None, "promptfoo") => promptfoo_id(record),
        (named, _) => text(named.as_ref(), form.id),
    };
    let fields = Fields {
        source: text(columns.source.as_ref(), form.source).unwrap_or_default(),
        candidate: String::new(),
        question: text(columns.question.as_ref(), form.question),
        id,
        document: text(columns.document.as_ref(), form.document),
        error: Some(error),
    };
    Some((fields, form.name))
}

/// A log of OpenAI Evals also has lines with the specification, with events that are not samples,
/// and with the final report. All of their fields have to be there: a case of somebody else's may
/// have one of the same name, and would be left out without a word.
fn is_between_cases(record: &Value) -> bool {
    let is_alone = |name: &str| {
        let fields = record.as_object().filter(|fields| fields.len() == 1);
        fields.is_some_and(|fields| fields.get(name).is_some_and(Value::is_object))
    };
    let of_events = ["run_id", "event_id", "sample_id", "data"];
    let kind = record.get("type").and_then(Value::as_str);
    let is_event = of_events.iter().all(|name| record.get(name).is_some());
    let is_other = kind.is_some_and(|kind| kind != "sampling");
    (is_event && is_other) || is_alone("spec") || is_alone("final_report")
}

/// Returns an id of the case and the prompt that was used for it.
fn promptfoo_id(record: &Value) -> Option<String> {
    let case = record.get("testIdx")?;
    let prompt = record.get("promptIdx").unwrap_or(&Value::Null);
    Some(match prompt {
        Value::Null => format!("{case}"),
        prompt => format!("{case}:{prompt}"),
    })
}

fn missing(record: &Value, columns: &Columns) -> String {
    let there: Vec<&str> = match record {
        Value::Object(fields) => fields.keys().take(20).map(String::as_str).collect(),
        _ => return "it is no object".to_owned(),
    };
    let named = [
        ("--source-field", &columns.source),
        ("--candidate-field", &columns.candidate),
    ];
    for (flag, name) in named {
        if let Some(name) = name
            && find(record, name).is_none()
        {
            return format!(
                "there is no field {name} ({flag}); there are {}",
                there.join(", ")
            );
        }
    }
    let named = |named: Option<&String>, usual: &[&'static str]| match named {
        Some(name) => Some(name.clone()),
        None => usual
            .iter()
            .find(|name| find(record, name).is_some())
            .map(|name| (*name).to_owned()),
    };
    let half = FORMS.iter().find_map(|form| {
        let source = named(columns.source.as_ref(), form.source);
        let candidate = named(columns.candidate.as_ref(), form.candidate);
        match (source, candidate) {
            (None, Some(there)) => Some(("source", "output", there, "--source-field", form.source)),
            (Some(there), None) => Some((
                "output",
                "source",
                there,
                "--candidate-field",
                form.candidate,
            )),
            _ => None,
        }
    });
    let what = match half {
        Some((missing, found, there, flag, usual)) => format!(
            "there is no {missing} beside the {found} in {there}: it is looked for in {}, or name its field with {flag}",
            usual.join(", ")
        ),
        None => "the source and the output are in no fields that are known; name them with --source-field and \
                 --candidate-field"
            .to_owned(),
    };
    format!("{what}; there are {}", there.join(", "))
}

/// Returns the field of that name, or the value at that path; null counts as absent.
fn find<'a>(record: &'a Value, name: &str) -> Option<&'a Value> {
    let whole = record.get(name);
    let found = whole.or_else(|| {
        let mut value = record;
        for part in name.split('.') {
            value = value.get(part)?;
        }
        Some(value)
    });
    found.filter(|value| !value.is_null())
}

/// Converts a value to text: a string, a number, a boolean, or an array of texts (contexts,
/// messages, parts of a message), which are joined.
fn text_of(value: &Value) -> Result<String, String> {
    match value {
        Value::String(text) => Ok(listed(text).unwrap_or_else(|| unmarked(text).to_owned())),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(truth) => Ok(truth.to_string()),
        Value::Array(parts) if parts.len() <= MOST_PARTS => {
            let parts: Result<Vec<String>, String> = parts.iter().map(text_of).collect();
            Ok(parts?.join("\n\n"))
        }
        Value::Array(_) => Err(format!("it has more than {MOST_PARTS} parts")),
        Value::Object(fields) => {
            let known = ["content", "text", "page_content", "pageContent"];
            let text = known.iter().find_map(|name| fields.get(*name));
            let text = text.or_else(|| passage(fields));
            let text = text.ok_or("it is an object without a text in \"content\" or \"text\"")?;
            text_of(text)
        }
        Value::Null => Ok(String::new()),
    }
}

/// Returns the text of a passage that DeepEval has saved with the name of its source, or the text as
/// it is.
fn unmarked(text: &str) -> &str {
    let marked = text.strip_prefix("deepeval_source=");
    let passage = marked.and_then(|marked| marked.split_once(",deepeval_context="));
    passage.map_or(text, |(_, passage)| passage)
}

/// Returns the text of a passage with its source, as DeepEval writes it for JavaScript. An object
/// with further fields is no such passage: an output may be one that has its context beside it.
fn passage(fields: &Map<String, Value>) -> Option<&Value> {
    let is_passage = fields.len() == 2 && fields.contains_key("source");
    is_passage.then(|| fields.get("context")).flatten()
}

/// Parses a cell of a table that holds a list of strings, as JSON or as pandas writes it.
fn listed(text: &str) -> Option<String> {
    let trimmed = text.trim();
    let inner = trimmed.strip_prefix('[')?.strip_suffix(']')?.trim();
    if !(inner.starts_with(['"', '\'']) && inner.ends_with(['"', '\''])) {
        return None;
    }
    let parts: Vec<String> = match serde_json::from_str(trimmed) {
        Ok(parts) => parts,
        Err(_) => python_strings(inner)?,
    };
    (parts.len() <= MOST_PARTS).then(|| parts.join("\n\n"))
}

/// Parses the inside of a list of strings as Python writes it: single or double quotes, commas,
/// and escapes with backslashes. `None` for anything else.
fn python_strings(text: &str) -> Option<Vec<String>> {
    let mut parts = Vec::new();
    let mut rest = text;
    loop {
        let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let (part, after) = python_string(&rest[1..], quote)?;
        parts.push(part);
        let after = after.trim_start();
        if after.is_empty() {
            return Some(parts);
        }
        rest = after.strip_prefix(',')?.trim_start();
    }
}

/// Reads a string up to its closing quote, and returns it with the text behind the quote.
fn python_string(text: &str, quote: char) -> Option<(String, &str)> {
    let mut read = String::new();
    let mut characters = text.chars();
    loop {
        match characters.next()? {
            end if end == quote => return Some((read, characters.as_str())),
            '\\' => {
                let digits = match characters.next()? {
                    'n' => {
                        read.push('\n');
                        continue;
                    }
                    'r' => {
                        read.push('\r');
                        continue;
                    }
                    't' => {
                        read.push('\t');
                        continue;
                    }
                    same @ ('\\' | '\'' | '"') => {
                        read.push(same);
                        continue;
                    }
                    'x' => 2,
                    'u' => 4,
                    'U' => 8,
                    // Python keeps the backslash of an escape that it does not know.
                    other => {
                        read.push('\\');
                        read.push(other);
                        continue;
                    }
                };
                let code = characters.as_str().get(..digits)?;
                characters = characters.as_str().get(digits..)?.chars();
                read.push(char::from_u32(u32::from_str_radix(code, 16).ok()?)?);
            }
            other => read.push(other),
        }
    }
}

#[cfg(test)]
#[path = "tests/forms.rs"]
mod tests;
