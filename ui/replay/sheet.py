# SPDX-License-Identifier: Apache-2.0
"""The style of the page that a session is exported to: the colours of the windows, in light, in the dark and on paper."""

from __future__ import annotations

from typing import Final

from ui.style import DARK, LIGHT, Palette


def _colours(p: Palette) -> str:
    names = ("window", "card", "line", "text", "quiet", "good", "bad", "ask", "ask_fill", "work")
    return "; ".join(f"--{name.replace('_', '-')}: {getattr(p, name)}" for name in names)


STYLE: Final = (
    f"""
:root {{ {_colours(LIGHT)}; color-scheme: light dark }}
@media (prefers-color-scheme: dark) {{ :root {{ {_colours(DARK)} }} }}
"""
    """
* { box-sizing: border-box }
body { margin: 0; background: var(--window); color: var(--text);
  font: 16px/1.5 Inter, "Segoe UI", "Noto Sans", "DejaVu Sans", sans-serif }
main { max-width: 76rem; margin: 0 auto; padding: 2rem 1.5rem 3rem }
h1 { font-size: 1.7rem; line-height: 1.2; margin: .2rem 0 .4rem }
h2 { font-size: 1.2rem; margin: 2.2rem 0 .7rem }
h3 { font-size: 1rem; margin: 0 0 .3rem }
p { margin: .3rem 0 }
.state { font-weight: 600; color: var(--quiet) }
.state.check { color: var(--good) }
.state.cross { color: var(--bad) }
.quiet, figcaption, dt { color: var(--quiet) }
img { max-width: 100%; height: auto; display: block; border-radius: 6px }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: 1rem; margin: 1.5rem 0 }
.figures dd { margin: 0; font-weight: 600; overflow-wrap: anywhere }
article, details { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 1rem 1.2rem;
  margin: .8rem 0 }
article.ask { background: var(--ask-fill); border-color: var(--ask) }
blockquote { margin: .8rem 0 0; padding: 0 0 0 1rem; border-left: 3px solid var(--work); overflow-wrap: anywhere }
ul, ol { margin: .3rem 0; padding-left: 1.4rem }
li { margin: .5rem 0 }
table { border-collapse: collapse; width: 100%; background: var(--card) }
th, td { text-align: left; padding: .45rem .7rem; border-bottom: 1px solid var(--line) }
th { color: var(--quiet); font-weight: 600 }
figure { margin: 1rem 0 }
figure img { border: 1px solid var(--line) }
summary { cursor: pointer; font-weight: 600 }
footer { margin-top: 3rem; border-top: 1px solid var(--line); padding-top: 1rem; color: var(--quiet); font-size: .9rem }
@media print {
  body { background: #fff; color: #000; font-size: 11pt }
  main { max-width: none; padding: 0 }
  article, figure, tr { break-inside: avoid }
  details { border: none; padding: 0 }
}
"""
)
"""The whole style sheet: no address in it, and no font but those of the reader's system."""
