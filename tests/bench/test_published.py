"""What a run is compared with, and the table it is published as."""

from dualbus_cli.bench.published import fallen, table


def test_a_ratio_that_fell_by_more_than_a_fifth_is_named_with_both_figures() -> None:
    found = fallen({"bus.relay_ratio": 0.39}, {"bus.relay_ratio": 0.5})

    assert found == ["bus.relay_ratio: 0.39 now, 0.5 published"]


def test_a_fifth_less_is_let_pass_and_so_is_what_was_not_measured_before() -> None:
    assert fallen({"bus.relay_ratio": 0.4, "new.ratio": 0.1}, {"bus.relay_ratio": 0.5}) == []


def test_figures_that_depend_on_the_machine_are_not_compared() -> None:
    assert fallen({"bus.relay_per_s": 1}, {"bus.relay_per_s": 100}) == []


def test_the_table_says_which_bar_is_met() -> None:
    shown = table({"environment.cores": 2, "bus.relay_per_s": 24_000, "views.p50_ms@1000": 5})

    assert "| relay draining a backlog, events/s | 24,000 | ≥ 25,000 | **no** |" in shown
    assert "| 5 | ≤ 5 | yes |" in shown
    assert shown.startswith("Seen on: cores 2.")
