use super::*;

#[test]
fn the_instructions_name_the_tools_that_are_there_and_no_others() {
    let all = Tool::ALL;
    for tools in [&all[..], &all[..3]] {
        let text = instructions(tools);
        for tool in all {
            assert_eq!(
                text.contains(tool.name()),
                tools.contains(&tool),
                "{}: {text}",
                tool.name()
            );
        }
    }
}
