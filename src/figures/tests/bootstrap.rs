use super::*;

#[test]
fn the_generator_gives_the_published_sequence() {
    // First outputs for seed 1234567, from the reference implementation in C.
    let mut random = SplitMix64(1_234_567);
    let first: Vec<u64> = (0..5).map(|_| random.next()).collect();
    assert_eq!(
        first,
        [
            6_457_827_717_110_365_317,
            3_203_168_211_198_807_973,
            9_817_491_932_198_370_423,
            4_593_380_528_125_082_431,
            16_408_922_859_458_223_821
        ]
    );
}

#[test]
fn equal_scores_give_a_point() {
    let opinions = [Opinion {
        score: 80.0,
        confidence: 0.9,
        weight: 1.0,
    }; 8];
    assert_eq!(
        bca(&opinions, AggregationStrategy::Mean, 0.95),
        Some((80.0, 80.0))
    );
}
