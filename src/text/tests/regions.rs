use super::*;

fn kept(text: &str) -> String {
    let rest = without(text, &find(text));
    assert_eq!(rest.len(), text.len());
    rest.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn thoughts_and_code_are_no_part_of_the_answer() {
    for (text, expected) in [
        ("<think>It may be 5.</think>It is 4.", "It is 4."),
        ("<think>\nIt may be 5.\n</think>\n\nIt is 4.", "It is 4."),
        ("It may be 5.\n</think>\nIt is 4.", "It is 4."),
        ("<think>It may be 5.", ""),
        ("<THINKING>5</THINKING> It is 4.", "It is 4."),
        ("[THINK]5[/THINK]It is 4.", "It is 4."),
        ("◁think▷5◁/think▷It is 4.", "It is 4."),
        (
            "<|begin_of_thought|>5<|end_of_thought|>It is 4.",
            "It is 4.",
        ),
        (
            "<reasoning effort=\"high\">5</reasoning>It is 4.",
            "It is 4.",
        ),
        ("<think>a<think>b</think>c</think>It is 4.", "It is 4."),
        (
            "<think></think>It is 4.<think>5</think> It is old.",
            "It is 4. It is old.",
        ),
        (
            "<|channel|>analysis<|message|>5<|end|><|start|>assistant<|channel|>final<|message|>It is 4.",
            "It is 4.",
        ),
        ("He said [I think] so.", "He said [I think] so."),
        ("Run:\n```python\nx = 5\n```\nDone.", "Run: Done."),
        ("~~~\nx = 5\n~~~\nDone.", "Done."),
        (
            "```\nThe mill opened in 1902.\n```",
            "The mill opened in 1902.",
        ),
        ("```markdown\n# Mill\n```\nEnd", "# Mill End"),
        ("```js\nlet x", ""),
        ("Use `x` here.", "Use `x` here."),
    ] {
        assert_eq!(kept(text), expected, "{text}");
    }
}
