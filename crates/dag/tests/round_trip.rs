//! `read(write(dag)) == dag` for arbitrary DAGs, and arbitrary bytes never do harm.

mod random_dag;

use proptest::collection::vec;
use proptest::prelude::*;
use random_dag::{dag, value};
use suanzi_dag::{Limits, Value, read, write};

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_reads_back(dag in dag()) {
        let text = write(&dag);
        let doc = read(&text, &Limits::small()).map_err(|f| TestCaseError::fail(format!("{f}\n{text}")))?;
        prop_assert_eq!(&doc.dag, &dag, "{}", text);
        prop_assert_eq!(write(&doc.dag), text);
    }

    #[test]
    fn every_parameter_is_found_again(dag in dag()) {
        let text = write(&dag);
        let doc = read(&text, &Limits::small()).unwrap();
        let lines: Vec<&str> = text.split('\n').collect();
        for (op, operator) in dag.operators.iter().enumerate() {
            for (key, _) in &operator.params {
                let place = doc.place_of_param(op as u32, key);
                let line = place.and_then(|p| lines.get(p.line as usize - 1)).unwrap();
                let key_end = line.chars().take(place.unwrap().column as usize - 1).collect::<String>();
                // A text written as a block begins on its own line.
                prop_assert!(key_end.ends_with(": ") || key_end.trim().is_empty(), "{:?} {:?} {:?}", key, place, line);
            }
        }
    }

    #[test]
    fn a_value_means_the_same_as_json_and_as_yaml(value in value()) {
        fn finite(value: &Value) -> bool {
            match value {
                Value::Float(f) => f.is_finite(),
                Value::List(items) => items.iter().all(finite),
                Value::Map(entries) => entries.iter().all(|(_, v)| finite(v)),
                _ => true,
            }
        }
        prop_assume!(finite(&value));
        let json = serde_json::json!({"dag": {
            "operator_list": ["a"],
            "operator_details": {"a": {"algo_name": "n", "params": {"p": value}}},
        }});
        let mut texts = vec![json.to_string(), format!("{json:#}")];
        // JSON allows characters in strings that YAML doesn't.
        if !texts[0].contains(|c: char| c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}' | '\u{feff}' | '\u{2028}' | '\u{2029}')) {
            texts.push(format!("# YAML\n{json}"));
        }
        for text in texts {
            let doc = read(&text, &Limits::small()).map_err(|f| TestCaseError::fail(format!("{f}\n{text}")))?;
            prop_assert_eq!(&doc.dag.operators[0].params[0].1, &value, "{}", text);
            prop_assert!(doc.place_of_param(0, "p").is_some());
        }
    }

    #[test]
    fn arbitrary_yaml_never_panics(text in r#"[ \n:\-\[\]{},&*!|>'"%@#?a1~<.\t]{0,60}"#) {
        let dag = format!("dag:\n operator_list: [a]\n operator_details:\n  a:\n   algo_name: x\n   params:\n    p: {text}");
        for text in [text, dag] {
            match read(&text, &Limits::small()) {
                Ok(doc) => prop_assert_eq!(doc.source(), text),
                Err(faults) => prop_assert!(faults.has_errors()),
            }
        }
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in vec(any::<u8>(), 0..60)) {
        if let Err(faults) = read(&bytes, &Limits::small()) {
            prop_assert!(faults.has_errors());
        }
    }
}
