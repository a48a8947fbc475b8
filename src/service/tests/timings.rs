use super::*;

#[test]
fn the_clients_of_a_large_node_come_back_over_seconds() {
    for (connections, least) in [
        (0, 500),
        (1_000, 500),
        (4_000, 2_000),
        (10_000, 5_000),
        (100_000, 5_000),
    ] {
        assert_eq!(reconnect_min_ms(connections), least, "{connections}");
    }
}
