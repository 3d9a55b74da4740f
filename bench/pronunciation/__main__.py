"""``python -m bench.pronunciation measure LEXICON`` or ``… learn LEXICON``; the lexicon is not part of the product."""

import argparse
import json
from pathlib import Path

import app.speech.pronunciation
from app.speech.pronunciation.respelling import by_rules
from bench.pronunciation import learn, lexicon
from bench.pronunciation.measure import Reader, measure

_FOLDER = Path(app.speech.pronunciation.__path__[0])


def main() -> None:
    """Learn from one half of the lexicon, or measure on the other."""
    parser = argparse.ArgumentParser(prog="python -m bench.pronunciation", description=__doc__)
    parser.add_argument("task", choices=("learn", "measure"))
    parser.add_argument("lexicon", type=Path, help="tab-separated: spelling, phones")
    parser.add_argument("--part", choices=("other", "learnt"), default="other", help="the half to measure on")
    arguments = parser.parse_args()
    entries = lexicon.read(arguments.lexicon)
    learnt, other = lexicon.halves(entries)
    reader = Reader()
    if arguments.task == "learn":
        learn.write_weights(entries, learnt, _FOLDER / "weights.tsv")
        learn.write_exceptions(entries, learnt, _FOLDER / "exceptions.tsv", reader, by_rules)
        return
    words = other if arguments.part == "other" else learnt
    figures = measure(entries, words, reader)
    print(json.dumps({"words": len(words)}))
    for name, (alone, ours) in figures.items():
        print(f"{name:50} eSpeak alone {alone:7.2%}  product {ours:7.2%}")


if __name__ == "__main__":
    main()
