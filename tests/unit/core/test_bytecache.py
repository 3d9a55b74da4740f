from app.core.bytecache import ByteCache


def test_the_least_recently_used_goes_first():
    cache = ByteCache(10)
    cache.put("a", b"12345")
    cache.put("b", b"12345")
    assert cache.get("a") == b"12345"
    cache.put("c", b"1")
    assert cache.get("b") is None
    assert cache.get("a") == b"12345"


def test_a_value_put_again_is_counted_once():
    cache = ByteCache(10)
    for _ in range(5):
        cache.put("a", b"123456")
    cache.put("b", b"1234")
    assert cache.get("a") == b"123456"
    assert cache.get("b") == b"1234"


def test_a_value_over_the_capacity_is_not_kept():
    cache = ByteCache(3)
    cache.put("a", b"1")
    cache.put("b", b"1234")
    assert cache.get("b") is None
    assert cache.get("a") == b"1"
