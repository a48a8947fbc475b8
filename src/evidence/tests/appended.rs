use super::*;

#[test]
fn sentences_of_the_source_at_the_end_are_taken_away() {
    let index = SourceIndex::new(
        "Anna Vries founded the mill in 1902. Gullhaven's bridge has seven arches. The ferry sank. \
        The ferry sank off Corrin. \
        Nobody believes that Anna Vries founded the mill in 1902.",
    );
    for (claim, left) in [
        (
            "The bridge has nine arches Anna Vries founded the mill in 1902.",
            "The bridge has nine arches",
        ),
        (
            "The bridge has nine arches\nAnna Vries founded the mill in 1902 Gullhaven's bridge has seven arches",
            "The bridge has nine arches",
        ),
        // Behind an abbreviation no sentence ends for sure.
        (
            "The bridge belongs to Acme Corp. Anna Vries founded the mill in 1902.",
            "The bridge belongs to Acme Corp.",
        ),
        (
            "The bridge belongs to Acme Corp. the ferry sank off Corrin.",
            "The bridge belongs to Acme Corp.",
        ),
        // Said of it, or too short to tell.
        (
            "Nobody believes the ferry sank off Corrin.",
            "Nobody believes the ferry sank off Corrin.",
        ),
        (
            "The guide says: Anna Vries founded the mill in 1902.",
            "The guide says: Anna Vries founded the mill in 1902.",
        ),
        (
            "Nobody believes that Anna Vries founded the mill in 1902.",
            "Nobody believes that Anna Vries founded the mill in 1902.",
        ),
        (
            "It is not true that The ferry sank.",
            "It is not true that The ferry sank.",
        ),
    ] {
        assert_eq!(without(&index, claim), left);
    }
}
