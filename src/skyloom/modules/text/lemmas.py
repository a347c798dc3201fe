"""The form under which an English word stands in a dictionary, by rules of our own.

Irregular forms are listed; regular ones follow from their ending. Without knowing a word's part of speech
some cannot be told ("left", "saw" stay as they are); the old product used a trained model, which is not ours
to ship.
"""

from __future__ import annotations

import re
from functools import lru_cache

# lemma: its irregular forms
_IRREGULAR = """
be: am is are was were been being
have: has had having
create: creates created creating
do: does did done doing
go: goes went gone going
say: says said
make: made
take: took taken
come: came
see: seen sees seeing
know: knew known
get: got gotten
give: gave given
find: found
think: thought
tell: told
become: became
leave: leaving leaves
feel: felt
bring: brought
begin: began begun
keep: kept
hold: held
write: wrote written
stand: stood
hear: heard
mean: meant
meet: met
run: ran
pay: paid
sit: sat
speak: spoke spoken
lead: led
grow: grew grown
lose: lost
fall: fell fallen
send: sent
build: built
understand: understood
draw: drew drawn
break: broke broken
spend: spent
rise: rose risen
drive: drove driven
buy: bought
wear: wore worn
choose: chose chosen
eat: ate eaten
sell: sold
teach: taught
catch: caught
fight: fought
throw: threw thrown
fly: flew flown flies
forget: forgot forgotten
sleep: slept
win: won
sing: sang sung
swim: swam swum
drink: drank drunk
ring: rang rung
steal: stole stolen
hide: hid hidden
bite: bit bitten
shake: shook shaken
wake: woke woken
feed: fed
sweep: swept
seek: sought
shoot: shot
slide: slid
stick: stuck
strike: struck
swear: swore sworn
tear: tore torn
blow: blew blown
freeze: froze frozen
forgive: forgave forgiven
lie: lying lies lied
die: dying dies died
tie: tying ties tied
man: men
woman: women
child: children
person: people
foot: feet
tooth: teeth
goose: geese
mouse: mice
ox: oxen
life: lives
knife: knives
wife: wives
half: halves
wolf: wolves
shelf: shelves
loaf: loaves
thief: thieves
datum: data
criterion: criteria
phenomenon: phenomena
analysis: analyses
crisis: crises
basis: bases
index: indices
matrix: matrices
shoe: shoes
toe: toes
movie: movies
cookie: cookies
good: better best
bad: worse worst
"""
_SAME = """
always perhaps news series species this thus gas bus plus yes bias atlas canvas lens christmas
physics mathematics politics economics during something nothing anything everything morning evening
ceiling king ring thing string spring wing sing bring exceed proceed succeed bed red need seed feed speed
indeed hundred sacred naked wicked hatred bleed breed shed sled
"""
_FORMS = {
    form: lemma
    for line in _IRREGULAR.strip().splitlines()
    for lemma, _, forms in [line.partition(":")]
    for form in forms.split()
}
_FORMS.update({word: word for word in _SAME.split()})
_VOWEL = re.compile(r"[aeiouy]")
_SHORT = re.compile(r"[^aeiou]*[aeiouy][^aeiouwxy]")  # one syllable that ends in one consonant
_SILENT_E = re.compile(
    r"(?:[^aeiou](?:at|iz|bl|pl|tl|dl|gl|kl|fl)|[cvu]|[^n]g|[^aeiou]g|(?:[aeiou]|n|r)s|[aeiou]z|ir|ar)$"
)


@lru_cache(maxsize=65536)
def lemma_of(word: str) -> str:
    """The lemma of a word; the case of a word that changes is lower.

    >>> [lemma_of(word) for word in ("studies", "running", "hoped", "boxes", "went", "glass")]
    ['study', 'run', 'hope', 'box', 'go', 'glass']
    """
    lower = word.lower()
    known = _FORMS.get(lower)
    if known is not None:
        return word if known == lower else known
    if len(lower) < 4 or not lower.isalpha():
        return word
    found = _without_ending(lower)
    return word if found == lower else found


def _without_ending(word: str) -> str:
    if word.endswith("s"):
        return _singular(word)
    if word.endswith("ied") and len(word) > 4:
        return word[:-3] + "y"
    for ending in ("ed", "ing"):
        stem = word.removesuffix(ending)
        if stem != word and len(stem) > 1 and _VOWEL.search(stem):
            return stem.rstrip("e") + "ee" if stem.endswith("e") else _verb(stem)
    return word


def _singular(word: str) -> str:
    """A noun in the singular, and just as well a verb without the s of its third person."""
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes", "zzes")) or (word.endswith("oes") and len(word) > 4):
        return word[:-2]
    return word if word.endswith(("ss", "us", "is")) else word[:-1]


def _verb(stem: str) -> str:
    """What "ed" or "ing" was put behind: "hop" is hope, "walk" is walk."""
    if stem[-1] == stem[-2] and stem[-1] not in "aeioulsz":
        return stem[:-1]
    if _SHORT.fullmatch(stem) or _SILENT_E.search(stem):
        return stem + "e"
    return stem
