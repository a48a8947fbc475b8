use super::*;

fn env(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs
        .iter()
        .map(|&(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

#[test]
fn the_environment_decides_what_is_shown() {
    let plain = Style {
        colour: false,
        width: 88,
        unicode: true,
        live: false,
    };
    let rows = [
        (env(&[]), false, plain),
        (
            env(&[("LANG", "en_GB.UTF-8")]),
            true,
            Style {
                colour: true,
                width: 80,
                live: true,
                ..plain
            },
        ),
        (
            env(&[("NO_COLOR", "1"), ("COLUMNS", "200")]),
            true,
            Style {
                width: 100,
                live: true,
                ..plain
            },
        ),
        (
            env(&[("TERM", "dumb"), ("LC_ALL", "C"), ("COLUMNS", "9")]),
            true,
            Style {
                width: 40,
                unicode: false,
                ..plain
            },
        ),
    ];
    for (env, terminal, expected) in rows {
        assert_eq!(Style::of(&env, terminal), expected, "{env:?}");
    }
}

#[test]
fn bars_are_always_as_long_as_asked() {
    let style = Style {
        colour: false,
        width: 80,
        unicode: false,
        live: false,
    };
    for (percent, expected) in [
        (0.0, "----------"),
        (44.0, "####------"),
        (99.9, "#########-"),
        (100.0, "##########"),
        (250.0, "##########"),
        (-1.0, "----------"),
        (f64::NAN, "----------"),
    ] {
        assert_eq!(style.bar(10, percent, Paint::Plain), expected);
    }
}
