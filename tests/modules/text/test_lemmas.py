from __future__ import annotations

import pytest

from skyloom.modules.text.lemmas import lemma_of


@pytest.mark.parametrize(
    ("lemma", "forms"),
    [
        ("walk", "walks walked walking"),
        ("hope", "hopes hoped hoping"),
        ("stop", "stops stopped stopping"),
        ("study", "studies studied studying"),
        ("create", "creates created creating"),
        ("use", "uses used using"),
        ("love", "loves loved loving"),
        ("call", "calls called calling"),
        ("pass", "passes passed passing"),
        ("change", "changes changed changing"),
        ("box", "boxes boxed boxing"),
        ("agree", "agrees agreed agreeing"),
        ("require", "requires required requiring"),
        ("organize", "organizes organized organizing"),
        ("open", "opens opened opening"),
        ("watch", "watches watched watching"),
        ("go", "goes went gone going"),
        ("be", "is are was were been being"),
        ("child", "children"),
        ("city", "cities"),
        ("hero", "heroes"),
        ("bus", "bus"),
        ("glass", "glass glasses"),
        ("analysis", "analyses"),
        ("thing", "thing things"),
        ("news", "news"),
    ],
)
def test_forms_lead_to_their_lemma(lemma: str, forms: str) -> None:
    assert {form: lemma_of(form) for form in forms.split()} == dict.fromkeys(forms.split(), lemma)


def test_a_word_that_is_its_own_lemma_keeps_its_case_and_others_become_small() -> None:
    assert [lemma_of(word) for word in ("Paris", "Walk", "Walks", "NASA", "b2bs")] == [
        "Paris",
        "Walk",
        "walk",
        "NASA",
        "b2bs",
    ]
