from sportello.kernel.chunks import in_chunks


def test_chunks_hold_all_in_order_and_none_is_empty():
    assert [list(in_chunks(range(many), 2)) for many in (0, 1, 2, 5)] == [[], [[0]], [[0, 1]], [[0, 1], [2, 3], [4]]]
    assert list(in_chunks((letter for letter in "abc"), 2)) == [["a", "b"], ["c"]]
