use super::*;

#[test]
fn a_line_is_put_into_the_order_in_which_it_is_read() {
    let visual = ".1987 תנשב החתפנ הירפסה";
    assert_eq!(logical(visual), "הספריה נפתחה בשנת 1987.");
    let visual = "The word םולש means peace.";
    assert_eq!(logical(visual), "The word שלום means peace.");
}
