"""Settings `maturity`: what may be changed, and that every mistake is reported at once with the way out."""

import pytest

from kam_pipeline.errors import ConfigurationError
from kam_pipeline.maturity_catalogue import INDICATORS
from kam_pipeline.maturity_catalogue.declaration import Bands, Ladder
from kam_pipeline.settings import load_configuration, schema_text
from kam_pipeline.settings.maturity import Maturity, title_pattern
from tests.factories import make_configuration

SOURCE = "source: {kind: files, path: .}\n"


def problems(folder, text):
    """What is wrong with a kam.yaml."""
    path = folder / "kam.yaml"
    path.write_text(SOURCE + text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        load_configuration(path)
    return str(caught.value)


def test_every_mistake_is_reported_at_once(tmp_path):
    message = problems(
        tmp_path,
        """
maturity:
  target: 6
  targets: {personal_relations: 4, competence: 0}
  min_coverage: 2
  indicators:
    met_in_90_day: {weight: 1}
    met_in_90_days: {anchors: [0.9, 0.7, 0.5, 0.3]}
    days_since_face_to_face: {anchors: [30, 60, 90, 180]}
    single_threaded: {anchors: [0.6, 0.4]}
    explicit_designation: {anchors: [0.2, 0.5, 0.8, 1.0]}
    engaged_contacts: {bands: [[1, 2], [1, 3], [1, 4], [1, 5]]}
    focus_size: {anchors: [1, 2, 3, 4], small_shares: [0.3, 0.2, 0.1, 0.05]}
  seniority: {senior: ["direk(tør", "(?=boss)"]}
""",
    )
    for text in (
        "maturity.target: Input should be less than or equal to 5",
        "maturity.targets.competence",
        "maturity.min_coverage: Input should be less than or equal to 1",
        "met_in_90_day: no such indicator; did you mean met_in_90_days?",
        "met_in_90_days.anchors: [0.9, 0.7, 0.5, 0.3] do not rise; more is better here, so write them from low to high",
        "days_since_face_to_face.anchors: [30.0, 60.0, 90.0, 180.0] do not fall; less is better here",
        "single_threaded.anchors: 2 instead of four",
        "explicit_designation.anchors: the last, 1, leaves no room for level 5; the scale ends at 1",
        "engaged_contacts.bands: it is measured by anchors; give those instead",
        "focus_size.anchors: it is measured by bands; give those instead",
        "focus_size.small_shares: [0.3, 0.2, 0.1, 0.05] do not rise; begin with the smallest, for level 5",
        "'direk(tør' is no regular expression",
        "'(?=boss)' looks ahead, behind or back, which is not supported",
    ):
        assert text in message


def test_a_practice_or_field_that_does_not_exist_is_named_with_the_nearest(tmp_path):
    assert "maturity.targets: personal_relations: no such practice; did you mean personal_relation?" in problems(
        tmp_path, "maturity: {targets: {personal_relations: 4}}"
    )
    assert "maturity.indicators.met_in_90_days.weigth: unknown name; did you mean weight?" in problems(
        tmp_path, "maturity: {indicators: {met_in_90_days: {weigth: 2}}}"
    )


@pytest.mark.parametrize(
    ("bands", "problem"),
    [
        ("[[15, 35]]", "bands: 1 instead of four"),
        ("[[35, 15], [10, 50], [1, 75], [1, 100]]", "bands: one ends before it begins"),
        ("[[15, 35], [20, 50], [1, 75], [1, 100]]", "bands: each must lie within the next"),
    ],
)
def test_target_bands_must_lie_within_one_another(tmp_path, bands, problem):
    message = problems(tmp_path, f"maturity: {{indicators: {{focus_size: {{bands: {bands}}}}}}}")
    assert f"focus_size.{problem}" in message


def test_what_is_left_out_stays_as_declared():
    rules = Maturity(indicators={"met_in_90_days": {"weight": 2}, "focus_size": {"small_shares": [0.1, 0.2, 0.3, 0.4]}})
    met, focus = INDICATORS["met_in_90_days"], INDICATORS["focus_size"]
    assert (rules.weight_of(met), rules.scale_of(met)) == (2, met.scale)
    assert rules.scale_of(focus) == Bands(focus.scale.bands, (0.1, 0.2, 0.3, 0.4))
    assert (rules.target_of("programme"), rules.target_of("competence")) == (4, 4)


def test_changed_anchors_keep_the_end_of_their_scale():
    rules = Maturity(indicators={"days_since_any_meeting": {"anchors": [120, 60, 30, 14]}})
    assert rules.scale_of(INDICATORS["days_since_any_meeting"]) == Ladder((120, 60, 30, 14), 0)


def version(**changes):
    return make_configuration(maturity=changes).anchor_version


def test_the_version_follows_everything_that_makes_a_level_and_nothing_else():
    assert version() == version(target=3, targets={"competence": 2})
    assert version() == version(indicators={"met_in_90_days": {"anchors": [0.3, 0.5, 0.7, 0.9]}})
    different = [
        version(indicators={"met_in_90_days": {"anchors": [0.3, 0.5, 0.7, 0.8]}}),
        version(indicators={"met_in_90_days": {"weight": 2}}),
        version(indicators={"focus_size": {"bands": [[15, 40], [10, 50], [1, 75], [1, 100]]}}),
        version(seniority={"senior": ["direktør"]}),
        version(min_coverage=0.6),
    ]
    assert len({version(), *different}) == 6


def test_patterns_of_titles_become_one_that_ignores_letter_case_and_none_matches_nothing():
    assert title_pattern(["a|b", "c"]) == "(?i)(?:(?:a|b)|(?:c))"
    assert title_pattern([]) == r"[^\s\S]"


def test_the_schema_for_editors_knows_the_section():
    assert '"min_coverage"' in schema_text()
