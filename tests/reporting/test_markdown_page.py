"""Markdown of our own templates as a page: what it knows becomes tags, everything else stays text."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from tools.reporting.markdown_page import escape_markdown, inline, markdown_page

SVG = '<?xml version="1.0"?><svg width="10" height="5" xmlns="http://www.w3.org/2000/svg"><rect/></svg>\n'


def body_of(text: str, **pictures: str) -> str:
    page = markdown_page(text, title="T", pictures=pictures)
    return page.partition("<main>\n")[2].partition("</main>")[0].strip()


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("# A & B", "<h1>A &amp; B</h1>"),
        ("### C", "<h3>C</h3>"),
        ("one\ntwo\n\nthree", "<p>one two</p>\n<p>three</p>"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("> a **b**", "<blockquote><p>a <strong>b</strong></p></blockquote>"),
        ("````text\n```\n<b>\n````", "<pre><code>```\n&lt;b&gt;</code></pre>"),
        ("```sql\nselect 1 < 2 -- **x**\n```", "<pre><code>select 1 &lt; 2 -- **x**</code></pre>"),
        ("text\n# head", "<p>text</p>\n<h1>head</h1>"),
        ("####### seven", "<p>####### seven</p>"),
    ],
)
def test_blocks(markdown: str, html: str) -> None:
    assert body_of(markdown) == html


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("a **b** c", "a <strong>b</strong> c"),
        ("a *b* c", "a <em>b</em> c"),
        ("2 * 3 * 4", "2 * 3 * 4"),
        ("a*b*c", "a*b*c"),
        ("`a < b`", "<code>a &lt; b</code>"),
        (r"\*not\* \`this\`", "*not* `this`"),
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("[x](javascript:alert(1))", "[x](javascript:alert(1))"),
        ("from 2026-03-31 on", "from <time>2026-03-31</time> on"),
        ("id-2026-03-31", "id-2026-03-31"),
        ("\ue0000\ue000 **b**", "0 <strong>b</strong>"),
    ],
)
def test_marks_within_a_line(text: str, html: str) -> None:
    assert inline(text) == html


@pytest.mark.parametrize("text", ["a|b", "**b**", "`c`", "[d](e)", r"back\slash", "*", "`", "\\", "|", "a_b_c"])
def test_what_is_escaped_reads_back_as_it_was(text: str) -> None:
    import html

    assert html.unescape(inline(escape_markdown(text))) == text
    page = body_of(f"| a | n |\n| --- | ---: |\n| {escape_markdown(text)} | 1 |")
    assert page.count("<td") == 1


def test_a_table_has_scopes_and_columns_of_numbers() -> None:
    page = body_of("| name | n |\n| --- | ---: |\n| a | 1 |\n| **All** | 2 |")
    assert '<th scope="col">name</th><th scope="col" class="number">n</th>' in page
    assert '<tr><th scope="row">a</th><td class="number">1</td></tr>' in page
    assert '<tr class="total"><th scope="row">All</th><td class="number">2</td></tr>' in page


def test_a_table_without_names_has_no_head() -> None:
    assert "<thead>" not in body_of("|  |  |\n| --- | --- |\n| a | b |")


def test_a_picture_is_put_into_the_page_with_its_words() -> None:
    page = markdown_page('![a "b" & c](x.svg)', title="T", pictures={"x.svg": SVG})
    assert '<figure><svg role="img" aria-label="a &quot;b&quot; &amp; c" width="10"' in page
    assert "<?xml" not in page


def test_a_picture_that_is_not_there_is_an_error() -> None:
    with pytest.raises(KeyError):
        markdown_page("![a](x.svg)", title="T", pictures={})


def test_the_title_is_text_and_the_page_whole() -> None:
    page = markdown_page("x", title="a <b> & c", pictures={})
    assert "<title>a &lt;b&gt; &amp; c</title>" in page
    assert page.startswith("<!doctype html>\n<html lang=")
    assert "default-src 'none'" in page
    HTMLParser().feed(page)
    assert "{{" not in page
