//! One test a group of cases: all of them pass here, and a peer that breaks a rule of theirs fails exactly the cases that name it.
//!
//! Every rule is broken for every case at `NNRP_TORTURE_SCALE` 1. Below, one rule of each group is; the others are broken for the
//! cases of their group and for whatever cases of other groups name them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use nnrp_conformance::adapter::{
    CASES, Case, Limit, Native, Outcome, Plan, PlannedCase, Subject, execute,
};

use crate::edge;
use crate::faulty::Faulty;

/// Declares a test for each group of spec 17.6, by the beginnings of its ids.
macro_rules! groups {
    ($($name:ident: $($prefix:literal),+;)*) => {
        const GROUPS: &[(&str, &[&str])] = &[$((stringify!($name), &[$($prefix),+]),)*];

        $(#[test]
        fn $name() {
            hold_group(&[$($prefix),+]);
        })*
    };
}

groups! {
    headers: "l0.header.";
    session_vectors: "l0.session_open.metadata", "l0.session_open_ack.metadata", "l0.session_close", "l0.session_resume";
    reserved_fields: "l0.session_open.reserved", "l0.session_open_ack.reserved", "l0.flow_update.reserved";
    flow_vectors: "l0.flow_update.packet", "l0.flow_update.connection", "l0.flow_update.operation";
    descriptors_and_codes: "l0.schema.", "l0.cache.", "l0.typed_payload.";
    handshakes: "l1.handshake.";
    session_open_and_close: "l1.session.open", "l1.session.close.state_machine";
    connections: "l1.connection.", "l1.session.close.sibling_survival";
    flow_updates: "l1.flow_update.";
    submits_and_results: "l1.frame_submit.", "l1.result_push.";
    operations: "l1.operation.";
    typed_payloads: "l1.typed_payload.", "l1.token_profile.";
    caches: "l1.cache.";
    schemas: "l1.schema.";
    resumes: "l1.session.resume.";
    c_abi: "l2.";
    transports: "l3.transport.";
}

#[test]
fn each_case_belongs_to_one_group_and_names_a_rule() {
    for case in CASES {
        let groups: Vec<&str> = GROUPS
            .iter()
            .filter(|(_, prefixes)| is_of(case, prefixes))
            .map(|(name, _)| *name)
            .collect();
        assert_eq!(groups.len(), 1, "{}: {groups:?}", case.id);
        assert!(!case.rules.is_empty(), "{}", case.id);
    }
}

fn hold_group(prefixes: &[&str]) {
    let cases: Vec<&Case> = CASES.iter().filter(|case| is_of(case, prefixes)).collect();
    assert!(!cases.is_empty());
    let native: Arc<dyn Subject> = Arc::new(Native);
    for (id, verdict) in verdicts(&native, cases.iter().map(|case| case.id)) {
        assert_eq!(verdict, Ok(()), "{id}");
    }
    for (nth, rule) in rules_of(prefixes).into_iter().enumerate() {
        let everywhere = nth == 0 || is_full_size();
        hold_rule(rule, |case| everywhere || is_of(case, prefixes));
    }
}

/// The rules that a group is the first to name.
fn rules_of(prefixes: &[&str]) -> BTreeSet<&'static str> {
    let is_first = |rule: &&str| {
        let named = |case: &Case| case.rules.contains(rule);
        let mut groups = GROUPS.iter();
        let first = groups.find(|(_, of)| CASES.iter().any(|case| is_of(case, of) && named(case)));
        first.is_some_and(|(_, of)| *of == prefixes)
    };
    let cases = CASES.iter().filter(|case| is_of(case, prefixes));
    cases
        .flat_map(|case| case.rules)
        .copied()
        .filter(is_first)
        .collect()
}

