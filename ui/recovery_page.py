# SPDX-License-Identifier: Apache-2.0
"""The page with a recovery code, to be printed and put away. No Qt: the command line writes it, too."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Final

from ui.strings import Words

_PAGE: Final = """<!doctype html>
<html lang="{language}">
<meta charset="utf-8">
<title>{title}</title>
<style>
body {{ font: 12pt/1.5 sans-serif; max-width: 17cm; margin: 1.5cm auto; color: #000; background: #fff }}
ol {{ columns: 3; font: 14pt/2 monospace; padding: .5em 0 .5em 3em; border: 1px solid #000 }}
</style>
<h1>{title}</h1>
<p>{about}</p>
<ol>
{words}
</ol>
<p>{how}</p>
<p>{keep}</p>
</html>
"""


def page(code: Sequence[str], organisation: str, person: str, words: Words) -> str:
    """The page as HTML that loads nothing from anywhere."""
    return _PAGE.format(
        language=words.language,
        title=escape(words("code.page.title")),
        about=escape(words("code.page.about", organisation=organisation, person=person)),
        words="\n".join(f"<li>{escape(word)}</li>" for word in code),
        how=escape(words("code.page.how")),
        keep=escape(words("code.keep")),
    )
