"""JUnit XML, read by a library that CI tools use, and held against the strictest schema of those that read it."""

from xml.etree import ElementTree as ET

from git_support import Clone
from inline_snapshot import snapshot
from junitparser import JUnitXml
from support import run


def suites(steps: Clone, *arguments: str) -> JUnitXml:
    text = run("check", *arguments, "--format", "junit", cwd=steps.root).stdout
    held_against_the_strictest_reader(text)
    return JUnitXml.fromstring(text.encode())


KNOWN = {  # element: attributes it must have, others it may have, and what stands in it; after Jenkins' junit-10.xsd
    "testsuites": (set(), {"name", "tests", "failures", "errors", "time"}, {"testsuite"}),
    "testsuite": ({"name", "tests", "failures", "errors"}, {"skipped"}, {"testcase", "system-out"}),
    "testcase": ({"name"}, {"classname"}, {"failure", "error", "skipped", "system-out"}),
    "failure": (set(), {"type", "message"}, set()),
    "error": (set(), {"type", "message"}, set()),
    "skipped": (set(), {"type", "message"}, set()),
    "system-out": (set(), set(), set()),
}


def held_against_the_strictest_reader(text: str) -> None:
    for element in ET.fromstring(text).iter():  # noqa: S314 - what we have just written
        needed, others, inside = KNOWN[element.tag]
        assert needed <= set(element.attrib) <= needed | others, element.tag
        assert {one.tag for one in element} <= inside, element.tag


def outcomes(xml: JUnitXml) -> list[tuple[str, str, list[str]]]:
    return [
        (case.classname or "", case.name or "", [type(result).__name__ for result in case.result])
        for suite in xml
        for case in suite
    ]


def test_a_case_fails_where_the_report_fails_because_of_it(steps: Clone) -> None:
    found = suites(steps, ".@v1.3.0")
    assert outcomes(found) == snapshot(
        [
            (".@v1.3.0", "version", ["Failure"]),
            ("a_b.json", "data-key-removed", ["Failure"]),
            ("a_b.json", "data-value-changed", []),
            ("model.mlmodel", "weights-unread", []),
            ("model.mlmodel", "undecided", ["Skipped"]),
        ]
    )
    assert (found.tests, found.failures, found.errors, found.skipped) == snapshot((5, 2, 0, 1))


def test_a_release_that_fits_passes(steps: Clone) -> None:
    found = suites(steps, ".@v1.3.1")
    assert (found.failures, found.errors) == (0, 0)


def test_one_suite_a_release(steps: Clone) -> None:
    assert len(list(suites(steps, ".", "--all-releases"))) == 2


def test_hostile_strings_stay_text(hostile: Clone) -> None:
    text = run("check", ".@v1.0.1", "--format", "junit", cwd=hostile.root).stdout
    assert all(character == "\n" or character.isprintable() for character in text)
    found = suites(hostile, ".@v1.0.1")
    assert any("<script>" in str(case.result) or "<script>" in (case.system_out or "") for case in next(iter(found)))
