use super::*;

#[derive(Debug, clap::Parser)]
struct Line {
    #[command(flatten)]
    arguments: Arguments,
}

pub(in crate::cli::run_cases) fn parsed(words: &[&str]) -> Arguments {
    let words = std::iter::once("run").chain(words.iter().copied());
    <Line as clap::Parser>::try_parse_from(words)
        .unwrap()
        .arguments
}

#[test]
fn values_of_options_have_bounds() {
    assert_eq!(share("0.9"), Ok(0.9));
    assert!(share("1.1").is_err() && share("x").is_err() && share("NaN").is_err());
    assert_eq!(points("5"), Ok(5.0));
    assert!(points("101").is_err() && points("-1").is_err());
    assert!(points("0").unwrap_err().contains("no number of items"));
    assert_eq!((separator(";"), separator("\\t")), (Ok(b';'), Ok(b'\t')));
    assert!(separator("ab").is_err() && separator("\"").is_err() && separator("§").is_err());
}
