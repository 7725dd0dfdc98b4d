"""The words of the subjects and descriptions."""

import random

SENTENCES, VOCABULARY = 20_000, 6_000
# The subjects of every city begin with these; what follows is drawn.
MATTERS = (
    "pothole streetlight noise garbage graffiti hydrant sidewalk tree rodents heating water sewer "
    "parking signal snow dumping playground bus mold elevator"
).split()
# Words as different as English ones: 6,000 of these have about as many different groups of
# three letters as 4,000 English words have, which is what an index of parts of words lives on.
ONSETS = (
    "b bl br c ch cl cr d dr f fl fr g gl gr h j k l m n p ph pl pr qu r s sc sh sk sl sm sn sp "
    "st str sw t th tr tw v w wh wr y z"
).split()
VOWELS = "a e i o u ai ea ee ie oa oo ou ay ow".split()
ENDS = "n r t s l d m ng ck nd st th rd ss sh p ll rt nt rn ff g mp ct tch rm x zz".split()
SYLLABLES = (1, 2, 2, 2, 3)


def vocabulary():
    """Return the words of the descriptions, the most frequent first.

    Of 200,000 cases the first is in about one of seven descriptions, the three
    hundredth in one of fifty, the last in about one of a thousand.
    """
    draw = random.Random("vocabulary")
    words = dict.fromkeys(MATTERS)
    while len(words) < VOCABULARY:
        parts = (
            draw.choice(ONSETS) + draw.choice(VOWELS) + draw.choice(ENDS)
            for _number in range(draw.choice(SYLLABLES))
        )
        words["".join(parts)] = None
    return list(words)


def make_sentences(cr, seed):
    """Make the sentences that subjects and descriptions are put together from."""
    words = vocabulary()
    weights = [1 / (number + 30) for number in range(len(words))]
    draw = random.Random(seed)
    sentences = [
        " ".join(draw.choices(words, weights, k=7 + number % 3)).capitalize()
        for number in range(SENTENCES)
    ]
    cr.execute("CREATE TEMP TABLE IF NOT EXISTS grown_sentence (id int PRIMARY KEY, words text)")
    cr.execute("TRUNCATE grown_sentence")
    cr.execute(
        "INSERT INTO grown_sentence SELECT n - 1, w FROM unnest(%s) WITH ORDINALITY AS s(w, n)",
        (sentences,),
    )
