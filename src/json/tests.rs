use super::*;

fn read(text: &str) -> Value {
    parse(text.as_bytes()).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn repairs(text: &[u8]) -> (Value, Repairs) {
    parse_repairing(text).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn every_digit_of_a_number_survives() {
    for text in [
        "0.1000000000000000055511151231257827",
        "123456789012345678901234567890",
        "-0",
        "1E+400",
        "5e-0",
        "1.0",
    ] {
        assert_eq!(read(text).to_json(), text);
    }
}

#[test]
fn what_is_no_number_is_refused() {
    for text in ["01", "1.", ".5", "-", "+1", "1e", "1e+", "0x1", "NaN", "1.e1", "--1", "1 2"] {
        assert!(parse(text.as_bytes()).is_err(), "{text}");
    }
}

#[test]
fn an_integer_is_known_however_it_is_written() {
    for (text, integer) in [
        ("40", Some(40)),
        ("40.0", Some(40)),
        ("4e1", Some(40)),
        ("-0.4E+2", Some(-40)),
        ("4000e-2", Some(40)),
        ("0.000", Some(0)),
        ("-0e99999999999999999999", Some(0)),
        ("9223372036854775807", Some(i64::MAX)),
        ("-9223372036854775808", Some(i64::MIN)),
        ("-922337203685477580.8e1", Some(i64::MIN)),
        ("9223372036854775808", None),
        ("1e19", None),
        ("1e99999999999999999999", None),
        ("1e-9223372036854775808", None),
        ("4.5", None),
        ("45e-1", None),
    ] {
        assert_eq!(read(text).as_number().and_then(Number::to_integer), integer, "{text}");
    }
}

#[test]
fn milliseconds_have_three_decimals() {
    for (number, text) in [
        (0.0, "0"),
        (-0.0, "0"),
        (12.5, "12.5"),
        (12.0625, "12.063"),
        (12.001, "12.001"),
        (-0.02, "-0.02"),
        (1e12, "1000000000000"),
        (f64::NAN, "0"),
    ] {
        assert_eq!(Number::from_thousandths(number).as_str(), text);
    }
}

#[test]
fn floats_and_integers_are_made_as_they_are_read() {
    for (value, text) in [
        (Value::from(1.0), "1.0"),
        (Value::from(0.1 + 0.2), "0.30000000000000004"),
        (Value::from(f64::INFINITY), "null"),
        (Value::from(i64::MIN), "-9223372036854775808"),
        (Value::from(u64::MAX), "18446744073709551615"),
        (Value::from(0_u32), "0"),
    ] {
        assert_eq!(value, read(text));
    }
}

#[test]
fn text_is_written_as_json_stringify_writes_it() {
    let text = "\"\\/\u{8}\u{c}\n\r\t\u{0}\u{1f}\u{7f}\u{2028}é🦜";
    let json = "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0000\\u001f\u{7f}\u{2028}é🦜\"";
    assert_eq!(Value::from(text).to_json(), json);
    assert_eq!(read(json), text);
}

#[test]
fn escapes_mean_what_they_mean_in_javascript() {
    assert_eq!(read(r#""\/\u00e9\uD83E\udd9c\u0041x""#), "/é🦜Ax");
    for text in [r#""\x""#, r#""\u12g4""#, r#""\u+123""#, r#""\u123""#, r#""\"#, r#"""#, r#""\uD83E\u""#] {
        assert!(parse(text.as_bytes()).is_err(), "{text}");
    }
}

#[test]
fn half_a_surrogate_pair_costs_one_character() {
    for (text, read) in [
        (r#"["\ud83e","\udd9c!","\ud83ex"]"#, r#"["�","�!","�x"]"#),
        (r#"["\ud83e\u0041","\ud83e\ud83e\udd9c","x\ud83e\n"]"#, r#"["�A","�🦜","x�\n"]"#),
    ] {
        let (value, repairs) = repairs(text.as_bytes());
        assert_eq!((value.to_json().as_str(), repairs), (read, Repairs { too_deep: 0, texts: 3 }));
    }
}

#[test]
fn bytes_that_are_not_utf_8_cost_their_place() {
    let (value, repairs) = repairs(b"{\"a\xff\":\"b\xc3\\n\xff\",\"c\":1}");
    assert_eq!(value.to_json(), "{\"a\u{fffd}\":\"b\u{fffd}\\n\u{fffd}\",\"c\":1}");
    assert_eq!(repairs, Repairs { too_deep: 0, texts: 2 });
    assert!(parse(b"\xff").is_err());
}

#[test]
fn what_is_nested_too_deeply_is_passed_over_and_the_rest_is_kept() {
    for levels in [128, 129, 100_000] {
        let deep = ["[".repeat(levels), "\"]\\\"\"".to_owned(), "]".repeat(levels)].concat();
        let (value, repairs) = repairs(["{\"deep\":", &deep, ",\"id\":\"x\"}"].concat().as_bytes());
        assert_eq!((&value["id"], repairs), (&Value::from("x"), Repairs { too_deep: 1, texts: 0 }));
    }
    let kept = ["[".repeat(127), "]".repeat(127)].concat();
    assert_eq!(read(&kept).to_json(), kept);
    assert!(parse("[".repeat(100_000).as_bytes()).is_err());
}

#[test]
fn an_error_says_where_it_is() {
    for (text, error) in [
        ("", "no value stands at byte 0"),
        ("{}x", "more follows the value at byte 2"),
        ("[1 2]", "a comma or the end is missing at byte 3"),
        ("[1,]", "no value stands at byte 3"),
        ("{,}", "a name is missing at byte 1"),
        ("{\"a\" 1}", "a colon is missing at byte 5"),
        ("\"abcdefghijk", "a string does not end at byte 12"),
        ("[tru]", "no value stands at byte 1"),
    ] {
        assert_eq!(parse(text.as_bytes()).map_err(|error| error.to_string()), Err(error.to_owned()));
    }
}

#[test]
fn of_two_fields_of_one_name_the_last_counts() {
    assert_eq!(read(r#"{"a":1,"b":2,"a":3}"#).to_json(), r#"{"a":3,"b":2}"#);
}

#[test]
fn bytes_that_are_no_utf_8_are_read_as_the_standard_library_reads_them() {
    let pieces: [&[u8]; 9] = [
        b"",
        b"a",
        "\u{e9}".as_bytes(),
        "\u{1f600}".as_bytes(),
        b"\xff",
        b"\xe2\x82",
        b"\xf0\x9f\x98",
        b"\xc0\x80",
        b"\xed\xa0\x80",
    ];
    for first in pieces {
        for (second, third) in pieces.iter().flat_map(|second| pieces.map(|third| (*second, third))) {
            let bytes = [first, second, third].concat();
            let text = String::from_utf8_lossy(&bytes);
            let (value, Repairs { texts, .. }) = repairs(&[b"\"", &*bytes, b"\""].concat());
            assert_eq!(value, text.as_ref());
            assert_eq!(texts, usize::from(str::from_utf8(&bytes).is_err()), "{bytes:x?}");
        }
    }
}

#[test]
fn escapes_are_found_at_any_distance() {
    for plain in 0..40 {
        let text =
            ["é".repeat(plain / 3), "x".repeat(plain), "\\".to_owned(), "y".repeat(plain), "\"".to_owned()]
                .concat();
        assert_eq!(read(&Value::from(text.as_str()).to_json()), text.as_str());
    }
}

#[test]
fn many_fields_are_found_as_few_are() {
    let name = |number: usize| ["n", &number.to_string()].concat();
    let mut map: Map = (0..2_000).map(|number| (name(number), number.into())).collect();
    assert_eq!(map.insert(name(7), "seven".into()), Some(7.into()));
    assert_eq!(map.remove(&name(1_000)), Some(1_000.into()));
    assert_eq!(map.insert(name(2_000), true.into()), None);
    assert_eq!((map.len(), map.contains_key("n1000")), (2_000, false));
    assert_eq!(map.remove("none"), None);
    assert_eq!(map["n7"], "seven");
    assert!((0..=2_000).filter(|number| *number != 1_000).all(|number| map.contains_key(&name(number))));
    map.retain(|name, _| name.len() < 3);
    assert_eq!((map.keys().map(String::as_str).collect::<String>()).as_str(), "n0n1n2n3n4n5n6n7n8n9");
    assert!(map.get("n9").is_some() && map.get("n10").is_none());
}

#[test]
fn a_map_keeps_the_order_in_which_its_fields_were_given() {
    let mut map = Map::new();
    assert!(map.is_empty() && map.remove("b").is_none());
    for name in ["b", "a", "c"] {
        assert_eq!(map.insert(name.to_owned(), name.into()), None);
    }
    assert_eq!(map.insert("a".to_owned(), 1.into()), Some("a".into()));
    for (_, value) in map.iter_mut().filter(|(name, _)| *name == "c") {
        *value = 2.into();
    }
    assert_eq!((map.len(), map.is_empty()), (3, false));
    assert_eq!(map.keys().collect::<Vec<_>>(), ["b", "a", "c"]);
    assert_eq!(map.values().cloned().collect::<Vec<_>>(), ["b".into(), 1.into(), Value::from(2)]);
    assert_eq!(
        map.iter().map(|(name, value)| (name.as_str(), value.to_json())).next_back(),
        Some(("c", "2".into()))
    );
    assert_eq!(
        (map.remove("b"), Value::Object(map).to_json().as_str()),
        (Some("b".into()), "{\"a\":1,\"c\":2}")
    );
}

#[test]
fn a_value_is_of_one_kind_and_gives_itself_as_that_alone() {
    let texts = ["null", "true", "7", "\"7\"", "[7]", "{\"a\":7}"];
    for (kind, text) in texts.into_iter().enumerate() {
        let mut value = read(text);
        let is = [value.is_null(), value.is_array(), value.is_object(), value.is_string()];
        assert_eq!(is, [kind == 0, kind == 4, kind == 5, kind == 3], "{text}");
        assert_eq!(value.as_bool(), (kind == 1).then_some(true), "{text}");
        assert_eq!(value.as_number(), (kind == 2).then_some(&Number::from(7_u64)), "{text}");
        assert_eq!(value.as_i64(), (kind == 2).then_some(7), "{text}");
        assert_eq!(value.as_u64(), (kind == 2).then_some(7), "{text}");
        assert_eq!(value.as_f64(), (kind == 2).then_some(7.0), "{text}");
        assert_eq!(value.as_str(), (kind == 3).then_some("7"), "{text}");
        assert_eq!(value.as_array().map(Vec::len), (kind == 4).then_some(1), "{text}");
        assert_eq!(value.as_array_mut().map(|list| list.len()), (kind == 4).then_some(1), "{text}");
        assert_eq!(value.as_object().map(Map::len), (kind == 5).then_some(1), "{text}");
        assert_eq!(value.as_object_mut().map(|map| map.len()), (kind == 5).then_some(1), "{text}");
        assert_eq!(value.get("a").cloned(), (kind == 5).then(|| Value::from(7)), "{text}");
        assert_eq!(value.get_mut("a").cloned(), (kind == 5).then(|| Value::from(7)), "{text}");
        assert_eq!((&value["a"], &value["b"]), (value.get("a").unwrap_or(&NULL), &NULL), "{text}");
        assert_eq!(value[0] == 7, kind == 4, "{text}");
        assert_eq!(value[1], Value::Null, "{text}");
        assert_eq!(value.to_string(), text);
        assert_eq!((value.take().to_json(), value), (text.to_owned(), Value::Null));
    }
}

#[test]
fn a_value_is_equal_to_what_it_is_made_from_and_to_nothing_else() {
    for (value, text) in [
        (Value::from(true), "true"),
        (Value::from(7_i32), "7"),
        (Value::from("a"), "\"a\""),
        (Value::from("a".to_owned()), "\"a\""),
        (Value::from(0.5), "0.5"),
        (Value::from(vec![1, 2]), "[1,2]"),
        (Value::from(f64::NAN), "null"),
    ] {
        assert_eq!(value.to_json(), text);
        assert_eq!([value == true, value == false], [text == "true", false], "{text}");
        assert_eq!(
            [value == 7_i32, value == 7_u64, value == 8_i64],
            [text == "7", text == "7", false],
            "{text}"
        );
        assert_eq!([value == 0.5, value == 1.5], [text == "0.5", false], "{text}");
        assert_eq!(
            [value == "a", value == *"a", value == "b"],
            [text == "\"a\"", text == "\"a\"", false],
            "{text}"
        );
        assert!(value != *"b", "{text}");
    }
}

#[test]
fn objects_are_equal_in_any_order() {
    assert_eq!(read(r#"{"a":1,"b":{}}"#), read(r#"{"b":{},"a":1}"#));
    for other in [r#"{"a":1}"#, r#"{"a":1,"c":{}}"#, r#"{"a":2,"b":{}}"#] {
        assert_ne!(read(r#"{"a":1,"b":{}}"#), read(other));
    }
}

#[test]
fn debug_is_the_text() {
    let value = json!({ "a": [1, "x"] });
    assert_eq!(format!("{value:?} {:?}", value.as_object()), r#"{"a":[1,"x"]} Some({"a":[1,"x"]})"#);
}
