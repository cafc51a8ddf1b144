from django.template import Context, Template
from django.utils import translation

from sportello.kernel.sentences import kept, told


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
