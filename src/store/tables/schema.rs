//! The tables, with column types that both databases share. Written by hand; a test compares every
//! column with both migration folders.

diesel::table! {
    users (id) {
        id -> Text,
        username -> Text,
        username_lower -> Text,
        email -> Text,
        email_lower -> Text,
        password_hash -> Text,
        created_at -> Timestamp,
        disabled_at -> Nullable<Timestamp>,
        removal_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    token_families (id) {
        id -> Text,
        user_id -> Text,
        created_at -> Timestamp,
        expires_at -> Timestamp,
        revoked_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    refresh_tokens (token_hash) {
        token_hash -> Text,
        family_id -> Text,
        created_at -> Timestamp,
        spent_at -> Nullable<Timestamp>,
        request_hash -> Nullable<Text>,
        successor_hash -> Nullable<Text>,
    }
}

diesel::table! {
    api_keys (id) {
        id -> Text,
        user_id -> Text,
        name -> Text,
        key_hash -> Text,
        prefix -> Text,
        scopes -> Text,
        addresses -> Text,
        created_at -> Timestamp,
        expires_at -> Nullable<Timestamp>,
        last_used_at -> Nullable<Timestamp>,
        revoked_at -> Nullable<Timestamp>,
        day_tokens -> Nullable<BigInt>,
        day_usd -> Nullable<Double>,
        per_minute -> Nullable<BigInt>,
    }
}

diesel::table! {
    evaluation_sessions (id) {
        id -> Text,
        user_id -> Text,
        status -> Text,
        question -> Nullable<Text>,
        config -> Text,
        epoch -> Text,
        last_seq -> BigInt,
        progress -> Nullable<Double>,
        run_id -> Nullable<Text>,
        created_at -> Timestamp,
        started_at -> Nullable<Timestamp>,
        completed_at -> Nullable<Timestamp>,
        consensus_score -> Nullable<Double>,
        hallucination_score -> Nullable<Double>,
        error_message -> Nullable<Text>,
        stored_bytes -> BigInt,
        purged_seq -> BigInt,
        owner -> Nullable<Text>,
        fence -> BigInt,
        ends_at -> Nullable<Timestamp>,
        stop -> Nullable<Text>,
        orphaned -> BigInt,
        probability -> Nullable<Double>,
        claims_supported -> Nullable<BigInt>,
        claims_refuted -> Nullable<BigInt>,
        claims_not_enough_info -> Nullable<BigInt>,
        cost_usd -> Nullable<Double>,
        search_indexed -> Bool,
    }
}

diesel::table! {
    nodes (id) {
        id -> Text,
        name -> Text,
        release -> Text,
        started_at -> Timestamp,
        application_name -> Text,
        beat -> BigInt,
        draining -> Bool,
        places -> BigInt,
        at_work -> BigInt,
        connections -> BigInt,
        signing_key_id -> Text,
        config_digest -> Text,
        bus_deaf -> Bool,
    }
}

diesel::table! {
    fleet_rates (key) {
        key -> Text,
        tat -> BigInt,
    }
}

diesel::table! {
    fleet_presence (kind, subject, node_id) {
        kind -> Text,
        subject -> Text,
        node_id -> Text,
        n -> BigInt,
    }
}

diesel::table! {
    usage_grants (session_id) {
        session_id -> Text,
        run_id -> Text,
        fence -> BigInt,
        day -> Text,
        tokens -> BigInt,
        cost_usd -> Double,
    }
}

diesel::table! {
    evaluation_texts (session_id) {
        session_id -> Text,
        source_text -> Text,
        candidate_output -> Text,
        sources -> Nullable<Text>,
    }
}

diesel::table! {
    evaluation_previews (session_id) {
        session_id -> Text,
        source_preview -> Text,
        candidate_preview -> Text,
        search_filter -> Nullable<Binary>,
        name -> Nullable<Text>,
        notes -> Nullable<Text>,
    }
}

diesel::table! {
    evaluation_tags (session_id, tag) {
        session_id -> Text,
        tag -> Text,
    }
}

diesel::table! {
    idempotency_keys (user_id, idempotency_key) {
        user_id -> Text,
        idempotency_key -> Text,
        fingerprint -> Text,
        session_id -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    evaluation_runs (id) {
        id -> Text,
        session_id -> Text,
        client_request_id -> Nullable<Text>,
        status -> Text,
        started_at -> Timestamp,
        completed_at -> Nullable<Timestamp>,
        claim_count -> Nullable<BigInt>,
        result -> Nullable<Text>,
        error -> Nullable<Text>,
        api_key_id -> Nullable<Text>,
    }
}

diesel::table! {
    claims (id) {
        id -> Text,
        run_id -> Text,
        position -> BigInt,
        claim_type -> Text,
        text -> Text,
        span_start -> BigInt,
        span_end -> BigInt,
    }
}

diesel::table! {
    claim_verdicts (claim_id) {
        claim_id -> Text,
        run_id -> Text,
        ordinal -> BigInt,
        label -> Text,
        confidence -> Double,
        evidence -> Text,
        reasoning -> Text,
        probability -> Nullable<Text>,
        final_label -> Nullable<Text>,
        final_confidence -> Nullable<Double>,
        final_probability -> Nullable<Text>,
    }
}

diesel::table! {
    judge_results (run_id, judge_name) {
        run_id -> Text,
        judge_name -> Text,
        ordinal -> BigInt,
        kind -> Text,
        model -> Text,
        status -> Text,
        score -> Nullable<Double>,
        confidence -> Nullable<Double>,
        reasoning -> Text,
        claim_labels -> Text,
        response_time_ms -> BigInt,
        attempts -> BigInt,
        prompt_tokens -> Nullable<BigInt>,
        completion_tokens -> Nullable<BigInt>,
        cost_usd -> Nullable<Double>,
        error -> Nullable<Text>,
        failure -> Nullable<Text>,
        details -> Nullable<Text>,
    }
}

diesel::table! {
    flagged_issues (run_id, judge_name, position) {
        run_id -> Text,
        judge_name -> Text,
        position -> BigInt,
        issue_type -> Text,
        severity -> Text,
        description -> Text,
        span_start -> Nullable<BigInt>,
        span_end -> Nullable<BigInt>,
        unmatched_quote -> Nullable<Text>,
    }
}

diesel::table! {
    usage_days (user_id, day) {
        user_id -> Text,
        day -> Text,
        calls -> BigInt,
        prompt_tokens -> BigInt,
        completion_tokens -> BigInt,
        cost_usd -> Double,
    }
}

diesel::table! {
    api_key_usage_days (api_key_id, day) {
        api_key_id -> Text,
        day -> Text,
        user_id -> Text,
        calls -> BigInt,
        prompt_tokens -> BigInt,
        completion_tokens -> BigInt,
        cost_usd -> Double,
    }
}

diesel::table! {
    usage_totals (day) {
        day -> Text,
        calls -> BigInt,
        prompt_tokens -> BigInt,
        completion_tokens -> BigInt,
        cost_usd -> Double,
    }
}

diesel::table! {
    shares (id) {
        id -> Text,
        session_id -> Text,
        token_hash -> Text,
        created_at -> Timestamp,
        expires_at -> Timestamp,
        show_documents -> Bool,
    }
}

diesel::table! {
    feedback (id) {
        id -> Text,
        session_id -> Text,
        claim_id -> Nullable<Text>,
        label -> Nullable<Text>,
        score -> Nullable<Double>,
        comment -> Nullable<Text>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    preferences (user_id) {
        user_id -> Text,
        object -> Text,
    }
}

diesel::table! {
    collections (id) {
        id -> Text,
        user_id -> Text,
        name -> Text,
        created_at -> Timestamp,
        documents -> BigInt,
        passages -> BigInt,
        chars -> BigInt,
        bytes -> BigInt,
    }
}

diesel::table! {
    collection_documents (id) {
        id -> Text,
        collection_id -> Text,
        name -> Text,
        media_type -> Text,
        language -> Text,
        chars -> BigInt,
        passages -> BigInt,
        created_at -> Timestamp,
        text -> Text,
    }
}

diesel::table! {
    collection_passages (id) {
        id -> BigInt,
        document_id -> Text,
        span_start -> BigInt,
        span_end -> BigInt,
        text -> Text,
    }
}

diesel::table! {
    session_events (session_id, seq) {
        session_id -> Text,
        seq -> BigInt,
        kind -> Text,
        ts -> Timestamp,
        frame -> Text,
    }
}

diesel::table! {
    security_events (id) {
        id -> Text,
        at -> Timestamp,
        kind -> Text,
        user_id -> Nullable<Text>,
        username -> Nullable<Text>,
        address -> Nullable<Text>,
        subject -> Nullable<Text>,
        detail -> Nullable<Text>,
    }
}

diesel::joinable!(refresh_tokens -> token_families (family_id));
diesel::joinable!(token_families -> users (user_id));
diesel::joinable!(api_keys -> users (user_id));
diesel::joinable!(evaluation_texts -> evaluation_sessions (session_id));
diesel::joinable!(evaluation_previews -> evaluation_sessions (session_id));
diesel::joinable!(evaluation_tags -> evaluation_sessions (session_id));
diesel::joinable!(shares -> evaluation_sessions (session_id));
diesel::joinable!(collection_documents -> collections (collection_id));
diesel::joinable!(claim_verdicts -> claims (claim_id));

diesel::allow_tables_to_appear_in_same_query!(
    users,
    token_families,
    refresh_tokens,
    api_keys,
    evaluation_sessions,
    evaluation_texts,
    evaluation_previews,
    evaluation_tags,
    evaluation_runs,
    claims,
    claim_verdicts,
    judge_results,
    feedback,
    shares,
    collections,
    collection_documents,
);