/// The cases that name the rule fail on a peer that breaks it, each of the others in `scope` passes.
fn hold_rule(rule: &'static str, scope: impl Fn(&Case) -> bool) {
    let names_it = |case: &Case| case.rules.contains(&rule);
    let cases: Vec<&Case> = CASES
        .iter()
        .filter(|case| names_it(case) || scope(case) && may_notice(case, rule))
        .collect();
    let peer: Arc<dyn Subject> = Arc::new(Faulty { rule });
    let verdicts = verdicts(&peer, cases.iter().map(|case| case.id));
    for case in cases {
        let (id, verdict) = (case.id, &verdicts[case.id]);
        match verdict {
            Ok(()) => assert!(!names_it(case), "{id} passes on a peer that breaks {rule}"),
            Err((Outcome::Fail, why)) => {
                assert!(
                    names_it(case),
                    "{id} fails on a peer that breaks {rule}: {why}"
                );
            }
            Err((outcome, why)) => panic!("{id} on a peer that breaks {rule}: {outcome:?}, {why}"),
        }
    }
}

fn is_full_size() -> bool {
    std::env::var("NNRP_TORTURE_SCALE")
        .is_ok_and(|text| text.parse::<f64>().expect("NNRP_TORTURE_SCALE is a number") >= 1.0)
}

/// A handshake of QUIC takes as long as all other cases together, and its case asks for nothing but the way to a server.
fn may_notice(case: &Case, rule: &str) -> bool {
    case.id != "l3.transport.quic.minimum" || edge::breaks(rule)
}

type Verdicts<'a> = BTreeMap<&'a str, Result<(), (Outcome, String)>>;

fn verdicts<'a>(subject: &Arc<dyn Subject>, ids: impl Iterator<Item = &'a str>) -> Verdicts<'a> {
    let ids: Vec<&str> = ids.collect();
    let plan = Plan {
        protocol_version: "nnrp-1-preview3".to_owned(),
        implementation_name: None,
        cases: ids
            .iter()
            .map(|id| PlannedCase {
                id: (*id).to_owned(),
            })
            .collect(),
    };
    let report = execute(&plan, subject, Limit::default());
    let results = report
        .results
        .into_iter()
        .map(|result| match result.outcome {
            Outcome::Pass => Ok(()),
            outcome => Err((outcome, result.message.unwrap_or_default())),
        });
    ids.into_iter().zip(results).collect()
}

fn is_of(case: &Case, prefixes: &[&str]) -> bool {
    prefixes.iter().any(|prefix| case.id.starts_with(prefix))
}

#[test]
fn every_public_case_is_in_the_catalogue_in_order() {
    assert_eq!(CASES.len(), 66);
    assert!(CASES.is_sorted_by(|a, b| a.id < b.id));
}

#[test]
fn an_id_of_both_baselines_is_decided_by_the_protocol_of_the_plan() {
    let id = "l0.typed_payload.descriptor.golden";
    let plan = |protocol: &str, id: &str| Plan {
        protocol_version: protocol.to_owned(),
        implementation_name: None,
        cases: vec![PlannedCase { id: id.to_owned() }],
    };
    for rule in [
        "typed_payload_descriptor.layout",
        "typed_payload_descriptor.size",
    ] {
        let peer: Arc<dyn Subject> = Arc::new(Faulty { rule });
        for (protocol, broken_by) in [
            ("nnrp-1-preview3", "typed_payload_descriptor.layout"),
            ("nnrp-1-preview2", "typed_payload_descriptor.size"),
        ] {
            let report = execute(&plan(protocol, id), &peer, Limit::default());
            let wanted = if rule == broken_by {
                Outcome::Fail
            } else {
                Outcome::Pass
            };
            assert_eq!(report.results[0].outcome, wanted, "{protocol}, {rule}");
        }
    }
    let native: Arc<dyn Subject> = Arc::new(Native);
    let unknown = plan("nnrp-1-preview2", "l0.flow_update.packet.golden");
    let report = execute(&unknown, &native, Limit::default());
    assert_eq!(report.results[0].outcome, Outcome::Error);
}
