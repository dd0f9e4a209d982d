from nim_profiles.vllm_args import Layer, Row, command_line, merge, options_for, parse, table

OPTIONS = options_for("0.32.0")


def layer(origin: str, *words: str) -> Layer:
    return Layer(origin, tuple(parse(words, OPTIONS).settings))


def rows(*layers: Layer) -> dict[str, Row]:
    return {row.setting.name: row for row in merge(layers)}


def test_the_later_layer_wins_and_what_lost_is_told() -> None:
    row = rows(layer("profile", "--port=1"), layer("NIM_SERVER_PORT", "--port=2"), layer("argument", "--port=3"))[
        "--port"
    ]
    assert (row.value, row.origin, row.overruled) == ("3", "argument", ("1 (profile)", "2 (NIM_SERVER_PORT)"))


def test_saying_the_same_again_overrules_nothing() -> None:
    row = rows(layer("profile", "--port=1"), layer("argument", "--port=1"))["--port"]
    assert (row.origin, row.overruled) == ("argument", ())


def test_off_beats_on() -> None:
    found = merge([layer("profile", "--enable-lora"), layer("argument", "--no-enable-lora")])
    assert command_line(found) == ["--no-enable-lora"]


def test_json_objects_of_several_layers_are_merged() -> None:
    low = layer("profile", "--limit-mm-per-prompt", '{"image": 1, "video": 1}')
    row = rows(low, layer("argument", "--limit-mm-per-prompt.image", "3"))["--limit-mm-per-prompt"]
    assert (row.setting.values, row.origin) == (('{"image": 3, "video": 1}',), "profile + argument")


def test_within_one_layer_the_last_object_replaces_and_parts_win() -> None:
    words = ("-cc.mode=3", "--compilation-config", '{"a": 1}', "--compilation-config", '{"b": 1}')
    assert rows(layer("argument", *words))["--compilation-config"].setting.values == ('{"b": 1, "mode": 3}',)


def test_a_value_that_is_no_object_replaces() -> None:
    row = rows(layer("profile", "-cc.mode=3"), layer("argument", "--compilation-config", "3"))["--compilation-config"]
    assert row.setting.values == ("3",)


def test_repeatable_options_add_up() -> None:
    found = merge([layer("launcher", "--middleware", "a.B"), layer("argument", "--middleware", "c.D")])
    assert command_line(found) == ["--middleware", "a.B", "--middleware", "c.D"]


def test_values_that_look_like_flags_are_glued() -> None:
    assert command_line(merge([layer("argument", "--max-model-len=-1", "--quantization=")])) == [
        "--max-model-len=-1",
        "--quantization=",
    ]


def test_a_command_line_reads_back_equal() -> None:
    words = ["--port", "1", "--enable-lora", "--served-model-name", "a", "b", "--compilation-config", '{"mode": 0}']
    assert command_line(merge([layer("argument", *words)])) == words


def test_the_table_is_aligned_and_hides_secrets() -> None:
    text = table(merge([layer("profile", "--port=1"), layer("argument", "--api-key", "sk-1", "--port=2")]))
    assert text.splitlines() == [
        "setting    value  origin",
        "--port     2      argument, over 1 (profile)",
        "--api-key  ***    argument",
    ]
