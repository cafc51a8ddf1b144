from datetime import date
from decimal import Decimal

from django.template import Context, Template
from django.utils import translation
from django.utils.translation import gettext_lazy

from sportello.kernel.sentences import Money, Volume, kept, phrase, together, told, untranslated


def test_a_kept_sentence_is_told_in_the_readers_language():
    text = kept("The file has more than %(limit)d rows.", limit=3)
    assert told(text) == "The file has more than 3 rows."
    with translation.override("it"):
        assert told(text) == "Il file ha più di 3 righe."
        assert told(kept("Not found.")) == "Non trovato."


def test_other_peoples_words_are_told_as_they_are():
    assert (told("550 5.1.1 100% unknown"), told("")) == ("550 5.1.1 100% unknown", "")


def test_a_value_is_never_read_as_a_sentence_or_as_markup():
    text = kept("The column %(column)s is there twice.", column="<b>%(x)s\x1f")
    assert told(text) == "The column <b>%(x)s\x1f is there twice."
    assert (
        Template("{{ text|told }}").render(Context({"text": text})) == "The column &lt;b&gt;%(x)s\x1f is there twice."
    )


def test_several_sentences_are_told_after_each_other():
    text = together([kept("The file has more than %(limit)d rows.", limit=3), "550 no", "Not found."])
    assert told(text) == "The file has more than 3 rows.; 550 no; Not found."
    assert told(text[:44]) == "The file has more than %(limit)d rows."


def test_a_lazy_sentence_is_kept_as_it_stands_in_the_code():
    with translation.override("it"):
        assert untranslated(gettext_lazy("Not found.")) == "Not found."
        assert (untranslated("550 no"), told("Not found.")) == ("550 no", "Non trovato.")


def test_a_phrase_is_read_now_and_kept_for_readers_of_other_languages():
    with translation.override("it"):
        said = phrase(
            gettext_lazy("%(percent)s%% of %(limit)s"),
            percent=phrase("%(count)s", count=Decimal("1.5")),
            limit=Money("9.50"),
        )
        assert said == "1,5% of 9,50\N{NO-BREAK SPACE}€"
    assert told(untranslated(said)) == "1.5% of €9.50"
    assert told(kept("%(what)s %(used)s", what=gettext_lazy("Not found."), used=Volume(1_500_000_000))).startswith(
        "Not found. 1.5"
    )


def test_numbers_and_days_of_a_kept_sentence_are_told_as_their_reader_writes_them():
    text = kept("%(sum)s of %(rows)d on %(day)s", sum=Decimal("1234.50"), rows=2, day=date(2026, 3, 1))
    assert told(text) == "1,234.50 of 2 on 1 Mar 2026"
    with translation.override("it"):
        assert told(text) == "1.234,50 of 2 on 1 mar 2026"
    assert told('%(sum)s\x1f{"sum":{"number":"what"}}') == "%(sum)s"
